"""What holds for every metric: its columns, its parameters, one row a unit, sums that add up, and nothing too small."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pandas as pd
import pytest

from metrics import measure
from metrics.measure import Selection, Window
from metrics.metric import COLUMNS, Metric
from metrics.registry import ADOPTION, BY_KEY, METRICS, QUALITY
from tests.conftest import Warehouse, empty_warehouse, sha
from tests.metrics.conftest import Shop

every_metric = pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
ALL = Window(date(2025, 5, 19), date(2026, 11, 30))


def bound(window: Window) -> dict[str, date]:
    return {"since": window.since, "until": window.until}


def test_keys_are_unique_and_every_metric_is_in_its_ledger() -> None:
    assert len(BY_KEY) == len(METRICS) == len(ADOPTION) + len(QUALITY)
    assert {metric.ledger for metric in ADOPTION} == {"adoption"}
    assert {metric.ledger for metric in QUALITY} == {"quality"}


@every_metric
def test_an_adoption_metric_names_the_quality_it_is_never_far_from(metric: Metric) -> None:
    if metric.ledger == "adoption":
        assert metric.paired_quality in {quality.key for quality in QUALITY}
    else:
        assert metric.paired_quality is None


@every_metric
def test_a_definition_is_a_sentence_or_two(metric: Metric) -> None:
    for text in (metric.definition, metric.settlement):
        assert re.fullmatch(r"[A-Z][^.]*(\.\d[^.]*)*\.( [A-Z][^.]*\.){0,3}", text), text
    assert len(re.findall(r"[.]( |$)", metric.definition)) <= 2
    assert not metric.phrase[0].isupper()


def word_runs(text: str) -> set[tuple[str, ...]]:
    """Every five words that follow each other."""
    words = re.findall(r"[\w']+", text.lower())
    return set(zip(*(words[start:] for start in range(5)), strict=False))


@every_metric
def test_its_known_limits_are_one_to_three_sentences_and_nothing_that_was_said_already(metric: Metric) -> None:
    sentences = re.split(r"(?<=\.) ", metric.limits)

    assert 1 <= len(sentences) <= 3
    for sentence in sentences:
        assert re.fullmatch(r"[A-Z]([^.]|\.(?=\d))+[^.\s]\.", sentence), sentence
    assert len(metric.limits) <= 400
    assert word_runs(metric.limits) & word_runs(f"{metric.definition} {metric.settlement}") == set()


def test_no_two_metrics_mislead_in_the_same_words() -> None:
    assert len({metric.limits for metric in METRICS}) == len(METRICS)


@every_metric
def test_the_sources_it_needs_have_a_name_on_the_pages(metric: Metric) -> None:
    from dashboard.wording import SOURCES  # noqa: PLC0415 - only here do these tests look at the pages

    assert metric.sources
    assert set(metric.sources) <= set(SOURCES)


@pytest.fixture(scope="module")
def nothing() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse without a row."""
    with empty_warehouse() as made:
        made.derive()
        yield made.con


@every_metric
def test_the_statement_returns_the_columns_of_the_contract(metric: Metric, nothing: duckdb.DuckDBPyConnection) -> None:
    described = nothing.execute(f"describe {metric.sql}", bound(ALL)).fetchall()

    assert {name: kind for name, kind, *_ in described} == COLUMNS
    assert [name for name, *_ in described] == list(COLUMNS)
    assert nothing.execute(metric.sql, bound(ALL)).fetchall() == []


@every_metric
def test_the_statement_uses_exactly_since_and_until(metric: Metric, nothing: duckdb.DuckDBPyConnection) -> None:
    for wrong in ({"since": ALL.since}, {"until": ALL.until}, bound(ALL) | {"repo": "shop"}):
        with pytest.raises(duckdb.InvalidInputException):
            nothing.execute(metric.sql, wrong)
    assert set(re.findall(r"\$(\w+)", metric.sql)) == {"since", "until"}


@every_metric
def test_the_statement_is_one_select_that_a_person_may_read(metric: Metric) -> None:
    assert metric.sql.strip().startswith("select")
    assert ";" not in metric.sql
    assert len(metric.sql.strip().splitlines()) <= 30
    assert max(map(len, metric.sql.splitlines())) <= 120


def fewest(metric: Metric, shop: Shop) -> float:
    """The units that the sample has more of: states are rare, and what broke something is as rare as the story has it."""
    if metric.is_state:
        return 40
    if metric.unit in ("incident", "incident-causing change"):
        # The cause of some is never found out, and the last ones have not settled.
        return 0.75 * sum(incident["cause_sha"] is not None for incident in shop.truth["incidents"])
    return 90


