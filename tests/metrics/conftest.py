"""The sample organisation's published generation, read as a page reads it, and what its builder wrote down about it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboard import published
from ingest import warehouse as publisher


@dataclass(frozen=True)
class Shop:
    """The folder of the sample organisation, its generation and the truth about it."""

    folder: Path
    con: duckdb.DuckDBPyConnection
    truth: dict[str, Any]


@pytest.fixture(scope="session")
def shop(sample: Path) -> Iterator[Shop]:
    """The sample organisation. Nobody writes to it."""
    generation = publisher.current(sample / "data" / "warehouse")
    assert generation is not None
    with published.connect(generation) as con:
        yield Shop(sample, con, json.loads((sample / "truth.json").read_text("utf-8")))
