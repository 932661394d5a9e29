"""The bench's made warehouse, a two-thousandth of it: every metric has something to read there."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from ingest import warehouse as builder
from metrics import measure
from metrics.metric import Metric
from metrics.registry import METRICS
from tests.bench import warehouse


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A generation of 2,500 changes."""
    root: Path = tmp_path_factory.mktemp("made")
    builder.publish(root, lambda con: warehouse.make(con, 0.0005))
    builder.publish(root, warehouse.build)
    generation = builder.current(root)
    assert generation is not None
    with duckdb.connect(str(generation), read_only=True, config=warehouse.READER) as con:
        yield con


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_every_metric_reads_something(metric: Metric, made: duckdb.DuckDBPyConnection) -> None:
    cells = measure.cells(made, metric, warehouse.YEAR)

    assert cells["units"].sum() > 0
    assert cells["d"].sum() > 0


def test_one_repository_that_changed_gives_what_all_of_them_give(
    made: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    builder.publish(tmp_path, lambda con: warehouse.make(con, 0.0005))
    builder.publish(tmp_path, warehouse.build)
    builder.publish(tmp_path, lambda con: warehouse.build(con, ["billing-0"]))
    generation = builder.current(tmp_path)
    assert generation is not None

    with duckdb.connect(str(generation), read_only=True) as con:
        for metric in METRICS:
            again, before = (measure.cells(each, metric, warehouse.YEAR) for each in (con, made))
            # Threads add in any order: the last digit of a sum of fractions is theirs.
            pd.testing.assert_frame_equal(again, before, rtol=1e-12, obj=metric.key)
