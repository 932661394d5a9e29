"""Episodes: each time the ledgers drifted apart, stored when the alarm fires, so that it fires once and what was said stays.

`settle` runs where a generation is built and is the one writer of `episodes`; everything else reads. All looks are made anew
from the data as they are, so the first ingest of a long history finds the episodes of its past.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, NamedTuple

import duckdb
import pandas as pd

from metrics import divergence, measure
from metrics.divergence import METHOD, PAIRS, Pair
from metrics.measure import WEEK, Window
from metrics.metric import Metric
from metrics.stats import Estimate
from metrics.trend import WEEKS, Trend
from metrics.values import BEGIN

_LOOKED = """
select adoption_version, quality_version, method, through from looked_pairs
where adoption = $adoption and quality = $quality
"""
_FORGET_LOOKS = "delete from looked_pairs where adoption = $adoption and quality = $quality"
_LOOKS = "insert into looked_pairs values ($adoption, $quality, $used, $broke, $method, $through, $now)"

_STORED = """
select fired_week, first_week, last_week from episodes where adoption = $adoption and quality = $quality order by fired_week
"""
_SAME = """
update episodes set last_week = $last, closed_week = $closed, revised_at = null
where adoption = $adoption and quality = $quality and fired_week = $fired
"""
_NO_LONGER = """
update episodes set revised_at = coalesce(revised_at, $now)
where adoption = $adoption and quality = $quality and fired_week = $fired
"""
_FORGET = "delete from episodes where adoption = $adoption and quality = $quality and fired_week = $fired"
_FIRED = """
insert into episodes values (
    $adoption, $quality, $used, $broke, $method, $first, $fired, $last, $closed, $adoption_trend, $quality_trend,
    $contributors, $now, null
)
"""
_READ = """
select
    adoption, quality, first_week, fired_week, last_week, closed_week, adoption_trend, quality_trend, contributors, revised_at
