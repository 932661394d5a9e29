"""Asks `git blame` where lines of a commit were written: the one place that looks at commits between two heads.

Moves are left to the ledger, which knows them across files and tells them from copies: a copy is a line of its own.
"""

import os
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from git import Git, GitCommandError

from ingest.git.patches import path_text

_HEADER = re.compile(rb"([0-9a-f]{40}) (\d+) (\d+)(?: \d+)?")
_TOGETHER = 500  # lines of a file that one command asks about
# Folders of files that nobody committed, and that are named like committed ones: what is below such a folder is no file of
# the repository. A checkout may lie below one where things are built, never below one of what was installed.
_INSTALLED = frozenset((b"node_modules", b"site-packages", b"vendor", b".venv", b"venv"))
_BUILT = frozenset((b"build", b"dist", b"target", b"out"))


class Origin(NamedTuple):
    """Where a line was written: the commit, and the file and line as of it."""

    sha: str
    path: str
    line: int


def files(git: Git, sha: str) -> frozenset[bytes]:
    """The regular files of a commit. Raises GitCommandError."""
    listed = git.execute(["git", "ls-tree", "-r", "-z", "--full-tree", sha], stdout_as_string=False)
    assert isinstance(listed, bytes)  # noqa: S101 - what stdout_as_string=False promises
    return frozenset(
        path for fact, _, path in (row.partition(b"\t") for row in listed.split(b"\0")) if fact[:3] == b"100"
    )


class Meant:
    """Which files of a commit scanners mean by their paths: they begin at other roots than repositories do."""

    def __init__(self, there: Iterable[bytes]) -> None:
        self._there = frozenset(there)
        self._from_their_ends = sorted(path[::-1] for path in self._there)

    def file(self, path: str) -> bytes | None:
        """The file; None where there is none, or several that it may be.

        Of an absolute path, which begins with a slash, the folders above the repository are left out, of another one a
        folder at most: it began in the folder above. A root that is missing is filled in where only one file ends so.
        """
        name = os.fsencode(path)
        above = _above(name)
        name = name.removeprefix(b"/")
        for start in [0, *above]:
            if name[start:] in self._there:
                return name[start:]
        return self._ending(name)

    def _ending(self, name: bytes) -> bytes | None:
        end = name[::-1] + b"/"
        first = bisect_left(self._from_their_ends, end)
        whole = [path for path in self._from_their_ends[first : first + 2] if path.startswith(end)]
        return whole[0][::-1] if len(whole) == 1 else None


def _above(name: bytes) -> Iterator[int]:
    """Where a path may begin inside the repository: behind which of its first slashes."""
    is_absolute = name.startswith(b"/")
    start = 0
    for folder in name.removeprefix(b"/").split(b"/")[:-1]:
        if folder in _INSTALLED or (not is_absolute and (start or folder in _BUILT)):
            return
        start += len(folder) + 1
        yield start


def origins(git: Git, sha: str, path: bytes, lines: Sequence[int], past: Sequence[str] = ()) -> Mapping[int, Origin]:
    """Where each of the lines was written, as far as there is such a line; the commits `past` only made them look different."""
    told: dict[int, Origin] = {}
    for first in range(0, len(lines), _TOGETHER):
        told |= _told(git, sha, path, lines[first : first + _TOGETHER], past)
    return told


def _told(git: Git, sha: str, path: bytes, lines: Sequence[int], past: Sequence[str]) -> dict[int, Origin]:
    ranges = [word for line in lines for word in ("-L", f"{line},{line}")]
    passed = [word for commit in past for word in ("--ignore-rev", commit)]
    command = ["git", "blame", "-w", "--root", "--porcelain", *passed, *ranges, sha, "--", os.fsdecode(path)]
    try:
        said = git.execute(command, stdout_as_string=False)
    except GitCommandError:
        if len(lines) == 1:
            return {}
        half = len(lines) // 2  # which one is not there tells itself
        return _told(git, sha, path, lines[:half], past) | _told(git, sha, path, lines[half:], past)
    assert isinstance(said, bytes)  # noqa: S101 - what stdout_as_string=False promises
    return dict(_origins(said))


def _origins(porcelain: bytes) -> Iterator[tuple[int, Origin]]:
    """A commit's file is told with the first of its lines, and again where it is another one."""
    names: dict[bytes, str] = {}
    header: re.Match[bytes] | None = None
    for row in porcelain.split(b"\n"):
        if header is None:
            header = _HEADER.fullmatch(row)
        elif row.startswith(b"filename "):
            names[header[1]] = path_text(_unquoted(row[9:]))
        elif row.startswith(b"\t"):
            yield int(header[3]), Origin(header[1].decode(), names[header[1]], int(header[2]))
            header = None


_ESCAPED = re.compile(rb"\\([0-7]{3}|.)")
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


def _unquoted(name: bytes) -> bytes:
    """A path that git has put into quotes, because it holds something other than plain characters."""
    if not (name.startswith(b'"') and name.endswith(b'"') and len(name) > 1):
        return name
    return _ESCAPED.sub(
        lambda found: bytes([int(found[1], 8) & 255]) if len(found[1]) == 3 else _ESCAPES.get(found[1], found[1]),
        name[1:-1],
    )
