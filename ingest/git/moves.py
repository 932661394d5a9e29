"""Which lines of a commit stand elsewhere after it: git's `--color-moved=blocks`, ported.

What `git diff --color-moved=blocks --color-moved-ws=allow-indentation-change` colours, found for each side on its own as
git does (`diff.c`, `mark_color_as_moved`): a line that the other side has too begins a block; the block grows as long as some
place of the other side goes on alike, indented by the same difference; it counts when it holds twenty letters and digits, and
is else tried again from its second line. A block lies within one side of one hunk, because any other line of a patch ends it.
"""

import re
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import accumulate, compress, count, islice
from operator import gt, itemgetter
from typing import NamedTuple

from ingest.git.pairs import Run, runs

LETTERS = 20  # and digits, in a block that is worth the name: COLOR_MOVED_MIN_ALNUM_COUNT
# Bounds for what nobody reads: of a line that is everywhere only so many places are looked at, of equal places fewer, and a
# block that takes more lines than this to come to twenty letters is brackets.
_PLACES = 128
_EQUALS = 16
_WINDOW = 256

_INDENTATION = b" \t\r\f\v"  # where git wants a form feed to come first
_NOT_ALNUM = bytes(byte for byte in range(256) if not (byte < 128 and chr(byte).isalnum()))
_RUN = re.compile(b"\x01+")


class Side(NamedTuple):
    """The removed or the added lines of a commit in patch order."""

    lines: list[bytes]
    starts: Sequence[int]  # where each hunk's lines begin, and last where all end
    keys: list[bytes]  # the lines without indentation; of a blank line nothing stays


class Block(NamedTuple):
    """Consecutive lines of one side that the other side has too, at every one of `places`."""

    start: int
    length: int
    places: list[int]


class Moves(NamedTuple):
    """What git shows as moved on each side, one byte a line, and which removed lines the added ones continue."""

    removed: bytearray
    added: bytearray
    runs: list[Run]


def side(lines: list[bytes], starts: Sequence[int]) -> Side:
    """The lines of one side of a commit, ready to be compared."""
    return Side(lines, starts, [line.lstrip(_INDENTATION) for line in lines])


def moves(removed: Side, added: Side, taken_removed: bytearray, taken_added: bytearray) -> Moves:
    """The moves of a commit. No removed line goes to two places: the first that git shows has it.

    Lines that are `taken` are left where they are; those that move are taken then. A run lies in one hunk on both sides.
    """
    common = set(added.keys).intersection(removed.keys)
    marked_removed, marked_added = bytearray(len(removed.lines)), bytearray(len(added.lines))
    followed: list[Run] = []
    for block in blocks(added, removed, common, taken_removed):
        marked_added[block.start : block.start + block.length] = b"\x01" * block.length
        followed += _follow(block, taken_removed, taken_added)
    if 1 in marked_added:  # or git shows no removed line as moved either
        for start, length, _ in blocks(removed, added, common, bytearray(len(added.lines))):
            marked_removed[start : start + length] = b"\x01" * length
        followed += _left(removed, added, (marked_removed, marked_added), (taken_removed, taken_added))
    return Moves(marked_removed, marked_added, followed)


def blocks(here: Side, there: Side, common: set[bytes], taken: bytearray) -> Iterator[Block]:
    """The blocks of lines that git marks as moved on one side, in order.

    `taken` are the lines over there that are spoken for. Of a line that is everywhere, free places are looked at first.
    """
    found = None
    for first, last in _runs(here, common):
        letters = list(accumulate(map(_letters, here.lines[first:last]), initial=0))
        start = first
        while letters[start - first] + LETTERS <= letters[-1]:
            found = found or _places(there, common)
            enough = first + bisect_left(letters, letters[start - first] + LETTERS)
            block = _longest(here, there, found, taken, (start, enough, last)) if enough - start <= _WINDOW else None
            if block:
                yield block
            start += block.length if block else 1


