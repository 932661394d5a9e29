"""The first sentence and its small print, of alarms and of none: what is said, and what is not."""

from dataclasses import replace
from datetime import date, datetime

import pandas as pd
import pytest

from dashboard import parts, verdicts
from dashboard.sides import Alarm, Sides
from dashboard.summary import Headline, View
from metrics.adoption.ai_change_share import AI_CHANGE_SHARE
from metrics.adoption.weekly_active import WEEKLY_ACTIVE
from metrics.divergence import Movement, Pair
from metrics.episodes import Episode, Told
from metrics.measure import SPLITS, SUMS, Window
from metrics.metric import Metric
from metrics.quality.incident_rate import INCIDENT_RATE
from metrics.quality.recovery_time import RECOVERY_TIME
from metrics.quality.refactor_ratio import REFACTOR_RATIO
from metrics.stats import Cell, Estimate
from tests.cells import share

WINDOW = Window(date(2026, 8, 10), date(2026, 11, 2))
RISE, FALL = Told(Estimate(0.2, 0.05, 0.35), 16, 60, 120), Told(Estimate(-0.08, -0.15, -0.01), 290, 300, 2000)
FEW = share(1, 3)
ELSEWHERE = (
    "The organisation as a whole diverges: weekly use of AI tools and incidents per 100 changes, since 2026-W32."
)


def episode(quality: Metric = INCIDENT_RATE, broke: Told = RISE) -> Episode:
    return Episode(Pair(WEEKLY_ACTIVE, quality), date(2026, 8, 3), date(2026, 9, 7), date(2026, 9, 14), None, RISE, broke,
                   (("shop-payments", 0.714), ("shop-web", 0.2)))  # fmt: skip


def headline(metric: Metric, now: Cell, then: Cell) -> Headline:
    rows = [pd.DataFrame([dict(zip(SUMS, vars(each).values(), strict=True))]).assign(**dict.fromkeys(SPLITS, "*"))
            for each in (now, then)]  # fmt: skip
    return Headline(metric, View(), (), WINDOW, rows[0], *rows)


def movements(metric: Metric = INCIDENT_RATE) -> tuple[Movement, Movement]:
    used = Movement(AI_CHANGE_SHARE, share(70, 100), share(60, 100))
    return used, Movement(metric, share(40, 100), share(10, 100))


def calm(**values: object) -> Sides:
    used, broke = headline(AI_CHANGE_SHARE, share(22, 100), share(20, 100)), headline(INCIDENT_RATE, FEW, FEW)
    found = Sides("steady", used, replace(broke, now=used.now, then=used.then))
    return replace(found, **values)  # type: ignore[arg-type]


def test_an_alarm_never_calls_noise_what_its_trends_know_to_have_moved() -> None:
    said = verdicts.sentence(Alarm(episode(), False, *movements(), ()))  # noqa: FBT003

    assert said == (
        "Diverging since 2026-W32: the share of changes marked AI went from 60 % to 70 % while incidents per 100 changes rose "
        "from 10.0 to 40."
    )


def test_where_too_little_was_counted_before_it_began_the_trends_are_told() -> None:
    used, broke = movements()
    alarm = Alarm(episode(), True, used, replace(broke, then=FEW), ())  # noqa: FBT003

    assert verdicts.sentence(alarm) == (
        "Diverged from 2026-W32 to 2026-W38, and not come back: over 12 weeks weekly use of AI tools rose by 20 points while "
        "incidents per 100 changes rose by 20."
    )


def test_what_the_alarm_rests_on_has_its_intervals_and_what_was_counted() -> None:
    assert verdicts.fired(episode(REFACTOR_RATIO, FALL)) == (
        "The alarm fired in 2026-W37: over 12 weeks weekly use of AI tools rose by 20 points (5.0 to 35; 16 people) and the "
        "share of moved lines fell by 8.0 points (1.0 to 15; 290 landed changes), both beyond noise at 6 looks in a row."
    )
    slower = Told(Estimate(125, 20, 230), 40, 4000, 40)
    assert "rose by 2 h 5 min (20 min to 3 h 50 min; 40 incidents)" in verdicts.fired(episode(RECOVERY_TIME, slower))


def test_who_contributes_most_is_told_with_the_share() -> None:
    many, none = episode(), replace(episode(), contributors=())

    assert verdicts.contributors(many) == "shop-payments (71 % of it) and shop-web (20 % of it) contribute most."
    assert verdicts.contributors(none) == "No one repository's own trend was beyond noise."


def test_the_log_of_a_run_tells_all_of_it_in_a_line() -> None:
    line = verdicts.log(episode())

    assert line.startswith(
        "ALARM: weekly use of AI tools and incidents per 100 changes, since 2026-W32. The alarm fired in "
    )
    assert line.endswith(" contribute most.")
    assert "\n" not in line


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (calm(looked=6), "No alarm: of 6 pairs with enough data none diverges."),
        (calm(looked=1), "No alarm: of 1 pair with enough data none diverges."),
        (
            calm(looked=0),
            "No pair has enough data yet for the alarm, which asks for trends over 12 weeks and 12 weeks of quality before them.",
        ),
        (calm(looked=6, in_a_row=1), "Their trends were both beyond noise at 1 weekly look; 6 raise the alarm."),
        (
            calm(looked=6, in_a_row=5),
            "Their trends were both beyond noise at 5 weekly looks in a row; 6 raise the alarm.",
        ),
        (calm(), "The alarm is about the whole organisation."),
        (calm(going_on=(episode(),)), f"The alarm is about the whole organisation. {ELSEWHERE}"),
    ],
)
def test_without_an_alarm_it_says_how_far_one_is(found: Sides, said: str) -> None:
    _, detail = verdicts.texts(found, 40, 100)

    assert detail == (
        f"Neither beyond noise, in the 12 weeks to 2026-W44 against the 12 before (100 landed changes). {said} "
        "60 % of landed changes have no record of who wrote them."
    )


def test_without_enough_data_it_says_that_and_whether_the_whole_diverges() -> None:
    nothing = calm(verdict="not enough data", going_on=(episode(),))

    assert verdicts.texts(nothing, 0, 0) == (
        "Not enough data yet to compare the share of changes marked AI with incidents per 100 changes.",
        ELSEWHERE,
    )


@pytest.mark.parametrize(
    ("verdict", "tone"),
    [
        ("diverging", "alarm"), ("diverged", "calm"), ("worse", "calm"),
        ("rising", "calm"), ("steady", "calm"), ("not enough data", "calm"),
    ],
)  # fmt: skip
def test_an_alarm_that_goes_on_stands_out_and_neither_a_single_look_nor_what_is_over(verdict: str, tone: str) -> None:
    assert verdicts.tone(calm(verdict=verdict)) == tone


def test_an_episode_says_which_weeks_were_before_it_and_were_followed_up_by_then() -> None:
    # The first look saw the twelve weeks from 18 May on; incidents are followed for thirty days.
    assert episode().before == Window(date(2026, 1, 19), date(2026, 4, 13))
    assert episode(REFACTOR_RATIO).before == Window(date(2026, 2, 23), date(2026, 5, 18))
    assert replace(episode(), revised_at=datetime(2026, 12, 1)).before == episode().before  # noqa: DTZ001


def test_a_number_and_its_percent_sign_stay_in_one_line() -> None:
    drawn = str(parts.said("It rose from 39 % to 51 %.", "Over 12 weeks."))

    assert "<h1>It rose from 39\N{NO-BREAK SPACE}% to 51\N{NO-BREAK SPACE}%.</h1>" in drawn
