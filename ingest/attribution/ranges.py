"""Ranges of lines as records write them, "3-9,12": counted from 1, both ends included."""

import heapq
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

LONGEST_FILE = 10_000_000  # lines; beyond that a number is no line's
_RANGE = re.compile(r"([0-9]{1,10})(?:-([0-9]{1,10}))?")
_PLAIN = re.compile(r"[0-9]{1,10}(?:-[0-9]{1,10})?(?:,[0-9]{1,10}(?:-[0-9]{1,10})?)*")
_PARTS = re.compile(r"([0-9]+)(?:-([0-9]+))?")


class Range(NamedTuple):
    """Lines that stand together."""

    first: int
    last: int


def read(text: str) -> tuple[list[Range], list[str]]:
    """The ranges in `text`, and those parts of it that are none: 0, the end before the beginning, no number."""
    if _PLAIN.fullmatch(text):  # nearly all are
        plain = [Range(int(first), int(last or first)) for first, last in _PARTS.findall(text)]
        if all(1 <= first <= last <= LONGEST_FILE for first, last in plain):
            return plain, []
    found, wrong = [], []
    for part in text.split(","):
        hit = _RANGE.fullmatch(part.strip())
        lines = Range(int(hit[1]), int(hit[2] or hit[1])) if hit else None
        if lines and is_sound(lines):
            found.append(lines)
        else:
            wrong.append(part)
    return found, wrong


def is_sound(lines: Range) -> bool:
    """Whether a file can have these lines."""
    return 1 <= lines.first <= lines.last <= LONGEST_FILE


def text(lines: Iterable[Range]) -> str:
    """Ranges as the warehouse keeps them."""
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in lines)


def settled(claims: Sequence[tuple[Range, int]]) -> Iterator[tuple[Range, int]]:
    """Who has which lines when of two that claim a line the higher number wins: ranges in order that share none.

    Takes time in proportion to n log n, whatever a stranger wrote.
    """
    ordered = sorted(claims)
    if all(one[0].last < other[0].first for one, other in pairwise(ordered)):
        yield from ordered
        return
    bounds = sorted({bound for (first, last), _ in ordered for bound in (first, last + 1)})
    place = 0
    open_claims: list[tuple[int, int]] = []  # the winner first: minus its number, and its last line
    for start, after in pairwise(bounds):
        while place < len(ordered) and ordered[place][0].first == start:
            heapq.heappush(open_claims, (-ordered[place][1], ordered[place][0].last))
            place += 1
        while open_claims and open_claims[0][1] < start:
            heapq.heappop(open_claims)
        if open_claims:
            yield Range(start, after - 1), -open_claims[0][0]


def append(lines: list[Range], more: Range) -> None:
    """Put `more`, which lies behind them all, at the end of `lines`; what touches becomes one."""
    if lines and lines[-1].last + 1 == more.first:
        lines[-1] = Range(lines[-1].first, more.last)
    else:
        lines.append(more)


def count(lines: Iterable[Range]) -> int:
    """How many lines there are in ranges that share none."""
    return sum(last - first + 1 for first, last in lines)
