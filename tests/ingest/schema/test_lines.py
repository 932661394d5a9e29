"""What became of landed lines: the living and the dead by change and cohort, whatever befell their files."""

import pytest

from ingest import warehouse as builder
from tests.conftest import Warehouse, sha

FATES = """
    select landed_sha[:1], cohort, role, operation, cast(died_at as date)::varchar, lines from line_fates
    order by all nulls last
"""
WORK = "select landed_sha[:1], cohort, work, operation, is_old, meaningful from line_work order by all"


def test_the_living_are_the_births_less_the_deaths(warehouse: Warehouse) -> None:
    warehouse.repo()
    for letter, day in (("a", "02"), ("b", "09"), ("c", "16")):
        warehouse.change(letter, f"2026-03-{day}")
    run = warehouse.born("a", 40)
    warehouse.died(run, 6, "b")
    warehouse.died(run, 4, "b", after=20)
    warehouse.died(run, 5, "c", after=30)
    gone = warehouse.born("b", 3, operation="updated")
    warehouse.died(gone, 3, "c")
    warehouse.derive()

    assert warehouse.rows(FATES) == [
        ("a", "unknown", "source", "added", "2026-03-09", 10),
        ("a", "unknown", "source", "added", "2026-03-16", 5),
        ("a", "unknown", "source", "added", None, 25),
        ("b", "unknown", "source", "updated", "2026-03-16", 3),
    ]


