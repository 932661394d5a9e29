"""Tables about code itself: where it stands more than once, and how long landed lines live."""

from datetime import date

from dashboard import copies, lifetimes
from dashboard.answers import Plain
from dashboard.summary import View
from metrics.measure import Selection
from tests.conftest import Warehouse, sha

HOSTILE = "src/<b>tax</b>.py"


def stands(warehouse: Warehouse, block: int, *places: str, at: str = "2026-11-13", repo: str = "shop") -> None:
    """A block of so many copies, each `path:first-last`."""
    for place in places:
        path, _, lines = place.rpartition(":")
        first, last = lines.split("-")
        warehouse.add("clone_blocks", repo=repo, snapshot_sha=sha("f"), snapshot_at=at, block=block, path=path,
                      start_line=int(first), end_line=int(last))  # fmt: skip


def test_blocks_are_those_of_the_newest_snapshot_and_the_costliest_come_first(warehouse: Warehouse) -> None:
    stands(warehouse, 1, "a.py:1-10", "b.py:5-14")
    stands(warehouse, 2, f"{HOSTILE}:1-8", "b.py:1-8", "c.py:1-8")
    stands(warehouse, 3, "a.py:1-50", "z.py:1-50", at="2026-10-31")
    stands(warehouse, 1, "x.py:1-7", "y.py:2-8", at="2026-10-01", repo="web")

    title, sub, _, rows = copies.blocks(Plain(warehouse.con, View()))

    assert title == "Duplicated blocks: 3"
    assert "up to 2026-11-13" in sub
    assert rows == [
        ["shop", 8, 3, f"b.py:1-8, c.py:1-8, {HOSTILE}:1-8"],
        ["shop", 10, 2, "a.py:1-10, b.py:5-14"],
        ["web", 7, 2, "x.py:1-7, y.py:2-8"],
    ]
    assert [row[0] for row in copies.blocks(Plain(warehouse.con, View(Selection(repos=("web",)))))[3]] == ["web"]


def test_a_block_that_stands_everywhere_names_six_places(warehouse: Warehouse) -> None:
    stands(warehouse, 1, *[f"{number}.py:1-6" for number in range(9)])

    [row] = copies.blocks(Plain(warehouse.con, View()))[3]

    assert row == ["shop", 6, 9, ", ".join(f"{number}.py:1-6" for number in range(6)) + " and 3 more"]


def test_without_a_snapshot_there_is_no_table_to_misread(warehouse: Warehouse) -> None:
    title, sub, _, rows = copies.blocks(Plain(warehouse.con, View()))

    assert (title, rows) == ("Duplicated blocks: 0", [])
    assert "no snapshot yet" in sub


def test_lifetimes_are_told_by_cohort_with_interval_and_changes(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.people("core", "ann", "bob", "cee", "dan", "eve")
    for number in range(40):
        warehouse.change(f"{number:02}", "2026-03-02", evidence="ai" if number % 2 else "")
    warehouse.change("99", "2026-04-20")
    for number in range(40):
        run = warehouse.born(f"{number:02}", 10)
        if number % 4 == 1:
            warehouse.died(run, 10, "99")
    warehouse.derive()

    _, _, heads, rows = lifetimes.compared(lifetimes.curves(warehouse.con, View()))

    assert heads == ["<Cohort", "30 days", "90 days", "180 days", "365 days"]
    assert [row[0] for row in rows] == ["AI-marked", "The rest"]
    # Dead on the forty-ninth day: half of what is marked.
    assert rows[0][1:3] == ["100 % (84 to 100 %, 20)", "50 % (29 to 71 %, 10)"]
    assert rows[1][4] == "too few to say (0)"  # nothing is that old yet


def test_lifetimes_end_with_the_week_that_is_looked_at(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-03-02")
    warehouse.change("b", "2026-06-01", evidence="ai")
    for begins in "ab":
        warehouse.born(begins)
    warehouse.people("core", "ann", "bob", "cee", "dan", "eve")
    warehouse.derive()

    assert list(lifetimes.curves(warehouse.con, View(until=date(2026, 5, 25)))) == ["rest"]
    assert list(lifetimes.curves(warehouse.con, View())) == ["ai", "rest"]


def test_without_git_there_is_no_curve(warehouse: Warehouse) -> None:
    warehouse.derive()

    assert lifetimes.curves(warehouse.con, View()) == {}