@every_metric
def test_a_unit_is_in_one_cell_and_no_number_is_missing_or_negative(metric: Metric, shop: Shop) -> None:
    query = f"""
        with unit_rows as ({metric.sql})
        select count(*), count(distinct (repo, unit, cohort)), count(*) filter (where
            week is null or repo is null or team is null or cohort is null or stratum is null or unit is null
            or numerator is null or denominator is null),
            min(numerator), min(denominator), count(*) filter (where isnan(numerator) or isnan(denominator))
        from unit_rows
    """

    units, distinct, nulls, least, smallest, odd = shop.con.execute(query, bound(ALL)).fetchall()[0]

    assert units == distinct > fewest(metric, shop)
    assert (nulls, odd) == (0, 0)
    assert least >= 0
    assert smallest > 0


@every_metric
def test_weeks_are_mondays_within_the_window_and_cohorts_are_known(metric: Metric, shop: Shop) -> None:
    window = Window(date(2026, 3, 2), date(2026, 6, 29))

    rows = shop.con.execute(metric.sql, bound(window)).fetchall()

    assert {row[0].weekday() for row in rows} == {0}
    assert window.since <= min(row[0] for row in rows) <= max(row[0] for row in rows) < window.until
    # Bots and the time before AI tools enter no rate.
    assert {row[3] for row in rows} <= {"ai", "human", "unknown", "*"}


@every_metric
def test_cells_of_two_halves_of_the_weeks_are_the_cells_of_the_whole(metric: Metric, shop: Shop) -> None:
    # What is waited for half a year has not settled in the later half of the sample.
    middle = date(2026, 2, 2) if metric.follow_up_days >= 180 else date(2026, 8, 3)
    parts = [measure.cells(shop.con, metric, w) for w in (Window(ALL.since, middle), Window(middle, ALL.until))]

    whole = measure.cells(shop.con, metric, ALL)

    assert pd.concat(parts).reset_index(drop=True).equals(whole)
    assert min(map(len, parts)) > 0
    added = measure.total(parts[0]) + measure.total(parts[1])
    assert vars(added) == pytest.approx(vars(measure.total(whole)))


@every_metric
@pytest.mark.parametrize("split", measure.SPLITS)
def test_cells_of_every_split_add_up_to_the_units_themselves(metric: Metric, split: str, shop: Shop) -> None:
    rows = [row for row in shop.con.execute(metric.sql, bound(ALL)).fetchall() if row[2] != "suppressed"]
    cells = measure.by(measure.cells(shop.con, metric, ALL), split).values()

    units, n, d, nn, dd, nd, events = (sum(getattr(cell, name) for cell in cells) for name in measure.SUMS)

    assert (units, events) == (len(rows), sum(row[6] > 0 for row in rows))
    assert (n, d) == pytest.approx((sum(row[6] for row in rows), sum(row[7] for row in rows)))
    squares = [(row[6] ** 2, row[7] ** 2, row[6] * row[7]) for row in rows]
    assert (nn, dd, nd) == pytest.approx(tuple(map(sum, zip(*squares, strict=True))))


@pytest.mark.parametrize("metric", [m for m in METRICS if m.is_repeated], ids=lambda metric: metric.key)
def test_people_who_are_seen_again_and_again_are_one_unit_each(metric: Metric, shop: Shop) -> None:
    window = Window(date(2026, 8, 24), date(2026, 11, 16))
    rows = shop.con.execute(metric.sql, bound(window)).fetchall()
    people: dict[str, float] = defaultdict(float)
    for row in rows:
        if row[2] != "suppressed":
            people[row[5].split()[0]] += row[7]

    total = measure.total_of_clusters(measure.clusters(shop.con, metric, window))

    cells = measure.total(measure.cells(shop.con, metric, window))
    assert (total.units, total.d, total.n) == pytest.approx((len(people), cells.d, cells.n))
    assert total.dd == pytest.approx(sum(d * d for d in people.values()))


@pytest.fixture(scope="module")
def too_small() -> Iterator[duckdb.DuckDBPyConnection]:
    """Three people and all their doings: a unit of every metric, and nobody else to hide among."""
    with empty_warehouse() as warehouse:
        three_people(warehouse)
        yield warehouse.con


