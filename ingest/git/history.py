"""One repository into the warehouse: its commits, changes and landing, only what is new since the last run."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import duckdb

from ingest import reach, states, warehouse
from ingest.attribution.rules import Rules
from ingest.git import imports, landing, log, messages, owners, saved
from ingest.git.files import Classifier
from ingest.git.lineage import TABLES, Lineage, Node, Result, Step, TooOld
from ingest.git.mirror import Mirror, open_mirror
from ingest.persons import Persons
from ingest.settings import Repository, Settings

METHOD = "7"  # what the rows mean; another number reads every history again
BULK_LINES = 10_000  # a commit of more changed lines is bulk: definitions, section 1
RECENT = 200  # first-parent steps that tell how a repository integrates

Progress = Callable[[Iterable[log.Commit], str], Iterable[log.Commit]]


class Reader(NamedTuple):
    """What every repository is read with."""

    settings: Settings
    persons: Persons
    rules: Rules
    progress: Progress


class Read(NamedTuple):
    """What came of it."""

    rows: int
    detail: str  # why a history was read again from the start, '' otherwise


class Row(NamedTuple):
    """A row of `commits`."""

    repo: str
    sha: str
    parents: list[str]
    author: str
    committer: str
    authored_at: datetime
    committed_at: datetime
    landed_sha: str
    mainline_no: int | None
    is_merge: bool
    is_boundary: bool
    subject: str
    kind: str
    reverts: list[str]
    issues: list[str]
    unread: str | None
    blames: list[str]


def ingest(con: duckdb.DuckDBPyConnection, repository: Repository, reader: Reader) -> Read | None:
    """Bring the warehouse up to the head of the repository's branch; None when there is nothing new.

    Runs in the caller's transaction. Raises HistoryError or TransientError.
    """
    started = states.now()
    mirror = open_mirror(repository, mirrors(reader.settings), reader.settings.file.parent)
    state = states.read(con, "git", repository.name)
    attributes = mirror.files(".gitattributes")
    config = _config(mirror, reader, attributes)
    kept = partial(saved.kept_at, mirrors(reader.settings), mirror.name, config=json.dumps(config))
    reason = _rebuild(state, config, mirror, kept) if state else ""
    if state and not reason and state.cursor_value == mirror.head_sha:
        return None
    reading = _Reading(con, mirror, reader, attributes, started, kept)
    if state and not reason:
        try:
            count = reading.read(state.cursor_value)
        except FromTheStart as why:
            reason = str(why)
    if state is None or reason:
        count = reading.read(None)
    first, last = con.execute(
        "select min(landed_at), max(landed_at) from mainline where repo = ?", [mirror.name]
    ).fetchall()[0]
    through = reach.by_week(last, started)
    states.write(
        con,
        states.State("git", mirror.name, mirror.head_sha, json.dumps(config), first, through, started, states.now()),
    )
    return Read(count, f"read again from the start: {reason}" if reason else "")


def forget(con: duckdb.DuckDBPyConnection, repo: str) -> None:
    """Take the history of a repository out of the warehouse."""
    for table in ("repos", "commits", "mainline", "owners", *imports.TABLES, *TABLES):
        con.execute(f"delete from {table} where repo = $repo", {"repo": repo})
    warehouse.forget_derived_of(con, repo)


class _Told(NamedTuple):
    """What a commit tells about itself: a whole history of it fits into memory, its messages would not."""

    sha: str
    parents: tuple[str, ...]
    author: str
    committer: str
    authored_at: datetime
    committed_at: datetime
    subject: str
    kind: str
    reverts: list[str]
    issues: list[str]
    blames: list[str]
    pull_request: int | None


class FromTheStart(Exception):  # noqa: N818 - no error: it says why what was kept is of no use
    """The history has to be read from the start."""


def mirrors(settings: Settings) -> Path:
    """The folder of our own copies of repositories, or of what stands for them."""
    return settings.organisation.data / "mirrors"


def _config(mirror: Mirror, reader: Reader, attributes: Mapping[bytes, bytes]) -> dict[str, str]:
    """What the rows of a repository depend on besides its commits."""
    return {
        "method": METHOD,
        "location": mirror.location,
        "branch": mirror.branch,
        "shallow boundary": " ".join(sorted(mirror.boundaries)),
        ".mailmap": mirror.blob_id(".mailmap"),
        ".git-blame-ignore-revs": mirror.blob_id(".git-blame-ignore-revs"),
        ".gitattributes": _digest(attributes),
        "key of the pseudonyms": reader.persons.fingerprint,
    }


def _rebuild(state: states.State, config: dict[str, str], mirror: Mirror, kept: Callable[[str], Path]) -> str:
    """Why a history must be read from the start again, '' when it need not."""
    changed = states.difference(state, config)
    if changed:
        return f"another {', '.join(changed)}"
    if not mirror.is_ancestor(state.cursor_value):
        return f"{mirror.branch} was rewritten: {state.cursor_value[:12]} is no longer in it"
    if not kept(state.cursor_value).exists():
        return "what is kept of it between two runs is gone"
    return ""


def _digest(attributes: Mapping[bytes, bytes]) -> str:
    """What tells one set of linguist attributes from another: they decide what a file is for."""
    said = [
        (folder, line)
        for folder, text in sorted(attributes.items())
        for line in text.splitlines()
        if b"linguist-" in line
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest() if said else ""


class _Reading:
    """One repository that is being read."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        mirror: Mirror,
        reader: Reader,
        attributes: dict[bytes, bytes],
        started: datetime,
        kept: Callable[[str], Path],
    ) -> None:
        self._con, self._mirror, self._reader, self._started, self._kept = con, mirror, reader, started, kept
        self._attributes = attributes
        self._reformats = _reformats(mirror)

    def read(self, since: str | None) -> int:
        """Load the commits that are not reachable from `since`, or all; how many.

        Raises FromTheStart, with nothing loaded that a second reading would not replace.
        """
        with closing(Lineage(self._con, self._mirror, self._kept, self._attributes, self._known)) as lineage:
            return self._read(since, lineage)

    def _read(self, since: str | None, lineage: Lineage) -> int:
        con, mirror = self._con, self._mirror
        if since and not lineage.resume(since):
            raise FromTheStart("what is kept of it between two runs cannot be read")
        commits = []
        for commit in self._reader.progress(log.commits(mirror, since), mirror.name):
            lineage.expect(commit.sha, commit.parents, is_ignored=commit.sha in self._reformats)
            commits.append(self._told(commit))
        parents = {commit.sha: commit.parents for commit in commits}
        line = landing.first_parents(mirror.head_sha, parents)
        if since and next(iter(parents[line[0]]), None) != since:
            # A merge took the old line in from the side: what landed then has landed otherwise now.
            raise FromTheStart("the first-parent line was rewritten")
        if since is None:
            forget(con, mirror.name)
        landed = landing.landed(line, parents)
        numbers = self._load_mainline(line, commits)
        steps = con.execute(
            "select landed_sha, landed_at from mainline where repo = ? order by mainline_no", [mirror.name]
        ).fetchall()
        self._named = _Named(con, mirror.name, commits)
        nodes = [
            Node(
                commit.sha,
                commit.parents,
                landed[commit.sha],
                self._named.resolved(commit.sha, commit.reverts),
                commit.sha in self._reformats,
            )
            for commit in commits
        ]
        self._named.forget()
        try:
            result = lineage.run(nodes, [Step(*step) for step in steps])
        except TooOld as why:
            raise FromTheStart("a branch came in that forked too long ago for its state to be kept") from why
        self._load_commits(commits, landed, numbers, result)
        self._load_repository()
        owners.read(con, mirror)
        imports.read(con, mirror, Classifier(self._attributes).kind, self._reader.settings.attribution.ai_era_starts)
        return len(commits)

    def _told(self, commit: log.Commit) -> _Told:
        hash_, message = self._reader.persons.hash, commit.message
        return _Told(
            commit.sha, commit.parents, hash_("email", commit.author_mapped), hash_("email", commit.committer_mapped),
            commit.authored_at, commit.committed_at, commit.subject, messages.kind(message),
            messages.reverts(message), messages.issues(message), messages.blames(message), messages.pull_request(message),
        )  # fmt: skip

    def _known(self, shas: Sequence[str]) -> list[Node]:
        """Commits that were read in an earlier run."""
        rows = self._con.execute(
            "select sha, parents, landed_sha, reverts from commits where repo = ? and sha in (select unnest(?::varchar[]))",
            [self._mirror.name, list(shas)],
        ).fetchall()
        return [
            Node(sha, tuple(parents), landed_sha, self._named.resolved(sha, reverts), sha in self._reformats)
            for sha, parents, landed_sha, reverts in rows
        ]

    def _load_mainline(self, line: Sequence[str], commits: Sequence[_Told]) -> dict[str, int]:
        """Append to the first-parent line, and date its newest steps again: they depend on those that come after."""
        name = self._mirror.name
        query = """
            select mainline.landed_sha, mainline.mainline_no, committed_at, landed_at, pull_request
            from mainline join commits on commits.repo = mainline.repo and sha = mainline.landed_sha
            where mainline.repo = $repo
              and mainline.mainline_no >= (select max(mainline_no) - $ahead from mainline where repo = $repo)
            order by mainline.mainline_no
        """
        known = self._con.execute(query, {"repo": name, "ahead": landing.LOOK_AHEAD}).fetchall()
        # The date of a step is final when all those that it is held against are there.
        before = known.pop(0)[3] if len(known) > landing.LOOK_AHEAD else None
        steps = [(sha, number, committed_at, request) for sha, number, committed_at, _, request in known]
        by_sha = {commit.sha: commit for commit in commits}
        numbers = {sha: number for number, sha in enumerate(line, known[-1][1] + 1 if known else 0)}
        for sha, number in numbers.items():
            steps.append((sha, number, by_sha[sha].committed_at, by_sha[sha].pull_request))
        times = landing.landed_at([step[2] for step in steps], self._started, before)
        self._con.execute("delete from mainline where repo = ? and mainline_no >= ?", [name, steps[0][1]])
        rows = [(name, sha, number, at, request) for (sha, number, _, request), at in zip(steps, times, strict=True)]
        warehouse.load(self._con, "mainline", rows)
        return numbers

    def _load_commits(
        self,
        commits: Sequence[_Told],
        landed: Mapping[str, str],
        numbers: Mapping[str, int],
        result: Result,
    ) -> None:
        formats = self._reformats | result.formats
        rows = (
            Row(
                repo=self._mirror.name,
                sha=commit.sha,
                parents=list(commit.parents),
                author=commit.author,
                committer=commit.committer,
                authored_at=commit.authored_at,
                committed_at=commit.committed_at,
                landed_sha=landed[commit.sha],
                mainline_no=numbers.get(commit.sha),
                is_merge=len(commit.parents) > 1,
                is_boundary=commit.sha in self._mirror.boundaries,
                subject=commit.subject,
                kind=_kind(commit, result.lines.get(commit.sha, 0), formats),
                reverts=commit.reverts,
                issues=commit.issues,
                unread=result.unread.get(commit.sha),
                blames=commit.blames,
            )
            for commit in commits
        )
        warehouse.load(self._con, "commits", rows)

    def _load_repository(self) -> None:
        con, mirror = self._con, self._mirror
        query = """
            select
                count(*) filter (where is_merge) / count(*),
                count(*) filter (where not is_merge and pull_request is not null) / count(*),
                count(*) filter (where not is_merge and (author != committer or authored_at != committed_at)) / count(*)
            from mainline join commits on commits.repo = mainline.repo and sha = mainline.landed_sha
            where mainline.repo = $repo and mainline.mainline_no >= (
                select max(mainline_no) - $recent from mainline where repo = $repo)
        """
        merged, squashed, rebased = con.execute(query, {"repo": mirror.name, "recent": RECENT}).fetchall()[0]
        first = con.execute("select min(landed_at) from mainline where repo = ?", [mirror.name]).fetchall()[0][0]
        row = (
            mirror.name, mirror.location, mirror.branch, mirror.head_sha, _mode(merged, squashed, rebased),
            first if mirror.boundaries else None, self._started,
        )  # fmt: skip
        warehouse.load(con, "repos", [row], replacing=("repo",))


