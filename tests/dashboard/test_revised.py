"""A value that is another one than it was when its weeks settled is told with both, wherever it is told."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from dashboard import parts, printed, summary, wording
from dashboard.facts import Facts
from dashboard.report import weekly
from dashboard.summary import View
from dashboard.theme import LIGHT
from metrics import values
from metrics.measure import Selection
from metrics.quality.revert_rate import REVERT_RATE
from metrics.registry import METRICS
from tests.dashboard.conftest import Site

WEEK = date(2026, 11, 9)


@pytest.fixture(scope="module")
def late(shop: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """A copy of the sample's generation, and in it the news that half of all reverts were none; what was told before."""
    file = tmp_path_factory.mktemp("late") / "generation.duckdb"
    shutil.copyfile(shop.generation, file)
    with duckdb.connect(str(file)) as con:
        before = summary.headline(Facts(con), REVERT_RATE, View(until=WEEK))
        assert before.revised == ""
        con.execute("delete from reverted_changes where landed_sha < '8'")
        assert values.settle(con, METRICS, has_news=True).revised > 0
        assert before.movement is not None
        assert before.movement.estimate is not None
        yield con, wording.value(REVERT_RATE, before.movement.estimate.value)


def test_both_values_stand_wherever_the_number_does(
    late: tuple[duckdb.DuckDBPyConnection, str], tmp_path: Path
) -> None:
    con, was = late
    view, today = View(until=WEEK), datetime.now(UTC).date()
    shown = summary.headline(Facts(con), REVERT_RATE, view)
    assert shown.movement is not None
    assert shown.movement.estimate is not None
    now = wording.value(REVERT_RATE, shown.movement.estimate.value)
    said = f"revised: {now} was {was} (late input, "

    assert now != was
    assert shown.revised.startswith(said)
    assert abs((date.fromisoformat(shown.revised.removeprefix(said).rstrip(")")) - today).days) <= 1
    assert shown.revised in parts.tile(shown, "", LIGHT)["note"]
    assert shown.revised in printed.metrics(con, view, ["revert_rate"], None, "text")
    [told, *_] = json.loads(printed.metrics(con, view, ["revert_rate"], None, "json"))
    assert told["revised"]["was"] != told["value"]
    assert [reason["reason"] for reason in told["revised"]["reasons"]] == ["late input"]
    assert shown.revised in printed.metrics(con, view, ["revert_rate"], None, "csv")
    for file in weekly.write(con, tmp_path, WEEK):
        assert shown.revised in file.read_text("utf-8"), file.name


def test_what_reads_the_same_is_not_called_revised(late: tuple[duckdb.DuckDBPyConnection, str]) -> None:
    con, _ = late
    facts = Facts(con)
    for metric in METRICS:
        shown = summary.headline(facts, metric, View(until=WEEK))
        assert bool(shown.revised) == (metric is REVERT_RATE), metric.key


def test_a_selection_is_held_against_what_the_same_selection_was(late: tuple[duckdb.DuckDBPyConnection, str]) -> None:
    con, _ = late
    facts = Facts(con)
    for repo in ("shop-web", "shop-payments", "shop-search"):
        view = View(Selection((repo,)), weeks=26, until=WEEK)
        shown = summary.headline(facts, REVERT_RATE, view)
        kept = con.execute(
            "select sum(n), sum(d) from metric_values where metric = 'revert_rate' and reason = 'settled' and repo = $repo "
            "and week >= $since and week < $until",
            {"repo": repo, "since": shown.window and shown.window.since, "until": shown.window and shown.window.until},
        ).fetchall()[0]
        assert shown.movement is not None
        was = shown.revision.was if shown.revision else shown.movement.estimate
        assert was is not None
        assert was.value == pytest.approx(kept[0] / kept[1])
