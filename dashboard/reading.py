"""Reading the published generation from pages: one read-only connection a generation, a cursor a call, answers cached."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from dashboard import covered, lifetimes, published, sides, summary
from dashboard.answers import rows
from dashboard.bands import Band
from dashboard.facts import Facts
from dashboard.sides import Sides
from dashboard.summary import Headline, View
from metrics import measure
from metrics.comparison import Comparison
from metrics.measure import Selection, Window
from metrics.metric import Metric
from metrics.registry import BY_KEY


# No on_release: evicting a generation under a running cursor would raise in another reader's page.
@st.cache_resource(max_entries=2, show_spinner=False)
def _open(name: str) -> duckdb.DuckDBPyConnection:
    return published.connect(Path(name))


@st.cache_resource(max_entries=2, show_spinner=False)
def _facts(name: str) -> Facts:
    return Facts(_open(name).cursor())


# As a resource: a copy of all cells for every reader at every step would cost more than the sums made from them.
@st.cache_resource(max_entries=512, show_spinner=False)
def _headline(
    name: str, key: str, repos: tuple[str, ...], teams: tuple[str, ...], weeks: int, until: date | None
) -> tuple[Headline, str]:
    with _open(name).cursor() as cursor:
        shown = summary.headline(_facts(name), BY_KEY[key], View(Selection(repos, teams), weeks, until))
        return shown, covered.sentence(cursor, shown)


@st.cache_resource(max_entries=512, show_spinner=False)
def _comparison(
    name: str, key: str, repos: tuple[str, ...], teams: tuple[str, ...], weeks: int, until: date | None
) -> Comparison | None:
    return summary.comparison(_facts(name), _headline(name, key, repos, teams, weeks, until)[0])


@st.cache_resource(max_entries=128, show_spinner=False)
def _sides(
    name: str, repos: tuple[str, ...], teams: tuple[str, ...], weeks: int, until: date | None
) -> tuple[Sides, int, int]:
    with _open(name).cursor() as cursor:
        both = sides.sides(_facts(name), View(Selection(repos, teams), weeks, until))
        return both, *covered.landed(cursor, both.quality if both.quality.window else both.adoption)


# Made from years of landings, however many weeks a reader looks at.
@st.cache_data(max_entries=64, show_spinner=False)
def _lifetimes(name: str, repos: tuple[str, ...], teams: tuple[str, ...], until: date | None) -> lifetimes.Curves:
    with _open(name).cursor() as cursor:
        return lifetimes.curves(cursor, View(Selection(repos, teams), until=until))


@st.cache_data(max_entries=64, show_spinner=False)
def _units(name: str, key: str, window: Window, selection: Selection) -> pd.DataFrame:
    with _open(name).cursor() as cursor:
        return measure.units(cursor, BY_KEY[key], window, selection)


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

    def bands(self, adoption: Metric, quality: Metric) -> list[Band]:
        """The episodes of a pair, as its chart marks them."""
        return sides.bands(_facts(self.name), self.view, adoption, quality)

    def comparison(self, key: str) -> Comparison | None:
        """AI-marked against the rest; None where there is nothing to compare."""
        return _comparison(self.name, key, *self._key)

    def lifetimes(self) -> lifetimes.Curves:
        """How long lines live, by cohort."""
        return _lifetimes(self.name, self.view.selection.repos, self.view.selection.teams, self.view.until)

    def units(self, key: str) -> pd.DataFrame:
        """The units of a metric's window that weigh most."""
        shown, _ = self.headline(key)
        return _units(self.name, key, shown.window, self.view.selection) if shown.window else pd.DataFrame()

    def answer(self, sql: str, **bound: object) -> list[Any]:
        """The rows of one whole statement, with its columns as attributes; null is None."""
        return _answer(self.name, sql, tuple(sorted(bound.items())))

    def target(self, key: str) -> float | None:
        """The value leaders asked for."""
        found = self.answer("select value from targets where metric = $metric", metric=key)
        return float(found[0].value) if found else None

    def horizon(self) -> dict[str, tuple[datetime, datetime]]:
        """How far each source reaches."""
        return _facts(self.name).horizon

    @property
    def _key(self) -> tuple[tuple[str, ...], tuple[str, ...], int, date | None]:
        return self.view.selection.repos, self.view.selection.teams, self.view.weeks, self.view.until
