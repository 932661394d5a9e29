"""Rates, intervals and "too few to say", made from cells in this one place.

Sources: Wilson 1927; Newcombe 1998, method 10, and Zou and Donner 2008, for what is made of two intervals; Cochran, *Sampling
Techniques*, ratio estimators; Kish for effective units; Korn and Graubard 1998 for effective trials. scipy supplies the
quantiles of Student's t. How often each interval holds the truth is simulated in metrics/simulated.py.
"""

from dataclasses import dataclass
from math import asinh, exp, hypot, log, sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
TAIL = 0.5 + CONFIDENCE / 2
Z = NormalDist().inv_cdf(TAIL)
LOST = (
    1.5  # degrees of freedom; with one lost, 8 of 288 simulated coverages were below 93 %, with this 4, the least 92.7
)
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
        """Whether every unit counts as one and holds at most one: parts of ones included, which widens the interval.

        Where each unit holds some part, as each has a rank, the parts are sizes and nothing was counted.
        """
        counts = self.nn == self.n or self.events < self.units
        return self.d == self.units == self.dd and self.nn <= self.n <= self.d and counts

    @property
    def is_share(self) -> bool:
        """Whether it looks as if no unit's numerator exceeded its denominator, so that neither can their ratio exceed one."""
        return self.nn <= self.nd <= self.dd and self.n <= self.d

    @property
    def effective_units(self) -> float:
        """How many units of equal size would tell as much (Kish)."""
        return self.d**2 / self.dd if self.dd else 0.0

    @property
    def carriers(self) -> float:
        """How many units of equal numerators would carry as much of it: on few of them the spread itself is a guess."""
        return self.n**2 / self.nn if self.nn > 0 else 0.0

    @property
    def rest(self) -> "Cell":
        """What of each unit's denominator is not in its numerator."""
        return Cell(self.units, self.d - self.n, self.d, self.dd - 2 * self.nd + self.nn, self.dd, self.dd - self.nd)


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
    share, scale = successes / trials, 1 + Z * Z / trials
    centre = (share + Z * Z / (2 * trials)) / scale
    half = Z * sqrt(share * (1 - share) / trials + Z * Z / (4 * trials * trials)) / scale
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
    if not cell.is_share:
        return _rate(cell)
    value, trials = cell.n / cell.d, effective_trials(cell)
    return wilson(value * trials, trials)


def effective_trials(cell: Cell) -> float:
    """Of a share: how many independent trials would tell as much."""
    rare = cell if cell.n <= cell.d / 2 else cell.rest
    share, spread = rare.n / rare.d, _spread(rare)
    is_of_sizes = cell.d == cell.units == cell.dd  # of one unit a part: no trials, and no lines, of which each is one
    if share <= 0 or (is_of_sizes and spread == 0):
        return cell.effective_units  # all alike says little where units are few
    binomial = share * (1 - share)
    alone, together = 0.0 if is_of_sizes else binomial * cell.d, binomial * cell.dd
    carriers = min(cell.carriers, cell.rest.carriers)
    return binomial * cell.d**2 / cautious(spread, carriers, alone=alone, together=together)


def cautious(spread: float, carriers: float, *, alone: float, together: float) -> float:
    """A variance that was estimated, with what it may be too small by where few units carry what is counted.

    `alone` is what it would be if all that is counted came one by one, `together` if all of a unit came at once: what
    lies between is a guess, and is enlarged as Student's t is on about so many units. Below `alone` lies chance, and half
    of it is believed.
    """
    excess = spread - alone
    if excess <= 0:
        return alone + excess / 2
    return min(alone + excess * (_student(carriers - LOST) / Z) ** 2, max(spread, together))


def _rate(cell: Cell) -> Estimate:
    """What may exceed one: counts on the scale of square roots, sizes on that of logarithms with a longer arm upwards.

    Where every unit has some of it, it is a size, and a few large ones that the sample may lack are long in coming.
    """
    value, is_counted = cell.n / cell.d, cell.events < cell.units
    # At worst all of it came at once, as one event.
    spread = cautious(_spread(cell), cell.carriers, alone=cell.n if is_counted else 0.0, together=cell.n**2)
    step = Z * sqrt(spread) / cell.n
    up = 2 * asinh(step / 2) if is_counted else step + step * step / 2
    down = 2 * asinh(step / 2) if is_counted else step
    return Estimate(value, value * exp(-down), value * exp(up))


def level(cell: Cell) -> Estimate | None:
    """The rate of what was counted in full: nothing was sampled, so the interval is the value itself.

    >>> level(Cell(units=1, n=30, d=200))
    Estimate(value=0.15, low=0.15, high=0.15)
    """
    return Estimate(cell.n / cell.d, cell.n / cell.d, cell.n / cell.d) if cell.d else None


def difference(now: Cell, then: Cell, *, minimum_units: float = 10) -> Estimate | None:
    """The rate of `now` less that of `then`: Newcombe's, each side's interval taken as far as it reaches.

    >>> difference(Cell(70, 56, 70, 56, 70, 56, 56), Cell(80, 48, 80, 48, 80, 48, 48))
    Estimate(value=0.2..., low=0.0524..., high=0.3338...)
    """
    a, b = ratio(now, minimum_units=minimum_units), ratio(then, minimum_units=minimum_units)
    if a is None or b is None:
        return None
    value = a.value - b.value
    low, high = hypot(a.value - a.low, b.high - b.value), hypot(a.high - a.value, b.value - b.low)
    return Estimate(value, value - low, value + high)


def ratio_of_rates(a: Cell, b: Cell, *, minimum_units: float = 10, minimum_events: float = 5) -> Estimate | None:
    """The rate of `a` over that of `b`, as a difference of logarithms; None below the minimum in either."""
    first, second = ratio(a, minimum_units=minimum_units), ratio(b, minimum_units=minimum_units)
    if first is None or second is None or min(a.events, b.events) < max(minimum_events, 1):
        return None
    return quotient(first, second)


def quotient(a: Estimate, b: Estimate) -> Estimate:
    """One estimate over another, neither of them zero."""
    low = hypot(log(a.value / a.low), log(b.high / b.value))
    high = hypot(log(a.high / a.value), log(b.value / b.low))
    return Estimate(a.value / b.value, a.value / b.value * exp(-low), a.value / b.value * exp(high))


def _spread(cell: Cell) -> float:
    """The variance of n about the rate's part of d, with units as clusters: the larger of what two ways of summing say.

    One sums what is left over of each unit. The other sums what n alone shows of lumps, and takes it that large units have
    no other rate than small ones: where few units have anything at all, what is left over is too small by those that,
    by chance, had nothing.
    """
    value = cell.n / cell.d
    left = cell.nn - 2 * value * cell.nd + value * value * cell.dd
    if left <= (cell.nn + value * value * cell.dd) * _ROUNDING or cell.units < 2:
        return 0.0
    lumps = value * cell.dd * (cell.nn / cell.nd - value) if cell.nd > 0 else 0.0
    return max(cell.units / (cell.units - 1) * left, lumps)


def _student(freedom: float) -> float:
    """The quantile of Student's t; on half a degree it is as good as boundless."""
    from scipy.special import stdtrit  # noqa: PLC0415 - --help never waits for scipy

    return float(stdtrit(max(freedom, 0.5), TAIL))
