"""Explains lines: who wrote them, how they came to where they stand, and why they count for what they count for.

The replay knows which lines stand where at the head, the published generation what is known of them, and our mirror has
their text. All three must be of the same head.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
from git import GitCommandError

from ingest import states
from ingest.errors import AbsentError, HistoryError
from ingest.git import blobs, saved
from ingest.git.mirror import front
from ingest.git.patches import path_text
from ingest.git.register import ID
from ingest.git.state import Entry, State


class Reason(NamedTuple):
    """A row of `evidence`."""

    class_: str
    scope: str
    tool: str | None
    model: str | None
    source: str
    confidence: str
    rule: str
    detail: str
    path: str | None  # of the scope line: the file as of the commit, and its lines as "3-9,12"
    lines: str | None


class Commit(NamedTuple):
    """Who wrote lines, and what is known about how."""

    sha: str
    author: str  # a pseudonym
    team: str | None  # None: on no roster, or too few people to be told
    authored_at: datetime
    subject: str
    cohort: str
    is_by_line: bool  # a record of its lines decides, whatever marks say
    reasons: tuple[Reason, ...]


class Change(NamedTuple):
    """A step of the first-parent line."""

    sha: str
    number: int
    landed_at: datetime
    pull_request: int | None
    subject: str


class Hop(NamedTuple):
    """A move of a line."""

    sha: str  # the commit that moved it
    change: Change
    from_path: str
    to_path: str
    to_line: int


class Line(NamedTuple):
    """A line at the head."""

    number: int
    text: str
    line_kind: str
    operation: str
    cohort: str  # the commit's, but where a record speaks of its lines
    reasons: tuple[Reason, ...]  # of the commit's, those about it as a whole and those that name this line
    commit: Commit
    change: Change
    path: str  # where it landed
    landed_line: int
    first_change: Change  # with which it landed first; another one where a revert brought it back
    hops: tuple[Hop, ...]


class Explained(NamedTuple):
    """Lines of a file at the head, in order."""

    repo: str
    branch: str
    head_sha: str
    path: str
    is_whole: bool  # the file, and not some lines of it
    ai_era_starts: date
    lines: tuple[Line, ...]


class _Place(NamedTuple):
    path: bytes
    entry: Entry
    range: tuple[int, int] | None  # None: the whole file


def explain(con: duckdb.DuckDBPyConnection, mirrors: Path, repo: str, place: str) -> Explained:
    """The lines at `place`, which is a path, PATH:LINE or PATH:FIRST-LAST, at the head of a published repository.

    Raises AbsentError where one of these is not there, and HistoryError where its lines cannot be told.
    """
    branch, head = _head(con, repo)
    reading = states.read(con, "git", repo)
    state = saved.tree(saved.kept_at(mirrors, repo, head, reading.config)) if reading else None
    if state is None:
        message = f"{repo}: the lines of {branch} at {head[:12]} are not kept in {mirrors} any more."
        raise HistoryError(f"{message} Run `twinledger ingest`: it reads them again.")
    found = _found(state, repo, place)
    path = path_text(found.path)
    texts = _texts(mirrors / f"{repo}.git", repo, path, found.entry)
    first, last = found.range or (1, len(texts))
    if not 1 <= first <= last <= len(texts):
        wanted = f"line {first}" if first == last else f"lines {first} to {last}"
        raise AbsentError(f"{repo}: {path} has no {wanted}. Its lines are 1 to {len(texts)}.")
    ids = np.frombuffer(found.entry.ids, ID)[first - 1 : last].tolist()
    era = con.execute("select ai_era_starts from attribution_declarations").fetchall()[0][0]
    lines = tuple(_lines(con, repo, ids, dict(enumerate(texts[first - 1 : last], first))))
    return Explained(repo, branch, head, path, found.range is None, era, lines)


def is_file(con: duckdb.DuckDBPyConnection, mirrors: Path, repo: str, name: str) -> bool:
    """Whether a file of this name stands at the head of a published repository. Raises AbsentError as `explain` does."""
    _, head = _head(con, repo)
    try:
        listed = front((mirrors / f"{repo}.git").absolute()).ls_tree(head, "--", name)
    except GitCommandError:  # without the mirror no file can be explained, but commits can
        return False
    return str(listed).startswith("100")


# Where.


def _head(con: duckdb.DuckDBPyConnection, repo: str) -> tuple[str, str]:
    known = {
        name: (branch, head)
        for name, branch, head in con.execute("select repo, branch, head_sha from repos").fetchall()
    }
    if repo not in known:
        raise AbsentError(f"{repo!r} is no repository. Known: {', '.join(sorted(known)) or 'none yet'}.")
    return known[repo]


def _found(state: State, repo: str, place: str) -> _Place:
    """A file whose name ends like a line number is found by its name."""
    shown = {path_text(path): path for path in state}
    place = place.removeprefix("./")
    for name, lines in _readings(place):
        path = os.fsencode(name)
        path = path if path in state else shown.get(name, b"")
        if path in state:
            return _Place(path, state[path], lines)
    name = re.sub(r":\d+(-\d+)?\Z", "", place).rstrip("/")
    if any(path.startswith(f"{name}/") for path in shown):
        raise AbsentError(f"{repo}: {name} is a folder. Name a file in it.")
    near = _near(name, list(shown))
    remedy = f"Did you mean {' or '.join(near)}?" if near else "Paths begin at the top of the repository."
    raise AbsentError(f"{repo} has no text file {name} at the head of its branch. {remedy}")


def _readings(place: str) -> Iterator[tuple[str, tuple[int, int] | None]]:
    yield place, None
    if found := re.fullmatch(r"(.+):(\d{1,9})(?:-(\d{1,9}))?", place, re.DOTALL):
        yield found[1], (int(found[2]), int(found[3] or found[2]))


def _near(name: str, paths: Sequence[str]) -> list[str]:
    """Paths that somebody may have meant: of the same file name, or spelt like it."""
    base = name.rpartition("/")[2]
    same = [path for path in paths if path.rpartition("/")[2] == base]
    return get_close_matches(name, same, 3, 0) or get_close_matches(name, paths, 3)


def _texts(mirror: Path, repo: str, path: str, entry: Entry) -> list[str]:
    """The lines of the file, as many as the replay has of it."""
    try:
        content = dict(blobs.contents(front(mirror.absolute()), [entry.blob]))[entry.blob]
    except (KeyError, GitCommandError) as error:
        message = (
            f"{repo}: {path} cannot be read from {mirror}. Run `twinledger ingest`, and `git fsck` in the repository."
        )
        raise HistoryError(message) from error
    if blobs.is_binary(content):
        raise AbsentError(f"{repo}: {path} is binary. It has no lines; name a text file.")
    texts = blobs.lines(content) if content else []
    if not texts:
        raise AbsentError(f"{repo}: {path} is empty. Name a file with lines.")
    if len(texts) * 4 != len(entry.ids):
        message = f"{repo}: who wrote the lines of {path} is not known: a commit that changed it could not be read."
        raise HistoryError(f"{message} The Data health page names it; fetch the objects that are missing.")
    return [text.decode("utf-8", "replace").removesuffix("\r") for text in texts]


# What is known.

_BOOKED = """
    with standing as (select cast(unnest($lines) as bigint) as line)
    select standing.line, landed_sha, sha, path, cast(start_line + standing.line - first_line as integer), line_kind, operation,
        cohort, written_path, cast(written_line + standing.line - first_line as integer)
    from standing
    join attributed_births on repo = $repo and standing.line between first_line and first_line + lines - 1
    join mainline using (repo, landed_sha)
    order by mainline_no
