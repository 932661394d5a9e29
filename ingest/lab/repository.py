"""A repository of the lab: changes edit its files, and what they decide for their lines comes true later."""

import heapq
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import count
from pathlib import Path

from ingest.lab.changes import Change, comments, share, size
from ingest.lab.lines import Files, Line, Words, free_runs, rendered
from ingest.lab.story import Hazards, Place
from ingest.sample.chance import stream, weighted
from ingest.sample.fast_import import FastImport, Signature

# Ages in days at which a line that is to die by then is due: long enough before for somebody to come by.
BRACKETS = ((1, 11, 13.5), (16, 27, 29.5), (32, 86, 89.5), (92, 175, 179.5))
RESERVED = 2  # lines of a faulty change, at least, that its fix takes out
TAKEN_OUT = 0.25  # of its lines, on average: one change has a slip in it, of another little was right
# Who owns which files; what no other line names is everybody's.
OWNERS = {"*": "everybody", "/src/core/": "core", "/src/web/": "web", "/docs/": "docs"}
SHORT = 7  # lines of a block that is too short of words to be a duplicate
SUSPECTS = 20  # changes back, at most, that anybody suspects
IMPORTING = 0.5  # of the first files, the share that imports of another one
# Of changes, the shares that copy blocks of lines and that move some, and after how many lines it is a block more: a tenth of all
# lines comes either way, as in published figures.
COPYING, MOVING, LINES_A_BLOCK = 0.25, 0.25, 30
_TRAILER = "Co-Authored-By: Claude <noreply@anthropic.com>"
_FRIDAY, _EVENING = 4, time(20, tzinfo=UTC)
_FORGE = ("Forge", "forge@lab.example.com")


@dataclass(frozen=True, slots=True)
class Look:
    """What a scanner saw: the files as they stood."""

    at: datetime
    sha: str
    files: Files


