"""From a commit to its marks: what its author, committer, trailers and footers say about who wrote it.

A mark stands at the start of a line, anywhere below the subject: squash merges gather trailers in the middle of a
message. A quoted (`> `), bulleted or indented line is somebody else's text and no mark. A revert is a commit like any
other: `git revert` and the forges' buttons do not copy the body of what they revert, and tools that do quote or indent
it; so a trailer at the start of a line is the revert's own and says who wrote the revert.

No mark means that nobody knows, never that a person wrote it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from ingest.attribution.rules import PLACES, Rule, Rules

_DETAIL = 200
_LONGEST_LINE = 500  # no trailer is longer, and no regex gets to chew on more of what a stranger wrote
_PERSON = re.compile(r"([^<>]*)<\s*([^<>\s]+)\s*>")


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


def marks(rules: Rules, commit: Signed) -> list[Mark]:
    """Every mark of a commit, each once, in an order that does not depend on that of its trailers."""
    found = _of_author(rules, commit.author_name, commit.author_email)
    # Who commits what they authored says nothing new.
    if commit.committer_email != commit.author_email:
        found += _of_identity(rules, commit.committer_name, commit.committer_email, "committer")
    message = commit.message.lstrip()
    subject_end = message.find("\n")
    if subject_end >= 0:
        found += _of_lines(rules, message, subject_end)
    return sorted(set(found), key=_order) if len(found) > 1 else found


def _order(mark: Mark) -> tuple[int, str, str, str, str]:
    # Details are cut, so two long trailers may differ only in what was read from their ends.
    return PLACES.index(mark.place), mark.rule, mark.detail, mark.tool or "", mark.model or ""


def _of_author(rules: Rules, name: str, email: str) -> list[Mark]:
    return _of_identity(rules, name, email, "author") or _of_name(rules, name.strip())


def _of_identity(rules: Rules, name: str, email: str, place: str) -> list[Mark]:
    name = name.strip()
    rule = rules.identity(name, email, place)
    return [_mark(rule, place, f"{name} <{email}>", _model(rule, name))] if rule else []


def _of_name(rules: Rules, name: str) -> list[Mark]:
    """Only the suffix goes into the detail: what stands before `(aider)` is a person's name."""
    # An address we do not know under the name of a tool we do: neither AI by name alone nor just some bot.
    if name.lower() in rules.logins:
        return []
    suffix = name[-_DETAIL:]
    hits = ((rule, rule.pattern.search(suffix)) for rule in rules.names if rule.pattern)
    return [_mark(rule, "author", hit[0], None) for rule, hit in hits if hit]


def _of_lines(rules: Rules, message: str, start: int) -> list[Mark]:
    return [mark for key, line in _hinted(rules, message, start) if (mark := _of_line(rules, key, line))]


def _hinted(rules: Rules, message: str, start: int) -> Iterator[tuple[str | None, str]]:
    """The lines of the body that may be marks, each with its trailer key in lower case, none for a footer."""
    for hit in rules.hint.finditer(message, start):
        first = hit.start() + 1
        end = message.find("\n", first)
        line = message[first : end if end >= 0 else None].rstrip()
        if len(line) <= _LONGEST_LINE:
            yield hit["key"] and hit["key"].lower(), line


def _of_line(rules: Rules, key: str | None, line: str) -> Mark | None:
    if key is None:
        return _of_footer(rules, line)
    value = line[len(key) + 1 :].strip()
    if key == "co-authored-by":
        return _of_coauthor(rules, line, value)
    return _of_trailer(rules, key, line, value)


def _of_footer(rules: Rules, line: str) -> Mark | None:
    for rule in rules.footers:
        if rule.pattern and rule.pattern.fullmatch(line):
            return _mark(rule, "footer", line, None)
    return None


def _of_coauthor(rules: Rules, line: str, value: str) -> Mark | None:
    name, rule = _person(rules, value)
    return _mark(rule, "coauthor", line, _model(rule, name)) if rule else None


def _of_trailer(rules: Rules, key: str, line: str, value: str) -> Mark | None:
    # A hint ignores case as Unicode does: a long s is an s to it, and a key that nobody has here.
    for rule in rules.trailers.get(key, ()):
        if rule.is_identity:
            name, known = _person(rules, value)
            if known:
                return _mark(rule, "trailer", line, _model(known, name), known.tool)
        elif rule.pattern and (hit := rule.pattern.fullmatch(value)):
            return _mark(rule, "trailer", line, hit.groupdict().get("model"))
    return None


def _person(rules: Rules, value: str) -> tuple[str, Rule | None]:
    """The name in a `Name <address>` and the rule that knows the address."""
    hit = _PERSON.fullmatch(value)
    if not hit:
        return "", None
    name = hit[1].strip().strip('"')
    return name, rules.identity(name, hit[2], "coauthor")


def _model(rule: Rule, name: str) -> str | None:
    """The model as the display name gives it, in its own words."""
    hit = rule.model.fullmatch(name) if rule.model else None
    return hit["model"] if hit else None


def _mark(rule: Rule, place: str, detail: str, model: str | None, tool: str | None = None) -> Mark:
    return Mark(rule.class_, tool or rule.tool, model, place, rule.id, rule.confidence, detail[:_DETAIL])
