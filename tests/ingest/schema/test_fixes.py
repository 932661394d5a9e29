"""A change and the fixes that removed lines of it."""

from tests.conftest import Warehouse

FIXED = """
    select landed_sha[:1], fix_sha[:1], fixed_at::date::varchar, code_lines, is_cause from fixed_changes_of('shop')
    order by all
"""


def test_a_change_is_mended_by_each_fix_that_removed_lines_of_its_commits(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-03-02")
    warehouse.commit("a1", "a", at="2026-03-01")  # two commits of one change
    warehouse.change("b", "2026-03-03")
    warehouse.change("c", "2026-03-04", kind="fix")
    warehouse.commit("d1", "d", at="2026-03-05", kind="fix")  # on a branch that landed a day later
    warehouse.change("d", "2026-03-06", kind="merge")
    runs = [
        warehouse.born("a"),
        warehouse.born("a", by="a1"),
        warehouse.born("b"),
        warehouse.born("a", line_kind="comment"),
    ]
    warehouse.died(runs[0], 2, "c")
    warehouse.died(runs[1], 3, "c")
    warehouse.died(runs[2], 1, "c")
    warehouse.died(runs[1], 4, "d", by="d1", after=3)
    warehouse.died(runs[3], 5, "d", by="d1")
    warehouse.died(runs[0], 1, "d", after=2)  # the merge itself took it out
    warehouse.derive()

    assert warehouse.rows(FIXED) == [
        ("a", "c", "2026-03-04", 5, False),
        ("a", "d", "2026-03-06", 4, True),
        ("b", "c", "2026-03-04", 1, True),
    ]


def test_what_a_revert_brought_back_and_tests_and_settings(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-03-02")
    warehouse.change("b", "2026-03-03", kind="fix")
    for role, operation in (("source", "restored"), ("test", "added"), ("config", "added"), ("docs", "added")):
        warehouse.died(warehouse.born("a", role=role, operation=operation), 3, "b")
    warehouse.derive()

    # Lines brought back say who wrote what was mended, and were counted when they first landed.
    assert warehouse.rows("select lines, code_lines, said_lines, distance, is_cause from fix_links") == [
        (12, 3, 6, 1, True)
    ]
    assert warehouse.rows(FIXED) == [("a", "b", "2026-03-03", 3, True)]
