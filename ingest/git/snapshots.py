"""Snapshots of a tree: how much of its code is duplicated, at month ends and at the head."""

from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np

from ingest.git.duplication import Census, File
from ingest.git.edits import KIND
from ingest.git.files import Kind
from ingest.git.lines import CODE
from ingest.git.register import ID, Register
from ingest.git.state import State

ROLES = ("source", "test")  # code that people write


class Snapshots:
    """Looks at one tree after another; between two of them only files that changed are read again."""

    def __init__(self, register: Register, kind: Callable[[int, bytes], Kind]) -> None:
        self._register, self._kind = register, kind
        self._census: Census[bytes] = Census()
        self._code: dict[bytes, int] = {}  # lines of each file that counts
        self._kinds: dict[bytes, Kind] = {}
        self._changed: dict[bytes, None] | None = None  # in the order they changed; None: every file

    def change(self, paths: Iterable[bytes]) -> None:
        """Files that are no longer as they were at the last snapshot."""
        if self._changed is not None:
            self._changed.update(dict.fromkeys(paths))

    def take(self, state: State) -> list[tuple[str, str | None, int, int]]:
        """Role, language, duplicated and all code lines of the tree."""
        register = self._register
        for path in [*self._code.keys(), *state.keys()] if self._changed is None else self._changed:
            entry = state.get(path)
            kind = self._kind(entry.file, path) if entry else None
            if entry is None or kind is None or kind.role not in ROLES:
                self._census.update(path, None)
                self._code.pop(path, None)
                continue
            ids = np.frombuffer(entry.ids, ID)
            kinds = register.flags[ids] & np.uint8(KIND)
            self._census.update(path, File(register.signature[ids], register.tokens[ids], kinds))
            self._code[path], self._kinds[path] = int((kinds == CODE).sum()), kind
        self._changed = {}
        code: Counter[Kind] = Counter()
        duplicated: Counter[Kind] = Counter()
        for path, lines in self._code.items():
            code[self._kinds[path]] += lines
        for path, lines in self._census.count().items():
            duplicated[self._kinds[path]] += lines
        return [(*kind, duplicated[kind], lines) for kind, lines in code.items() if lines]

    def blocks(self) -> list[tuple[int, bytes, int, int]]:
        """Block, path, first and last line of each copy in the tree that was looked at last."""
        return [(copy.block, copy.file, copy.start_line, copy.end_line) for copy in self._census.copies()]
