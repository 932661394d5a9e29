"""Replays a history over its whole graph: which lines stand in which file after each commit, every line by its id.

A file's lines are their ids as bytes, four to a line, so that a hunk is slices and a join. The ids of the lines a commit
writes follow each other in the order of its patch. A state is a dict from path to Entry; a commit hands its state on to its
last child, a fork copies it.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt
from git import Git

from ingest.git import blobs, merges
from ingest.git.copies import AROUND, Copies, Files
from ingest.git.edits import COPIED, OPERATION, RESTORED, Edit, FileEdit, MergeEdit, ResolvedFile
from ingest.git.ledger import Branch, Direct, Ledger, Pair
from ingest.git.merges import NOTHING
from ingest.git.patches import AS_BLAME, Span, gone, old_path, spans
from ingest.git.register import ID, REWRITTEN, UNUSED, Ids, Register, unseen
from ingest.git.state import Entry, State
from ingest.git.undo import Undo


class Commit(NamedTuple):
    """A commit and its place in the graph; commits are numbered in the order of the replay."""

    number: int
    sha: str
    parents: tuple[int, ...]
    parent_shas: tuple[str, ...]
    step: int | None  # its place on the first-parent line, None off it
    brings: tuple[int, ...]  # the commits that land with this step, but itself, oldest first
    reverts: tuple[int, ...]  # the commits it says it takes back
    children: int  # how many are still to come
    is_known: bool = False  # it was replayed in an earlier run, and only its state is wanted


class Changed(NamedTuple):
    """What the replay adds to a FileEdit."""

    file: int
    copied: int  # lines


class _Work(NamedTuple):
    """A commit's edit with the ids of its lines."""

    commit: Commit
    edit: Edit
    base: int  # the first id of the lines it wrote
    written: Ids  # its added lines in patch order; some are lines that were there before
    removed: Ids  # its removed lines
    gone: Ids  # those of them that stand nowhere else now
    again: Ids  # lines among the written ones that had been gone


class _Merging(NamedTuple):
    """A merge whose files are being put together."""

    commit: Commit
    parents: Sequence[State]
    gone: set[bytes]  # paths of the first parent that it has not
    came: set[bytes]  # and those it has that differ there

    def same(self, path: bytes, blob: bytes) -> Entry | None:
        """The file of a parent with this path and this content."""
        entries = (parent.get(path) for parent in self.parents)
        return next((entry for entry in entries if entry and entry.blob == blob), None)

    def same_content(self, path: bytes, blob: bytes) -> Entry | None:
        """The file of a parent without this path that had the same content under a name that is gone.

        Of several git takes one that is called alike in its folder, and then the first.
        """
        name = path.rpartition(b"/")[2]
        for parent in self.parents:
            if path not in parent:
                alike = [at for at, entry in parent.items() if entry.blob == blob and self._is_gone(at)]
                if alike:
                    return parent[min(alike, key=lambda at: (at.rpartition(b"/")[2] != name, at))]
        return None

    def elsewhere(self, git: Git, number: int, path: bytes, known: int | None) -> Entry | None:
        """What a parent without this path called the file: by its id where it is known, else by git's guess."""
        parent = self.parents[number]
        if path in parent:
            return None
        if known is not None:
            return next((entry for at, entry in parent.items() if entry.file == known and self._is_gone(at)), None)
        line = f"{self.commit.sha} {self.commit.parent_shas[number]}"
        found = old_path(git, line, path, gone(git, line))
        return parent.get(found) if found else None

    def _is_gone(self, path: bytes) -> bool:
        return path in self.gone or (path not in self.parents[0] and path not in self.came)


