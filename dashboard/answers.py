"""Who answers a statement: the cached reading behind pages, or a plain connection behind the report."""

from types import SimpleNamespace
from typing import Any, Protocol

import duckdb

from dashboard.summary import View


class Answers(Protocol):
    """Runs whole statements against one generation, for a reader with a view."""

    @property
    def view(self) -> View:
        """What the reader looks at."""

    def answer(self, sql: str, **bound: object) -> list[Any]:
        """The rows of one whole statement, with its columns as attributes; null is None."""


class Plain:
    """Answers from a connection."""

    def __init__(self, con: duckdb.DuckDBPyConnection, view: View) -> None:
        """A connection to a published generation."""
        self.con = con
        self._view = view

    @property
    def view(self) -> View:
        """What the reader looks at."""
        return self._view

    def answer(self, sql: str, **bound: object) -> list[Any]:
        """The rows of one whole statement."""
        return rows(self.con, sql, bound)


def rows(con: duckdb.DuckDBPyConnection, sql: str, bound: dict[str, object]) -> list[Any]:
    """The rows of one whole statement, with its columns as attributes."""
    found = con.execute(sql, bound)
    names = [column[0] for column in found.description or ()]
    return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in found.fetchall()]
