"""The ratio of two rates with size and repository held equal, by Mantel and Haenszel, its interval clustered by unit.

Changes marked AI may be larger, or land where more breaks; here each is compared with its like. Sources: Mantel and
Haenszel 1959, as a ratio of rates in Rothman, *Modern Epidemiology*; linearised with units as clusters, as in stats.py.
"""

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from metrics.stats import TAIL, Estimate

FEWEST = 5


@dataclass(frozen=True)
class Adjusted:
    """The adjusted ratio and the units it rests on: one whose stratum holds none of the other side tells it nothing."""

    ratio: Estimate
    units: float


def mantel_haenszel(cells: pd.DataFrame, is_first: pd.Series) -> Adjusted | None:
    """The rate of the cells in `is_first` over that of the others, within each repository and stratum.

    Takes cells as metrics.measure makes them. None where no stratum tells both rates, or too few cells do.
    """
    stratum = cells.groupby(["repo", "stratum"], sort=True).ngroup().to_numpy()
    first = is_first.to_numpy(dtype="bool")
    units, n, d, nn, dd, nd = (cells[name].to_numpy("float64") for name in ("units", "n", "d", "nn", "dd", "nd"))
    a, x = (np.bincount(stratum[first], each[first], stratum.max(initial=-1) + 1) for each in (n, d))
    b, y = (np.bincount(stratum[~first], each[~first], len(a)) for each in (n, d))
    has_both = (x > 0) & (y > 0)
    whole = np.where(has_both, x + y, 1.0)
    up, down = float((has_both * a * y / whole).sum()), float((has_both * b * x / whole).sum())
    if up <= 0 or down <= 0:
        return None
    # A unit moves the logarithm by weight * (n * scale - d * pull); cells hold the sums of its square.
    weight = np.where(first, y[stratum], x[stratum]) * (has_both / whole)[stratum]
    scale, pull = np.where(first, 1 / up, 1 / down), ((a / up + b / down) / whole)[stratum]
    parts = np.maximum(weight**2 * (scale**2 * nn - 2 * scale * pull * nd + pull**2 * dd), 0.0)
    # Few cells may hold nearly all of the variance: it is told as by the number they are worth, and under five say nothing.
    worth = float(parts.sum()) ** 2 / float((parts**2).sum()) if parts.any() else 0.0
    if worth < FEWEST:
        return None
    half = float(stdtrit(worth - 1, TAIL)) * sqrt(float(parts.sum()) * worth / (worth - 1))
    value = log(up / down)
    return Adjusted(Estimate(exp(value), exp(value - half), exp(value + half)), float(units[has_both[stratum]].sum()))