class Replay:
    """The states of a history, and the ledger of its first-parent line."""

    def __init__(
        self, git: Git, *, is_plain: bool = False, guesses: bool | None = None, reverted: Iterable[int] = ()
    ) -> None:
        """Nothing has happened yet. `guesses`: merges ask git for names that are known by a file's id, as a plain one does."""
        self.register = Register()
        self.ledger = Ledger(self.register)
        self.states: dict[int, State] = {}
        self.removed: dict[int, Ids | None] = dict.fromkeys(reverted)  # what commits took out that others bring back
        self.places: dict[tuple[int, bytes], int] = {}  # a file under a path, by its number
        self.paths: list[list[bytes]] = []  # of each file
        self.generated: set[int] = set()  # files whose first lines said so when they were new
        self.before: dict[bytes, Entry | None] = {}  # what the last step changed, as it was before it
        self.undo = Undo()
        self.undo_from = 0  # the first step that will have to be taken back
        self.known_file: Callable[[str, bytes], int | None] = lambda _sha, _path: None  # of commits of earlier runs
        self.texts: Mapping[bytes, bytes] | blobs.Contents = {}  # blobs at hand; others are asked for one at a time
        self._git = git
        self._is_plain = is_plain
        self._guesses = is_plain if guesses is None else guesses
        self.copies = Copies(self.register)
        self._children: dict[int, int] = {}
        self._branches: dict[int, Branch] = {}  # commits that have not landed yet

    def begin(self, number: int, state: State, children: int = 1) -> None:
        """Take the state after a commit as given."""
        self.states[number] = state
        self._children[number] = children

    def commit(self, commit: Commit, edit: Edit | MergeEdit) -> list[Changed]:
        """The state after a commit, booked if it is a step; of its files what the edit does not say."""
        if commit.is_known:
            self.register.known.extend(self.register.segments(commit.number))
        if isinstance(edit, MergeEdit):
            state, before = self._merged(commit, edit)
            changed: list[Changed] = []
            if commit.step is not None:
                self._book(commit, state, before)
        else:
            state, before, changed = self._edited(commit, edit)
        if commit.step is not None:
            self.before = before
            if commit.step >= self.undo_from:
                self.undo.remember(commit.step, before, state)
        if commit.children:
            self.states[commit.number] = state
            self._children[commit.number] = commit.children
        return changed

    def _inherit(self, parents: Sequence[int]) -> State:
        """The state of the first parent, to be changed."""
        if not parents:
            return {}
        state = self.states[parents[0]]
        is_last = self._release(parents[0])
        return state if is_last else dict(state)

    def _release(self, number: int) -> bool:
        """Let go of a state that no other child waits for."""
        self._children[number] -= 1
        if self._children[number]:
            return False
        del self._children[number], self.states[number]
        return True

    # A commit with one parent, or none.

    def _edited(self, commit: Commit, edit: Edit) -> tuple[State, dict[bytes, Entry | None], list[Changed]]:
        state = self._inherit(commit.parents)
        before = {path: state.get(path) for file in edit.files for path in (file.old_path, file.path)}
        olds = [before[file.old_path] if file.was_regular else None for file in edit.files]
        bases = [self._base(commit, old, file) for old, file in zip(olds, edit.files, strict=True)]
        work = self._identified(commit, edit, state, bases)
        files, ends = self._applied(work, state, olds, bases)
        copied = (
            np.zeros(edit.added, bool)
            if commit.is_known
            else self._copied(work, state, _read_before(edit, olds, bases))
        )
        changed = [
            Changed(file, int(np.count_nonzero(copied[begin:end])))
            for file, (begin, end) in zip(files, pairwise(ends), strict=True)
        ]
        if commit.number in self.removed:
            self.removed[commit.number] = work.gone
        if commit.is_known:
            return state, before, changed
        is_as_known = all(lines is (old.ids if old else b"") for lines, old in zip(bases, olds, strict=True))
        if commit.step is None:
            self._leave(work)
        elif is_as_known and edit.unread is None:
            self._book_directly(work, commit.step, files, olds)
        else:
            self._book(commit, state, before)
        return state, before, changed

    def _identified(self, commit: Commit, edit: Edit, state: State, bases: Sequence[bytes]) -> _Work:
        """Which lines an edit removes and which it writes; those that stay the same lines keep their ids."""
        register = self.register
        cut = [_cut(lines, file.spans) for lines, file in zip(bases, edit.files, strict=True)]
        removed = np.frombuffer(b"".join(piece for pieces in cut for piece in pieces), ID)
        base = register.write(commit.number, edit.added, edit.facts)
        written = np.arange(base, base + edit.added, dtype=ID)
        is_gone = np.ones(len(removed), bool)
        for old_line, new_line, length in (*edit.kept, *edit.moved):
            written[new_line : new_line + length] = removed[old_line : old_line + length]
            register.flags[base + new_line : base + new_line + length] |= UNUSED
            is_gone[old_line : old_line + length] = False
        again = self._restored(commit, state, base, written)
        return _Work(commit, edit, base, written, removed, removed[is_gone], again)

    def _applied(
        self, work: _Work, state: State, olds: Sequence[Entry | None], bases: Sequence[bytes]
    ) -> tuple[list[int], list[int]]:
        """Bring the files of a state up to date; the ids of the files, and where the lines written in each end."""
        edit = work.edit
        for file, old in zip(edit.files, olds, strict=True):
            if old and (file.status == "R" or not file.is_regular):
                state.pop(file.old_path, None)
        ids, files, ends = work.written.tobytes(), [], [0]
        for file, old, lines in zip(edit.files, olds, bases, strict=True):
            now, end = _after(lines, file.spans, ids, 4 * ends[-1])
            number = old.file if old and file.status != "C" else self._file(work.commit, file.path)
            if file.is_generated:
                self.generated.add(number)
            if file.is_regular:
                is_unknown = old.is_stale if old else file.status != "A"
                is_stale = file.is_unread or (is_unknown and not file.spans)
                state[file.path] = Entry(number, file.blob, now, is_stale)
                self._known_as(number, file.path)
            files.append(number)
            ends.append(end // 4)
        if not work.commit.is_known:  # its lines may have moved on since
            self.register.origins.write(
                work.base, [file.spans for file in edit.files], [file.path for file in edit.files]
            )
            self.register.home[work.written] = np.repeat(np.array(files, np.uint32), np.diff(ends))
        return files, ends

    def _leave(self, work: _Work) -> None:
        """Remember what a commit off the first-parent line did until it lands."""
        register, edit, number = self.register, work.edit, work.commit.number
        register.killer[work.gone] = number + 1
        if edit.updated:
            register.flags[work.gone] &= ~np.uint8(REWRITTEN)
            register.flags[work.removed[np.frombuffer(edit.updated, bool)]] |= REWRITTEN
        moved = [work.written[line : line + length] for _, line, length in edit.moved]
        lines = np.concatenate(moved) if moved else np.zeros(0, ID)
        self._branches[number] = Branch(number, work.base, work.base + edit.added, lines)

    def _book_directly(self, work: _Work, step: int, files: Sequence[int], olds: Sequence[Entry | None]) -> None:
        """Book a step that is one commit and did what its edit says."""
        register, edit = self.register, work.edit
        landed = work.again[register.step[work.again] > 0]
        register.flags[landed] = register.flags[landed] & ~np.uint8(OPERATION) | np.uint8(RESTORED << 2)
        removed_steps = register.step[work.removed]
        register.step[work.again] = step + 1
        register.step[work.base : work.base + edit.added] = step + 1
        register.is_live[work.removed] = False
        register.is_live[work.written] = True
        both = list(zip(files, edit.files, olds, strict=True))
        self.ledger.direct(
            Direct(
                step=step,
                commit=work.commit.number,
                spans=[file.spans for file in edit.files],
                before=[self._place(number, file.old_path if old else file.path) for number, file, old in both],
                after=[self._place(number, file.path) for number, file, _ in both],
                written=work.written,
                written_flags=register.flags[work.written],
                removed=work.removed,
                removed_flags=register.flags[work.removed],
                removed_steps=removed_steps,
                kept=edit.kept,
                moved=edit.moved,
                updated=edit.updated,
            )
        )

    def _base(self, commit: Commit, old: Entry | None, file: FileEdit) -> bytes:
        """The lines that an edit of a file is about, as they stood before it."""
        lines = old.ids if old else b""
        if file.wipes:
            return b""
        if file.status == "C":  # they stand in the other file, or go on in a third
            lines = self.register.again(np.frombuffer(lines, ID), commit.number).tobytes()
        if not file.spans or not file.was_regular:
            return lines
        start, length = memoryview(file.spans).cast("i")[-4:-2]
        if old is None or old.is_stale or old.blob != file.old_blob or 4 * (start + length) > len(lines):
            return self._anchored(commit, lines, file.old_blob, file.old_path)
        return lines

    def _anchored(self, commit: Commit, stale: bytes, blob: bytes, path: bytes) -> bytes:
        """The lines of a blob whose writing nobody could read: those known from before keep their ids."""
        content = self.texts.get(blob)
        if content is None:
            content = next((content for _, content in blobs.contents(self._git, [blob])), b"")
        signatures = [crc32(line.strip()) for line in blobs.lines(content)]
        base = self.register.write(commit.number, len(signatures), unseen(signatures))
        if not commit.is_known:
            self.register.origins.scatter(base, range(len(signatures)), path)
        lines = np.arange(base, base + len(signatures), dtype=ID)
        waiting = _by_signature(self.register, np.frombuffer(stale, ID))
        for new, signature in enumerate(signatures):
            if waiting.get(signature):
                lines[new] = waiting[signature].popleft()
                self.register.flags[base + new] |= UNUSED
        return lines.tobytes()

    def _restored(self, commit: Commit, state: State, base: int, written: Ids) -> Ids:
        """Give lines that come back by a revert the ids they had; these."""
        lost = [lines for number in commit.reverts if (lines := self.removed.get(number)) is not None]
        if self._is_plain or not lost:
            return np.zeros(0, ID)
        register = self.register
        free = np.flatnonzero(written == np.arange(base, base + len(written)))
        dead = [line for line in np.concatenate(lost).tolist() if self._standing(state, line) is None]
        waiting = _by_signature(register, np.array(dead, ID))
        again = []
        for place, signature in zip(free.tolist(), register.signature[base:][free].tolist(), strict=True):
            if waiting.get(signature):
                again.append((place, waiting[signature].popleft()))
        if again:
            places, lines = np.array(again, np.int64).T
            written[places] = lines
            register.flags[base + places] |= UNUSED
        return np.array([line for _, line in again], ID)

    def _copied(self, work: _Work, state: State, before: Mapping[int, bytes]) -> npt.NDArray[np.bool_]:
        edit, base = work.edit, work.base
        if self._is_plain or not edit.facts:
            return np.zeros(edit.added, bool)
        lengths = np.frombuffer(b"".join(file.spans for file in edit.files), np.int32)[3::4]
        around = _around((state[file.path].ids if file.is_regular else b"", file.spans) for file in edit.files)
        flags = self.register.flags[base : base + edit.added]
        files = Files(work.removed, before, partial(self._stands, state))
        found = self.copies.copied(base, lengths, around, files)
        flags[found] = flags[found] & ~np.uint8(OPERATION) | np.uint8(COPIED << 2)
        copied: npt.NDArray[np.bool_] = (flags & (OPERATION | UNUSED)) == COPIED << 2
        return copied

    # A merge.

    def _merged(self, commit: Commit, edit: MergeEdit) -> tuple[State, dict[bytes, Entry | None]]:
        parents = [self.states[number] for number in commit.parents]
        lost = {file.path for file in edit.taken if file.blob == NOTHING}
        merging = _Merging(commit, parents, lost, {file.path for file in edit.taken} - lost)
        now = self._put_together(merging, edit)
        before = {path: parents[0].get(path) for path in now}
        if commit.number in self.removed:
            then, still = (_lines_of(entries) for entries in (before, now))
            self.removed[commit.number] = then[~np.isin(then, still)]
        state = self._inherit(commit.parents)
        for number in dict.fromkeys(commit.parents[1:]):
            if number != commit.parents[0]:
                self._release(number)
        for path, entry in now.items():
            if entry is None:
                state.pop(path, None)
            else:
                state[path] = entry
                self._known_as(entry.file, path)
        return state, before

    def _put_together(self, merging: _Merging, edit: MergeEdit) -> dict[bytes, Entry | None]:
        """The files of a merge that differ from its first parent's; None for those that are gone."""
        now: dict[bytes, Entry | None] = dict.fromkeys(merging.gone)
        own = self.register.write(merging.commit.number, sum(len(file.own) for file in edit.resolved), edit.facts)
        for file in edit.resolved:
            entry = self._resolved(merging, file, own)
            now[file.path] = entry
            if not self._is_plain and not merging.commit.is_known:
                parent = merging.parents[0].get(file.path)
                self.copies.merged(np.frombuffer(entry.ids, ID), np.frombuffer(parent.ids if parent else b"", ID))
            own += len(file.own)
        for taken in edit.taken:
            if taken.path not in now:
                now[taken.path] = self._taken(merging, taken)
        return now

    def _taken(self, merging: _Merging, taken: merges.Taken) -> Entry:
        """A file that is as it was in some parent."""
        if found := merging.same(taken.path, taken.blob) or merging.same_content(taken.path, taken.blob):
            return found
        entry = next((parent[taken.path] for parent in merging.parents if taken.path in parent), None)
        return Entry(entry.file if entry else self._new_file(), taken.blob, entry.ids if entry else b"", is_stale=True)

    def _resolved(self, merging: _Merging, file: ResolvedFile, own: int) -> Entry:
        """A file that differs from every parent's: parent by parent, each gives the lines it shares that are still open."""
        if whole := merging.same(file.path, file.blob) or merging.same_content(file.path, file.blob):
            return whole  # its mode alone may differ
        sources = self._sources(merging, file)
        number = sources[0][0].file if sources else self._new_file()
        if not sources and any(differences is not None for differences in file.spans):
            return Entry(number, file.blob, b"", is_stale=True)  # a parent has it that nobody could read
        lines = np.zeros(0, ID)
        for entry, differences in sources:
            shared = _shared(entry.ids, differences)
            lines = np.where(lines == 0, shared, lines) if len(lines) == len(shared) else shared
        places, news = np.array(file.own, np.int64), np.arange(own, own + len(file.own), dtype=ID)
        self.register.home[news] = number
        if not merging.commit.is_known:
            self.register.origins.scatter(own, file.own, file.path)
        if not sources:
            lines = news
        lines[places] = np.where(lines[places] == 0, news, lines[places])
        left = np.flatnonzero(lines == 0)  # of a parent whose own lines could not be read
        if len(left):
            base = self.register.write(merging.commit.number, len(left), unseen([0] * len(left)))
            lines[left] = np.arange(base, base + len(left))
            if not merging.commit.is_known:
                self.register.origins.scatter(base, left.tolist(), file.path)
            self.register.home[base : base + len(left)] = number
        return Entry(number, file.blob, lines.tobytes())

    def _sources(self, merging: _Merging, file: ResolvedFile) -> list[tuple[Entry, list[Span]]]:
        """What each parent calls the file, and how it differs there; nothing for a parent that has none like it."""
        found: list[tuple[Entry, list[Span]] | None] = []
        for parent, differences in zip(merging.parents, file.spans, strict=True):
            entry = parent.get(file.path)
            if entry and entry.is_stale and differences is not None:
                lines = self._anchored(merging.commit, entry.ids, entry.blob, file.path)
                entry = entry._replace(ids=lines, is_stale=False)
            found.append((entry, differences) if entry and differences is not None else None)
        # Blame guesses even where the file is known by its id.
        known = None if self._guesses else next((source[0].file for source in found if source), None)
        for number, source in enumerate(found):
            entry = None if source else merging.elsewhere(self._git, number, file.path, known)
            if entry:
                pair, options = (entry.blob, file.blob), AS_BLAME if self._is_plain else ()
                if patch := merges.compared(self._git, [pair], *options)[pair]:
                    found[number] = entry, spans(patch)
        return [source for source in found if source]

    # Booking.

    def _book(self, commit: Commit, state: State, before: Mapping[bytes, Entry | None]) -> None:
        """Book a step by the files it changed."""
        assert commit.step is not None  # noqa: S101 - the caller's case
        paths = [path for path, old in before.items() if old != state.get(path)]
        branch = [self._branches.pop(number) for number in commit.brings if number in self._branches]
        while (is_again := self._booked(commit, state, before, paths, branch)) is not None:
            # One line stayed while the other moved, say: those that stand at a second place are other lines.
            lines, at = np.frombuffer(bytearray(b"".join(state[path].ids for path in paths if path in state)), ID), 0
            lines[is_again] = self.register.again(lines[is_again], commit.number)
            for path in paths:
                if path in state:
                    count = len(state[path].ids) // 4
                    state[path] = state[path]._replace(ids=lines[at : at + count].tobytes())
                    at += count

    def _booked(
        self,
        commit: Commit,
        state: State,
        before: Mapping[bytes, Entry | None],
        paths: Sequence[bytes],
        branch: Sequence[Branch],
    ) -> npt.NDArray[np.bool_] | None:
        pairs = []
        for path in paths:
            old, new = before[path], state.get(path)
            places = [self._place(entry.file, path) if entry else 0 for entry in (old, new)]
            pairs.append(Pair(places[0], old.ids if old else b"", places[1], new.ids if new else b""))
        assert commit.step is not None  # noqa: S101 - as above
        return self.ledger.merge(
            commit.step, commit.number, pairs, branch, lambda file: self._stands(state, file) or b""
        )

    def _stands(self, state: State, file: int) -> bytes | None:
        """The lines of a file, None where it is gone."""
        entries = [state[path] for path in self.paths[file] if path in state]
        # Another file may have a name it had; one that two branches began goes on under either number.
        return next((entry.ids for entry in entries if entry.file == file), entries[0].ids if entries else None)

    def _place(self, file: int, path: bytes) -> int:
        return self.places.setdefault((file, path), len(self.places))

    def _file(self, commit: Commit, path: bytes) -> int:
        """A file that a commit adds: a new one, unless the commit was replayed before."""
        known = self.known_file(commit.sha, path) if commit.is_known else None
        return self._new_file() if known is None else known

    def _new_file(self) -> int:
        self.paths.append([])
        return len(self.paths) - 1

    def _known_as(self, file: int, path: bytes) -> None:
        if path not in self.paths[file]:
            self.paths[file].insert(0, path)

    def _standing(self, state: State, line: int) -> bytes | None:
        """The lines of the file in which a line stands; None where it stands in none."""
        key = line.to_bytes(4, "little")
        for path in self.paths[int(self.register.home[line])]:
            entry = state.get(path)
            at = entry.ids.find(key) if entry else -1
            while entry and at >= 0:
                if at % 4 == 0:
                    return entry.ids
                at = entry.ids.find(key, at + 1)
        return None


def _by_signature(register: Register, lines: Ids) -> dict[int, deque[int]]:
    waiting: dict[int, deque[int]] = {}
    for line, signature in zip(lines.tolist(), register.signature[lines].tolist(), strict=True):
        waiting.setdefault(signature, deque()).append(line)
    return waiting


def _lines_of(entries: Mapping[bytes, Entry | None]) -> Ids:
    """The lines of these files, in the order of their paths."""
    return np.frombuffer(b"".join(entry.ids for _, entry in sorted(entries.items()) if entry), ID)


def _read_before(edit: Edit, olds: Sequence[Entry | None], bases: Sequence[bytes]) -> dict[int, bytes]:
    """The lines of files as an edit found them, where it says which of them it took out: of what was not read nobody knows."""
    return {
        old.file: lines
        for file, old, lines in zip(edit.files, olds, bases, strict=True)
        if old and file.spans and file.status != "C"
    }


def _cut(lines: bytes, places: bytes) -> list[bytes]:
    """The removed lines of each hunk."""
    cut = iter(memoryview(places).cast("i").tolist())
    return [lines[4 * start : 4 * (start + removed)] for start, removed, _, _ in zip(cut, cut, cut, cut, strict=True)]


def _after(lines: bytes, places: bytes, ids: bytes, at: int) -> tuple[bytes, int]:
    """The lines of a file after its hunks, whose added lines are in `ids` from the byte `at` on; and where they end."""
    if not places:
        return lines, at
    pieces: list[bytes] = []
    done = 0
    cut = iter(memoryview(places).cast("i").tolist())
    for start, removed, _, added in zip(cut, cut, cut, cut, strict=True):
        pieces += (lines[done : 4 * start], ids[at : at + 4 * added])
        at += 4 * added
        done = 4 * (start + removed)
    pieces.append(lines[done:])
    return b"".join(pieces), at


def _around(files: Iterable[tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
    """What stands before and behind each hunk after it, AROUND lines of it; the id 0 where there is nothing."""
    width, before, behind = 4 * AROUND, [], []
    for lines, places in files:
        cut = iter(memoryview(places).cast("i").tolist())
        for _, _, start, added in zip(cut, cut, cut, cut, strict=True):
            begin, end = 4 * start, 4 * (start + added)
            before.append(lines[begin - width : begin] if begin >= width else lines[:begin].rjust(width, b"\0"))
            behind.append(lines[end : end + width].ljust(width, b"\0"))
    return b"".join(before), b"".join(behind)


def _shared(lines: bytes, differences: Sequence[Span]) -> Ids:
    """The lines of a merged file that stand in a parent's as well, 0 for those that do not."""
    pieces: list[bytes] = []
    done = 0
    for start, removed, _, added in differences:
        pieces += (lines[done : 4 * start], bytes(4 * added))
        done = 4 * (start + removed)
    pieces.append(lines[done:])
    return np.frombuffer(bytearray(b"".join(pieces)), ID)