class _Named:
    """Finds the commits that messages say they take back."""

    def __init__(self, con: duckdb.DuckDBPyConnection, repo: str, commits: Sequence[_Told]) -> None:
        self._con, self._repo, self._commits = con, repo, commits
        self._by_name: dict[str, list[str]] | None = None
        self._order: dict[str, int] = {}  # parents before children

    def resolved(self, reverting: str, names: Sequence[str]) -> tuple[str, ...]:
        """Commits by what a message calls them: an id or its beginning, a pull request, a title. Doubtful ones are none."""
        return tuple(sha for name in names if (sha := self._sha(reverting, name)))

    def forget(self) -> None:
        """Let go of every name, for a while at least: a history has many."""
        self._by_name, self._order = None, {}

    def _sha(self, reverting: str, name: str) -> str | None:
        if self._by_name is None:
            self._by_name = self._names()
        if name[0] in "#=":
            # The latest of that title that was there to be taken back.
            before = [sha for sha in self._by_name.get(name, []) if self._order[sha] < self._order[reverting]]
            return before[-1] if before else None
        found = {sha for sha in self._by_name.get(name[:7], []) if sha.startswith(name)}
        return found.pop() if len(found) == 1 else None

    def _names(self) -> dict[str, list[str]]:
        known = self._con.execute("""
            select commits.sha, commits.subject, mainline.pull_request
            from commits left join mainline on mainline.repo = commits.repo and mainline.landed_sha = commits.sha
            where commits.repo = ?
            order by commits.rowid
        """, [self._repo]).fetchall()  # fmt: skip
        new = [(commit.sha, commit.subject, commit.pull_request) for commit in self._commits]
        names: dict[str, list[str]] = {}
        self._order = {sha: place for place, (sha, _, _) in enumerate(known + new)}
        for sha, subject, request in known + new:
            title = re.sub(r" \([#!]\d+\)$", "", subject)
            for name in (sha[:7], f"={title}", *([f"#{request}"] if request else [])):
                names.setdefault(name, []).append(sha)
        return names


def _reformats(mirror: Mirror) -> frozenset[str]:
    """The commits that the repository itself asks blame to look through."""
    lines = mirror.text(".git-blame-ignore-revs").splitlines()
    return frozenset(line.partition("#")[0].strip().lower() for line in lines)


def _kind(commit: _Told, lines: int, reformats: frozenset[str]) -> str:
    if len(commit.parents) > 1:
        return "merge"
    if not commit.parents or lines > BULK_LINES:  # a first import is bulk whatever its size
        return "bulk"
    return "format" if commit.sha in reformats else commit.kind


def _mode(merged: float, squashed: float, rebased: float) -> str:
    """How a repository integrates, from the shares of its recent first-parent steps."""
    if max(merged, squashed) >= 0.3:
        return "merge" if merged >= squashed else "squash"
    return "rebase" if rebased >= 0.5 else "linear"