def three_people(warehouse: Warehouse) -> None:
    warehouse.repo()
    for source in ("people", "usage_days", "seats", "incidents", "deployments", "work_logs"):
        warehouse.state(source)
    warehouse.people("core", "ann", "bob", "cee")
    warehouse.add("targets", metric="weekly_active", value=0.8)
    warehouse.change("f", "2025-01-06 09:00")  # a year before, so that it is known which files belong together
    warehouse.owned("*", "@acme/core", service="api")
    use = {"source": "drop", "tool": "copilot", "is_active": True, "accepted": 3, "rejected": 1, "cost_usd": 2.5}
    for number, author in enumerate(["ann", "bob", "cee"] * 5):
        at = date(2026, 3, 2) + timedelta(days=number)
        warehouse.change(f"{number:x}", f"{at} 09:00", author, issues=[f"SHOP-{number}"])
        warehouse.add("work_logs", source="drop", started_at=at, minutes=30, activity="debug", issue=f"SHOP-{number}")
        made_for = {"is_unplanned": number > 0, "incident": f"i{number - 1}" if number else None}
        warehouse.deployment(f"d{number}", sha(f"{number:x}"), f"{at} 10:00", **made_for)
        causes = {"sha": sha(f"{number:x}"), "deployment": f"drop:d{number}"}
        told = {"resolved_at": f"{at} 12:00", "severity": "SEV2", "service": "api", "users_affected": 7}
        warehouse.incident(f"i{number}", f"{at} 11:00", names=causes, **told)
        warehouse.depended_on(f"{number:x}", number)
        for weeks in (-1, 0, 2, 4):
            warehouse.add("usage_days", day=at + timedelta(weeks=weeks), person=author, **use)
        warehouse.add("seats", day=at, tool="copilot", person=author)
        warehouse.moved(warehouse.born(f"{number:x}"), 5, f"{number:x}")
        at_work = "security performance correctness maintainability"
        warehouse.scan(f"{number:x}", f"{at} 09:00", {f"f{number}": (number, 0)}, speaks_of=at_work)
    warehouse.scan("e", "2026-09-01", speaks_of=at_work)
    warehouse.con.execute("update source_states set data_from = '2025-01-01'")
    warehouse.derive()


@pytest.mark.parametrize("metric", [m for m in METRICS if not m.is_state], ids=lambda metric: metric.key)
def test_what_a_group_too_small_to_show_did_never_leaves_the_wrapper(
    metric: Metric, too_small: duckdb.DuckDBPyConnection
) -> None:
    teams = {row[2] for row in too_small.execute(metric.sql, bound(ALL)).fetchall()}

    assert teams == {"suppressed"}
    assert measure.cells(too_small, metric, ALL).empty
    assert measure.clusters(too_small, metric, ALL).empty
    assert measure.sizes(too_small, metric, ALL).empty
    assert not metric.lists_units or measure.units(too_small, metric, ALL, Selection()).empty


@pytest.mark.parametrize("metric", [m for m in METRICS if m.is_repeated], ids=lambda metric: metric.key)
def test_no_cell_is_of_fewer_people_than_may_be_shown(metric: Metric, shop: Shop) -> None:
    people = measure.clusters(shop.con, metric, ALL).groupby(["week", "team"])["person"].nunique()
    cells = measure.cells(shop.con, metric, ALL)

    assert people.min() >= 5
    assert set(cells["stratum"]) == {"*"}
    assert len(cells) == len(people)
    stored = shop.con.execute("select distinct stratum from metric_values where metric = ?", [metric.key]).fetchall()
    assert stored == [("*",)]


def test_the_quality_that_leaves_with_the_units_of_an_adoption_metric_lists_its_own() -> None:
    assert all(BY_KEY[metric.paired_quality].lists_units for metric in METRICS if metric.paired_quality)


@pytest.mark.parametrize("key", ["weekly_active", "seat_use"])
def test_one_person_on_no_team_is_no_group_either(key: str, warehouse: Warehouse) -> None:
    warehouse.repo()
    for source in ("people", "usage_days", "seats"):
        warehouse.state(source)
    warehouse.people("core", "ann", "bob", "cee", "dan", "eve", "fay")
    warehouse.people(None, "zoe")
    warehouse.change("a", "2026-03-03", "ann")
    for person in ("ann", "zoe"):
        warehouse.add("usage_days", source="drop", day="2026-03-03", person=person, tool="copilot", is_active=True)
        warehouse.add("seats", day="2026-03-02", tool="copilot", person=person)
    warehouse.derive()

    cells = measure.cells(warehouse.con, BY_KEY[key], ALL)

    assert "unassigned" not in set(cells["team"])
