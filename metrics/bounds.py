"""How far the unknown could move a comparison: sharp bounds over every way of sharing them out.

Each unknown unit is given to one of the two cohorts, whichever moves the ratio of their rates furthest. With N and D the sums
over all units, the ratio is the odds of the cohort's share of N over the odds of its share of D, so at a given share of D
it only matters how much of N can be had with it: units in the order of their own rate, the highest first (Horowitz and
Manski 1995, for means; here for ratios of sums).
"""

from dataclasses import dataclass
from math import inf

import numpy as np
import numpy.typing as npt

from metrics.stats import Cell

Sizes = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bounds:
    """The least and the greatest ratio that any sharing out of the unknown gives; `high` may be infinite."""

    low: float
    high: float

    @property
    def spans_one(self) -> bool:
        """Whether the unknown alone could turn the comparison round."""
        return self.low <= 1 <= self.high


def sharp(ai: Cell, human: Cell, n: Sizes, d: Sizes) -> Bounds | None:
    """The bounds of the rate of `ai` over that of `human`, to which units of n and d that are unknown may belong.

    None where no sharing out gives both a rate, or nothing was counted. Every sharing out lies within. A bound beyond one,
    on the side that contradicts the others, is the ratio of one of them; else one unit may be divided between the cohorts,
    for which whole units fill exactly would be a knapsack.
    """
    order = np.argsort(-np.arctan2(n, d), kind="stable")
    n, d = n[order], d[order]
    high = _greatest(ai.n, ai.d, human.n, human.d, n, d)
    inverse = _greatest(human.n, human.d, ai.n, ai.d, n, d)
    if high is None or inverse is None:
        return None
    return Bounds(1 / inverse if inverse else inf, high)


def _greatest(n0: float, d0: float, n1: float, d1: float, n: Sizes, d: Sizes) -> float | None:
    """The greatest ratio of the first rate over the second, with units in falling order of n / d."""
    at_n, at_d = n0 + np.r_[0.0, np.cumsum(n)], d0 + np.r_[0.0, np.cumsum(d)]
    all_n, all_d = at_n[-1] + n1, at_d[-1] + d1
    # A cohort that has nothing of its own is given a whole unit at least, and never less than the smallest.
    smallest = d.min(initial=inf)
    ends = np.array([d0 or smallest, all_d - (d1 or smallest)])
    some_n, some_d = _divided(at_n, at_d, n, d, all_n, all_d)
    is_within = (ends[0] <= some_d) & (some_d <= ends[1])
    some_n, some_d = np.r_[some_n[is_within], np.interp(ends, at_d, at_n)], np.r_[some_d[is_within], ends]
    ratios = np.r_[_ratio(at_n, at_d, all_n, all_d), _ratio(some_n, some_d, all_n, all_d)]
    ratios = ratios[~np.isnan(ratios)]
    return float(ratios.max()) if ratios.size else None


def _ratio(n: Sizes, d: Sizes, all_n: float, all_d: float) -> Sizes:
    """The ratio where the first cohort has n and d; not a number where either has no rate, or both rates are zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return (n / d) / ((all_n - n) / (all_d - d))


def _divided(at_n: Sizes, at_d: Sizes, n: Sizes, d: Sizes, all_n: float, all_d: float) -> tuple[Sizes, Sizes]:
    """Where dividing the next unit moves the ratio further than giving it whole: the zero of the derivative, if within."""
    at_n, at_d = at_n[:-1], at_d[:-1]
    a = n * d * (n * all_d - d * all_n)
    b = 2 * n * d * (all_d * at_n - all_n * at_d)
    c = n * all_n * at_d * (all_d - at_d) - d * all_d * at_n * (all_n - at_n)
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(b * b - 4 * a * c)
        # Both zeros, in the form that does not cancel.
        q = -(b + np.where(b < 0, -root, root)) / 2
        parts = np.r_[q / a, c / q]
    inside = (parts > 0) & (parts < 1)
    place = np.flatnonzero(inside) % max(n.size, 1)
    part = parts[inside]
    return at_n[place] + part * n[place], at_d[place] + part * d[place]
