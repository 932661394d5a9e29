"""Settled values: what is stored when a week settles, what is stored again, and what that was."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from metrics import measure, values
from metrics.adoption.ai_change_share import AI_CHANGE_SHARE
from metrics.adoption.quota_unlanded import QUOTA_UNLANDED
from metrics.adoption.weekly_active import WEEKLY_ACTIVE
from metrics.measure import Window
from metrics.metric import Metric
from metrics.quality.revert_rate import REVERT_RATE
from metrics.registry import METRICS
from tests.conftest import Warehouse, sha

ONE, TWO, THREE = (date(2026, 11, day) for day in (2, 9, 16))  # Mondays
STORED = "week, repo, cohort, n, d, reason"


@pytest.fixture
def settled(warehouse: Warehouse) -> Warehouse:
    """Two changes in each of two weeks of one repository, one of them AI-marked; read to the end of the second week."""
    warehouse.con.execute("update privacy set minimum_group = 1")
    warehouse.repo()
    warehouse.con.execute("update source_states set data_through = '2026-11-16', config = '{}'")
    for number, day in enumerate(("2026-11-03", "2026-11-04", "2026-11-10", "2026-11-11")):
        warehouse.change(f"a{number}", day, evidence="ai" if number == 1 else "")
    warehouse.con.execute("update repos set head_sha = ?", [sha("a3")])
    warehouse.derive()
    return warehouse


def settle(warehouse: Warehouse, *, metric: Any = AI_CHANGE_SHARE, has_news: bool = True) -> tuple[int, int]:
    return tuple(values.settle(warehouse.con, (metric,), has_news=has_news))  # type: ignore[return-value]


def newest(warehouse: Warehouse, columns: str = STORED) -> list[tuple[object, ...]]:
    """The rows that the last run stored."""
    last = "computed_at = (select max(computed_at) from metric_values)"
    return warehouse.rows(f"select {columns} from metric_values where {last} order by all")


def test_a_week_is_stored_when_it_settles_and_not_again(settled: Warehouse) -> None:
    assert settle(settled) == (2, 0)
    assert newest(settled) == [(ONE, "shop", "*", 1, 2, "settled"), (TWO, "shop", "*", 0, 2, "settled")]
    assert settled.rows("select distinct metric, version, basis.head from metric_values") == [
        ("ai_change_share", "1", sha("a3"))
    ]
    assert settle(settled) == (0, 0)

    settled.change("a4", "2026-11-17")
    settled.con.execute("update source_states set data_through = '2026-11-23'")
    settled.derive()
    assert settle(settled) == (1, 0)
    assert newest(settled) == [(THREE, "shop", "*", 0, 1, "settled")]


def test_late_evidence_is_a_revision_with_its_own_basis(settled: Warehouse) -> None:
    settle(settled)
    before = dict(settled.rows("select week, basis.evidence from metric_values"))
    settled.add("evidence", evidence="late", repo="shop", sha=sha("a3"), scope="commit", source="git", rule="r",
                confidence="declared", detail="", observed_at="2026-12-01", method_version="1", **{"class": "ai"})  # fmt: skip
    settled.derive()

    assert settle(settled) == (1, 1)
    assert newest(settled) == [(TWO, "shop", "*", 1, 2, "late evidence")]
    after = dict(newest(settled, "week, basis.evidence"))
    assert before[ONE] != before[TWO] != after[TWO]


def test_a_rewritten_history_is_told_from_one_that_went_on(settled: Warehouse) -> None:
    settle(settled)
    for table in ("commits", "mainline", "changes"):
        column = "landed_sha" if table == "mainline" else "sha"
        settled.con.execute(f"delete from {table} where {column} = ?", [sha("a3")])
    settled.con.execute("update repos set head_sha = ?", [sha("a2")])
    settled.derive()

    assert settle(settled) == (1, 1)
    assert newest(settled) == [(TWO, "shop", "*", 0, 1, "rewritten history")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("update source_states set config = '{\"method\": \"2\"}' where source = 'git'", "rewritten history"),
        ("insert into attribution_complete values ('shop', '2026-11-01')", "other rules"),
        ("update attribution_declarations set ai_era_starts = '2026-01-01'", "other rules"),
        ("select 1", "late input"),
    ],
)
def test_what_else_changes_a_settled_week_is_said(change: str, reason: str, settled: Warehouse) -> None:
    settle(settled)
    settled.con.execute(change)
    settled.con.execute("update mainline_changes set cohort = 'bot' where landed_sha = ?", [sha("a3")])

    assert settle(settled) == (1, 1)
    assert newest(settled) == [(TWO, "shop", "*", 0, 1, reason)]


def test_another_version_of_a_metric_and_another_statement_are_said(settled: Warehouse) -> None:
    settle(settled)
    other = AI_CHANGE_SHARE.sql.replace("cohort = 'ai'", "cohort != 'ai'")

    assert settle(settled, metric=replace(AI_CHANGE_SHARE, sql=other), has_news=False) == (1, 1)
    assert newest(settled) == [(TWO, "shop", "*", 2, 2, "other rules")]  # one of two is one of two the other way round
    assert settle(settled, metric=replace(AI_CHANGE_SHARE, version="2"), has_news=False) == (1, 1)
    assert newest(settled, "version, week, n, reason") == [("2", TWO, 0, "new version")]


def test_a_repository_that_comes_or_goes_is_said(settled: Warehouse) -> None:
    settle(settled)
    settled.repo("web")
    settled.con.execute("update source_states set data_through = '2026-11-16'")
    settled.change("b0", "2026-11-05", repo="web")
    settled.derive()
    assert settle(settled) == (1, 1)
    assert newest(settled) == [(ONE, "web", "*", 0, 1, "repository added")]

    for table, column in (("repos", "repo"), ("commits", "repo"), ("mainline", "repo"), ("source_states", "scope")):
        settled.con.execute(f"delete from {table} where {column} = 'web'")
    settled.derive()
    assert settle(settled) == (1, 1)
    # What is counted no longer has zeros, and so do its sums.
    assert newest(settled, f"{STORED}, units") == [(ONE, "web", "*", 0, 0, "repository left out", 0)]
    assert settle(settled) == (0, 0)


def test_a_week_that_settled_with_nothing_in_it_has_settled(settled: Warehouse) -> None:
    settled.con.execute("update source_states set data_through = '2026-11-23'")
    settled.derive()
    assert settle(settled) == (2, 0)
    settled.change("a4", "2026-11-17")
    settled.derive()

    assert settle(settled) == (1, 1)
    assert newest(settled) == [(THREE, "shop", "*", 0, 1, "late input")]


def test_a_source_that_is_lost_takes_nothing_back(settled: Warehouse) -> None:
    settle(settled)
    for through in ("2026-11-09", "2026-11-16"):
        settled.con.execute("update source_states set data_through = ?", [through])
        settled.derive()
        assert settle(settled) == (0, 0)


def test_without_news_nothing_is_looked_at(settled: Warehouse) -> None:
    assert settle(settled, has_news=False) == (2, 0)  # a metric that is new is
    settled.con.execute("update mainline_changes set cohort = 'ai'")

    assert settle(settled, has_news=False) == (0, 0)
    assert settle(settled) == (2, 2)


def test_groups_too_small_to_show_are_not_stored_and_go_when_they_become_so(warehouse: Warehouse) -> None:
    warehouse.people("search", *(f"s{n}" for n in range(6)), since="2026-01-01")
    warehouse.people("web", *(f"w{n}" for n in range(9)), since="2026-01-01")
    warehouse.people("ops", "o1", "o2", since="2026-01-01")
    for source in ("people", "usage_days"):
        warehouse.state(source, through="2026-11-16")
    for person in ("s1", "w1", "o1"):
        warehouse.add("usage_days", source="drop", tool="t", day="2026-11-03", person=person, is_active=True)
    warehouse.derive()
    settle(warehouse, metric=WEEKLY_ACTIVE)
    teams = "select distinct team from metric_values order by all"
    assert ("ops",) not in warehouse.rows(teams)
    assert ("web",) in warehouse.rows(teams)

    warehouse.con.execute("update privacy set minimum_group = 10")
    warehouse.derive()
    settle(warehouse, metric=WEEKLY_ACTIVE)
    assert {reason for (reason,) in warehouse.rows("select distinct reason from metric_values")} <= {"settled"}
    assert warehouse.rows(
        "select count(*) from metric_values where team in ('web', 'search', 'ops', 'suppressed')"
    ) == [(0,)]


def offices(warehouse: Warehouse, metric: Metric) -> None:
    """Two teams of six and one of seven, of whom everybody uses a tool and lands a change in each of two weeks, settled."""
    warehouse.repo()
    warehouse.con.execute("update source_states set data_through = '2026-11-23', config = '{}'")
    for source in ("people", "usage_days"):
        warehouse.state(source, data_from="2026-10-26", through="2026-11-23")
    for team, size in (("ops", 6), ("search", 6), ("web", 7)):
        people = [f"{team}{number}" for number in range(size)]
        warehouse.people(team, *people)
        for week, day in enumerate(("2026-11-03", "2026-11-10")):
            for number, person in enumerate(people):
                warehouse.change(f"{'osw'.index(team[0])}{week}{number}", day, person)
                warehouse.add("usage_days", source="drop", tool="t", day=day, person=person, is_active=True)
    warehouse.con.execute("update repos set head_sha = ?", [sha("010")])
    warehouse.derive()
    settle(warehouse, metric=metric)


def of_week(warehouse: Warehouse, metric: Metric, week: date) -> list[tuple[object, ...]]:
    """Of each team: units over all that is stored, and the reasons."""
    return warehouse.con.execute(
        """
        select team, sum(units), min(reason), max(reason) from metric_values
        where metric = ? and week = ? group by all order by all
        """,
        [metric.key, week],
    ).fetchall()


@pytest.mark.parametrize("metric", [WEEKLY_ACTIVE, AI_CHANGE_SHARE], ids=lambda metric: metric.key)
def test_a_late_roster_that_leaves_a_team_too_small_takes_back_what_was_stored_of_that_week(
    metric: Metric, warehouse: Warehouse
) -> None:
    offices(warehouse, metric)
    three = [("ops", 6, "settled", "settled"), ("search", 6, "settled", "settled"), ("web", 7, "settled", "settled")]
    assert of_week(warehouse, metric, ONE) == of_week(warehouse, metric, TWO) == three

    # Two of ops had gone over to web before the second week.
    for person in ("ops0", "ops1"):
        warehouse.con.execute("update people set to_day = '2026-11-08' where person = ?", [person])
        warehouse.people("web", person, since="2026-11-09")
    warehouse.derive()

    assert settle(warehouse, metric=metric)[1] == 0
    assert of_week(warehouse, metric, ONE) == three
    # The next smallest is shown with those that are left; nothing says what either of them was.
    assert of_week(warehouse, metric, TWO) == [
        ("small teams", 10, "settled", "settled"),
        ("web", 9, "settled", "settled"),
    ]
    assert values.revised(warehouse.con, metric, Window(values.BEGIN, THREE)).empty
    assert settle(warehouse, metric=metric) == (0, 0)


def test_where_few_are_left_of_whom_a_metric_speaks_the_week_is_taken_back_though_the_team_is_large(
    warehouse: Warehouse,
) -> None:
    offices(warehouse, QUOTA_UNLANDED)
    assert [team for team, *_ in of_week(warehouse, QUOTA_UNLANDED, ONE)] == ["ops", "search", "web"]

    gone = "delete from {} where {} in (select sha from commits where author in ('ops0', 'ops1'))"
    for table, column in (("changes", "sha"), ("mainline", "landed_sha"), ("commits", "sha")):
        warehouse.con.execute(gone.format(table, column))
    warehouse.derive()
    settle(warehouse, metric=QUOTA_UNLANDED)

    assert of_week(warehouse, QUOTA_UNLANDED, ONE) == [
        ("search", 6, "settled", "settled"), ("web", 7, "settled", "settled"),
    ]  # fmt: skip


def test_a_team_that_has_nothing_to_count_any_more_is_a_revision_as_long_as_it_is_shown(warehouse: Warehouse) -> None:
    offices(warehouse, AI_CHANGE_SHARE)
    warehouse.con.execute("""
        update mainline_changes set cohort = 'bot' where person[:3] = 'ops' and landed_at >= '2026-11-09'
    """)

    settle(warehouse)

    assert of_week(warehouse, AI_CHANGE_SHARE, TWO)[0] == ("ops", 6, "late input", "settled")


def test_what_was_is_what_settled_where_a_cell_was_revised_and_what_is_elsewhere(settled: Warehouse) -> None:
    settle(settled, metric=REVERT_RATE)  # thirty days on: nothing of it has settled
    settle(settled)
    whole = Window(values.BEGIN, THREE)
    as_first = measure.cells(settled.con, AI_CHANGE_SHARE, whole)
    assert values.revised(settled.con, AI_CHANGE_SHARE, whole).empty

    settled.con.execute("update mainline_changes set cohort = 'ai' where landed_sha = ?", [sha("a3")])
    settled.con.execute("update mainline_changes set size_band = 'else' where landed_sha = ?", [sha("a0")])
    settle(settled)
    settled.con.execute("update mainline_changes set cohort = 'bot' where landed_sha = ?", [sha("a3")])
    settle(settled)
    revised = values.revised(settled.con, AI_CHANGE_SHARE, whole)
    cells = measure.cells(settled.con, AI_CHANGE_SHARE, whole)
    was = values.as_settled(cells, revised)

    assert measure.total(cells) != measure.total(as_first)
    order = {"by": measure.SPLITS, "ignore_index": True}
    pd.testing.assert_frame_equal(was.sort_values(**order), as_first.sort_values(**order), check_dtype=False)
    assert set(revised["reason"]) == {"late input"}


def test_every_metric_of_the_sample_is_stored_as_it_is(shop: Any) -> None:
    # The command `twinledger ingest` stored them in the generation that it published.
    horizon = measure.horizons(shop.con)
    for metric in METRICS:
        last = measure.last_settled_week(metric, horizon)
        assert last is not None
        cells = measure.cells(shop.con, metric, Window(values.BEGIN, last + timedelta(days=7)))
        stored = shop.con.execute(
            "select week, repo, team, cohort, stratum, units, n, d, nn, dd, nd, events from metric_values "
            "where metric = $metric and version = $version and reason = 'settled' order by all",
            {"metric": metric.key, "version": metric.version},
        ).df()
        pd.testing.assert_frame_equal(stored, cells, check_dtype=False, obj=metric.key)
