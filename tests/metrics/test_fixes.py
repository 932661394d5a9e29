"""What fixes took out within 180 days of landing, on hand-made warehouses."""

import pytest

from metrics.quality.fix_effort import FIX_EFFORT
from metrics.quality.fix_inducing_rate import FIX_INDUCING_RATE
from tests.conftest import Warehouse

PERIOD = {"since": "2026-01-05", "until": "2026-11-30"}


def units(warehouse: Warehouse, sql: str) -> dict[str, tuple[object, ...]]:
    """Cohort, numerator and denominator of each unit."""
    warehouse.derive()
    return {row[5].rstrip("0"): (row[3], *row[6:]) for row in warehouse.con.execute(sql, PERIOD).fetchall()}


# Landed on 2 March at nine: its 180th day ends at nine on 29 August.
@pytest.mark.parametrize(("at", "lines"), [("2026-03-03", 4), ("2026-08-29 09:00", 4), ("2026-08-29 09:01", 0)])
def test_a_fix_counts_on_day_180_and_not_on_day_181(warehouse: Warehouse, at: str, lines: int) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-03-02 09:00", evidence="ai")
    warehouse.died(warehouse.born("a", 10), 4, "b")
    warehouse.change("b", at, kind="fix")

    assert units(warehouse, FIX_INDUCING_RATE.sql)["a"] == ("ai", float(lines > 0), 1)
    assert units(warehouse, FIX_EFFORT.sql) == {"a": ("ai", lines, 10)}


def test_a_change_whose_180_days_have_not_passed_is_no_unit(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.con.execute("update source_states set data_through = '2026-08-29 09:00' where source = 'git'")
    warehouse.change("a", "2026-03-02 09:00")
    warehouse.change("b", "2026-03-02 09:01")
    warehouse.change("c", "2026-03-05", kind="fix")
    for letter in "ab":
        warehouse.died(warehouse.born(letter), 4, "c")

    assert units(warehouse, FIX_INDUCING_RATE.sql) == {
        "a": ("unknown", 0, 1)
    }  # b is what landed last of what was mended
    assert units(warehouse, FIX_EFFORT.sql) == {"a": ("unknown", 4, 10)}


def test_only_fixes_mend_and_what_they_say_of_remarks_and_lists_is_no_code(warehouse: Warehouse) -> None:
    warehouse.repo()
    for letter in "abc":
        warehouse.change(letter, "2026-03-02")
    runs = [warehouse.born("a"), warehouse.born("b", line_kind="comment"), warehouse.born("c", role="config")]
    warehouse.change("d", "2026-03-05")
    warehouse.change("e", "2026-03-06", kind="fix")
    warehouse.died(runs[0], 4, "d")
    warehouse.died(runs[1], 4, "e")
    warehouse.died(runs[2], 4, "e")

    rates = units(warehouse, FIX_INDUCING_RATE.sql)
    assert {unit: row[1] for unit, row in rates.items()} == {"a": 0, "b": 0, "c": 1, "d": 0, "e": 0}
    assert units(warehouse, FIX_EFFORT.sql) == {"a": ("unknown", 0, 10)}


def test_lines_are_counted_once_for_each_change_whoever_wrote_them(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.commit("a1", "a", evidence="ai")
    warehouse.change("a", "2026-03-02")
    ours, others = warehouse.born("a", 10, by="a1"), warehouse.born("a", 30)
    warehouse.change("b", "2026-03-05", kind="fix")
    warehouse.change("c", "2026-03-06", kind="fix")
    warehouse.died(ours, 2, "b")
    warehouse.died(others, 5, "c")
    restored = warehouse.born("a", 7, operation="restored")
    warehouse.died(restored, 7, "c")

    assert units(warehouse, FIX_EFFORT.sql) == {"a": ("ai", 7, 40)}


def test_no_more_lines_are_taken_out_than_landed(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-03-02")
    warehouse.change("b", "2026-03-05", kind="fix")
    warehouse.died(warehouse.born("a", 3), 3, "b")
    warehouse.died(
        warehouse.born("a", 10, role="docs"), 10, "b", role="source"
    )  # its file became source after it landed

    assert units(warehouse, FIX_EFFORT.sql) == {"a": ("unknown", 3, 3)}


def test_bots_bulk_imports_and_the_time_before_ai_tools_enter_no_rate(warehouse: Warehouse) -> None:
    warehouse.con.execute("update attribution_declarations set ai_era_starts = '2026-02-01'")
    warehouse.repo()
    warehouse.change("a", "2026-01-19")
    warehouse.change("b", "2026-03-02", evidence="bot")
    warehouse.change("c", "2026-03-02", kind="bulk")
    warehouse.change("d", "2026-03-02", evidence="human")
    warehouse.change("e", "2026-03-05", kind="fix", evidence="bot")
    for letter in "abcd":
        warehouse.died(warehouse.born(letter), 4, "e")

    assert units(warehouse, FIX_EFFORT.sql) == {"d": ("human", 4, 10)}
    assert units(warehouse, FIX_INDUCING_RATE.sql) == {"d": ("human", 1, 1)}
