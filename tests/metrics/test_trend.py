"""Trends: held against a fit by hand, what their clusters are, and when there is too little for one."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from metrics import trend
from metrics.adoption.ai_line_share import AI_LINE_SHARE
from metrics.adoption.weekly_active import WEEKLY_ACTIVE
from metrics.measure import SUMS, Window
from metrics.metric import Metric
from metrics.quality.churn import CHURN
from metrics.quality.duplication import DUPLICATION
from metrics.quality.refactor_ratio import REFACTOR_RATIO
from metrics.stats import Cell, Estimate
from metrics.trend import WEEKS, Array, of_people, of_units, trends
from tests.cells import Unit, cell

FIRST = date(2026, 6, 1)  # a Monday
LAST = FIRST + timedelta(weeks=WEEKS - 1)
WHEN = np.linspace(0, 1, WEEKS)


def uneven(rise: float = 0.0, level: float = 0.3) -> list[list[Unit]]:
    """Twelve weeks of eight changes of uneven size; of every second one more dies, so that units scatter and weeks hardly do."""
    weeks = []
    for week in range(WEEKS):
        rate = level + rise * (WHEN[week] - 0.5)
        sizes = [float(10 + 7 * ((3 * number + week) % 8)) for number in range(8)]
        weeks.append([(size * (rate + (0.1 if number % 2 else -0.1)), size) for number, size in enumerate(sizes)])
    return weeks


def sums(weeks: list[list[Unit]]) -> Array:
    """Their sums, a column a week."""
    return np.array([list(vars(cell(*units)).values()) for units in weeks]).T


def frame(weeks: list[list[Unit]], first: date = FIRST, **splits: str) -> pd.DataFrame:
    """Their cells, a row a week."""
    rows = [dict(zip(SUMS, column, strict=True)) for column in sums(weeks).T]
    days = [pd.Timestamp(first + timedelta(weeks=week)) for week in range(len(weeks))]
    return pd.DataFrame(rows).assign(
        week=days, **{"repo": "shop", "team": "a", "cohort": "ai", "stratum": "*"} | splits
    )


def after(rows: pd.DataFrame, quiet: int = 2) -> pd.DataFrame:
    """The rows after so many times twelve weeks in which nothing moved."""
    return pd.concat([frame(uneven() * quiet, FIRST - timedelta(weeks=WEEKS * quiet)), rows])


def told(metric: Metric, rows: pd.DataFrame, minimum_group: int = 1) -> Estimate | None:
    [found] = trends(metric, rows, [LAST], minimum_group)
    return found.rise


def test_the_rise_is_that_of_a_weighted_fit_of_the_weekly_rates() -> None:
    weeks = uneven(rise=0.2)
    n, d = sums(weeks)[1:3]

    slope, _ = np.polyfit(WHEN, n / d, 1, w=np.sqrt(d))

    assert of_units(sums(weeks), 10).value == pytest.approx(slope)


def test_the_interval_is_that_of_the_units_about_the_line() -> None:
    weeks = uneven()
    _, n, d, *_ = sums(weeks)
    slope, foot = np.polyfit(WHEN, n / d, 1, w=np.sqrt(d))
    middle = (d * WHEN).sum() / d.sum()
    spread = (d * (WHEN - middle) ** 2).sum()
    scores = [
        (WHEN[week] - middle) * (dead - (foot + slope * WHEN[week]) * lines)
        for week, units in enumerate(weeks)
        for dead, lines in units
    ]
    error = np.sqrt(96 / 94 * sum(score**2 for score in scores)) / spread

    found = of_units(sums(weeks), 10)

    # Student's t with the freedom of 56 units of one size: 2.004.
    assert found.half / error == pytest.approx(2.004, abs=0.004)


def test_where_weeks_scatter_more_than_their_units_explain_weeks_are_the_clusters() -> None:
    quiet, jumping = uneven(), uneven()
    for week in range(0, WEEKS, 2):
        jumping[week] = [(dead + 0.15 * lines, lines) for dead, lines in jumping[week]]

    assert of_units(sums(jumping), 10).half > 2 * of_units(sums(quiet), 10).half


def test_beyond_noise_is_up_or_down_and_never_both() -> None:
    for rise, is_up, is_down in ((0.3, True, False), (-0.3, False, True), (0.0, False, False)):
        found = of_units(sums(uneven(rise)), 10)
        assert (bool(found.is_up), bool(found.is_down)) == (is_up, is_down)


def test_weeks_that_are_all_alike_do_not_rise_by_a_rounding() -> None:
    found = of_units(sums([[(0.1 * size, size) for size in map(float, range(10, 90, 10))]] * WEEKS), 10)

    assert (float(found.value), bool(found.is_up), bool(found.is_down)) == (0, False, False)


def test_what_never_happened_does_not_rise() -> None:
    found = of_units(sums([[(0.0, 1.0)] * 5] * WEEKS), 10)

    assert (float(found.value), float(found.half), bool(found.is_up)) == (0, 0, False)


@pytest.mark.parametrize(
    "few",
    [
        pytest.param([[]] * 6 + uneven()[6:], id="nothing in the first half"),
        pytest.param([*uneven()[:6], [(3.0, 10.0)] * 9, *[[]] * 5], id="nine changes in the second half"),
        pytest.param([[(300.0, 10_000.0)], *uneven()[1:]], id="one change holds nearly all of the first half"),
        pytest.param(
            [units if week in (0, 2, 4, 7, 11) else [] for week, units in enumerate(uneven())], id="five weeks"
        ),
        pytest.param([[]] * WEEKS, id="nothing"),
    ],
)
def test_too_few_to_say_in_either_half_is_too_few_for_a_trend(few: list[list[Unit]]) -> None:
    assert told(CHURN, after(frame(few))) is None
    assert told(CHURN, after(frame(uneven()))) is not None


def test_a_rate_of_quality_whose_past_is_shorter_than_a_window_has_no_trend() -> None:
    rows = after(frame(uneven()), quiet=1)

    assert told(CHURN, rows) is not None
    assert told(CHURN, rows.iloc[1:]) is None
    assert told(AI_LINE_SHARE, rows.iloc[WEEKS:]) is not None  # of adoption nothing is asked of it


def test_what_weeks_wandered_by_before_is_added_to_what_units_explain() -> None:
    jumping = [
        [(dead + 0.1 * (-1) ** (week // 3) * size, size) for dead, size in units] for week, units in enumerate(uneven())
    ]
    rising = sums(uneven(rise=0.15))

    quiet, wandered = (of_units(rising, 10, before=sums(weeks * 4)) for weeks in (uneven(), jumping))

    assert (bool(quiet.is_up), bool(wandered.is_up)) == (True, False)
    assert quiet.value == wandered.value
    assert wandered.half > 2 * quiet.half


def test_a_rate_that_never_left_nought_does_not_rise() -> None:
    nothing = sums([[(0.0, 1.0)] * 5] * WEEKS)

    found = of_units(nothing, 10, before=nothing)

    assert (float(found.value), float(found.half), bool(found.is_up)) == (0, 0, False)


def seen(people: int, active: int, since: int = 0) -> pd.DataFrame:
    """A roster of people, so many of whom are active from a week on."""
    return pd.DataFrame([
        {"week": pd.Timestamp(FIRST + timedelta(weeks=week)), "person": f"p{person}", "repo": "*", "team": "a", "cohort": "*",
         "stratum": "*", "n": float(person < active and week >= since), "d": 1.0}
        for week in range(WEEKS) for person in range(people)
    ])  # fmt: skip


def test_people_seen_twelve_times_are_not_twelve_witnesses() -> None:
    # Four of eight begin in the seventh week: each of the others says every week that nothing rises.
    rows = seen(8, 4, since=6)
    by_week = [[(float(n), 1.0) for n in week["n"]] for _, week in rows.groupby("week")]

    [found] = trends(WEEKLY_ACTIVE, rows, [LAST])

    assert found.cell == Cell(units=8, n=24, d=96, nn=144, dd=1152, nd=288, events=4)
    assert found.rise is not None
    as_units = of_units(sums(by_week), 10)
    assert found.rise.value == pytest.approx(float(as_units.value))
    assert found.rise.high - found.rise.value > 1.5 * as_units.half


def test_the_interval_over_people_is_that_of_their_own_trends() -> None:
    chance = np.random.default_rng(1)
    n, d = (chance.random((9, WEEKS)) < np.linspace(0.2, 0.8, WEEKS)).astype(float), np.ones((9, WEEKS))
    centred = WHEN - WHEN.mean()
    own = [np.polyfit(WHEN, person, 1)[0] for person in n]
    line = np.polyval(np.polyfit(WHEN, n.mean(0), 1), WHEN)
    by_weeks = np.sqrt(((centred * (n - line).sum(0)) ** 2).sum() * 12 / 10) / (9 * (centred**2).sum())

    found = of_people(n, d, 5)

    assert found.value == pytest.approx(np.mean(own))
    error = max(np.std(own, ddof=1) / 3, by_weeks)
    assert found.half / error == pytest.approx(2.306, abs=0.001)  # Student's t of nine less one


def test_fewer_people_than_may_be_shown_have_no_trend() -> None:
    assert told(WEEKLY_ACTIVE, seen(6, 3), minimum_group=7) is None
    assert told(WEEKLY_ACTIVE, seen(6, 3), minimum_group=6) is not None
    assert told(WEEKLY_ACTIVE, seen(4, 3)) is None


def test_a_trend_is_made_for_the_window_that_each_week_ends() -> None:
    rows = after(frame(uneven() + uneven(rise=0.3)))

    found = trends(CHURN, rows, [LAST + timedelta(weeks=week) for week in range(WEEKS + 1)])

    assert [each.window for each in found[::WEEKS]] == [
        Window.ending(LAST, 12),
        Window.ending(LAST + timedelta(weeks=12), 12),
    ]
    assert found[0].rise == told(CHURN, after(frame(uneven())))
    assert found[0].cell.units == 96
    assert (found[0].is_worse, found[-1].is_worse, found[-1].is_rising) == (False, True, True)


def test_where_higher_is_better_falling_is_worse_and_adoption_is_never_worse() -> None:
    for rise, metric, is_worse in (
        (-0.3, REFACTOR_RATIO, True), (0.3, REFACTOR_RATIO, False), (0.3, CHURN, True), (-0.3, CHURN, False),
        (0.3, AI_LINE_SHARE, False), (-0.3, AI_LINE_SHARE, False),
    ):  # fmt: skip
        [found] = trends(metric, after(frame(uneven(rise))), [LAST])
        assert found.is_worse == is_worse


def test_a_number_about_one_cohort_is_made_of_its_rows() -> None:
    rows = pd.concat([frame(uneven(0.3)), frame(uneven(-0.3), cohort="unknown")])

    assert told(AI_LINE_SHARE, rows) == told(AI_LINE_SHARE, frame(uneven(0.3)))


def test_a_state_has_no_trend() -> None:
    assert told(DUPLICATION, after(frame(uneven(0.3)))) is None
    assert told(replace(DUPLICATION, is_state=False), after(frame(uneven(0.3)))) is not None


def test_what_parts_add_to_a_rise_is_their_own_trend() -> None:
    rising, flat = sums(uneven(rise=0.2)), sums(uneven())

    added, whole = trend.parts(np.stack([rising, flat, 0 * flat]), rising + flat)

    assert added.sum() == pytest.approx(whole, rel=0.05)
    assert added / added[0] == pytest.approx([1, 0, 0], abs=0.05)
    # Half of the lines rise by 0.2, and all of them by half of that.
    assert of_units(rising + flat, 10).value == pytest.approx(0.1, abs=0.01)


def test_what_comes_of_parts_that_grew_is_not_laid_to_them() -> None:
    high, low = sums(uneven(level=0.8)), sums(uneven(level=0.2))
    shrinking = low * np.linspace(1, 0.1, WEEKS)
    rising = sums(uneven(rise=0.2))

    added, whole = trend.parts(np.stack([high, shrinking]), high + shrinking)

    assert np.abs(added).max() < 0.1 * whole
    assert of_units(high + shrinking, 10).value > 0.2
    assert np.abs(added).max() < 0.1 * trend.parts(rising[np.newaxis], rising)[1]
