"""The files that a drop folder is started with load as they are."""

import shutil
from pathlib import Path

import pytest

from ingest.persons import Persons
from ingest.settings import Drop, Settings, Sources
from ingest.sources import SOURCES
from ingest.sources.source import Source

EXAMPLES = Path(__file__).parents[3] / "data" / "sample"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_an_example_file_of_every_kind_loads_without_a_doubt(source: Source, tmp_path: Path) -> None:
    for file in EXAMPLES.iterdir():
        shutil.copy(file, tmp_path)
    batch = source.fetch(Settings(sources=Sources(Drop(tmp_path))), Persons(b"key"))
    assert batch.rejects == []
    assert all(batch.rows.values())
