"""Copied from the tree: blocks of added lines that stand elsewhere in the tree already.

The lines of a pasted block have all been seen before, which a table of what was ever written tells at once and which few
commits come through. For these, the rarest line of the block names the places it may have come from; whether the block
stands there is then read off the tree itself. So the index holds lines and not blocks, and nothing in it goes stale.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice, pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ingest.git.edits import MEANINGFUL
from ingest.git.register import ID, UNUSED, Ids, Register

BLOCK = 5  # consecutive meaningful lines
AROUND = 8  # lines next to a hunk, one of which is taken to be meaningful
PLACES = 64  # of one block in one file
LOOKS = 1_024  # at places of a block in one file
PIECE = 1 << 12  # lines of a commit that are looked up together
FEW = 4  # files that are looked at without asking whether they have another line of the block too
FILES = 512  # that are looked at for a line which is in more
_SEEN = 1 << 24
_WAITING = 500  # commits
_LEVEL = 1 << 14  # lines that are searched without an order

Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Signatures = npt.NDArray[np.uint32]
Numbers = npt.NDArray[Any]


class Files(NamedTuple):
    """The files of the tree by their number, as a commit found them and as it left them."""

    removed: Ids  # the lines that it took out
    before: Mapping[int, bytes]  # the lines of those that it changed, before it
    now: Callable[[int], bytes | None]  # the lines of any after it


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
        self._telling: dict[bytes, tuple[Ids, bytes]] = {}
        self._indexed = register.end  # lines from here on are in no level yet

    def copied(self, since: int, hunks: Numbers, around: tuple[bytes, bytes], files: Files) -> Bools:
        """Which of the lines that a commit wrote, those with ids from `since` on, it copied.

        `hunks` is the length of each hunk, and `around` holds what stands before and behind each now, AROUND lines of it.
        A source may stand before the commit or after it, for that may put a line into it; one that it removes is none.
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
            search = _Search(self, files, standing + since, signatures, self._seen[keys])
            for first, last in search.blocks(_stretches(known)):
                found[standing[first] : standing[last] + 1] = True
            found &= flags & UNUSED == 0
        self._waiting.append(_Waiting(standing, since, len(flags), hunks, *around))
        if len(self._waiting) >= _WAITING:
            self._note_waiting()
        return found

    def merged(self, lines: Ids, parent: Ids) -> None:
        """Take note of what follows what in a file that a merge put together, where it differs from a parent's."""
        begin, end = _in_common(lines, parent), _in_common(lines[::-1], parent[::-1])
        lines = lines[max(begin - AROUND, 0) : len(lines) - max(end - AROUND, 0)]
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

    def places(self, signatures: Signatures) -> "_Places":
        """Where lines with these texts are in the index."""
        return _Places(self._register, signatures, self._levels, self._indexed)

    def telling(self, lines: bytes) -> tuple[Ids, bytes]:
        """The meaningful lines of a file: their ids, and their signatures four bytes each."""
        found = self._telling.get(lines)
        if found is None:
            ids = np.frombuffer(lines, ID)
            ids = ids[self._register.flags[ids] & MEANINGFUL > 0]
            if len(self._telling) >= FILES:
                self._telling.clear()
            found = self._telling[lines] = ids, self._register.signature[ids].tobytes()
        return found


class _Places:
    """Where lines with some texts are in the index. They are looked up many together, one such piece at a time."""

    def __init__(
        self, register: Register, signatures: Signatures, levels: Sequence[tuple[Signatures, Ids]], since: int
    ) -> None:
        self._signatures, self._levels = signatures, levels
        self._home = register.home
        self._recent = register.signature[since : register.end]  # of the lines that are in no level yet
        self._recent_home = register.home[since : register.end]
        self._piece = -1
        # Of each level the ids, and between which of them each text is.
        self._found: list[tuple[Ids, list[int], list[int]]] = []
        self._files: dict[int, list[int]] = {}

    def files(self, number: int) -> list[int]:
        """The files in which one of the texts was written, or to which it moved, the newest first."""
        piece, at = divmod(number, PIECE)
        if piece != self._piece:
            self._look_up(piece)
        text = self._signatures.item(number)
        found = self._files.get(text)
        if found is None:
            homes = [self._home[ids[begin[at] : end[at]]] for ids, begin, end in self._found if begin[at] < end[at]]
            homes.append(self._recent_home[self._recent == text])
            found = self._files[text] = list(dict.fromkeys(np.concatenate(homes)[::-1].tolist()))
        return found

    def _look_up(self, piece: int) -> None:
        wanted = self._signatures[piece * PIECE : (piece + 1) * PIECE]
        self._piece, self._files = piece, {}
        self._found = [
            (ids, texts.searchsorted(wanted).tolist(), texts.searchsorted(wanted, "right").tolist())
            for texts, ids in self._levels
        ]


