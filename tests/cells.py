"""Cells from units in sight, for the tests of everything that is made from cells."""

from datetime import date

from hypothesis import strategies as st

from metrics.measure import Window
from metrics.stats import Cell

Unit = tuple[float, float]  # numerator and denominator
BEFORE, NOW = Window(date(2026, 6, 1), date(2026, 8, 24)), Window(date(2026, 8, 24), date(2026, 11, 16))


def cell(*units: Unit) -> Cell:
    """The sums over the units."""
    return Cell(
        len(units),
        sum(n for n, _ in units),
        sum(d for _, d in units),
        sum(n * n for n, _ in units),
        sum(d * d for _, d in units),
        sum(n * d for n, d in units),
        sum(n > 0 for n, _ in units),
    )


def share(hits: int, of: int) -> Cell:
    """Units that each count as one, `hits` of them with an event."""
    return cell(*[(1.0, 1.0)] * hits, *[(0.0, 1.0)] * (of - hits))


def lists_of_units(least: int = 0) -> st.SearchStrategy[list[Unit]]:
    """Units of every kind of metric: shares of one, parts of ones, lines of changes, minutes."""
    ones = st.sampled_from([(0.0, 1.0), (1.0, 1.0)])
    parts = st.sampled_from([(0.0, 1.0), (1 / 3, 1.0), (0.5, 1.0), (1.0, 1.0), (2.0, 1.0)])
    lines = st.integers(1, 5_000).flatmap(lambda d: st.tuples(st.integers(0, d).map(float), st.just(float(d))))
    minutes = st.tuples(st.integers(0, 100_000).map(lambda tenth: tenth / 10), st.just(1.0))
    anything = st.tuples(st.floats(0, 1e6), st.floats(1e-3, 1e6))
    return st.one_of(
        [st.lists(units, min_size=least, max_size=60) for units in (ones, parts, lines, minutes, anything)]
    )


def cells(least: int = 0) -> st.SearchStrategy[Cell]:
    """Cells of at least so many units."""
    return lists_of_units(least).map(lambda units: cell(*units))
