"""The sentences: doctests, and that no word claims what the interval does not."""

import doctest
import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import wording
from dashboard.summary import Point
from metrics.adoption.weekly_active import WEEKLY_ACTIVE
from metrics.divergence import Movement, verdict
from metrics.measure import Window
from metrics.metric import Metric
from metrics.quality.revert_rate import REVERT_RATE
from metrics.registry import ADOPTION, BY_KEY, METRICS, QUALITY
from metrics.stats import Cell, Estimate
from tests.cells import cell, cells, share

CLAIMS = re.compile(r"\b(rose|fell|worse|worsened|better|more|less|diverging)\b", re.IGNORECASE)
UP, DOWN, SAME = (share(40, 100), share(10, 100)), (share(10, 100), share(40, 100)), (share(22, 100), share(20, 100))
metrics = st.sampled_from(METRICS)


def claims(text: str) -> list[str]:
    return CLAIMS.findall(text)


def test_doctests() -> None:
    failed, tried = doctest.testmod(wording, optionflags=doctest.ELLIPSIS)

    assert failed == 0
    assert tried > 10


@settings(deadline=None)
@given(metrics, cells(8), cells(8))
def test_no_movement_is_claimed_that_may_be_noise(metric: Metric, now: Cell, then: Cell) -> None:
    movement = Movement(metric, now, then)
    is_claimed = movement.change is not None and movement.change.excludes_zero

    assert bool(claims(wording.was_to(movement))) == is_claimed
    # A state was counted in full: it moved or did not, and neither is called noise or worse.
    assert bool(claims(wording.change(movement))) == (is_claimed and metric.better != "neither" and not metric.is_state)
    assert (wording.tone(movement) == "flat") == (not is_claimed or metric.is_state)
    if movement.change is not None and not is_claimed and not metric.is_state:
        assert "within noise" in wording.change(movement)
        assert "within noise" in wording.was_to(movement)


@settings(deadline=None)
@given(st.sampled_from(ADOPTION), st.sampled_from(QUALITY), cells(8), cells(8), cells(8), cells(8))
def test_the_first_sentence_claims_no_more_than_its_movements(
    adoption: Metric, quality: Metric, a: Cell, b: Cell, c: Cell, d: Cell
) -> None:
    used, broke = Movement(adoption, a, b), Movement(quality, c, d)
    said = verdict(used, broke)

    sentence = wording.verdict(said, used, broke)

    moved = [each for each in (used, broke) if each.change and each.change.excludes_zero]
    claimed = [word.lower() for word in claims(sentence)]
    assert len([word for word in claimed if word in ("rose", "fell")]) == len(moved)
    assert ("worsened" in claimed) == (said == "worse")
    assert "diverging" not in claimed  # that is the alarm's word, and this is one look
    assert sentence[0].isupper()
    assert sentence.endswith(".")


@settings(deadline=None)
@given(metrics, cells(8))
def test_a_value_stands_in_its_interval_as_people_read_it(metric: Metric, sums: Cell) -> None:
    movement = Movement(metric, sums, sums)

    if movement.estimate is not None:
        text = wording.interval(metric, movement.estimate)
        assert metric.is_state or " to " in text
        assert not re.search(r"nan|inf|-\d|e\+", text)
        assert text.endswith(" %") == (metric.shown_as == "share" and not metric.is_state)


@pytest.mark.parametrize(
    ("now", "then", "change", "was_to", "tone"),
    [
        (*UP, "▲ 30 points, worse", "rose from 10.0 % to 40 %", "bad"),
        (*DOWN, "▼ 30 points, better", "fell from 40 % to 10.0 %", "good"),
        (*SAME, "▲ 2.0 points, within noise", "went from 20 % to 22 %, within noise", "flat"),
        (share(2, 100), share(2, 100), "= 0.0 points, within noise", "went from 2.0 % to 2.0 %, within noise", "flat"),
        (share(2, 100), share(1, 3), "too few before to compare", "too few to say", "flat"),
        (share(1, 3), share(2, 100), "too few to compare", "too few to say", "flat"),
    ],
)
def test_how_a_rate_moved(now: Cell, then: Cell, change: str, was_to: str, tone: str) -> None:
    movement = Movement(REVERT_RATE, now, then)

    assert (wording.change(movement), wording.was_to(movement), wording.tone(movement)) == (change, was_to, tone)


