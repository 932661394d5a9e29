"""The page that says how wrong everything can be: it shows the lab's whole table, and does not flatter it."""

from dataclasses import replace

import pytest

from dashboard import proven
from metrics.planted import Recovery
from metrics.proof import Proof, Proven
from metrics.registry import METRICS


def proof(metric: str, of: str, held: int, told: int = 200, exact: int | None = None) -> Proof:
    return Proof(metric, of, 0.2, "counted", 0.21, 200, exact, told, held)


PLAIN = Proven(
    "plain",
    "About.",
    (1, 200),
    [
        proof("churn", "ai", 190, exact=200),
        proof("churn", "rest", 150, exact=199),
        proof("churn", "ratio", 10, told=12),
        proof("weekly_active", "all", 189),
    ],
    [Recovery("causes by explicit", 1200, 1200, 1200)],
)


def test_the_sentence_counts_what_came_out_and_what_did_not() -> None:
    said = proven.sentence(PLAIN)

    assert "In 200 made-up organisations" in said
    assert "1 of 2 counts came out to the last line" in said
    assert "1 of 3 intervals held the truth clearly more or less often" in said
    assert "None of 2 intervals" in proven.sentence(replace(PLAIN, proofs=[PLAIN.proofs[0], PLAIN.proofs[3]]))


def test_a_row_marks_the_interval_that_was_rejected_and_shows_how_many_had_enough_to_say() -> None:
    _, _, heads, rows = proven.every_metric(PLAIN)
    shown = {str(row[0]): row for row in rows}

    [churn] = [row for name, row in shown.items() if "definitions#churn" in name.split('"')]
    assert len(heads) == len(churn) == 7
    assert churn[1:] == ["199 of 200", "+5.0 %", "95 % of 200", "75 % of 200*", "10 of 12", "-"]


def test_the_detail_says_how_to_run_it_again() -> None:
    assert "twinledger verify --seed 1 --size 200" in proven.detail(PLAIN)


def test_causes_stand_side_by_side_for_tidy_and_messy_histories() -> None:
    messy = replace(PLAIN, recoveries=[Recovery("causes by none", 40, 1, 0)])

    _, _, _, rows = proven.causes(PLAIN, messy)

    assert rows[0] == ["named in the incident", "1,200 of 1,200", "-"]
    assert rows[-1] == ["nowhere written down", "-", "0 of 40"]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_what_is_shown_was_proven_of_every_metric_there_is(metric: object) -> None:
    # A new metric has not been in the lab: `make verify` writes the file anew.
    rows = proven.every_metric(proven.stories()["plain"])[3]
    place = METRICS.index(metric)  # type: ignore[arg-type]

    if METRICS[place].is_state:
        return
    assert any(cell != "-" for cell in rows[place][1:])


def test_limits_are_told_of_every_metric() -> None:
    assert [row[1] for row in proven.limits()[3]] == [metric.limits for metric in METRICS]
