"""Which change introduced a finding, since when it is seen, and which changes scanners cover."""

from datetime import datetime

import pytest

from tests.conftest import Warehouse, sha

INTRODUCED = (
    "select fingerprint, landed_sha[:1], cohort, strftime(first_seen_at, '%m-%d') from introduced_findings order by all"
)
FIXED = "select fingerprint, strftime(fixed_at, '%m-%d') from findings order by all"
COVERED = "select landed_sha[:1] from scanned_changes where category = '{}' order by all"


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    """Changes a to e, one a week from 2 March on, each with ten lines of its own: runs 0 to 4."""
    warehouse.repo()
    for week, letter in enumerate("abcde"):
        warehouse.change(letter, f"2026-03-{2 + 7 * week:02d} 09:00", evidence="ai" if letter == "c" else "")
        warehouse.born(letter)
    return warehouse


def covered(shop: Warehouse, category: str = "*") -> str:
    shop.derive()
    return "".join(str(row[0]) for row in shop.rows(COVERED.format(category)))


def test_a_finding_belongs_to_the_change_whose_line_it_is_about(shop: Warehouse) -> None:
    shop.scan("a", "2026-03-02 10:00")
    shop.scan("c", "2026-03-16 10:00", {"one": (1, 3), "two": (2, 0)})
    shop.scan("e", "2026-07-10 10:00")
    shop.derive()
    assert shop.rows(INTRODUCED) == [("one", "b", "unknown", "03-16"), ("two", "c", "ai", "03-16")]


def test_it_is_fixed_by_the_first_later_scan_of_the_same_tool_that_does_not_show_it(shop: Warehouse) -> None:
    shop.scan("a", "2026-03-02 10:00", {"one": (0, 0), "two": (0, 1)})
    shop.scan("b", "2026-03-09 10:00", {"two": (0, 1)}, failed=True)  # which tells nothing
    shop.scan("b", "2026-03-10 10:00", tool="other")
    shop.scan("c", "2026-03-16 10:00", {"two": (0, 1)})
    shop.scan("d", "2026-03-23 10:00")
    shop.scan("e", "2026-03-30 10:00")
    shop.derive()
    assert shop.rows(FIXED) == [("one", "03-16"), ("two", "03-23")]


def test_a_part_of_a_repository_says_nothing_about_the_others(shop: Warehouse) -> None:
    shop.scan("a", "2026-03-02 10:00", {"one": (0, 0)}, part="/language:python")
    shop.scan("b", "2026-03-09 10:00", {}, part="/language:javascript")
    shop.derive()
    assert shop.rows(FIXED) == [("one", None)]


def test_a_scan_of_an_older_commit_fixes_and_finds_nothing(shop: Warehouse) -> None:
    shop.scan("c", "2026-03-16 10:00", {"one": (2, 0)})
    shop.scan("a", "2026-03-20 10:00", {"old": (0, 0)})
    shop.derive()
    assert shop.rows(FIXED) == [("one", None)]


def test_a_line_that_moved_has_the_same_finding_whatever_its_fingerprint_is_there(shop: Warehouse) -> None:
    shop.scan("a", "2026-03-02 10:00", {"here": (0, 4)})
    shop.moved(0, 5, "b")  # its first five lines, to b.py
    scan = "guard  shop c 2026-03-16 10:00"
    shop.scan("c", "2026-03-16 10:00")
    shop.add("scan_results", scan=scan, fingerprint="there", twins=1, rule="R1", severity="error", category="security",
             path="b.py", line=7)  # fmt: skip
    shop.add("finding_origins", repo="shop", sha=sha("c"), path="b.py", line=7, origin_sha=sha("b"), origin_path="b.py",
             origin_line=5, unresolved="")  # fmt: skip
    shop.derive()
    query = (
        "select fingerprint, path, line, introduced_sha[:1], strftime(first_seen_at, '%m-%d'), fixed_at from findings"
    )
    assert shop.rows(query) == [("here", "b.py", 7, "a", "03-02", None)]


def test_a_line_that_a_revert_brought_back_is_of_the_change_that_landed_it_first(shop: Warehouse) -> None:
    first = shop.booked[0]["first_line"]
    shop.died(0, 10, "b")
    run = shop.born("c", operation="restored", written=("a.py", 50))
    shop.con.execute(
        "update line_births set first_line = ? where first_line = ?", [first, shop.booked[run]["first_line"]]
    )
    shop.scan("a", "2026-03-02 09:00")
    shop.scan("c", "2026-03-16 10:00", {"one": (run, 2)})
    shop.scan("e", "2026-07-10 10:00")
    shop.derive()
    assert shop.rows(INTRODUCED) == [("one", "a", "unknown", "03-16")]


def test_what_stood_there_before_the_scanner_came_was_introduced_by_nobody_it_saw(shop: Warehouse) -> None:
    shop.scan("c", "2026-03-16 10:00", {"old": (1, 0)})
    shop.scan("d", "2026-03-23 10:00", {"old": (1, 0), "new": (3, 0)})
    shop.scan("d", "2026-03-23 11:00", {"late": (2, 0)}, tool="other")  # c landed before this one came
    shop.scan("e", "2026-07-10 10:00")
    shop.scan("e", "2026-07-10 10:00", tool="other")
    shop.derive()
    assert shop.rows(INTRODUCED) == [("new", "d", "unknown", "03-23")]
    assert {row[0] for row in shop.rows("select fingerprint from findings")} == {"old", "new", "late"}


