"""One organisation of the truth lab: what its published generation says, beside what was planted in it.

The truth comes as the JSON that its builder wrote; this reads the generation as pages do, through the metrics' own statements.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pandas as pd

from metrics import bounds, measure
from metrics.adjusted import mantel_haenszel
from metrics.comparison import inapplicable, ratio
from metrics.measure import Selection, Window
from metrics.metric import Metric
from metrics.registry import METRICS
from metrics.stats import Cell, Estimate
from metrics.survival import Lives, lives

Truth = dict[str, Any]
Counts = tuple[float, float, float]  # units, numerator, denominator
REST = ("human", "unknown")

_OPERATIONS = """
select
    mainline.landed_sha, sum(changes.added) as added, sum(deleted) as deleted, sum(moved) as moved, sum(updated) as updated,
    sum(copied_tree) as copied_tree, sum(copied_within) as copied_within, sum(find_replaced) as find_replaced, sum(noop) as noop
from mainline
join commits on commits.repo = mainline.repo and commits.landed_sha = mainline.landed_sha
join changes on changes.repo = commits.repo and changes.sha = commits.sha
where role = 'source'
group by all
"""

_CAUSES = """
select incident, method, landed_sha from caused_incidents where landed_sha is not null
"""


@dataclass(frozen=True)
class Reading:
    """A number of one organisation: of all its units, of a cohort, or of two cohorts against each other."""

    metric: str
    of: str  # all, ai or rest, after how many days; ratio or adjusted
    counts: Counts  # of the units that were found
    estimate: Estimate | None  # None: too few to say
    planted: Counts | None = None  # of those that were planted; None: nobody counted them

    @property
    def is_exact(self) -> bool | None:
        """Whether what was found is what was planted, unit by unit added up; None where nobody counted it."""
        return None if self.planted is None else self.counts == self.planted


@dataclass(frozen=True)
class Recovery:
    """How much of what was planted was found: of lines by operation, of causes by method, of bounds that held."""

    what: str
    planted: int
    found: int
    right: int


@dataclass(frozen=True)
class Measured:
    """All that one organisation told, and the rates that its story planted as such."""

    readings: list[Reading]
    recoveries: list[Recovery]
    rates: dict[str, dict[str, float]]


def measured(con: duckdb.DuckDBPyConnection, truth: Truth) -> Measured:
    """What the generation of an organisation says, beside the truth that its builder wrote down."""
    return Measured(readings(con, truth), recoveries(con, truth), truth["rates"])


def readings(con: duckdb.DuckDBPyConnection, truth: Truth) -> list[Reading]:
    """Every metric over the window that the truth is about, and the survival curve at some ages."""
    window = Window(date.fromisoformat(truth["since"]), date.fromisoformat(truth["until"]))
    found = [reading for metric in METRICS for reading in _of(con, metric, window, truth["counts"].get(metric.key))]
    return found + list(_curves(con, window, truth["counts"]))


def _of(
    con: duckdb.DuckDBPyConnection, metric: Metric, window: Window, planted: dict[str, list[float]] | None
) -> Iterator[Reading]:
    cells = measure.cells(con, metric, window)
    if metric.is_repeated:
        people = measure.total_of_clusters(measure.clusters(con, metric, window))
        yield _reading(metric, "all", people, None)
    elif inapplicable(metric):
        cells = measure.latest(cells, window.until) if metric.is_state else cells
        whose = [metric.speaks_of or "*"]
        yield _reading(metric, "all", measure.total(cells[cells["cohort"].isin(whose)]), _summed(planted, whose))
    else:
        ai, rest = (measure.total(cells[cells["cohort"].isin(which)]) for which in (["ai"], REST))
        if metric.shown_as != "percentile":  # ranks among each other: all that can be planted is how cohorts compare
            yield _reading(metric, "ai", ai, _summed(planted, ["ai"]))
            yield _reading(metric, "rest", rest, _summed(planted, REST))
        yield from _against(metric, cells, ai, rest)


def _reading(metric: Metric, of: str, cell: Cell, planted: Counts | None) -> Reading:
    # A state was counted in full: it has no interval that could hold or miss anything.
    estimate = None if metric.is_state else measure.estimate(metric, cell)
    return Reading(metric.key, of, (cell.units, cell.n, cell.d), estimate, planted)


def _summed(planted: dict[str, list[float]] | None, cohorts: Sequence[str]) -> Counts | None:
    if planted is None:
        return None
    units, n, d = (sum(planted.get(cohort, _NOTHING)[place] for cohort in cohorts) for place in range(3))
    return units, n, d


_NOTHING = [0.0, 0.0, 0.0]


def _against(metric: Metric, cells: pd.DataFrame, ai: Cell, rest: Cell) -> Iterator[Reading]:
    crude = ratio(metric, ai, rest)
    yield Reading(metric.key, "ratio", (ai.units + rest.units, ai.n * rest.d, ai.d * rest.n), crude)
    adjusted = mantel_haenszel(cells, cells["cohort"] == "ai") if crude else None
    if adjusted is None:
        yield Reading(metric.key, "adjusted", (0.0, 0.0, 0.0), None)
    else:
        yield Reading(metric.key, "adjusted", (adjusted.units, 0.0, 0.0), adjusted.ratio)


def _curves(con: duckdb.DuckDBPyConnection, window: Window, counts: dict[str, Any]) -> Iterator[Reading]:
    """The share of lines that stand after some days; all changes of the window have been watched for longer."""
    by_cohort = lives(con, window, Selection())
    for whose, cohorts in (("ai", ["ai"]), ("rest", list(REST))):
        parts = [by_cohort[cohort] for cohort in cohorts if cohort in by_cohort]
        if not parts:
            continue
        curve = Lives.together(parts).curve([30, 90])
        for point, key in zip(curve, ("churn_30", "churn_90"), strict=True):
            units, dead, lines = _summed(counts[key], cohorts) or _NOTHING
            stand = point.estimate.value * lines if point.estimate else 0.0
            planted = units, lines - dead, lines
            yield Reading(
                "curve", f"{whose} at {point.age:g} days", (units, round(stand, 6), lines), point.estimate, planted
            )


def recoveries(con: duckdb.DuckDBPyConnection, truth: Truth) -> list[Recovery]:
    """Operations of lines, change by change; causes by the method that could know them; bounds against the whole truth."""
    return [*_operations(con, truth["operations"]), *_causes(con, truth["causes"]), _bounded(con, truth)]


def _operations(con: duckdb.DuckDBPyConnection, planted: dict[str, dict[str, int]]) -> Iterator[Recovery]:
    found = con.execute(_OPERATIONS).df().set_index("landed_sha")
    for name in next(iter(planted.values())):
        meant = pd.Series({sha: each[name] for sha, each in planted.items()})
        seen = found[name].reindex(meant.index, fill_value=0).astype("int64")
        right = meant.where(meant < seen, seen)  # of each change as many as both have
        yield Recovery(f"lines {name}", int(meant.sum()), int(seen.sum()), int(right.sum()))


def _causes(con: duckdb.DuckDBPyConnection, planted: dict[str, list[str | None]]) -> Iterator[Recovery]:
    """Each incident whose cause could be known by a method: whether that change, and no other, is called its cause."""
    named: dict[str, set[str]] = {}
    for incident, _, sha in con.execute(_CAUSES).fetchall():
        named.setdefault(incident.rpartition(":")[2], set()).add(sha)
    for method in sorted({str(method) for _, method in planted.values() if method}):
        asked = {incident: sha for incident, (sha, how) in planted.items() if how == method}
        found = {incident: named[incident] for incident in asked if incident in named}
        right = sum(shas == {asked[incident]} for incident, shas in found.items())
        yield Recovery(f"causes by {method}", len(asked), len(found), right)


def _bounded(con: duckdb.DuckDBPyConnection, truth: Truth) -> Recovery:
    """For each metric whose writers are known: whether the ratio among true writers lies within the sharp bounds."""
    window = Window(date.fromisoformat(truth["since"]), date.fromisoformat(truth["until"]))
    asked = held = 0
    for metric in METRICS:
        written = truth["written"].get(metric.key)
        if written is None or min(written[0][1], written[1][1]) == 0:
            continue
        cells = measure.by(measure.cells(con, metric, window), "cohort")
        unknown = measure.unknown(con, metric, window)
        times = unknown["units"].to_numpy("int64")
        n, d = (unknown[name].to_numpy("float64").repeat(times) for name in ("n", "d"))
        found = bounds.sharp(cells.get("ai", Cell()), cells.get("human", Cell()), n, d)
        if found is None:
            continue
        ai, people = written
        asked += 1
        held += found.low * (1 - 1e-9) <= (ai[1] / ai[2]) / (people[1] / people[2]) <= found.high * (1 + 1e-9)
    return Recovery("ratios among true writers within the sharp bounds", asked, asked, held)
