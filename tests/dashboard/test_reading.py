"""Many readers of one generation: each gets its own answers, nothing but answers, and never stands in a writer's way."""

import functools
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import streamlit as st

from dashboard import published
from dashboard.answers import Plain
from dashboard.facts import Facts
from dashboard.reading import Reading
from dashboard.summary import View
from ingest import warehouse
from metrics import measure
from metrics.measure import Selection, Window
from metrics.metric import Metric
from metrics.registry import METRICS, QUALITY
from tests.dashboard.conftest import Site


@pytest.fixture(autouse=True)
def _no_old_answers() -> Iterator[None]:
    # Outside a page Streamlit's caches work, and say each time that they do so without one.
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


def test_readers_in_many_threads_get_the_answers_to_their_own_questions(shop: Site) -> None:
    # One connection shared without a cursor a call gave 89 wrong answers and 20 errors in 800.
    reading = Reading(str(shop.generation), View())

    def ask(number: int) -> tuple[int, int, int]:
        [row] = reading.answer(
            "select $number as number, count(*) as rows from range($number), range(20)", number=number
        )
        return number, row.number, row.rows

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(1, 801)))

    assert answers == [(number, number, 20 * number) for number in range(1, 801)]


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "copy (select 1) to '{folder}/out.csv'",
        "attach '{folder}/other.duckdb' as other",
        "set enable_external_access = true",
        "set threads = 64",
        "install httpfs",
        "load httpfs",
        "create table mine (number integer)",
        "delete from commits",
    ],
)
def test_a_reader_can_do_nothing_but_read_this_file(statement: str, shop: Site) -> None:
    before = sorted(shop.warehouse.iterdir())
    with published.connect(shop.generation) as con, pytest.raises(duckdb.Error):
        con.execute(statement.format(folder=shop.warehouse)).fetchall()
    assert sorted(shop.warehouse.iterdir()) == before


def test_an_open_reader_does_not_block_a_publish_and_the_next_run_reads_what_is_new(site: Callable[..., Site]) -> None:
    small = site()
    assert published.generation(small.warehouse) is None
    small.ingest()
    old = Reading(str(small.generation), View())
    assert [row.repo for row in old.answer("select repo from repos")] == ["shop-search"]

    # So many that the one that is open is unlinked meanwhile.
    for name in ("two", "three", "four", "five"):
        warehouse.publish(small.warehouse, lambda con, name=name: con.execute("update repos set repo = ?", [name]))

    new = Reading(str(published.generation(small.warehouse)), View())
    assert [row.repo for row in new.answer("select repo from repos")] == ["five"]
    assert not Path(old.name).exists()
    assert [row.repo for row in old.answer("select repo as repo from repos")] == ["shop-search"]


def test_a_filter_is_answered_from_the_sums_and_asks_no_metric_again(
    shop: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Counter[tuple[str, str]] = Counter()

    def watched(name: str) -> Callable[..., object]:
        real = getattr(measure, name)

        @functools.wraps(real)
        def counted(con: duckdb.DuckDBPyConnection, metric: Metric, window: Window) -> object:
            asked[name, metric.key] += 1
            return real(con, metric, window)

        return counted

    for name in ("cells", "clusters", "sizes", "is_hidden"):
        monkeypatch.setattr(measure, name, watched(name))
    everything = Reading(str(shop.generation), View())
    values = {metric.key: everything.headline(metric.key)[0].movement for metric in METRICS}
    first = asked.copy()

    views = [
        View(weeks=26),
        View(until=date(2026, 6, 1)),
        View(Selection(teams=("payments",))),
        View(Selection(("shop-web", "shop-search"), ("search",)), 52, date(2026, 9, 7)),
    ]
    for view in views:
        reading = Reading(str(shop.generation), view)
        reading.sides()
        moved = {metric.key: reading.headline(metric.key)[0].movement for metric in METRICS}
        assert moved != values

    # Whether the people behind a metric are too few to show is asked once, where a filter first leaves nothing of it.
    assert all(name == "is_hidden" for name, _ in asked - first)
    assert {key for name, key in asked if name == "cells"} == {metric.key for metric in METRICS}
    assert set(asked.values()) == {1}


def test_many_readers_at_once_ask_for_a_metric_once_and_see_the_same(
    shop: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = measure.cells

    @functools.wraps(real)
    def watched(con: duckdb.DuckDBPyConnection, metric: Metric, window: Window) -> pd.DataFrame:
        asked.append(metric.key)
        return real(con, metric, window)

    monkeypatch.setattr(measure, "cells", watched)
    with published.connect(shop.generation) as con, ThreadPoolExecutor(8) as threads:
        facts = Facts(con)
        found = list(threads.map(lambda number: facts.cells(QUALITY[number % 4]), range(64)))

    assert sorted(asked) == sorted(metric.key for metric in QUALITY[:4])
    assert len({id(frame) for frame in found}) == 4


def test_pages_and_the_report_get_the_same_rows(shop: Site) -> None:
    statement = "select repo, history_from from repos where list_contains($repos, repo) order by repo"
    repos = ["shop-search", "shop-web"]
    with published.connect(shop.generation) as con:
        plain = Plain(con, View()).answer(statement, repos=repos)
    cached = Reading(str(shop.generation), View()).answer(statement, repos=repos)

    assert plain == cached
    assert [(row.repo, row.history_from) for row in plain] == [("shop-search", None), ("shop-web", None)]
