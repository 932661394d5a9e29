"""Opens and reads the repositories that a test has made."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.attribution import rules
from ingest.git import history
from ingest.git.mirror import Mirror, open_mirror
from ingest.persons import Persons
from ingest.settings import Organisation, Repository, Settings


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., Mirror]:
    """Opens a repository under the name shop."""

    def open_it(location: Path | str, branch: str | None = None) -> Mirror:
        return open_mirror(Repository("shop", str(location), branch), tmp_path / "mirrors", tmp_path)

    return open_it


@pytest.fixture
def reader(tmp_path: Path) -> history.Reader:
    settings = Settings(Organisation(data=tmp_path / "data"), file=tmp_path / "settings.toml")
    return history.Reader(settings, Persons(b"a key for tests"), rules.load(), lambda commits, _: commits)
