"""Rates, intervals and "too few to say", made from cells in this one place.

Sources: Wilson 1927; Newcombe 1998, method 10, and Zou and Donner 2008, for what is made of two intervals; Cochran, *Sampling
Techniques*, ratio estimators; Kish for effective units; Korn and Graubard 1998 for effective trials. scipy supplies the
quantiles of Student's t. How often each interval holds the truth is simulated in metrics/simulated.py.
"""

from dataclasses import dataclass
from math import asinh, exp, hypot, isclose, log, sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
TAIL = 0.5 + CONFIDENCE / 2
Z = NormalDist().inv_cdf(TAIL)
LOST = 1.25  # degrees of freedom
LEAN = 1.4  # at most: how much further a share leans whose units are uneven
LUMPED = 0.25  # of what n alone shows of lumps, believed in pairs; all three chosen by simulation
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
        """Whether every unit counts as one, and has it or has it not."""
        return self.d == self.units == self.dd and self.n == self.nn <= self.d

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
    found = _even(cell, minimum_units)
    if found is None or cell.is_proportion or not cell.is_share:
        return found
    trials, steps = trials_and_steps(cell)
    return leaning(wilson(cell.n / cell.d * trials, trials), trials, steps)


def _even(cell: Cell, minimum_units: float) -> Estimate | None:
    """The same for a pair: both sides are likelier to be off towards the middle, and so what they differ by is not."""
    # Uneven units tell less than their number says: half of it at least must be left.
    if cell.d <= 0 or cell.units < minimum_units or cell.effective_units < minimum_units / 2:
        return None
    if cell.is_proportion:
        return wilson(cell.n, cell.d)
    if not cell.is_share:
        return _rate(cell)
    trials, _ = trials_and_steps(cell, LUMPED)
    return wilson(cell.n / cell.d * trials, trials)


def trials_and_steps(cell: Cell, lumped: float = 0.0) -> tuple[float, float]:
    """Of a share: how many independent trials would tell as much, and in how many steps it moves."""
    rare = cell if cell.n <= cell.d / 2 else cell.rest
    share, spread = rare.n / rare.d, (1 - lumped) * _left(rare) + lumped * _spread(rare)
    is_of_sizes = isclose(cell.d, cell.dd)  # of one unit a part: no trials, and no lines, of which each is one
    if share <= 0 or (is_of_sizes and spread == 0):
        return cell.effective_units, cell.effective_units  # all alike says little where units are few
    binomial = share * (1 - share)
    lumps = Lumps(0.0 if is_of_sizes else binomial * cell.d, binomial * cell.dd, cell.units, cell.effective_units)
    variance = lumps.cautious(spread, min(cell.carriers, cell.rest.carriers))
    trials = binomial * cell.d**2 / variance
    return trials, trials if is_of_sizes else lumps.steps(variance, trials)


def leaning(found: Estimate, trials: float, steps: float) -> Estimate:
    """Wilson's interval with the arm towards the middle as long as that of a share that moves in so few steps.

    The variance of a share grows with it by its third moment over its second; of a binomial, steps are trials. A sample that
    lacks the few changes that lost all shows too small a share and too small a variance.
    """
    scale, lean = 2 * (1 + Z * Z / trials), Z * Z * (1 - 2 * found.value) / steps
    half = sqrt(lean * lean + 2 * scale * Z * Z * found.value * (1 - found.value) / trials)
    if found.value <= 0.5:
        return Estimate(found.value, found.low, max(found.high, min(found.value + (lean + half) / scale, 1.0)))
    return Estimate(found.value, min(found.low, max(found.value + (lean - half) / scale, 0.0)), found.high)