"""
_MOVED = """
    with standing as (select cast(unnest($lines) as bigint) as line)
    select standing.line, landed_sha, sha, from_path, to_path, cast(start_line + standing.line - first_line as integer)
    from standing
    join line_moves on repo = $repo and standing.line between first_line and first_line + lines - 1
    join mainline using (repo, landed_sha)
    order by mainline_no
"""
_CHANGES = """
    select mainline.landed_sha, mainline.mainline_no, landed_at, pull_request, subject
    from mainline join commits on commits.repo = mainline.repo and sha = mainline.landed_sha
    where mainline.repo = $repo and mainline.landed_sha in (select unnest($shas))
"""
_COMMITS = """
    select commits.sha, commits.author, nullif(team_weeks.shown_team, 'suppressed'), authored_at, subject, cohort,
        is_by_line
    from commits
    join commit_cohorts on commit_cohorts.repo = commits.repo and commit_cohorts.sha = commits.sha
    join mainline on mainline.repo = commits.repo and mainline.landed_sha = commits.landed_sha
    left join persons on persons.identity_hash = commits.author
    left join roster_weeks
        on roster_weeks.person = coalesce(persons.person, commits.author)
        and roster_weeks.week = cast(date_trunc('week', landed_at) as date)
    left join team_weeks on team_weeks.team = roster_weeks.team and team_weeks.week = roster_weeks.week
    where commits.repo = $repo and commits.sha in (select unnest($shas))
