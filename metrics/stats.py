"""Rates, intervals and "too few to say", made from cells in this one place.

Sources: Wilson 1927; Newcombe 1998, method 10; Cochran, *Sampling Techniques*, ratio estimators; Kish for effective
units. scipy supplies the quantiles of Student's t.
"""

from dataclasses import dataclass
from math import exp, inf, log, sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
TAIL = 0.5 + CONFIDENCE / 2
_ROUNDING = 1e-12  # of a sum of squares: what is left of units that are all alike


@dataclass(frozen=True)
class Cell:
    """Sums over units, numerator n and denominator d of each: sufficient for a rate and its interval, and additive."""

    units: float = 0
    n: float = 0
    d: float = 0
    nn: float = 0
    dd: float = 0
    nd: float = 0
    events: float = 0

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(*(mine + theirs for mine, theirs in zip(self._sums, other._sums, strict=True)))

    @property
    def _sums(self) -> tuple[float, ...]:
        return self.units, self.n, self.d, self.nn, self.dd, self.nd, self.events

    @property
    def is_proportion(self) -> bool:
        """Whether every unit counts as one and holds at most one: parts of ones included, which widens the interval."""
        return self.d == self.units == self.dd and self.nn <= self.n <= self.d

    @property
    def effective_units(self) -> float:
        """How many units of equal size would tell as much (Kish)."""
        return self.d**2 / self.dd if self.dd else 0.0


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether a difference is beyond noise."""
        return self.low > 0 or self.high < 0


def wilson(successes: float, trials: float) -> Estimate:
    """The score interval of a proportion.

    >>> wilson(1, 10)
    Estimate(value=0.1, low=0.017876..., high=0.404150...)
    """
    z = NormalDist().inv_cdf(TAIL)
    share, scale = successes / trials, 1 + z * z / trials
    centre = (share + z * z / (2 * trials)) / scale
    half = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / scale
    # At the ends the formula gives the end itself but for rounding.
    return Estimate(share, 0.0 if successes == 0 else centre - half, 1.0 if successes == trials else centre + half)


def ratio(cell: Cell, *, minimum_units: float = 10) -> Estimate | None:
    """The rate n / d with an interval clustered by unit; None where the sample is too small to say.

    >>> ratio(Cell(6, 200, 1000, 32566, 255000, 75650, 4)) is None
    True
    """
    # Uneven units tell less than their number says: half of it at least must be left.
    if cell.d <= 0 or cell.units < minimum_units or cell.effective_units < minimum_units / 2:
        return None
    if cell.is_proportion:
        return wilson(cell.n, cell.d)
    value, error = cell.n / cell.d, _standard_error(cell)
    if _is_scored(cell):
        # All units alike says little when they are few: as a proportion of as many units as they are worth.
        return wilson(value * cell.effective_units, cell.effective_units)
    half = _student(cell.effective_units - 1) * error
    # Where no unit's numerator exceeds its denominator, neither can their ratio exceed one.
    if cell.nn <= cell.nd <= cell.dd and 0 < value < 1:
        return _on_the_scale_of_odds(value, half * sqrt(cell.effective_units / (cell.effective_units - 1)))
    return Estimate(value, max(value - half, 0.0), value + half)


def _on_the_scale_of_odds(value: float, half: float) -> Estimate:
    """The interval of a share whose units differ in size: few of them hold most of it, and its spread grows with it.

    The plain scale is too narrow on the high side, and the residuals of few units are too small by what they were fitted
    to. By simulation of changes of uneven size (tests/metrics/test_stats.py) this one covers 90 to 95 %, the plain one 81
    to 94.
    """
    odds, step = value / (1 - value), exp(half / (value * (1 - value)))
    return Estimate(value, odds / step / (1 + odds / step), odds * step / (1 + odds * step))


def level(cell: Cell) -> Estimate | None:
    """The rate of what was counted in full: nothing was sampled, so the interval is the value itself.

    >>> level(Cell(units=1, n=30, d=200))
    Estimate(value=0.15, low=0.15, high=0.15)
    """
    return Estimate(cell.n / cell.d, cell.n / cell.d, cell.n / cell.d) if cell.d else None


def difference(now: Cell, then: Cell, *, minimum_units: float = 10) -> Estimate | None:
    """The rate of `now` less that of `then`: Newcombe where either has a score interval, else Welch on effective units.

    >>> difference(Cell(70, 56, 70, 56, 70, 56, 56), Cell(80, 48, 80, 48, 80, 48, 48))
    Estimate(value=0.2..., low=0.0524..., high=0.3338...)
    """
    a, b = ratio(now, minimum_units=minimum_units), ratio(then, minimum_units=minimum_units)
    if a is None or b is None:
        return None
    value = a.value - b.value
    # Where all units are alike their standard error is zero, and Welch would take that side for certain.
    if _is_scored(now) or _is_scored(then):
        low = sqrt((a.value - a.low) ** 2 + (b.high - b.value) ** 2)
        high = sqrt((a.high - a.value) ** 2 + (b.value - b.low) ** 2)
        return Estimate(value, value - low, value + high)
    half = _welch([(_standard_error(now), now.effective_units), (_standard_error(then), then.effective_units)])
    return Estimate(value, value - half, value + half)


def ratio_of_rates(a: Cell, b: Cell, *, minimum_units: float = 10, minimum_events: float = 5) -> Estimate | None:
    """The rate of `a` over that of `b`, the interval on the log scale; None below the minimum in either."""
    for cell in (a, b):
        if ratio(cell, minimum_units=minimum_units) is None or cell.events < minimum_events:
            return None
    value = (a.n / a.d) / (b.n / b.d)
    half = _welch([(_standard_error(cell) / (cell.n / cell.d), cell.effective_units) for cell in (a, b)])
    return Estimate(value, exp(log(value) - half), exp(log(value) + half))


def _is_scored(cell: Cell) -> bool:
    """Whether its rate has a score interval: a proportion, or a share that is the same in all units."""
    return cell.is_proportion or (cell.n <= cell.d and _standard_error(cell) == 0)


def _standard_error(cell: Cell) -> float:
    """Of n / d, linearised, with units as clusters."""
    value = cell.n / cell.d
    residual = cell.nn - 2 * value * cell.nd + value * value * cell.dd
    if residual <= cell.nn * _ROUNDING:
        return 0.0
    return sqrt(cell.units / (cell.units - 1) * residual) / cell.d if cell.units > 1 else inf


def _welch(parts: list[tuple[float, float]]) -> float:
    """Half the width of the interval of a difference, from (standard error, effective units) of both sides."""
    variance = sum(error * error for error, _ in parts)
    if variance == 0:
        return 0.0
    freedom = variance**2 / sum(error**4 / (units - 1) for error, units in parts)
    return _student(freedom) * sqrt(variance)


def _student(freedom: float) -> float:
    """The quantile of Student's t."""
    from scipy.special import stdtrit  # noqa: PLC0415 - an ingest stores sums and never waits for scipy

    return float(stdtrit(freedom, TAIL))