@dataclass(slots=True)
class Repository:
    """The files of a place, and the commits that made them."""

    place: Place
    path: Path
    seed: int
    files: Files = field(default_factory=dict)
    landed: list[Change] = field(default_factory=list)
    head: str = ""
    faulty: dict[Change, list[Line]] = field(default_factory=dict)  # lines that a fix will take out
    looks: list[Look] = field(default_factory=list)
    month_end: Look | None = None
    imports: dict[str, str] = field(default_factory=dict)  # of which file a file imports
    deadlines: list[datetime] = field(default_factory=list)  # by when somebody must have tidied up, if nobody came by
    _due: list[tuple[datetime, int, Line]] = field(default_factory=list)
    _rng: random.Random = field(init=False)
    _words: Words = field(init=False)
    _numbers: Iterator[int] = field(default_factory=count)
    _git: FastImport = field(init=False)
    _touched: set[str] = field(default_factory=set)
    _ended: Counter[str] = field(default_factory=Counter)  # how often a file was gone
    _gone: dict[Change, list[tuple[str, int, Line]]] = field(default_factory=dict)
    _shared: list[list[Line]] = field(default_factory=list)  # groups of lines that have a word in common

    def __post_init__(self) -> None:
        """An empty repository."""
        self._rng = stream(self.seed, f"repository {self.place.name}")
        self._words = Words(self._rng)
        self._git = FastImport(self.path)

    def finish(self) -> None:
        """Write everything."""
        self._git.finish(self.head)

    # What a change does.

    def begin(self, change: Change) -> None:
        """The first import: lines that are old by the time anybody looks."""
        files, length = (6, 40) if self.place.is_young else (30, 100)
        for _ in range(files):
            path = self._new_path("js")
            self._insert(change, path, list(self._words.texts(length, 0.1)), 0)
        lines = [line for file in self.files.values() for line in file]
        for line in lines:
            line.is_free = True
        apart = lines[5::97]
        for at in range(0, len(apart) - 3, 4):
            self._share_a_word(apart[at : at + 4])
        self._import(change)
        self._repeat(change)
        owners = [f"{pattern} @lab/{name}" for pattern, name in OWNERS.items()]
        self.files["CODEOWNERS"] = [Line(text, change, "added", is_code=False, path="CODEOWNERS") for text in owners]
        self._touched.add("CODEOWNERS")
        self._land(change)

    def work(self, change: Change) -> None:
        """What people do: add lines, and touch old ones. One that will be taken back does nothing but add."""
        self._add(change)
        if change.is_merge:
            self._commit_to_branch(change, timedelta(hours=2))
        if not change.is_reverted:
            self._touch(change)
            self.sweep(change)
            if change.is_merge and self._touched:
                self._commit_to_branch(change, timedelta(hours=1))
        self._land(change)
        if change.purpose == "work":
            self._decide(change)

    def tidy(self, change: Change) -> None:
        """Take out what is due and nothing else."""
        self.sweep(change)
        self._land(change)

    def fix(self, change: Change, *, is_tangled: bool, only_adds: bool) -> None:
        """Take out the faulty lines of another change and write others in their place.

        A tangled fix takes out lines of whoever worked last as well; one that only adds leaves the faulty ones standing.
        """
        assert change.target is not None  # noqa: S101 - the play gives it one
        for line in self.faulty.pop(change.target):
            path, at = self._place_of(line)
            if not only_adds:
                self._remove(change, path, at)
            self._insert(change, path, list(self._words.texts(1, 0.0)), at)
        if is_tangled:
            self._clear(change)
        self._land(change)

    def calm(self, change: Change) -> None:
        """End an incident that no change caused: take out what stands in the way, whoever wrote it, and add a line."""
        self._clear(change)
        path = self._any_path()
        self._insert(change, path, list(self._words.texts(1, 0.0)), self._rng.randint(0, len(self.files[path])))
        self._land(change)

    def suspect(self, before: datetime) -> Change | None:
        """The last change before a moment that can be taken back whole: it did nothing but add, and has no fix to come."""
        for change in reversed(self.landed[-SUSPECTS:]):
            own = [*change.work.moved, *change.work.deleted, *change.work.updated]
            if (
                change.at < before
                and change.purpose == "work"
                and not (own or change.work.reindented or change.is_reverted or change.reverted_by)
                and change not in self.faulty
                and all(line.died is None and line.operation == "added" for line in change.born)
            ):
                return change
        return None

    def revert(self, change: Change) -> None:
        """Take out whatever still stands of another change."""
        target = change.target
        assert target is not None  # noqa: S101 - the play gives it one
        own = {line for line in target.born if line.died is None}
        taken = self._gone.setdefault(change, [])
        for path in sorted(target.files & set(self.files)):
            for at in reversed([at for at, line in enumerate(self.files[path]) if line in own]):
                taken.append((path, at, self.files[path][at]))
                self._remove(change, path, at)
        target.reverted_by = change
        self._land(change)

    def reapply(self, change: Change) -> None:
        """Bring back what a revert took out, line by line where it stood."""
        revert = change.target
        assert revert is not None  # noqa: S101 - the play gives it one
        for path, at, line in reversed(self._gone[revert]):
            again = Line(line.text, line.born, line.operation, line.is_code, path, is_restored=True)
            file = self.files.setdefault(path, [])
            file.insert(min(at, len(file)), again)
            change.restored.append(again)
            self._touched.add(path)
        revert.reverted_by = change
        self._land(change)

    def sweep(self, change: Change) -> None:
        """Take out every line that is due."""
        due: set[Line] = set()
        while self._due and self._due[0][0] <= change.at:
            line = heapq.heappop(self._due)[2]
            if line.died is None:
                due.add(line)
        for path in sorted({line.path for line in due}):
            for at in reversed([at for at, line in enumerate(self.files[path]) if line in due]):
                self._remove(change, path, at)

    def look(self, at: datetime) -> None:
        """Let a scanner see what stands."""
        self.looks.append(self._look(at))

    def remember(self, at: datetime) -> None:
        """Keep the files as a month leaves them."""
        self.month_end = self._look(at)

    def _look(self, at: datetime) -> Look:
        return Look(at, self.head, {path: list(file) for path, file in self.files.items()})

    def is_due(self, at: datetime) -> bool:
        """Whether a line is due that still stands."""
        while self._due and self._due[0][2].died is not None:
            heapq.heappop(self._due)
        return bool(self._due) and self._due[0][0] <= at

    def _clear(self, change: Change) -> None:
        for line in self._newest(RESERVED, change.target):
            self._remove(change, *self._place_of(line))

    def _newest(self, lines: int, but: Change | None) -> list[Line]:
        """Lines of code of the change before, that nobody else has plans for."""
        faulty = {line for each in self.faulty.values() for line in each}
        for change in reversed(self.landed):
            own = [line for line in change.born if line.is_code and line.died is None and line.operation == "added"]
            if (
                change is not but
                and change.purpose == "work"
                and len(free := [one for one in own if one not in faulty]) >= lines
            ):
                return free[:lines]
        return []

    # How it does it.

    def _import(self, change: Change) -> None:
        """Some files import of one that was written before them."""
        paths = list(self.files)
        for number, path in enumerate(paths[1:], 1):
            if self._rng.random() < IMPORTING:
                self.imports[path] = target = self._rng.choice(paths[:number])
                folder, name = target.split("/")[1:]
                self._insert(change, path, [(f'import {{ {self._words.word()} }} from "../{folder}/{name}";', True)], 0)

    def _repeat(self, change: Change) -> None:
        """A block of short lines in two places: too few words to count as duplicated."""
        texts = [(f"{self._words.word()}();", True) for _ in range(SHORT)]
        for path in list(self.files)[:2]:
            self._insert(change, path, texts, len(self.files[path]))

    def _add(self, change: Change) -> None:
        texts = list(self._words.texts(size(self._rng, change.kind), comments(change.purpose)))
        if change.purpose == "docs":
            path = self._new_path("md")
            self.files[path] = [Line(text, change, "added", is_code=False, path=path) for text, _ in texts]
            self._touched.add(path)
            return
        parts = self._rng.randint(1, 3) if len(texts) > 20 else 1
        cut = sorted(self._rng.sample(range(1, len(texts)), parts - 1)) if parts > 1 else []
        for since, until in zip([0, *cut], [*cut, len(texts)], strict=True):
            path = self._any_path() if self._rng.random() < 0.6 else self._new_path("js")
            file = self.files.setdefault(path, [])
            self._insert(change, path, texts[since:until], self._rng.randint(0, len(file)))

    def _touch(self, change: Change) -> None:
        """Now and then each of the other operations, on lines that nobody else has plans for."""
        # Copied before anything else, for lines could follow each other then that did not before; pasted after everything
        # else, for something could come between them.
        copied = self._copies(change) if self._rng.random() < COPYING else []
        operations = (
            (self._update, 0.30),
            (self._delete, 0.15),
            (self._moves, MOVING),
            (self._reindent, 0.05),
            (self._replace, 0.04),
            (self._twice, 0.06),
        )
        for operation, chance in operations:
            if self._rng.random() < chance:
                operation(change)
        for path, texts in copied:
            self._insert(change, path, texts, self._rng.randint(0, len(self.files[path])), "copied")

    def _update(self, change: Change) -> None:
        for _ in range(self._rng.randint(1, 5)):
            found = self._free(1)
            if found is None:
                return
            path, at = found
            old = self.files[path][at]
            self._rewrite(change, path, at, _with_another_end(old.text, self._words.word()))

    def _delete(self, change: Change) -> None:
        length = self._rng.randint(1, 6)
        found = self._free(length)
        for _ in range(length if found else 0):
            self._remove(change, *found)  # type: ignore[misc]

    def _moves(self, change: Change) -> None:
        for _ in range(_blocks(change)):
            self._move(change)

    def _move(self, change: Change) -> None:
        length = self._rng.randint(4, 8)
        found = self._free(length)
        if found is None:
            return
        path, at = found
        block = self.files[path][at : at + length]
        del self.files[path][at : at + length]
        other = self._any_path(path)
        place = self._rng.randint(0, len(self.files[other]))
        self.files[other][place:place] = block
        for line in block:
            line.is_free, line.path = False, other
        change.work.moved += block
        self._touched.update((path, other))

    def _copies(self, change: Change) -> list[tuple[str, list[tuple[str, bool]]]]:
        """Blocks of lines, each with another file to paste it into: none is cut by the next."""
        sources = [found for _ in range(_blocks(change)) if (found := self._copy())]
        others = [path for path in self.files if path.endswith(".js") and path not in {path for path, _ in sources}]
        targets = self._rng.sample(others, min(len(sources), len(others)))
        return [(path, texts) for path, (_, texts) in zip(targets, sources, strict=False)]

    def _copy(self) -> tuple[str, list[tuple[str, bool]]] | None:
        """A block of lines, and where it stands."""
        length = self._rng.randint(6, 10)
        found = self._free(length)
        if found is None:
            return None
        path, at = found
        block = self.files[path][at : at + length]
        for line in block:
            line.is_free = False
        indent = "    " * self._rng.randrange(2)
        return path, [(indent + line.text, line.is_code) for line in block]

    def _reindent(self, change: Change) -> None:
        found = self._free(3)
        if found is None:
            return
        path, at = found
        for line in self.files[path][at : at + 3]:
            line.text, line.is_free = "  " + line.text, False
        change.work.reindented += 3
        self._touched.add(path)

    def _replace(self, change: Change) -> None:
        while self._shared:
            group = self._shared.pop()
            if all(line.is_free and line.died is None for line in group):
                break
        else:
            return
        word, other = group[0].text.split()[1], self._words.word()
        for line in group:
            self._rewrite(change, *self._place_of(line), line.text.replace(word, other))
        change.work.replaced += len(group)

    def _twice(self, change: Change) -> None:
        texts = list(self._words.texts(3, 0.0))
        for path in (self._any_path(), self._new_path("js")):
            self._insert(change, path, texts, len(self.files.get(path, [])))
        change.work.copied_within += 6

    def _insert(
        self, change: Change, path: str, texts: Sequence[tuple[str, bool]], at: int, operation: str = "added"
    ) -> None:
        lines = [Line(text, change, operation, is_code, path) for text, is_code in texts]
        self.files.setdefault(path, [])[at:at] = lines
        change.born += lines
        self._touched.add(path)

    def _remove(self, change: Change, path: str, at: int) -> None:
        line = self.files[path].pop(at)
        line.died = change
        change.work.deleted.append(line)
        self._touched.add(path)

    def _rewrite(self, change: Change, path: str, at: int, text: str) -> None:
        old = self.files[path][at]
        old.died = change
        new = Line(text, change, "updated", old.is_code, path)
        self.files[path][at] = new
        change.born.append(new)
        change.work.updated.append(old)
        self._touched.add(path)

    def _share_a_word(self, group: list[Line]) -> None:
        word = self._words.word()
        for line in group:
            if not line.is_code:
                return
        for line in group:
            parts = line.text.split()
            parts[1] = word
            line.text = " ".join(parts)
        self._shared.append(group)

    def _free(self, length: int) -> tuple[str, int] | None:
        """A run of lines nobody has plans for."""
        paths = [path for path in self.files if path.endswith(".js")]
        for path in self._rng.sample(paths, min(12, len(paths))):
            if starts := free_runs(self.files[path], length):
                return path, self._rng.choice(starts)
        return None

    def _place_of(self, line: Line) -> tuple[str, int]:
        return line.path, self.files[line.path].index(line)

    def _any_path(self, but: str = "") -> str:
        return self._rng.choice([path for path in self.files if path.endswith(".js") and path != but])

    def _new_path(self, ending: str) -> str:
        folder = "docs" if ending == "md" else f"src/{weighted(self._rng, [('core', 3), ('web', 2), ('jobs', 1)])}"
        return f"{folder}/{self._words.word()}{next(self._numbers)}.{ending}"

    # What will become of it.

    def _decide(self, change: Change) -> None:
        """When each of its new lines is due, and which of them will turn out to be faulty."""
        hazards = change.hazards
        lines = [line for line in change.born if line.operation == "added"]
        first = share(self._rng, hazards.dead_14)
        late = []
        deadlines = set()
        for line in lines:
            bracket = _bracket(self._rng, first, hazards)
            if bracket != 0 and line.is_code:
                late.append(line)
            if bracket is not None:
                since, until, deadline = BRACKETS[bracket]
                at = change.at + timedelta(days=self._rng.uniform(since, until))
                heapq.heappush(self._due, (at, next(self._numbers), line))
                deadlines.add(_working(change.at + timedelta(days=deadline)))
        self.deadlines += sorted(deadlines)
        if change.is_fixed and not change.is_reverted and len(late) >= RESERVED:
            many = max(RESERVED, round(share(self._rng, TAKEN_OUT) * len(late)))
            self.faulty[change] = late[:many]
            faulty = set(self.faulty[change])
            self._due = [each for each in self._due if each[2] not in faulty]
            heapq.heapify(self._due)

    # Commits.

    def _commit_to_branch(self, change: Change, before: timedelta) -> None:
        parent = change.commits[-1] if change.commits else self.head
        message = _message(change, is_first=not change.commits)
        change.commits.append(self._commit(change, message, change.at - before, [parent]))

    def _land(self, change: Change) -> None:
        """A merge has nothing of its own: what its branch touched stands in it as it stands there."""
        parents = [parent for parent in [self.head, *change.commits[-1:]] if parent]
        self._touched |= change.files
        merge = f"Merge branch 'part-{change.number}'\n"
        change.sha = self._commit(change, merge if change.is_merge else _message(change), change.at, parents)
        change.commits.append(change.sha)
        self.head = change.sha
        self.landed.append(change)

    def _commit(self, change: Change, message: str, at: datetime, parents: list[str]) -> str:
        contents = {path: rendered(self.files.get(path, [])) or None for path in sorted(self._touched)}
        change.files |= self._touched
        change.touched |= {(path, self._ended[path]) for path in self._touched}
        for path in [path for path, content in contents.items() if content is None]:
            self.files.pop(path, None)
            self._ended[path] += 1
        self._touched = set()
        author = Signature(f"P{change.person.number}", change.person.email, at)
        return self._git.commit(message, author, Signature(*_FORGE, at), parents=parents, files=contents)