"""
_EVIDENCE = """
    select sha, class, scope, tool, model, source, confidence, rule, detail, path, lines
    from evidence where repo = $repo and sha in (select unnest($shas))
    order by sha, rule, detail, path, lines
"""


def _lines(con: duckdb.DuckDBPyConnection, repo: str, ids: Sequence[int], texts: Mapping[int, str]) -> Iterator[Line]:
    # A line that was brought back is booked more than once: it stands by the last booking, and moved since then.
    bookings, moves = _by_first(con, _BOOKED, repo=repo, lines=ids), _by_first(con, _MOVED, repo=repo, lines=ids)
    every = [row for rows in (*bookings.values(), *moves.values()) for row in rows]
    commits, changes = _commits(con, repo, {row[1] for row in every}), _changes(con, repo, {row[0] for row in every})
    for line, (number, text) in zip(ids, texts.items(), strict=True):
        booked = bookings.get(line)
        if not booked:
            raise HistoryError(f"{repo}: line {number} is in no change that was read. Please report it.")
        landed, sha, path, landed_line, line_kind, operation, cohort, *written = booked[-1]
        change = changes[landed]
        hops = [Hop(moved[1], changes[moved[0]], *moved[2:]) for moved in moves.get(line, ())]
        yield Line(
            number=number,
            text=text,
            line_kind=line_kind,
            operation=operation,
            cohort=cohort,
            reasons=tuple(each for each in commits[sha].reasons if _is_about(each, *written)),
            commit=commits[sha],
            change=change,
            path=path,
            landed_line=landed_line,
            first_change=changes[booked[0][0]],
            hops=tuple(hop for hop in hops if hop.change.number > change.number),
        )


def _is_about(reason: Reason, path: str, number: int) -> bool:
    """Whether it speaks of the commit as a whole, or of the line that stood there as of the commit."""
    if reason.scope != "line":
        return True
    stretches = [stretch.split("-") for stretch in (reason.lines or "").split(",") if stretch]
    return reason.path == path and any(int(each[0]) <= number <= int(each[-1]) for each in stretches)


def _changes(con: duckdb.DuckDBPyConnection, repo: str, shas: set[str]) -> dict[str, Change]:
    rows = con.execute(_CHANGES, {"repo": repo, "shas": list(shas)}).fetchall()
    return {row[0]: Change(*row) for row in rows}


def _commits(con: duckdb.DuckDBPyConnection, repo: str, shas: set[str]) -> dict[str, Commit]:
    reasons = _by_first(con, _EVIDENCE, repo=repo, shas=list(shas))
    rows = con.execute(_COMMITS, {"repo": repo, "shas": list(shas)}).fetchall()
    return {row[0]: Commit._make((*row, tuple(Reason(*each) for each in reasons.get(row[0], ())))) for row in rows}


def _by_first(con: duckdb.DuckDBPyConnection, statement: str, **values: Any) -> dict[Any, list[tuple[Any, ...]]]:
    """The rows of an answer by their first column, in its order."""
    found = defaultdict(list)
    for first, *rest in con.execute(statement, values).fetchall():
        found[first].append(tuple(rest))
    return dict(found)
