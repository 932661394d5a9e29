"""How often the alarm is wrong and what it finds, in short; the numbers in the documents are of longer runs of the same."""

import pytest

from metrics.simulated_divergence import Kind, Null, coverage, detection, discoveries, false_alarms

SEED = 20261130


@pytest.mark.parametrize("kind", ["curl and redis", "gemini-cli", "incidents"])
@pytest.mark.parametrize("null", ["quality flat", "adoption flat", "both flat"])
def test_where_nothing_diverges_at_most_one_year_in_twenty_has_an_alarm(null: Null, kind: Kind) -> None:
    assert false_alarms(SEED, 400, 25, null=null, kind=kind).estimate.high < 0.05


def test_nor_where_weeks_wander_by_themselves_and_the_number_of_changes_has_seasons() -> None:
    assert false_alarms(SEED, 300, 100, wander=0.1, has_seasons=True).estimate.high < 0.05


@pytest.mark.parametrize("stays", [0.5, 0.9])
def test_nor_where_they_wander_by_a_fifth_from_week_to_week_or_slowly(stays: float) -> None:
    assert false_alarms(SEED, 200, 400, wander=0.2, stays=stays).estimate.value <= 0.05


def test_a_single_look_at_95_percent_would_raise_it_in_every_fourth_year() -> None:
    once, often = (false_alarms(SEED, 200, 50, in_a_row=number) for number in (1, 4))

    assert once.estimate.low > 1 / 4
    assert often.hits < once.hits / 5


@pytest.mark.parametrize(("kind", "changes"), [("gemini-cli", 500), ("incidents", 1200)])
def test_half_as_much_again_is_found_at_the_size_that_the_documents_name(kind: Kind, changes: int) -> None:
    found = detection(SEED, 60, changes, kind=kind)

    assert found.found.hits >= 54
    assert 6 <= found.week <= 10


def test_what_is_small_is_mostly_not_found() -> None:
    assert detection(SEED, 60, 100).found.estimate.high < 0.5


def test_of_the_alarms_over_all_pairs_few_are_false() -> None:
    found = discoveries(SEED, 100, 300, diverging=("churn",), effect=2)

    # Two of our pairs have this quality metric.
    assert found.fired - found.false > 150
    assert found.false_share < 0.05
    assert discoveries(SEED, 200, 100, diverging=()).any_false.estimate.high < 0.08


@pytest.mark.parametrize(("kind", "changes"), [("gemini-cli", 25), ("incidents", 50)])
def test_the_interval_of_a_trend_holds_the_truth_as_often_as_it_says(kind: Kind, changes: int) -> None:
    held = coverage(SEED, 2000, changes, kind=kind)

    assert held.of > 1900
    assert 0.93 <= held.estimate.value <= 0.985  # the wider of two kinds of scatter counts


def test_the_same_seed_gives_the_same() -> None:
    assert false_alarms(3, 20, 25, in_a_row=2) == false_alarms(3, 20, 25, in_a_row=2)
