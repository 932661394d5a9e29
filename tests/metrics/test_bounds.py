"""Sharp bounds against every way there is of sharing out a few unknown units."""

from itertools import product
from math import inf, isclose
from time import process_time

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metrics.bounds import Bounds, sharp
from metrics.stats import Cell

Unit = tuple[float, float]
whole_units = st.tuples(st.integers(0, 9), st.integers(1, 9))
parts_of_units = whole_units.map(lambda unit: (min(unit), unit[1]))
yes_or_no = st.tuples(st.integers(0, 1), st.just(1))
any_units = st.one_of(*(st.lists(kind, max_size=7) for kind in (whole_units, parts_of_units, yes_or_no)))
own = st.one_of(st.just((0, 0)), st.tuples(st.integers(0, 30), st.sampled_from([1, 10, 40])))


def found(ai: Unit, human: Unit, units: list[Unit]) -> Bounds | None:
    n, d = (np.array([unit[side] for unit in units], "float64") for side in (0, 1))
    return sharp(Cell(n=ai[0], d=ai[1]), Cell(n=human[0], d=human[1]), n, d)


def every_ratio(ai: Unit, human: Unit, units: list[Unit]) -> list[float]:
    """The ratio of each sharing out in which both have a rate, and not both are zero."""
    ratios = []
    for given_to in product((True, False), repeat=len(units)):
        sides = [list(own) for own in (ai, human)]
        for is_ai, (n, d) in zip(given_to, units, strict=True):
            sides[not is_ai][0] += n
            sides[not is_ai][1] += d
        (a, x), (b, y) = sides
        if x and y and (a or b):
            ratios.append(a / x / (b / y) if b else inf)
    return ratios


@settings(deadline=None, max_examples=200)
@given(own, own, any_units)
# Nothing but unknown on one side: dividing units there would go beyond what whole ones can.
@example((0, 40), (0, 0), [(9, 3), (5, 1)])
@example((39, 40), (0, 0), [(3, 6), (1, 7), (2, 4), (2, 7)])
def test_every_sharing_out_lies_within_and_what_contradicts_is_reached(
    ai: Unit, human: Unit, units: list[Unit]
) -> None:
    bounds, ratios = found(ai, human, units), every_ratio(ai, human, units)

    assert (bounds is None) == (not ratios)
    if bounds is None:
        return
    assert bounds.low <= min(ratios) * (1 + 1e-9)
    assert bounds.high >= max(ratios) * (1 - 1e-9)
    if bounds.low < 1 - 1e-9:
        assert isclose(bounds.low, min(ratios), rel_tol=1e-9, abs_tol=1e-12)
    if bounds.high > 1 + 1e-9:
        assert isclose(bounds.high, max(ratios), rel_tol=1e-9)


@settings(deadline=None, max_examples=25)
@given(own, own, st.lists(whole_units, min_size=1, max_size=4))
def test_where_all_agree_the_bound_is_a_sharing_out_that_divides_one_unit(
    ai: Unit, human: Unit, units: list[Unit]
) -> None:
    bounds = found(ai, human, units)
    divided = [
        ratio
        for place, (n, d) in enumerate(units)
        for part in np.linspace(0, 1, 31).tolist()
        for ratio in every_ratio(
            ai, human, [*units[:place], (n * part, d * part), (n - n * part, d - d * part), *units[place + 1 :]]
        )
    ]

    if bounds is not None:
        assert bounds.high <= max(divided) * 1.05
        assert bounds.low >= min(divided) / 1.05


@settings(deadline=None)
@given(own, own, st.lists(yes_or_no, max_size=7))
def test_swapping_the_cohorts_turns_the_bounds_round(ai: Unit, human: Unit, units: list[Unit]) -> None:
    bounds, turned = found(ai, human, units), found(human, ai, units)
    assert (bounds is None) == (turned is None)
    if bounds and turned:
        assert isclose(bounds.low, 1 / turned.high if turned.high else inf)
        assert isclose(bounds.high, 1 / turned.low if turned.low else inf)


def test_of_yes_or_no_the_failures_are_given_first() -> None:
    # AI 10 of 40, human 5 of 50, and of ten unknown two failed: at most 12 of 42 against 5 of 58, at least 10 of 48
    # against 7 of 52.
    assert found((10, 40), (5, 50), [(1, 1)] * 2 + [(0, 1)] * 8) == Bounds(
        pytest.approx(10 / 48 / (7 / 52)), pytest.approx(12 / 42 / (5 / 58))
    )
    assert found((10, 40), (5, 50), []) == Bounds(pytest.approx(2.5), pytest.approx(2.5))
    assert not Bounds(1.2, 3).spans_one
    assert Bounds(0.8, 3).spans_one


def test_without_attested_humans_one_harmless_unknown_makes_any_ratio() -> None:
    bounds = found((10, 40), (0, 0), [(0, 1)] * 20)

    assert bounds == Bounds(inf, inf)  # nobody but AI ever failed
    assert found((10, 40), (0, 0), [(0, 1)] * 20 + [(1, 1)]) == Bounds(pytest.approx(10 / 60), inf)
    assert found((0, 40), (0, 50), [(0, 1)] * 20) is None  # nothing happened at all
    assert found((0, 0), (0, 0), []) is None


def test_a_hundred_thousand_units_take_less_than_half_a_second() -> None:
    chance = np.random.default_rng(3)
    d = chance.integers(1, 400, 100_000).astype("float64")
    n = np.floor(d * chance.beta(0.2, 1.5, d.size))

    began = process_time()
    bounds = sharp(Cell(n=5e4, d=5e5), Cell(n=4e4, d=5e5), n, d)

    assert process_time() - began < 0.5
    assert bounds is not None
    assert 0 < bounds.low < 1 < bounds.high
