"""Settled values: what a week was when it settled is kept, so that what it becomes later is a revision and not a silent change.

`settle` runs where a generation is built and is the one writer of `metric_values`; everything else reads.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

import duckdb
import pandas as pd

from metrics import measure
from metrics.measure import SPLITS, SUMS, WEEK, Window
from metrics.metric import Metric

BEGIN = date(1970, 1, 5)  # a Monday before everything

# What the cells of each repository are counted on now. Only what speaks of a commit counts as evidence about its week.
_REPOS = """
create or replace temp table repos_now as
with said as (
    select repo, sha, concat_ws('|', evidence, sha, path, lines, scope, class, confidence) as words from evidence
    union all
    select repo, sha, concat_ws('|', sha, object, outcome, ai_lines, human_lines) from line_records
),
by_week as (
    select said.repo, cast(date_trunc('week', landed_at) as date) as week,
        format('{:016x}', bit_xor(md5_number_lower(words))) as evidence
    from said join commits using (repo, sha) join mainline using (repo, landed_sha)
    group by all
),
by_repo as (select repo, map_from_entries(list((week, evidence) order by week)) as evidence from by_week group by repo)
select
    repos.repo, head_sha as head, md5(coalesce(git.config, '')) as history,
    md5(concat_ws('|', complete_since, coalesce(attributed.config->>'$.method', ''),
        attributed.config->>'$."attribution rules"', attributed.config->>'$."method of notes"',
        attributed.config->>'$."method of pull requests"', attributed.config->>'$."method of traces"')) as rules,
    coalesce(by_repo.evidence, map([]::date[], []::varchar[])) as evidence
from repos
left join source_states as git on git.source = 'git' and git.scope = repos.repo
left join source_states as attributed on attributed.source = 'attribution' and attributed.scope = repos.repo
left join attribution_complete on attribution_complete.repo = repos.repo
left join by_repo on by_repo.repo = repos.repo
union all
select '*', '', '', md5(concat_ws('|', cursor_value, ai_era_starts)), map([]::date[], []::varchar[])
from attribution_declarations left join source_states on source_states.source = 'derived'
"""

# The cells of the settled weeks beside the newest that are stored of them. Sums of thirds differ in their last digits from
# run to run: what is as good as equal is equal.
_STORE = """
insert into metric_values by name
with cells as (select * replace (cast(week as date) as week) from current_cells),
newest as (
    select * from metric_values where metric = $metric and week <= $through
    qualify row_number() over (partition by week, repo, team, cohort, stratum order by computed_at desc) = 1
),
both_sides as (
    select
        week, repo, team, cohort, stratum,
        coalesce(cells.units, 0) as units, coalesce(cells.n, 0) as n, coalesce(cells.d, 0) as d,
        coalesce(cells.nn, 0) as nn, coalesce(cells.dd, 0) as dd, coalesce(cells.nd, 0) as nd,
        coalesce(cells.events, 0) as events,
        [newest.units, newest.n, newest.d, newest.nn, newest.dd, newest.nd, newest.events] as stored
    from cells full join newest using (week, repo, team, cohort, stratum)
),
different as (
    select * exclude (stored) from both_sides
    where list_bool_or([
        abs(pair[1] - coalesce(pair[2], 0)) > 1e-9 * greatest(abs(pair[1]), abs(coalesce(pair[2], 0)))
        for pair in list_zip([units, n, d, nn, dd, nd, events], stored)
    ])
)
select
    $metric as metric, $version as version,
    {'head': nullif(coalesce(here.head, before.head), ''), 'evidence': here.evidence[week]} as basis,
    different.*,
    case
        when $settled is null or week > $settled or list_contains($forgotten::date[], week) then 'settled'
        when $is_new_version then 'new version'
        when before.repo is null and here.repo is not null then 'repository added'
        when before.repo is not null and here.repo is null then 'repository left out'
        when before.history != here.history
            or before.repo not in ('*', '') and not exists (
                select 1 from commits where commits.repo = before.repo and commits.sha = before.head
            ) then 'rewritten history'
        when $is_new_statement or before.rules != here.rules or everywhere_before.rules != everywhere.rules then 'other rules'
        when before.evidence[week] is distinct from here.evidence[week] then 'late evidence'
        else 'late input'
    end as reason,
    $computed_at as computed_at
from different
left join repos_now as here on here.repo = different.repo
left join settled_repos as before on before.repo = different.repo
left join repos_now as everywhere on everywhere.repo = '*'
left join settled_repos as everywhere_before on everywhere_before.repo = '*'
"""

# The weeks in which a group was stored that is too small to show now. Some metrics look a team up in another week than they
# count in, so a team that has cells is not one of them.
_GIVEN_AWAY = """
select distinct week from metric_values as stored
where metric = $metric and week <= $through and team != '*'
  and not exists (
      select 1 from current_cells as cells where cast(cells.week as date) = stored.week and cells.team = stored.team
  )
  -- Of a large team few may be left of whom a metric of people speaks.
  and ($is_of_persons or not exists (
      select 1 from team_weeks where team_weeks.week = stored.week and shown_team = stored.team
  ))
