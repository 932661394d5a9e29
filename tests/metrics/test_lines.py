"""What is made of lines: churn, survival at 90 days, moving, copying, care for old code, duplication, and who wrote them."""

from datetime import date

import pytest

from metrics.adoption.ai_line_share import AI_LINE_SHARE
from metrics.measure import Window
from metrics.metric import Metric
from metrics.quality.churn import CHURN
from metrics.quality.churn_30 import CHURN_30
from metrics.quality.churn_90 import CHURN_90
from metrics.quality.copied_within import COPIED_WITHIN
from metrics.quality.copy_paste import COPY_PASTE
from metrics.quality.duplication import DUPLICATION
from metrics.quality.legacy_care import LEGACY_CARE
from metrics.quality.refactor_ratio import REFACTOR_RATIO
from metrics.quality.survival import SURVIVAL
from tests.conftest import Warehouse, sha

WINDOW = Window(date(2026, 1, 5), date(2026, 11, 30))
LANDED = "2026-03-02 09:00"
LINES = (CHURN, CHURN_30, CHURN_90, SURVIVAL, COPY_PASTE, REFACTOR_RATIO)


def units(warehouse: Warehouse, metric: Metric) -> dict[str, tuple[float, float]]:
    """Numerator and denominator of each unit and cohort."""
    warehouse.derive()
    rows = warehouse.con.execute(metric.sql, {"since": WINDOW.since, "until": WINDOW.until}).fetchall()
    return {f"{row[5].rstrip('0')} {row[3]}": (row[6], row[7]) for row in rows}


def one_of_forty_dies(warehouse: Warehouse, at: str) -> None:
    """Forty lines land on 2 March at nine; one of them dies."""
    warehouse.repo()
    warehouse.change("a", LANDED)
    warehouse.change("b", at)
    warehouse.died(warehouse.born("a", 40), 1, "b")


# The fourteenth day ends at nine on 16 March.
@pytest.mark.parametrize(
    ("at", "dead"), [("2026-03-02 09:00", 1), ("2026-03-16 09:00", 1), ("2026-03-16 09:01", 0), ("2026-03-17 09:00", 0)]
)
def test_a_line_that_dies_on_day_14_is_churn_and_on_day_15_is_not(warehouse: Warehouse, at: str, dead: int) -> None:
    one_of_forty_dies(warehouse, at)

    assert units(warehouse, CHURN) == {"a unknown": (dead, 40)}


@pytest.mark.parametrize(
    ("metric", "at", "counted"),
    [
        (CHURN_30, "2026-04-01 09:00", 1),
        (CHURN_30, "2026-04-01 09:01", 0),
        (CHURN_90, "2026-05-31 09:00", 1),
        (CHURN_90, "2026-05-31 09:01", 0),
        (SURVIVAL, "2026-05-31 09:00", 39),
        (SURVIVAL, "2026-05-31 09:01", 40),
    ],
)
def test_longer_windows_end_on_their_last_day(warehouse: Warehouse, metric: Metric, at: str, counted: int) -> None:
    one_of_forty_dies(warehouse, at)

    assert units(warehouse, metric) == {"a unknown": (counted, 40)}


@pytest.mark.parametrize("metric", [CHURN, CHURN_30, CHURN_90, SURVIVAL], ids=lambda metric: metric.key)
def test_a_change_whose_days_have_not_passed_is_no_unit(warehouse: Warehouse, metric: Metric) -> None:
    warehouse.repo()
    through = f"timestamp '{LANDED}' + interval {metric.follow_up_days} days"
    warehouse.con.execute(f"update source_states set data_through = {through} where source = 'git'")
    warehouse.change("a", LANDED)
    warehouse.change("b", "2026-03-02 09:01")
    warehouse.change("c", "2026-03-03")
    warehouse.born("a")
    # b lost lines already: it would be counted, and its quiet neighbours not.
    warehouse.died(warehouse.born("b"), 5, "c")

    assert list(units(warehouse, metric)) == ["a unknown"]


