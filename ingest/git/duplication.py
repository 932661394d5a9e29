"""Duplication: the code of a tree that stands in it more than once. The state, whoever copied it and when.

A block is a stretch of code lines, equal but for the white space around them, that is long enough to tell (LINES and
TOKENS) and stands in two places or more, two of which do not overlap. Blank lines and comments neither make a block nor
break one: what is counted is code. Every place counts, the first one too: nobody knows which is the original.

Blocks are found by their windows: the shortest stretches that are long enough, forwards from a line or backwards from
one. Every line of a block lies in a window that the block's other places have too, so it is enough to compare hashes.
"""

from collections.abc import Hashable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from ingest.git.lines import CODE

LINES = 6
TOKENS = 50

# Bits of a hash are its slot: enough that few share one by chance, few enough for the slots to stay near the processor.
_SLOTS = np.uint64((1 << 20) - 1)
_SLICES = (np.uint64(44), np.uint64(24), np.uint64(4))
_HALF = np.uint64(32)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_BASE = 0x9E3779B97F4A7C15

Key = TypeVar("Key", bound=Hashable)
_Kind = TypeVar("_Kind", bound=np.generic)
_Places = NDArray[np.int64]  # in the code lines of all files
_Hashes = NDArray[np.uint64]


class File(NamedTuple):
    """The lines of a file: the CRC of each without the white space around it, its tokens, its kind.

    Lines with the same signature must have the same number of tokens.
    """

    signatures: NDArray[np.uint32]
    tokens: NDArray[np.uint8]
    kinds: NDArray[np.uint8]


class Copy(NamedTuple, Generic[Key]):
    """A place of a block, lines counted from 1. A block with one place only repeats itself inside it."""

    block: int
    file: Key
    start_line: int
    end_line: int


class Census(Generic[Key]):
    """The files of a tree, by whatever keys the caller knows them, and what of them is duplicated."""

    def __init__(self) -> None:
        self._files: dict[Key, _Code] = {}

    def update(self, key: Key, file: File | None) -> None:
        """Takes a file that is new or has changed, or forgets one that is gone (None)."""
        if file is None:
            self._files.pop(key, None)
        else:
            self._files[key] = _code(file)

    def count(self) -> dict[Key, int]:
        """How many code lines of each file lie inside a block; files that have none are left out."""
        tree = _Tree([*self._files.values()])
        return {key: count for key, count in zip(self._files, tree.counts(), strict=True) if count}

    def copies(self) -> Iterator[Copy[Key]]:
        """Every place of every block. A block is as long as all its places agree."""
        keys, files = [*self._files], [*self._files.values()]
        # Stretches that repeat themselves can differ and yet take the same places.
        for block, places in enumerate(dict.fromkeys(_Tree(files).blocks())):
            for number, begin, end in places:
                lines = files[number].lines
                yield Copy(block, keys[number], int(lines[begin]) + 1, int(lines[end - 1]) + 1)


class _Code(NamedTuple):
    """The code lines of a file; in `signatures` and `tokens` there is room behind them for one more."""

    lines: _Places
    signatures: NDArray[np.uint32]
    tokens: NDArray[np.uint8]


def _code(file: File) -> _Code:
    lines = np.flatnonzero(file.kinds == CODE)
    return _Code(lines, np.append(file.signatures[lines], np.uint32(0)), np.append(file.tokens[lines], np.uint8(0)))


class _Stretches(NamedTuple):
    """Stretches of lines, sorted by group: those of one group are equal. `heads` is where each group begins."""

    begin: _Places
    end: _Places
    heads: _Places

    def spread(self, of_group: NDArray[_Kind]) -> NDArray[_Kind]:
        """A value of each group, given to each of its stretches."""
        return np.repeat(of_group, np.diff(self.heads, append=len(self.begin)))


