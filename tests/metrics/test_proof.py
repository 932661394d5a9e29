"""The lab's table: what it calls exact, held, off and rejected, on readings that can be checked by eye."""

from dataclasses import replace

import pytest

from metrics.planted import Reading
from metrics.proof import Proof, proofs, prove, together
from metrics.recovered import Measured, Recovery
from metrics.stats import Estimate


def reading(of: str, n: float, d: float, planted: float | None, *, low: float = 0.0, high: float = 1.0) -> Reading:
    """Of ten units, with the numerator that was planted."""
    told = Reading("churn", of, (10, n, d), Estimate(n / d, low, high))
    return told if planted is None else replace(told, planted=(10, planted, d), is_exact=planted == n)


def test_counts_are_exact_or_not_and_the_truth_is_what_was_planted_everywhere() -> None:
    [row] = proofs([[reading("ai", 20, 100, 20)], [reading("ai", 31, 100, 30)], [reading("ai", 25, 100, 25)]], {})

    assert (row.truth, row.basis, row.exact, row.organisations) == (0.25, "counted", 2, 3)
    assert row.measured == 0.25
    assert row.error == 0


def test_an_interval_holds_the_truth_or_misses_it() -> None:
    missing = reading("ai", 40, 100, 40, low=0.31, high=0.5)
    holding = reading("ai", 20, 100, 20, low=0.1, high=0.31)

    [row] = proofs([[missing], [holding]], {})

    assert (row.truth, row.told, row.held) == (0.3, 2, 1)


def test_a_planted_rate_goes_before_what_was_counted() -> None:
    [row] = proofs([[reading("ai", 20, 100, 20)]], {"churn": {"ai": 0.4}})

    assert (row.truth, row.basis) == (0.4, "rate")
    assert row.error == pytest.approx(-0.5)


def test_what_nobody_counted_is_true_as_all_organisations_have_it_together() -> None:
    [row] = proofs([[reading("ai", 10, 100, None)], [reading("ai", 90, 300, None)]], {})

    assert (row.truth, row.basis, row.exact) == (0.25, "together", None)
    assert row.error is None  # nothing was planted that it could be off from


def test_a_number_about_the_code_at_hand_is_held_against_what_was_due_in_its_own_organisation() -> None:
    lucky = replace(reading("ai", 10, 100, 10, low=0.05, high=0.15), due=0.2)
    plain = replace(reading("ai", 30, 100, 30, low=0.25, high=0.35), due=0.3)
    heavy = replace(reading("ai", 60, 100, 60, low=0.5, high=0.7), due=0.5)

    [row] = proofs([[lucky], [plain], [heavy]], {})

    assert (row.truth, row.basis, row.told, row.held) == (0.3, "due", 3, 2)
    assert row.error == 0


def test_a_ratio_is_that_of_the_planted_rates() -> None:
    ratio = Reading("churn", "ratio", (20, 0, 0), Estimate(2.5, 1.5, 4.0))
    rows = proofs([[reading("ai", 40, 100, 40), reading("rest", 20, 100, 20), ratio]], {})

    assert [(row.of, row.truth) for row in rows] == [("ai", 0.4), ("rest", 0.2), ("ratio", 2.0)]
    assert (rows[2].held, rows[2].basis) == (1, "counted")


@pytest.mark.parametrize(("found", "truth"), [(40, 1.25), (41, 2.0)])
def test_like_with_like_is_true_as_its_strata_come_to_together_and_as_the_rates_where_units_were_missed(
    found: float, truth: float
) -> None:
    adjusted = [Reading("churn", "adjusted", (20, n, 10), Estimate(1.2, 1.0, 1.4)) for n in (10, 15)]
    sides = [reading("ai", found, 100, 40), reading("rest", 20, 100, 20)]

    rows = proofs([[*sides, adjusted[0]], [*sides, adjusted[1]]], {})

    assert (rows[2].of, rows[2].truth, rows[2].basis) == ("adjusted", truth, "counted")


def test_too_few_to_say_is_neither_held_nor_missed() -> None:
    [row] = proofs([[Reading("churn", "ai", (3, 1, 10), None, (3, 1, 10), is_exact=True)]], {})

    assert (row.told, row.held, row.measured, row.error, row.exact) == (0, 0, None, None, 1)


def proof(held: int, told: int) -> Proof:
    return Proof("churn", "ai", 0.2, "counted", 0.2, told, told, told, held)


@pytest.mark.parametrize(
    ("held", "told", "is_rejected"),
    [(190, 200, False), (181, 200, False), (178, 200, True), (200, 200, True), (198, 200, False), (0, 19, False)],
)
def test_coverage_is_rejected_when_it_is_too_low_or_too_high_by_more_than_chance(
    held: int, told: int, *, is_rejected: bool
) -> None:
    assert proof(held, told).is_rejected == is_rejected


def test_recoveries_add_up_and_a_story_shows_what_it_is_about() -> None:
    one = Measured([reading("ai", 1, 10, 1)], [Recovery("lines moved", 5, 5, 4)], {})

    table = prove("plain", "About.", range(3, 5), [one, one], ["revert_rate"])

    assert (table.seeds, table.proofs) == ((3, 4), [])
    assert table.recoveries == together([*one.recoveries, *one.recoveries]) == [Recovery("lines moved", 10, 10, 8)]
