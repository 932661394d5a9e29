"""Which commit wrote the lines that scanners complain of: asked once for each finding, at the scan that first shows it."""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import duckdb
from git import GitCommandError

from ingest import states, warehouse
from ingest.git import blame
from ingest.git.history import METHOD as HISTORY
from ingest.git.mirror import Mirror, last_words

SOURCE = "origins of findings"  # in runs and source_states; the scope is the repository
METHOD = "2"  # what the rows mean; another number asks about every finding again

_STALE = """
    delete from finding_origins
    where repo = $repo and ($every or sha not in (select sha from commits where repo = $repo)
        or origin_sha not in (select sha from commits where repo = $repo))
"""
# Every place once, those of one file of one commit together.
_WANTED = """
    select distinct seen_sha, seen_path, seen_line
    from first_sightings
    where repo = $repo and seen_path is not null and seen_line is not null
      and (seen_sha, seen_path, seen_line) not in (
        select (sha, path, line) from finding_origins where repo = $repo
      )
    order by all
"""
_FORMATS = "select sha from commits where repo = $repo and kind = 'format' and not is_merge order by rowid"
_UNPLACED = """
    select tool, count(*) from scans
    where scan not in (select scan from placed_scans)
    group by all order by all
"""
_UNRESOLVED = """
    select repo, unresolved, count(*), min(path || ':' || line) from finding_origins where unresolved != '' group by all
    order by all
"""
_WITHOUT_LINE = """
    select repo, count(*) from first_sightings where seen_path is null or seen_line is null group by all order by all
"""


class Row(NamedTuple):
    """A row of `finding_origins`."""

    repo: str
    sha: str
    path: str
    line: int
    origin_sha: str | None
    origin_path: str | None
    origin_line: int | None
    unresolved: str


def trace(con: duckdb.DuckDBPyConnection, repo: str, opened: Callable[[], Mirror]) -> int | None:
    """Ask where the findings of a repository come from that nobody has asked about; their number, None when there are none.

    Runs in the caller's transaction. What cannot be told is a row with the reason.
    """
    started = states.now()
    config = json.dumps({"method": METHOD, "method of the history": HISTORY})
    state = states.read(con, SOURCE, repo)
    is_anew = state is not None and state.config != config
    con.execute(_STALE, {"repo": repo, "every": is_anew})
    wanted = con.execute(_WANTED, {"repo": repo}).fetchall()
    if not wanted:
        return None
    mirror = opened()
    formats = [sha for (sha,) in con.execute(_FORMATS, {"repo": repo}).fetchall()]
    count = warehouse.load(con, "finding_origins", _rows(mirror, wanted, formats))
    states.write(con, states.State(SOURCE, repo, mirror.head_sha, config, None, None, started, states.now()))
    return count


def forget(con: duckdb.DuckDBPyConnection, repo: str) -> None:
    """Take what was asked about a repository out of the warehouse."""
    con.execute("delete from finding_origins where repo = ?", [repo])
    con.execute("delete from source_states where source = ? and scope = ?", [SOURCE, repo])


def say_unresolved(con: duckdb.DuckDBPyConnection) -> None:
    """Tell on the Data health page which scans and findings count for no change."""
    beside = "of no state of a branch that is measured, and {} not counted. Scan the branch itself."
    said = [
        (tool, f"1 scan is {beside.format('was')}" if count == 1 else f"{count:,} scans are {beside.format('were')}")
        for tool, count in con.execute(_UNPLACED).fetchall()
    ]
    said += [
        (repo, f"{_findings(count)} for no change: {reason}; one is {shown}.")
        for repo, reason, count, shown in con.execute(_UNRESOLVED).fetchall()
    ]
    said += [
        (repo, f"{_findings(count)} for no change: what is found is about a file or a repository as a whole.")
        for repo, count in con.execute(_WITHOUT_LINE).fetchall()
    ]
    con.execute("delete from rejects where source = $source", {"source": SOURCE})
    warehouse.load(con, "rejects", ((SOURCE, about, 0, "warning", reason) for about, reason in said))


def _findings(count: int) -> str:
    return "1 finding counts" if count == 1 else f"{count:,} findings count"


def _rows(mirror: Mirror, wanted: Sequence[tuple[str, str, int]], formats: Sequence[str]) -> Iterator[Row]:
    for sha, places in groupby(wanted, lambda place: place[0]):
        try:
            meant = blame.Meant(blame.files(mirror.git, sha))
        except GitCommandError as error:
            reason = f"git could not list the files of the commit ({last_words(error)})"
            yield from (Row(mirror.name, *place, None, None, None, reason) for place in places)
            continue
        for path, lines in groupby(places, lambda place: place[1]):
            yield from _of_file(mirror, sha, path, meant.file(path), [place[2] for place in lines], formats)


def _of_file(
    mirror: Mirror, sha: str, path: str, file: bytes | None, lines: Sequence[int], formats: Sequence[str]
) -> Iterator[Row]:
    told = blame.origins(mirror.git, sha, file, lines, formats) if file is not None else {}
    for line in lines:
        origin = told.get(line)
        if origin is not None and origin.sha not in mirror.boundaries:
            yield Row(mirror.name, sha, path, line, *origin, "")
            continue
        reason = "the commit that was scanned has no such line"
        if file is None:
            reason = "the commit that was scanned has no such file, or several of that name"
        elif origin is not None:
            reason = "its line was there where the shallow clone begins"
        yield Row(mirror.name, sha, path, line, None, None, None, reason)
