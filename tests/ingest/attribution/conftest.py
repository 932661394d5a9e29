"""The packaged rules, and commits of which only what matters is written out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from ingest.attribution.rules import Rules, load


@dataclass(frozen=True)
class Commit:
    message: str = "Add retry\n"
    author: tuple[str, str] = ("Dev One", "dev.one@corp.example.com")
    committer: tuple[str, str] | None = None
    sha: str = "c07a6b39f6c6097062de6efa16f9e5d1a9102a95"
    committed_at: datetime = datetime(2026, 11, 3, 9)  # noqa: DTZ001 - UTC without a zone, as in the warehouse

    @property
    def author_name(self) -> str:
        return self.author[0]

    @property
    def author_email(self) -> str:
        return self.author[1]

    @property
    def committer_name(self) -> str:
        return (self.committer or self.author)[0]

    @property
    def committer_email(self) -> str:
        return (self.committer or self.author)[1]


@pytest.fixture(scope="session")
def rules() -> Rules:
    return load()


@pytest.fixture(scope="session")
def commit() -> Callable[..., Any]:
    return Commit