def test_a_finding_that_nobody_can_place_is_kept_and_counts_for_no_change(shop: Warehouse) -> None:
    shop.scan("a", "2026-03-02 10:00", {"one": (0, 0), "two": (0, 1), "three": (0, 2)})
    shop.con.execute("update finding_origins set origin_sha = null, unresolved = 'lost' where line = 1")
    shop.con.execute("update scan_results set line = null where fingerprint = 'two'")
    shop.con.execute("update finding_origins set origin_line = 99 where line = 3")  # the ledger has no such line
    shop.derive()
    assert shop.rows("select fingerprint, landed_sha from findings order by all") == [
        ("one", None),
        ("three", None),
        ("two", None),
    ]
    assert shop.rows(INTRODUCED) == []


def test_a_formatting_commit_introduces_nothing(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-03-02 09:00", kind="format")
    warehouse.scan("a", "2026-03-02 09:00", {"one": (warehouse.born("a"), 0)})
    warehouse.derive()
    assert warehouse.rows(INTRODUCED) == []


def test_a_change_is_covered_from_the_first_scan_on_until_scans_reach_ninety_days_beyond_it(shop: Warehouse) -> None:
    shop.scan("b", "2026-03-09 09:00")  # b had just landed
    shop.scan("e", "2026-04-01 09:00")
    shop.scan("e", "2026-06-14 09:00", tool="other")
    assert covered(shop) == ""
    shop.change("f", "2026-06-14 08:00")
    shop.scan("f", "2026-06-14 09:00")  # c's ninety days end on this minute
    assert covered(shop) == "bc"


def test_a_head_that_stands_still_is_covered_by_every_scan_of_it(shop: Warehouse) -> None:
    shop.scan("e", "2026-03-30 09:00")
    shop.scan("e", "2026-06-28 09:00")  # nothing landed in the ninety days
    assert covered(shop) == "e"


def test_a_failed_scan_covers_nothing(shop: Warehouse) -> None:
    shop.scan("b", "2026-03-09 09:00", failed=True)
    shop.scan("c", "2026-03-16 09:00")
    shop.change("f", "2026-07-01 08:00")
    shop.scan("f", "2026-07-01 09:00", failed=True)
    assert covered(shop) == ""


def test_a_change_that_no_scan_looked_at_within_its_ninety_days_is_not_covered(shop: Warehouse) -> None:
    shop.scan("b", "2026-03-09 09:00")
    shop.change("f", "2026-12-01 08:00")
    shop.scan("f", "2026-12-01 09:00")
    assert covered(shop) == "b"


def test_a_category_is_covered_by_tools_that_speak_of_it(shop: Warehouse) -> None:
    shop.scan("a", "2026-03-02 09:00", speaks_of="security correctness")
    shop.scan("c", "2026-03-16 09:00", tool="other", speaks_of="performance")
    shop.change("f", "2026-07-01 08:00")
    for tool in ("guard", "other"):
        shop.scan("e", "2026-03-30 09:00", tool=tool, speaks_of="")
        shop.scan("f", "2026-07-01 09:00", tool=tool, speaks_of="")
    categories = ("*", "security", "correctness", "performance", "maintainability")
    assert [covered(shop, each) for each in categories] == ["abcde", "abcde", "abcde", "cde", ""]


def test_what_a_scanner_found_counts_for_the_changes_that_it_covers_whatever_others_cover(shop: Warehouse) -> None:
    shop.scan("a", "2026-03-02 09:00", speaks_of="security")
    shop.scan("b", "2026-03-09 10:00", {"kept": (1, 0)}, speaks_of="security")
    shop.scan("e", "2026-07-10 10:00", speaks_of="security")
    shop.scan("a", "2026-03-02 09:00", tool="brief", speaks_of="performance")  # and stops ten days later
    shop.scan("b", "2026-03-12 10:00", {"one": (1, 1)}, tool="brief", category="performance", speaks_of="performance")
    assert [covered(shop, each) for each in ("*", "security", "performance")] == ["ab", "ab", ""]
    assert shop.rows(INTRODUCED) == [("kept", "b", "unknown", "03-09")]


@pytest.mark.parametrize(
    ("names", "commit", "repo"),
    [
        (["shop"], "a" * 7, "shop"),
        (["acme/shop"], sha("a"), "shop"),
        (["elsewhere/thing", "shop"], sha("a"), "shop"),
        ([], sha("a"), "shop"),  # its commit tells
        (["other-name"], sha("a"), "shop"),
        (["web"], sha("a"), None),  # which has no such commit
        (["shop"], sha("9"), None),
        (["shop"], "c" * 7, None),  # of two commits
    ],
)
def test_a_scan_finds_its_repository_and_its_state(
    warehouse: Warehouse, names: list[str], commit: str, repo: str | None
) -> None:
    warehouse.repo()
    warehouse.repo("web", "/src/acme/web")
    for begins in ("a" * 7, "c" * 7, "c" * 8):
        warehouse.change(begins, "2026-03-02 09:00")
    commit = sha("a" * 7) if commit == sha("a") else commit
    warehouse.add("scans", scan="s", tool="guard", part="", names=names, sha=commit, is_clean=True)
    rows = warehouse.rows("select repo, ran_at from placed_scans")
    assert rows == ([(repo, datetime(2026, 3, 2, 9))] if repo else [])  # noqa: DTZ001


def test_a_commit_of_a_branch_is_no_state_of_the_branch_that_is_measured(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-03-02 09:00", is_merge=True)
    warehouse.commit("b", "a")
    warehouse.add("scans", scan="s", tool="guard", part="", names=["shop"], sha=sha("b"), is_clean=True)
    assert warehouse.rows("from placed_scans") == []
