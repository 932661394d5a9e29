"""Survival curves: published values, bands that are clustered by change, and what is taken in of the living."""

from datetime import date

import pandas as pd
import pytest

from metrics.measure import Selection, Window
from metrics.stats import wilson
from metrics.survival import AGES, Lives, Survival, landed, lives
from tests.conftest import Warehouse

# The 6-MP arm of Freireich et al. 1963: weeks to relapse, and those without one so far.
RELAPSED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
WELL = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]


def made(*rows: tuple[str, float, bool, int]) -> Lives:
    """Lines from rows of change, age, whether they are dead, and how many they are."""
    frame = pd.DataFrame(rows, columns=["change", "age", "is_dead", "lines"])
    return Lives.of(frame.assign(change=pd.factorize(frame["change"])[0]))


def arm() -> list[tuple[str, float, bool, int]]:
    ages = [(age, True) for age in RELAPSED] + [(age, False) for age in WELL]
    return [(f"patient {number}", age, is_dead, 1) for number, (age, is_dead) in enumerate(ages)]


def values(curve: list[Survival]) -> list[float | None]:
    return [point.estimate and round(point.estimate.value, 4) for point in curve]


def test_the_6_mp_arm_gives_the_published_curve() -> None:
    curve = made(*arm()).curve([6, 7, 10, 13, 16, 22, 23], 5)

    assert values(curve) == [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert [point.at_risk for point in curve] == [21, 17, 15, 12, 11, 7, 6]


def test_between_two_deaths_the_curve_stands_and_before_the_first_all_are_alive() -> None:
    curve = made(*arm()).curve([1, 5.9, 8, 9.9], 5)

    assert values(curve) == [1, 1, 0.8067, 0.8067]
    first = curve[0].estimate
    assert first is not None
    assert (first.high, 0.8 < first.low < 0.9) == (1, True)  # nobody died of 21: no certainty


def test_where_every_line_is_a_change_of_its_own_the_band_is_greenwoods() -> None:
    # Relapses at 6 (three), 7, 10, 13, 16 and 22 weeks, of so many who had come so far.
    greenwood = 3 / (21 * 18) + sum(1 / (there * (there - 1)) for there in (17, 15, 12, 11, 7))
    assert made(*arm())._steps().greenwood(22) == pytest.approx(greenwood)  # noqa: SLF001 - everything rests on it

    # A thousand such patients: what is estimated from each of them is what it would be if they died one by one.
    many = [(f"{number}: {patient}", *rest) for number in range(50) for patient, *rest in arm()]
    [point] = made(*many).curve([22])
    assert point.estimate is not None
    trials = (1 / point.estimate.value - 1) / (greenwood / 50)
    found, expected = (each.high - each.low for each in (point.estimate, wilson(point.estimate.value * trials, trials)))
    assert found == pytest.approx(expected, rel=0.02)


def test_without_censoring_the_curve_is_the_share_and_its_error_that_of_a_ratio() -> None:
    # Twelve changes of ten lines; in three of them all die on day 5.
    rows = [(f"c{number}", 5.0 if number < 3 else 90.0, number < 3, 10) for number in range(12)]

    [point] = made(*rows).curve([30], 5)

    assert (point.at_risk, point.changes) == (90, 9)
    assert point.estimate is not None
    assert point.estimate.value == pytest.approx(0.75)
    # As wide as three of twelve, not as thirty of a hundred and twenty.
    assert point.estimate.low < 0.48
    assert point.estimate.high > 0.9


def test_lines_that_die_together_are_worth_one_change() -> None:
    apart = [(f"c{number}", 5.0 if number % 4 == 0 else 90.0, number % 4 == 0, 1) for number in range(200)]
    together = [(f"c{number}", 5.0 if number % 4 == 0 else 90.0, number % 4 == 0, 10) for number in range(20)]

    [a], [b] = made(*apart).curve([30]), made(*together).curve([30])

    assert a.estimate is not None
    assert b.estimate is not None
    assert a.estimate.value == pytest.approx(b.estimate.value) == pytest.approx(0.75)
    assert (b.estimate.high - b.estimate.low) > 2.5 * (a.estimate.high - a.estimate.low)


def test_the_living_leave_the_count_when_they_have_come_no_further() -> None:
    # Half are twenty days old: of those that reach day 30, half die.
    rows = [(f"y{number}", 20.0, False, 1) for number in range(20)]
    rows += [(f"o{number}", 30.0, number % 2 == 0, 1) for number in range(20)]

    assert values(made(*rows).curve([20, 29, 30])) == [1, 1, 0.5]


def test_a_curve_ends_where_fewer_than_ten_changes_have_come() -> None:
    rows = [(f"y{number}", 40.0, False, 5) for number in range(20)] + [(f"o{n}", 200.0, False, 5) for n in range(9)]

    curve = made(*rows).curve(list(AGES))

    assert [point.estimate is not None for point in curve] == [True, False, False, False]
    assert [(point.at_risk, point.changes) for point in curve] == [(145, 29), (45, 9), (45, 9), (0, 0)]
    # And where one change holds nearly all that is left.
    odd = made(("big", 90.0, False, 900), *[(f"c{n}", 90.0, False, 1) for n in range(15)])
    assert odd.curve([30])[0].estimate is None


def test_lives_are_the_code_that_landed_up_to_the_end_of_the_data(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.con.execute("update source_states set data_through = '2026-04-01 12:00'")
    warehouse.people("core", "ann", "bob", "cee", "dan", "eve")
    warehouse.change("a", "2026-03-02 09:00", evidence="ai")
    warehouse.change("b", "2026-03-04 21:00")
    warehouse.change("c", "2026-03-02 09:30", kind="bulk")
    run = warehouse.born("a", 40)
    warehouse.died(run, 10, "b")  # two and a half days old
    warehouse.born("b", 7)
    warehouse.born("a", 5, line_kind="comment")
    warehouse.born("c", 500)
    warehouse.derive()

    found = lives(warehouse.con, Window(date(2026, 3, 2), date(2026, 3, 9)), Selection())

    assert sorted(found) == ["ai", "unknown"]
    ai = found["ai"]
    rows = sorted(zip(ai.age.tolist(), ai.is_dead.tolist(), ai.lines.tolist(), strict=True))
    assert rows == [(3, True, 10), (30, False, 30)]
    assert found["unknown"].age.tolist() == [27]
    assert lives(warehouse.con, Window(date(2026, 3, 2), date(2026, 3, 9)), Selection(teams=("other",))) == {}


def test_a_curve_takes_in_two_years_of_landings() -> None:
    assert landed(Window(date(2026, 8, 24), date(2026, 11, 16))) == Window(date(2024, 11, 18), date(2026, 11, 16))
