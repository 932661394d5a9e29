"""What merges did: the files that differ from the first parent, and those that differ from every parent line by line.

Git's own combined patches would take minutes for a large history. Its raw format names the few files that need a look,
and trees made of just their blobs, in an object directory that is thrown away, let one process compare them all.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from git import Git, GitCommandError

from ingest.git.log import PLAIN
from ingest.git.mirror import front, last_words
from ingest.git.patches import REGULAR, FilePatch, answers, patches, raw_entries

Pair = tuple[bytes, bytes]  # two blobs; the first may be NOTHING
NOTHING = b"0" * 40


class Taken(NamedTuple):
    """A file that differs from the first parent's."""

    path: bytes
    blob: bytes  # NOTHING where it is gone, or is no regular file any more


class Resolved(NamedTuple):
    """A file that differs from every parent's, and the blobs of the parents that have it; NOTHING where one has not."""

    path: bytes
    blob: bytes
    parents: list[bytes]

    @property
    def pairs(self) -> list[Pair]:
        """What has to be compared to know its lines: with nothing at all where no parent has it."""
        sources = list(dict.fromkeys(blob for blob in self.parents if blob != NOTHING)) or [NOTHING]
        return [(blob, self.blob) for blob in sources]


class Merge(NamedTuple):
    """What a merge did; `unread` says why that could not be read."""

    taken: list[Taken]
    resolved: list[Resolved]
    unread: str | None = None


def merges(git: Git, commits: Sequence[tuple[str, Sequence[str]]]) -> Iterator[Merge]:
    """What each of the merges did, given as (sha, parents), in their order."""
    done = 0
    while done < len(commits):
        first = answers(git, _RAW, [f"{sha} {parents[0]}" for sha, parents in commits[done:]])
        every = answers(git, [*_RAW, "-c"], [sha for sha, _ in commits[done:]])
        try:
            for raw, combined in zip(first, every, strict=True):
                done += 1
                yield Merge([_taken(entry) for entry in raw_entries(raw)[0]], list(_resolved(combined)))
        except GitCommandError as error:
            yield Merge([], [], last_words(error))
            done += 1


_RAW = ["git", "diff-tree", "--stdin", "-r", "--raw", "-z", "--no-renames", "--no-commit-id", "--no-abbrev", *PLAIN]


def _taken(entry: list[bytes]) -> Taken:
    _, mode, _, blob, _, path = entry
    return Taken(path, blob if mode in REGULAR else NOTHING)


def _resolved(combined: bytes) -> Iterator[Resolved]:
    for entry in raw_entries(combined)[0]:
        parents = (len(entry) - 4) // 2
        modes, blobs = entry[: parents + 1], entry[parents + 1 : 2 * parents + 2]
        if modes[-1] in REGULAR:
            theirs = [blob if mode in REGULAR else NOTHING for mode, blob in zip(modes[:-1], blobs[:-1], strict=True)]
            yield Resolved(entry[-1], blobs[-1], theirs)


def compared(git: Git, pairs: Iterable[Pair], *options: str) -> dict[Pair, FilePatch | None]:
    """How the second blob of each pair differs from the first; None where one of them is missing."""
    wanted = list(dict.fromkeys(pairs))  # in the order of history: git finds the next blob near the last one
    if not wanted:
        return {}
    try:
        return dict(zip(wanted, _compared(git, wanted, *options), strict=True))
    except GitCommandError:
        if len(wanted) == 1:
            return {wanted[0]: None}
        half = len(wanted) // 2  # which one it is tells itself
        return compared(git, wanted[:half], *options) | compared(git, wanted[half:], *options)


def _compared(git: Git, pairs: Sequence[Pair], *options: str) -> list[FilePatch | None]:
    folder = Path(git.environment()["GIT_DIR"])
    with tempfile.TemporaryDirectory() as temporary:
        apart = front(folder)
        apart.update_environment(
            GIT_OBJECT_DIRECTORY=temporary, GIT_ALTERNATE_OBJECT_DIRECTORIES=str(folder / "objects")
        )
        before = _tree(apart, [old for old, _ in pairs])
        after = _tree(apart, [new for _, new in pairs])
        (patch,) = patches(apart, [f"{before} {after}"], "--no-renames", *options)
    if patch.unread is not None and all(file.is_unread for file in patch.files):
        raise GitCommandError("git diff-tree", 128, patch.unread)
    # A pair of one blob with itself is no difference, and is not listed.
    listed = {int(file.path): file for file in patch.files}
    found = [
        listed.get(number) or FilePatch("M", b"", b"", b"100644", b"100644", old, new, b"")
        for number, (old, new) in enumerate(pairs)
    ]
    return [None if file.is_unread else file for file in found]


def _tree(git: Git, blobs: Sequence[bytes]) -> str:
    entries = b"".join(
        b"100644 blob %b\t%08d\0" % (blob, number) for number, blob in enumerate(blobs) if blob != NOTHING
    )
    with tempfile.TemporaryFile() as told:
        told.write(entries)
        told.seek(0)
        return str(git.execute(["git", "mktree", "-z", "--missing"], istream=told))
