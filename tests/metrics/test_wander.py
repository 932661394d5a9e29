"""How far rates wander by themselves: held against rates of which that is known, and against units that explain all of it."""

import numpy as np
import pytest

from metrics import wander
from metrics.trend import WEEKS, Array

SLOPE = np.linspace(-1, 1, WEEKS)
MANY = 100_000.0  # units of a week, of whose chance nothing is left


def weeks_of(rates: Array, units: float = MANY) -> Array:
    """The SUMS of weeks of so many units that have it or not, in just this share."""
    n = rates * units
    whole = np.full(rates.shape, units)
    return np.stack([whole, n, whole, n, whole, n, n], axis=-2)


def drift(chance: np.random.Generator, draws: int, stays: float) -> Array:
    """Rates about a half that wander by a fiftieth, of which so much stays from week to week; 1: they walk."""
    steps = chance.normal(0, 0.02, (draws, wander.REMEMBERED))
    for week in range(1, wander.REMEMBERED):
        steps[:, week] = stays * steps[:, week - 1] + np.sqrt(1 - stays**2 if stays < 1 else 0.1) * steps[:, week]
    return 0.5 + steps


@pytest.mark.parametrize("stays", [0.0, 0.5, 0.9, 1.0])
def test_rates_that_jump_drift_or_walk_add_the_variance_that_their_sums_have(stays: float) -> None:
    rates = drift(np.random.default_rng(1), 2000, stays)
    own = (SLOPE * rates[:, -WEEKS:]).sum(-1) * MANY

    added, windows = wander.variance(SLOPE * MANY, weeks_of(rates))

    assert added.mean() == pytest.approx(own.var(), rel=0.1)
    assert set(windows) == {wander.REMEMBERED / WEEKS}


def test_what_units_explain_is_not_added() -> None:
    chance = np.random.default_rng(2)
    rates = chance.binomial(100, 0.2, (2000, wander.REMEMBERED)) / 100
    explained = (SLOPE**2).sum() * 0.2 * 0.8 / 100

    added, _ = wander.variance(SLOPE, weeks_of(rates, 100.0))

    # Chance goes both ways, and what is below nought counts as nought.
    assert added.mean() < explained / 6
    assert (added == 0).mean() > 1 / 3


def test_a_level_however_high_adds_nothing_and_weeks_without_units_are_not_looked_at() -> None:
    rates = np.where(np.arange(wander.REMEMBERED) % 3 == 0, 0.9, 0.3)
    weeks = weeks_of(rates)
    weeks[:, ::3] = 0  # nothing landed in the weeks in which it would have been another
    alone = weeks.copy()
    alone[:, ::3] = weeks_of(rates[::3], 1.0)

    added, windows = wander.variance(SLOPE, np.stack([weeks, alone]))  # and of one unit nobody knows what it explains

    assert added.tolist() == [0, 0]
    assert windows * WEEKS == pytest.approx([69, 69])


def test_of_fewer_weeks_than_a_window_has_nothing_is_known() -> None:
    weeks = weeks_of(np.full(wander.LEAST, 0.5))

    assert wander.variance(SLOPE, weeks)[0] == 0
    assert np.isnan(wander.variance(SLOPE, weeks[:, 1:])[0])
