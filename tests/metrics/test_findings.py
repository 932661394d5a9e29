"""Findings per 1,000 landed lines: what counts on the ninetieth day, whose it is, and where nobody looked."""

from datetime import date

import pytest

from metrics.measure import Window
from metrics.quality.findings_correctness import FINDINGS_CORRECTNESS
from metrics.quality.findings_maintainability import FINDINGS_MAINTAINABILITY
from metrics.quality.findings_per_kloc import FINDINGS_PER_KLOC
from metrics.quality.findings_performance import FINDINGS_PERFORMANCE
from metrics.quality.findings_security import FINDINGS_SECURITY
from tests.conftest import Warehouse

WINDOW = Window(date(2026, 1, 5), date(2026, 11, 30))
LANDED = "2026-03-02 09:00"  # its ninetieth day ends at nine on 31 May
BY_CATEGORY = {
    "security": FINDINGS_SECURITY,
    "performance": FINDINGS_PERFORMANCE,
    "correctness": FINDINGS_CORRECTNESS,
    "maintainability": FINDINGS_MAINTAINABILITY,
}


def units(warehouse: Warehouse, sql: str) -> dict[tuple[str, str], tuple[float, float]]:
    """The numerator and the denominator of each change and cohort."""
    warehouse.derive()
    rows = warehouse.con.execute(sql, {"since": WINDOW.since, "until": WINDOW.until}).fetchall()
    return {(row[5].rstrip("0"), row[3]): (row[6], row[7]) for row in rows}


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    """A change with forty lines, landed when the first scan was made; others without lines, one long after its ninety days."""
    warehouse.repo()
    warehouse.change("a", LANDED)
    warehouse.born("a", 40)
    warehouse.scan("a", LANDED)
    warehouse.change("b", "2026-03-02 10:00")
    warehouse.change("c", "2026-03-12 10:00")
    warehouse.change("f", "2026-06-20 09:00")
    warehouse.scan("f", "2026-06-20 09:00")
    return warehouse


@pytest.mark.parametrize(
    ("at", "counts"), [("2026-03-03 01:00", 1), ("2026-05-31 09:00", 1), ("2026-05-31 09:01", 0), ("2026-06-19", 0)]
)
def test_a_finding_counts_on_day_90_and_not_on_day_91(shop: Warehouse, at: str, counts: float) -> None:
    shop.scan("b", at, {"one": (0, 3)})
    assert units(shop, FINDINGS_PER_KLOC.sql) == {("a", "unknown"): (counts, 40)}


def test_a_change_without_a_finding_is_a_unit_and_one_that_nobody_scanned_is_none(shop: Warehouse) -> None:
    shop.repo("web", "/src/acme/web")
    shop.change("b", LANDED, repo="web")
    shop.born("b", repo="web")
    shop.born("f")  # whose ninety days have not passed
    assert units(shop, FINDINGS_PER_KLOC.sql) == {("a", "unknown"): (0, 40)}


def test_a_finding_is_of_the_cohort_that_wrote_its_line(shop: Warehouse) -> None:
    shop.commit("1", "a", evidence="ai")
    run = shop.born("a", 10, by="1")
    shop.scan("b", "2026-03-09", {"one": (run, 3), "two": (run, 4), "three": (0, 0)})
    assert units(shop, FINDINGS_PER_KLOC.sql) == {("a", "ai"): (2, 10), ("a", "unknown"): (1, 40)}


def test_findings_on_comments_and_documents_are_in_no_rate_as_their_lines_are(shop: Warehouse) -> None:
    runs = [shop.born("a", line_kind="comment"), shop.born("a", role="docs"), shop.born("a", operation="found")]
    shop.con.execute("update line_births set written_line = 1 + first_line")
    for run in shop.booked:
        run["written_line"] = 1 + int(str(run["first_line"]))
    shop.scan("b", "2026-03-09", {f"{run}": (run, 3) for run in runs})
    assert len(shop.rows("from scan_results")) == 3
    assert units(shop, FINDINGS_PER_KLOC.sql) == {("a", "unknown"): (0, 40)}


def test_the_same_finding_seen_again_counts_once(shop: Warehouse) -> None:
    shop.scan("b", "2026-03-09", {"one": (0, 3)})
    shop.scan("c", "2026-03-16", {"one": (0, 3)})
    assert units(shop, FINDINGS_PER_KLOC.sql) == {("a", "unknown"): (1, 40)}


def test_a_scanner_that_stopped_before_the_ninety_days_were_over_counts_not_beside_one_that_went_on(
    shop: Warehouse,
) -> None:
    shop.scan("a", LANDED, tool="brief")
    shop.scan("b", "2026-03-12", {"one": (0, 3)}, tool="brief")
    for metric in (FINDINGS_PER_KLOC, FINDINGS_SECURITY):
        assert units(shop, metric.sql) == {("a", "unknown"): (0, 40)}
    shop.scan("f", "2026-06-20 09:00", tool="brief")
    for metric in (FINDINGS_PER_KLOC, FINDINGS_SECURITY):
        assert units(shop, metric.sql) == {("a", "unknown"): (1, 40)}


def test_a_run_on_a_part_of_a_repository_counts_for_all_of_it(shop: Warehouse) -> None:
    shop.con.execute("update scans set part = 'frontend'")
    assert units(shop, FINDINGS_PER_KLOC.sql) == {("a", "unknown"): (0, 40)}


@pytest.mark.parametrize("category", BY_CATEGORY)
def test_a_category_counts_its_own_findings_where_a_tool_speaks_of_it(warehouse: Warehouse, category: str) -> None:
    warehouse.repo()
    warehouse.change("a", LANDED)
    warehouse.born("a", 40)
    warehouse.scan("a", LANDED, speaks_of=category)
    warehouse.change("b", "2026-03-02 10:00")
    warehouse.scan("b", "2026-03-09", {"one": (0, 3)}, category=category)
    warehouse.scan("b", "2026-03-10", {"two": (0, 4)}, category="unknown", speaks_of="")
    warehouse.change("f", "2026-06-20 09:00")
    warehouse.scan("f", "2026-06-20 09:00")

    found = {name: units(warehouse, metric.sql) for name, metric in BY_CATEGORY.items()}

    silent = {"security": {("a", "unknown"): (0, 40)}}  # of which the builder's scans speak anyway
    assert found == {name: {} for name in BY_CATEGORY} | silent | {category: {("a", "unknown"): (1, 40)}}


def test_bots_bulk_imports_and_the_time_before_ai_tools_enter_no_rate(warehouse: Warehouse) -> None:
    warehouse.con.execute("update attribution_declarations set ai_era_starts = '2026-02-01'")
    warehouse.repo()
    warehouse.change("a", "2026-01-19", evidence="ai")
    warehouse.scan("a", "2026-01-19")
    warehouse.change("b", LANDED, evidence="bot")
    warehouse.change("c", LANDED, kind="bulk")
    warehouse.change("d", LANDED, evidence="human")
    runs = {letter: warehouse.born(letter) for letter in "abcd"}
    warehouse.scan("d", "2026-03-03", {letter: (run, 0) for letter, run in runs.items()})
    warehouse.change("f", "2026-06-20 09:00")
    warehouse.scan("f", "2026-06-20 09:00")
    assert units(warehouse, FINDINGS_PER_KLOC.sql) == {("d", "human"): (1, 10)}
