"""How much of what happened each number can see, in a sentence: a ratio never travels without it."""

from datetime import timedelta
from typing import Any

import duckdb

from dashboard import wording
from dashboard.summary import Headline
from metrics.adoption.acceptance import ACCEPTANCE
from metrics.adoption.spend import SPEND
from metrics.measure import WEEK, monday

_KNOWN = """
    select coalesce(sum(changes) filter (where cohort != 'unknown'), 0), coalesce(sum(changes), 0) from coverage
    where week >= $since and week < $until and team != 'suppressed' and cohort != 'baseline'
      and (len($repos) = 0 or list_contains($repos, repo)) and (len($teams) = 0 or list_contains($teams, team))
"""
_LINKED = """
    select count(*) filter (
        where incident in (select incident from caused_incidents where landed_sha is not null or not $of_changes)
    ), count(*)
    from distinct_incidents
    where coalesce(is_change_caused, true) and started_at >= $since and started_at < $until
      and (len($repos) = 0 or list_contains($repos, coalesce(known_repo, '*')))
"""
_SILENCE = "select max(started_at) from incidents where started_at < $until"
_STRANGERS = """
    select count(distinct person), any_value(minimum_group)
    from active_weeks, privacy
    where week >= $since and week < $until and person not in (select person from roster_weeks)
"""
_TELLING = """
    select count(distinct tool) filter (where accepted is not null and rejected is not null),
        count(distinct tool) filter (where cost_usd is not null), count(distinct tool)
    from person_days where is_active and week >= $since and week < $until
"""
_TOOLS = """
    select tool, max(week) as last_week from usage_weeks
    where week < $until group by tool having max(week) >= $since - interval 84 days order by tool
"""
_SEATS = """
    select count(distinct seats.tool) filter (where seat_weeks.tool is not null), count(distinct seats.tool)
    from seats left join (select distinct tool from seat_weeks where week >= $since and week < $until) as seat_weeks using (tool)
    where day >= $since and day < $until
"""
_BEHIND = """
    select repo, data_through from horizon
    where source = 'git' and data_through < $needed and (len($repos) = 0 or list_contains($repos, repo))
    order by data_through, repo
"""


def sentence(con: duckdb.DuckDBPyConnection, shown: Headline) -> str:
    """What the number of this metric, in this window, could and could not see."""
    if shown.window is None:
        return ""
    said = [_seen(con, shown), *_behind(con, shown)]
    return "; ".join(part for part in said if part)


def landed(con: duckdb.DuckDBPyConnection, shown: Headline) -> tuple[int, int]:
    """How many changes of the window have a record of who wrote them, and how many there are."""
    if shown.window is None:
        return 0, 0
    known, changes = _one(con, _KNOWN, shown, repos=True, teams=True)
    return int(known), int(changes)


def _seen(con: duckdb.DuckDBPyConnection, shown: Headline) -> str:
    sources, selection = shown.metric.sources, shown.view.selection
    whole = " (whole organisation)" if shown.metric.is_of_people and selection.repos else ""
    if shown.metric.is_state:
        return "all teams" if selection.teams else ""
    if "seats" in sources:
        telling, tools = _one(con, _SEATS, shown)
        return f"{telling} of {tools} tools tell who used a seat{whole}"
    if shown.metric in (ACCEPTANCE, SPEND):
        decisions, costs, tools = _one(con, _TELLING, shown)
        told = (
            f"{decisions} of {tools} tools tell what was rejected"
            if shown.metric is ACCEPTANCE
            else f"{costs} of {tools} tools tell what they cost"
        )
        return f"{told}{whole}"
    if "usage_days" in sources:
        return f"{_tools(con, shown)}{whole}"
    if "incidents" in sources:
        of_changes = "git" in sources and "deployments" not in sources
        linked, incidents = _one(con, _LINKED, shown, repos=True, of_changes=of_changes)
        teams = " (all teams)" if selection.teams else ""
        return f"{linked} of {incidents} incidents have a known cause{teams}{_silence(con, shown)}"
    return f"{wording.share(*landed(con, shown))} of changes have a record of who wrote them"


def _tools(con: duckdb.DuckDBPyConnection, shown: Headline) -> str:
    """How many tools report, which of them have fallen silent, and whether somebody active is on no roster."""
    assert shown.window is not None  # noqa: S101 - asked of what has a window only
    tools = con.execute(_TOOLS, _bound(shown)).fetchall()
    silent = [
        f"{tool} is silent since {wording.week_name(week)}" for tool, week in tools if week < shown.window.until - WEEK
    ]
    strangers, minimum = _one(con, _STRANGERS, shown)
    some = f"{strangers}" if strangers >= (minimum or 0) else "some"
    unknown = [f"{some} active people are on no roster"] if strangers else []
    return "; ".join([f"{wording.counted(len(tools) - len(silent), 'tool')} report", *silent, *unknown])


def _silence(con: duckdb.DuckDBPyConnection, shown: Headline) -> str:
    """When the incident log fell silent, where that is longer ago than a month: perhaps all is well, perhaps it is old."""
    assert shown.window is not None  # noqa: S101 - asked of what has a window only
    last = con.execute(_SILENCE, {"until": shown.window.until}).fetchall()[0][0]
    if last is None or last.date() >= shown.window.until - timedelta(days=30):
        return ""
    return f"; the last one on record is of {last:%Y-%m-%d}"


def _behind(con: duckdb.DuckDBPyConnection, shown: Headline) -> list[str]:
    """Repositories whose history ends before the window has settled: what they lack is not seen, and said."""
    if "git" not in shown.metric.sources or shown.window is None:
        return []
    needed = shown.window.until + timedelta(days=shown.metric.follow_up_days)
    rows = con.execute(_BEHIND, {"needed": needed, "repos": list(shown.view.selection.repos)}).fetchall()
    return [f"{repo} reaches to {wording.week_name(monday(through))} only" for repo, through in rows]


def _one(
    con: duckdb.DuckDBPyConnection,
    query: str,
    shown: Headline,
    *,
    repos: bool = False,
    teams: bool = False,
    **more: object,
) -> Any:
    """The one row of a question about the window."""
    selection = shown.view.selection
    chosen = ({"repos": list(selection.repos)} if repos else {}) | ({"teams": list(selection.teams)} if teams else {})
    return con.execute(query, _bound(shown) | chosen | more).fetchall()[0]


def _bound(shown: Headline) -> dict[str, object]:
    assert shown.window is not None  # noqa: S101 - asked of what has a window only
    return {"since": shown.window.since, "until": shown.window.until}
