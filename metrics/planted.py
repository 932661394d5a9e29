"""One organisation of the truth lab: what its published generation says, beside what was planted in it.

The truth comes as the JSON that its builder wrote; this reads the generation as pages do, through the metrics' own statements.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import duckdb
import pandas as pd

from metrics import measure
from metrics.adjusted import mantel_haenszel
from metrics.comparison import inapplicable, ratio
from metrics.measure import Selection, Window
from metrics.metric import Metric
from metrics.registry import METRICS
from metrics.stats import Cell, Estimate
from metrics.survival import Lives, lives

Truth = dict[str, Any]
Counts = tuple[float, float, float]  # units, numerator, denominator
Unit = tuple[str, str, str, float, float]  # week, cohort, what it is called, numerator, denominator
AI, REST, ALL = ("ai",), ("human", "unknown"), ("*",)


@dataclass(frozen=True)
class Reading:
    """A number of one organisation: of all its units, of a cohort, or of two cohorts against each other."""

    metric: str
    of: str  # all, ai or rest, after how many days; ratio or adjusted
    counts: Counts  # of the units that were found
    estimate: Estimate | None  # None: too few to say
    planted: Counts | None = None  # of those that were planted; None: nobody counted them
    is_exact: bool | None = None  # whether every unit that was found is as it was planted, and none is missing
    due: float | None = None  # what chance had in store for this organisation, where it is about its own code


@dataclass(frozen=True)
class Units:
    """The units of a metric, one by one: those that were planted, and those that the generation has."""

    planted: list[Unit]
    found: list[Unit]

    @property
    def right(self) -> int:
        """How many are the same in both."""
        return (Counter(self.planted) & Counter(self.found)).total()

    def counts(self, cohorts: Collection[str]) -> Counts:
        """The sums of what was planted."""
        own = _of_cohorts(self.planted, cohorts)
        return len(own), sum(each[3] for each in own), sum(each[4] for each in own)

    def are_exact(self, cohorts: Collection[str]) -> bool:
        """Whether both have the same ones."""
        return Counter(_of_cohorts(self.planted, cohorts)) == Counter(_of_cohorts(self.found, cohorts))


def _of_cohorts(units: list[Unit], cohorts: Collection[str]) -> list[Unit]:
    return [unit for unit in units if unit[1] in cohorts]


def window(truth: Truth) -> Window:
    """The weeks that the truth is about."""
    return Window(date.fromisoformat(truth["since"]), date.fromisoformat(truth["until"]))


def units(con: duckdb.DuckDBPyConnection, truth: Truth) -> dict[str, Units]:
    """Of each metric that the builder counted."""
    counted = ((metric, truth["counts"][metric.key]) for metric in METRICS if metric.key in truth["counts"])
    return {
        metric.key: Units([_rounded(*each) for each in planted], _found(con, metric, window(truth)))
        for metric, planted in counted
    }


def _found(con: duckdb.DuckDBPyConnection, metric: Metric, window: Window) -> list[Unit]:
    rows = con.execute(metric.sql, {"since": window.since, "until": window.until}).fetchall()
    if metric.is_state:  # the last of each repository counts
        rows = list({row[1]: row for row in sorted(rows)}.values())
    return [
        # Sources put their name before what they name; of a person the builder does not know the pseudonym.
        _rounded(week.isoformat(), cohort, unit.rpartition(":")[2] if metric.lists_units else "", n, d)
        for week, _, team, cohort, _, unit, n, d in rows if team != "suppressed"
    ]  # fmt: skip


def _rounded(week: str, cohort: str, unit: str, numerator: float, denominator: float) -> Unit:
    # Sums of fractions differ in their last digit with the order they are made in.
    return week, cohort, unit, round(numerator, 4), round(denominator, 4)


def readings(con: duckdb.DuckDBPyConnection, truth: Truth, units: dict[str, Units]) -> list[Reading]:
    """Every metric over the window that the truth is about, and the survival curve at some ages."""
    weeks = window(truth)
    found = [reading for metric in METRICS for reading in _of(con, metric, weeks, units.get(metric.key))]
    in_store = {(key, of): value for key, sides in truth["due"].items() for of, value in _due(sides).items()}
    found = [replace(reading, due=in_store.get((reading.metric, reading.of))) for reading in found]
    return found + list(_curves(con, weeks, units))


def _due(repositories: dict[str, list[Counts]]) -> dict[str, float]:
    """The rates of both sides, their ratio, and that of like with like, within each repository."""
    sides = repositories.values()
    (ai, ai_days), (rest, rest_days) = ([sum(side[own][part] for side in sides) for part in (0, 1)] for own in (0, 1))
    weighed = [(a[0] * r[1] / (a[1] + r[1]), r[0] * a[1] / (a[1] + r[1])) for a, r in sides]
    rates = {"ai": ai / ai_days, "rest": rest / rest_days}
    adjusted = sum(both[0] for both in weighed) / sum(both[1] for both in weighed)
    return rates | {"ratio": rates["ai"] / rates["rest"], "adjusted": adjusted}


def _of(con: duckdb.DuckDBPyConnection, metric: Metric, weeks: Window, own: Units | None) -> Iterator[Reading]:
    cells = measure.cells(con, metric, weeks)
    if metric.is_repeated:
        people = measure.total_of_clusters(measure.clusters(con, metric, weeks))
        yield _reading(metric, "all", people, own, ALL)
    elif inapplicable(metric):
        cells = measure.latest(cells, weeks.until) if metric.is_state else cells
        whose = (metric.speaks_of or "*",)
        yield _reading(metric, "all", measure.total(cells[cells["cohort"].isin(whose)]), own, whose)
    else:
        ai, rest = (measure.total(cells[cells["cohort"].isin(which)]) for which in (AI, REST))
        yield _reading(metric, "ai", ai, own, AI)
        yield _reading(metric, "rest", rest, own, REST)
        yield from _against(metric, cells, ai, rest)


def _reading(metric: Metric, of: str, cell: Cell, own: Units | None, whose: Collection[str]) -> Reading:
    # A state was counted in full: it has no interval that could hold or miss anything.
    estimate = None if metric.is_state else measure.estimate(metric, cell)
    counts = cell.units, cell.n, cell.d
    if own is None:
        return Reading(metric.key, of, counts, estimate)
    return Reading(metric.key, of, counts, estimate, own.counts(whose), own.are_exact(whose))


def _against(metric: Metric, cells: pd.DataFrame, ai: Cell, rest: Cell) -> Iterator[Reading]:
    crude = ratio(metric, ai, rest)
    yield Reading(metric.key, "ratio", (ai.units + rest.units, ai.n * rest.d, ai.d * rest.n), crude)
    adjusted = mantel_haenszel(cells, cells["cohort"] == "ai") if crude else None
    yield Reading(metric.key, "adjusted", _alike(cells), adjusted.ratio if adjusted else None)


def _alike(cells: pd.DataFrame) -> Counts:
    """Units, and both sides of the ratio by Mantel and Haenszel: of several organisations they can be added up."""
    strata = [cells["repo"], cells["stratum"]]
    is_ai = cells["cohort"] == "ai"
    ai, rest = (cells[["n", "d"]].where(side, 0.0).groupby(strata).sum() for side in (is_ai, ~is_ai))
    whole = (ai["d"] + rest["d"]).where(lambda sums: sums > 0, 1.0)
    return (
        float(cells["units"].sum()),
        float((ai["n"] * rest["d"] / whole).sum()),
        float((rest["n"] * ai["d"] / whole).sum()),
    )


def _curves(con: duckdb.DuckDBPyConnection, weeks: Window, units: dict[str, Units]) -> Iterator[Reading]:
    """The share of lines that stand after some days; all changes of the window have been watched for longer."""
    by_cohort = lives(con, weeks, Selection())
    for whose, cohorts in (("ai", AI), ("rest", REST)):
        parts = [by_cohort[cohort] for cohort in cohorts if cohort in by_cohort]
        if not parts:
            continue
        curve = Lives.together(parts).curve([30, 90])
        for point, key in zip(curve, ("churn_30", "churn_90"), strict=True):
            changes, dead, lines = units[key].counts(cohorts)
            stand = round(point.estimate.value * lines, 6) if point.estimate else 0.0
            found, planted = (changes, stand, lines), (changes, lines - dead, lines)
            yield Reading("curve", f"{whose} at {point.age:g} days", found, point.estimate, planted, found == planted)
