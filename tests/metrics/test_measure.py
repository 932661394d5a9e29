"""Windows, how far values are settled, what a missing source takes away and what it leaves, and selections."""

import shutil
from dataclasses import asdict, replace
from datetime import date, datetime
from math import hypot, sqrt
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from ingest import warehouse as builder
from ingest.causes import link
from metrics import measure
from metrics.adoption.ai_change_share import AI_CHANGE_SHARE
from metrics.adoption.seat_use import SEAT_USE
from metrics.adoption.target_distance import TARGET_DISTANCE
from metrics.adoption.weekly_active import WEEKLY_ACTIVE
from metrics.divergence import Movement
from metrics.measure import Selection, Window
from metrics.metric import Metric
from metrics.quality.change_fail_rate import CHANGE_FAIL_RATE
from metrics.quality.debug_time_ratio import DEBUG_TIME_RATIO
from metrics.quality.duplication import DUPLICATION
from metrics.quality.incident_rate import INCIDENT_RATE
from metrics.quality.recovery_time import RECOVERY_TIME
from metrics.quality.revert_rate import REVERT_RATE
from metrics.registry import BY_KEY, METRICS
from metrics.stats import Cell, Estimate, off_together, wilson
from tests.cells import cell
from tests.conftest import Warehouse, sha
from tests.metrics.conftest import Shop

ALL = Window(date(2025, 5, 19), date(2026, 11, 30))
TEAM = ("ann", "bob", "cee", "dan", "eve")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_window_is_whole_weeks_and_knows_the_one_before() -> None:
    window = Window.ending(date(2026, 11, 9), 12)

    assert window == Window(date(2026, 8, 24), date(2026, 11, 16))
    assert window.weeks == 12
    assert window.before == Window(date(2026, 6, 1), date(2026, 8, 24))
    assert Window.ending(date(2026, 11, 9), 1) == Window(date(2026, 11, 9), date(2026, 11, 16))


@pytest.mark.parametrize(
    ("moment", "monday"),
    [
        (date(2026, 11, 9), date(2026, 11, 9)),
        (at("2026-11-15 23:59:59"), date(2026, 11, 9)),
        (at("2026-11-16 00:00"), date(2026, 11, 16)),
        (date(2027, 1, 1), date(2026, 12, 28)),
    ],
)
def test_a_week_begins_on_monday(moment: date, monday: date) -> None:
    assert measure.monday(moment) == monday


@pytest.mark.parametrize(("metric", "trials"), [(INCIDENT_RATE, 400), (REVERT_RATE, None)])
def test_the_parts_of_what_happened_once_vary_as_the_whole(metric: Metric, trials: int | None) -> None:
    # Of 400 changes, twenty incidents each laid to four.
    rows = """
        select date '2026-06-01' as week, 'shop' as repo, 'ann' as team, 'ai' as cohort, '*' as stratum, place as unit,
            if(place < 80, 0.25, 0) as numerator, 1.0 as denominator
        from range(400) as changes(place) where date '2026-06-01' >= $since and date '2026-06-01' < $until
    """
    with duckdb.connect() as con:
        [whole] = measure.by(measure.cells(con, replace(metric, sql=rows), ALL), "cohort").values()

    assert (whole.n, whole.events, whole.nn) == (20, 80, 20 if trials else 5)
    assert (measure.estimate(metric, whole) == wilson(20, 400)) == bool(trials)


def horizon(**through: str) -> dict[str, tuple[datetime, datetime]]:
    return {source: (at("2026-01-01"), at(text)) for source, text in through.items()}


