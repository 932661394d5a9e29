"""What one commit did to each of its lines: kept, moved, updated, replaced everywhere, copied; the rest is added or deleted.

Removed and added lines are numbered in patch order, each side from 0 on. The first operation that fits is a line's only one
(definitions, section 1). All of it is pure, and looks at a single line only where git's diff of whole lines left a question.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, chain, compress, count, pairwise
from operator import gt
from typing import NamedTuple

from ingest.git.moves import moves, side
from ingest.git.pairs import Gap, Pair, Run, Words, gaps, in_common, numbered, runs, same, similar, spread, words
from ingest.git.patches import Hunk

REPLACED = 3  # places where one string gave way to another
FORMATTED = 20  # changed lines below which a commit is an edit and not a formatter's work

_WHITE = b" \t\n\r\v\f"
_STYLE = _WHITE + b"'\"`,;()[]{}\\"  # what formatters set, drop or wrap in
_OPENING = frozenset(bytes([byte]) for byte in b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$")
_HEADING = 80  # bytes of it that git prints


class Operations(NamedTuple):
    """What became of the lines of one commit; the numbers are places among all its removed or all its added lines."""

    kept: list[Run]  # no-op: only white space around or in them changed
    moved: list[Run]
    updated: list[Pair]
    find_replaced: set[int]  # added lines, among the updated ones
    copied: set[int]  # added lines git shows as moved although all lines they could come from are taken
    copied_within: set[int]  # of the other added lines, those that came into several files or functions; or are updated
    removed_marks: bytearray  # 1 where git shows a move
    added_marks: bytearray
    is_format: bool  # a formatter's work: all hunks are kept


def operations(
    files: Sequence[Sequence[Hunk]], stripped: Sequence[bytes], meaningful: bytes, *, ignored: bool = False
) -> Operations:
    """The operations of one commit.

    `stripped` are all its added lines without white space around them, `meaningful` says which of them mean something.
    In an `ignored` commit (.git-blame-ignore-revs) every hunk keeps as many lines as it has on both sides.
    """
    hunks = list(chain.from_iterable(files))
    removed = list(chain.from_iterable([hunk.removed for hunk in hunks]))
    added = list(chain.from_iterable([hunk.added for hunk in hunks]))
    old_starts = list(accumulate([len(hunk.removed) for hunk in hunks], initial=0))
    new_starts = list(accumulate([len(hunk.added) for hunk in hunks], initial=0))
    is_format = len(removed) + len(added) >= FORMATTED and all(map(_is_restyled, hunks))

    kept, unsettled = _settled(hunks, old_starts, new_starts, is_format=is_format)
    taken_removed, taken_added = bytearray(len(removed)), bytearray(len(added))
    for old, new in kept:
        taken_removed[old] = taken_added[new] = 1
    shown = moves(side(removed, old_starts), side(added, new_starts), taken_removed, taken_added)
    if ignored:
        wholes = [
            (range(*old), range(*new)) for old, new in zip(pairwise(old_starts), pairwise(new_starts), strict=True)
        ]
        rest = [_untaken(whole, taken_removed, taken_added) for whole in wholes]
        filled = [pair for gap in rest for pair in _filled(gap, removed, added)]
        for _, new in filled:
            taken_added[new] = 1
        kept, unsettled = sorted(kept + filled), []
    copied = set(compress(count(), map(gt, shown.added, taken_added)))
    for new in copied:
        taken_added[new] = 1
    if shown.runs or copied:
        unsettled = [_untaken(gap, taken_removed, taken_added) for gap in unsettled]
    updated, replaced = _updated(unsettled, removed, added)
    for new in replaced:
        taken_added[new] = 1
    return Operations(
        kept=runs(kept),
        moved=shown.runs,
        updated=updated,
        find_replaced=replaced,
        copied=copied,
        copied_within=_copied_within(files, stripped, bytes(map(gt, meaningful, taken_added))),
        removed_marks=shown.removed,
        added_marks=shown.added,
        is_format=is_format,
    )


def _is_restyled(hunk: Hunk) -> bool:
    return b"".join(hunk.removed).translate(None, _STYLE) == b"".join(hunk.added).translate(None, _STYLE)


def _settled(
    hunks: Sequence[Hunk], old_starts: Sequence[int], new_starts: Sequence[int], *, is_format: bool
) -> tuple[list[Pair], list[Gap]]:
    """Lines in which white space changed, all lines of a hunk that says the same in other lines; and what is left open."""
    kept: list[Pair] = []
    unsettled: list[Gap] = []
    for hunk, old, new in zip(hunks, old_starts, new_starts, strict=False):
        removed, added = hunk.removed, hunk.added
        if not removed or not added:
            continue
        whole = range(old, old + len(removed)), range(new, new + len(added))
        if is_format or b"".join(removed).translate(None, _WHITE) == b"".join(added).translate(None, _WHITE):
            kept += numbered(spread(_bare(removed), _bare(added)), whole)
        elif len(removed) == len(added) == 1:
            unsettled.append(whole)
        else:
            pairs = numbered(same(_bare(removed), _bare(added)), whole)
            kept += pairs
            unsettled += gaps(pairs, whole)
    return kept, unsettled


def _bare(lines: Sequence[bytes]) -> list[bytes]:
    return [line.translate(None, _WHITE) for line in lines]


def _untaken(gap: Gap, taken_removed: bytearray, taken_added: bytearray) -> Gap:
    return [old for old in gap[0] if not taken_removed[old]], [new for new in gap[1] if not taken_added[new]]


def _filled(gap: Gap, removed: Sequence[bytes], added: Sequence[bytes]) -> list[Pair]:
    """As many pairs as there are lines on the smaller side: similar ones, then the others in order, wherever they stand."""
    before, after = [removed[old] for old in gap[0]], [added[new] for new in gap[1]]
    pairs = similar(words(before), words(after))
    old = sorted(set(range(len(before))).difference(place for place, _ in pairs))
    new = sorted(set(range(len(after))).difference(place for _, place in pairs))
    others = spread([before[place] for place in old], [after[place] for place in new])
    return numbered(pairs + numbered(others, (old, new)), gap)


def _updated(unsettled: Sequence[Gap], removed: Sequence[bytes], added: Sequence[bytes]) -> tuple[list[Pair], set[int]]:
    """Lines that changed by a few words, and which of the new ones are among many that changed alike."""
    lone = [(old[0], new[0]) for old, new in unsettled if len(old) == len(new) == 1]  # most by far
    before, after = words([removed[old] for old, _ in lone]), words([added[new] for _, new in lone])
    alike = list(map(in_common, before, after))
    updated = list(compress(lone, alike))
    spoken = list(compress(zip(before, after, strict=True), alike))
    for old, new in unsettled:
        if len(old) + len(new) > 2:
            before, after = words([removed[number] for number in old]), words([added[number] for number in new])
            for one, other in similar(before, after):
                updated.append((old[one], new[other]))
                spoken.append((before[one], after[other]))
    return updated, _replaced(updated, spoken)


def _replaced(updated: Sequence[Pair], spoken: Sequence[tuple[Words, Words]]) -> set[int]:
    """The new lines among updated ones in which the same words gave way to the same words as in others."""
    if len(updated) < REPLACED:
        return set()
    gone = [before - after for before, after in spoken]
    often = {change for change, times in Counter(gone).items() if change and times >= REPLACED}
    changes = {
        pair: (left, after - before)
        for pair, (before, after), left in zip(updated, spoken, gone, strict=True)
        if left in often
    }
    times = Counter(changes.values())
    return {new for (_, new), change in changes.items() if change[1] and times[change] >= REPLACED}


def _copied_within(files: Sequence[Sequence[Hunk]], stripped: Sequence[bytes], wanted: bytes) -> set[int]:
    """Added lines whose content came into two or more files or functions; only those `wanted` are compared."""
    repeated = {line for line, times in Counter(compress(stripped, wanted)).items() if times > 1}
    if not repeated:
        return set()
    places: dict[bytes, set[tuple[int, bytes]]] = {line: set() for line in repeated}
    found: list[int] = []
    number = 0
    for file, hunks in enumerate(files):
        for hunk in hunks:
            end = number + len(hunk.added)
            if not repeated.isdisjoint(stripped[number:end]):
                function = hunk.heading
                for line in hunk.added:
                    if line[:1] in _OPENING:
                        function = line[:_HEADING].rstrip()
                    if wanted[number] and stripped[number] in repeated:
                        places[stripped[number]].add((file, function))
                        found.append(number)
                    number += 1
            number = end
    return {number for number in found if len(places[stripped[number]]) > 1}
