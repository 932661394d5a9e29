"""Copied from the tree: blocks of added lines that stand elsewhere in the tree already.

The lines of a pasted block have all been seen before, which a table of what was ever written tells at once and which few
commits come through. For these, the rarest line of the block names the places it may have come from; whether the block
stands there is then read off the tree itself. So the index holds lines and not blocks, and nothing in it goes stale.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ingest.git.edits import MEANINGFUL
from ingest.git.register import ID, UNUSED, Ids, Register

BLOCK = 5  # consecutive meaningful lines
AROUND = 8  # lines next to a hunk, one of which is taken to be meaningful
PLACES = 64  # of one line in one file
FEW = 4  # files that are looked at without asking whether they have another line of the block too
FILES = 512  # that are looked at for a line which is in more
_SEEN = 1 << 24
_WAITING = 500  # commits
_LEVEL = 1 << 14  # lines that are searched without an order

Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Signatures = npt.NDArray[np.uint32]
Numbers = npt.NDArray[Any]
Find = Callable[[int], bytes | None]


class _Waiting(NamedTuple):
    """A commit whose lines have not been taken note of."""

    standing: Numbers  # its meaningful lines, moved ones among them
    since: int
    lines: int
    hunks: Numbers  # their lengths
    before: bytes  # what stands before each hunk
    behind: bytes


class Copies:
    """The index of every meaningful line ever written, by its text."""

    def __init__(self, register: Register) -> None:
        self._register = register
        # How often a text was written, and whether two texts ever followed each other, by the last bits of a hash: few
        # share them, and a block has five lines. What passes is looked for in the tree.
        self._seen = np.zeros(_SEEN, np.uint8)
        self._followed = np.zeros(_SEEN, np.bool_)
        self._levels: list[tuple[Signatures, Ids]] = []  # signatures in order, with their ids
        self._waiting: list[_Waiting] = []
        self._telling: dict[bytes, tuple[Ids, Signatures]] = {}
        self._indexed = register.end  # lines from here on are in no level yet

    def copied(self, since: int, hunks: Numbers, around: tuple[bytes, bytes], find: Find) -> Bools:
        """Which of the lines that a commit wrote, those with ids from `since` on, it copied.

        `hunks` is the length of each hunk, and `around` holds what stands before and behind each now, AROUND lines of it.
        `find` gives the lines of a file as it is now, after the commit, so that a source which it removed is none.
        """
        register = self._register
        flags = register.flags[since : register.end]
        standing = (flags & MEANINGFUL).nonzero()[0]
        signatures = register.signature[since : register.end][standing]
        keys = signatures & np.uint32(_SEEN - 1)
        seen = self._seen[keys]
        self._seen[keys] = seen + (seen < 255)
        if register.end - self._indexed >= _LEVEL:
            self._index(self._indexed, register.end)
        found = np.zeros(len(flags), bool)
        is_candidate = np.count_nonzero(seen) >= BLOCK or (
            len(keys) >= 2 * BLOCK and len(set(keys.tolist())) <= len(keys) - BLOCK
        )
        if is_candidate:
            self._note_waiting()
            at = np.repeat(np.arange(len(hunks)), hunks)[standing]
            is_new = flags[standing] & UNUSED == 0
            known = self._known(_pairs(signatures[:-1], signatures[1:]))
            known &= (at[1:] == at[:-1]) & is_new[1:] & is_new[:-1]
            search = _Search(self, find, standing + since, signatures, self._seen[keys])
            for begin, end in _stretches(known):
                for first, last in search.blocks(begin, end):
                    found[standing[first] : standing[last] + 1] = True
            found &= flags & UNUSED == 0
        self._waiting.append(_Waiting(standing, since, len(flags), hunks, *around))
        if len(self._waiting) >= _WAITING:
            self._note_waiting()
        return found

    def merged(self, lines: Ids) -> None:
        """Take note of what follows what in a file that a merge put together."""
        signatures = self._register.signature[lines[self._register.flags[lines] & MEANINGFUL > 0]]
        self._followed[_pairs(signatures[:-1], signatures[1:])] = True

    def _known(self, pairs: Signatures) -> Bools:
        """Whether two lines that follow each other did so before, anywhere or earlier in the commit."""
        known = self._followed[pairs]
        if not known.all():
            is_repeated = np.ones(len(pairs), bool)
            is_repeated[np.unique(pairs, return_index=True)[1]] = False
            known |= is_repeated
        return known

    def _note_waiting(self) -> None:
        """Take note of what follows what since the commits that wait, in their hunks and where these begin and end."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        lengths = np.concatenate([each.hunks for each in waiting])
        begins = np.cumsum([0, *(each.lines for each in waiting)])[:-1]
        lines = np.concatenate([each.standing + begin for each, begin in zip(waiting, begins, strict=True)])
        ids = np.concatenate([each.standing + each.since for each in waiting])
        signatures = self._register.signature[ids]
        at = np.repeat(np.arange(len(lengths)), lengths)[lines]
        pairs = _pairs(signatures[:-1], signatures[1:])
        self._followed[pairs[at[1:] == at[:-1]]] = True
        before = self._nearest(b"".join(each.before for each in waiting), reverse=True)
        behind = self._nearest(b"".join(each.behind for each in waiting), reverse=False)
        # The first and the last line of each hunk, or where it has none, what stands on its other side.
        first, last = behind.copy(), before.copy()
        first[at[::-1]], last[at] = signatures[::-1], signatures
        self._followed[_pairs(before, first)] = True
        self._followed[_pairs(last, behind)] = True

    def _nearest(self, lines: bytes, *, reverse: bool) -> Signatures:
        """The signature of the meaningful line nearest to each hunk."""
        ids = np.frombuffer(lines, ID).reshape(-1, AROUND)
        if reverse:
            ids = ids[:, ::-1]
        place = np.argmax(self._register.flags[ids] & MEANINGFUL > 0, axis=1)
        signatures: Signatures = self._register.signature[ids[np.arange(len(ids)), place]]
        return signatures

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything, to be kept."""
        self._note_waiting()
        seen = np.flatnonzero(self._seen).astype(np.uint32)
        levels = {
            f"level_{number}_{name}": array
            for number, level in enumerate(self._levels)
            for name, array in zip(("signatures", "ids"), level, strict=True)
        }
        return levels | {
            "followed": np.packbits(self._followed),
            "seen": seen,
            "times_seen": self._seen[seen],
            "levels": np.array(len(self._levels)),
            "indexed": np.array(self._indexed),
        }

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take up what was kept."""
        self._followed = np.unpackbits(arrays["followed"]).astype(bool)
        self._seen[arrays["seen"]] = arrays["times_seen"]
        self._levels = [
            (arrays[f"level_{number}_signatures"], arrays[f"level_{number}_ids"])
            for number in range(int(arrays["levels"]))
        ]
        self._indexed = int(arrays["indexed"])

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
        for file in self._files(rarest, at):
            lines = self._find(file)
            if lines is None:
                continue
            ids, texts = self._copies.telling(lines)
            # A block is no copy of itself, nor of lines that come behind it in the commit.
            places = ((texts == self._signatures[rarest]) & (ids < self._ids[at])).nonzero()[0]
            longest = max(longest, min(len(places), 1))
            for place in places[-PLACES:].tolist():
                there = place - (rarest - at)
                if there >= 0:
                    longest = max(longest, self._agreeing(at, end, ids[there:], texts[there:]))
            if longest >= BLOCK:
                break
        return longest

    def _agreeing(self, at: int, end: int, ids: Ids, texts: Signatures) -> int:
        """How many lines from `at` on are the same as these: looked at in pieces, for most differ at once."""
        done, piece = 0, BLOCK
        while True:
            length = min(piece, end - at - done, len(texts) - done)
            inside = slice(done, done + length)
            differs = self._signatures[at + done : at + done + length] != texts[inside]
            differs |= ids[inside] >= self._ids[at]
            if differs.any():
                return done + int(differs.argmax())
            done += length
            if length < piece:
                return done
            piece *= 4

    def _files(self, rarest: int, at: int) -> list[int]:
        """The files in which both the rarest line of a block and the next rarest were written, or moved to."""
        files = self._copies.files(self._signatures[rarest])
        if len(files) > FEW:
            others = [line for line in range(at, at + BLOCK) if line != rarest]
            other = min(others, key=self._frequency.__getitem__)
            both = set(self._copies.files(self._signatures[other]))
            files = [file for file in files if file in both]
        return files[:FILES]


def _in_order(signatures: Signatures, ids: Ids) -> tuple[Signatures, Ids]:
    order = np.argsort(signatures, kind="stable")
    return signatures[order], ids[order]


def _pairs(first: Signatures, second: Signatures) -> Signatures:
    """A hash of two lines that follow each other, of as many bits as the table has."""
    return ((first * np.uint32(0x9E3779B1) ^ second) * np.uint32(0x85EBCA6B)) >> np.uint32(8)


def _stretches(known: Bools) -> list[tuple[int, int]]:
    """Where lines follow each other as they did before, enough of them for a block; from the first to behind the last."""
    edges = np.flatnonzero(np.diff(known)) + 1
    return [
        (begin, end + 1)
        for begin, end in pairwise([0, *edges.tolist(), len(known)])
        if end - begin >= BLOCK - 1 and known[begin]
    ]