@pytest.mark.parametrize(
    ("metric", "through", "week"),
    [
        # No follow-up: the last week that the data cover to its end.
        (AI_CHANGE_SHARE, {"git": "2026-11-16 00:00"}, date(2026, 11, 9)),
        (AI_CHANGE_SHARE, {"git": "2026-11-15 23:59"}, date(2026, 11, 2)),
        # Thirty days: the last change of the week of 12 October lands on the 18th.
        (REVERT_RATE, {"git": "2026-11-18 00:00"}, date(2026, 10, 12)),
        (REVERT_RATE, {"git": "2026-11-17 23:59"}, date(2026, 10, 5)),
        # The source that reaches least far decides.
        (INCIDENT_RATE, {"git": "2026-11-18", "incidents": "2026-11-01"}, date(2026, 9, 21)),
        (
            CHANGE_FAIL_RATE,
            {"git": "2026-11-18", "deployments": "2026-11-18", "incidents": "2026-11-08"},
            date(2026, 10, 19),
        ),
        (RECOVERY_TIME, {"incidents": "2026-11-18"}, date(2026, 11, 9)),
        # A roster does not end with its file.
        (SEAT_USE, {"people": "2026-03-01", "seats": "2026-11-18", "usage_days": "2026-11-11"}, date(2026, 11, 2)),
        (WEEKLY_ACTIVE, {"people": "2026-03-01", "usage_days": "2026-11-18"}, date(2026, 11, 9)),
    ],
)
def test_the_last_settled_week(metric: Metric, through: dict[str, str], week: date) -> None:
    assert measure.last_settled_week(metric, horizon(**through)) == week
    assert measure.missing(metric, horizon(**through)) == []


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_without_a_source_no_week_is_settled_and_the_source_is_named(metric: Metric) -> None:
    for gone in metric.sources:
        left = horizon(**{source: "2026-11-18" for source in metric.sources if source != gone})
        assert measure.missing(metric, left) == [gone]
        assert measure.last_settled_week(metric, left) is None
    assert measure.missing(metric, {}) == list(metric.sources)