class _Search:
    """Looks for the blocks of one commit in the tree as it is after it, and as it was."""

    def __init__(self, copies: Copies, files: Files, ids: Numbers, signatures: Signatures, frequency: Bytes) -> None:
        self._copies, self._files = copies, files
        self._ids, self._signatures = ids, signatures  # of its meaningful new lines
        self._frequency = frequency.tolist()
        self._texts = signatures.tobytes()
        self._standing: dict[int, list[_Standing]] = {}  # the lines of files that were looked at

    def blocks(self, stretches: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """The copied blocks in stretches of the lines, by their first and last line; they may overlap."""
        if stretches:
            places = self._copies.places(np.concatenate([self._signatures[begin:end] for begin, end in stretches]))
            before = 0
            for begin, end in stretches:
                yield from self._blocks((begin, end), places, begin - before)
                before += end - begin

    def _blocks(self, stretch: tuple[int, int], places: _Places, shift: int) -> Iterator[tuple[int, int]]:
        at, end = stretch
        while at + BLOCK <= end:
            # The two lines that are in fewest places say where a block can stand.
            rarest, other = sorted(range(at, at + BLOCK), key=self._frequency.__getitem__)[:2]
            files = places.files(rarest - shift)  # its own among them
            if len(files) > FEW:
                both = set(places.files(other - shift))
                files = [file for file in files if file in both]
            length = self._alike(files[:FILES], at, end)
            # What follows may come from another place, together with the last lines of this one.
            if length:
                yield at, at + length - 1
            at += max(length - BLOCK, 0) + 1

    def _alike(self, files: Sequence[int], at: int, end: int) -> int:
        """How many lines from `at` on stand in one of the files, 0 where these are too few for a block."""
        block, first = self._texts[4 * at : 4 * (at + BLOCK)], int(self._ids[at])
        for stands in (stands for file in files for stands in self._lines(file)):
            if block not in stands.texts:  # as in most
                continue
            places = islice(stands.places(block, first), PLACES)
            longest = max((self._agreeing(at, end, stands, place) for place in places), default=0)
            if longest >= BLOCK:
                return longest
        return 0

    def _lines(self, file: int) -> list["_Standing"]:
        """The meaningful lines of a file as it is now, and as it was where the commit changed it; none where it never stood."""
        if file not in self._standing:
            now, before = self._files.now(file), self._files.before.get(file)
            found = [] if now is None else [self._copies.telling(now)]
            if before is not None:
                ids, texts = self._copies.telling(before)
                found.append((ids, _but(np.isin(ids, self._files.removed), texts)))
            self._standing[file] = [_Standing(ids, texts, int(self._ids[0])) for ids, texts in found]
        return self._standing[file]

    def _agreeing(self, at: int, end: int, stands: "_Standing", there: int) -> int:
        """How many lines from `at` on are the same as these from `there` on, and were written before."""
        ids, texts = stands.ids, stands.texts
        length = min(end - at, len(ids) - there)
        done, piece = 0, BLOCK
        while done < length:
            # In pieces, for most differ soon.
            until = min(done + piece, length)
            theirs = np.frombuffer(texts, np.uint32, until - done, 4 * (there + done))
            differs = self._signatures[at + done : at + until] != theirs
            # A block is no copy of itself, nor of lines that come behind it in the commit.
            differs |= ids[there + done : there + until] >= self._ids[at]
            if differs.any():
                return done + int(differs.argmax())
            done, piece = until, 4 * piece
        return done


class _Standing:
    """The meaningful lines of one file, some of which the commit may have written, those with ids from `since` on."""

    def __init__(self, ids: Ids, texts: bytes, since: int) -> None:
        self.ids, self.texts, self._since = ids, texts, since

    @cached_property
    def _new(self) -> tuple[Numbers, Ids, bytes]:
        """Where the commit's own lines stand, their ids, which are in order, and the signatures with nothing in their places."""
        is_new = self.ids >= self.ids.dtype.type(self._since)
        new = np.flatnonzero(is_new)
        return new, self.ids[new], _but(is_new, self.texts) if len(new) else self.texts

    def places(self, block: bytes, first: int) -> Iterator[int]:
        """The lines at which a block stands that was written before the line `first`, the last ones first.

        Up to that line all was; behind it what the commit did not write. Nothing else is looked at, for there may be
        thousands of lines that are all alike.
        """
        new, new_ids, old_texts = self._new
        # Not as an int: the whole array would be converted.
        which = int(new_ids.searchsorted(self.ids.dtype.type(first)))
        until = 4 * new.item(which) if which < len(new) else len(self.texts)
        yield from _places(block, old_texts, until, len(self.texts))
        yield from _places(block, self.texts, 0, until)


def _places(block: bytes, texts: bytes, since: int, until: int) -> Iterator[int]:
    """The lines at which a block stands between two places, the last ones first, no more than LOOKS."""
    for _ in range(LOOKS):
        at = texts.rfind(block, since, until)
        if at < 0:
            return
        if at % 4 == 0:
            yield at // 4
        until = at + len(block) - 1


def _but(is_left_out: Bools, texts: bytes) -> bytes:
    """The signatures of a file's lines with nothing where some are left out: what stands around these is no block."""
    return np.where(is_left_out, np.uint32(0), np.frombuffer(texts, np.uint32)).tobytes()


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


def _in_common(some: Ids, others: Ids) -> int:
    """How many lines are the same at the beginning of both."""
    length = min(len(some), len(others))
    differs = some[:length] != others[:length]
    return int(differs.argmax()) if differs.any() else length
