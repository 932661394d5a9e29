"""Trends: how far a rate moves over the weeks of a window, with an interval that knows what was sampled.

A straight line through the weekly rates, each weighing as much as its denominator. Units, or people where the same ones are
seen week after week, are the clusters of its variance. A rate of quality may wander by itself: what the weeks before show of
that is added (`metrics/wander.py`). Adoption rises by will, so its past is no measure of noise: there weeks are the clusters
where they scatter about the line more than their units explain. Sources: White 1980, Liang and Zeger 1986; Kish for the
effective number that gives Student's t its freedom, Satterthwaite for that of two variances.

The last axis of every array is weeks; what stands before it is done all at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from metrics import wander
from metrics.measure import SUMS, WEEK, Window
from metrics.metric import Metric
from metrics.stats import CONFIDENCE, Cell, Estimate

WEEKS = 12
LEAD = wander.REMEMBERED  # weeks before a window that its trend asks for
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Rises:
    """How far rates moved from the first week to the last, and half the widths of the intervals; nan: too few to say."""

    value: Array
    half: Array

    @property
    def is_up(self) -> NDArray[np.bool_]:
        """Where a rate rose beyond noise."""
        return self.value > self.half

    @property
    def is_down(self) -> NDArray[np.bool_]:
        """Where it fell beyond noise."""
        return -self.value > self.half


@dataclass(frozen=True)
class Trend:
    """A metric over one window."""

    metric: Metric
    window: Window
    cell: Cell  # what was counted in it
    rise: Estimate | None  # from its first week to its last; None: too few to say

    @property
    def is_rising(self) -> bool:
        """Whether it rose beyond noise."""
        return self.rise is not None and self.rise.low > 0

    @property
    def is_worse(self) -> bool:
        """Whether it moved to the worse side beyond noise."""
        if self.rise is None or self.metric.better == "neither":
            return False
        return self.rise.low > 0 if self.metric.better == "lower" else self.rise.high < 0


def of_units(sums: Array, minimum_units: float, level: float = 1 - CONFIDENCE, before: Array | None = None) -> Rises:
    """The rises of what has the SUMS of its cells on the axis before the last; `before` are those of the weeks before."""
    units, n, d, nn, dd, nd, _ = np.moveaxis(sums, -2, 0)
    line = _Line.through(n, d)
    spread = line.weight**2 * np.maximum(nn - 2 * line.rate * nd + line.rate**2 * dd, 0)
    all_units = units.sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        scatter = spread.sum(-1) * all_units / (all_units - 2)
        effective = (np.abs(line.weight) * d).sum(-1) ** 2 / (line.weight**2 * dd).sum(-1)
    enough = [
        (part[0].sum(-1) >= minimum_units) & (part[1].sum(-1) ** 2 >= part[2].sum(-1) * minimum_units / 2)
        for part in zip(*(_halves(each) for each in (units, d, dd)), strict=True)
    ]
    if before is None:
        return line.rises(np.maximum(scatter, line.between), effective - 1, enough[0] & enough[1], level)
    wandering, windows = wander.variance(line.weight * d, before)
    both = scatter + wandering
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = both**2 / (scatter**2 / (effective - 1) + wandering**2 / windows)
    # What never happened has no scatter at all.
    return line.rises(both, np.where(both > 0, freedom, effective - 1), enough[0] & enough[1], level)


def of_people(n: Array, d: Array, minimum_people: float, level: float = 1 - CONFIDENCE) -> Rises:
    """The rises of what has people on the axis before the last."""
    line = _Line.through(n.sum(-2), d.sum(-2))
    weight = line.weight[..., np.newaxis, :]
    scores = (weight * (n - line.rate[..., np.newaxis, :] * d)).sum(-1)
    people = (d.sum(-1) > 0).sum(-1)
    share = (np.abs(weight) * d).sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        scatter = (scores**2).sum(-1) * people / (people - 1)
        effective = share.sum(-1) ** 2 / (share**2).sum(-1)
    enough = [(part.sum(-1) > 0).sum(-1) >= minimum_people for part in _halves(d)]
    return line.rises(np.maximum(scatter, line.between), effective - 1, enough[0] & enough[1], level)


def _halves(each: Array) -> tuple[Array, Array]:
    """A line through two rates needs enough of both: what is too few for a rate in either half is too few for a trend."""
    middle = each.shape[-1] // 2
    return each[..., :middle], each[..., middle:]


@dataclass(frozen=True)
class _Line:
    """Straight lines through weekly rates."""

    n: Array
    d: Array
    weight: Array  # of each week: how far it lies from the middle of what was counted, the whole window being one
    spread: Array
    rise: Array
    rate: Array  # of each week, on the line

    @classmethod
    def through(cls, n: Array, d: Array) -> "_Line":
        """The line through n / d."""
        when = np.linspace(0, 1, n.shape[-1])
        with np.errstate(divide="ignore", invalid="ignore"):
            weight = when - ((d * when).sum(-1) / d.sum(-1))[..., np.newaxis]
            spread = (d * weight**2).sum(-1)
            rise = (weight * n).sum(-1) / spread
            level = n.sum(-1) / d.sum(-1)
        # All weeks alike leave a rise that is rounding.
        rise = np.where(np.abs(rise) < 1e-9 * level, 0.0, rise)
        return cls(n, d, weight, spread, rise, level[..., np.newaxis] + rise[..., np.newaxis] * weight)

    @property
    def weeks(self) -> NDArray[np.int64]:
        """How many weeks have anything counted."""
        weeks: NDArray[np.int64] = (self.d > 0).sum(-1)
        return weeks

    @property
    def between(self) -> Array:
        """The variance of the sums where weeks are the clusters."""
        within = (self.weight * (self.n - self.rate * self.d)) ** 2
        with np.errstate(divide="ignore", invalid="ignore"):
            scatter: Array = within.sum(-1) * self.weeks / (self.weeks - 2)
        return scatter

    def rises(self, variance: Array, freedom: Array, is_enough: NDArray[np.bool_], level: float) -> Rises:
        """The rises with their intervals, from the variance of their sums and its degrees of freedom."""
        with np.errstate(divide="ignore", invalid="ignore"):
            half = stdtrit(freedom, 1 - level / 2) * np.sqrt(variance) / self.spread
        # Of a few weeks a line says little, whatever was counted in them.
        told = is_enough & (2 * self.weeks >= self.d.shape[-1]) & ~np.isnan(half)
        return Rises(np.where(told, self.rise, np.nan), np.where(told, half, np.nan))


def trends(metric: Metric, rows: pd.DataFrame, weeks: Sequence[date], minimum_group: int = 1) -> list[Trend]:
    """The metric's trend over the window that each of these successive weeks ends.

    `rows` are its cells, or where the same people are seen week after week their weeks, as `measure` gives both.
    """
    if metric.speaks_of is not None:
        rows = rows[rows["cohort"] == metric.speaks_of]
    if not weeks:
        return []
    windows = [Window.ending(week, WEEKS) for week in weeks]
    if metric.is_repeated:
        every = _of_people(rows, windows, max(metric.minimum_units, minimum_group))
    else:
        every = _of_units(metric, rows, windows)
    return [
        Trend(metric, window, cell, None if metric.is_state else _estimate(found))
        for window, (cell, found) in zip(windows, every, strict=True)
    ]


def _of_people(rows: pd.DataFrame, windows: Sequence[Window], minimum_people: float) -> Iterator[tuple[Cell, Rises]]:
    n, d = _people(rows, windows[0].since, len(windows) + WEEKS - 1)
    for begin in range(len(windows)):
        mine, whole = (each[..., begin : begin + WEEKS] for each in (n, d))
        yield _counted(mine, whole), of_people(mine, whole, minimum_people)


def _of_units(metric: Metric, rows: pd.DataFrame, windows: Sequence[Window]) -> Iterator[tuple[Cell, Rises]]:
    lead = 0 if metric.ledger == "adoption" else LEAD
    sums = _weekly(rows, windows[0].since - WEEK * lead, lead + len(windows) + WEEKS - 1)
    for begin in range(len(windows)):
        before, mine = np.split(sums[:, begin : begin + lead + WEEKS], [lead], axis=1)
        yield Cell(*mine.sum(1).tolist()), of_units(mine, metric.minimum_units, before=before if lead else None)


def weekly(metric: Metric, cells: pd.DataFrame, window: Window) -> Array:
    """The SUMS of the window, a column a week."""
    if metric.speaks_of is not None:
        cells = cells[cells["cohort"] == metric.speaks_of]
    return _weekly(cells, window.since, window.weeks)


def parts(sums: Array, whole: Array) -> tuple[Array, float]:
    """What each of the parts on the first axis adds to the rise of the whole by the trend of its own, and that rise.

    What is left over came about because parts with other rates grew or shrank.
    """
    weight = _Line.through(whole[1], whole[2]).weight
    with np.errstate(divide="ignore", invalid="ignore"):
        own = (sums[:, 1].sum(-1) / sums[:, 2].sum(-1))[:, np.newaxis]
    mine: Array = (weight * np.nan_to_num(sums[:, 1] - own * sums[:, 2])).sum(-1)
    return mine, float((weight * whole[1]).sum())


def _estimate(found: Rises) -> Estimate | None:
    value, half = float(found.value), float(found.half)
    return None if np.isnan(half) else Estimate(value, value - half, value + half)


def _weekly(cells: pd.DataFrame, first: date, length: int) -> Array:
    place, is_in = _places(cells, first, length)
    sums = cells[SUMS].to_numpy("float64")[is_in].T
    return np.stack([np.bincount(place[is_in], each, length) for each in sums])


def _people(rows: pd.DataFrame, first: date, length: int) -> tuple[Array, Array]:
    """Numerators and denominators of people by weeks."""
    place, is_in = _places(rows, first, length)
    who, names = pd.factorize(rows["person"].to_numpy()[is_in])
    at = who * length + place[is_in]
    sums = [np.bincount(at, rows[name].to_numpy("float64")[is_in], len(names) * length) for name in ("n", "d")]
    n, d = np.stack(sums).astype("float64").reshape(2, len(names), length)
    return n, d


def _places(rows: pd.DataFrame, first: date, length: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    days = pd.to_datetime(rows["week"]).to_numpy("datetime64[D]") - np.datetime64(first, "D")
    place = days.astype("int64") // WEEK.days
    return place, (place >= 0) & (place < length)


def _counted(n: Array, d: Array) -> Cell:
    """The sums over people, each of them one unit."""
    mine, whole = n.sum(-1), d.sum(-1)
    of = [(whole > 0).sum(), *(each.sum() for each in (mine, whole, mine**2, whole**2, mine * whole)), (mine > 0).sum()]
    return Cell(*map(float, of))