def _blocks(change: Change) -> int:
    """How many blocks a change moves or copies, if any: a large one more."""
    return 1 + len(change.born) // LINES_A_BLOCK


def _bracket(rng: random.Random, first: float, hazards: Hazards) -> int | None:
    chance = rng.random() - first
    if chance < 0:
        return 0
    for number, dead in enumerate((hazards.dead_30, hazards.dead_90, hazards.dead_180), 1):
        chance -= dead
        if chance < 0:
            return number
    return None


def _working(deadline: datetime) -> datetime:
    """The deadline, or the Friday evening before it: who tidies up does not come in on a weekend."""
    early = deadline.weekday() - _FRIDAY
    return datetime.combine(deadline.date() - timedelta(days=early), _EVENING) if early > 0 else deadline


def _with_another_end(text: str, word: str) -> str:
    """The line with its last word another."""
    head, _, _ = text.rpartition(" ")
    return f"{head} {word}" if text.startswith("//") else f"{head} {word});"


def _message(change: Change, *, is_first: bool = True) -> str:
    parts = [change.subject if is_first else f"{change.subject}, second step"]
    target = change.target
    if change.purpose == "revert" and target is not None:
        parts = [f'Revert "{target.subject}"', f"This reverts commit {target.sha}."]
    if change.incident is not None:
        parts.append(f"Fixes {change.incident.ident}")
    if change.issue is not None:
        parts.append(f"Refs {change.issue}")
    if change.is_marked:
        parts.append(_TRAILER)
    return "\n\n".join(parts) + "\n"
