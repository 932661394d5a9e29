"""Where every line was written: the path and the number it had in the commit that wrote it, hunk by hunk.

Evidence about lines speaks of a commit's own files; by the time the lines land they may stand elsewhere.
"""

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]


class _Commit(NamedTuple):
    """What a commit wrote, not worked out yet."""

    base: int  # the first id
    spans: bytes  # the hunks of its files one behind the other
    hunks: list[int]  # how many each file has
    paths: list[int]


class Origins:
    """Of every hunk, by the first id of its lines: the path and the number of its first line there."""

    def __init__(self) -> None:
        self.paths: dict[bytes, int] = {}
        self._firsts, self._lines, self._paths = array("I"), array("I"), array("I")
        self._waiting: list[_Commit] = []

    def write(self, base: int, spans: Sequence[bytes], paths: Sequence[bytes]) -> None:
        """The lines of a commit from the id `base` on; of each file its path and its hunks, int32 as in a FileEdit."""
        numbers = [self.paths.setdefault(path, len(self.paths)) for path in paths]
        self._waiting.append(_Commit(base, b"".join(spans), [len(each) // 16 for each in spans], numbers))

    def scatter(self, base: int, places: Sequence[int], path: bytes) -> None:
        """Lines of one file, each at a place of its own, from 0."""
        spans = np.zeros((len(places), 4), np.int32)
        spans[:, 2], spans[:, 3] = places, 1
        self.write(base, [spans.tobytes()], [path])

    def again(self, fresh: Column, ids: Column) -> None:
        """Lines that stand twice now: the second was written where the first was."""
        paths, lines = self.where(ids)
        for kept, column in ((self._firsts, fresh), (self._lines, lines), (self._paths, paths)):
            kept.frombytes(column.astype(np.uint32).tobytes())

    def where(self, ids: Column) -> tuple[Column, Column]:
        """The number of the path of each of these lines, and the number it had in that file, from 1."""
        self._work_out()
        hunks = self._hunks(ids)
        lines = self._from(hunks, self._lines).astype(np.int64) + ids - self._from(hunks, self._firsts)
        return self._from(hunks, self._paths), lines

    def arrays(self, number: Callable[[bytes], int]) -> dict[str, Column]:
        """Everything, to be kept; `number` gives the numbers under which paths are kept."""
        self._work_out()
        paths = np.array([number(path) for path in self.paths], np.uint32)
        names = {"firsts": self._firsts, "lines": self._lines, "paths": self._paths}
        return {f"origin_{name}": np.array(kept, np.uint32) for name, kept in names.items()} | {"origin_names": paths}

    def restore(self, arrays: Mapping[str, Column], paths: Sequence[bytes]) -> None:
        """Take up what was kept."""
        self._firsts = array("I", arrays["origin_firsts"].tobytes())
        self._lines = array("I", arrays["origin_lines"].tobytes())
        self._paths = array("I", arrays["origin_paths"].tobytes())
        self.paths = {paths[path]: number for number, path in enumerate(arrays["origin_names"].tolist())}

    def _hunks(self, ids: Column) -> Column:
        return np.searchsorted(np.frombuffer(self._firsts, np.uint32), ids, "right") - 1

    @staticmethod
    def _from(hunks: Column, kept: "array[int]") -> Column:
        return np.frombuffer(kept, np.uint32)[hunks]

    def _work_out(self) -> None:
        """Hunks by the first id of their lines: a merge gives its files ids before it finds what else it must name."""
        waiting, self._waiting = self._waiting, []
        spans = np.frombuffer(b"".join(commit.spans for commit in waiting), np.int32).reshape(-1, 4)
        if not len(spans):
            return
        added = spans[:, 3].astype(np.int64)
        counts = [sum(commit.hunks) for commit in waiting]
        before = np.cumsum(added) - added
        begins = np.cumsum([0, *counts[:-1]])
        # Where a commit has no hunk nothing asks for its beginning.
        bases = np.array([commit.base for commit in waiting]) - before[np.minimum(begins, len(spans) - 1)]
        firsts = before + np.repeat(bases, counts)
        paths = np.repeat(
            [path for commit in waiting for path in commit.paths],
            [count for commit in waiting for count in commit.hunks],
        )
        order = np.argsort(firsts, kind="stable")
        order = order[added[order] > 0]
        for kept, column in ((self._firsts, firsts), (self._lines, spans[:, 2] + 1), (self._paths, paths)):
            kept.frombytes(column[order].astype(np.uint32).tobytes())
