"""No metric reports a number where its input is missing: each source is taken away in turn.

What needs it says that it is missing; what does not stays as it was, to the last digit. Both follow from the registry,
so a new metric is asked by itself.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import duckdb
import pytest

from ingest import warehouse
from ingest.causes import link
from ingest.sources import SOURCES
from metrics import measure
from metrics.measure import Window
from metrics.metric import Metric
from metrics.registry import BY_KEY, METRICS
from tests.metrics.conftest import Shop

NAMES = [source.name for source in SOURCES]
# Of work_logs each row is of one of two sources: what people log, and the effort that an incident tells of itself.
OF_INCIDENTS = "ends_with(source, ':effort')"
# Sources that a metric can do without, and that all the same say something about what it counts. Its definition says so.
REFINED = {
    (
        "recovery_time",
        "deployments",
    ): "what an incident's deployment shipped tells its cohort, and never how long it took",
    ("fix_inducing_rate", "incidents"): "an incident calls some commits fixes whose message does not",
    ("fix_effort", "incidents"): "the same",
}
Number = dict[str, tuple[float, ...]]
Without = Callable[[str], duckdb.DuckDBPyConnection]


def take_away(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """What a source brought, and that it was ever read; then everything is linked and derived again."""
    tables = next(source.tables for source in SOURCES if source.name == name)
    for table in tables:
        rows = {"incidents": OF_INCIDENTS, "work_logs": f"not {OF_INCIDENTS}"}[name] if table == "work_logs" else "true"
        con.execute(f"delete from {table} where {rows}")
    con.execute("delete from source_states where source = ?", [name])
    link.link(con)
    warehouse.derive(con, [repo for (repo,) in con.execute("select repo from repos").fetchall()])


def headline(con: duckdb.DuckDBPyConnection, metric: Metric) -> list[str] | Number:
    """The sources it misses; else its sums by cohort over the last twelve settled weeks."""
    horizon = measure.horizons(con)
    missing = measure.missing(metric, horizon)
    week = measure.last_settled_week(metric, horizon)
    if missing or week is None:
        return missing
    cells = measure.by(measure.cells(con, metric, Window.ending(week, 12)), "cohort")
    # Thirds add up to another last digit in another order.
    return {cohort: tuple(round(part, 9) for part in vars(cell).values()) for cohort, cell in cells.items()}


@pytest.fixture(scope="module")
def whole(shop: Shop) -> dict[str, Number]:
    """The number of each metric where nothing is missing."""
    found = {metric.key: headline(shop.con, metric) for metric in METRICS}
    assert all(isinstance(each, dict) and each for each in found.values())
    return {key: each for key, each in found.items() if isinstance(each, dict)}


@pytest.fixture(scope="module")
def without(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Without]:
    """The sample organisation's warehouse as it is without a source."""
    opened = []
    generation = warehouse.current(shop.folder / "data" / "warehouse")
    assert generation is not None

    @cache
    def taken(name: str) -> duckdb.DuckDBPyConnection:
        copy = tmp_path_factory.mktemp("without") / "copy.duckdb"
        shutil.copyfile(generation, copy)
        con = duckdb.connect(copy)
        opened.append(con)
        take_away(con, name)
        return con

    yield taken
    for con in opened:
        con.close()


def expected(metric: Metric, name: str, before: Number, after: list[str] | Number) -> bool:
    """Whether a metric says without a source what it should."""
    if name in metric.sources:
        # Where nothing is used there is no target for its use either.
        return isinstance(after, list) and name in after and set(after) <= {name, "targets"}
    if (metric.key, name) in REFINED or (name == "causes" and "incidents" in metric.sources):
        # What was settled by hand corrects what is known without it; nobody need have done so.
        return isinstance(after, dict) and bool(after)
    if metric.unit == "team-week" and name == "people" and isinstance(after, dict):
        # All are one team then, and its weeks are fewer units: the rate is the same, its interval is not.
        return {cohort: cell[1:3] for cohort, cell in after.items()} == {
            cohort: cell[1:3] for cohort, cell in before.items()
        }
    return after == before


# Not a test for each metric as well: each would have the warehouse derived anew wherever it runs.
@pytest.mark.parametrize("name", NAMES)
def test_what_needs_a_source_says_so_and_what_does_not_stays_as_it_was(
    name: str, whole: dict[str, Number], without: Without
) -> None:
    found = {metric: headline(without(name), metric) for metric in METRICS}

    assert {
        metric.key: (whole[metric.key], after)
        for metric, after in found.items()
        if not expected(metric, name, whole[metric.key], after)
    } == {}


def test_recovery_takes_as_long_whoever_deployed(whole: dict[str, Number], without: Without) -> None:
    after = headline(without("deployments"), BY_KEY["recovery_time"])

    assert isinstance(after, dict)
    counted = [[sum(parts) for parts in zip(*cells.values(), strict=True)] for cells in (whole["recovery_time"], after)]
    assert counted[0] == counted[1]


def test_a_source_taken_away_is_as_one_that_was_never_read(
    shop: Shop, whole: dict[str, Number], without: Without, tmp_path: Path
) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(shop.folder, folder, ignore=shutil.ignore_patterns("warehouse", "mirrors", "incidents.jsonl"))
    # By the command, for where Streamlit's own tests ran before, the processes of an ingest would begin with its script.
    command = str(Path(sys.executable).with_name("twinledger"))
    subprocess.run([command, "ingest", "--settings", str(folder / "settings.toml")], check=True)
    generation = warehouse.current(folder / "data" / "warehouse")
    assert generation is not None

    with duckdb.connect(generation, read_only=True) as con:
        never = {metric.key: headline(con, metric) for metric in METRICS}

    assert never == {metric.key: headline(without("incidents"), metric) for metric in METRICS}
    assert sum(each == ["incidents"] for each in never.values()) > 5
    assert sum(each == whole[key] for key, each in never.items()) > 10
