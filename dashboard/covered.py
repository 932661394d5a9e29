"""How much of what happened each number can see, in a sentence: a ratio never travels without it."""

import duckdb

from dashboard import wording
from dashboard.summary import Headline

_KNOWN = """
    select coalesce(sum(known), 0), coalesce(sum(changes), 0) from coverage
    where week >= $since and week < $until and team != 'suppressed'
      and (len($repos) = 0 or list_contains($repos, repo)) and (len($teams) = 0 or list_contains($teams, team))
"""
_LINKED = """
    select count(*) filter (where incident in (select incident from caused_incidents)), count(*)
    from distinct_incidents
    where coalesce(is_change_caused, true) and started_at >= $since and started_at < $until
      and (len($repos) = 0 or list_contains($repos, coalesce(known_repo, '*')))
"""
_TOOLS = """
    select count(distinct tool), count(distinct person) filter (where person not in (select person from roster_weeks))
    from active_weeks where week >= $since and week < $until
"""
_SEATS = """
    select count(distinct seats.tool) filter (where seat_weeks.tool is not null), count(distinct seats.tool)
    from seats left join (select distinct tool from seat_weeks) as seat_weeks using (tool)
    where day >= $since and day < $until
"""


def sentence(con: duckdb.DuckDBPyConnection, shown: Headline) -> str:
    """What the number of this metric, in this window, could and could not see."""
    if shown.window is None:
        return ""
    bound: dict[str, object] = {"since": shown.window.since, "until": shown.window.until}
    chosen: dict[str, object] = {"repos": list(shown.view.selection.repos), "teams": list(shown.view.selection.teams)}
    if "seats" in shown.metric.sources:
        telling, tools = con.execute(_SEATS, bound).fetchall()[0]
        return f"{telling} of {tools} tools tell who used a seat"
    if "usage_days" in shown.metric.sources:
        tools, strangers = con.execute(_TOOLS, bound).fetchall()[0]
        return f"{tools} tools report" + (f"; {strangers} active people are on no roster" if strangers else "")
    if "incidents" in shown.metric.sources:
        linked, incidents = con.execute(_LINKED, bound | {"repos": chosen["repos"]}).fetchall()[0]
        return f"{linked} of {incidents} incidents name a cause"
    known, changes = con.execute(_KNOWN, bound | chosen).fetchall()[0]
    return f"{wording.share(known, changes)} of changes have a record of who wrote them"


def landed(con: duckdb.DuckDBPyConnection, shown: Headline) -> tuple[int, int]:
    """How many changes of the window have a record of who wrote them, and how many there are."""
    if shown.window is None:
        return 0, 0
    selection = shown.view.selection
    bound = {"since": shown.window.since, "until": shown.window.until}
    bound_too = {"repos": list(selection.repos), "teams": list(selection.teams)}
    known, changes = con.execute(_KNOWN, bound | bound_too).fetchall()[0]
    return int(known), int(changes)
