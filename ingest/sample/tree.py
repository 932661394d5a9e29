"""Files as lines that remember which change wrote them, and the ways two versions of a file meet."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line of a file. It is itself and no other, whatever its text; `birth` is the number of its change."""

    text: str
    birth: int


File: TypeAlias = list[Line]
Files: TypeAlias = dict[str, File]

_FUNCTION = re.compile(r"(async def|def|class|export function|function|test\(|if )")
# The roles in which lines count.
CODE = ("source", "test")
_ROLES = (
    (re.compile(r"(^|/)vendor/"), "vendored"),
    (re.compile(r"(^|/)generated/"), "generated"),
    (re.compile(r"\.lock$|package-lock\.json$"), "lock"),
    (re.compile(r"\.png$"), "binary"),
    (re.compile(r"(^|/)tests?/.*\.(py|js)$"), "test"),
    (re.compile(r"\.(py|js)$"), "source"),
    (re.compile(r"\.(md|txt)$"), "docs"),
    (re.compile(r"\.ya?ml$"), "config"),
)


@cache
def role(path: str) -> str:
    """What kind of file a path names."""
    return next((name for pattern, name in _ROLES if pattern.search(path)), "other")


def language(path: str) -> str:
    """The language of a source or test file."""
    return path.rpartition(".")[2]


def rendered(path: str, file: File) -> bytes:
    """The bytes of a file: the binary as it is, the batch file with the line ends of its system."""
    if role(path) == "binary":
        return "".join(line.text for line in file).encode("latin-1")
    end = "\r\n" if path.endswith(".bat") else "\n"
    return "".join(line.text + end for line in file).encode()


@dataclass(frozen=True, slots=True)
class Paste:
    """A block that was pasted: where to, where from, how many lines."""

    path: str
    source: str
    lines: int


@dataclass(slots=True)
class Draft:
    """A working copy: the files as one step of a change leaves them. Files are replaced, never altered in place."""

    before: Files
    birth: int
    # Files that somebody else is working on; ordinary edits keep away from them.
    avoid: frozenset[str] = frozenset()
    files: Files = field(init=False)
    # Lines moved and updated so far: truth for the tests, and what the next edit weighs.
    moved: int = 0
    updated: int = 0
    pastes: list[Paste] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start from the files as they are."""
        self.files = dict(self.before)

    def lines(self, texts: Iterable[str]) -> File:
        """New lines, born here."""
        return [Line(text, self.birth) for text in texts]

    def changed(self) -> Files:
        """The files that differ from before; a deleted one is empty."""
        return changed(self.before, self.files)

    def candidates(self, *roles: str) -> list[str]:
        """Paths of files of these roles that nobody else works on, in order of their names."""
        return sorted(
            path for path, file in self.files.items() if file and role(path) in roles and path not in self.avoid
        )


def changed(before: Files, after: Files) -> Files:
    """The files that differ; a deleted one is empty."""
    paths = [path for path, file in after.items() if before.get(path) is not file]
    paths += [path for path in before if path not in after]
    return {path: after.get(path, []) for path in sorted(paths)}


def turned_over(before: Files, after: Files) -> tuple[set[Line], set[Line]]:
    """Lines of code, without the blank ones, that are only in the later version, and only in the earlier one."""
    old: set[Line] = set()
    new: set[Line] = set()
    for path in changed(before, after):
        if role(path) in CODE:
            gone, come = _middles(before.get(path, []), after.get(path, []))
            old.update(line for line in gone if line.text)
            new.update(line for line in come if line.text)
    return new - old, old - new


def _middles(before: File, after: File) -> tuple[File, File]:
    """Two versions of a file without the lines they share at both ends: most edits are small."""
    start, shorter = 0, min(len(before), len(after))
    while start < shorter and before[start] is after[start]:
        start += 1
    end = 0
    while end < shorter - start and before[-1 - end] is after[-1 - end]:
        end += 1
    return before[start : len(before) - end], after[start : len(after) - end]


def carried(before: File, after: File, onto: File) -> File:
    """The change from one version of a file to another, applied to a third.

    Lines the change removed go; each run it added follows the nearest line above that the third version still has.
    """
    known, present = set(before), set(onto)
    gone = known - set(after)
    fresh: dict[Line | None, File] = {}
    anchor: Line | None = None
    for line in after:
        if line in present:
            anchor = line
        elif line not in known:
            fresh.setdefault(anchor, []).append(line)
    result = list(fresh.get(None, ()))
    for line in onto:
        if line not in gone:
            result.append(line)
        result += fresh.get(line, ())
    return result


def merged(base: Files, theirs: Files, ours: Files) -> Files:
    """Our files with what the others did since the base; a file deleted on one side stays deleted."""
    result = dict(ours)
    for path in changed(base, theirs):
        old, new, mine = base.get(path), theirs.get(path), ours.get(path)
        if new is None:
            result.pop(path, None)
        elif mine is old:
            result[path] = new
        elif mine is not None:
            result[path] = reconciled(path, old or [], new, mine)
    return result


def reconciled(path: str, before: File, after: File, onto: File) -> File:
    """The change carried onto a third version, unless the code would no longer parse: then that version wins."""
    if onto is before:
        return after
    result = carried(before, after, onto)
    return result if is_whole(path, result) else onto


def is_whole(path: str, file: File) -> bool:
    """Whether a source file still parses; scripts are only checked for their brackets."""
    text = "".join(line.text + "\n" for line in file)
    if path.endswith(".js"):
        return all(text.count(start) == text.count(end) for start, end in ("{}", "()"))
    try:
        if path.endswith(".py"):
            ast.parse(text)
    except SyntaxError:
        return False
    return True


def functions(file: File) -> list[slice]:
    """Where the top-level functions of a source file stand, without the blank lines between them."""
    starts = [index for index, line in enumerate(file) if line.text[:1] > " " and _FUNCTION.match(line.text)]
    return [_trimmed(file, start, end) for start, end in zip(starts, [*starts[1:], len(file)], strict=False)]


def _trimmed(file: File, start: int, end: int) -> slice:
    while end > start + 1 and not file[end - 1].text:
        end -= 1
    return slice(start, end)


def without(file: File, part: slice) -> File:
    """The file without a function and without the blank lines above it."""
    start = part.start
    while start and not file[start - 1].text:
        start -= 1
    return file[:start] + file[part.stop :]


def is_loose(file: File, at: int) -> bool:
    """Whether a line may be changed or removed alone: a simple statement whose block stays non-empty."""
    text, above = file[at].text, file[at - 1].text
    return (
        text.startswith("  ")
        and text[-1] not in "{:("
        and not text.lstrip().startswith(("return", "}", "raise", "throw"))
        and len(indent(text)) == len(indent(above))
        # A comment alone is no block.
        and not above.lstrip().startswith("#")
    )


def indent(text: str) -> str:
    """The white space before a line."""
    return text[: len(text) - len(text.lstrip())]
