"""The page that says how wrong everything can be: it shows the lab's whole table, and does not flatter it."""

from dataclasses import replace

from dashboard import proven
from metrics.proof import Proof, Proven
from metrics.recovered import Recovery
from metrics.registry import BY_KEY, METRICS
from metrics.simulated import DRAWS


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
    assert "1 of 2 numbers came out right to the last unit" in said
    assert (
        "Of 3 kinds of interval 1 held what was planted clearly less often than in 95 of 100, and 0 more often." in said
    )
    assert "Of 2 kinds of interval 0 held" in proven.sentence(replace(PLAIN, proofs=[PLAIN.proofs[0], PLAIN.proofs[3]]))


def test_a_row_marks_the_interval_that_was_rejected_and_shows_how_many_had_enough_to_say() -> None:
    _, _, heads, rows = proven.every_metric(PLAIN)
    shown = {str(row[0]): row for row in rows}

    [churn] = [row for name, row in shown.items() if "definitions#churn" in name.split('"')]
    assert len(heads) == len(churn) == 7
    assert churn[1:] == ["199 of 200", "+5.0 %", "95 % of 200", "75 % of 200*", "10 of 12", "-"]


def test_the_detail_says_how_to_run_it_again() -> None:
    assert "twinledger verify --seed 1 --size 200" in proven.detail(PLAIN)
    assert "chosen before the first look" in proven.detail(PLAIN)
    assert "chosen" not in proven.detail(replace(PLAIN, seeds=(1001, 1040)))


def test_causes_stand_side_by_side_for_tidy_and_messy_histories() -> None:
    found = [
        Recovery("causes by none", 40, 1, 0),
        Recovery("causes by revert", 9, 9, 8),
        Recovery("deployments by revert", 7, 7, 7),
    ]

    _, _, heads, rows = proven.causes(PLAIN, replace(PLAIN, recoveries=found))

    assert heads[1:] == ["Change, tidy", "Change, messy", "Deployment, tidy", "Deployment, messy"]
    assert rows[0] == ["named in the incident", "1,200 of 1,200", "-", "-", "-"]
    assert rows[1] == ["reverted for it", "-", "8 of 9, 1 wrong", "-", "7 of 7"]
    assert rows[-1] == ["nowhere written down", "-", "0 of 40, 1 wrong", "-", "-"]


def test_who_is_accused_without_cause_is_told_by_method() -> None:
    found = [Recovery("accused by fix_lines", 40, 12, 0), Recovery("accused against their word", 100, 0, 0)]

    _, _, _, rows = proven.accused(replace(PLAIN, recoveries=found))

    assert [row[1] for row in rows] == ["-", "-", "12 of 40", "-", "-", "0 of 100"]


def test_what_was_planted_as_single_things_stands_by_story_and_causes_stand_elsewhere() -> None:
    other = replace(
        PLAIN, story="messy", recoveries=[Recovery("lines copied_tree", 9, 8, 7), Recovery("accused by any", 4, 1, 0)]
    )

    _, _, heads, rows = proven.one_by_one([PLAIN, other])

    assert heads == ["<<Planted", "Plain", "Messy"]
    assert rows == [["lines copied from the tree", "-", "7 of 9, 1 wrong"]]


def test_where_nothing_was_planted_there_is_no_error_and_it_shows() -> None:
    together = replace(proof("spend", "all", 190), basis="together")
    rows = proven.every_metric(replace(PLAIN, proofs=[together]))[3]

    [spend] = [row for row in rows if "definitions#spend" in str(row[0]).split('"')]
    assert spend[2] == "-"
    assert spend[3] == "<i>95 % of 200</i>"


# Intervals that the published run rejects, with why as far as we know; the page marks each.
AGAIN = "a change that breaks something may do so again in another week, and weeks count as independent: too narrow"
LONG = "what both sides may be off by is added: hardly ever missed"
REJECTED = {("incident_exposure", "rest"): AGAIN, ("recovery_time", "ratio"): LONG}


def test_the_published_run_is_the_one_that_was_promised_and_what_it_rejects_is_known() -> None:
    stories = proven.stories()

    assert {name: each.seeds for name, each in stories.items()} == {
        "plain": (1, 200), "messy": (1, 50), "confounded": (1, 20)
    }  # fmt: skip
    inexact = {
        (name, each.metric, each.of): each.organisations - each.exact
        for name in ("plain", "confounded") for each in stories[name].proofs if each.exact is not None
    }  # fmt: skip
    assert len(inexact) == 88
    assert {key: missed for key, missed in inexact.items() if missed} == {}
    lines = [each for story in stories.values() for each in story.recoveries if each.what.startswith("lines ")]
    assert len(lines) == 3 * 8
    assert [each for each in lines if not each.planted == each.found == each.right > 0] == []
    assert {(each.metric, each.of) for each in stories["plain"].proofs if each.is_rejected} == set(REJECTED)
    assert {each.draws for each in proven.everything().intervals} == {DRAWS}


def test_what_is_shown_was_proven_of_every_metric_there_is() -> None:
    # A new metric has not been in the lab: `make verify` writes the file anew.
    rows = proven.every_metric(proven.stories()["plain"])[3]

    unproven = [metric.key for metric, row in zip(METRICS, rows, strict=True) if all(cell == "-" for cell in row[1:])]
    assert [key for key in unproven if not BY_KEY[key].is_state] == []


def test_limits_are_told_of_every_metric() -> None:
    assert [row[1] for row in proven.limits()[3]] == [metric.limits for metric in METRICS]
