"""Copied from the tree: blocks of added lines that stand elsewhere in the tree already.

The lines of a pasted block have all been seen before, which a table of what was ever written tells at once and which few
commits come through. For these, the rarest line of the block names the places it may have come from; whether the block
stands there is then read off the tree itself. So the index holds lines and not blocks, and nothing in it goes stale.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.git.edits import MEANINGFUL
from ingest.git.register import ID, UNUSED, Ids, Register

BLOCK = 5  # consecutive meaningful lines
FILES = 512  # that are looked at for a line which is in more
_SEEN = 1 << 24
_LEVEL = 1 << 14  # lines that are searched without an order

Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Signatures = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.int64]
Find = Callable[[int], bytes | None]


class Copies:
    """The index of every meaningful line ever written, by its text."""

    def __init__(self, register: Register) -> None:
        self._register = register
        # How often a text was written, by the last bits of its signature; few texts share them, and a block has five.
        self._seen = np.zeros(_SEEN, np.uint8)
        self._levels: list[tuple[Signatures, Ids]] = []  # signatures in order, with their ids
        self._telling: dict[bytes, tuple[Ids, Signatures]] = {}
        self._indexed = register.end  # lines from here on are in no level yet

    def copied(self, since: int, hunks: Numbers, find: Find) -> Bools:
        """Which of the lines that a commit wrote, those with ids from `since` on, it copied.

        `hunks` numbers the hunk each is in. `find` gives the lines of a file as it is now, after the commit, so that a
        source which it removed is none.
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
            search = _Search(self, find, telling + since, register.signature[telling + since], self._seen[keys])
            for begin, end in _stretches(known, hunks[telling]):
                for first, last in search.blocks(begin, end):
                    found[telling[first] : telling[last] + 1] = True
        return found & is_new

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything, to be kept."""
        seen = np.flatnonzero(self._seen).astype(np.uint32)
        levels = {
            f"level_{number}_{name}": array
            for number, level in enumerate(self._levels)
            for name, array in zip(("signatures", "ids"), level, strict=True)
        }
        return levels | {
            "seen": seen,
            "times_seen": self._seen[seen],
            "levels": np.array(len(self._levels)),
            "indexed": np.array(self._indexed),
        }

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take up what was kept."""
        self._seen[arrays["seen"]] = arrays["times_seen"]
        self._levels = [
            (arrays[f"level_{number}_signatures"], arrays[f"level_{number}_ids"])
            for number in range(int(arrays["levels"]))
        ]
        self._indexed = int(arrays["indexed"])

    def _add(self, keys: Signatures) -> None:
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

    def files(self, signature: np.uint32) -> list[int]:
        """The files that lines with this text were written in or moved to, the newest first."""
        found = []
        for signatures, ids in self._levels:
            begin, end = np.searchsorted(signatures, signature, "left"), np.searchsorted(signatures, signature, "right")
            found.append(ids[begin:end])
        recent = self._register.signature[self._indexed : self._register.end]
        found.append((np.flatnonzero(recent == signature) + self._indexed).astype(np.uint32))
        homes = self._register.home[np.concatenate(found)]
        return list(dict.fromkeys(homes[::-1].tolist()))

    def telling(self, lines: bytes) -> tuple[Ids, Signatures]:
        """The meaningful lines of a file: their ids and signatures."""
        found = self._telling.get(lines)
        if found is None:
            ids = np.frombuffer(lines, ID)
            ids = ids[self._register.flags[ids] & MEANINGFUL > 0]
            if len(self._telling) >= FILES:
                self._telling.clear()
            found = self._telling[lines] = ids, self._register.signature[ids]
        return found


class _Search:
    """Looks for the blocks of one commit in the tree as it is after it."""

    def __init__(self, copies: Copies, find: Find, ids: Numbers, signatures: Signatures, frequency: Bytes) -> None:
        self._copies, self._find = copies, find
        self._ids, self._signatures, self._frequency = ids, signatures, frequency  # of its meaningful new lines

    def blocks(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """The copied blocks between two of the lines, by their first and last line; they may overlap."""
        at = begin
        while at + BLOCK <= end:
            rarest = at + int(np.argmin(self._frequency[at : at + BLOCK]))
            length = self._alike(rarest, at, end)
            if length >= BLOCK:
                yield at, at + length - 1
                # What follows may come from another place, together with the last lines of this one.
                at += length - BLOCK + 1
            elif length == 0:
                at = rarest + 1  # it stands nowhere else, so no block has it
            else:
                at += 1

    def _alike(self, rarest: int, at: int, end: int) -> int:
        """How many lines from `at` on stand somewhere in the tree; less than BLOCK means none, 0 not even the rarest."""
        longest = 0
        for file in self._copies.files(self._signatures[rarest])[:FILES]:
            lines = self._find(file)
            if lines is None:
                continue
            ids, signatures = self._copies.telling(lines)
            # A block is no copy of itself, nor of lines that come behind it in the commit.
            for place in np.flatnonzero((signatures == self._signatures[rarest]) & (ids < self._ids[at])).tolist():
                longest = max(longest, 1)
                there = place - (rarest - at)
                if there < 0:
                    continue
                length = min(end - at, len(ids) - there)
                differs = (
                    self._signatures[at : at + BLOCK] != signatures[there : there + BLOCK] if length >= BLOCK else None
                )
                if differs is None or differs.any():
                    continue
                differs = self._signatures[at : at + length] != signatures[there : there + length]
                differs |= ids[there : there + length] >= self._ids[at]
                longest = max(longest, int(differs.argmax()) if differs.any() else length)
            if longest >= BLOCK:
                return longest
        return longest


def _in_order(signatures: Signatures, ids: Ids) -> tuple[Signatures, Ids]:
    order = np.argsort(signatures, kind="stable")
    return signatures[order], ids[order]


def _stretches(known: Bools, hunks: Numbers) -> list[tuple[int, int]]:
    """Where at least BLOCK known lines of one hunk follow each other."""
    edges = np.flatnonzero(np.diff(known) | (np.diff(hunks) != 0)) + 1
    return [
        (begin, end)
        for begin, end in pairwise([0, *edges.tolist(), len(known)])
        if end - begin >= BLOCK and known[begin]
    ]
