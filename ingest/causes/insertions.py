"""Who wrote the code around what a fix added: for fixes that took nothing out.

The file is put together once more, step by step, from what was born, died and moved in it, up to the change that landed
the fix; then the lines next to the added ones are known by their ids.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import duckdb

REACH = 5  # lines above and below that are looked at, until one says something

_ADDED = """
    select births.repo, births.sha, file, mainline_no, start_line, lines
    from line_births as births
    join (select distinct repo, sha from incident_fixes) as fixes on fixes.repo = births.repo and fixes.sha = births.sha
    join traced on traced.repo = births.repo
    join mainline on mainline.repo = births.repo and mainline.landed_sha = births.landed_sha
    where role = 'source' and line_kind = 'code'
      and (births.repo, births.sha) not in (select (repo, fix_sha) from fix_links where distance is not null)
    order by births.repo, births.sha, file, start_line
"""
# One repository's part of the ledger, put aside: each of its fixes asks again.
_PUT_ASIDE = (
    """
    create or replace temp table born_here as
    select mainline.mainline_no, births.file, start_line, births.lines, first_line, births.sha,
        line_kind = 'code' and meaningful > 0 and kind != 'format' as says_something
    from line_births as births
    join mainline on mainline.repo = births.repo and mainline.landed_sha = births.landed_sha
    join commits on commits.repo = births.repo and commits.sha = births.sha
    where births.repo = $repo and mainline.repo = $repo and commits.repo = $repo
    """,
    """
    create or replace temp table moved_here as
    select mainline_no, file, start_line, lines, first_line, from_path
    from line_moves as moves
    join mainline on mainline.repo = moves.repo and mainline.landed_sha = moves.landed_sha
    where moves.repo = $repo and mainline.repo = $repo
    """,
    """
    create or replace temp table died_here as
    select mainline_no, file, first_line, lines
    from line_deaths as deaths
    join mainline on mainline.repo = deaths.repo and mainline.landed_sha = deaths.landed_sha
    where deaths.repo = $repo and mainline.repo = $repo
    """,
    "create or replace temp table paths_here as select distinct file, path from changes where repo = $repo",
)
# What came to the file at each step: born there, or moved from elsewhere. Moved lines are written where they were born.
_CAME = """
    select mainline_no, start_line, lines, first_line from born_here where file = $file and mainline_no <= $step
    union all
    select mainline_no, start_line, lines, first_line from moved_here where file = $file and mainline_no <= $step
    order by mainline_no, start_line
"""
# What left it. Where a moved line had stood is not booked, but which line it is.
_WENT = """
    select mainline_no, first_line, lines from died_here where file = $file and mainline_no <= $step
    union all
    select mainline_no, first_line, lines
    from moved_here
    where mainline_no <= $step and from_path in (select path from paths_here where file = $file)
"""
_WRITERS = """
    select first_line, lines, sha, mainline_no, says_something
    from born_here
    join (select unnest($lines::uinteger[]) as line) on line between first_line and first_line + lines - 1
    order by mainline_no
"""


class _Run(NamedTuple):
    """Lines that a step brought, from a place on."""

    start: int
    lines: int
    first: int  # the id of the first


class _Writer(NamedTuple):
    """Who wrote a line, with which step, and whether it is code that says something."""

    sha: str
    step: int
    says_something: bool


def writers(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, str]]:
    """Repository, fix and commit, for each fix of an incident that took out no code: who wrote the lines around what it added."""
    added: dict[tuple[str, str, int, int], list[tuple[int, int]]] = defaultdict(list)
    for repo, fix, file, step, start, lines in con.execute(_ADDED).fetchall():
        added[repo, fix, file, step].append((start, lines))
    found: dict[tuple[str, str, str], None] = {}
    put_aside = None
    for (repo, fix, file, step), runs in added.items():
        if repo != put_aside:
            _put_aside(con, repo)
            put_aside = repo
        text = _lines(con, file, step)
        sides = [side for start, lines in runs for side in _sides(text, start, lines)]
        known = _known(con, {line for side in sides for line in side})
        for side in sides:
            wrote = (known[line] for line in side if line in known)
            sha = next((each.sha for each in wrote if each.step < step and each.says_something), None)
            if sha is not None:
                found[repo, fix, sha] = None
    yield from found


def _put_aside(con: duckdb.DuckDBPyConnection, repo: str) -> None:
    for statement in _PUT_ASIDE:
        con.execute(statement, {"repo": repo})


def _sides(text: list[int], start: int, lines: int) -> tuple[list[int], list[int]]:
    """The lines above a run, nearest first, and those below."""
    above = text[max(0, start - 1 - REACH) : start - 1]
    return above[::-1], text[start - 1 + lines : start - 1 + lines + REACH]


def _lines(con: duckdb.DuckDBPyConnection, file: int, step: int) -> list[int]:
    """The ids of a file's lines after a step, in order."""
    names = {"file": file, "step": step}
    came: dict[int, list[_Run]] = defaultdict(list)
    went: dict[int, set[int]] = defaultdict(set)
    for number, start, lines, first in con.execute(_CAME, names).fetchall():
        came[number].append(_Run(start, lines, first))
    for number, first, lines in con.execute(_WENT, names).fetchall():
        went[number].update(range(first, first + lines))
    text: list[int] = []
    for number in sorted(came.keys() | went.keys()):
        gone = went[number]
        left = [line for line in text if line not in gone] if gone else text
        text, taken = [], 0
        for run in came[number]:
            stay = run.start - 1 - len(text)
            text += left[taken : taken + stay]
            text += range(run.first, run.first + run.lines)
            taken += stay
        text += left[taken:]
    return text


def _known(con: duckdb.DuckDBPyConnection, lines: set[int]) -> dict[int, _Writer]:
    """Who wrote each of these lines, as they landed first."""
    rows = con.execute(_WRITERS, {"lines": sorted(lines)}).fetchall()
    known: dict[int, _Writer] = {}
    wanted = sorted(lines)
    for first, count, *writer in rows:
        for line in wanted[bisect_right(wanted, first - 1) : bisect_right(wanted, first + count - 1)]:
            known.setdefault(line, _Writer(*writer))
    return known