def test_the_horizon_of_a_source_is_that_of_all_its_repositories(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.repo("web", "/src/acme/web")
    warehouse.con.execute("update source_states set data_from = '2025-03-03' where scope = 'web'")
    warehouse.con.execute("update source_states set data_through = '2026-06-01' where scope = 'web'")
    warehouse.state("seats", data_from="2026-02-02")
    warehouse.con.execute("update source_states set data_from = null where source = 'seats'")  # an empty file
    warehouse.derive()

    assert measure.horizons(warehouse.con) == {"git": (at("2025-03-03"), at("2026-12-01"))}


def test_a_roster_without_first_days_is_a_roster(warehouse: Warehouse) -> None:
    warehouse.repo()
    for source in ("people", "usage_days"):
        warehouse.state(source)
    warehouse.con.execute("update source_states set data_from = null where source = 'people'")
    warehouse.derive()
    assert measure.missing(WEEKLY_ACTIVE, measure.horizons(warehouse.con)) == ["people"]  # as long as nobody is on it

    warehouse.people("core", *TEAM)
    warehouse.change("a", "2026-03-03")
    warehouse.add("usage_days", source="export", day="2026-03-03", person="ann", tool="copilot", is_active=False)
    warehouse.derive()

    assert measure.missing(WEEKLY_ACTIVE, measure.horizons(warehouse.con)) == []
    assert measure.total(measure.cells(warehouse.con, WEEKLY_ACTIVE, ALL)).units == 5


def headline(con: duckdb.DuckDBPyConnection, metric: Metric) -> Cell:
    return measure.total(measure.cells(con, metric, Window(date(2026, 3, 2), date(2026, 9, 28))))


# Every other source is taken away in test_missing_sources.py.
def test_without_a_history_what_needs_it_says_so_and_what_does_not_stays_as_it_was(shop: Shop, tmp_path: Path) -> None:
    generation = builder.current(shop.folder / "data" / "warehouse")
    assert generation is not None
    whole = measure.horizons(shop.con)
    with duckdb.connect(shutil.copy(generation, tmp_path / "without.duckdb")) as con:
        for table in ("repos", "commits", "mainline", "changes", "evidence"):
            con.execute(f"delete from {table}")
        con.execute("delete from source_states where source = 'git'")
        link.link(con)
        builder.derive(con, [])

        left = measure.horizons(con)
        # A scan is of a state of the history.
        assert left.keys() == whole.keys() - {"git", "findings"}
        for metric in METRICS:
            if "git" in metric.sources:
                assert measure.missing(metric, left) == [name for name in metric.sources if name not in left]
                assert measure.last_settled_week(metric, left) is None
            else:
                assert measure.missing(metric, left) == []
                assert measure.last_settled_week(metric, left) == measure.last_settled_week(metric, whole)
                # Threads add in any order: the last digit of a sum of fractions is theirs.
                assert asdict(headline(con, metric)) == pytest.approx(asdict(without_history(metric, shop.con))), (
                    metric.key
                )


def without_history(metric: Metric, con: duckdb.DuckDBPyConnection) -> Cell:
    """What stays of the other metrics: the same units and events."""
    cell = headline(con, metric)
    if metric == RECOVERY_TIME:
        # Of incidents that do not say so themselves it is the linked commit or deployment that tells that a change caused them.
        for (minutes,) in con.execute("""
            select (epoch(resolved_at) - epoch(detected_at)) / 60
            from change_incidents
            where week >= date '2026-03-02' and week < date '2026-09-28'
              and incident not in (select incident from incidents where is_change_caused)
              and incident not in (
                  select original from incident_causes join incident_originals using (incident) where deployment is not null
              )
        """).fetchall():
            cell += Cell(-1, -minutes, -1, -(minutes**2), -1, -minutes, -1)
    return cell


def test_a_repository_that_no_incident_ever_named_is_left_out_not_counted_as_zero(warehouse: Warehouse) -> None:
    for repo in ("shop", "web", "quiet"):
        warehouse.repo(repo, f"/src/acme/{repo}")
        warehouse.change(repo, "2026-03-03", repo=repo)
    warehouse.people("core", *TEAM)
    warehouse.add("services", service="web", repo="web")
    warehouse.state("incidents")
    warehouse.incident("1", "2026-03-04")
    warehouse.derive()

    # shop is in the log, web has a service that would be; about quiet nothing is known.
    assert set(measure.by(measure.cells(warehouse.con, INCIDENT_RATE, ALL), "repo")) == {"shop", "web"}
    assert set(measure.by(measure.cells(warehouse.con, REVERT_RATE, ALL), "repo")) == {"shop", "web", "quiet"}


def test_an_incident_that_names_a_commit_speaks_of_its_repository(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.people("core", *TEAM)
    warehouse.state("incidents")
    warehouse.change("a", "2026-03-03")
    warehouse.change("b", "2026-03-03")
    warehouse.incident("1", "2026-03-04", repo=None, names={"sha": sha("a")})
    warehouse.derive()

    assert measure.total(measure.cells(warehouse.con, INCIDENT_RATE, ALL)) == Cell(2, 1, 2, 1, 2, 1, 1)


def used(warehouse: Warehouse, first: str, through: str) -> None:
    """A team of five with a seat each, all active on every day of four weeks from Monday 2 March on."""
    warehouse.repo()
    warehouse.change("a", "2026-03-03")
    warehouse.people("core", *TEAM)
    for source in ("people", "seats"):
        warehouse.state(source)
    warehouse.state("usage_days", data_from=first, through=through)
    for day in pd.date_range("2026-03-02", "2026-03-29"):
        for person in TEAM:
            warehouse.add("usage_days", source="drop", day=day.date(), person=person, tool="copilot", is_active=True)
            if day.day_of_week == 0:
                warehouse.add("seats", day=day.date(), tool="copilot", person=person)
    warehouse.derive()


@pytest.mark.parametrize("metric", [WEEKLY_ACTIVE, SEAT_USE], ids=lambda metric: metric.key)
@pytest.mark.parametrize(
    ("first", "through", "weeks"),
    [
        ("2026-03-02", "2026-03-30", ["03-02", "03-09", "03-16", "03-23"]),
        ("2026-03-03", "2026-03-30", ["03-09", "03-16", "03-23"]),
        ("2026-03-02", "2026-03-29 23:00", ["03-02", "03-09", "03-16"]),
        ("2026-03-03", "2026-03-20", ["03-09"]),
    ],
)
def test_a_week_that_the_logs_cover_in_part_is_left_out(
    metric: Metric, first: str, through: str, weeks: list[str], warehouse: Warehouse
) -> None:
    used(warehouse, first, through)

    cells = measure.by(measure.cells(warehouse.con, metric, ALL), "week")

    assert [week[5:10] for week in cells] == weeks
    assert {(cell.units, cell.n) for cell in cells.values()} == {(5, 5)}


def test_a_holder_who_does_nothing_and_a_tool_that_says_nothing(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.people("core", *TEAM)
    for source in ("people", "seats", "usage_days"):
        warehouse.state(source)
    for person in TEAM:
        for tool in ("copilot", "mute"):
            warehouse.add("seats", day="2026-03-02", tool=tool, person=person)
    warehouse.add("usage_days", source="drop", day="2026-03-04", person="ann", tool="copilot", is_active=True)
    warehouse.add("usage_days", source="drop", day="2026-03-04", person="bob", tool="copilot", is_active=False)
    warehouse.add("usage_days", source="drop", day="2026-03-04", person="cee", tool="mute", is_active=None)
    warehouse.derive()

    # Nobody knows whether the seats of a mute tool were used: they are not unused.
    assert {
        (row.stratum, row.person, row.n) for row in measure.clusters(warehouse.con, SEAT_USE, ALL).itertuples()
    } == {("copilot", person, person == "ann") for person in TEAM}
    assert measure.total(measure.cells(warehouse.con, WEEKLY_ACTIVE, ALL)).n == 1


def frame(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame([{"repo": repo, "team": team, "units": 1.0} for repo, team in rows])


@pytest.mark.parametrize(
    ("selection", "left"),
    [
        (Selection(), [0, 1, 2, 3]),
        (Selection(repos=("shop",)), [0, 1]),
        (Selection(repos=("shop", "web")), [0, 1, 2]),
        (Selection(teams=("core",)), [0, 2]),
        (Selection(repos=("web",), teams=("core",)), [2]),
        (Selection(repos=("web",), teams=("edge",)), []),
        (Selection(teams=("gone",)), []),
    ],
)
def test_an_event_of_no_known_repository_is_in_no_selection_of_repositories(
    selection: Selection, left: list[int]
) -> None:
    cells = frame(("shop", "core"), ("shop", "edge"), ("web", "core"), ("*", "edge"))

    assert list(selection.of(REVERT_RATE, cells).index) == left


def test_people_work_in_no_one_repository_and_stay_in_every_selection() -> None:
    cells = frame(("*", "core"), ("*", "edge"))
    assert list(Selection(repos=("shop",), teams=("edge",)).of(WEEKLY_ACTIVE, cells).index) == [1]


@pytest.mark.parametrize(
    "selection", [Selection(), Selection(repos=("shop",)), Selection(teams=("core",)), Selection(("web",), ("core",))]
)
def test_quartiles_are_of_the_same_units_as_the_mean(selection: Selection, warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.repo("web", "/src/acme/web")
    warehouse.people("core", *TEAM)
    warehouse.state("incidents")
    for number, repo in enumerate(["shop", "shop", "web", "web", None, "elsewhere"]):
        hour = f"2026-03-03 {10 + number}:00"
        if repo in ("shop", "web"):
            warehouse.change(f"{number}", "2026-03-03", repo=str(repo))
        warehouse.incident(f"{number}", "2026-03-03 09:00", repo=repo, resolved_at=hour, is_change_caused=True,
                           names={"sha": sha(f"{number}")})  # fmt: skip
    warehouse.derive()
    cells = selection.of(RECOVERY_TIME, measure.cells(warehouse.con, RECOVERY_TIME, ALL))

    found = measure.quartiles(selection.of(RECOVERY_TIME, measure.sizes(warehouse.con, RECOVERY_TIME, ALL)))

    total = measure.total(cells)
    assert total.units > 0
    assert found is not None
    # Hours after each other: the median is the mean where the hours are spread evenly.
    rows = warehouse.con.execute(RECOVERY_TIME.sql, {"since": ALL.since, "until": ALL.until}).fetchall()
    units = pd.DataFrame(rows, columns=["week", "repo", "team", "cohort", "stratum", "unit", "n", "d"])
    chosen = selection.of(RECOVERY_TIME, units)
    assert len(chosen) == total.units
    assert found[1] == chosen["n"].median()


def test_within_by_and_total_of_nothing(warehouse: Warehouse) -> None:
    warehouse.derive()
    for metric in METRICS:
        nothing = measure.cells(warehouse.con, metric, ALL)
        assert measure.total(nothing) == Cell()
        assert measure.by(nothing, "team") == {}
        assert measure.within(nothing, ALL).empty
        assert measure.total_of_clusters(measure.clusters(warehouse.con, metric, ALL)) == Cell()
    assert measure.quartiles(measure.sizes(warehouse.con, BY_KEY["recovery_time"], ALL)) is None


def test_within_keeps_the_weeks_of_the_window(shop: Shop) -> None:
    window = Window(date(2026, 3, 2), date(2026, 3, 23))
    cells = measure.cells(shop.con, REVERT_RATE, ALL)

    kept = measure.within(cells, window)

    assert kept.reset_index(drop=True).equals(measure.cells(shop.con, REVERT_RATE, window))
    assert list(measure.by(kept, "week")) == ["2026-03-02 00:00:00", "2026-03-09 00:00:00", "2026-03-16 00:00:00"]


def test_trailing_sums_are_those_of_the_weeks_one_by_one(shop: Shop) -> None:
    cells = measure.cells(shop.con, REVERT_RATE, ALL)
    every = [date(2026, 1, 5) + measure.WEEK * number for number in range(20)]

    for weeks in (1, 4):
        windows = [Window(week - measure.WEEK * (weeks - 1), week + measure.WEEK) for week in every]
        assert measure.trailing(cells, every, weeks) == [measure.total(measure.within(cells, each)) for each in windows]
    assert measure.trailing(cells[:0], every, 4) == [Cell()] * 20


def test_states_are_the_last_of_each_repository_week_by_week(shop: Shop) -> None:
    cells = measure.cells(shop.con, DUPLICATION, ALL)
    every = [date(2025, 3, 3) + measure.WEEK * number for number in range(90)]

    found = measure.states(cells, every)

    assert found == [measure.total(measure.latest(cells, week + measure.WEEK)) for week in every]
    assert found[0] == Cell()
    assert len(set(found)) > 3


def test_units_are_those_that_weigh_most_of_the_selection_and_never_people(shop: Shop) -> None:
    found = measure.units(shop.con, REVERT_RATE, ALL, Selection(("shop-payments",), ("payments",)), most=7)

    assert (set(found["repo"]), set(found["team"]), len(found)) == ({"shop-payments"}, {"payments"}, 7)
    assert found["numerator"].min() == 1
    with pytest.raises(ValueError, match="weekly_active counts people"):
        measure.units(shop.con, WEEKLY_ACTIVE, ALL, Selection())
    with pytest.raises(ValueError, match="debug_time_ratio counts people or their time"):
        measure.units(shop.con, DEBUG_TIME_RATIO, ALL, Selection())


def test_a_week_in_which_no_tool_says_anything_is_a_gap_and_a_silent_tool_takes_its_seats_along(
    warehouse: Warehouse,
) -> None:
    warehouse.repo()
    warehouse.people("core", *TEAM)
    for source in ("people", "usage_days", "seats"):
        warehouse.state(source)
    for day in ("2026-03-03", "2026-03-17"):
        warehouse.add("usage_days", source="export", day=day, person="ann", tool="cursor", is_active=True)
    warehouse.add("usage_days", source="export", day="2026-03-03", person="bob", tool="copilot", is_active=True)
    for day in ("2026-03-02", "2026-03-16"):
        for tool in ("copilot", "cursor"):
            for person in TEAM:
                warehouse.add("seats", day=day, tool=tool, person=person)
    warehouse.derive()

    active = measure.by(measure.cells(warehouse.con, WEEKLY_ACTIVE, ALL), "week")
    seats = measure.clusters(warehouse.con, SEAT_USE, ALL)

    assert {week[:10]: cell.n for week, cell in active.items()} == {"2026-03-02": 2, "2026-03-16": 1}
    assert seats.groupby("stratum")["d"].sum().to_dict() == {"copilot": 5, "cursor": 10}


def states(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    """Cells of snapshots: repository, week, duplicated and all lines."""
    cells = [
        {"week": date.fromisoformat(week), "repo": repo, "team": "*", "cohort": "*", "stratum": "*", "units": 1.0, "n": n, "d": d,
         "nn": n * n, "dd": d * d, "nd": n * d, "events": 1.0} for repo, week, n, d in rows
    ]  # fmt: skip
    return pd.DataFrame(cells)


def test_all_together_never_do_more_than_reach_a_target_though_one_may_do_more_than_their_part() -> None:
    people = cell(*[(1.0, 0.7)] * 3, *[(0.0, 0.7)] * 2, *[(0.7, 0.7)] * 3)

    found = measure.estimate(TARGET_DISTANCE, people)

    assert not people.is_share
    assert found is not None
    assert (found.value, found.high) == (pytest.approx(people.n / people.d), 1)
    assert measure.estimate(RECOVERY_TIME, cell(*[(60.0, 1.0)] * 12, (90.0, 1.0))).high > 1  # type: ignore[union-attr]


def test_a_mean_rank_may_be_off_by_what_all_changes_met_and_more_of_them_do_not_tell() -> None:
    def half(metric: Metric, times: int) -> float:
        found = measure.estimate(metric, cell(*[(0.2, 1.0), (0.5, 1.0), (0.8, 1.0)] * times))
        assert found is not None
        return found.high - found.value

    files, neighbours = BY_KEY["blast_files"], BY_KEY["blast_neighbours"]
    assert half(files, 100_000) == pytest.approx(0, abs=0.002)
    assert half(neighbours, 100_000) == pytest.approx(1.96 * neighbours.common_error, abs=0.001)
    assert half(neighbours, 4) == pytest.approx(hypot(half(files, 4), half(neighbours, 100_000)), rel=0.01)
    assert measure.estimate(neighbours, cell(*[(0.98, 1.0), (1.0, 1.0)] * 100)).high == 1  # type: ignore[union-attr]


def test_two_windows_of_ranks_met_a_past_of_their_own_each() -> None:
    sides = [cell(*[(rank - 0.3, 1.0), (rank, 1.0), (rank + 0.3, 1.0)] * 1000) for rank in (0.55, 0.51)]

    files, neighbours = (Movement(BY_KEY[f"blast_{layer}"], *sides) for layer in ("files", "neighbours"))

    assert files.is_worse
    assert not neighbours.is_worse
    assert neighbours.change == off_together(files.change, sqrt(2) * BY_KEY["blast_neighbours"].common_error)


def test_of_a_state_the_last_of_each_repository_counts_and_it_is_counted_in_full() -> None:
    frame = states(("shop", "2026-09-28", 5, 100), ("shop", "2026-10-26", 20, 100), ("web", "2026-10-26", 10, 200))

    now, then = (
        measure.total(measure.latest(frame, date.fromisoformat(until))) for until in ("2026-11-02", "2026-10-26")
    )

    assert (now.units, now.n, now.d) == (2, 30, 300)
    assert (then.units, then.n, then.d) == (1, 5, 100)
    assert measure.estimate(DUPLICATION, now) == Estimate(0.1, 0.1, 0.1)
    assert measure.estimate(DUPLICATION, Cell()) is None
    assert measure.latest(frame, date(2026, 9, 28)).empty
    assert Selection(("web",), ("core",)).of(DUPLICATION, frame)["n"].tolist() == [10]


def test_a_state_moves_but_is_neither_noise_nor_worse() -> None:
    moved = Movement(DUPLICATION, Cell(1, 30, 300, 900, 90000, 9000, 1), Cell(1, 5, 100, 25, 10000, 500, 1))

    assert moved.change == Estimate(0.05, 0.05, 0.05)
    assert not moved.is_worse
    assert Movement(DUPLICATION, moved.now, Cell()).change is None
