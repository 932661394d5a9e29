"""Reading the published generation from pages: one read-only connection a generation, a cursor a call, answers cached."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import streamlit as st

from dashboard import covered, lifetimes, published, summary
from dashboard.answers import rows
from dashboard.summary import Headline, Sides, View
from metrics import measure
from metrics.measure import Selection
from metrics.registry import BY_KEY


# No on_release: evicting a generation under a running cursor would raise in another reader's page.
@st.cache_resource(max_entries=2, show_spinner=False)
def _open(name: str) -> duckdb.DuckDBPyConnection:
    return published.connect(Path(name))


@st.cache_data(max_entries=512, show_spinner=False)
def _headline(
    name: str, key: str, repos: tuple[str, ...], teams: tuple[str, ...], weeks: int, until: date | None
) -> tuple[Headline, str]:
    with _open(name).cursor() as cursor:
        shown = summary.headline(cursor, BY_KEY[key], View(Selection(repos, teams), weeks, until))
        return shown, covered.sentence(cursor, shown)


@st.cache_data(max_entries=128, show_spinner=False)
def _sides(
    name: str, repos: tuple[str, ...], teams: tuple[str, ...], weeks: int, until: date | None
) -> tuple[Sides, int, int]:
    with _open(name).cursor() as cursor:
        sides = summary.sides(cursor, View(Selection(repos, teams), weeks, until))
        return sides, *covered.landed(cursor, sides.quality if sides.quality.window else sides.adoption)


@st.cache_data(max_entries=64, show_spinner=False)
def _lifetimes(
    name: str, repos: tuple[str, ...], teams: tuple[str, ...], weeks: int, until: date | None
) -> lifetimes.Curves:
    with _open(name).cursor() as cursor:
        return lifetimes.curves(cursor, View(Selection(repos, teams), weeks, until))


@st.cache_data(max_entries=256, show_spinner=False)
def _answer(name: str, sql: str, bound: tuple[tuple[str, object], ...]) -> list[Any]:
    with _open(name).cursor() as cursor:
        return rows(cursor, sql, dict(bound))


class Reading:
    """What pages ask of one generation under one view."""

    def __init__(self, name: str, view: View) -> None:
        """The generation's path and what the reader looks at."""
        self.name = name
        self.view = view

    def headline(self, key: str) -> tuple[Headline, str]:
        """A metric and what it could see."""
        return _headline(self.name, key, *self._key)

    def sides(self) -> tuple[Sides, int, int]:
        """The pair of metrics that says most, and how many changes of its weeks have a record, of how many."""
        return _sides(self.name, *self._key)

    def lifetimes(self) -> lifetimes.Curves:
        """How long lines live, by cohort."""
        return _lifetimes(self.name, *self._key)

    def answer(self, sql: str, **bound: object) -> list[Any]:
        """The rows of one whole statement, with its columns as attributes; null is None."""
        return _answer(self.name, sql, tuple(sorted(bound.items())))

    def target(self, key: str) -> float | None:
        """The value leaders asked for."""
        found = self.answer("select value from targets where metric = $metric", metric=key)
        return float(found[0].value) if found else None

    def horizon(self) -> dict[str, tuple[datetime, datetime]]:
        """How far each source reaches."""
        with _open(self.name).cursor() as cursor:
            return measure.horizons(cursor)

    @property
    def _key(self) -> tuple[tuple[str, ...], tuple[str, ...], int, date | None]:
        return self.view.selection.repos, self.view.selection.teams, self.view.weeks, self.view.until
