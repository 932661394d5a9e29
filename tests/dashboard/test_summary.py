"""What is said about a metric once for pages, report and command line: windows, the pair that says most, gaps, JSON."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from math import sqrt
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from dashboard import printed, published
from dashboard.facts import Facts
from dashboard.summary import View, as_json, comparison, headline, headlines, series, table
from ingest import warehouse as builder
from metrics import measure
from metrics.adoption.ai_change_share import AI_CHANGE_SHARE
from metrics.adoption.quota_just_over import QUOTA_JUST_OVER
from metrics.adoption.weekly_active import WEEKLY_ACTIVE
from metrics.measure import WEEK, Selection, Window
from metrics.metric import Metric
from metrics.quality.change_fail_rate import CHANGE_FAIL_RATE
from metrics.quality.churn import CHURN
from metrics.quality.duplication import DUPLICATION
from metrics.quality.incident_rate import INCIDENT_RATE
from metrics.quality.recovery_time import RECOVERY_TIME
from metrics.quality.revert_rate import REVERT_RATE
from metrics.registry import BY_KEY, METRICS
from metrics.stats import Cell, difference, off_together, ratio
from tests.conftest import Warehouse
from tests.quarter import a_quarter

SETTLED = {  # the last week, by the days of follow-up
    # The sample reaches to Monday 16 November at two in the morning; its branches to that midnight.
    0: date(2026, 11, 9),
    7: date(2026, 11, 2),
    14: date(2026, 10, 26),
    28: date(2026, 10, 12),
    30: date(2026, 10, 5),
    90: date(2026, 8, 10),
    180: date(2026, 5, 11),
}


@pytest.fixture(scope="module")
def con(sample: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    generation = builder.current(sample / "data" / "warehouse")
    assert generation is not None
    with published.connect(generation) as opened:
        yield opened


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_a_headline_is_about_the_last_twelve_settled_weeks_and_the_twelve_before(
    metric: Metric, con: duckdb.DuckDBPyConnection
) -> None:
    shown = headline(Facts(con), metric, View())

    assert shown.window == Window.ending(SETTLED[metric.follow_up_days], 12)
    assert shown.missing == ()
    movement = shown.movement
    assert movement is not None
    if not metric.is_state:
        found = difference(movement.now, movement.then, minimum_units=metric.minimum_units)
        common = metric.common_error
        assert movement.change == (off_together(found, sqrt(2) * common) if found and common else found)
    assert movement.now.units > 0
    assert (shown.quartiles is not None) == metric.has_quartiles


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_the_sums_of_the_window_are_those_of_a_query_over_it(metric: Metric, con: duckdb.DuckDBPyConnection) -> None:
    shown = headline(Facts(con), metric, View(weeks=6))
    assert shown.window is not None
    movement = shown.movement
    assert movement is not None

    for window, cell in ((shown.window, movement.now), (shown.window.before, movement.then)):
        found = shown.spoken(measure.cells(con, metric, window))
        asked = measure.total(measure.latest(found, window.until) if metric.is_state else found)
        assert (cell.n, cell.d) == pytest.approx((asked.n, asked.d))
    teams = [one.now for one in shown.teams.values()]
    assert sum(team.n for team in teams) == pytest.approx(movement.now.n)
    # A share of many has a row for every cohort: split so, it is counted as often.
    splits = [split for split in ("team", "repo", "cohort", "stratum") if split != "cohort" or not metric.speaks_of]
    sums = [sum(shown.split(split).values(), Cell()).d for split in splits]
    assert sums == pytest.approx([movement.now.d] * len(sums))


@pytest.mark.parametrize(
    ("view", "last", "until"),
    [
        (View(), None, date(2026, 10, 12)),
        (View(until=date(2026, 8, 3)), None, date(2026, 8, 10)),
        (View(until=date(2026, 11, 9)), None, date(2026, 10, 12)),  # nothing is shown before it is settled
        (View(), date(2026, 9, 7), date(2026, 9, 14)),
        (View(until=date(2026, 8, 3)), date(2026, 9, 7), date(2026, 8, 10)),
    ],
)
def test_a_window_ends_where_the_reader_or_the_data_end(
    view: View, last: date | None, until: date, con: duckdb.DuckDBPyConnection
) -> None:
    assert headline(Facts(con), REVERT_RATE, view, last).window == Window(until - WEEK * 12, until)


def test_a_selection_holds_for_everything_that_is_shown(con: duckdb.DuckDBPyConnection) -> None:
    view = View(Selection(("shop-payments",), ("payments",)))

    for metric in METRICS:
        shown = headline(Facts(con), metric, view)
        team = "*" if metric.is_state else "payments"  # the state of a repository is no one team's
        for frame in (shown.now, shown.then, shown.cells):
            assert set(frame["team"]) <= {team}
            assert set(frame["repo"]) <= {"shop-payments", "*"}
        # Of its people too few decide on suggestions, or cost anything: they stand among the small teams.
        assert list(shown.teams) == ([] if metric.key in ("acceptance", "spend") else [team])


def test_the_comparison_is_of_what_is_marked_and_the_rest_of_the_same_weeks(con: duckdb.DuckDBPyConnection) -> None:
    facts = Facts(con)
    shown = headline(facts, INCIDENT_RATE, View())
    assert shown.movement is not None

    found = comparison(facts, shown)

    assert found is not None
    assert found.ai + found.rest == shown.movement.now
    assert found.ai.units > 100
    assert found.human == Cell()  # nobody declared anything: unmarked is unknown
    assert found.bounds is not None
    assert found.crude is not None
    assert found.bounds.low < found.crude.value < found.bounds.high


def test_the_comparison_follows_the_selection(con: duckdb.DuckDBPyConnection) -> None:
    facts = Facts(con)
    shown = headline(facts, REVERT_RATE, View(Selection(repos=("shop-payments",), teams=("payments",)), weeks=52))
    assert shown.movement is not None

    found = comparison(facts, shown)

    assert found is not None
    assert found.ai + found.rest == shown.movement.now
    assert found.bounds is not None


def test_what_has_no_window_or_no_cohorts_is_not_compared(con: duckdb.DuckDBPyConnection) -> None:
    facts = Facts(con)
    for metric in (DUPLICATION, WEEKLY_ACTIVE, AI_CHANGE_SHARE):
        assert comparison(facts, headline(facts, metric, View())) is None
    shown = headline(facts, CHURN, View())
    assert comparison(facts, replace(shown, window=None)) is None


def test_without_its_sources_a_headline_gives_a_reason_and_no_number(warehouse: Warehouse) -> None:
    a_quarter(warehouse)

    shown = headlines(Facts(warehouse.con), View())

    assert {key: one.missing for key, one in shown.items()} == {
        metric.key: tuple(source for source in metric.sources if source != "git") for metric in METRICS
    }
    assert shown["change_fail_rate"].missing == ("deployments", "incidents")
    assert shown["churn"].missing == ()
    for key, one in shown.items():
        assert (one.movement is None) == (one.window is None) == bool(one.missing)
        assert (series(one) == []) == bool(one.missing)
        # A history of half a year has no old code, nobody took a snapshot, and no file has an owner: too few to say.
        has_none = key in (
            "legacy_care",
            "duplication",
            "blast_areas",
            "blast_services",
            "blast_dependents",
            "blast_neighbours",
        )
        assert bool(one.teams) == (not one.missing and not has_none)


def test_a_series_has_a_gap_where_too_little_was_counted(warehouse: Warehouse) -> None:
    a_quarter(warehouse)
    # Nobody landed anything in the five weeks from 30 March on.
    warehouse.con.execute("delete from mainline_changes where landed_at >= '2026-03-30' and landed_at < '2026-05-04'")

    points = series(headline(Facts(warehouse.con), AI_CHANGE_SHARE, View()))

    assert [point.week for point in points] == [date(2026, 7, 13) - WEEK * back for back in range(25, -1, -1)]
    counted = {point.week: point.cell.units for point in points}
    assert counted[date(2026, 3, 23)] == 20  # four weeks of five changes
    assert counted[date(2026, 4, 13)] == 5
    assert counted[date(2026, 4, 20)] == 0
    gaps = [point.week for point in points if point.estimate is None]
    assert gaps == [date(2026, 4, 13), date(2026, 4, 20), date(2026, 4, 27), date(2026, 5, 4)]
    assert all(point.estimate == ratio(point.cell) for point in points)


def test_people_are_shown_week_by_week_and_changes_four_weeks_together(con: duckdb.DuckDBPyConnection) -> None:
    people, changes = (series(headline(Facts(con), metric, View())) for metric in (WEEKLY_ACTIVE, REVERT_RATE))

    assert people[-1].cell.units == 16
    assert (people[-1].week, len(people)) == (date(2026, 11, 9), 26)
    window = Window.ending(changes[-1].week, 4)
    assert changes[-1].cell == measure.total(measure.cells(con, REVERT_RATE, window))


@pytest.mark.parametrize(("view_weeks", "weeks", "length"), [(12, None, 26), (26, None, 52), (12, 40, 40), (1, 8, 8)])
def test_how_far_a_series_reaches_back(
    view_weeks: int, weeks: int | None, length: int, con: duckdb.DuckDBPyConnection
) -> None:
    assert len(series(headline(Facts(con), REVERT_RATE, View(weeks=view_weeks)), weeks=weeks)) == length


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_json_is_the_headline(metric: Metric, con: duckdb.DuckDBPyConnection) -> None:
    shown = headline(Facts(con), metric, View())
    movement = shown.movement
    assert movement is not None
    assert movement.estimate is not None
    assert movement.before is not None

    answer = json.loads(json.dumps(as_json(shown), allow_nan=False))

    assert answer == as_json(shown)
    assert BY_KEY[answer["metric"]] is metric
    assert (answer["since"], answer["until"]) == (str(shown.window.since), str(shown.window.until))  # type: ignore[union-attr]
    assert (answer["value"], answer["low"], answer["high"]) == tuple(vars(movement.estimate).values())
    assert (answer["units"], answer["numerator"]) == (movement.now.units, movement.now.n)
    assert answer["before"]["value"] == movement.before.value
    assert answer["change"] == vars(movement.change)
    assert answer.get("paired_quality") == metric.paired_quality


def test_json_without_a_source_says_what_is_missing(warehouse: Warehouse) -> None:
    a_quarter(warehouse)

    answer = as_json(headline(Facts(warehouse.con), CHANGE_FAIL_RATE, View()))

    assert answer == {
        "metric": "change_fail_rate", "version": CHANGE_FAIL_RATE.version, "ledger": "quality",
        "title": CHANGE_FAIL_RATE.title, "value": None, "missing": ["deployments", "incidents"],
    }  # fmt: skip


def test_json_of_too_little_has_counts_and_no_value(warehouse: Warehouse) -> None:
    a_quarter(warehouse, "incidents")

    answer = as_json(headline(Facts(warehouse.con), RECOVERY_TIME, View()))

    assert (answer["value"], answer["change"], answer["missing"]) == (None, None, [])
    assert (answer["units"], answer["numerator"]) == (6, 360)
    assert answer["before"]["units"] == 6


@pytest.mark.parametrize("split", ["team", "repo", "cohort", "stratum"])
def test_a_table_has_a_row_for_each_value_and_hides_no_unit(split: str, con: duckdb.DuckDBPyConnection) -> None:
    shown = headline(Facts(con), REVERT_RATE, View())
    assert shown.movement is not None

    rows = table(shown, split)

    assert [row[split] for row in rows] == sorted({row[split] for row in rows})
    assert sum(row["units"] for row in rows) == shown.movement.now.units
    assert sum(row["numerator"] for row in rows) == shown.movement.now.n
    for row in rows:
        assert (row["value"] is None) == (row["units"] < 10)


@pytest.mark.parametrize("split", ["team", "stratum", "repo", "cohort"])
@pytest.mark.parametrize("team", [None, "search", "payments", "small teams"])
@pytest.mark.parametrize("metric", [metric for metric in METRICS if metric.is_repeated], ids=lambda metric: metric.key)
def test_no_split_of_people_shows_a_group_smaller_than_the_minimum(
    metric: Metric, team: str | None, split: str, con: duckdb.DuckDBPyConnection
) -> None:
    shown = headline(Facts(con), metric, View(Selection(teams=(team,) if team else ())))
    assert all(cell.units >= shown.minimum_group for cell in shown.split(split).values())
    assert shown.minimum_group == 5


@pytest.mark.parametrize("weeks", [1, 2, 12])
@pytest.mark.parametrize("metric", [metric for metric in METRICS if metric.is_repeated], ids=lambda metric: metric.key)
def test_a_headline_of_people_is_of_enough_of_them_or_none_however_narrow_the_view(
    metric: Metric, weeks: int, con: duckdb.DuckDBPyConnection
) -> None:
    facts = Facts(con)
    for team in ("payments", "search", "small teams"):
        for until in (date(2026, 9, 28) + WEEK * number for number in range(7)):
            movement = headline(facts, metric, View(Selection(teams=(team,)), weeks, until)).movement
            assert movement is None or all(cell.units == 0 or cell.units >= 5 for cell in (movement.now, movement.then))


def test_a_window_of_too_few_people_has_a_reason_and_no_number(warehouse: Warehouse) -> None:
    a_quarter(warehouse, "people", "usage_days")
    # Whatever a metric lets through: of the first of two weeks two people are left, and of the last three others.
    warehouse.con.execute("delete from quota_weeks where week = '2026-07-06' and person not in ('ann', 'bob')")
    warehouse.con.execute("delete from quota_weeks where week = '2026-07-13' and person in ('ann', 'bob')")
    facts = Facts(warehouse.con)

    alone, both = (headline(facts, QUOTA_JUST_OVER, View(weeks=weeks)) for weeks in (1, 2))

    assert (alone.missing, alone.movement, series(alone)) == (("group",), None, [])
    assert as_json(alone)["missing"] == ["group"]
    assert both.movement is not None
    assert both.movement.now.units == 5
    assert [point.cell.units for point in series(both)[-3:]] == [5, 0, 0]
    before = headline(facts, QUOTA_JUST_OVER, View(weeks=1, until=date(2026, 6, 29)))
    assert before.movement is not None
    assert (before.movement.now.units, before.movement.then.units) == (5, 5)
    warehouse.con.execute("delete from quota_weeks where week = '2026-06-22' and person != 'ann'")
    after = headline(Facts(warehouse.con), QUOTA_JUST_OVER, View(weeks=1, until=date(2026, 6, 29)))
    assert after.movement is not None
    assert (after.movement.now.units, after.movement.then.units) == (5, 0)


def test_what_is_left_over_joins_the_next_smallest_group_or_is_left_out(con: duckdb.DuckDBPyConnection) -> None:
    shown = headline(Facts(con), WEEKLY_ACTIVE, View())

    def people(**groups: int) -> dict[str, float]:
        rows = [(f"{name}{number}", name) for name, count in groups.items() for number in range(count)]
        now = pd.DataFrame(rows, columns=["person", "stratum"]).assign(n=0.0, d=1.0)
        return {name: cell.units for name, cell in replace(shown, now=now).split("stratum").items()}

    assert people(junior=6, mid=5) == {"junior": 6, "mid": 5}
    assert people(junior=2, mid=3, senior=9) == {"small groups": 5, "senior": 9}
    assert people(junior=2, mid=7, senior=9) == {"small groups": 9, "senior": 9}  # 18 less 9 and 7 would tell of two
    assert people(junior=2) == {}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_no_metric_is_printed_without_one_of_the_other_ledger(metric: Metric, con: duckdb.DuckDBPyConnection) -> None:
    rows = json.loads(printed.metrics(con, View(), [metric.key], None, "json"))
    assert rows[0]["metric"] == metric.key
    assert {row["ledger"] for row in rows} == {"adoption", "quality"}