class _Tree:
    """The code lines of all files, one after the other, each file closed by a line that stands nowhere else.

    So no stretch that reaches from one file into the next equals another.
    """

    def __init__(self, files: Sequence[_Code]) -> None:
        self._closing = np.cumsum([len(file.signatures) for file in files], dtype=np.int64) - 1
        lines = np.concatenate([np.empty(0, np.uint32), *(file.signatures for file in files)]).astype(np.uint64)
        lines[self._closing] = np.arange(1 << 32, (1 << 32) + len(files), dtype=np.uint64)
        self._size = len(lines)
        self._tokens = _sums(np.concatenate([np.empty(0, np.uint8), *(file.tokens for file in files)]), np.int64)
        # The hash of a stretch is a polynomial modulo 2^64, so that it is the difference of two sums. CRCs are too much
        # alike for that: mixed first, equal hashes of what differs are left to chance, and that is one in 2^64.
        powers, self._inverse = _powers(1 << self._size.bit_length())
        lines *= _MIX
        lines ^= lines >> _HALF
        lines *= _MIX
        self._sums = _sums(lines * powers[: self._size], np.uint64)

    def counts(self) -> list[int]:
        """How many lines of each file lie in a block."""
        windows = self._windows()
        change = np.bincount(windows.begin, minlength=self._size + 1)
        change -= np.bincount(windows.end, minlength=self._size + 1)
        before = _sums(np.cumsum(change) > 0, np.int64)
        counts: list[int] = np.diff(before[self._closing], prepend=0).tolist()
        return counts

    def blocks(self) -> Iterator[tuple[tuple[int, int, int], ...]]:
        """The places of each block: number of the file, begin and end in its code lines."""
        blocks = self._grown(self._windows())
        number = np.searchsorted(self._closing, blocks.begin)
        start = np.concatenate(([0], self._closing + 1))[number]
        columns = (number, blocks.begin - start, blocks.end - start)
        places = zip(*(column.tolist() for column in columns), strict=True)
        for count in np.diff(blocks.heads, append=len(blocks.begin)).tolist():
            yield tuple(islice(places, count))

    def _hashes(self, begin: _Places, end: _Places) -> _Hashes:
        hashes: _Hashes = (self._sums[end] - self._sums[begin]) * self._inverse[begin]
        return hashes

    def _windows(self) -> _Stretches:
        """All windows that have copies."""
        first = self._worth_a_look()
        last = first + LINES
        end = np.maximum(last, np.searchsorted(self._tokens, self._tokens[first] + TOKENS))
        begin = np.searchsorted(self._tokens, self._tokens[last] - TOKENS, side="right") - 1
        # Where the fewest lines are long enough already, the window backwards is the one forwards.
        forwards, backwards = end <= self._size, (begin >= 0) & (begin < first)
        return self._copied(
            np.concatenate((first[forwards], begin[backwards])), np.concatenate((end[forwards], last[backwards]))
        )

    def _worth_a_look(self) -> _Places:
        """Where the fewest lines of a window begin that may stand elsewhere: most lines go no further."""
        ends = self._sums[LINES:]
        return _recurring((ends - self._sums[: len(ends)]) * self._inverse[: len(ends)])

    def _copied(self, begin: _Places, end: _Places) -> _Stretches:
        """Those of the stretches that stand in two places that do not overlap, grouped."""
        hashes = self._hashes(begin, end)
        places = _recurring(hashes)
        order = places[np.argsort(hashes[places])]
        groups = _Stretches(begin[order], end[order], _heads(hashes[order]))
        first, last = np.minimum.reduceat(groups.begin, groups.heads), np.maximum.reduceat(groups.begin, groups.heads)
        kept = groups.spread(last - first >= (groups.end - groups.begin)[groups.heads])
        return _Stretches(groups.begin[kept], groups.end[kept], _heads(hashes[order][kept]))

    def _grown(self, windows: _Stretches) -> _Stretches:
        """Windows, grown as far as all their copies agree."""
        begin, end = windows.begin.copy(), windows.end.copy()
        # In halves: what agrees over many lines agrees over fewer, and over a file's last line nothing does.
        for step in (1 << bit for bit in reversed(range(self._size.bit_length()))):
            end += step * self._agree(windows, end, np.minimum(end + step, self._size))
            begin -= step * self._agree(windows, np.maximum(begin - step, 0), begin)
        return _merged(_Stretches(begin, end, windows.heads))

    def _agree(self, groups: _Stretches, begin: _Places, end: _Places) -> NDArray[np.bool_]:
        hashes = self._hashes(begin, end)
        return groups.spread(np.minimum.reduceat(hashes, groups.heads) == np.maximum.reduceat(hashes, groups.heads))


def _merged(groups: _Stretches) -> _Stretches:
    """Each block once, in the order of the tree; places of it that overlap are one."""
    first = groups.spread(np.minimum.reduceat(groups.begin, groups.heads))
    lines = groups.end - groups.begin
    order = np.lexsort((groups.begin, lines, first))
    first, lines, begin, end = (column[order] for column in (first, lines, groups.begin, groups.end))
    is_block, is_place, is_last = np.ones((3, len(order)), bool)
    # Groups that have grown into the same block share its first place and its length.
    is_block[1:] = (first[1:] != first[:-1]) | (lines[1:] != lines[:-1])
    is_place[1:] = is_block[1:] | (begin[1:] >= end[:-1])
    is_last[:-1] = is_place[1:]
    return _Stretches(begin[is_place], end[is_last], np.flatnonzero(is_block[is_place]))


def _recurring(hashes: _Hashes) -> _Places:
    """Where hashes stand that occur more than once, and a few others: much cheaper than sorting."""
    places = np.arange(len(hashes))
    for shift in _SLICES:
        slots = ((hashes[places] >> shift) & _SLOTS).astype(np.intp)
        places = places[np.bincount(slots)[slots] > 1]
    return places


def _heads(values: NDArray[Any]) -> _Places:
    """Where runs of equal values begin."""
    return np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1]))[: len(values)])


def _sums(values: NDArray[Any], kind: type[_Kind]) -> NDArray[_Kind]:
    """The sum of all values before each one, and of all."""
    sums = np.zeros(len(values) + 1, kind)
    np.cumsum(values, out=sums[1:])
    return sums


@lru_cache(maxsize=1)
def _powers(count: int) -> tuple[_Hashes, _Hashes]:
    """Powers of the base of hashes, and of its inverse modulo 2^64."""
    bases = np.array([[_BASE], [pow(_BASE, -1, 1 << 64)]], np.uint64)
    factors = np.repeat(bases, count, axis=1)
    factors[:, 0] = 1
    powers, inverse = np.multiply.accumulate(factors, axis=1)
    return powers, inverse