@dataclass(frozen=True)
class Lumps:
    """What a variance would be if all that is counted came one by one, and if all of a unit came at once; and how many units."""

    alone: float
    together: float
    units: float
    effective: float

    def cautious(self, spread: float, carriers: float) -> float:
        """The variance: what lies between both is a guess, enlarged as Student's t is on the units that carry what is counted.

        Below `alone` lies chance, and half of it is believed.
        """
        excess = spread - self.alone
        if excess <= 0:
            return self.alone + excess / 2
        return min(self.alone + excess * (_student(carriers - LOST) / Z) ** 2, max(spread, self.together))

    def steps(self, variance: float, trials: float) -> float:
        """In how many steps a share moves: the third moment is that of units whose shares are a beta, more where uneven."""
        if variance <= self.alone or self.together <= self.alone:
            return trials
        alike = min((variance - self.alone) / (self.together - self.alone), 1.0)
        uneven = min(self.units / self.effective - 1, LEAN)
        lean = min(uneven * 2 * alike / (1 + alike) * (1 - self.alone / variance), 1.0)
        return 1 / (lean / self.effective + (1 - lean) / trials)


def _rate(cell: Cell) -> Estimate:
    """What may exceed one: counts on the scale of square roots, sizes on that of logarithms with a longer arm upwards.

    Where every unit has some of it, it is a size, and a few large ones that the sample may lack are long in coming.
    """
    value, is_counted = cell.n / cell.d, cell.events < cell.units
    # At worst all of it came at once, as one event.
    lumps = Lumps(cell.n if is_counted else 0.0, cell.n**2, cell.units, cell.effective_units)
    spread = lumps.cautious(_spread(cell), cell.carriers)
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


def off_together(found: Estimate, common: float) -> Estimate:
    """The interval of a mean whose units may all be off by the same as well, with the standard deviation `common`.

    >>> off_together(Estimate(0.5, 0.47, 0.53), 0.04 / Z)
    Estimate(value=0.5, low=0.4..., high=0.55)
    """
    low, high = hypot(found.value - found.low, Z * common), hypot(found.high - found.value, Z * common)
    return Estimate(found.value, found.value - low, found.value + high)


def difference(now: Cell, then: Cell, *, minimum_units: float = 10) -> Estimate | None:
    """The rate of `now` less that of `then`: Newcombe's, each side's interval taken as far as it reaches.

    >>> difference(Cell(70, 56, 70, 56, 70, 56, 56), Cell(80, 48, 80, 48, 80, 48, 48))
    Estimate(value=0.2..., low=0.0524..., high=0.3338...)
    """
    a, b = _even(now, minimum_units), _even(then, minimum_units)
    if a is None or b is None:
        return None
    value = a.value - b.value
    low, high = hypot(a.value - a.low, b.high - b.value), hypot(a.high - a.value, b.value - b.low)
    return Estimate(value, value - low, value + high)


def ratio_of_rates(a: Cell, b: Cell, *, minimum_units: float = 10, minimum_events: float = 5) -> Estimate | None:
    """The rate of `a` over that of `b`, as a difference of logarithms; None below the minimum in either."""
    first, second = _even(a, minimum_units), _even(b, minimum_units)
    if first is None or second is None or min(a.events, b.events) < max(minimum_events, 1):
        return None
    return quotient(first, second)


def quotient(a: Estimate, b: Estimate) -> Estimate:
    """One estimate over another, neither of them zero."""
    low = hypot(log(a.value / a.low), log(b.high / b.value))
    high = hypot(log(a.high / a.value), log(b.value / b.low))
    return Estimate(a.value / b.value, a.value / b.value * exp(-low), a.value / b.value * exp(high))


def _left(cell: Cell) -> float:
    """The variance of n about the rate's part of d, with units as clusters: what is left over of each."""
    value = cell.n / cell.d
    left = cell.nn - 2 * value * cell.nd + value * value * cell.dd
    if left <= (cell.nn + value * value * cell.dd) * _ROUNDING or cell.units < 2:
        return 0.0
    return cell.units / (cell.units - 1) * left


def _spread(cell: Cell) -> float:
    """The same, or what n alone shows of lumps, if large units have no other rate than small ones.

    Where few units have anything at all, what is left over is too small by those that, by chance, had nothing.
    """
    value, left = cell.n / cell.d, _left(cell)
    return max(left, value * cell.dd * (cell.nn / cell.nd - value)) if left and cell.nd > 0 else left


def _student(freedom: float) -> float:
    """The quantile of Student's t; on half a degree it is as good as boundless."""
    from scipy.special import stdtrit  # noqa: PLC0415 - --help never waits for scipy

    return float(stdtrit(max(freedom, 0.5), TAIL))
