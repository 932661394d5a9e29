"""The ledger of lines: what each step of the first-parent line brought to the branch, took from it and moved on it.

At every step live lines after = live lines before + births - deaths. A step that is one commit is booked from its own
edit, many of them at a time; a merge from the lines of its files before and after, whatever its branch went through.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ingest.git.edits import KIND, MEANINGFUL, OPERATION, RESTORED
from ingest.git.register import ID, REWRITTEN, UNUSED, Ids, Register

Column = npt.NDArray[Any]
Rows = dict[str, Column]
Stands = Callable[[int], bytes]
BATCH = 1_000  # steps of one commit that are booked together


class Direct(NamedTuple):
    """A step that is one commit."""

    step: int
    commit: int
    spans: list[bytes]  # of each file, as in a FileEdit
    before: list[int]  # the place of each file before
    after: list[int]  # and after
    written: Ids  # of the added lines in patch order, moved ones among them
    written_flags: npt.NDArray[np.uint8]  # as they were then: lines may be booked again before this is
    removed: Ids
    removed_flags: npt.NDArray[np.uint8]
    removed_steps: Ids
    kept: Sequence[tuple[int, int, int]]  # added lines that are removed ones and stay where they are
    moved: Sequence[tuple[int, int, int]]
    updated: bytes  # one byte a removed line, or nothing where none is


class Pair(NamedTuple):
    """A file that a step changed: its place and lines before and after."""

    before: int
    ids_before: bytes
    after: int
    ids_after: bytes


class Branch(NamedTuple):
    """A commit that a merge brought along."""

    commit: int
    since: int  # the ids of the lines it wrote
    until: int
    moved: Ids


class Booked(NamedTuple):
    """Runs of lines by column, none where there are no rows: step, commit, place, line, id, lines, flags, meaningful.

    Of births written_path and written_line too, of deaths birth_step and birth_commit, of moves from_place and birth_step.
    Steps, commits, places and paths are the replay's numbers.
    """

    births: Rows
    deaths: Rows
    moves: Rows
    rework: list[tuple[int, int, int, int]]  # step, the commits that wrote and removed them, lines


class _Standing:
    """The lines of files, one behind the other."""

    def __init__(self, files: Sequence[tuple[int, bytes]]) -> None:
        self.ids: Ids = np.frombuffer(b"".join(lines for _, lines in files), ID)
        self._places = np.array([place for place, _ in files], np.int64)
        self._ends = np.cumsum([len(lines) // 4 for _, lines in files], dtype=np.int64)

    def where(self, numbers: npt.NDArray[Any]) -> tuple[Column, Column]:
        """The place of each of these lines, and its number in the file from 1."""
        files = np.searchsorted(self._ends, numbers, "right")
        begins = np.where(files > 0, self._ends[files - 1], 0)
        return self._places[files], numbers - begins + 1


class Ledger:
    """Books steps; `drain` hands over what was booked, as runs of lines that are alike and stand together."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._waiting: list[Direct] = []
        self._births: list[Rows] = []
        self._deaths: list[Rows] = []
        self._moves: list[Rows] = []
        self._rework: list[tuple[int, int, int, int]] = []
        self._lands = np.full(1, -1)  # the step at which each commit off the first-parent line landed
        # Scratch, by line id: whether it stands before (1) and after (2) a merge, and at which place of all its lines.
        self._mark = np.zeros(0, np.uint8)
        self._then, self._now = np.zeros(0, np.uint32), np.zeros(0, np.uint32)

    def direct(self, change: Direct) -> None:
        """Book a step that is one commit."""
        self._waiting.append(change)
        if len(self._waiting) == BATCH:
            self._book_waiting()

    def drain(self) -> Booked:
        """The births, deaths, moves and rework booked since the last time."""
        self._book_waiting()
        for part in self._births:
            part["written_path"], part["written_line"] = self._register.origins.where(part["id"])
        # All of a birth's lines are meaningful or none is: evidence about lines may cut it in pieces.
        births = _runs(
            self._births,
            ("step", "commit", "place", "flags", "written_path"),
            ("line", "id", "written_line"),
            MEANINGFUL,
        )
        deaths = _runs(self._deaths, ("step", "commit", "place", "flags", "birth_step", "birth_commit"))
        moves = _runs(self._moves, ("step", "commit", "place", "flags", "from_place", "birth_step"))
        rework, self._rework = self._rework, []
        for rows in (self._births, self._deaths, self._moves):
            rows.clear()
        return Booked(births, deaths, moves, rework)

    def _book_waiting(self) -> None:
        changes, self._waiting = self._waiting, []
        if not changes:
            return
        spans = np.frombuffer(b"".join(each for change in changes for each in change.spans), np.int32).reshape(-1, 4)
        spans = spans.astype(np.int64)
        hunks = [len(each) // 16 for change in changes for each in change.spans]
        before = np.repeat([place for change in changes for place in change.before], hunks).astype(np.int64)
        after = np.repeat([place for change in changes for place in change.after], hunks).astype(np.int64)
        old = _Side(changes, spans[:, 0], spans[:, 1], [change.removed for change in changes])
        new = _Side(changes, spans[:, 2], spans[:, 3], [change.written for change in changes])
        old_flags = np.concatenate([change.removed_flags for change in changes])
        old_steps = np.concatenate([change.removed_steps for change in changes]).astype(np.int64)
        new_flags = np.concatenate([change.written_flags for change in changes])
        updated = np.frombuffer(b"".join(change.updated or bytes(len(change.removed)) for change in changes), np.uint8)

        kept_old, kept_new = _places(old, new, [change.kept for change in changes])
        moved_old, moved_new = _places(old, new, [change.moved for change in changes])
        born, died = np.ones(len(new.ids), bool), np.ones(len(old.ids), bool)
        born[kept_new] = born[moved_new] = False
        died[kept_old] = died[moved_old] = False

        self._births.append(
            {
                "step": new.steps[born],
                "place": after[new.hunks[born]],
                "line": new.lines[born],
                "id": new.ids[born],
                "flags": new_flags[born],
                "commit": self._register.writer(new.ids[born]),
            }
        )
        flags = old_flags & ~np.uint8(REWRITTEN) | updated * np.uint8(REWRITTEN)
        self._deaths.append(
            {
                "step": old.steps[died],
                "commit": old.commits[died],
                "place": before[old.hunks[died]],
                "line": old.lines[died],
                "id": old.ids[died],
                "flags": flags[died],
                "birth_step": old_steps[died] - 1,
                "birth_commit": self._register.writer(old.ids[died]),
            }
        )
        self._moves.append(
            {
                "step": new.steps[moved_new],
                "commit": new.commits[moved_new],
                "from_place": before[old.hunks[moved_old]],
                "place": after[new.hunks[moved_new]],
                "line": new.lines[moved_new],
                "id": new.ids[moved_new],
                "flags": old_flags[moved_old],
                "birth_step": old_steps[moved_old] - 1,
            }
        )

    def merge(
        self, step: int, commit: int, pairs: Sequence[Pair], branch: Sequence[Branch], stands: Stands
    ) -> npt.NDArray[np.bool_] | None:
        """Book a step by its files before and after; `branch` are the commits it brings along, oldest first.

        `stands` gives the lines of a file as it is now. Nothing is booked, and the lines in question are told, where
        lines after the step stand at another place as well: earlier among them, or where nothing changed.
        """
        self._reserve()
        register, mark = self._register, self._mark
        before = _Standing([(pair.before, pair.ids_before) for pair in pairs])
        after = _Standing([(pair.after, pair.ids_after) for pair in pairs])
        mark[before.ids] = 1
        is_born = mark[after.ids] == 0
        is_again = is_born & register.is_live[after.ids]
        places = np.arange(len(after.ids), dtype=np.uint32)
        self._now[after.ids[::-1]] = places[::-1]
        is_again |= self._now[after.ids] != places
        if is_again.any():
            mark[before.ids] = 0
            again: npt.NDArray[np.bool_] = is_again
            return again
        mark[after.ids] |= 2
        gone = (mark[before.ids] == 1).nonzero()[0]
        ids, movers = _last_moves(branch)
        stayed = mark[ids] == 3
        mark[before.ids] = 0
        mark[after.ids] = 0
        born = is_born.nonzero()[0]
        if len(born):
            self._bear(step, after.ids[born], *after.where(born))
        self._bring([each.commit for each in branch], step)
        if len(gone):
            self._bury(step, commit, before.ids[gone], *before.where(gone))
        if stayed.any():
            self._move(step, ids[stayed], movers[stayed], before, after)
        for each in branch:
            if not register.step[each.since : each.until].all():
                self._never_landed(step, commit, each, stands)
        return None

    def _bring(self, commits: Sequence[int], step: int) -> None:
        if commits:
            missing = max(commits) + 1 - len(self._lands)
            if missing > 0:
                self._lands = np.concatenate([self._lands, np.full(missing + len(self._lands), -1)])
            self._lands[commits] = step

    def _landed_with(self, commits: Column, step: int) -> npt.NDArray[np.bool_]:
        """Which of these commits a step brought along; -1 is no commit, and a high number one that has not landed yet."""
        has_landed = (commits >= 0) & (commits < len(self._lands))
        has_landed &= self._lands[np.where(has_landed, commits, 0)] == step
        return has_landed

    def _bear(self, step: int, ids: Ids, places: Column, lines: Column) -> None:
        register = self._register
        again = ids[register.step[ids] > 0]
        register.flags[again] = register.flags[again] & ~np.uint8(OPERATION) | np.uint8(RESTORED << 2)
        register.step[ids] = step + 1
        register.is_live[ids] = True
        self._births.append(
            {
                "step": np.full(len(ids), step),
                "commit": register.writer(ids),
                "place": places,
                "line": lines,
                "id": ids.astype(np.int64),
                "flags": register.flags[ids],
            }
        )

    def _bury(self, step: int, commit: int, ids: Ids, places: Column, lines: Column) -> None:
        """Lines that are gone: the commit of the branch that removed them, or else the merge lost them."""
        register = self._register
        killers = register.killer[ids].astype(np.int64) - 1
        is_theirs = self._landed_with(killers, step)
        flags = register.flags[ids]
        register.is_live[ids] = False
        self._deaths.append(
            {
                "step": np.full(len(ids), step),
                "commit": np.where(is_theirs, killers, commit),
                "place": places,
                "line": lines,
                "id": ids.astype(np.int64),
                "flags": np.where(is_theirs, flags, flags & ~np.uint8(REWRITTEN)),
                "birth_step": register.step[ids].astype(np.int64) - 1,
                "birth_commit": register.writer(ids),
            }
        )

    def _move(self, step: int, ids: Ids, movers: Column, before: _Standing, after: _Standing) -> None:
        """Lines that a commit of the branch moved and that stood on it before, unless they are back where they were."""
        self._then[before.ids] = np.arange(len(before.ids), dtype=np.uint32)
        from_places, from_lines = before.where(self._then[ids])
        places, lines = after.where(self._now[ids])
        is_elsewhere = (from_places != places) | (from_lines != lines)
        ids = ids[is_elsewhere]
        self._moves.append(
            {
                "step": np.full(len(ids), step),
                "commit": movers[is_elsewhere],
                "from_place": from_places[is_elsewhere],
                "place": places[is_elsewhere],
                "line": lines[is_elsewhere],
                "id": ids.astype(np.int64),
                "flags": self._register.flags[ids],
                "birth_step": self._register.step[ids].astype(np.int64) - 1,
            }
        )

    def _never_landed(self, step: int, commit: int, each: Branch, stands: Stands) -> None:
        """Lines that a commit of the branch wrote and that are not on it after the merge."""
        register = self._register
        written = slice(each.since, each.until)
        is_lost = (register.step[written] == 0) & (register.flags[written] & UNUSED == 0)
        ids = is_lost.nonzero()[0] + each.since
        if not len(ids):
            return
        killers = register.killer[ids].astype(np.int64) - 1
        is_killed = self._landed_with(killers, step)
        for killer, lines in zip(*np.unique(killers[is_killed], return_counts=True), strict=True):
            self._rework.append((step, each.commit, int(killer), int(lines)))
        lost = ids[~is_killed]
        gone = 0
        for file in set(register.home[lost].tolist()):
            # The same patch on both sides of a merge is one birth, and no rework: the line stands there from the other.
            there = register.signature[np.frombuffer(stands(file), ID)]
            gone += int((~np.isin(register.signature[lost[register.home[lost] == file]], there)).sum())
        if gone:
            self._rework.append((step, each.commit, commit, gone))

    def _reserve(self) -> None:
        size = len(self._register.flags)
        if len(self._mark) < size:
            self._mark = np.zeros(size, np.uint8)
            self._then, self._now = np.zeros(size, np.uint32), np.zeros(size, np.uint32)


class _Side:
    """The removed or the added lines of many commits: of each its hunk, step, commit and number in the file from 1."""

    def __init__(self, changes: Sequence[Direct], starts: Column, lengths: Column, ids: Sequence[Ids]) -> None:
        self.ids = np.concatenate(ids).astype(np.int64)
        self.hunks = np.repeat(np.arange(len(lengths)), lengths)
        within = np.arange(len(self.ids)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        self.lines = starts[self.hunks] + within + 1
        counts = [len(each) for each in ids]
        self.steps = np.repeat([change.step for change in changes], counts).astype(np.int64)
        self.commits = np.repeat([change.commit for change in changes], counts).astype(np.int64)
        self.begins = np.cumsum([0, *counts])[:-1]  # where each commit's lines begin


def _places(old: _Side, new: _Side, runs: Sequence[Sequence[tuple[int, int, int]]]) -> tuple[Column, Column]:
    """Runs of each commit, (removed line, added line, length), as the places of their lines among all."""
    flat = [(*run, number) for number, each in enumerate(runs) for run in each]
    if not flat:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    removed, added, lengths, commits = np.array(flat, np.int64).T
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return (
        np.repeat(removed + old.begins[commits], lengths) + within,
        np.repeat(added + new.begins[commits], lengths) + within,
    )


def _last_moves(branch: Sequence[Branch]) -> tuple[Ids, Column]:
    """The lines that the branch moved, each with the commit that did so last."""
    moved = [each for each in branch if len(each.moved)]
    if not moved:
        return np.zeros(0, ID), np.zeros(0, np.int64)
    ids = np.concatenate([each.moved for each in moved])[::-1]
    movers = np.repeat([each.commit for each in moved], [len(each.moved) for each in moved])[::-1]
    unique, last = np.unique(ids, return_index=True)
    return unique, movers[last].astype(np.int64)


def _runs(parts: Sequence[Rows], same: Sequence[str], rising: Sequence[str] = ("line", "id"), besides: int = 0) -> Rows:
    """Lines that follow each other in the `rising` columns and are the same in others, as one row.

    Which lines are meaningful is counted; with the flag among `besides` a row's are all alike.
    """
    if not parts:
        return {}
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((rows["line"], rows["place"], rows["step"]))
    rows = {name: column[order] for name, column in rows.items()}
    meaningful = (rows["flags"] & MEANINGFUL > 0).astype(np.int64)
    rows["flags"] = rows["flags"] & np.uint8(KIND | OPERATION | REWRITTEN | besides)
    breaks = np.zeros(len(order), bool)
    breaks[:1] = True
    for name in rising:
        breaks[1:] |= np.diff(rows[name]) != 1
    for name in same:
        breaks[1:] |= rows[name][1:] != rows[name][:-1]
    starts = np.flatnonzero(breaks)
    found = {name: column[starts] for name, column in rows.items()}
    found["lines"] = np.diff(np.append(starts, len(order)))
    found["meaningful"] = np.add.reduceat(meaningful, starts) if len(starts) else meaningful
    return found
