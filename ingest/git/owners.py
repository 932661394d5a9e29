"""CODEOWNERS: who owns which paths, by the patterns of GitHub and GitLab; the last line that fits a path decides."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import duckdb

from ingest import warehouse
from ingest.git import attributes, blobs
from ingest.git.mirror import Mirror

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")  # the first that is there counts
LARGEST = 3_000_000  # bytes: GitHub reads no larger ones
MOST = 5_000  # lines: of more, trying them on every path would take the night

_SECTION = re.compile(r"\^?\[([^\]]+)\](?:\[\d+\])?(?:\s+(.*))?$")
_WORDS = re.compile(r"(?:\\.|[^\s\\])+")
_NOTHING = re.compile(rb"(?!)")


class Rule(NamedTuple):
    """A line: a pattern and who owns what it fits; nobody, where it names no one."""

    line: int
    section: str  # '' outside GitLab's sections, which decide each for itself
    pattern: str
    owners: tuple[str, ...]


def read(con: duckdb.DuckDBPyConnection, mirror: Mirror) -> None:
    """Put the lines of the head's CODEOWNERS file into `owners`, in place of those that were there."""
    con.execute("delete from owners where repo = ?", [mirror.name])
    file, text = _file(mirror)
    found = rules(text)
    if len(found) <= MOST:
        warehouse.load(con, "owners", [(mirror.name, file, *rule[:3], list(rule.owners)) for rule in found])


def _file(mirror: Mirror) -> tuple[str, str]:
    listed = mirror.git.execute(["git", "ls-tree", "-z", "--full-tree", mirror.head_sha, "--", *PLACES])
    there = {path: blob for blob, path in re.findall(r"blob ([0-9a-f]{40})\t([^\0]+)", str(listed))}
    for place in PLACES:
        if place in there:
            texts = dict(blobs.contents(mirror.git, [there[place].encode()], most=LARGEST))
            return place, b"".join(texts.values()).decode("utf-8-sig", "replace")
    return "", ""


def rules(text: str) -> list[Rule]:
    """The lines of a CODEOWNERS file that say something."""
    found: list[Rule] = []
    section, by_default = "", _owners(())
    for number, line in enumerate(text.split("\n"), 1):
        told = line.strip()
        if not told or told.startswith("#"):
            continue
        if headed := _SECTION.fullmatch(told):
            section, by_default = headed[1].strip().lower(), _owners((headed[2] or "").split())
            continue
        pattern, *words = _WORDS.findall(told) or [told]
        if not pattern.startswith("!"):  # neither knows exceptions
            found.append(Rule(number, section, pattern, _owners(words) or by_default))
    return found


def _owners(words: Iterable[str]) -> tuple[str, ...]:
    """Who is named; what stands behind # is a remark. In one order, so that an area has one name."""
    named = []
    for word in words:
        if word.startswith("#"):
            break
        if "@" in word:
            named.append(word)
    return tuple(sorted(set(named)))


def owned(rules: Iterable[Rule], paths: Iterable[str]) -> Iterator[tuple[str, str | None]]:
    """Each path with its owners together; None where it is nobody's."""
    backwards = [(rule, regex(rule.pattern)) for rule in reversed(list(rules))]
    for path in paths:
        name = path.encode()
        decided: set[str] = set()
        owners: set[str] = set()
        for rule, fits in backwards:
            if rule.section not in decided and fits.fullmatch(name):
                decided.add(rule.section)
                owners.update(rule.owners)
        yield path, " ".join(sorted(owners)) or None


@lru_cache(maxsize=MOST)
def regex(pattern: str) -> re.Pattern[bytes]:
    """What fits the whole path of a file that a pattern fits, or a folder above it does.

    As in .gitignore: a slash at the beginning or inside ties it to the top; a star at the end means files of that folder
    alone. Brackets and escapes are taken as .gitignore takes them.
    """
    told = pattern.encode("utf-8", "surrogateescape")
    bare = told.rstrip(b"/")
    if not bare:
        return _NOTHING
    inside = attributes.regex(bare if b"/" in bare or bare == told else b"**/" + bare)
    if told.endswith(b"/"):
        inside += b"/.+"
    elif bare.rpartition(b"/")[2] not in (b"*", b"**"):
        inside += b"(?:/.+)?"
    try:
        return re.compile(inside, re.DOTALL)
    except re.error:
        return _NOTHING