def test_adoption_moves_and_is_not_judged() -> None:
    weeks = [(12.0, 12.0)] * 12, [(1.0, 12.0), (3.0, 12.0)] * 6
    movement = Movement(WEEKLY_ACTIVE, cell(*weeks[0]), cell(*weeks[1]))

    assert (wording.change(movement), wording.tone(movement)) == ("▲ 83 points", "moved")
    assert wording.was_to(movement) == "rose from 17 % to 100 %"
    assert wording.sample(movement) == "12 people"


def test_minutes_and_counts_per_hundred_move_in_their_own_units() -> None:
    quick = cell(*[(float(minutes), 1.0) for minutes in range(20, 60, 2)])
    slow = cell(*[(float(minutes), 1.0) for minutes in range(120, 220, 5)])

    assert wording.change(Movement(BY_KEY["recovery_time"], slow, quick)) == "▲ 2 h 8 min, worse"
    assert wording.change(Movement(BY_KEY["incident_rate"], *UP)) == "▲ 30, worse"


def test_what_is_rare_among_thousands_is_not_rounded_to_none() -> None:
    rare, rarer = (cell(*[(each, 10_000.0) for each in values]) for values in ([0.1, 0.14] * 300, [0.05, 0.07] * 300))

    moved = Movement(BY_KEY["incident_exposure"], rare, rarer)
    assert wording.value(moved.metric, 0.12 / 10_000) == "0.12"
    assert wording.change(moved) == "▲ 0.060, worse"


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 min"), (59.4, "59 min"), (59.6, "1 h"), (61, "1 h 1 min"), (1439, "23 h 59 min"), (1441, "24 h")],
)
def test_a_duration_reads_well_at_its_ends(number: float, text: str) -> None:
    assert wording.minutes(number) == text


@given(st.dates(date(1970, 1, 1), date(2200, 1, 1)))
def test_a_week_is_found_again_by_its_name(day: date) -> None:
    monday = wording.week_monday(wording.week_name(day))

    assert monday.weekday() == 0
    assert 0 <= (day - monday).days < 7


@pytest.mark.parametrize("name", ["", "2026", "2026-46", "2026-W", "2026-W54", "2027-W53", "W46", "2026-W-1", "x-W46"])
def test_what_is_no_week_is_told_how_to_be_one(name: str) -> None:
    with pytest.raises(ValueError, match=r"is not an ISO week\. Write it as 2026-W46"):
        wording.week_monday(name)


def test_one_week_is_called_by_its_name() -> None:
    assert wording.weeks(Window(date(2026, 11, 9), date(2026, 11, 16))) == "2026-W46"


def test_a_series_for_those_who_cannot_see_it() -> None:
    weeks = [date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16)]
    values = [Estimate(0.1, 0.05, 0.2), Estimate(0.25, 0.2, 0.3), None]
    points = [Point(week, value, Cell()) for week, value in zip(weeks, values, strict=True)]

    assert wording.series(REVERT_RATE, points) == (
        "Reverted within 30 days, week by week: from 10.0 % in 2026-W45 to 25 % in 2026-W46."
    )
    assert wording.series(REVERT_RATE, points[2:]) == "Reverted within 30 days: too few to say in any week."
    assert wording.series(REVERT_RATE, []) == "Reverted within 30 days: too few to say in any week."


def test_where_the_ledgers_cannot_be_compared_it_says_why() -> None:
    assert wording.not_enough(WEEKLY_ACTIVE, REVERT_RATE, ["usage_days"]).endswith("needs usage logs.")
    assert wording.not_enough(WEEKLY_ACTIVE, REVERT_RATE, []) == (
        "Not enough data yet to compare weekly use of AI tools with the share of changes reverted within 30 days."
    )
    assert wording.listed([]) == ""
    assert wording.capital("") == ""


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_every_unit_has_a_plural(metric: Metric) -> None:
    assert wording.counted(2, metric.unit) == f"2 {metric.unit}s"
    assert wording.counted(0, metric.unit) == f"0 {metric.unit}s"
    assert wording.counted(1, metric.unit) == f"1 {metric.unit}"
