"""Changes, people, incidents and lives drawn by chance, of which the truth is known.

Sizes are those of real changes: the code lines that a change landed, as twinledger counts them, in curl and redis (9,269
changes from June 2021, to August 2026 and October 2024) and in google-gemini/gemini-cli (4,857, to August 2026); changes
without code lines and bulk imports are left out. A lognormal curve fitted to them has too light a tail for the first (1 % of
its changes are above 452 lines, of the real ones 650) and too heavy a one for the second (3,143 and 1,512), so the quantiles
themselves stand here. Drawn from them, the squared ratio of standard deviation to mean is 13.6 and 3.7; of the real ones
it is 15.5 and 3.7.

How far lines of a change share their fate was measured too, as the part of the variance of churn, moves, copies and care for
old code that lies between changes: 3 to 74 %, mostly 10 to 45 %, in these three and in flask.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from metrics.stats import Cell
from metrics.survival import Lives

Chance = np.random.Generator
Numbers = npt.NDArray[np.float64]

_BELOW = (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 1)
SIZES = {
    "curl and redis": (1, 1, 2, 3, 5, 8, 12, 22, 44, 93, 176, 387, 650, 1001, 1670, 2023, 6016),
    "gemini-cli": (1, 3, 8, 19, 33, 55, 87, 136, 218, 410, 658, 1033, 1512, 2015, 2581, 3112, 4755),
}
LUMPS = {"all or nothing": 1.0, "mostly together": 0.3, "partly together": 0.1, "line by line": 0.0}
PARTS = 8  # times that a change may be rewritten in its life, and more than any is in two years


def sizes(chance: Chance, shape: str, many: tuple[int, ...]) -> Numbers:
    """Code lines of changes."""
    drawn = np.exp(np.interp(chance.random(many), _BELOW, np.log(SIZES[shape])))
    return np.asarray(np.round(drawn), np.float64)


def mean_size(shape: str) -> float:
    """The mean of the sizes, from a million of them."""
    return float(sizes(np.random.default_rng(0), shape, (1_000_000,)).mean())


def hits(chance: Chance, d: Numbers, rate: float | Numbers, lumps: float) -> Numbers:
    """How much of each d has it, where so much of the variance lies between units."""
    rates = np.broadcast_to(np.asarray(rate), d.shape)
    if lumps == 1:
        return d * (chance.random(d.shape) < rates)
    own = chance.beta(rates * (1 / lumps - 1), (1 - rates) * (1 / lumps - 1)) if lumps else rates
    return np.asarray(chance.binomial(d.astype(np.int64), own), np.float64)


def counts(chance: Chance, expected: Numbers, lumps: float) -> Numbers:
    """How many events each unit has, which come one by one or, of a rate that varies so much (squared), several to a unit."""
    rates = expected * chance.gamma(1 / lumps, lumps, expected.shape) if lumps else expected
    return np.asarray(chance.poisson(rates), np.float64)


def sums(n: Numbers, d: Numbers) -> Numbers:
    """The sums of cells, in their order, a row for each row of units."""
    units = np.full(len(n), float(n.shape[1]))
    return np.stack([units, *(each.sum(axis=1) for each in (n, d, n * n, d * d, n * d, n > 0))], axis=1)


def cells(n: Numbers, d: Numbers) -> Iterator[Cell]:
    """A cell for each row of units."""
    return (Cell(*row) for row in sums(n, d).tolist())


def lives(chance: Chance, d: Numbers, a_day: float, *, is_whole: bool) -> Iterator[Lives]:
    """For each row of changes, landed over two years, the lives of their lines.

    A change is rewritten with the same chance every day; each time all that is left of it dies, or a part that is a third on
    average.
    """
    times = 1 if is_whole else PARTS
    seen = np.floor(chance.uniform(0, 730, d.shape))
    ages = np.ceil(chance.exponential(1 / a_day, (*d.shape, times)).cumsum(axis=2))
    part = np.ones(ages.shape) if is_whole else chance.beta(0.5, 1.0, ages.shape)
    left, died = d.astype(np.int64), np.zeros(ages.shape, np.int64)
    for time in range(times):
        died[:, :, time] = chance.binomial(left, part[:, :, time])
        left = left - died[:, :, time]
    died[ages > seen[:, :, None]] = 0
    alive = d - died.sum(axis=2)
    for row in range(len(d)):
        (dead, when), living = np.nonzero(died[row]), np.flatnonzero(alive[row])
        yield Lives(
            change=np.concatenate([dead, living]),
            age=np.concatenate([ages[row][dead, when], seen[row][living]]),
            is_dead=np.arange(len(dead) + len(living)) < len(dead),
            lines=np.concatenate([died[row][dead, when], alive[row][living]]).astype(np.float64),
        )
