"""One repository into the warehouse: its commits, changes, landing and evidence, only what is new since the last run."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import duckdb

from ingest import reach, states, warehouse
from ingest.attribution import evidence
from ingest.attribution.rules import Rules
from ingest.git import landing, log, messages
from ingest.git.mirror import Mirror, open_mirror
from ingest.persons import Persons
from ingest.settings import Repository, Settings

METHOD = "1"  # what the rows mean; another number reads every history again
BULK_LINES = 10_000  # a commit of more changed lines is bulk: definitions, section 1
BATCH = 5_000  # commits loaded at a time
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


def ingest(con: duckdb.DuckDBPyConnection, repository: Repository, reader: Reader) -> Read | None:
    """Bring the warehouse up to the head of the repository's branch; None when there is nothing new.

    Runs in the caller's transaction. Raises HistoryError or TransientError.
    """
    started = states.now()
    mirror = open_mirror(repository, _mirrors(reader.settings), reader.settings.file.parent)
    state = states.read(con, "git", repository.name)
    config = _config(mirror, reader)
    reason = _rebuild(state, config, mirror) if state else ""
    if state and not reason and state.cursor_value == mirror.head_sha:
        return None
    since = state.cursor_value if state and not reason else None
    commits = list(reader.progress(log.commits(mirror, since), mirror.name))
    line = landing.first_parents(mirror.head_sha, {commit.sha: commit.parents for commit in commits})
    if since and _before(line[0], commits) != since:
        # A merge took the old line in from the side: what landed then has landed otherwise now.
        reason, since = "the first-parent line was rewritten", None
        commits = list(reader.progress(log.commits(mirror, None), mirror.name))
        line = landing.first_parents(mirror.head_sha, {commit.sha: commit.parents for commit in commits})
    if since is None:
        for table in ("commits", "changes", "mainline", "evidence"):
            con.execute(f"delete from {table} where repo = $repo", {"repo": mirror.name})
    sizes = _load_changes(con, mirror, commits)
    _load_commits(con, mirror, commits, line, sizes, reader.persons)
    warehouse.load(con, "evidence", evidence.rows(mirror.name, commits, reader.rules))
    _load_mainline(con, mirror, line, commits)
    _load_repository(con, mirror, started)
    first, last = con.execute(
        "select min(landed_at), max(landed_at) from mainline where repo = ?", [mirror.name]
    ).fetchall()[0]
    through = reach.by_week(last, started)
    states.write(
        con,
        states.State("git", mirror.name, mirror.head_sha, json.dumps(config), first, through, started, states.now()),
    )
    return Read(len(commits), f"read again from the start: {reason}" if reason else "")


def _mirrors(settings: Settings) -> Path:
    return settings.organisation.data / "mirrors"


def _config(mirror: Mirror, reader: Reader) -> dict[str, str]:
    """What the rows of a repository depend on besides its commits."""
    return {
        "method": METHOD,
        "location": mirror.location,
        "branch": mirror.branch,
        "shallow boundary": " ".join(sorted(mirror.boundaries)),
        ".mailmap": mirror.blob_id(".mailmap"),
        ".git-blame-ignore-revs": mirror.blob_id(".git-blame-ignore-revs"),
        "attribution rules": reader.rules.version,
        "key of the pseudonyms": reader.persons.fingerprint,
    }


def _rebuild(state: states.State, config: dict[str, str], mirror: Mirror) -> str:
    """Why a history must be read from the start again, '' when it need not."""
    changed = states.difference(state, config)
    if changed:
        return f"another {', '.join(changed)}"
    if not mirror.is_ancestor(state.cursor_value):
        return f"{mirror.branch} was rewritten: {state.cursor_value[:12]} is no longer in it"
    return ""


def _before(oldest: str, commits: list[log.Commit]) -> str | None:
    """The first parent of `oldest`."""
    parents = next(commit.parents for commit in commits if commit.sha == oldest)
    return parents[0] if parents else None


class Sizes(NamedTuple):
    """How many lines each commit changed, and why that is not known of some."""

    lines: dict[str, int]
    unread: dict[str, str]


def _load_changes(con: duckdb.DuckDBPyConnection, mirror: Mirror, commits: list[log.Commit]) -> Sizes:
    """Load the file changes batch by batch."""
    sizes = Sizes({}, {})
    with_diffs = [commit.sha for commit in commits if len(commit.parents) < 2 and commit.sha not in mirror.boundaries]
    stream = log.diffs(mirror, with_diffs)
    while batch := list(islice(stream, BATCH)):
        for diff in batch:
            sizes.lines[diff.sha] = sum((file.added or 0) + (file.deleted or 0) for file in diff.files)
            if diff.unread is not None:
                sizes.unread[diff.sha] = diff.unread
        warehouse.load(con, "changes", ((mirror.name, *file) for diff in batch for file in diff.files))
    return sizes


def _load_commits(
    con: duckdb.DuckDBPyConnection,
    mirror: Mirror,
    commits: list[log.Commit],
    line: list[str],
    sizes: Sizes,
    persons: Persons,
) -> None:
    landed = landing.landed(line, {commit.sha: commit.parents for commit in commits})
    offset = con.execute("select count(*) from mainline where repo = ?", [mirror.name]).fetchall()[0][0]
    numbers = {sha: number for number, sha in enumerate(line, offset)}
    reformats = _reformats(mirror)
    rows = (
        Row(
            repo=mirror.name,
            sha=commit.sha,
            parents=list(commit.parents),
            author=persons.hash("email", commit.author_mapped),
            committer=persons.hash("email", commit.committer_mapped),
            authored_at=commit.authored_at,
            committed_at=commit.committed_at,
            landed_sha=landed[commit.sha],
            mainline_no=numbers.get(commit.sha),
            is_merge=len(commit.parents) > 1,
            is_boundary=commit.sha in mirror.boundaries,
            subject=commit.subject,
            kind=_kind(commit, sizes.lines.get(commit.sha, 0), reformats),
            reverts=messages.reverts(commit.message),
            issues=messages.issues(commit.message),
            unread=sizes.unread.get(commit.sha),
        )
        for commit in commits
    )
    warehouse.load(con, "commits", rows)


def _reformats(mirror: Mirror) -> frozenset[str]:
    """The commits that the repository itself asks blame to look through."""
    lines = mirror.text(".git-blame-ignore-revs").splitlines()
    return frozenset(line.partition("#")[0].strip().lower() for line in lines)


def _kind(commit: log.Commit, lines: int, reformats: frozenset[str]) -> str:
    if len(commit.parents) > 1:
        return "merge"
    if not commit.parents or lines > BULK_LINES:  # a first import is bulk whatever its size
        return "bulk"
    return "format" if commit.sha in reformats else messages.kind(commit.message)


def _load_mainline(con: duckdb.DuckDBPyConnection, mirror: Mirror, line: list[str], commits: list[log.Commit]) -> None:
    """Replace the whole line: the landing of the newest steps depends on those that come after them."""
    query = """
        select mainline.landed_sha, mainline.mainline_no, committed_at, pull_request
        from mainline join commits on commits.repo = mainline.repo and sha = mainline.landed_sha
        where mainline.repo = ? order by mainline.mainline_no
    """
    steps = con.execute(query, [mirror.name]).fetchall()
    by_sha = {commit.sha: commit for commit in commits}
    for number, sha in enumerate(line, len(steps)):
        steps.append((sha, number, by_sha[sha].committed_at, messages.pull_request(by_sha[sha].message)))
    times = landing.landed_at([step[2] for step in steps], states.now())
    rows = [(mirror.name, sha, number, at, request) for (sha, number, _, request), at in zip(steps, times, strict=True)]
    warehouse.load(con, "mainline", rows, replacing=("repo",))


def _load_repository(con: duckdb.DuckDBPyConnection, mirror: Mirror, ingested_at: datetime) -> None:
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
        first if mirror.boundaries else None, ingested_at,
    )  # fmt: skip
    warehouse.load(con, "repos", [row], replacing=("repo",))


def _mode(merged: float, squashed: float, rebased: float) -> str:
    """How a repository integrates, from the shares of its recent first-parent steps."""
    if max(merged, squashed) >= 0.3:
        return "merge" if merged >= squashed else "squash"
    return "rebase" if rebased >= 0.5 else "linear"
