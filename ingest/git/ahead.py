"""Reads commits in processes that work ahead of whoever replays them: from when the first are known."""

import gc
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.util import Finalize

from ingest.git.edits import Edit, MergeEdit, Reader, Reading, Task

SHORT, LONG = 125, 1_000  # commits read together: the first ones are soon there, and long chunks cost least
WORKERS = 2
INLINE = 1_500  # commits for which no process is worth its start


def edits(reading: Reading, tasks: Sequence[Task]) -> Iterator[Edit | MergeEdit]:
    """What each commit did, in the order of `tasks`."""
    with closing(Ahead(reading)) as ahead:
        yield from ahead.edits(tasks)


class Ahead:
    """Reads the commits of a repository. To be closed at the end."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._tasks: list[Task] = []
        self._given = 0  # how many of them are under way or done
        self._length = SHORT
        self._pool: ProcessPoolExecutor | None = None
        self._under_way: deque[Future[list[Edit | MergeEdit]]] = deque()

    def close(self) -> None:
        """End the processes when they have done what they are at."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def expect(self, task: Task) -> None:
        """A commit that will be asked for after those before it; it may be read while others are still being listed."""
        self._tasks.append(task)
        if len(self._tasks) > max(INLINE, self._given + self._length):
            self._give()

    def edits(self, tasks: Sequence[Task]) -> Iterator[Edit | MergeEdit]:
        """What each commit did, in the order of `tasks`."""
        self._plan(list(tasks))
        del tasks  # of a long history they take room, and one list of them will do
        if len(self._tasks) <= INLINE:
            with closing(Reader(self._reading)) as reader:
                for at in range(0, len(self._tasks), SHORT):
                    yield from reader.read(self._tasks[at : at + SHORT])
            return
        self._give()
        while self._under_way:
            done = self._under_way.popleft().result()
            self._give()
            yield from done

    def _plan(self, tasks: list[Task]) -> None:
        if tasks[: self._given] != self._tasks[: self._given]:
            for each in self._under_way:
                each.cancel()
            self._under_way.clear()
            self._given = 0
        if tasks != self._tasks:
            self._tasks = tasks

    def _give(self) -> None:
        """Keep every process busy, and one chunk waiting."""
        if self._pool is None:
            # Not forked: DuckDB's threads are running, and a fork would copy their locks as they stand.
            self._pool = ProcessPoolExecutor(WORKERS, get_context("spawn"), _begin, (self._reading,))
        while len(self._under_way) <= WORKERS and self._given < len(self._tasks):
            chunk = self._tasks[self._given : self._given + self._length]
            self._under_way.append(self._pool.submit(_read, chunk))
            self._given += len(chunk)
            self._length = min(2 * self._length, LONG)


_reader: list[Reader] = []  # of a process that works ahead, for all its chunks: it learns about paths


def _begin(reading: Reading) -> None:
    # Nothing here refers to itself, so that looking for it in ever more lines is a fifth of the time lost.
    gc.disable()
    _reader.append(Reader(reading))
    Finalize(None, _reader[0].close, exitpriority=1)


def _read(tasks: Sequence[Task]) -> list[Edit | MergeEdit]:
    return _reader[0].read(tasks)