def test_a_line_is_of_the_cohort_of_the_commit_that_wrote_it(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.con.execute("update attribution_declarations set ai_era_starts = '2026-02-01'")
    warehouse.change("a", "2026-01-05", evidence="ai")
    warehouse.change("b", "2026-03-02", is_merge=True)
    for begins, evidence in (("b1", "ai"), ("b2", "human"), ("b3", "bot"), ("b4", "assist")):
        warehouse.commit(begins, "b", evidence=evidence)
    warehouse.born("a", 1)
    for number in range(1, 5):
        warehouse.born("b", number, by=f"b{number}")
    warehouse.derive()

    found = [(row[1], row[5]) for row in warehouse.rows(FATES)]
    assert found == [("baseline", 1), ("ai", 1), ("bot", 3), ("human", 2), ("unknown", 4)]


def test_a_listed_bot_is_one_for_its_lines_too(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.people(None, "robot", is_bot=True)
    warehouse.change("a", "2026-03-02", "robot")
    warehouse.born("a")
    warehouse.derive()

    assert warehouse.rows("select cohort from line_fates") == [("bot",)]


def test_a_death_counts_in_the_role_in_which_the_line_landed(warehouse: Warehouse) -> None:
    warehouse.repo()
    for letter, day in (("a", "02"), ("b", "09")):
        warehouse.change(letter, f"2026-03-{day}")
    warehouse.born("a", 5, role="vendored")
    run = warehouse.born("a", 20)
    # Its file was moved to vendor/ in between: nothing is alive there that was never born there.
    warehouse.died(run, 8, "b", role="vendored")
    warehouse.derive()

    assert warehouse.rows(FATES) == [
        ("a", "unknown", "source", "added", "2026-03-09", 8),
        ("a", "unknown", "source", "added", None, 12),
        ("a", "unknown", "vendored", "added", None, 5),
    ]


def test_a_line_that_landed_twice_dies_as_often(warehouse: Warehouse) -> None:
    warehouse.repo()
    for letter, day in (("a", "02"), ("b", "03"), ("c", "04"), ("d", "05")):
        warehouse.change(letter, f"2026-03-{day}")
    first = warehouse.born("a", 10)
    warehouse.died(first, 10, "b")
    again = warehouse.born("c", 10, by="a", operation="restored")
    # The same lines, and so the same ids.
    warehouse.con.execute("update line_births set first_line = 0 where operation = 'restored'")
    warehouse.booked[again]["first_line"] = 0
    warehouse.died(again, 4, "d")
    warehouse.derive()

    assert warehouse.rows(FATES) == [
        ("a", "unknown", "source", "added", "2026-03-03", 10),
        ("c", "unknown", "source", "restored", "2026-03-05", 4),
        ("c", "unknown", "source", "restored", None, 6),
    ]


def test_what_a_formatting_commit_writes_is_nobodys_and_what_it_rewrites_lives_on(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-03-02")
    warehouse.change("b", "2026-03-03", kind="format")
    warehouse.change("c", "2026-03-04")
    run = warehouse.born("a", 10)
    warehouse.died(run, 4, "b", how="updated")
    styled = warehouse.born("b", 5)
    warehouse.died(styled, 5, "c")
    warehouse.moved(run, 2, "b", after=8)
    warehouse.derive()

    assert warehouse.rows(FATES) == [("a", "unknown", "source", "added", None, 10)]
    # Who deletes what a formatter wrote has deleted something all the same.
    assert warehouse.rows(WORK) == [
        ("a", "unknown", "born", "added", False, 10),
        ("c", "unknown", "died", "deleted", False, 5),
    ]


@pytest.mark.parametrize(("day", "is_old"), [("2026-03-02 09:00", False), ("2026-03-02 09:01", True)])
def test_lines_are_old_when_they_landed_more_than_365_days_before(
    warehouse: Warehouse, day: str, *, is_old: bool
) -> None:
    warehouse.repo()
    warehouse.change("a", "2025-03-02 09:00")
    warehouse.change("b", day, is_merge=True)
    warehouse.commit("b1", "b", evidence="ai")
    run = warehouse.born("a", 10)
    warehouse.died(run, 3, "b", by="b1", how="updated")
    warehouse.moved(run, 2, "b", by="b", after=5)
    warehouse.derive()

    # A move and a death are of the cohort of the commit that made them.
    assert warehouse.rows(WORK)[1:] == [
        ("b", "ai", "died", "updated", is_old, 3),
        ("b", "unknown", "moved", "moved", is_old, 2),
    ]


def test_only_the_slices_of_repositories_read_again_are_built_and_those_that_are_gone_go(warehouse: Warehouse) -> None:
    for repo in ("shop", "web"):
        warehouse.repo(repo, f"/src/acme/{repo}")
        warehouse.change({"shop": "a1", "web": "b1"}[repo], "2026-03-02", repo=repo)
    warehouse.born("a1", 10)
    warehouse.born("b1", 20, repo="web")
    warehouse.derive()
    warehouse.con.execute("update line_births set lines = lines + 1, meaningful = meaningful + 1")
    builder.forget_derived_of(warehouse.con, "web")
    warehouse.derive("web")
    lines = "select repo, lines, meaningful from line_fates join line_work using (repo) order by repo"

    assert warehouse.rows(lines) == [("shop", 10, 10), ("web", 21, 21)]
    warehouse.con.execute("delete from repos where repo = 'web'")
    builder.forget_derived_of(warehouse.con, "shop")
    warehouse.derive("shop")
    assert warehouse.rows(lines) == [("shop", 11, 11)]
    assert warehouse.rows("select distinct repo from commit_cohorts") == [("shop",)]


def test_a_night_sums_anew_what_its_commits_touch_and_nothing_else(warehouse: Warehouse) -> None:
    """As if all had been there at once: new deaths, a late note, a formatting commit that is called one later."""

    def sums() -> list[list[tuple[object, ...]]]:
        return [warehouse.rows(f"from {table} order by all") for table in ("line_fates", "line_work")]

    warehouse.repo()
    for letter, day in (("a", "02"), ("b", "09")):
        warehouse.change(letter, f"2026-03-{day}")
    run, other = warehouse.born("a", 40), warehouse.born("b", 20)
    warehouse.died(run, 5, "b")
    warehouse.derive()
    warehouse.change("c", "2026-03-16")
    warehouse.died(run, 4, "c", after=10)
    warehouse.born("c", 5, by="a", operation="restored")
    warehouse.derive()
    warehouse.noted("b", ai="1-5")
    warehouse.derive()
    warehouse.con.execute("update mainline set landed_at = '2026-03-17' where landed_sha like 'c%'")
    warehouse.moved(other, 3, "c")
    warehouse.derive()
    warehouse.con.execute("update commits set kind = 'format' where sha like 'c%'")
    warehouse.derive()
    by_night = sums()
    builder.forget_derived_of(warehouse.con, "shop")
    warehouse.derive()

    assert by_night == sums()
    assert [len(rows) for rows in by_night] == [5, 5]


def test_landed_lines_are_of_the_week_team_and_size_of_their_change(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.people("core", "ann", "bob", "cee", "dan", "eve")
    warehouse.change("a", "2026-03-04 10:00", added=60)
    warehouse.born("a", 55)
    warehouse.derive()

    columns = "week::varchar, team, landed_sha, size_band, is_bulk, cohort, died_at, lines"
    assert warehouse.rows(f"select {columns} from landed_lines") == [
        ("2026-03-02", "core", sha("a"), "51 to 250 lines", False, "unknown", None, 55)
    ]
    columns = "week::varchar, team, landed_sha, size_band, is_bulk, cohort, landed, worked"
    assert warehouse.rows(f"select {columns} from line_sums") == [
        ("2026-03-02", "core", sha("a"), "51 to 250 lines", False, "unknown", 55, 55)
    ]
