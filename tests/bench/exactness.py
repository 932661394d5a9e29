"""The replay against `git blame`, line by line, and against its own books at every step."""

import os
import re
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from git import GitCommandError

from dashboard.terminal import printable
from ingest.git import blobs
from ingest.git.ledger import Rows
from ingest.git.patches import path_text
from ingest.git.register import ID
from ingest.git.replay import Commit, Replay
from tests.bench import history
from tests.bench.history import History
from tests.bench.table import Options, Row, Table, name

PROCESSES = 2
ALL = 1_500  # files of a tree that is not large
WORST = 3
_BLAMED = re.compile(rb"^([0-9a-f]{40}) \d+ \d+(?: \d+)?\n", re.MULTILINE)


class File(NamedTuple):
    """A file of the head, and the commits that the replay says wrote its lines."""

    path: bytes
    writers: list[str]


class Books:
    """Holds the ledger against the tree at each step: what it says lives is what stands there, each line once."""

    def __init__(self) -> None:
        self.steps = self.broken = 0
        self._alive = np.zeros(0, bool)
        self._standing = 0

    def look(self, replay: Replay, commit: Commit) -> None:
        """After a step."""
        if len(self._alive) < replay.register.end:
            self._alive = np.concatenate([self._alive, np.zeros(replay.register.end, bool)])
        booked, alive = replay.ledger.drain(), self._alive
        died, born = _ids(booked.deaths), _ids(booked.births)
        is_right = bool(alive[died].all()) and len(np.unique(died)) == len(died)
        alive[died] = False
        is_right &= not alive[born].any() and len(np.unique(born)) == len(born)
        alive[born] = True
        # Files that the step left alone stand as they did.
        assert commit.step is not None
        before, state = replay.before, replay.states[commit.number]
        now = np.frombuffer(b"".join(state[path].ids for path in before if path in state), ID)
        was = np.frombuffer(b"".join(entry.ids for entry in before.values() if entry), ID)
        self._standing += len(now) - len(was)
        is_right &= (
            bool(alive[now].all()) and len(np.unique(now)) == len(now) and not alive[np.setdiff1d(was, now)].any()
        )
        is_right &= int(np.count_nonzero(alive)) == self._standing
        self.steps, self.broken = self.steps + 1, self.broken + (not is_right)


def rows(options: Options) -> Iterator[Row]:
    """A row for each repository."""
    for repository in options.repositories:
        with tempfile.TemporaryDirectory() as folder:
            yield row(repository, history.read(repository, Path(folder)), options.every)


def row(repository: Path, read: History, every: int | None) -> Row:
    """Plain against blame, then the books of a plain replay and of one that knows moves and copies."""
    books, full_books = Books(), Books()
    replay, unread = history.replayed(read, is_plain=True, look=books.look)
    files = written(read, replay)
    del replay
    history.replayed(read, is_plain=False, look=full_books.look)
    chosen = files[:: every or 1 + len(files) // ALL]
    blamed = differing(read, chosen)
    lines, bad = sum(len(file.writers) for file in chosen if file.path in blamed), sum(blamed.values())
    worst = [
        f"{printable(path_text(path))} ({count})"
        for path, count in sorted(blamed.items(), key=lambda each: -each[1])
        if count
    ]
    return (
        name(repository), f"{len(read.parents):,}", unread, f"{len(blamed):,} of {len(files):,}",
        f"{len(chosen) - len(blamed):,}", f"{lines:,}", f"{bad:,}",
        f"{1 - bad / lines:.4%}" if lines else "-", ", ".join(worst[:WORST]) or "none",
        *(f"{each.steps - each.broken:,} of {each.steps:,}" for each in (books, full_books)),
    )  # fmt: skip


def written(read: History, replay: Replay) -> list[File]:
    """The text files at the head, by path."""
    state, shas = replay.states[len(read.parents) - 1], read.shas
    contents = dict(blobs.contents(read.mirror.git, {entry.blob for entry in state.values()}))
    texts = {
        path: entry for path, entry in sorted(state.items()) if not blobs.is_binary(contents.get(entry.blob, b"\0"))
    }
    return [
        File(path, [shas[writer] for writer in replay.register.writer(np.frombuffer(entry.ids, ID)).tolist()])
        for path, entry in texts.items()
        if contents[entry.blob]
    ]


def differing(read: History, files: list[File]) -> dict[bytes, int]:
    """How many lines of each file git says somebody else wrote; all of one that has another number of lines.

    Files are left out for whose blame an object is missing.
    """

    def count(file: File) -> int | None:
        command = ["git", "blame", "--porcelain", read.mirror.head_sha, "--", os.fsdecode(file.path)]
        try:
            printed = read.mirror.git.execute(command, stdout_as_string=False)
        except GitCommandError:
            return None
        assert isinstance(printed, bytes)
        theirs = [sha.decode() for sha in _BLAMED.findall(printed)]
        if len(theirs) != len(file.writers):
            return len(file.writers)
        return sum(one != other for one, other in zip(theirs, file.writers, strict=True))

    with ThreadPoolExecutor(PROCESSES) as pool:
        counted = zip((file.path for file in files), pool.map(count, files), strict=True)
        return {path: number for path, number in counted if number is not None}


def _ids(rows: Rows) -> npt.NDArray[np.int64]:
    if not len(rows.get("id", ())):
        return np.zeros(0, np.int64)
    return np.concatenate(
        [np.arange(first, first + count) for first, count in zip(rows["id"], rows["lines"], strict=True)]
    )


TABLE = Table(
    key="exactness",
    about="Who wrote each line at the head: a plain replay beside `git blame --porcelain`, and at each first-parent step "
    "live lines before + births - deaths beside what stands in the tree, line by line. A plain replay knows no moves, and "
    "like blame it follows each file by itself, guesses at merges and takes any file for text. Where an object is missing "
    "(commits unread), the file that needs it is new from there on, and git has no blame of it.",
    columns=(
        "repository", "commits", "unread", "files", "no blame", "lines", "differ", "agree", "most differ in",
        "steps that balance, plain", "with moves and copies",
    ),
    rows=rows,
)  # fmt: skip
