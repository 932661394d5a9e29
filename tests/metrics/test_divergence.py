"""Whether the ledgers drift apart: when the alarm fires, whom it names, what may be said of two movements, and when nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings

from metrics.adoption.ai_change_share import AI_CHANGE_SHARE
from metrics.adoption.weekly_active import WEEKLY_ACTIVE
from metrics.divergence import (
    PAIRS,
    Look,
    Movement,
    Pair,
    Span,
    contributes_most,
    contributors,
    last_look,
    looks,
    spans,
    unharmed,
    verdict,
    weeks_to_look,
)
from metrics.measure import SUMS, Window
from metrics.metric import Metric
from metrics.quality.duplication import DUPLICATION
from metrics.quality.recovery_time import RECOVERY_TIME
from metrics.quality.revert_rate import REVERT_RATE
from metrics.registry import ADOPTION_BY_HEADING, GAMING
from metrics.stats import Cell, Estimate
from metrics.trend import Trend
from tests.cells import cell, cells, share

FEW = share(1, 3)
# From 10 % to 40 % of 100, and back; from 20 % to 22 %.
UP, DOWN, SAME = (share(40, 100), share(10, 100)), (share(10, 100), share(40, 100)), (share(22, 100), share(20, 100))
HIGHER_IS_BETTER = replace(REVERT_RATE, better="higher")


PAIR = Pair(AI_CHANGE_SHARE, REVERT_RATE)
WINDOW = Window(date(2026, 6, 1), date(2026, 8, 24))


def found(text: str) -> list[Span]:
    """The spans of a row of looks, written as x where it diverges and . where not."""
    return list(spans([mark == "x" for mark in text]))


@pytest.mark.parametrize(
    ("row", "alarms"),
    [
        ("", []),
        ("xxxxx", []),
        ("xxxxx.xxxxx.xxxxx", []),
        ("xxxxxx", [Span(0, 5, 5, None)]),
        ("..xxxxxx", [Span(2, 7, 7, None)]),
        ("xxxxxxxxxx", [Span(0, 5, 9, None)]),  # it fires once
        ("xxxxxx...x...x", [Span(0, 5, 13, None)]),  # and goes on through three weeks of quiet
        ("xxxxxx....", [Span(0, 5, 5, 9)]),
        ("xxxxxx....xxxxx", [Span(0, 5, 5, 9)]),  # again only after six in a row
        ("xxxxxx....xxxxxx", [Span(0, 5, 5, 9), Span(10, 15, 15, None)]),
        ("xxxxxx...xxxxxx", [Span(0, 5, 14, None)]),
    ],
)
def test_six_looks_in_a_row_fire_once_and_four_without_end_it(row: str, alarms: list[Span]) -> None:
    assert found(row) == alarms


def test_every_adoption_metric_about_use_is_looked_at_with_its_quality_and_none_about_gaming() -> None:
    assert [pair.adoption for pair in PAIRS] == [
        metric for heading, group in ADOPTION_BY_HEADING.items() if heading != GAMING for metric in group
    ]
    assert {pair.quality.key == pair.adoption.paired_quality for pair in PAIRS} == {True}


def look(used: Estimate | None, broke: Estimate | None, metric: Metric = REVERT_RATE) -> Look:
    return Look(Trend(AI_CHANGE_SHARE, WINDOW, Cell(), used), Trend(metric, WINDOW, Cell(), broke))


RISE, FALL, NOISE = Estimate(0.2, 0.1, 0.3), Estimate(-0.2, -0.3, -0.1), Estimate(0.1, -0.1, 0.3)


@pytest.mark.parametrize(
    ("used", "broke", "metric", "is_diverging"),
    [
        (RISE, RISE, REVERT_RATE, True),
        (RISE, FALL, HIGHER_IS_BETTER, True),
        (RISE, FALL, REVERT_RATE, False),
        (RISE, RISE, HIGHER_IS_BETTER, False),
        (RISE, NOISE, REVERT_RATE, False),
        (NOISE, RISE, REVERT_RATE, False),
        (FALL, RISE, REVERT_RATE, False),
        (None, RISE, REVERT_RATE, False),
        (RISE, None, REVERT_RATE, False),
    ],
)
def test_a_look_diverges_where_adoption_rises_and_quality_worsens_beyond_noise(
    used: Estimate | None,
    broke: Estimate | None,
    metric: Metric,
    is_diverging: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    seen = look(used, broke, metric)

    assert seen.is_diverging == is_diverging
    assert seen.is_enough == (used is not None and broke is not None)
    assert seen.week == date(2026, 8, 17)


def weekly(rate: Callable[[int], float], weeks: int = 12, repo: str = "shop", of: int = 40) -> pd.DataFrame:
    """Cells of so many changes a week, with an event in the share of them that the week has."""
    rows = []
    for week in range(weeks):
        day = pd.Timestamp(WINDOW.since + timedelta(weeks=week))
        rows.append({"week": day, "repo": repo, "team": "a", "cohort": "unknown", "stratum": "*"})
        rows[-1] |= dict(zip(SUMS, vars(share(round(rate(week) * of), of)).values(), strict=True))
    return pd.DataFrame(rows)


def test_looks_are_made_at_every_week_whose_window_both_sides_speak_of() -> None:
    used, broke = weekly(lambda _: 0.2, 20), weekly(lambda _: 0.2, 20).iloc[2:]
    last = WINDOW.since + timedelta(weeks=19)

    weeks = weeks_to_look(used, broke, last)

    assert weeks == [WINDOW.since + timedelta(weeks=week) for week in range(13, 20)]
    assert [each.week for each in looks(PAIR, used, broke, weeks, 5)] == weeks
    assert weeks_to_look(used, broke, WINDOW.since) == []
    assert weeks_to_look(used, broke[:0], last) == []


def test_a_pair_is_looked_at_as_far_as_both_are_settled() -> None:
    horizon = {
        source: (pd.Timestamp("2026-01-05"), pd.Timestamp("2026-11-16")) for source in ("git", "usage_days", "people")
    }

    # Reverts are settled thirty days later.
    assert last_look(PAIR, horizon) == date(2026, 10, 5)
    assert last_look(Pair(WEEKLY_ACTIVE, REVERT_RATE), horizon) == date(2026, 10, 5)
    assert last_look(PAIRS[0], {"git": horizon["git"]}) is None


def alarm(*cells_of: pd.DataFrame, metric: Metric = REVERT_RATE) -> list[tuple[str, float]]:
    return [(repo, round(part, 2)) for repo, part in contributors(look(RISE, RISE, metric), pd.concat(cells_of))]


def test_repositories_whose_own_trend_is_beyond_noise_are_named_by_what_they_add() -> None:
    steep, slight = (
        weekly(lambda week, by=by: 0.1 + by * week, repo=name) for name, by in (("steep", 0.04), ("slight", 0.02))
    )
    flat, falling = weekly(lambda _: 0.2, repo="flat"), weekly(lambda week: 0.6 - 0.04 * week, repo="falling")

    assert alarm(slight, steep, flat) == [("steep", 0.67), ("slight", 0.33)]
    assert alarm(flat, steep, falling) == [("steep", 1.0)]  # that another mended takes nothing from it
    assert alarm(flat, falling, metric=HIGHER_IS_BETTER) == [("falling", 1.0)]


def test_at_most_three_repositories_are_named_and_one_alone_is_the_whole() -> None:
    rising = [weekly(lambda week, by=by: 0.1 + by * week, repo=f"r{by}") for by in (0.02, 0.03, 0.04, 0.05)]

    assert [repo for repo, _ in alarm(*rising)] == ["r0.05", "r0.04", "r0.03"]
    assert alarm(rising[0]) == [("r0.02", 1)]
    assert alarm(rising[0], weekly(lambda _: 0.2, repo="*")) == [("r0.02", 1)]  # what is of no repository is none


def test_a_look_without_enough_data_neither_raises_an_alarm_nor_ends_one() -> None:
    raised = [True] * 6

    assert [span.closed for span in spans([*raised, None, None, None, None, False, *raised])] == [None]
    assert [span.closed for span in spans([*raised, False, None, False, None, False, False])] == [11]
    assert list(spans([True, True, True, None, True, True, True])) == []


def test_a_share_is_of_the_whole_rise_where_repositories_with_other_rates_grew() -> None:
    high, low = weekly(lambda _: 0.8, repo="high"), weekly(lambda _: 0.1, repo="low")
    shrinking = low.assign(**{name: low[name] * (1 - 0.07 * low.index) for name in SUMS})
    rising = weekly(lambda week: 0.1 + 0.02 * week, repo="rising")

    [(repo, share)] = alarm(rising, high, shrinking)

    assert repo == "rising"
    assert share < 0.8


def test_the_more_repositories_there_are_the_less_chance_may_name() -> None:
    just = weekly(lambda week: 0.1 + 0.012 * week, repo="just")
    others = [weekly(lambda _: 0.2, repo=f"r{number}") for number in range(20)]

    assert [repo for repo, _ in alarm(just, others[0])] == ["just"]
    assert alarm(just, *others) == []


def test_a_state_of_repositories_names_none() -> None:
    assert alarm(weekly(lambda _: 0.2), weekly(lambda _: 0.2, repo="web"), metric=DUPLICATION) == []


def adoption(now: Cell, then: Cell) -> Movement:
    return Movement(AI_CHANGE_SHARE, now, then)


def quality(now: Cell, then: Cell, metric: Metric = REVERT_RATE) -> Movement:
    return Movement(metric, now, then)


@pytest.mark.parametrize(
    ("used", "broke", "said"),
    [
        (UP, UP, "worse"),
        (UP, SAME, "rising"),
        (UP, DOWN, "rising"),
        (SAME, UP, "worse"),
        (DOWN, UP, "worse"),
        (SAME, SAME, "steady"),
        (DOWN, DOWN, "steady"),
        ((FEW, UP[1]), UP, "not enough data"),
        ((UP[0], FEW), UP, "not enough data"),
        (UP, (FEW, UP[1]), "not enough data"),
        (UP, (UP[0], FEW), "not enough data"),
        ((Cell(), Cell()), (Cell(), Cell()), "not enough data"),
    ],
)
def test_what_two_movements_say_at_one_look_is_never_an_alarm(
    used: tuple[Cell, Cell], broke: tuple[Cell, Cell], said: str
) -> None:
    assert verdict(adoption(*used), quality(*broke)) == said


def test_where_higher_is_better_falling_is_worse() -> None:
    assert quality(*DOWN, HIGHER_IS_BETTER).is_worse
    assert not quality(*UP, HIGHER_IS_BETTER).is_worse
    assert verdict(adoption(*UP), quality(*DOWN, HIGHER_IS_BETTER)) == "worse"


def test_adoption_is_neither_better_nor_worse() -> None:
    for now, then in (UP, DOWN):
        assert not adoption(now, then).is_worse
        assert not Movement(WEEKLY_ACTIVE, now, then).is_worse


def test_a_movement_tells_both_windows_and_the_change() -> None:
    movement = quality(share(20, 100), share(10, 100))

    assert movement.estimate is not None
    assert movement.before is not None
    assert movement.change is not None
    assert (movement.estimate.value, movement.before.value, round(movement.change.value, 10)) == (0.2, 0.1, 0.1)


def test_each_metric_has_its_own_minimum() -> None:
    five = cell(*[(6.0, 12.0)] * 3, *[(12.0, 12.0)] * 2)

    assert Movement(WEEKLY_ACTIVE, five, five).change is not None
    assert quality(five, five).change is None


def test_the_team_that_adds_most_is_named_not_the_one_with_the_highest_rate() -> None:
    teams = {
        "large": quality(share(90, 300), share(45, 300)),  # 15 % to 30 %: 45 more than there would have been
        "small": quality(share(20, 30), share(3, 30)),  # 10 % to 67 %: 17 more
        "steady": quality(*SAME),
        "few": quality(FEW, FEW),
    }

    assert contributes_most(teams) == "large"
    assert contributes_most({name: teams[name] for name in ("small", "steady")}) == "small"


def test_the_more_teams_there_are_the_less_chance_may_name_one() -> None:
    just, flat = quality(share(20, 100), share(9, 100)), quality(*SAME)
    assert just.is_worse

    def named(teams: dict[str, Movement]) -> str | None:
        return contributes_most(teams)

    assert named({"just": just}) == "just"
    assert named({"just": just} | {f"flat {number}": flat for number in range(9)}) is None
    # Pools of small teams and teams of which too little is known are not looked at.
    assert named({"just": just} | {"small teams": flat} | {f"few {n}": quality(FEW, FEW) for n in range(9)}) == "just"
    # Once the clearest is told from chance, there is one less that chance could pick from.
    clear, near = quality(share(25, 50), share(5, 50)), quality(share(84, 400), share(62, 400))
    assert (named({"near": near}), named({"near": near, "flat": flat})) == ("near", None)
    assert named({"near": near, "clear": clear}) == "near"


def test_how_far_beyond_noise_a_change_lies_is_told_in_arms_of_its_interval() -> None:
    up, down = quality(*UP), quality(*DOWN)

    assert up.change is not None
    assert up.beyond == pytest.approx(up.change.value / (up.change.value - up.change.low))
    assert down.beyond == pytest.approx(up.beyond)
    assert (quality(FEW, FEW).beyond, quality(UP[0], UP[0]).beyond) == (0, 0)


def test_windows_of_different_sizes_are_laid_on_each_other() -> None:
    teams = {
        "grown": quality(share(60, 400), share(5, 100)),  # twenty would have been expected of 400: forty more
        "other": quality(share(50, 100), share(1, 100)),  # forty-nine more
    }

    assert contributes_most(teams) == "other"


def test_where_higher_is_better_who_lost_most_contributes_most() -> None:
    teams = {
        "little": quality(share(10, 100), share(30, 100), HIGHER_IS_BETTER),
        "much": quality(share(10, 100), share(80, 100), HIGHER_IS_BETTER),
    }

    assert contributes_most(teams) == "much"


def test_nobody_contributes_most_when_nobody_worsened_beyond_noise() -> None:
    assert contributes_most({}) is None
    assert contributes_most({"a": quality(*SAME), "b": quality(*DOWN), "c": quality(FEW, share(0, 100))}) is None


def test_unharmed_are_those_who_adopted_and_clearly_lack_the_harm_of_the_worst() -> None:
    used = {name: adoption(*UP) for name in ("better", "harmed", "few", "unseen", "small teams")}
    used |= {"idle": adoption(*SAME), "unknown": adoption(FEW, FEW)}
    broke = {
        "better": quality(*DOWN),
        "harmed": quality(*UP),
        "few": quality(FEW, share(0, 100)),
        "small teams": quality(*DOWN),
        "idle": quality(*SAME),
        "unknown": quality(*SAME),
    }

    assert unharmed(used, broke, "harmed") == ["better"]
    assert unharmed(used, broke, None) == []  # without harm there is nothing to be spared
    assert unharmed({}, broke, "harmed") == []


def test_minutes_may_worsen_too() -> None:
    quick = cell(*[(float(minutes), 1.0) for minutes in range(20, 60, 2)])
    slow = cell(*[(float(minutes), 1.0) for minutes in range(120, 220, 5)])

    assert quality(slow, quick, RECOVERY_TIME).is_worse
    assert contributes_most({"ops": quality(slow, quick, RECOVERY_TIME)}) == "ops"


@settings(deadline=None)
@given(cells(8), cells(8), cells(8), cells(8))
def test_nothing_is_said_that_the_intervals_do_not_say(a: Cell, b: Cell, c: Cell, d: Cell) -> None:
    used, broke = adoption(a, b), quality(c, d)

    said = verdict(used, broke)

    assert (said == "not enough data") == (used.change is None or broke.change is None)
    if said == "rising":
        assert used.change is not None
        assert used.change.low > 0
    if broke.change is not None and broke.change.low <= 0:
        assert said != "worse"
        assert contributes_most({"team": broke}) is None
