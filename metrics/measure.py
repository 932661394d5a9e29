"""From a metric's units to cells, and how far its values are settled.

Cells hold sums that are sufficient for a rate and its interval, and additive: weeks, teams and repositories add up to
what a query over all of them would give, so a filter never runs SQL again.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import duckdb
import pandas as pd

from metrics.metric import Metric
from metrics.stats import Cell, Estimate, level, ratio

SPLITS = ["week", "repo", "team", "cohort", "stratum"]
SUMS = ["units", "n", "d", "nn", "dd", "nd", "events"]
WEEK = timedelta(days=7)

# The only place where two statements meet. Groups too small to show never pass it.
_CELLS = """
with unit_rows as ({statement})
select
    week, repo, team, cohort, stratum,
    count(*) as units, sum(numerator) as n, sum(denominator) as d,
    sum(numerator * numerator) as nn, sum(denominator * denominator) as dd, sum(numerator * denominator) as nd,
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
    split_part(unit, ' ', 1) as person, repo, team, cohort, stratum, sum(numerator) as n, sum(denominator) as d
from unit_rows
where team != 'suppressed'
group by all
order by all
"""

_QUARTILES = """
with unit_rows as ({statement})
select quantile_cont(numerator / denominator, [0.25, 0.5, 0.75]) as quartiles
from unit_rows
where team != 'suppressed'
  and (len($repos) = 0 or list_contains($repos, repo)) and (len($teams) = 0 or list_contains($teams, team))
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
        if self.repos and not metric.is_repeated:
            cells = cells[cells["repo"].isin(self.repos)]
        return cells[cells["team"].isin(self.teams)] if self.teams and not metric.is_state else cells


def cells(con: duckdb.DuckDBPyConnection, metric: Metric, window: Window) -> pd.DataFrame:
    """A frame of SPLITS and SUMS, a row for each cell that has units in the window."""
    statement = _CELLS.format(statement=metric.sql)
    frame = con.execute(statement, {"since": window.since, "until": window.until}).df()
    return frame.astype(dict.fromkeys(SUMS, "float64"))


def is_hidden(con: duckdb.DuckDBPyConnection, metric: Metric, window: Window) -> bool:
    """Whether there are units, and the groups behind all of them are too small to show."""
    found = con.execute(_HIDDEN.format(statement=metric.sql), {"since": window.since, "until": window.until}).fetchall()
    return bool(found[0][0])


def clusters(con: duckdb.DuckDBPyConnection, metric: Metric, window: Window) -> pd.DataFrame:
    """A frame of person, splits, n and d: the window's sums for each person. Stays inside: pages see sums over it."""
    statement = _CLUSTERS.format(statement=metric.sql)
    return con.execute(statement, {"since": window.since, "until": window.until}).df()


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


def estimate(metric: Metric, cell: Cell) -> Estimate | None:
    """The rate of a cell, as this metric may be told: None below its minimum sample."""
    return level(cell) if metric.is_state else ratio(cell, minimum_units=metric.minimum_units)


def by(frame: pd.DataFrame, split: str) -> dict[str, Cell]:
    """The sums for each value of a split, in its order."""
    sums = frame.groupby(split, sort=True)[SUMS].sum().astype("float64")
    return {str(value): Cell(*row) for value, row in zip(sums.index, sums.to_numpy().tolist(), strict=True)}


def quartiles(
    con: duckdb.DuckDBPyConnection, metric: Metric, window: Window, selection: Selection
) -> tuple[float, float, float] | None:
    """Lower quartile, median and upper quartile of the units: not additive, so read from the units themselves."""
    bound = {
        "since": window.since,
        "until": window.until,
        "repos": list(selection.repos),
        "teams": list(selection.teams),
    }
    found = con.execute(_QUARTILES.format(statement=metric.sql), bound).fetchall()[0][0]
    return (float(found[0]), float(found[1]), float(found[2])) if found else None


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
