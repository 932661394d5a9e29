"""From a metric's units to cells, and how far its values are settled.

Cells hold sums that are sufficient for a rate and its interval, and additive: weeks, teams and repositories add up to
what a query over all of them would give, so a filter never runs SQL again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import duckdb
import numpy as np
import pandas as pd

from metrics.metric import Metric
from metrics.stats import Cell, Estimate, level, off_together, ratio

SPLITS = ["week", "repo", "team", "cohort", "stratum"]
SUMS = ["units", "n", "d", "nn", "dd", "nd", "events"]
WEEK = timedelta(days=7)

# The only place where two statements meet. Groups too small to show never pass it: of a team that is large enough a stratum
# may be one person, so a cell of people is of all strata.
_CELLS = """
with unit_rows as ({statement})
select
    week, repo, team, cohort, case when $is_of_persons then '*' else stratum end as stratum,
    -- Compensated sums: of parts of one, plain ones differ in their last digit with the order that threads come in.
    count(*) as units, fsum(numerator) as n, fsum(denominator) as d,
    -- The parts of what happened once depend on each other: each varies as the whole.
    fsum(case when $is_of_parts then greatest(numerator * numerator, numerator) else numerator * numerator end) as nn,
    fsum(denominator * denominator) as dd, fsum(numerator * denominator) as nd,
    count(*) filter (where numerator > 0) as events
from unit_rows
where team != 'suppressed'
group by all
order by all
"""

_HIDDEN = """
with unit_rows as ({statement})
select coalesce(bool_and(team = 'suppressed'), false) from unit_rows
"""

# Where the same people are seen week after week, a window's interval counts people: their weeks are summed first.
_CLUSTERS = """
with unit_rows as ({statement})
select
    week, split_part(unit, ' ', 1) as person, repo, team, cohort, stratum, fsum(numerator) as n, fsum(denominator) as d
from unit_rows
where team != 'suppressed'
group by all
order by all
"""

_SIZES = """
with unit_rows as ({statement})
select week, repo, team, numerator / denominator as size
from unit_rows
where team != 'suppressed'
order by all
"""

_UNITS = """
with unit_rows as ({statement})
select week, repo, team, cohort, unit, numerator, denominator
from unit_rows
where team != 'suppressed'
  and (len($repos) = 0 or list_contains($repos, repo)) and (len($teams) = 0 or list_contains($teams, team))
