"""The newest steps, to be taken back: of each file that one changed, what it was before, told by what it became."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ingest.git.register import ID, Ids
from ingest.git.state import Entry, State

KEPT = 2_000  # steps whose states can be had back: branches that forked before them make a history be read again


class Undone(NamedTuple):
    """A file before a step: it begins and ends as it does after it, and between stood `ids`."""

    file: int
    blob: bytes
    ids: bytes
    is_stale: bool
    head: int  # bytes that the lines have in common at the beginning
    tail: int  # and at the end


Step = dict[bytes, Undone | None]  # None: there was no such file


class Undo:
    """Takes steps back, the newest first."""

    def __init__(self) -> None:
        self.steps: dict[int, Step] = {}

    def remember(self, step: int, before: Mapping[bytes, Entry | None], state: State) -> None:
        """What a step changed, as it was before, and the state after it."""
        self.steps[step] = {path: old and _undone(old, state.get(path)) for path, old in before.items()}
        self.steps.pop(step - KEPT, None)

    def take_back(self, step: int, state: State) -> None:
        """Make of the state after a step the one before it."""
        for path, undone in self.steps.get(step, {}).items():
            new = state.pop(path, None)
            if undone:
                lines = new.ids if new else b""
                ids = lines[: undone.head] + undone.ids + lines[len(lines) - undone.tail :]
                state[path] = Entry(undone.file, undone.blob, ids, undone.is_stale)


def _undone(old: Entry, new: Entry | None) -> Undone:
    before, after = (np.frombuffer(entry.ids if entry else b"", ID) for entry in (old, new))
    room = min(len(before), len(after))
    head = _alike(before[:room], after[:room])
    room -= head
    tail = _alike(before[len(before) - room :][::-1], after[len(after) - room :][::-1])
    ids = old.ids[4 * head : len(old.ids) - 4 * tail]
    return Undone(old.file, old.blob, ids, old.is_stale, 4 * head, 4 * tail)


def _alike(one: Ids, other: Ids) -> int:
    """How many lines are the same before the first that differ."""
    differ = np.flatnonzero(one != other)
    return int(differ[0]) if len(differ) else len(one)
