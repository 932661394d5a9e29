"""What a generation knows of each metric before a reader chooses anything: a statement runs once, for a filter never."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from threading import RLock
from typing import Any, TypeVar

import duckdb
import pandas as pd

from metrics import episodes, measure, values
from metrics.episodes import Episode
from metrics.measure import WEEK, Window
from metrics.metric import Metric
from metrics.values import BEGIN

Kept = TypeVar("Kept")


class Facts:
    """Every metric over all weeks, repositories and teams, read when first asked for.

    Takes a connection that nobody else uses meanwhile. Readers share the frames: nobody changes them.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        """A connection to a generation, which does not change."""
        self._con = con
        # The second reader waits for what the first one reads, and reads nothing.
        self._lock = RLock()
        self._kept: dict[tuple[str, str], Any] = {}

    @cached_property
    def horizon(self) -> dict[str, tuple[datetime, datetime]]:
        """How far each source reaches."""
        with self._lock:
            return measure.horizons(self._con)

    @cached_property
    def minimum_group(self) -> int:
        """The smallest group of people that is shown."""
        with self._lock:
            return int(self._con.execute("select minimum_group from privacy").fetchall()[0][0])

    @cached_property
    def episodes(self) -> list[Episode]:
        """Every time the alarm fired."""
        with self._lock:
            return episodes.read(self._con)

    def rows(self, metric: Metric) -> pd.DataFrame:
        """What its trend is made of: its cells, or the weeks of each person."""
        return self.people(metric) if metric.is_repeated else self.cells(metric)

    def cells(self, metric: Metric) -> pd.DataFrame:
        """The metric's cells."""
        return self._read(measure.cells, metric)

    def people(self, metric: Metric) -> pd.DataFrame:
        """The weeks of each person, where the same people are seen week after week."""
        return self._read(measure.clusters, metric)

    def sizes(self, metric: Metric) -> pd.DataFrame:
        """The units one by one, where their median is told."""
        return self._read(measure.sizes, metric)

    def unknown(self, metric: Metric) -> pd.DataFrame:
        """The units of unknown cohort, where cohorts are compared."""
        return self._read(measure.unknown, metric)

    def revised(self, metric: Metric) -> pd.DataFrame:
        """The metric's cells that were revised since their week settled, as they were then."""
        if metric.key not in self._ever_revised:  # as most: one question for all of them
            return pd.DataFrame(columns=values.REVISED)
        return self._read(values.revised, metric)

    @cached_property
    def _ever_revised(self) -> frozenset[str]:
        with self._lock:
            return values.ever_revised(self._con)

    def is_hidden(self, metric: Metric) -> bool:
        """Whether there are units, and the groups behind all of them are too small to show."""
        return self._read(measure.is_hidden, metric)

    def _read(self, how: Callable[[duckdb.DuckDBPyConnection, Metric, Window], Kept], metric: Metric) -> Kept:
        """What `how` reads of the metric's settled weeks."""
        key = (how.__name__, metric.key)
        with self._lock:
            if key not in self._kept:
                settled = measure.last_settled_week(metric, self.horizon)
                assert settled is not None  # noqa: S101 - asked of what has its sources only
                self._kept[key] = how(self._con, metric, Window(BEGIN, settled + WEEK))
            kept: Kept = self._kept[key]
            return kept