order by numerator desc, denominator desc, repo, unit, cohort
limit $most
"""

# Units that are alike are one row: of yes-or-no metrics few are left. Between two repositories or teams they are not.
_UNKNOWN = """
with unit_rows as ({statement})
select week, repo, team, numerator as n, denominator as d, count(*) as units
from unit_rows
where team != 'suppressed' and cohort = 'unknown'
group by all
order by all
"""


@dataclass(frozen=True)
class Window:
    """Whole ISO weeks from the Monday `since` up to, not including, the Monday `until`."""

    since: date
    until: date

    @classmethod
    def ending(cls, last_week: date, weeks: int) -> "Window":
        """The `weeks` weeks of which the one that begins on the Monday `last_week` is the last."""
        return cls(last_week - WEEK * (weeks - 1), last_week + WEEK)

    @property
    def weeks(self) -> int:
        """How many weeks it spans."""
        return (self.until - self.since).days // 7

    @property
    def before(self) -> "Window":
        """The window of the same length just before it."""
        return Window(self.since - WEEK * self.weeks, self.since)


@dataclass(frozen=True)
class Selection:
    """The repositories and teams a reader looks at; empty: all of them."""

    repos: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()

    def of(self, metric: Metric, cells: pd.DataFrame) -> pd.DataFrame:
        """The cells it selects. People work in no one repository and stay; an event of no known repository does not.

        The state of a repository is no one team's, and stays.
        """
        if self.repos and not metric.is_of_people:
            cells = cells[cells["repo"].isin(self.repos)]
        return cells[cells["team"].isin(self.teams)] if self.teams and not metric.is_state else cells


def cells(con: duckdb.DuckDBPyConnection, metric: Metric, window: Window) -> pd.DataFrame:
    """A frame of SPLITS and SUMS, a row for each cell that has units in the window; the stratum of people is '*'."""
    statement = _CELLS.format(statement=metric.sql)
    is_of = {"is_of_persons": metric.is_repeated, "is_of_parts": metric.is_of_parts}
    frame = _frame(con, statement, {"since": window.since, "until": window.until, **is_of})
    return frame.astype(dict.fromkeys(SUMS, "float64"))


def _frame(con: duckdb.DuckDBPyConnection, statement: str, bound: dict[str, object]) -> pd.DataFrame:
    """The rows of a statement that has weeks. Through Arrow: text that is made into objects takes longer than the statement."""
    rows: pd.DataFrame = con.sql(statement, params=bound).to_arrow_table().to_pandas(date_as_object=False)
    return rows.astype({"week": "datetime64[us]"})


def is_hidden(con: duckdb.DuckDBPyConnection, metric: Metric, window: Window) -> bool:
    """Whether there are units, and the groups behind all of them are too small to show."""
    found = con.execute(_HIDDEN.format(statement=metric.sql), {"since": window.since, "until": window.until}).fetchall()
    return bool(found[0][0])


def clusters(con: duckdb.DuckDBPyConnection, metric: Metric, window: Window) -> pd.DataFrame:
    """A frame of week, person, the other splits, n and d. Stays inside: pages see sums over people."""
    statement = _CLUSTERS.format(statement=metric.sql)
    return _frame(con, statement, {"since": window.since, "until": window.until})


def total_of_clusters(frame: pd.DataFrame) -> Cell:
    """The sums over people, each one unit however many weeks they were seen."""
    sums = frame.groupby("person")[["n", "d"]].sum().astype("float64")
    n, d = sums["n"], sums["d"]
    parts = (len(sums), n.sum(), d.sum(), (n * n).sum(), (d * d).sum(), (n * d).sum(), (n > 0).sum())
    return Cell(*(float(part) for part in parts))


def within(frame: pd.DataFrame, window: Window) -> pd.DataFrame:
    """The cells of the weeks in the window."""
    weeks = pd.to_datetime(frame["week"])
    return frame[(weeks >= pd.Timestamp(window.since)) & (weeks < pd.Timestamp(window.until))]


def total(frame: pd.DataFrame) -> Cell:
    """The sum of the cells."""
    return Cell(*frame[SUMS].to_numpy("float64").sum(axis=0).tolist())


def latest(frame: pd.DataFrame, until: date) -> pd.DataFrame:
    """Of cells that are states: the last of each repository before the Monday `until`."""
    before = frame[pd.to_datetime(frame["week"]) < pd.Timestamp(until)]
    return before.sort_values("week", kind="stable").groupby("repo").tail(1)


def trailing(frame: pd.DataFrame, every: Sequence[date], weeks: int) -> list[Cell]:
    """For each of these successive weeks the sum of the `weeks` weeks of which it is the last."""
    begin = every[0] - WEEK * (weeks - 1)
    days = pd.to_datetime(frame["week"]).to_numpy("datetime64[D]") - np.datetime64(begin, "D")
    place = days.astype("int64") // WEEK.days
    length = len(every) + weeks - 1
    is_in = (place >= 0) & (place < length)
    sums_of = frame[SUMS].to_numpy("float64")[is_in].T
    by_week = np.stack([np.bincount(place[is_in], each, length) for each in sums_of], axis=1)
    # Not differences of running sums: what is whole stays whole.
    sums = np.lib.stride_tricks.sliding_window_view(by_week, weeks, axis=0).sum(axis=2)
    return [Cell(*row) for row in sums.tolist()]


def states(frame: pd.DataFrame, every: Sequence[date]) -> list[Cell]:
    """Of cells that are states: for each of these successive weeks the sum over repositories of the last one up to it."""
    ordered = frame.sort_values("week", kind="stable")
    steps = zip(
        pd.to_datetime(ordered["week"]).dt.date,
        ordered["repo"],
        ordered[SUMS].to_numpy("float64").tolist(),
        strict=True,
    )
    known: dict[str, Cell] = {}
    upcoming = next(steps, None)
    sums = []
    for week in every:
        while upcoming is not None and upcoming[0] <= week:
            known[upcoming[1]] = Cell(*upcoming[2])
            upcoming = next(steps, None)
        sums.append(sum(known.values(), Cell()))
    return sums


def estimate(metric: Metric, cell: Cell) -> Estimate | None:
    """The rate of a cell, as this metric may be told: None below its minimum sample."""
    found = level(cell) if metric.is_state else ratio(cell, minimum_units=metric.minimum_units)
    if found and metric.common_error:
        found = off_together(found, metric.common_error)
    if found is None or metric.shown_as not in ("share", "percentile"):
        return found
    # One person may do more than their part of a target, all of them together no more than reach it.
    return replace(found, low=max(found.low, 0.0), high=min(found.high, 1.0))


def by(frame: pd.DataFrame, split: str) -> dict[str, Cell]:
    """The sums for each value of a split, in its order."""
    sums = frame.groupby(split, sort=True)[SUMS].sum().astype("float64")
    return {str(value): Cell(*row) for value, row in zip(sums.index, sums.to_numpy().tolist(), strict=True)}


def sizes(con: duckdb.DuckDBPyConnection, metric: Metric, window: Window) -> pd.DataFrame:
    """A frame of week, repo, team and size, a row a unit: quartiles are not additive, and are read from these."""
    statement = _SIZES.format(statement=metric.sql)
    return _frame(con, statement, {"since": window.since, "until": window.until})


def units(
    con: duckdb.DuckDBPyConnection, metric: Metric, window: Window, selection: Selection, most: int = 10
) -> pd.DataFrame:
    """A frame of the units that weigh most: week, repo, team, cohort, unit, numerator, denominator. Never of one person."""
    if not metric.lists_units:
        message = f"{metric.key} counts people or their time: that is shown by team and week only."
        raise ValueError(message)
    bound = {"since": window.since, "until": window.until, "most": most}
    chosen = {"repos": list(selection.repos), "teams": list(selection.teams)}
    return _frame(con, _UNITS.format(statement=metric.sql), bound | chosen)


def unknown(con: duckdb.DuckDBPyConnection, metric: Metric, window: Window) -> pd.DataFrame:
    """A frame of week, repo, team, n, d and units: the units of unknown cohort, for bounds. Stays inside, as it is."""
    statement = _UNKNOWN.format(statement=metric.sql)
    return _frame(con, statement, {"since": window.since, "until": window.until})


def quartiles(units: pd.DataFrame) -> tuple[float, float, float] | None:
    """Lower quartile, median and upper quartile of the sizes of units; None of none."""
    if units.empty:
        return None
    low, median, high = units["size"].quantile([0.25, 0.5, 0.75])
    return float(low), float(median), float(high)


def monday(moment: date | datetime) -> date:
    """The Monday of the ISO week."""
    day = moment.date() if isinstance(moment, datetime) else moment
    return day - timedelta(days=day.weekday())


def horizons(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[datetime, datetime]]:
    """For each source with data: the first moment they speak about, and how far they reach."""
    # A roster that gives no first days holds for all time: it speaks, but from no moment on.
    rows = con.execute("""
        select source, coalesce(min(data_from), max(data_through)), max(data_through) from horizon
        where data_through is not null
          and (data_from is not null or (source = 'people' and exists (select 1 from people)))
        group by source
    """).fetchall()
    return {source: (since, through) for source, since, through in rows}


def missing(metric: Metric, horizon: dict[str, tuple[datetime, datetime]]) -> list[str]:
    """The sources the metric needs and does not have."""
    return [source for source in metric.sources if source not in horizon]


def last_settled_week(metric: Metric, horizon: dict[str, tuple[datetime, datetime]]) -> date | None:
    """The Monday of the newest week whose units have all had their follow-up; None without the data."""
    # A roster is valid until it says otherwise: it does not end with the file's date.
    through = [horizon[source][1] for source in metric.sources if source in horizon and source != "people"]
    if missing(metric, horizon) or not through:
        return None
    return monday(min(through) - timedelta(days=metric.follow_up_days)) - WEEK
