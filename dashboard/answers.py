"""Who answers a statement: the cached reading behind pages, or a plain connection behind the report."""

from typing import Protocol

import duckdb
import pandas as pd

from dashboard.summary import View


class Answers(Protocol):
    """Runs whole statements against one generation, for a reader with a view."""

    @property
    def view(self) -> View:
        """What the reader looks at."""

    def answer(self, sql: str, **bound: object) -> pd.DataFrame:
        """The rows of one whole statement."""


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

    def answer(self, sql: str, **bound: object) -> pd.DataFrame:
        """The rows of one whole statement."""
        return self.con.execute(sql, bound).df()
