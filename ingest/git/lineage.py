"""The replay of what is new in a repository, into the tables of changes and lines."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from ingest import warehouse
from ingest.git import saved
from ingest.git.ahead import Ahead
from ingest.git.edits import KIND, KINDS, OPERATION, OPERATIONS, Edit, FileEdit, MergeEdit, Reading, Task
from ingest.git.files import Classifier, Kind
from ingest.git.ledger import Rows
from ingest.git.mirror import Mirror
from ingest.git.patches import path_text
from ingest.git.register import REWRITTEN
from ingest.git.replay import Changed, Commit, Replay
from ingest.git.snapshots import Snapshots
from ingest.git.state import State
from ingest.git.undo import KEPT

BATCH = 200_000  # lines written between two loads
BLOCKS_FOR = 366  # days before the head: of older trees there are numbers and no blocks
STATUS = {"A": "added", "M": "modified", "D": "deleted", "R": "renamed", "C": "copied", "T": "type"}

TABLES = ("changes", "line_births", "line_deaths", "line_moves", "rework", "duplication", "clone_blocks")


class Node(NamedTuple):
    """A commit to be replayed."""

    sha: str
    parents: tuple[str, ...]
    landed_sha: str
    reverts: tuple[str, ...]  # the commits it takes back
    is_ignored: bool  # a reformatting that the repository asks blame to look through


class Step(NamedTuple):
    """A step of the first-parent line."""

    sha: str
    landed_at: datetime


class Result(NamedTuple):
    """What the commits turned out to be."""

    lines: dict[str, int]  # changed by each commit
    unread: dict[str, str]
    formats: set[str]


class TooOld(Exception):  # noqa: N818 - not an error: the caller reads the history from the start
    """A branch forked before the steps whose states can be had back."""


_KINDS, _OPERATIONS = pa.array(KINDS), pa.array(OPERATIONS)
Columns = dict[str, Any]  # by name, as Arrow or numpy holds them


class _Tables(NamedTuple):
    """Turns runs of lines into columns of tables; the fields say what the replay's numbers stand for."""

    repo: str
    shas: pa.Array
    steps: pa.Array
    files: pa.Array
    paths: pa.Array
    roles: pa.Array
    written_paths: pa.Array

    def births(self, rows: Rows) -> Columns:
        """Columns of line_births."""
        return self._written(rows) | {
            "written_path": self.written_paths.take(rows["written_path"]),
            "written_line": rows["written_line"].astype(np.int32),
        }

    def deaths(self, rows: Rows) -> Columns:
        """Columns of line_deaths."""
        return self._written(rows) | {
            "birth_landed_sha": self.steps.take(rows["birth_step"]),
            "birth_sha": self.shas.take(rows["birth_commit"]),
            "death_kind": pa.array(np.where(rows["flags"] & REWRITTEN > 0, "updated", "deleted")),
        }

    def moves(self, rows: Rows) -> Columns:
        """Columns of line_moves."""
        return self._lines(rows) | {
            "sha": self.shas.take(rows["commit"]),
            "from_path": self.paths.take(rows["from_place"]),
            "to_path": self.paths.take(rows["place"]),
            "birth_landed_sha": self.steps.take(rows["birth_step"]),
        }

    def _written(self, rows: Rows) -> Columns:
        return self._lines(rows) | {
            "sha": self.shas.take(rows["commit"]),
            "path": self.paths.take(rows["place"]),
            "operation": _OPERATIONS.take((rows["flags"] & OPERATION) >> 2),
        }

    def _lines(self, rows: Rows) -> Columns:
        """What all three have."""
        return {
            "repo": pa.array([self.repo]).take(pa.array(np.zeros(len(rows["id"]), np.int8))),
            "landed_sha": self.steps.take(rows["step"]),
            "file": self.files.take(rows["place"]),
            "role": self.roles.take(rows["place"]),
            "start_line": rows["line"].astype(np.int32),
            "lines": rows["lines"].astype(np.int32),
            "first_line": rows["id"].astype(np.uint32),
            "line_kind": _KINDS.take(rows["flags"] & KIND),
            "meaningful": rows["meaningful"].astype(np.int32),
        }


