"""How a change gets onto main: merged from a branch, squashed, rebased or pushed."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from ingest.sample import messages
from ingest.sample.changes import Change
from ingest.sample.debts import Debts
from ingest.sample.editor import Editor
from ingest.sample.fast_import import FastImport, Signature
from ingest.sample.marks import Mark, identity, mark
from ingest.sample.story import RepositoryStory
from ingest.sample.tree import Draft, Files, changed, merged, rendered, turned_over
from ingest.sample.words import VOCABULARIES, title

_FORGE = ("GitHub", "noreply@github.com")


@dataclass(slots=True, eq=False)
class Branch:
    """Work in progress: what it started from, what it looks like, what was committed to it."""

    change: Change
    base: Files
    base_sha: str
    files: Files
    head: str
    commits: list[str] = field(default_factory=list)
    mark: Mark | None = None
    name: str = ""

    # The files the branch changed.
    touched: frozenset[str] = frozenset()


class Repository:
    """One repository while it grows."""

    def __init__(self, story: RepositoryStory, path: Path, rng: random.Random) -> None:
        """An empty repository."""
        self.story = story
        self.words = VOCABULARIES[story.name]
        self.editor = Editor(story, rng, self.words)
        self.debts = Debts(rng)
        self.files: Files = {}
        self.head = ""
        self.landed: list[Change] = []
        self.branches: list[Branch] = []
        self.commits = 0
        self._rng = rng
        self._pull_requests = 0
        self._stream = FastImport(path)

    def finish(self) -> None:
        """Close the books."""
        self._stream.finish(self.head)

    def next_pull_request(self) -> int:
        """A number for a new pull request; issues take some numbers, too."""
        self._pull_requests += self._rng.choice((1, 1, 1, 2))
        return self._pull_requests

    # Squash, push and rebase: one or several commits straight onto main.

    def land(self, change: Change, at: datetime, steps: int) -> list[Change]:
        """Put a change on main at once; none if nothing was left to change."""
        draft = self._draft(change, self.files)
        for step in range(steps):
            self.editor.write(draft, change, at, last=step == steps - 1)
        self.debts.settle(draft, change, at, pay=True)
        others = [title(self._rng, "chore" if change.kind == "bump" else "fix", self.words) for _ in range(steps - 1)]
        text = self._message(change, at, [change.title, *others] if steps > 1 else [])
        return self._advance(change, draft, text, self._signatures(change, at))

    def replace(self, change: Change, files: Files, at: datetime) -> list[Change]:
        """Put given files on main: the first commit, a reformatting, a list of revisions to ignore."""
        draft = self._draft(change, self.files)
        draft.files = files
        return self._advance(change, draft, change.title + "\n", self._signatures(change, at))

    def _message(self, change: Change, at: datetime, steps: list[str]) -> str:
        first = messages.subject(change)
        if change.reverts:
            return messages.revert_message(change, first, self._rng)
        return messages.message(change, first, self._mark(change, at), steps=steps)

    def _mark(self, change: Change, at: datetime) -> Mark:
        found = mark(self._rng, change, at)
        change.author = "|".join(found.author or identity(self._rng, change.person))
        return found

    def _signatures(self, change: Change, at: datetime) -> tuple[Signature, Signature]:
        if not change.author:
            change.author = "|".join(identity(self._rng, change.person))
        name, email = change.author.split("|")
        zone = change.person.zone
        if change.style == "push":
            return Signature(name, email, at, zone), Signature(name, email, at, zone)
        written_at = at - timedelta(minutes=self._rng.randint(20, 900)) if change.style == "rebase" else at
        return Signature(name, email, written_at, zone), Signature(*_FORGE, at)

    def _advance(
        self, change: Change, draft: Draft, text: str, signatures: tuple[Signature, Signature]
    ) -> list[Change]:
        files = draft.changed()
        if not files:
            return []
        parents = [self.head] if self.head else []
        sha = self._commit(text, *signatures, parents=parents, files=files)
        self._book(change, sha, draft.files, signatures[1].at)
        _count(change, draft)
        return [change]

    # Merge: commits on a branch, then a commit with two parents.

    def open(self, change: Change) -> Branch:
        """Start a branch from main as it is."""
        change.pull_request = self.next_pull_request()
        branch = Branch(change, self.files, self.head, self.files, self.head)
        self.branches.append(branch)
        return branch

    def commit_to(self, branch: Branch, at: datetime, *, first: bool, last: bool) -> None:
        """One commit of a branch."""
        change = branch.change
        draft = self._draft(change, branch.files, branch)
        self.editor.write(draft, change, at, last=last)
        self.debts.settle(draft, change, at, pay=last)
        files = draft.changed()
        if not files:
            return
        found = self._mark(change, at)
        if first or branch.mark is None:
            branch.mark, branch.name = found, found.branch or change.branch
        name, email = change.author.split("|")
        signature = Signature(name, email, at, change.person.zone)
        line = change.title if first else title(self._rng, "fix", self.words)
        text = (
            messages.revert_message(change, line, self._rng)
            if change.reverts
            else messages.message(change, line, found)
        )
        branch.head = self._commit(text, signature, signature, parents=[branch.head], files=files)
        branch.commits.append(branch.head)
        branch.files = _present(draft.files)
        branch.touched |= frozenset(files)
        _count(change, draft)

    def update(self, branch: Branch, at: datetime) -> None:
        """Merge main into a branch."""
        if branch.base_sha == self.head or not branch.commits:
            return
        files = merged(branch.base, self.files, branch.files)
        name, email = identity(self._rng, branch.change.person)
        signature = Signature(name, email, at, branch.change.person.zone)
        text = f"Merge branch 'main' into {branch.name}\n"
        news = changed(branch.files, files)
        branch.head = self._commit(text, signature, signature, parents=[branch.head, self.head], files=news)
        branch.commits.append(branch.head)
        branch.base, branch.base_sha, branch.files = self.files, self.head, files

    def merge(self, branch: Branch, at: datetime) -> list[Change]:
        """Land a branch; none if nobody committed anything to it."""
        self.branches.remove(branch)
        change = branch.change
        files = _present(merged(branch.base, branch.files, self.files))
        news = changed(self.files, files)
        if not branch.commits or not news:
            return []
        text = f"{messages.merge_subject(change, branch.name)}\n\n{change.title}\n"
        author = Signature(change.person.name, change.person.email, at, change.person.zone)
        sha = self._commit(text, author, Signature(*_FORGE, at), parents=[self.head, branch.head], files=news)
        change.commits += branch.commits
        self._book(change, sha, files, at)
        return [change]

    def _draft(self, change: Change, files: Files, own: Branch | None = None) -> Draft:
        busy = [branch.touched for branch in self.branches if branch is not own]
        # A file that main changed since the branch began would have to be merged line by line.
        moved_on = [frozenset(changed(own.base, self.files))] if own else []
        return Draft(files, change.number, frozenset().union(*busy, *moved_on))

    def _commit(self, text: str, author: Signature, committer: Signature, *, parents: list[str], files: Files) -> str:
        self.commits += 1
        contents = {path: rendered(path, file) if file else None for path, file in files.items()}
        return self._stream.commit(text, author, committer, parents=parents, files=contents)

    def _book(self, change: Change, sha: str, files: Files, at: datetime) -> None:
        files = _present(files)
        news = changed(self.files, files)
        change.landed_at, change.landed_sha, change.parent_sha = at, sha, self.head
        change.commits.append(sha)
        change.before = {path: self.files.get(path, []) for path in news}
        change.after = news
        born, gone = turned_over(self.files, files)
        change.born, change.deaths = len(born), Counter(line.birth for line in gone)
        self.files, self.head = files, sha
        self.landed.append(change)


def _present(files: Files) -> Files:
    return {path: file for path, file in files.items() if file}


def _count(change: Change, draft: Draft) -> None:
    change.moved += draft.moved
    change.updated += draft.updated
    change.pastes += draft.pastes
