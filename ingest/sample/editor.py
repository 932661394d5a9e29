"""Decides what a change does to its repository: which files, which lines, how many, by the kind of work."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ingest.sample import edits, grammar, starting
from ingest.sample.chance import weighted
from ingest.sample.changes import Change
from ingest.sample.story import REFORMAT, RepositoryStory
from ingest.sample.tree import CODE, Draft, functions, is_loose, language, reconciled, role
from ingest.sample.words import Vocabulary

# Share of small edits that also touch lines younger than a fortnight.
_YOUNG_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Lines that will not last: a share of a landed change, to be written again from a moment on."""

    due_at: datetime
    change: Change
    share: float


class Editor:
    """Edits one repository."""

    def __init__(self, story: RepositoryStory, rng: random.Random, words: Vocabulary) -> None:
        """An editor with nothing to write again yet."""
        self._story, self._rng, self._words = story, rng, words
        self.rewrites: list[Rewrite] = []
        # Lines of changes with a lower number are older than a fortnight.
        self.young_from = 0
        self._kinds: dict[str, Callable[[Draft], None]] = {
            "feature": self._feature,
            "fix": self._fix,
            "refactor": self._refactor,
            "docs": self._docs,
            "test": self._test,
            "chore": self._chore,
            "bump": self._bump,
        }

    def write(self, draft: Draft, change: Change, at: datetime, *, last: bool) -> None:
        """One step of a change; the last one also pays what the team owes."""
        self._write(draft, change, at, last=last)
        if self._story.name == "shop-payments" and at < REFORMAT:
            for path, file in draft.changed().items():
                draft.files[path] = edits.single_quoted(path, file)

    def _write(self, draft: Draft, change: Change, at: datetime, *, last: bool) -> None:
        if change.reverts:
            revert(draft, change.reverts)
            return
        if change.incident and change.incident.cause:
            self._rewrite(draft, change.incident.cause, self._rng.randint(2, 6))
            edits.add_statements(draft, edits.pick(draft, self._rng, "source"), self._rng, self._words, 2)
        else:
            self._kinds[change.kind](draft)
        if change.written_by == "ai" and change.kind == "feature" and self._rng.random() < 0.4:
            self._add_function(draft, "source")
        if last and change.is_ordinary and change.kind != "docs":
            self._rewrite_what_is_due(draft, at)

    def _feature(self, draft: Draft) -> None:
        if self._rng.random() < 0.03:
            self._new_file(draft)
        else:
            self._add_function(draft, "source")
        self._add_statements(draft, self._rng.randint(2, 5))
        self._update(draft, self._rng.randint(1, 3))
        self._remove(draft, self._rng.randint(0, 4))
        if self._rng.random() < 0.35:
            self._add_function(draft, "test")
        if self._rng.random() < 0.8:
            self._remove_function(draft)

    def _fix(self, draft: Draft) -> None:
        self._update(draft, self._rng.randint(1, 4))
        self._add_statements(draft, self._rng.randint(1, 4))
        self._remove(draft, self._rng.randint(0, 2))

    def _refactor(self, draft: Draft) -> None:
        self._update(draft, self._rng.randint(2, 6))
        self._remove_function(draft)
        if self._rng.random() < 0.12:
            self._rename(draft)
        if self._rng.random() < 0.08:
            edits.replace_everywhere(draft, self._rng, self._words)

    def _docs(self, draft: Draft) -> None:
        path = edits.pick(draft, self._rng, "docs")
        draft.files[path] = draft.files[path] + draft.lines(grammar.paragraph(self._rng, self._words))
        places = self._rng.sample(range(len(draft.files[path])), 2)
        edits.update_words(draft, path, places, self._rng, self._words)

    def _test(self, draft: Draft) -> None:
        self._add_function(draft, "test")
        self._update(draft, self._rng.randint(0, 2), "test")

    def _chore(self, draft: Draft) -> None:
        path = edits.pick(draft, self._rng, "config")
        size = len(draft.files[path])
        edits.update_words(draft, path, self._rng.sample(range(1, size), min(3, size - 1)), self._rng, self._words)
        self._update(draft, self._rng.randint(1, 3))
        self._remove(draft, self._rng.randint(1, 6))
        chance = self._rng.random()
        if chance < 0.12:
            path = f"{self._story.package}/generated/schema.py"
            fresh = starting.generated(self._rng, self._words, self._rng.randint(3, 20))
            draft.files[path] = draft.files[path] + draft.lines(fresh[2:])
        elif chance < 0.15:
            path = edits.pick(draft, self._rng, "vendored")
            edits.add_function(draft, path, self._rng, self._words, 20)

    def _bump(self, draft: Draft) -> None:
        path = "requirements.lock"
        file = list(draft.files[path])
        for at in self._rng.sample(range(len(file)), self._rng.randint(1, 3)):
            name = file[at].text.partition("==")[0]
            text = starting.lock_line(self._rng, name, starting.locked_version(self._rng))
            file[at] = draft.lines([text])[0]
        draft.files[path] = file

    def _add_function(self, draft: Draft, name: str) -> None:
        edits.add_function(draft, edits.pick(draft, self._rng, name), self._rng, self._words, self._rng.randint(5, 24))

    def _add_statements(self, draft: Draft, lines: int) -> None:
        edits.add_statements(draft, edits.pick(draft, self._rng, "source"), self._rng, self._words, lines)

    def _places(self, draft: Draft, path: str, lines: int) -> list[int]:
        """Lines that may be changed alone; mostly only those that have stood for a fortnight."""
        youngest = None if self._rng.random() < _YOUNG_SHARE else self.young_from
        return edits.some_loose(draft.files[path], self._rng, lines, youngest)

    def _update(self, draft: Draft, lines: int, *roles: str) -> None:
        path = edits.pick(draft, self._rng, *(roles or CODE))
        edits.update_words(draft, path, self._places(draft, path, lines), self._rng, self._words)

    def _remove(self, draft: Draft, lines: int) -> None:
        path = edits.pick(draft, self._rng, *CODE)
        edits.remove_lines(draft, path, self._places(draft, path, lines))

    def _remove_function(self, draft: Draft) -> None:
        path = edits.pick(draft, self._rng, *CODE)
        file = draft.files[path]
        youngest = draft.birth - 1 if self._rng.random() < _YOUNG_SHARE / 2 else self.young_from
        old = [part for part in functions(file) if all(line.birth <= youngest for line in file[part])]
        if len(old) > 1:
            edits.remove_function(draft, path, self._rng.choice(old))

    def _new_file(self, draft: Draft) -> None:
        rng, words, taken = self._rng, self._words, list(draft.files)
        if rng.random() < self._story.python_files / (self._story.python_files + self._story.script_files):
            path = starting.new_path(rng, words, self._story.package, "py", draft.files)
            texts = starting.module(rng, words, "py", starting.python_imports(rng, self._story.package, taken), 1)
        else:
            path = starting.new_path(rng, words, self._story.scripts, "js", draft.files)
            texts = starting.module(rng, words, "js", starting.script_imports(rng, self._story.scripts, taken), 1)
        draft.files[path] = draft.lines(texts)
        test = starting.test_path(path)
        if rng.random() < 0.4 and test not in draft.files:
            draft.files[test] = draft.lines(starting.test_module(rng, words, path))

    def _rename(self, draft: Draft) -> None:
        old = edits.pick(draft, self._rng, "source")
        if old.endswith("__init__.py"):
            return
        folder, suffix = (self._story.package, "py") if language(old) == "py" else (self._story.scripts, "js")
        new = starting.new_path(self._rng, self._words, folder, suffix, draft.files)
        edits.rename_file(draft, old, new)
        if self._rng.random() < 0.5:
            edits.add_statements(draft, new, self._rng, self._words, 2)

    def _rewrite_what_is_due(self, draft: Draft, at: datetime) -> None:
        due = [rewrite for rewrite in self.rewrites if rewrite.due_at <= at]
        self.rewrites = [rewrite for rewrite in self.rewrites if rewrite.due_at > at]
        for rewrite in due:
            self._rewrite(draft, rewrite.change, round(rewrite.share * rewrite.change.born))

    def _rewrite(self, draft: Draft, change: Change, lines: int) -> None:
        places = [
            (path, at)
            for path in change.after
            if role(path) in CODE and path in draft.files
            for at, line in enumerate(draft.files[path])
            if line.birth == change.number and is_loose(draft.files[path], at)
        ]
        chosen = self._rng.sample(places, min(lines, len(places)))
        for path in sorted({path for path, _ in chosen}):
            edits.rewrite(draft, path, [at for where, at in chosen if where == path], self._rng, self._words)


def revert(draft: Draft, change: Change) -> None:
    """Take a landed change back, file by file, around what others did since."""
    for path, file in change.after.items():
        before, now = change.before.get(path, []), draft.files.get(path)
        if now is not None:
            draft.files[path] = reconciled(path, file, before, now)
        elif before and not file:
            draft.files[path] = before


def kind_of_work(rng: random.Random) -> str:
    """What somebody sits down to do."""
    return weighted(
        rng, [("feature", 0.46), ("fix", 0.19), ("refactor", 0.12), ("test", 0.08), ("chore", 0.09), ("docs", 0.06)]
    )
