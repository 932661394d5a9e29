"""What is known of every line that was ever written, by its id: arrays that grow, some bytes a line."""

from array import array
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.errors import HistoryError
from ingest.git.edits import FOUND, Facts
from ingest.git.origins import Origins

Ids = npt.NDArray[np.uint32]
ID = np.dtype("<u4")
FIRST = 1  # no line has the id 0

# Above what an edit says of a line (edits.KIND, OPERATION, MEANINGFUL), a flag byte holds:
UNUSED = 0b1000000  # the line took the id of one that was there before
REWRITTEN = 0b10000000  # who removed it last put a similar one in its place


_SEGMENTS = ("starts", "writers", "makers")
_KEPT = ("signature", "tokens", "flags", "home", "step", "is_live")


class Register:
    """One element a line id in each array."""

    def __init__(self) -> None:
        self.end = FIRST  # the next free id
        self.signature = np.zeros(1 << 16, np.uint32)  # of its text without white space around it, 0: blank
        self.tokens = np.zeros(1 << 16, np.uint8)
        self.flags = np.zeros(1 << 16, np.uint8)
        self.home = np.zeros(1 << 16, np.uint32)  # the file it was written in, or moved to
        self.step = np.zeros(1 << 16, np.uint32)  # 1 + the first-parent step it landed with last, 0: never landed
        self.is_live = np.zeros(1 << 16, np.bool_)  # whether it stands on the branch
        self.killer = np.zeros(1 << 16, np.uint32)  # 1 + the commit off the first-parent line that removed it last
        # Which commit wrote the lines from here on: in step with each other, rising.
        self.known: deque[tuple[int, int]] = deque()  # what the commit at hand wrote, where it is replayed once more
        self.starts = array("I")
        self.origins = Origins()
        self.writers = array("I")
        self.makers = array("I")

    def write(self, writer: int, count: int, facts: Facts | None, *, maker: int | None = None) -> int:
        """Give ids to `count` new lines of a commit; the first of them. Lines without facts are as good as unseen.

        `maker` is the commit that made another line of one that had been written already.
        """
        if self.known and count:
            base, length = self.known.popleft()
            if length != count:
                raise HistoryError(f"commit number {writer} wrote {length} lines before, and {count} now")
            return base
        base = self.end
        if count:
            self.starts.append(base)
            self.writers.append(writer)
            self.makers.append(writer if maker is None else maker)
            self.end += count
            self._reserve()
            if facts:
                self.signature[base : self.end] = np.frombuffer(facts.signatures, np.uint32)
                self.tokens[base : self.end] = np.frombuffer(facts.tokens, np.uint8)
                self.flags[base : self.end] = np.frombuffer(facts.flags, np.uint8)
        return base

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything, to be kept."""
        kept = {f"line_{name}": getattr(self, name)[: self.end] for name in _KEPT}
        return kept | {name: np.array(getattr(self, name), np.uint32) for name in _SEGMENTS}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take up what was kept."""
        for name in _SEGMENTS:
            setattr(self, name, array("I", arrays[name].tobytes()))
        for name in _KEPT:
            setattr(self, name, arrays[f"line_{name}"])
        self.end = len(self.flags)
        self.killer = np.zeros(self.end, np.uint32)

    def segments(self, maker: int) -> list[tuple[int, int]]:
        """The first ids and lengths of what a commit wrote, in order."""
        found = np.flatnonzero(np.frombuffer(self.makers, np.uint32) == maker).tolist()
        ends = [*self.starts[1:], self.end]
        return [(self.starts[place], ends[place] - self.starts[place]) for place in found]

    def again(self, ids: Ids, maker: int) -> Ids:
        """New ids for lines that stand twice now; they are taken for written by the same commits."""
        fresh = np.empty(len(ids), ID)
        for place, (old, writer) in enumerate(zip(ids.tolist(), self.writer(ids).tolist(), strict=True)):
            new = fresh[place] = self.write(writer, 1, None, maker=maker)
            for facts in (self.signature, self.tokens, self.flags, self.home):
                facts[new] = facts[old]
        self.origins.again(fresh, ids)
        return fresh

    def writer(self, ids: npt.NDArray[Any]) -> Ids:
        """The commits that wrote these lines."""
        segments = np.searchsorted(np.frombuffer(self.starts, np.uint32), ids, "right") - 1
        return np.frombuffer(self.writers, np.uint32)[segments]

    def _reserve(self) -> None:
        if self.end <= len(self.flags):
            return
        more = max(self.end, len(self.flags) * 5 // 4) - len(self.flags)
        for name in ("signature", "tokens", "flags", "home", "step", "is_live", "killer"):
            facts = getattr(self, name)
            setattr(self, name, np.concatenate([facts, np.zeros(more, facts.dtype)]))


def unseen(signatures: Sequence[int]) -> Facts:
    """Facts about lines nobody saw written, with the signatures they have."""
    count = len(signatures)
    return Facts(array("I", signatures).tobytes(), bytes(count), bytes([FOUND << 2]) * count)
