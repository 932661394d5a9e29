"""From a commit to its marks: what its author, committer, trailers and footers say about who wrote it.

A mark stands at the start of a line, anywhere below the subject: squash merges gather trailers in the middle of a
message. A quoted (`> `), bulleted, indented or fenced line is somebody else's text and no mark. A revert is a commit like
any other: `git revert` and the forges' buttons do not copy the body of what they revert, and tools that do quote or indent
it; so a trailer at the start of a line is the revert's own and says who wrote the revert.

Of the subject only the branch that a merge names is read, and it is weak: people work on an agent's branch too.

No mark means that nobody knows, never that a person wrote it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from ingest.attribution.rule import PLACES, Rule
from ingest.attribution.rules import Found, Rules

_DETAIL = 200
_LONGEST_LINE = 500  # no trailer is longer, and no regex gets to chew on more of what a stranger wrote
_FENCE = re.compile(r"^(?:```|~~~)", re.MULTILINE)
# GitHub (a fork's owner before the branch, or before `:`), git itself, Bitbucket. What is merged into is not meant.
_MERGED = re.compile(
    r"Merge(?: pull request #\d+ from [^\s/]+/| branch '(?:[^\s':/]+:)?| remote-tracking branch '[^\s'/]+/|d in )"
    r"(?P<branch>[^\s']+)",
    re.ASCII,
)


class Signed(Protocol):
    """What a commit must tell for its marks to be read."""

    @property
    def author_name(self) -> str:
        """The display name, as written: any text at all."""

    @property
    def author_email(self) -> str:
        """The address, as written."""

    @property
    def committer_name(self) -> str:
        """The display name of who put the commit where it is."""

    @property
    def committer_email(self) -> str:
        """Their address."""

    @property
    def message(self) -> str:
        """The whole message, subject first."""


class Mark(NamedTuple):
    """One reason to believe something about who wrote a commit."""

    class_: str
    tool: str | None
    model: str | None
    place: str
    rule: str
    confidence: str
    detail: str

    @property
    def scope(self) -> str:
        """What it speaks about: `commit`, or `pull_request` for everything that came in from a branch."""
        return "pull_request" if self.place == "branch" else "commit"


def marks(rules: Rules, commit: Signed) -> list[Mark]:
    """Every mark of a commit, each once, in an order that does not depend on that of its trailers."""
    found = _of_author(rules, commit.author_name, commit.author_email)
    # Who commits what they authored says nothing new.
    if commit.committer_email != commit.author_email:
        found += _of_identity(rules, commit.committer_name, commit.committer_email, "committer")
    message = commit.message.lstrip()
    if message.startswith("Merge"):
        found += _of_merge(rules, message)
    subject_end = message.find("\n")
    if subject_end >= 0:
        found += _of_lines(rules, message, subject_end)
    return sorted(set(found), key=_order) if len(found) > 1 else found


def branch_marks(rules: Rules, branch: str) -> list[Mark]:
    """The mark in the name of a branch that was merged, as of a pull request's head; none for most names."""
    rule = rules.branch(branch)
    return [_mark(rule, "branch", branch)] if rule else []


def _order(mark: Mark) -> tuple[int, str, str, str, str]:
    # Details are cut, so two long trailers may differ only in what was read from their ends.
    return PLACES.index(mark.place), mark.rule, mark.detail, mark.tool or "", mark.model or ""


def _of_author(rules: Rules, name: str, email: str) -> list[Mark]:
    return _of_identity(rules, name, email, "author") or _of_name(rules, name.strip())


def _of_identity(rules: Rules, name: str, email: str, place: str) -> list[Mark]:
    found = rules.identity(name, email, place)
    return [_found(found, place, f"{name.strip()} <{email}>")] if found else []


def _of_name(rules: Rules, name: str) -> list[Mark]:
    """Only the suffix goes into the detail: what stands before `(aider)` is a person's name."""
    hit = rules.suffix(name[-_DETAIL:])
    return [_mark(hit[0], "author", hit[1])] if hit else []


def _of_merge(rules: Rules, message: str) -> list[Mark]:
    merged = _MERGED.match(message)
    return branch_marks(rules, merged["branch"]) if merged else []


def _of_lines(rules: Rules, message: str, start: int) -> list[Mark]:
    return [mark for key, line in _hinted(rules, message, start) if (mark := _of_line(rules, key, line))]


def _hinted(rules: Rules, message: str, start: int) -> Iterator[tuple[str | None, str]]:
    """The lines of the body that may be marks, each with its trailer key in lower case, none for a footer."""
    quoted: list[tuple[int, int]] | None = None
    for hit in rules.hint.finditer(message, start):
        first = hit.start() + 1
        quoted = _fenced(message) if quoted is None else quoted
        if any(begin < first < end for begin, end in quoted):
            continue
        end = message.find("\n", first)
        line = message[first : end if end >= 0 else None].rstrip()
        if len(line) <= _LONGEST_LINE:
            yield hit["key"] and hit["key"].lower(), line


def _fenced(message: str) -> list[tuple[int, int]]:
    """Where code blocks stand; a fence that nothing closes quotes nothing, for messages are cut and joined."""
    fences = [fence.start() for fence in _FENCE.finditer(message)] if "```" in message or "~~~" in message else []
    return list(zip(fences[::2], fences[1::2], strict=False))


def _of_line(rules: Rules, key: str | None, line: str) -> Mark | None:
    if key is None:
        return _of_footer(rules, line)
    value = line[len(key) + 1 :].strip()
    if key == "co-authored-by":
        return _of_coauthor(rules, line, value)
    return _of_trailer(rules, key, line, value)


def _of_footer(rules: Rules, line: str) -> Mark | None:
    rule = rules.footer(line)
    return _mark(rule, "footer", line) if rule else None


def _of_coauthor(rules: Rules, line: str, value: str) -> Mark | None:
    found = rules.person(value, "coauthor")
    return _found(found, "coauthor", line) if found else None


def _of_trailer(rules: Rules, key: str, line: str, value: str) -> Mark | None:
    found = rules.trailer(key, value)
    return _found(found, "trailer", line) if found else None


def _found(found: Found, place: str, detail: str) -> Mark:
    return _mark(found.rule, place, detail)._replace(tool=found.tool, model=found.model)


def _mark(rule: Rule, place: str, detail: str) -> Mark:
    return Mark(rule.class_, rule.tool, None, place, rule.id, rule.confidence, detail[:_DETAIL])
