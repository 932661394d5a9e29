"""Moved and pasted lines as debts of a team: paid in whole blocks when enough other lines have been changed."""

import random
from datetime import datetime

from ingest.sample import edits
from ingest.sample.changes import Change
from ingest.sample.story import MOVED, PASTED, rate
from ingest.sample.tree import CODE, Draft, functions, language, role, turned_over

# A block worth moving or pasting, in lines.
_BLOCK = range(5, 26)
_TRIES = 8


class Debts:
    """What the teams owe one repository: so the shares of the story hold, whatever a single change does."""

    def __init__(self, rng: random.Random) -> None:
        """Nobody owes anything yet."""
        self._rng = rng
        self._moves: dict[str, float] = {}
        self._pastes: dict[str, float] = {}

    def settle(self, draft: Draft, change: Change, at: datetime, *, pay: bool) -> None:
        """Note what the team owes for the lines of a finished commit; pay it by pasting and moving blocks."""
        if not change.is_ordinary:
            return
        team, day = change.team, at.date()
        new, old = turned_over(draft.before, draft.files)
        changed = len(new) + len(old) - draft.updated
        self._pastes[team] = self._pastes.get(team, 0.0) + _owed(len(new), rate(PASTED, day))
        while pay and self._pastes[team] >= _BLOCK.start and (pasted := self._paste(draft)):
            self._pastes[team] -= pasted
            changed += pasted
        self._moves[team] = self._moves.get(team, 0.0) + _owed(changed, rate(MOVED[team], day))
        while pay and self._moves[team] >= _BLOCK.start and (moved := self._move(draft)):
            self._moves[team] -= moved

    def _paste(self, draft: Draft) -> int:
        source, start, stop = self._block(draft)
        if source:
            edits.paste_function(draft, source, slice(start, stop), self._other(draft, source), self._rng)
        return stop - start

    def _move(self, draft: Draft) -> int:
        source, start, stop = self._block(draft)
        if not source or len(functions(draft.files[source])) == 1:
            return 0
        edits.move_function(draft, source, slice(start, stop), self._other(draft, source), self._rng)
        return stop - start

    def _block(self, draft: Draft) -> tuple[str, int, int]:
        """A function that stood there before this change, if a few tries find one."""
        for _ in range(_TRIES):
            path = edits.pick(draft, self._rng, *CODE)
            file = draft.files[path]
            parts = [part for part in functions(file) if part.stop - part.start in _BLOCK]
            parts = [part for part in parts if all(line.birth != draft.birth for line in file[part])]
            if parts:
                part = self._rng.choice(parts)
                return path, part.start, part.stop
        return "", 0, 0

    def _other(self, draft: Draft, source: str) -> str:
        """Another file of the same language and role."""
        paths = (path for path in draft.candidates(role(source)) if path != source)
        same = [path for path in paths if language(path) == language(source)]
        return self._rng.choice(same) if same else source


def _owed(lines: int, share: float) -> float:
    return lines * share / (1 - share)