class Lineage:
    """One run over a repository."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        mirror: Mirror,
        kept: Callable[[str], Path],
        attributes: dict[bytes, bytes],
        known_nodes: Callable[[Sequence[str]], list[Node]],  # commits of earlier runs
    ) -> None:
        self._con, self._mirror, self._known_nodes = con, mirror, known_nodes
        self._kept = kept  # where the replay at a head is kept
        self._ahead = Ahead(Reading(mirror.folder, attributes, is_plain=False))
        self._classifier = Classifier(attributes)
        self._replay = Replay(mirror.git)
        self._replay.known_file = self._known_file
        self._snapshots = Snapshots(self._replay.register, self._kind)
        self._shas: list[str] = []
        self._numbers: dict[str, int] = {}
        self._steps: list[Step] = []
        self._booked = self._replay.register.end
        self._rows: list[tuple[object, ...]] = []  # that wait for the next load, as the two below
        self._duplication: list[tuple[object, ...]] = []
        self._blocks: list[tuple[object, ...]] = []
        self._result = Result({}, {}, set())

    def resume(self, head: str) -> bool:
        """Take up the replay where it was at `head`; False where that was not kept."""
        shas = saved.restore(self._kept(head), self._replay)
        self._shas = shas or []
        self._booked = self._replay.register.end
        return shas is not None

    def close(self) -> None:
        """End what works ahead."""
        self._ahead.close()

    def expect(self, sha: str, parents: tuple[str, ...], *, is_ignored: bool) -> None:
        """A commit that will be replayed after those before it."""
        self._ahead.expect(Task(sha, parents, is_ignored, sha in self._mirror.boundaries))

    def run(self, nodes: Sequence[Node], steps: Sequence[Step]) -> Result:
        """Replay commits, parents before children, and load what they did; `steps` is the whole first-parent line.

        Raises TooOld where one of them builds on a state that cannot be had back.
        """
        self._steps = list(steps)
        self._replay.undo_from = len(steps) - KEPT
        known = len(self._shas)
        self._shas += [node.sha for node in nodes]
        self._numbers = {sha: number for number, sha in enumerate(self._shas)}
        step_of = {step.sha: number for number, step in enumerate(steps)}
        again = self._once_more(nodes, known, step_of)
        plan = [*again, *nodes]
        children: dict[str, int] = defaultdict(int)
        for node in plan:
            for parent in dict.fromkeys(node.parents):
                children[parent] += 1
        children[nodes[-1].sha] += 1  # the head is kept
        self._begin(plan, known, step_of, children)
        self._leave_old_head(known, step_of)
        brings: dict[str, list[int]] = defaultdict(list)
        for node in nodes:
            if node.sha != node.landed_sha:
                brings[node.landed_sha].append(self._numbers[node.sha])
        self._will_be_reverted(plan, known)
        self._rows, self._result = [], Result({}, {}, set())
        for node, edit in zip(plan, self._ahead.edits([self._task(node) for node in plan]), strict=True):
            number, step = self._numbers[node.sha], step_of.get(node.sha)
            commit = Commit(
                number=number,
                sha=node.sha,
                parents=tuple(self._numbers[parent] for parent in node.parents),
                parent_shas=node.parents,
                step=step,
                brings=tuple(brings[node.sha]),
                reverts=tuple(self._numbers[sha] for sha in node.reverts if sha in self._numbers),
                children=children[node.sha],
                is_known=number < known,
            )
            changed = self._replay.commit(commit, edit)
            if not commit.is_known:
                self._take_note(commit, edit, changed)
        self._load()
        self._forget_old_blocks()
        saved.save(self._kept(self._shas[-1]), self._shas, self._replay)
        return self._result

    def _task(self, node: Node) -> Task:
        return Task(node.sha, node.parents, node.is_ignored, node.sha in self._mirror.boundaries)

    def _take_note(self, commit: Commit, edit: Edit | MergeEdit, changed: Sequence[Changed]) -> None:
        """What a commit leaves in the tables and the result."""
        if edit.unread is not None:
            self._result.unread[commit.sha] = edit.unread
        if isinstance(edit, Edit) and commit.sha not in self._mirror.boundaries:
            self._result.lines[commit.sha] = sum((file.added or 0) + (file.deleted or 0) for file in edit.files)
            if edit.is_format:
                self._result.formats.add(commit.sha)
            self._rows += [self._change(commit.sha, *both) for both in zip(edit.files, changed, strict=True)]
        if commit.step is not None:
            self._look(commit.step, commit.number)
        waiting = max(len(self._rows), len(self._blocks))
        if self._replay.register.end - self._booked > BATCH or waiting > BATCH // 10:
            self._load()

    # What the new commits build on.

    def _once_more(self, nodes: Sequence[Node], known: int, step_of: dict[str, int]) -> list[Node]:
        """Commits off the first-parent line on which new ones build: their states are not kept, and made again."""
        found: dict[str, Node] = {}
        builds_on = {parent for node in nodes for parent in node.parents}
        while waiting := [
            sha
            for sha in builds_on
            if sha not in found and sha not in step_of and self._numbers.get(sha, known) < known
        ]:
            found |= {node.sha: node for node in self._known_nodes(waiting)}
            builds_on = {parent for sha in waiting for parent in found[sha].parents}
        return sorted(found.values(), key=lambda node: self._numbers[node.sha])

    def _begin(self, plan: Sequence[Node], known: int, step_of: dict[str, int], children: dict[str, int]) -> None:
        """The states of the steps on which the plan builds, from that of the old head backwards."""
        if not known:
            return
        planned = {node.sha for node in plan}
        wanted = {
            step_of[parent] for node in plan for parent in node.parents if parent not in planned and parent in step_of
        }
        head = known - 1
        last = step_of[self._shas[head]]
        state = self._replay.states.pop(head)
        self._old_head = dict(state)
        for step in range(last, min(wanted, default=last) - 1, -1):
            if step in wanted:
                sha = self._steps[step].sha
                self._replay.begin(self._numbers[sha], dict(state), children[sha])
            if step > min(wanted, default=last):
                if step <= last - KEPT:
                    raise TooOld
                self._replay.undo.take_back(step, state)

    def _known_file(self, sha: str, path: bytes) -> int | None:
        """The id that an earlier run gave to a file."""
        found = self._con.execute(
            "select file from changes where repo = ? and sha = ? and path = ?",
            [self._mirror.name, sha, path_text(path)],
        ).fetchall()
        return int(found[0][0]) if found else None

    def _leave_old_head(self, known: int, step_of: dict[str, int]) -> None:
        """The head of the last run is none any more; where its month is over, it is a month end."""
        repo = {"repo": self._mirror.name}
        self._con.execute("delete from clone_blocks where repo = $repo and snapshot_sha in "
                          "(select snapshot_sha from duplication where repo = $repo and is_head)", repo)  # fmt: skip
        self._con.execute("delete from duplication where repo = $repo and is_head", repo)
        if known:
            step = step_of[self._shas[known - 1]]
            if self._is_month_end(step):
                self._snapshot(step, self._old_head, is_head=False)

    def _will_be_reverted(self, plan: Sequence[Node], known: int) -> None:
        """Remember what the commits took out that others of the plan bring back."""
        for sha in {sha for node in plan for sha in node.reverts if sha in self._numbers}:
            number = self._numbers[sha]
            self._replay.removed[number] = None
            if number < known:
                # Of a merge, also what its branch took out.
                runs = self._con.execute("""
                    select first_line, lines from line_deaths
                    where repo = $repo and (sha = $sha or landed_sha = $sha) order by path, start_line
                """, {"repo": self._mirror.name, "sha": sha}).fetchall()  # fmt: skip
                lines = [np.arange(first, first + count, dtype=np.uint32) for first, count in runs]
                self._replay.removed[number] = np.concatenate(lines) if lines else None

    # What comes of it.

    def _kind(self, file: int, path: bytes) -> Kind:
        kind = self._classifier.kind(path)
        return kind._replace(role="generated") if file in self._replay.generated and kind.role != "vendored" else kind

    def _change(self, sha: str, file: FileEdit, changed: Changed) -> tuple[object, ...]:
        counts = file.counts
        kind = self._kind(changed.file, file.path)
        operations: tuple[int | None, ...] = (
            counts.updated, counts.moved, changed.copied, counts.copied_within, counts.find_replaced, counts.noop,
        )  # fmt: skip
        if file.added is None:
            operations = (None,) * len(operations)
        old = path_text(file.old_path) if file.old_path != file.path else None
        return (
            self._mirror.name, sha, changed.file, path_text(file.path), old, STATUS[file.status],
            kind.role, kind.language, file.added, file.deleted, *operations,
        )  # fmt: skip

    def _is_month_end(self, step: int) -> bool:
        """Whether the next step landed in another month."""
        if step + 1 == len(self._steps):
            return False
        now, then = self._steps[step].landed_at, self._steps[step + 1].landed_at
        return (now.year, now.month) != (then.year, then.month)

    def _look(self, step: int, number: int) -> None:
        """Take a snapshot of the tree at month ends and at the head."""
        self._snapshots.change(self._replay.before)
        is_head = step + 1 == len(self._steps)
        if is_head or self._is_month_end(step):
            self._snapshot(step, self._replay.states[number], is_head=is_head)

    def _snapshot(self, step: int, state: State, *, is_head: bool) -> None:
        repo, (sha, at) = self._mirror.name, self._steps[step]
        found = self._snapshots.take(state)
        self._duplication += [
            (repo, sha, at, is_head, role, language, duplicated, code) for role, language, duplicated, code in found
        ]
        if (self._steps[-1].landed_at - at).days <= BLOCKS_FOR:
            self._blocks += [
                (repo, sha, at, block, path_text(path), first, last)
                for block, path, first, last in self._snapshots.blocks()
            ]

    def _forget_old_blocks(self) -> None:
        oldest = self._steps[-1].landed_at - timedelta(days=BLOCKS_FOR)
        self._con.execute("delete from clone_blocks where repo = ? and snapshot_at < ?", [self._mirror.name, oldest])

    def _load(self) -> None:
        """Load what was booked since the last time."""
        for table, waiting in (
            ("changes", self._rows), ("duplication", self._duplication), ("clone_blocks", self._blocks)
        ):  # fmt: skip
            warehouse.load(self._con, table, waiting)
            waiting.clear()
        self._booked = self._replay.register.end
        booked, told = self._replay.ledger.drain(), self._tables()
        for table, rows, columns in (
            ("line_births", booked.births, told.births),
            ("line_deaths", booked.deaths, told.deaths),
            ("line_moves", booked.moves, told.moves),
        ):
            if len(rows.get("id", ())):
                warehouse.append(self._con, table, pa.table(columns(rows)))
        shas = self._shas
        warehouse.load(self._con, "rework", (
            (self._mirror.name, self._steps[step].sha, shas[writer], shas[killer], lines)
            for step, writer, killer, lines in booked.rework
        ))  # fmt: skip

    def _tables(self) -> _Tables:
        places = list(self._replay.places)
        return _Tables(
            repo=self._mirror.name,
            shas=pa.array(self._shas),
            steps=pa.array([step.sha for step in self._steps]),
            files=pa.array([file for file, _ in places], pa.int32()),
            paths=pa.array([path_text(path) for _, path in places]),
            roles=pa.array([self._kind(file, path).role for file, path in places]),
            written_paths=pa.array([path_text(path) for path in self._replay.register.origins.paths]),
        )
