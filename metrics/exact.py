"""Two cohorts compared exactly: yes or no among units, and events over the time at risk.

Sources: Fisher 1935; Przyborowski and Wilenski 1940, for two Poisson counts given their sum. p-values are two-sided: of all
outcomes with the same sums, those that are no likelier than the one that was seen. scipy.special alone is used, for
scipy.stats takes a second to load, and a page would wait for it; the tests hold the results against scipy.stats.
"""

from math import log

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, logsumexp

from metrics.stats import Cell, Estimate, wilson

_AS_LIKELY = 1e-7  # of a logarithm: outcomes that differ by less are equally likely

Numbers = npt.NDArray[np.float64]


def is_yes_or_no(cell: Cell) -> bool:
    """Whether each unit either has it or has it not."""
    return cell.d == cell.units == cell.dd and cell.n == cell.nn == cell.events


def fisher(a: Cell, b: Cell) -> float:
    """The p-value of as many units with it in both, were there no difference."""
    hits = round(a.n + b.n)
    k = np.arange(max(0, hits - round(b.units)), min(hits, round(a.units)) + 1)
    ways = -gammaln(k + 1) - gammaln(a.units - k + 1) - gammaln(hits - k + 1) - gammaln(b.units - hits + k + 1)
    return _as_unlikely(ways, int(round(a.n) - k[0]))


def poisson(a: Cell, b: Cell) -> float:
    """The p-value of counts like these over their exposures, were the rates the same; shared events round to whole ones."""
    seen, other = round(a.n), round(b.n)
    k = np.arange(seen + other + 1)
    ways = k * log(a.d) + k[::-1] * log(b.d) - gammaln(k + 1) - gammaln(k[::-1] + 1)
    return _as_unlikely(ways, seen)


def ratio_of_counts(a: Cell, b: Cell) -> Estimate:
    """The rate of `a` over that of `b`, both counts over exposure: the score interval of the odds, given the sum."""
    share, exposures = wilson(a.n, a.n + b.n), b.d / a.d
    return Estimate(*(each / (1 - each) * exposures for each in (share.value, share.low, share.high)))


def _as_unlikely(ways: Numbers, seen: int) -> float:
    """Of outcomes with these logarithms of weights, how much those weigh that are no likelier than the one seen."""
    chance = ways - logsumexp(ways)
    return min(float(np.exp(chance[chance <= chance[seen] + _AS_LIKELY]).sum()), 1.0)
