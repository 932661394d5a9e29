import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ingest.persons import Persons
from ingest.settings import Drop, Settings, Sources
from ingest.sources.source import Batch, Source
from tests.conftest import migrated


@pytest.fixture
def persons() -> Persons:
    return Persons(b"a key for tests")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "drop"
    folder.mkdir()
    return Settings(sources=Sources(drop=Drop(folder)), file=Path("settings.toml"))


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Writes a file of the drop folder, at six in the morning of 2026-11-10."""

    def write(name: str, content: str | bytes) -> Path:
        file = tmp_path / "drop" / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        at = datetime(2026, 11, 10, 6, tzinfo=UTC).timestamp()
        os.utime(file, (at, at))
        return file

    return write


@pytest.fixture
def fetch(settings: Settings, persons: Persons) -> Callable[[Source], Batch]:
    """Reads a source from the drop folder."""
    return lambda source: source.fetch(settings, persons)


@pytest.fixture
def said(settings: Settings, persons: Persons) -> Callable[[Source], list[tuple[object, ...]]]:
    """What a source says about its rows: file, line, severity, reason."""
    return lambda source: [reject[:4] for reject in source.fetch(settings, persons).rejects]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with migrated() as con:
        yield con
