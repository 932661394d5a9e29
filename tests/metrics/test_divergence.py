"""Whether the ledgers drift apart: what may be said of two movements, of teams, and when nothing may be said at all."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from metrics.adoption.ai_change_share import AI_CHANGE_SHARE
from metrics.adoption.weekly_active import WEEKLY_ACTIVE
from metrics.divergence import Movement, contributes_most, unharmed, verdict
from metrics.metric import Metric
from metrics.quality.recovery_time import RECOVERY_TIME
from metrics.quality.revert_rate import REVERT_RATE
from metrics.stats import Cell
from tests.cells import cell, cells, share

FEW = share(1, 3)
# From 10 % to 40 % of 100, and back; from 20 % to 22 %.
UP, DOWN, SAME = (share(40, 100), share(10, 100)), (share(10, 100), share(40, 100)), (share(22, 100), share(20, 100))
HIGHER_IS_BETTER = replace(REVERT_RATE, better="higher")


def adoption(now: Cell, then: Cell) -> Movement:
    return Movement(AI_CHANGE_SHARE, now, then)


def quality(now: Cell, then: Cell, metric: Metric = REVERT_RATE) -> Movement:
    return Movement(metric, now, then)


@pytest.mark.parametrize(
    ("used", "broke", "said"),
    [
        (UP, UP, "diverging"),
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
def test_the_verdict(used: tuple[Cell, Cell], broke: tuple[Cell, Cell], said: str) -> None:
    assert verdict(adoption(*used), quality(*broke)) == said


def test_where_higher_is_better_falling_is_worse() -> None:
    assert quality(*DOWN, HIGHER_IS_BETTER).is_worse
    assert not quality(*UP, HIGHER_IS_BETTER).is_worse
    assert verdict(adoption(*UP), quality(*DOWN, HIGHER_IS_BETTER)) == "diverging"


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
    if said == "diverging":
        assert used.change is not None
        assert broke.change is not None
        assert used.change.low > 0
        assert broke.change.low > 0
    if broke.change is not None and broke.change.low <= 0:
        assert said not in ("diverging", "worse")
        assert contributes_most({"team": broke}) is None