order by week
"""

# A cell that was revised, as it was when its week settled: with zeros where it was not there yet.
_REVISED = """
with revised as (
    select week, repo, team, cohort, stratum, max(computed_at) as revised_at, arg_max(reason, computed_at) as reason
    from metric_values
    where metric = $metric and week >= $since and week < $until and reason != 'settled'
    group by all
),
first as (select * from metric_values where metric = $metric and reason = 'settled')
select
    revised.week, revised.repo, revised.team, revised.cohort, revised.stratum,
    coalesce(units, 0) as units, coalesce(n, 0) as n, coalesce(d, 0) as d, coalesce(nn, 0) as nn, coalesce(dd, 0) as dd,
    coalesce(nd, 0) as nd, coalesce(events, 0) as events, revised.reason, revised_at
from revised left join first using (week, repo, team, cohort, stratum)
order by all
"""


REVISED = [*SPLITS, *SUMS, "reason", "revised_at"]


class _Last(NamedTuple):
    """What a metric's newest values were stored with."""

    version: str
    statement: str
    through: date


class Settled(NamedTuple):
    """What a night stored."""

    rows: int
    revised: int  # of them, cells of weeks that had settled before


def settle(con: duckdb.DuckDBPyConnection, metrics: Sequence[Metric], *, has_news: bool) -> Settled:
    """Store the cells of weeks that settled since, and of settled weeks those that are no longer what is stored.

    Without news only metrics are looked at that are new, or another version. Groups too small to show are in no cell.
    """
    _forget_small_groups(con)
    last = {
        metric: _Last(*row)
        for metric, *row in con.execute("""
            select metric, arg_max(version, computed_at), arg_max(statement, computed_at), max(through)
            from settled_metrics group by metric
        """).fetchall()
    }
    horizon, now = measure.horizons(con), datetime.now(UTC).replace(tzinfo=None)
    con.execute(_REPOS)
    for metric in metrics:
        through = measure.last_settled_week(metric, horizon)
        known = last.get(metric.key)
        current = None if through is None else _Last(metric.version, _digest(metric), through)
        if current is not None and (has_news or known != current):
            _store(con, metric, current, known, now)
    con.execute("delete from settled_repos")
    con.execute("insert into settled_repos select * from repos_now")
    con.execute("drop table repos_now")
    stored = "select count(*), count(*) filter (where reason != 'settled') from metric_values where computed_at = ?"
    return Settled(*con.execute(stored, [now]).fetchall()[0])


def _store(con: duckdb.DuckDBPyConnection, metric: Metric, current: _Last, known: _Last | None, now: datetime) -> None:
    """The cells of one metric that are new or different."""
    con.register("current_cells", measure.cells(con, metric, Window(BEGIN, current.through + WEEK)))
    told = {
        "metric": metric.key,
        "version": current.version,
        "through": current.through,
        "settled": known.through if known else None,
        "is_new_version": known is not None and known.version != current.version,
        "is_new_statement": known is not None and known.statement != current.statement,
        "forgotten": _forget_weeks(con, metric, current.through),
        "computed_at": now,
    }
    con.execute(_STORE, told)
    con.unregister("current_cells")
    # A source that was lost takes nothing back: its weeks have settled.
    through = max(current.through, known.through) if known else current.through
    if known != current._replace(through=through):
        row = [metric.key, current.version, current.statement, through, now]
        con.execute("insert into settled_metrics select ?, ?, ?, ?, minimum_group, ? from privacy", row)


def _forget_small_groups(con: duckdb.DuckDBPyConnection) -> None:
    """Where larger groups are asked for than before, what was stored of smaller ones goes, and all is stored anew.

    Of the episodes those go that `episodes.settle` finds to tell of them, for every pair is looked at anew.
    """
    asked = "select 1 from privacy where minimum_group > (select min(minimum_group) from settled_metrics)"
    if con.execute(asked).fetchall():
        for table in ("metric_values", "settled_metrics", "settled_repos", "looked_pairs"):
            con.execute(f"delete from {table}")


def _forget_weeks(con: duckdb.DuckDBPyConnection, metric: Metric, through: date) -> list[date]:
    """Weeks in which a group has become too small go whole, and settle anew: what was, less what is, would give it away."""
    told = {"metric": metric.key, "through": through}
    weeks = [week for (week,) in con.execute(_GIVEN_AWAY, told | {"is_of_persons": metric.is_repeated}).fetchall()]
    forget = "delete from metric_values where metric = $metric and list_contains($weeks::date[], week)"
    con.execute(forget, {"metric": metric.key, "weeks": weeks})
    return weeks


def _digest(metric: Metric) -> str:
    """Tells one statement from another, so that a change nobody gave a version is not silent either."""
    return hashlib.sha256(metric.sql.encode()).hexdigest()[:16]


def ever_revised(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The keys of the metrics of which any cell was revised."""
    found = con.execute("select distinct metric from metric_values where reason != 'settled'").fetchall()
    return frozenset(key for (key,) in found)


def revised(con: duckdb.DuckDBPyConnection, metric: Metric, window: Window) -> pd.DataFrame:
    """A frame of the columns REVISED: the cells that were revised, as they were when their week settled."""
    bound = {"metric": metric.key, "since": window.since, "until": window.until}
    return con.execute(_REVISED, bound).df().astype(dict.fromkeys(SUMS, "float64"))


def as_settled(cells: pd.DataFrame, revised: pd.DataFrame) -> pd.DataFrame:
    """The cells as they were when their weeks settled: those that were revised give way to what they were."""
    keys = pd.MultiIndex.from_frame(revised[SPLITS])
    same = cells[~pd.MultiIndex.from_frame(cells[SPLITS]).isin(keys)]
    was = revised.loc[revised["units"] > 0, [*SPLITS, *SUMS]]
    return was if same.empty else same if was.empty else pd.concat([same, was], ignore_index=True)
