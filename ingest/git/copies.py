"""Copied from the tree: blocks of added lines that stand elsewhere in the tree already.

The lines of a pasted block have all been seen before, which a table of what was ever written tells at once and which few
commits come through. For these, the rarest line of the block names the places it may have come from; whether the block
stands there is then read off the tree itself. So the index holds lines and not blocks, and nothing in it goes stale.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ingest.git.edits import MEANINGFUL
from ingest.git.register import ID, UNUSED, Ids, Register

BLOCK = 5  # consecutive meaningful lines
PLACES = 512  # of a line that is everywhere, so many of the newest places and as many of the oldest are looked at
_SEEN = 1 << 24
_LEVEL = 1 << 16  # lines that are searched without an order

Bools = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]
Find = Callable[[int], bytes | None]


class Copies:
    """The index of every meaningful line ever written, by its text."""

    def __init__(self, register: Register) -> None:
        self._register = register
        # How often a text was written, by the last bits of its signature; few texts share them, and a block has five.
        self._seen = np.zeros(_SEEN, np.uint8)
        self._levels: list[tuple[npt.NDArray[np.uint32], Ids]] = []  # signatures in order, with their ids
        self._indexed = register.end  # lines from here on are in no level yet

    def copied(self, since: int, hunks: Numbers, find: Find) -> Bools:
        """Which of the lines that a commit wrote, those with ids from `since` on, it copied.

        `hunks` numbers the hunk each is in. `find` gives the lines of the file in which a line stands now, after the
        commit, so that a source which it removed is none.
        """
        register = self._register
        flags = register.flags[since : register.end]
        is_new = flags & UNUSED == 0
        telling = np.flatnonzero(is_new & (flags & MEANINGFUL > 0))
        keys = register.signature[since : register.end][telling] & np.uint32(_SEEN - 1)
        known = self._seen[keys] > 0
        if len(telling) > BLOCK:  # what came earlier in the same commit stands in the tree as well
            is_repeated = np.ones(len(keys), bool)
            is_repeated[np.unique(keys, return_index=True)[1]] = False
            known |= is_repeated
        self._add(keys)
        found = np.zeros(len(flags), bool)
        if np.count_nonzero(known) >= BLOCK:
            search = _Search(register, self._candidates, find, telling + since, self._seen[keys])
            for begin, end in _stretches(known, hunks[telling]):
                for first, last in search.blocks(begin, end):
                    found[telling[first] : telling[last] + 1] = True
        return found & is_new

    def _add(self, keys: npt.NDArray[np.uint32]) -> None:
        seen = self._seen[keys]
        self._seen[keys] = seen + (seen < 255)
        while self._register.end - self._indexed >= _LEVEL:
            self._index(self._indexed, self._register.end)

    def _index(self, since: int, until: int) -> None:
        register = self._register
        flags = register.flags[since:until]
        ids = (np.flatnonzero((flags & MEANINGFUL > 0) & (flags & UNUSED == 0)) + since).astype(np.uint32)
        self._levels.append(_in_order(register.signature[ids], ids))
        self._indexed = until
        # Levels grow by doubling, so that a line is sorted again but a few times.
        while len(self._levels) > 1 and len(self._levels[-2][0]) < 2 * len(self._levels[-1][0]):
            (older, older_ids), (newer, newer_ids) = self._levels[-2:]
            self._levels[-2:] = [_in_order(np.concatenate([older, newer]), np.concatenate([older_ids, newer_ids]))]

    def _candidates(self, signature: np.uint32, until: int) -> Ids:
        """The ids below `until` of lines with this text, the newest first."""
        found = []
        for signatures, ids in self._levels:
            begin, end = np.searchsorted(signatures, signature, "left"), np.searchsorted(signatures, signature, "right")
            found.append(ids[begin:end])
        recent = self._register.signature[self._indexed : max(until, self._indexed)]
        found.append((np.flatnonzero(recent == signature) + self._indexed).astype(np.uint32))
        places = np.concatenate(found)
        places = places[places < until][::-1]
        return places if len(places) <= 2 * PLACES else np.concatenate([places[:PLACES], places[-PLACES:]])


class _Search:
    """Looks for the blocks of one commit in the tree as it is after it."""

    def __init__(
        self,
        register: Register,
        candidates: Callable[[np.uint32, int], Ids],
        find: Find,
        ids: Numbers,
        frequency: npt.NDArray[np.uint8],
    ) -> None:
        self._register, self._candidates, self._find = register, candidates, find
        self._ids, self._frequency = ids, frequency  # of the commit's meaningful new lines
        self._signatures = register.signature[ids]
        self._files: dict[bytes, tuple[Ids, npt.NDArray[np.uint32]]] = {}  # meaningful lines of files looked at

    def blocks(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """The copied blocks between two of the lines, by their first and last line."""
        at = begin
        while at + BLOCK <= end:
            rarest = at + int(np.argmin(self._frequency[at : at + BLOCK]))
            places = self._candidates(self._signatures[rarest], int(self._ids[at]))
            length = max((self._alike(int(place), rarest - at, at, end) for place in places), default=0)
            if length >= BLOCK:
                yield at, at + length - 1
                at += length
            elif length == 0:
                at = rarest + 1  # it stands nowhere else, so no block has it
            else:
                at += 1

    def _alike(self, place: int, offset: int, at: int, end: int) -> int:
        """How many lines from `at` on stand in the tree too, where the one `offset` further on is the line `place`.

        0 where that line is not in the tree, 1 where what stands around it there is different.
        """
        lines = self._find(place)
        if lines is None:
            return 0
        ids, signatures = self._telling(lines)
        there = int(np.flatnonzero(ids == place)[0]) - offset
        if there < 0:
            return 1
        length = min(end - at, len(ids) - there)
        differs = self._signatures[at : at + length] != signatures[there : there + length]
        # A block is no copy of itself, nor of lines that come behind it in the commit.
        differs |= ids[there : there + length] >= self._ids[at]
        return int(np.argmax(differs)) or 1 if differs.any() else length

    def _telling(self, lines: bytes) -> tuple[Ids, npt.NDArray[np.uint32]]:
        if lines not in self._files:
            ids = np.frombuffer(lines, ID)
            ids = ids[self._register.flags[ids] & MEANINGFUL > 0]
            self._files[lines] = ids, self._register.signature[ids]
        return self._files[lines]


def _in_order(signatures: npt.NDArray[np.uint32], ids: Ids) -> tuple[npt.NDArray[np.uint32], Ids]:
    order = np.argsort(signatures, kind="stable")
    return signatures[order], ids[order]


def _stretches(known: Bools, hunks: Numbers) -> list[tuple[int, int]]:
    """Where at least BLOCK known lines of one hunk follow each other."""
    edges = np.flatnonzero(np.diff(known) | (np.diff(hunks) != 0)) + 1
    return [
        (begin, end) for begin, end in pairwise([0, *edges.tolist(), len(known)]) if end - begin >= BLOCK and known[begin]
    ]
