"""A made warehouse of fifty million line spans and five million changes: what every metric takes, and a publish.

The raw tables are made by SQL from hashes of numbers, so that they are the same every time; what is built on them is built as any
ingest builds it. SCALE makes a smaller one of the same shape.
"""

import resource
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import duckdb

from ingest import severities
from ingest import warehouse as builder
from ingest.causes import link
from metrics import measure, survival
from metrics.measure import Selection, Window
from metrics.metric import Metric
from metrics.registry import METRICS
from tests.bench.table import Options, Row, Table

REPOSITORIES, CHANGES, PEOPLE = 500, 5_000_000, 3_000
WEEKS, UNTIL = 208, datetime(2026, 11, 16)  # noqa: DTZ001 - UTC without a zone, as in the warehouse
TOGETHER = 20  # repositories that are made at once
YEAR = Window(date(2025, 6, 2), date(2026, 6, 1))  # settled for every metric
READER: dict[str, str | bool | int | float | list[str]] = {"threads": 2, "memory_limit": "4GB"}


def make(con: duckdb.DuckDBPyConnection, scale: float) -> None:
    """Fill the raw tables of an empty warehouse."""
    repos, changes, people = (max(3, round(number * scale)) for number in (REPOSITORIES, CHANGES, PEOPLE))
    told = {"repos": repos, "changes": changes, "people": max(people, 60), "weeks": WEEKS, "until": UNTIL}
    for name, value in {**told, "since": UNTIL - timedelta(weeks=WEEKS)}.items():
        con.execute(f"set variable {name} = ?", [value])
    con.execute(_statements("rules"))
    for first in range(0, repos, TOGETHER):
        con.execute("set variable first = ?", [first])
        con.execute("set variable last = ?", [min(first + TOGETHER, repos) - 1])
        con.execute(_statements("history"))
    con.execute(_statements("events"))
    builder.load(con, "severity_weights", severities.weights({}))


def build(con: duckdb.DuckDBPyConnection, repos: list[str] | None = None) -> None:
    """Link and derive, for all repositories or for these."""
    link.link(con)
    every = [repo for (repo,) in con.execute("select repo from repos order by repo").fetchall()]
    builder.derive(con, every if repos is None else repos)


def _statements(part: str) -> str:
    return Path(__file__).with_name(f"made_{part}.sql").read_text("utf-8")


def rows(options: Options) -> Iterator[Row]:
    """How long it takes to make, to publish all and one, and to read each metric."""
    with TemporaryDirectory(prefix="twinledger-bench-") as name:
        root = Path(name)
        yield _timed("made", lambda: builder.publish(root, lambda con: make(con, options.scale)))
        yield _timed("published, all repositories changed", lambda: builder.publish(root, build))
        yield _timed(
            "published, one repository changed", lambda: builder.publish(root, lambda con: build(con, [_one(con)]))
        )
        yield _timed("published, nothing changed", lambda: builder.publish(root, lambda _: None))
        generation = builder.current(root)
        assert generation is not None
        with duckdb.connect(str(generation), read_only=True, config=READER) as con:
            yield _counted(con)
            began = perf_counter()
            for metric in METRICS:
                yield _metric(con, metric)
            yield _timed("survival curves", lambda: survival.lives(con, YEAR, Selection()))
            yield "all metrics", f"{perf_counter() - began:.1f}", "", "", _peak()


def _one(con: duckdb.DuckDBPyConnection) -> str:
    """A repository of middling size."""
    found = con.execute(
        "select repo from repos order by repo limit 1 offset (select count(*) // 2 from repos)"
    ).fetchall()
    return str(found[0][0])


def _counted(con: duckdb.DuckDBPyConnection) -> Row:
    spans, changes = con.execute(
        "select (select count(*) from line_births), (select count(*) from mainline)"
    ).fetchall()[0]
    return f"{spans:,} line spans, {changes:,} changes", "", "", "", ""


def _metric(con: duckdb.DuckDBPyConnection, metric: Metric) -> Row:
    began, worked = perf_counter(), process_time()
    cells = measure.cells(con, metric, YEAR)
    return (
        metric.key,
        f"{perf_counter() - began:.2f}",
        f"{process_time() - worked:.2f}",
        f"{cells['units'].sum():,.0f}",
        _peak(),
    )


def _timed(what: str, work: Callable[[], object]) -> Row:
    began, worked = perf_counter(), process_time()
    work()
    return what, f"{perf_counter() - began:.2f}", f"{process_time() - worked:.2f}", "", _peak()


def _peak() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f}"


TABLE = Table(
    key="warehouse",
    about="A made warehouse: what a publish takes, and each metric over twelve months, by two threads in 4 GB. Peaks in MiB are "
    "those of the whole process so far, the building included.",
    columns=("what", "seconds", "of the processor", "units", "peak"),
    rows=rows,
)
