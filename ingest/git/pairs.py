"""Which removed line of a hunk an added one continues. The pairs of a hunk are in order: no two of them cross."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

Pair = tuple[int, int]  # the places of a removed and an added line
Gap = tuple[Sequence[int], Sequence[int]]  # the places of removed and added lines that stand across from each other
Words = frozenset[bytes]  # the different words of a line

WORDS = 3  # gone, and as many new: what differs by more is another line
# Similar lines are looked for in pieces of a hunk of which one side is no longer than this, so that a line costs the same in any
# hunk. Not both sides: a line that was changed may stand at either end of a long block that is new.
_PIECE = 24
_SEPARATORS = bytes(byte if byte > 127 or chr(byte).isalnum() or byte in b"_\n" else ord(" ") for byte in range(256))


class Run(NamedTuple):
    """Consecutive added lines that go on as consecutive removed ones."""

    removed: int
    added: int
    length: int


def runs(pairs: Iterable[Pair]) -> list[Run]:
    """Pairs, in the order in which they come, with neighbours together."""
    found: list[Run] = []
    begin = end = (-1, -1)
    for pair in pairs:
        if pair != end:
            if end > begin:
                found.append(Run(*begin, end[0] - begin[0]))
            begin = pair
        end = pair[0] + 1, pair[1] + 1
    if end > begin:
        found.append(Run(*begin, end[0] - begin[0]))
    return found


def numbered(pairs: Iterable[Pair], gap: Gap) -> list[Pair]:
    """Pairs of places in a gap as pairs of the numbers that stand there."""
    return [(gap[0][old], gap[1][new]) for old, new in pairs]


def words(lines: Sequence[bytes]) -> list[Words]:
    """The different words of each line. What is not ASCII belongs to a word, in whatever encoding."""
    spaced = b"\n".join(lines).translate(_SEPARATORS).split(b"\n") if lines else []
    return [frozenset(line.split()) for line in spaced]


def gaps(pairs: Sequence[Pair], whole: tuple[range, range]) -> Iterator[Gap]:
    """What lies before, between and behind pairs, where it has lines on both sides."""
    removed, added = whole
    ends = [(removed.start - 1, added.start - 1), *pairs, (removed.stop, added.stop)]
    for (old, new), (next_old, next_new) in pairwise(ends):
        if next_old - old > 1 and next_new - new > 1:
            yield range(old + 1, next_old), range(new + 1, next_new)


def same(removed: Sequence[bytes], added: Sequence[bytes]) -> list[Pair]:
    """Equal lines. First those that say something, then brackets and blanks in the gaps between them."""
    common = set(removed).intersection(added)
    if not common:
        return []
    whole = range(len(removed)), range(len(added))
    telling = _in_step(removed, added, whole, {line for line in common if len(line) > 2})
    between = [pair for gap in gaps(telling, whole) for pair in _in_step(removed, added, gap, common)]
    return sorted(telling + between)


def in_common(removed: Words, added: Words) -> int:
    """How many words stay, if no more than a few differ."""
    stay = len(removed & added)
    return stay if len(removed) <= stay + WORDS and len(added) <= stay + WORDS else 0


def similar(removed: Sequence[Words], added: Sequence[Words]) -> list[Pair]:
    """Lines, given as their words, of which few words differ and at least one stays."""
    if len(removed) == len(added) and all(map(in_common, removed, added)):  # most often by far
        return list(enumerate(range(len(removed))))
    pieces = -(-min(len(removed), len(added)) // _PIECE)
    pairs = []
    for piece in range(pieces):
        old = range(piece * len(removed) // pieces, (piece + 1) * len(removed) // pieces)
        new = range(piece * len(added) // pieces, (piece + 1) * len(added) // pieces)
        pairs += _closest(removed, added, (old, new))
    return pairs


def spread(removed: Sequence[bytes], added: Sequence[bytes]) -> list[Pair]:
    """As many pairs as there are lines on the smaller side, each beside the line in which its middle character stands."""
    if len(removed) > len(added):
        return [(old, new) for new, old in spread(added, removed)]
    few = list(accumulate(map(len, removed), initial=0))
    many = list(accumulate(map(len, added), initial=0))
    scale = many[-1] / (2 * few[-1] or 1)
    pairs, place = [], -1
    for line, (begin, end) in enumerate(pairwise(few)):
        middle = (begin + end) * scale
        beside = bisect_right(many, middle) - 1 if begin < end else bisect_left(many, middle)
        place = max(place + 1, min(beside, len(added) - len(removed) + line))
        pairs.append((line, place))
    return pairs


def _in_step(removed: Sequence[bytes], added: Sequence[bytes], gap: Gap, lines: Collection[bytes]) -> list[Pair]:
    """The n-th of these lines here with the n-th there, as many as there are in order."""
    places: dict[bytes, list[int]] = {}
    for new in reversed(gap[1]):
        if added[new] in lines:
            places.setdefault(added[new], []).append(new)
    return _rising([(old, places[removed[old]].pop()) for old in gap[0] if places.get(removed[old])])


def _rising(pairs: Sequence[Pair]) -> list[Pair]:
    """The longest selection of pairs, sorted by their first places, whose second places rise too."""
    lowest: list[int] = []  # the lowest place at which a selection of each length can end
    ends: list[int] = []  # and the pair it ends with
    before: list[int] = []  # for each pair, the one before it in its selection
    for number, (_, new) in enumerate(pairs):
        length = bisect_left(lowest, new)
        before.append(ends[length - 1] if length else -1)
        lowest[length : length + 1] = [new]
        ends[length : length + 1] = [number]
    chosen = []
    number = ends[-1] if ends else -1
    while number >= 0:
        chosen.append(pairs[number])
        number = before[number]
    return chosen[::-1]


def _closest(removed: Sequence[Words], added: Sequence[Words], piece: Gap) -> list[Pair]:
    """The selection of similar pairs in order that has most words in common."""
    best = [0] * len(piece[1])  # most words in common of any selection that ends with this added line
    last: list[Pair | None] = [None] * len(piece[1])
    before: dict[Pair, Pair | None] = {}
    backwards = list(enumerate(piece[1]))[::-1]
    for old in piece[0]:
        size = len(removed[old])
        for place, new in backwards:
            if -WORDS <= size - len(added[new]) <= WORDS and (shared := in_common(removed[old], added[new])):
                so_far = max(best[:place], default=0)
                if shared + so_far > best[place]:
                    before[old, new] = last[best.index(so_far)] if so_far else None
                    best[place], last[place] = shared + so_far, (old, new)
    pair = last[best.index(max(best))] if best else None
    chosen = []
    while pair:
        chosen.append(pair)
        pair = before[pair]
    return chosen[::-1]
