"""The ratio of two rates with size and repository held equal, by Mantel and Haenszel, its interval clustered by unit.

Changes marked AI may be larger, or land where more breaks; here each is compared with its like. Sources: Mantel and
Haenszel 1959, as a ratio of rates in Rothman, *Modern Epidemiology*. It is the ratio of two rates in which each stratum weighs
what it tells of both sides, so with units weighed like that the interval is the one of any two rates.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.measure import SUMS
from metrics.stats import Cell, Estimate, ratio_of_rates

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Adjusted:
    """The adjusted ratio and the units it rests on: one whose stratum holds none of the other side tells it nothing."""

    ratio: Estimate
    units: float


def mantel_haenszel(cells: pd.DataFrame, is_first: pd.Series) -> Adjusted | None:
    """The rate of the cells in `is_first` over that of the others, within each repository and stratum.

    Takes cells as metrics.measure makes them. None where the strata that tell both rates hold too little of either.
    """
    stratum = cells.groupby(["repo", "stratum"], sort=True).ngroup().to_numpy()
    return weighed(stratum, is_first.to_numpy(dtype="bool"), cells[SUMS].to_numpy("float64"))


def weighed(stratum: npt.NDArray[Any], is_first: npt.NDArray[np.bool_], sums: Numbers) -> Adjusted | None:
    """The same of rows of sums, in the order of a cell's, with the numbers of their strata."""
    sides = is_first, ~is_first
    n, d = ([_by_stratum(stratum, side, sums[:, column]) for side in sides] for column in (1, 2))
    tells = (d[0] > 0) & (d[1] > 0)
    whole = np.where(tells, d[0] + d[1], 1.0)
    weights = [np.where(tells, other / whole, 0.0) for other in (d[1], d[0])]
    plain = [_cell(sums[side], weight[stratum[side]]) for side, weight in zip(sides, weights, strict=True)]
    if not all(cell.n for cell in plain):
        return None
    rates = [cell.n / cell.d for cell in plain]
    # How much worse a stratum is than the others, whoever's: that is no spread among units.
    worse = np.where(tells, (n[0] + n[1]) / np.where(tells, rates[0] * d[0] + rates[1] * d[1], 1.0) - 1, 0.0)
    alike = []
    for side, weight, cell, rate in zip(sides, weights, plain, rates, strict=True):
        # Of few units, some of that is chance, which a rate of their own would hide.
        believed = max(1 - 2 * np.count_nonzero(tells) / cell.effective_units, 0.0)
        alike.append(_cell(sums[side], weight[stratum[side]], (believed * worse * rate)[stratum[side]]))
    found = ratio_of_rates(*alike)
    return Adjusted(found, alike[0].units + alike[1].units) if found else None


def _by_stratum(stratum: npt.NDArray[Any], side: npt.NDArray[np.bool_], each: Numbers) -> Numbers:
    return np.bincount(stratum[side], each[side], int(stratum.max(initial=-1)) + 1).astype(np.float64)


def _cell(sums: Numbers, weight: Numbers, worse: Numbers | float = 0.0) -> Cell:
    """The sum of cells of which each counts so much, and spreads about a rate that is so much worse than that of all.

    Weights are one on average, so that a line is still a line.
    """
    units, n, d, nn, dd, nd, events = sums.T
    if not (weight * d).any():
        return Cell()
    weight = weight * ((weight * d).sum() / (weight * weight * d).sum())
    nn, nd = nn - 2 * worse * nd + worse**2 * dd, nd - worse * dd
    is_in, square = weight > 0, weight**2
    parts = (is_in * units, weight * n, weight * d, square * nn, square * dd, square * nd, is_in * events)
    return Cell(*(float(part.sum()) for part in parts))