def _follow(block: Block, taken_removed: bytearray, taken_added: bytearray) -> list[Run]:
    """The lines of an added block with the removed lines that are left for them."""
    pairs = []
    # A place that is free as a whole comes before pieces of several.
    free = [place for place in block.places if not any(taken_removed[place : place + block.length])]
    for place in free[:1] or block.places:
        for old, new in zip(
            range(place, place + block.length), range(block.start, block.start + block.length), strict=True
        ):
            if not taken_removed[old] and not taken_added[new]:
                taken_removed[old] = taken_added[new] = 1
                pairs.append((old, new))
    return runs(sorted(pairs, key=itemgetter(1)))


def _left(
    removed: Side, added: Side, marked: tuple[bytearray, bytearray], taken: tuple[bytearray, bytearray]
) -> list[Run]:
    """Lines that git shows as moved on both sides, whose blocks overlap so that none is left for them: one by one."""
    places: dict[bytes, deque[int]] = {}
    for old in compress(count(), map(gt, marked[0], taken[0])):
        places.setdefault(removed.keys[old], deque()).append(old)
    followed = []
    for new in compress(count(), map(gt, marked[1], taken[1])):
        if olds := places.get(added.keys[new]):
            old = olds.popleft()
            taken[0][old] = taken[1][new] = 1
            followed.append(Run(old, new, 1))
    return followed


def _runs(here: Side, common: set[bytes]) -> Iterator[tuple[int, int]]:
    """Where consecutive lines of one hunk, twenty letters or more, are all among the common ones."""
    if common <= {b""}:
        return
    for run in _RUN.finditer(bytes(map(common.__contains__, here.keys))):
        first, end = run.span()
        while first < end:
            last = min(end, here.starts[bisect_right(here.starts, first)])
            text = b"".join(here.lines[first:last])
            if len(text) >= LETTERS and len(text.translate(None, _NOT_ALNUM)) >= LETTERS:
                yield first, last
            first = last


def _letters(line: bytes) -> int:
    return len(line.partition(b"\0")[0].translate(None, _NOT_ALNUM))  # git counts as far as C sees a string


def _places(there: Side, common: set[bytes]) -> dict[bytes, deque[int]]:
    places: dict[bytes, deque[int]] = {key: deque() for key in common}
    for place in compress(count(), map(common.__contains__, there.keys)):
        places[there.keys[place]].append(place)
    return places


def _longest(
    here: Side, there: Side, places: dict[bytes, deque[int]], taken: bytearray, span: tuple[int, int, int]
) -> Block | None:
    """The block that begins at `start`, if any place goes on alike up to `enough`; it ends before `last`."""
    start, enough, last = span
    keys = here.keys[start:enough]
    # Whatever goes on alike has the rarest of these lines too.
    rarest = min(range(len(keys)), key=[len(places[key]) for key in keys].__getitem__)
    candidates = places[keys[rarest]]
    for _ in range(_EQUALS):
        if taken[candidates[0]]:
            candidates.rotate(-1)  # what is spoken for is looked at last
    longest = len(keys)
    best: list[int] = []
    for place in islice(candidates, _PLACES):
        begin = place - rarest
        hunk = bisect_right(there.starts, place)
        room = there.starts[hunk] - begin
        if room < longest or begin < there.starts[hunk - 1] or there.keys[begin : begin + len(keys)] != keys:
            continue
        length = _alike(here, there, start, begin, min(room, last - start))
        if length > longest or (length == longest and not best):
            longest, best = length, [begin]
        elif length == longest:
            best.append(begin)
        if best and longest == last - start and (len(best) == _EQUALS or not any(taken[best[-1] : best[-1] + longest])):
            break  # none is longer
    return Block(start, longest, best) if best else None


def _alike(here: Side, there: Side, start: int, begin: int, room: int) -> int:
    """How many lines from here and from there on are the same, but for indentation that differs by the same width."""
    ours, theirs = range(start, start + room), range(begin, begin + room)
    delta = None
    for length, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        key = here.keys[mine]
        if key != there.keys[other]:
            return length
        if key:  # a blank line fits any indentation
            line, twin = here.lines[mine], there.lines[other]
            shift = 0 if line == twin else _width(line, key) - _width(twin, key)
            if shift != delta is not None:
                return length
            delta = shift
    return room


def _width(line: bytes, key: bytes) -> int:
    return len(line[: len(line) - len(key)].lstrip(b"\r\f\v").expandtabs(8))
