"""Every statement runs alone: in a plain DuckDB on the published file, without twinledger, it gives what the pages sum."""

import json
import subprocess
import sys
from datetime import date

import pytest

from ingest import warehouse
from metrics import measure
from metrics.measure import WEEK, Window
from metrics.registry import METRICS
from tests.metrics.conftest import Shop

PLAIN = """
import json, sys
import duckdb
file, statements = json.load(sys.stdin)
con = duckdb.connect(file, read_only=True)
sums = "select count(*), sum(numerator), sum(denominator) from ({}) where team != 'suppressed'"
found = {key: con.execute(sums.format(sql)).fetchone() for key, sql in statements.items()}
assert {"metrics", "dashboard", "ingest"}.isdisjoint(sys.modules)
json.dump(found, sys.stdout)
"""


def test_every_statement_runs_alone_on_the_published_file_and_gives_the_same(shop: Shop) -> None:
    file, horizon = warehouse.current(shop.folder / "data" / "warehouse"), measure.horizons(shop.con)
    windows, statements = {}, {}
    for metric in METRICS:
        last = measure.last_settled_week(metric, horizon)
        assert last is not None, metric.key
        window = windows[metric.key] = Window(date(2025, 1, 6), last + WEEK)
        literal = metric.sql.replace("$since", f"date '{window.since}'").replace("$until", f"date '{window.until}'")
        statements[metric.key] = literal
    asked = json.dumps([str(file), statements])
    done = subprocess.run([sys.executable, "-I", "-c", PLAIN], input=asked, capture_output=True, text=True, check=True)

    found = json.loads(done.stdout)
    assert set(found) == {metric.key for metric in METRICS}
    for metric in METRICS:
        cell = measure.total(measure.cells(shop.con, metric, windows[metric.key]))
        assert found[metric.key] == pytest.approx([cell.units, cell.n, cell.d]), metric.key
        assert cell.units > 0
