"""How far weekly rates wander by themselves: what weeks differ by beyond what their units explain.

Where nothing moves, two weeks differ as much as their units do. What they differ by beyond that, the more the further they lie
apart, is a variogram (Matheron 1963), and it gives the variance of every sum of weekly rates whose weights cancel, as those of
a slope do: whether rates jump from week to week or drift, and however long. It is taken from the weeks before a window, for in
the window it could not be told from the effect.

The last axis of every array is weeks; what stands before it is done all at once.
"""

import numpy as np
from numpy.typing import NDArray

REMEMBERED = 104  # weeks before a window
LEAST = 12  # of them, with anything counted: as many as a window has

Array = NDArray[np.float64]


def variance(weight: Array, before: Array) -> tuple[Array, Array]:
    """What wandering adds to the variance of the sum of rates with these weights, and its degrees of freedom.

    `before` has the SUMS of the weeks before on the axis before its last. The freedom is that of as many windows as fit into
    them; there is none, and nan for the variance, where too few were counted.
    """
    units, n, d, nn, dd, nd, _ = np.moveaxis(before, -2, 0)
    is_told = units > 1
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(is_told, n / d, 0.0)
        noise = np.maximum(nn - 2 * rate * nd + rate**2 * dd, 0) / d**2 * units / (units - 1)
    size, noise = np.where(is_told, d, 0.0), np.where(is_told, noise, 0.0)
    added = sum(
        -2 * (weight[..., apart:] * weight[..., :-apart]).sum(-1) * _half_difference(rate, noise, size, apart)
        for apart in range(1, weight.shape[-1])
    )
    weeks = is_told.sum(-1)
    return np.where(weeks >= LEAST, np.maximum(added, 0.0), np.nan), weeks / weight.shape[-1]


def _half_difference(rate: Array, noise: Array, size: Array, apart: int) -> Array:
    """Half the squared difference of weeks that lie so far apart, beyond their noise; the mean, by what was counted."""
    first, second = np.s_[..., :-apart], np.s_[..., apart:]
    weight = size[first] * size[second]
    beyond = (rate[second] - rate[first]) ** 2 - noise[first] - noise[second]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean: Array = (weight * beyond).sum(-1) / weight.sum(-1)
    return np.nan_to_num(mean) / 2