def test_only_new_code_of_source_and_tests_is_in_churn(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", LANDED)
    warehouse.change("b", "2026-03-03")
    for number, apart in enumerate(
        (
            {"role": "generated"}, {"role": "vendored"}, {"role": "data"}, {"role": "docs"}, {"role": "config"},
            {"line_kind": "comment"}, {"line_kind": "blank"}, {"operation": "restored"}, {"operation": "found"},
        ), 1
    ):  # fmt: skip
        warehouse.died(warehouse.born("a", 10 * number, **apart), number, "b")
    warehouse.died(warehouse.born("a", 3), 1, "b")
    warehouse.died(warehouse.born("a", 5, role="test", operation="copied"), 2, "b")
    warehouse.died(warehouse.born("a", 7, operation="updated"), 4, "b", how="updated")

    assert units(warehouse, CHURN) == {"a unknown": (7, 15)}


def test_a_change_of_two_writers_has_a_row_for_each(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", LANDED, is_merge=True)
    for begins, evidence in (("a1", "ai"), ("a2", ""), ("a3", "human"), ("a4", "bot")):
        warehouse.commit(begins, "a", evidence=evidence)
    warehouse.change("b", "2026-03-03")
    for number, by in enumerate(("a1", "a2", "a3", "a4"), 1):
        warehouse.died(warehouse.born("a", 10 * number, by=by), number, "b")

    # Who took them out does not matter, and bots are in no rate.
    assert units(warehouse, CHURN) == {"a ai": (1, 10), "a unknown": (2, 20), "a human": (3, 30)}


@pytest.mark.parametrize("metric", [*LINES, AI_LINE_SHARE, LEGACY_CARE, COPIED_WITHIN], ids=lambda metric: metric.key)
def test_bulk_and_formatting_commits_and_the_time_before_ai_tools_enter_no_rate(
    warehouse: Warehouse, metric: Metric
) -> None:
    warehouse.repo()
    warehouse.con.execute("update source_states set data_from = '2020-01-01'")
    warehouse.change("a", "2020-01-06")
    old = warehouse.born("a", 90)
    for letter, kind in (("b", "bulk"), ("c", "format"), ("d", "feature")):
        warehouse.change(letter, LANDED, kind=kind, added=10)
        warehouse.died(old, 5, letter, after=10 * len(warehouse.booked))
        warehouse.moved(old, 5, letter, after=10 * len(warehouse.booked) + 5)
        warehouse.born(letter, 10)

    assert {unit.split()[0] for unit in units(warehouse, metric)} == {"d"}


def test_lines_go_to_every_cohort_of_a_change_zeros_too_and_add_up_to_one(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", LANDED, evidence="ai")
    warehouse.commit("a1", "a", evidence="human")
    warehouse.commit("a2", "a", evidence="bot")
    warehouse.change("b", LANDED)
    warehouse.change("c", LANDED, evidence="bot")
    warehouse.change("d", LANDED, deleted=5)
    warehouse.born("a", 30)
    warehouse.born("a", 10, by="a1")
    warehouse.born("a", 99, by="a2")
    warehouse.died(warehouse.born("b", 8), 8, "d")
    warehouse.born("c", 7)

    # What landed counts, whatever became of it; a change that lands no line has no share, and bots have none.
    assert units(warehouse, AI_LINE_SHARE) == {
        "a ai": (30, 40), "a human": (10, 40), "a unknown": (0, 40), "b ai": (0, 8), "b human": (0, 8), "b unknown": (8, 8),
    }  # fmt: skip


def test_moved_lines_are_a_share_of_what_was_changed_each_line_once(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", LANDED)
    warehouse.change("b", "2026-03-09")
    warehouse.change("c", "2026-03-10", evidence="ai")
    stood = warehouse.born("a", 100)
    warehouse.moved(stood, 30, "b")
    warehouse.died(stood, 10, "b", after=30)
    # Four lines are updated: four die and four are born, and that is four changed lines.
    warehouse.died(stood, 4, "b", after=40, how="updated")
    warehouse.born("b", 4, operation="updated")
    warehouse.born("b", 16)
    warehouse.born("b", 50, line_kind="blank")
    warehouse.born("b", 50, operation="restored")
    warehouse.moved(stood, 12, "c", after=60)

    # The cohort of a move is that of who made it.
    assert units(warehouse, REFACTOR_RATIO) == {"a unknown": (0, 100), "b unknown": (30, 60), "c ai": (12, 12)}


def test_copies_are_a_share_of_what_was_added_or_copied(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", LANDED)
    warehouse.change("b", LANDED)
    warehouse.born("a", 30)
    warehouse.born("a", 10, operation="copied")
    warehouse.born("a", 60, operation="updated")
    warehouse.born("a", 60, operation="restored")
    warehouse.born("a", 60, operation="copied", line_kind="comment")
    warehouse.born("b", 5, operation="updated")

    assert units(warehouse, COPY_PASTE) == {"a unknown": (10, 40)}


def test_repeats_within_commits_are_summed_over_the_commits_of_a_change(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", LANDED, is_merge=True, added=0)
    warehouse.commit("a1", "a", added=20, copied_within=4, evidence="ai")
    warehouse.commit("a2", "a", added=10, copied_within=2, evidence="ai")
    warehouse.commit("a3", "a", added=7)
    warehouse.commit("a4", "a", added=0, deleted=5)
    warehouse.change("b", LANDED, added=0, deleted=3)
    warehouse.con.execute("update changes set role = 'docs' where sha like 'a2%'")

    assert units(warehouse, COPIED_WITHIN) == {"a ai": (4, 20), "a unknown": (0, 7)}


def test_care_is_the_share_of_old_lines_among_those_that_stood_before(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.con.execute("update source_states set data_from = '2025-01-06'")
    for letter, day in (("a", "2025-01-06"), ("b", "2026-02-02"), ("c", "2026-03-02")):
        warehouse.change(letter, day)
    old, young = warehouse.born("a", 50), warehouse.born("b", 50)
    warehouse.died(old, 6, "c", how="updated")
    warehouse.died(old, 3, "c", after=10)
    warehouse.moved(old, 1, "c", after=20)
    warehouse.died(young, 20, "c")
    warehouse.moved(young, 10, "c", after=20)
    warehouse.born("c", 500)

    assert units(warehouse, LEGACY_CARE) == {"c unknown": (10, 40)}


def test_nobody_cares_for_old_code_in_a_history_that_is_too_young(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.con.execute("update source_states set data_from = '2025-03-02 09:00'")
    warehouse.change("a", "2025-03-02 09:00")
    warehouse.change("b", "2026-03-02 09:00")
    warehouse.change("c", "2026-03-02 09:01")
    stood = warehouse.born("a", 50)
    warehouse.died(stood, 5, "b")
    warehouse.died(stood, 5, "c", after=5)

    # b is no zero: when it landed, nothing could be older than a year.
    assert units(warehouse, LEGACY_CARE) == {"c unknown": (5, 5)}


def snapshot(
    warehouse: Warehouse, begins: str, at: str, duplicated: int, code: int, role: str = "source", *, is_head: bool = False
) -> None:  # fmt: skip
    warehouse.add("duplication", repo="shop", snapshot_sha=sha(begins), snapshot_at=at, is_head=is_head, role=role,
                  language="Python", duplicated_lines=duplicated, code_lines=code)  # fmt: skip


def test_the_last_snapshot_of_a_week_is_the_state(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.con.execute("update source_states set data_through = '2026-04-08'")
    snapshot(warehouse, "a", "2026-03-03", 1, 100)
    snapshot(warehouse, "b", "2026-03-05", 10, 100)
    snapshot(warehouse, "b", "2026-03-05", 30, 100, "test")
    snapshot(warehouse, "b", "2026-03-05", 90, 100, "vendored")
    snapshot(warehouse, "c", "2026-03-31", 20, 100)
    snapshot(warehouse, "c", "2026-03-31", 20, 100, is_head=True)  # the head may be a month's end as well
    snapshot(warehouse, "d", "2026-04-07", 50, 100)  # its week is not over
    warehouse.derive()

    assert units(warehouse, DUPLICATION) == {"b *": (40, 200), "c *": (20, 100)}
