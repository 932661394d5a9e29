"""Episodes: stored when the alarm fires, once; what was said stays, and what the data no longer say is told from it."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from metrics import episodes, measure, values
from metrics.adoption.ai_line_share import AI_LINE_SHARE
from metrics.divergence import Pair
from metrics.episodes import Episode
from metrics.measure import Window
from metrics.quality.churn import CHURN
from metrics.registry import METRICS
from tests import drifting
from tests.conftest import Warehouse

PAIR = Pair(AI_LINE_SHARE, CHURN)
# The tool is taken up from 25 May on.
FIRST, FIRED, LAST, CLOSED = date(2026, 6, 8), date(2026, 7, 13), date(2026, 7, 27), date(2026, 8, 24)
FIRED_AT = (FIRED - drifting.BEGIN).days // 7 + 1  # weeks
FOLLOW_UP = 2  # weeks until churn is settled


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("drifting") / "warehouse.duckdb"
    drifting.drift(file)
    return file


@pytest.fixture
def drift(made: Path, tmp_path: Path) -> Iterator[Warehouse]:
    """The organisation whose ledgers drift apart, at which nobody has looked."""
    with drifting.opened(Path(shutil.copy(made, tmp_path))) as opened:
        yield opened


def settle(drift: Warehouse, *, has_news: bool = True) -> list[Episode]:
    return episodes.settle(drift.con, has_news=has_news)


def weeks(found: list[Episode]) -> list[tuple[date, date, date, date | None]]:
    return [(each.first, each.fired, each.last, each.closed) for each in found]


def test_the_first_look_at_a_long_history_finds_the_episode_of_its_past(drift: Warehouse) -> None:
    new = settle(drift)

    assert weeks(new) == [(FIRST, FIRED, LAST, CLOSED)]
    assert episodes.read(drift.con) == new
    [episode] = new
    assert episode.pair == PAIR
    assert [repo for repo, _ in episode.contributors] == ["loud"]
    assert episode.before == Window(date(2025, 12, 15), date(2026, 3, 9))  # two weeks of follow-up earlier


def test_what_is_stored_are_the_trends_of_the_look_that_fired(drift: Warehouse) -> None:
    [episode] = settle(drift)

    window = Window.ending(FIRED, 12)
    for told, metric in ((episode.used, AI_LINE_SHARE), (episode.broke, CHURN)):
        cells = measure.cells(drift.con, metric, window)
        counted = measure.total(cells[cells["cohort"] == "ai"] if metric is AI_LINE_SHARE else cells)
        assert (told.units, told.n, told.d) == (counted.units, counted.n, counted.d)
        assert 0 < told.rise.low < told.rise.value < told.rise.high


def test_it_fires_once(drift: Warehouse) -> None:
    settle(drift)
    before = drift.rows("select * from episodes")

    assert settle(drift) == []
    assert settle(drift, has_news=False) == []
    assert drift.rows("select * from episodes") == before
    assert len(before) == 1


def test_night_by_night_it_is_the_same_episode_as_at_once(drift: Warehouse) -> None:
    nights = []
    for week in (FIRED_AT - 1, FIRED_AT, FIRED_AT + 2, FIRED_AT + 5, drifting.WEEKS - FOLLOW_UP):
        drifting.through(drift, week + FOLLOW_UP)
        drift.derive()
        nights.append((len(settle(drift)), weeks(episodes.read(drift.con))))

    assert nights == [
        (0, []),
        (1, [(FIRST, FIRED, FIRED, None)]),
        (0, [(FIRST, FIRED, LAST, None)]),
        (0, [(FIRST, FIRED, LAST, None)]),
        (0, [(FIRST, FIRED, LAST, CLOSED)]),
    ]
    by_night = episodes.read(drift.con)
    drift.con.execute("delete from episodes")
    assert settle(drift) == by_night


def test_what_was_said_stays_when_the_data_no_longer_say_it(drift: Warehouse) -> None:
    [said] = settle(drift)
    drift.con.execute("create table put_aside as select * from line_deaths where repo = 'loud'")
    drift.con.execute("delete from line_deaths where repo = 'loud'")
    drifting.rewritten(drift)

    assert settle(drift, has_news=False) == []
    assert episodes.read(drift.con) == [said]  # nobody looked
    assert settle(drift) == []
    [revised] = episodes.read(drift.con)
    assert revised.revised_at is not None
    assert (weeks([revised]), revised.broke, revised.contributors) == (weeks([said]), said.broke, said.contributors)
    settle(drift)
    assert episodes.read(drift.con) == [revised]  # since when it is so stays as well

    drift.con.execute("insert into line_deaths select * from put_aside")
    drifting.rewritten(drift)
    settle(drift)
    assert episodes.read(drift.con) == [said]


def test_late_data_that_move_an_episode_make_no_second_one(drift: Warehouse) -> None:
    said = settle(drift)
    # What died in the first two weeks is known to stand now.
    drift.con.execute("""
        delete from line_deaths where repo = 'loud'
        and landed_sha in (select landed_sha from mainline where landed_at between '2026-05-01' and '2026-06-08')
    """)
    drifting.rewritten(drift)

    assert settle(drift) == []
    [goes_on] = episodes.read(drift.con)
    assert goes_on == replace(said[0], last=goes_on.last, closed=goes_on.closed)
    drift.con.execute("delete from episodes")
    [moved] = settle(drift)
    assert (goes_on.last, goes_on.closed) == (moved.last, moved.closed)
    assert FIRST < moved.first < FIRED < moved.fired


def test_a_source_that_is_lost_takes_nothing_back(drift: Warehouse) -> None:
    said = settle(drift)
    for change in (
        f"update source_states set data_through = '{FIRST}'",
        "delete from source_states where source = 'git'",
    ):
        drift.con.execute(change)
        drift.derive()
        settle(drift)
        assert episodes.read(drift.con) == said


def test_another_version_of_a_metric_is_looked_at_though_there_is_no_news(drift: Warehouse) -> None:
    settle(drift)
    drift.con.execute("delete from episodes")
    assert settle(drift, has_news=False) == []

    drift.con.execute("update looked_pairs set quality_version = 'older'")
    assert weeks(settle(drift, has_news=False)) == [(FIRST, FIRED, LAST, CLOSED)]


@pytest.mark.parametrize(("asked_for", "is_told"), [(6, True), (10, True), (11, False)])
def test_where_larger_groups_are_asked_for_episodes_stay_but_those_of_groups_too_small_to_show(
    asked_for: int,
    is_told: bool,  # noqa: FBT001 - a parameter of the test
    drift: Warehouse,
) -> None:
    values.settle(drift.con, METRICS, has_news=True)
    said = settle(drift)
    drift.con.execute("update privacy set minimum_group = ?", [asked_for])  # of two teams of five
    drift.derive()

    values.settle(drift.con, METRICS, has_news=True)

    assert settle(drift) == []
    assert episodes.read(drift.con) == (said if is_told else [])


def test_an_episode_that_is_hidden_is_told_again_where_smaller_groups_may_be_shown(drift: Warehouse) -> None:
    values.settle(drift.con, METRICS, has_news=True)
    said = settle(drift)
    for asked_for in (11, 5):
        drift.con.execute("update privacy set minimum_group = ?", [asked_for])
        drift.derive()
        values.settle(drift.con, METRICS, has_news=True)
        settle(drift)

    assert episodes.read(drift.con) == said


def test_an_empty_warehouse_has_none(warehouse: Warehouse) -> None:
    warehouse.derive()

    assert episodes.settle(warehouse.con, has_news=True) == []
    assert episodes.read(warehouse.con) == []
    assert warehouse.rows("select * from looked_pairs") == []


def test_the_sample_organisation_was_looked_at_by_the_command_that_read_it(shop: Any) -> None:
    # Every pair has its data there.
    assert shop.con.execute("select count(*) from looked_pairs").fetchall() == [(7,)]
    for episode in episodes.read(shop.con):  # none before the mandate, and none that names who did no harm
        assert episode.first >= date(2026, 7, 20)
        assert "shop-search" not in dict(episode.contributors)
