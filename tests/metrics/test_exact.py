"""Exact tests against published values, and against scipy.stats over many tables."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, fisher_exact

from metrics import exact
from metrics.stats import Cell
from tests.cells import cell, share

# Events and person-time of two cohorts: 60 in 51,477.5 and 30 in 54,308.7.
EXPOSED, OTHERS = Cell(units=26, n=60, d=51_477.5, events=20), Cell(units=26, n=30, d=54_308.7, events=20)
counts = st.integers(0, 80)


def test_two_poisson_counts_give_the_published_test_and_interval() -> None:
    found = exact.ratio_of_counts(EXPOSED, OTHERS)

    assert round(exact.poisson(EXPOSED, OTHERS), 6) == 0.000675
    assert (round(found.value, 2), round(found.low, 3), round(found.high, 3)) == (2.11, 1.366, 3.259)


def test_fishers_table_gives_the_published_p_value() -> None:
    # [[8, 2], [1, 5]]: of ten and of six.
    assert round(exact.fisher(share(8, 10), share(1, 6)), 4) == 0.0350


@settings(deadline=None)
@given(counts, counts, counts, counts)
def test_fishers_p_value_is_that_of_scipy(hits: int, misses: int, others: int, missed: int) -> None:
    a, b = share(hits, hits + misses), share(others, others + missed)

    expected = fisher_exact([[hits, misses], [others, missed]]).pvalue if a.units and b.units else 1.0

    assert exact.fisher(a, b) == pytest.approx(expected)
    assert exact.fisher(b, a) == pytest.approx(expected)


@settings(deadline=None)
@given(counts, counts, st.floats(1, 1e6), st.floats(1, 1e6))
def test_the_p_value_of_two_counts_is_that_of_scipy(seen: int, other: int, days: float, other_days: float) -> None:
    a, b = Cell(n=seen, d=days), Cell(n=other, d=other_days)

    expected = binomtest(seen, seen + other, days / (days + other_days)).pvalue if seen + other else 1.0

    assert exact.poisson(a, b) == pytest.approx(expected, abs=1e-12)
    assert exact.poisson(b, a) == pytest.approx(expected, abs=1e-12)


@settings(deadline=None)
@given(st.integers(1, 80), st.integers(1, 80), st.floats(1, 1e6), st.floats(1, 1e6))
def test_swapping_the_sides_inverts_the_ratio_of_counts(seen: int, other: int, days: float, other_days: float) -> None:
    a, b = Cell(n=seen, d=days), Cell(n=other, d=other_days)

    found, turned = exact.ratio_of_counts(a, b), exact.ratio_of_counts(b, a)

    assert found.low < found.value < found.high
    assert (found.value, found.low, found.high) == pytest.approx((1 / turned.value, 1 / turned.high, 1 / turned.low))


def test_the_interval_and_the_test_of_counts_nearly_always_agree() -> None:
    # Of the same rate over the same time: the score interval leaves one out a little more often than the exact test.
    pairs = np.random.default_rng(5).poisson(30, (2000, 2)).tolist()
    cells = [(Cell(n=first, d=1000.0), Cell(n=second, d=1000.0)) for first, second in pairs]

    beyond = [not found.low <= 1 <= found.high for found in (exact.ratio_of_counts(*pair) for pair in cells)]
    rejected = [exact.poisson(*pair) <= 0.05 for pair in cells]

    assert 0.02 < sum(rejected) / 2000 <= sum(beyond) / 2000 < 0.06
    assert not any(is_rejected and not is_beyond for is_rejected, is_beyond in zip(rejected, beyond, strict=True))


def test_parts_of_incidents_are_rounded_to_whole_ones() -> None:
    shared = Cell(n=59 + 2 / 3, d=51_477.5)

    assert exact.poisson(shared, OTHERS) == pytest.approx(exact.poisson(EXPOSED, OTHERS))


def test_units_with_two_or_with_parts_are_no_yes_or_no() -> None:
    assert exact.is_yes_or_no(share(3, 10))
    assert not exact.is_yes_or_no(cell(*[(1 / 3, 1.0)] * 3, (0.0, 1.0)))
    assert not exact.is_yes_or_no(cell((2.0, 1.0), (0.0, 1.0)))
    assert not exact.is_yes_or_no(cell((1.0, 3.0), (0.0, 3.0)))
