"""Line-days: how long lines stood, week by week, from rows a reader can count."""

from datetime import date, datetime, timedelta
from importlib import resources

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Warehouse

DAYS = "select week, cohort, line_days from line_days order by cohort, week"


def branch(warehouse: Warehouse, through: str = "2026-03-30") -> None:
    """A repository of the team core whose history was read up to then. 2026-03-02 is a Monday."""
    warehouse.repo()
    warehouse.con.execute("update source_states set data_through = ?", [through])
    warehouse.people("core", "ann", "bob", "cee", "dan", "eve")


def test_lines_that_land_on_wednesday_noon_stand_four_and_a_half_days_of_that_week(warehouse: Warehouse) -> None:
    branch(warehouse)
    warehouse.change("a", "2026-03-04 12:00", evidence="ai")
    warehouse.change("b", "2026-03-17 06:00", added=0)
    run = warehouse.born("a", 10)
    warehouse.died(run, 4, "b")

    warehouse.derive()

    assert warehouse.rows(DAYS) == [
        (date(2026, 3, 2), "ai", 10 * 4.5),
        (date(2026, 3, 9), "ai", 10 * 7),
        # Four lines saw Monday and six hours of Tuesday.
        (date(2026, 3, 16), "ai", 6 * 7 + 4 * 1.25),
        (date(2026, 3, 23), "ai", 6 * 7),
    ]


def test_what_has_died_leaves_nothing_behind_and_an_unfinished_week_is_not_there(warehouse: Warehouse) -> None:
    branch(warehouse, "2026-03-29 23:00")
    warehouse.change("a", "2026-03-03 00:00:01", evidence="human")
    warehouse.change("b", "2026-03-03 00:00:04", added=0)
    warehouse.change("c", "2026-03-17")
    warehouse.died(warehouse.born("a", 10), 10, "b")
    warehouse.born("c", 1)

    warehouse.derive()

    assert warehouse.rows(DAYS) == [
        (date(2026, 3, 2), "human", 30 / 86400),
        (date(2026, 3, 16), "unknown", 6),
    ]


def test_only_code_of_source_and_tests_counts_by_the_change_that_landed_it_and_bulk_commits_stay_out(
    warehouse: Warehouse,
) -> None:
    branch(warehouse, "2026-03-09")
    warehouse.change("a", "2026-03-02", evidence="ai")
    warehouse.change("b", "2026-03-02", "bob")
    warehouse.commit("b1", landed="b", evidence="ai")
    warehouse.change("c", "2026-03-02", kind="bulk")
    warehouse.born("a", 1, role="test")
    warehouse.born("a", 2)
    for odd in ({"role": "docs"}, {"role": "generated"}, {"line_kind": "comment"}, {"operation": "found"}):
        warehouse.born("a", 100, **odd)
    warehouse.born("a", 4, operation="restored")
    warehouse.born("b", 8)
    warehouse.born("b", 16, by="b1")
    warehouse.born("c", 100)
    warehouse.change("d", "2026-03-02")
    warehouse.born("d", 32)

    warehouse.derive()

    # All that b landed: an incident that is laid to it is AI's, whichever of its lines broke.
    assert warehouse.rows(DAYS) == [
        (date(2026, 3, 2), "ai", (1 + 2 + 4 + 8 + 16) * 7),
        (date(2026, 3, 2), "unknown", 32 * 7),
    ]


def test_each_team_and_repository_has_its_own(warehouse: Warehouse) -> None:
    branch(warehouse, "2026-03-09")
    warehouse.repo("web", "/src/acme/web")
    warehouse.con.execute("update source_states set data_through = '2026-03-16' where scope = 'web'")
    warehouse.people("ui", "fay", "gus", "hal", "ivy", "joy")
    warehouse.change("a", "2026-03-02")
    warehouse.change("b", "2026-03-02", "fay")
    warehouse.change("c", "2026-03-02", "fay", repo="web")
    for letter, repo in (("a", "shop"), ("b", "shop"), ("c", "web")):
        warehouse.born(letter, 1, repo=repo)

    warehouse.derive()

    found = warehouse.rows("select repo, team, week, line_days from line_days order by all")
    assert found == [
        ("shop", "core", date(2026, 3, 2), 7), ("shop", "ui", date(2026, 3, 2), 7),
        ("web", "ui", date(2026, 3, 2), 7), ("web", "ui", date(2026, 3, 9), 7),
    ]  # fmt: skip


LIFE = st.tuples(st.integers(0, 3000), st.none() | st.integers(0, 3000), st.integers(1, 50))  # hour, hours lived, lines
STATEMENTS = (resources.files("ingest") / "schema" / "derived" / "55_line_days.slices.sql").read_text("utf-8")


@settings(deadline=None)
@given(lives=st.lists(LIFE, max_size=6))
def test_they_are_what_counting_hour_by_hour_finds(lives: list[tuple[int, int | None, int]]) -> None:
    monday, weeks = datetime(2026, 3, 2), 10  # noqa: DTZ001
    with duckdb.connect() as con:
        con.execute("create table source_states as select 'git' as source, 'shop' as scope, ?::timestamp as data_through",
                    [monday + timedelta(weeks=weeks)])  # fmt: skip
        con.execute("""
            create table landed_changes (landed_sha integer, landed_at timestamp, repo varchar default 'shop',
                team varchar default 'core', cohort varchar default 'ai', is_bulk boolean default false);
            create table line_fates (landed_sha integer, died_at timestamp, lines bigint, repo varchar default 'shop',
                cohort varchar default 'human', role varchar default 'test', line_kind varchar default 'code',
                operation varchar default 'added');
            create table line_days (week date, repo varchar, team varchar, cohort varchar, line_days double);
            set variable changed_repo = 'shop';
        """)
        for number, (born, lived, lines) in enumerate(lives):
            ends = None if lived is None else monday + timedelta(hours=born + lived)
            at = monday + timedelta(hours=born)
            con.execute("insert into landed_changes (landed_sha, landed_at) values (?, ?)", [number, at])
            con.execute("insert into line_fates (landed_sha, died_at, lines) values (?, ?, ?)", [number, ends, lines])
        con.execute(STATEMENTS)
        found = dict(con.execute("select week, line_days from line_days").fetchall())

    for number in range(weeks):
        hours = range(number * 168, number * 168 + 168)
        stood = sum(
            lines
            for born, lived, lines in lives
            for hour in hours
            if born <= hour and (lived is None or hour < born + lived)
        )
        assert found.pop((monday + timedelta(weeks=number)).date(), 0) == pytest.approx(stood / 24)
    assert found == {}