from episodes order by fired_week, adoption, quality
"""


@dataclass(frozen=True)
class Told:
    """A trend as it was said when the alarm fired."""

    rise: Estimate
    units: float
    n: float
    d: float


@dataclass(frozen=True)
class Episode:
    """One time the ledgers drifted apart; weeks are Mondays, each the last that a look saw."""

    pair: Pair
    first: date
    fired: date
    last: date
    closed: date | None  # None: it goes on
    used: Told
    broke: Told
    contributors: tuple[tuple[str, float], ...]  # repositories, each with its share of the worsening
    revised_at: datetime | None = None  # since when the data would not have fired it

    @property
    def before(self) -> Window:
        """The weeks before those that its first look saw, as early as what landed in them was followed up before these."""
        seen = Window.ending(self.first, WEEKS)
        follow_up = WEEK * -(-max(metric.follow_up_days for metric in self.pair) // WEEK.days)
        return Window(seen.before.since - follow_up, seen.since - follow_up)


class _Looked(NamedTuple):
    """By which versions a pair was looked at, and how far."""

    used: str
    broke: str
    method: str
    through: date


def settle(con: duckdb.DuckDBPyConnection, *, has_news: bool) -> list[Episode]:
    """Look at every pair; store what fired, and return it, what goes on, what is over and what is no longer so."""
    horizon, now = measure.horizons(con), datetime.now(UTC).replace(tzinfo=None)
    [(minimum_group,)] = con.execute("select minimum_group from privacy").fetchall()

    @cache
    def rows(metric: Metric) -> pd.DataFrame:
        settled = measure.last_settled_week(metric, horizon)
        assert settled is not None  # noqa: S101 - asked of what has its sources only
        how = measure.clusters if metric.is_repeated else measure.cells
        return how(con, metric, Window(BEGIN, settled + WEEK))

    fired = []
    for pair in PAIRS:
        through = divergence.last_look(pair, horizon)
        known = [_Looked(*row) for row in con.execute(_LOOKED, _keys(pair)).fetchall()]
        if through is None or any(through < each.through for each in known):
            continue  # a source that was lost takes nothing back
        looked = _Looked(pair.adoption.version, pair.quality.version, METHOD, through)
        if has_news or known != [looked]:
            used, broke = rows(pair.adoption), rows(pair.quality)
            hidden = 0 if known else _hide(con, pair, used, broke, minimum_group)
            new = _keep(con, pair, _found(pair, used, broke, through, minimum_group), looked, now)
            fired += new if hidden == 0 else []
            con.execute(_FORGET_LOOKS, _keys(pair))
            con.execute(_LOOKS, {**_keys(pair), **looked._asdict(), "now": now})
    return fired


def read(con: duckdb.DuckDBPyConnection) -> list[Episode]:
    """Every episode, in the order in which they fired."""
    pairs = {tuple(_keys(pair).values()): pair for pair in PAIRS}  # of others another version of the program told
    return [
        Episode(pairs[a, q], first, fired, last, closed, _told(used), _told(broke), _shares(most), revised_at)
        for a, q, first, fired, last, closed, used, broke, most, revised_at in con.execute(_READ).fetchall()
        if (a, q) in pairs
    ]


def _found(pair: Pair, used: pd.DataFrame, broke: pd.DataFrame, through: date, minimum_group: int) -> list[Episode]:
    """The episodes that the data as they are have."""
    looks = divergence.looks(pair, used, broke, divergence.weeks_to_look(used, broke, through), minimum_group)
    return [
        Episode(
            pair,
            looks[span.first].week,
            looks[span.fired].week,
            looks[span.last].week,
            None if span.closed is None else looks[span.closed].week,
            _of(looks[span.fired].adoption),
            _of(looks[span.fired].quality),
            tuple(divergence.contributors(looks[span.fired], broke)),
        )
        for span in divergence.spans([look.is_diverging if look.is_enough else None for look in looks])
    ]


def _hide(
    con: duckdb.DuckDBPyConnection, pair: Pair, used: pd.DataFrame, broke: pd.DataFrame, minimum_group: int
) -> int:
    """Where larger groups are asked for (`values.settle` forgot the looks): episodes go of which now less may be shown, or more.

    What was said, less what is shown, would give a small group away. Returns how many went; what fires without it, fired before.
    """
    hidden = 0
    for each in read(con):
        if each.pair == pair:
            [now] = divergence.looks(pair, used, broke, [each.fired], minimum_group)
            # More than before is as telling: what came late may make up for who is left out.
            if (now.adoption.cell.units, now.quality.cell.units) != (each.used.units, each.broke.units):
                con.execute(_FORGET, {**_keys(pair), "fired": each.fired})
                hidden += 1
    return hidden


def _keep(
    con: duckdb.DuckDBPyConnection, pair: Pair, found: list[Episode], looked: _Looked, now: datetime
) -> list[Episode]:
    """Lay what is found beside what is stored, each the same as the first that its looks overlap; returns what is new.

    Where late data join two that were stored, the first goes on and the second is no longer so.
    """
    keys, new = _keys(pair), list(found)
    for fired, first, last in con.execute(_STORED, keys).fetchall():
        same = next((each for each in new if each.first <= last and first <= each.last), None)
        if same is None:
            con.execute(_NO_LONGER, {**keys, "fired": fired, "now": now})
        else:
            con.execute(_SAME, {**keys, "fired": fired, "last": same.last, "closed": same.closed})
            new.remove(same)
    for each in new:
        con.execute(_FIRED, {**keys, **_row(each, looked), "now": now})
    return new


def _keys(pair: Pair) -> dict[str, Any]:
    return {"adoption": pair.adoption.key, "quality": pair.quality.key}


def _row(episode: Episode, looked: _Looked) -> dict[str, Any]:
    return {
        "used": looked.used,
        "broke": looked.broke,
        "method": looked.method,
        "first": episode.first,
        "fired": episode.fired,
        "last": episode.last,
        "closed": episode.closed,
        "adoption_trend": _stored(episode.used),
        "quality_trend": _stored(episode.broke),
        "contributors": [{"repo": repo, "share": share} for repo, share in episode.contributors],
    }


def _of(trend: Trend) -> Told:
    assert trend.rise is not None  # noqa: S101 - what fired has both
    return Told(trend.rise, trend.cell.units, trend.cell.n, trend.cell.d)


def _stored(told: Told) -> dict[str, float]:
    rise = told.rise
    return {"rise": rise.value, "low": rise.low, "high": rise.high, "units": told.units, "n": told.n, "d": told.d}


def _told(stored: dict[str, float]) -> Told:
    rise = Estimate(stored["rise"], stored["low"], stored["high"])
    return Told(rise, stored["units"], stored["n"], stored["d"])


def _shares(stored: list[dict[str, Any]]) -> tuple[tuple[str, float], ...]:
    return tuple((each["repo"], each["share"]) for each in stored)
