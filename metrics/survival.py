"""Survival curves: how long landed lines live, by cohort, with the living taken in as far as they have come.

Not additive, so it is made from unit rows: one for the lines of a change that left together, or that stand. Lines of one
change live and die together; so the band is clustered by change.

Sources: Kaplan and Meier 1958; the variance is the infinitesimal jackknife over clusters (Williams 1995; Greenwood's where
every line is a cluster of its own); the band is on the log-log scale (Kalbfleisch and Prentice), Student's t on the
effective clusters that are still at risk.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import exp, log, sqrt

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtrit

from metrics.measure import Selection, Window
from metrics.stats import CONFIDENCE, Estimate, wilson

AGES = (30, 90, 180, 365)  # days at which curves are compared
MINIMUM_CHANGES = 10  # still at risk: below it, the curve is not drawn on
REACH = 104  # weeks of landings that a curve is made from

Numbers = npt.NDArray[np.float64]

# A line that died on its third day was alive for two of them and counts as dead at three; one that is two and a half days
# old is known to be alive at two.
_LIVES = """
select
    cohort, repo || ' ' || landed_sha as change, died_at is not null as is_dead,
    case when died_at is null then floor(epoch(data_through - landed_at) / 86400)
         else greatest(ceil(epoch(died_at - landed_at) / 86400), 1) end as age,
    sum(lines) as lines
from landed_lines
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown', 'baseline') and not is_bulk and team != 'suppressed'
  and role in ('source', 'test') and line_kind = 'code' and operation not in ('restored', 'found')
  and horizon.source = 'git' and landed_at <= data_through
  and (len($repos) = 0 or list_contains($repos, repo)) and (len($teams) = 0 or list_contains($teams, team))
group by all
order by all
"""


@dataclass(frozen=True)
class Survival:
    """The share of lines alive at an age in days; no estimate where too few changes have come that far."""

    age: float
    estimate: Estimate | None
    at_risk: float  # lines that have come so far
    changes: int  # the changes they belong to


@dataclass(frozen=True)
class Lives:
    """Lines with their ages in days: at death, or so far. One row for lines of a change that are alike."""

    change: npt.NDArray[np.intp] = field(repr=False)
    age: Numbers = field(repr=False)
    is_dead: npt.NDArray[np.bool_] = field(repr=False)
    lines: Numbers = field(repr=False)

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "Lives":
        """From a frame of change, as a number, age, is_dead and lines."""
        age, lines = (frame[name].to_numpy("float64") for name in ("age", "lines"))
        return cls(frame["change"].to_numpy(np.intp), age, frame["is_dead"].to_numpy(bool), lines)

    @classmethod
    def together(cls, parts: Sequence["Lives"]) -> "Lives":
        """The lines of several cohorts; a change that has some in each is one change still."""
        return cls(
            *(np.concatenate([getattr(part, name) for part in parts]) for name in ("change", "age", "is_dead", "lines"))
        )

    def curve(self, ages: list[float], minimum_changes: int = MINIMUM_CHANGES) -> list[Survival]:
        """The curve at these ages."""
        times, at_risk, dead = self._table()
        hazard = dead / at_risk
        with np.errstate(divide="ignore", invalid="ignore"):
            # Where the last line dies nothing is left to divide by, and nothing to say of the spread.
            each = np.where(at_risk > dead, 1 / (at_risk - dead), 0.0)
        alive = np.cumprod(1 - hazard)
        exposure = np.concatenate([[0.0], np.cumsum(hazard * each)])
        found = []
        for age in ages:
            number = int(np.searchsorted(times, age, "right"))
            share = float(alive[number - 1]) if number else 1.0
            error = self._log_error(age, times, each, exposure)
            found.append(self._survival(age, share, error, minimum_changes))
        return found

    def _table(self) -> tuple[Numbers, Numbers, Numbers]:
        """The ages at which lines died, with how many were at risk then and how many of them died."""
        times = np.unique(self.age[self.is_dead])
        order = np.argsort(self.age)
        before = np.concatenate([[0.0], np.cumsum(self.lines[order])])
        at_risk = before[-1] - before[np.searchsorted(self.age[order], times, "left")]
        place = np.searchsorted(times, self.age[self.is_dead])
        dead = np.bincount(place, self.lines[self.is_dead], len(times)).astype(np.float64)
        return times, np.asarray(at_risk, np.float64), dead

    def _log_error(self, age: float, times: Numbers, each: Numbers, exposure: Numbers) -> float:
        """The standard error of the logarithm of the share alive at an age, from what each change adds to it."""
        until = np.minimum(self.age, age)
        expected = exposure[np.searchsorted(times, until, "right")]
        is_seen = self.is_dead & (self.age <= age)
        died = np.zeros(len(self.age))
        died[is_seen] = each[np.searchsorted(times, self.age[is_seen])]
        influence = np.bincount(self.change, self.lines * (died - expected))
        changes = np.count_nonzero(np.bincount(self.change))  # those of other cohorts have numbers too
        return sqrt(changes / (changes - 1) * float(influence @ influence)) if changes > 1 else np.inf

    def _survival(self, age: float, share: float, error: float, minimum_changes: int) -> Survival:
        is_there = self.age >= age
        by_change = np.bincount(self.change[is_there], self.lines[is_there])
        lines, changes = float(by_change.sum()), int(np.count_nonzero(by_change))
        effective = lines**2 / float(by_change @ by_change) if lines else 0.0
        if changes < minimum_changes or effective < minimum_changes / 2:
            return Survival(age, None, lines, changes)
        return Survival(age, _band(share, error, effective), lines, changes)


def _band(share: float, error: float, effective: float) -> Estimate:
    if share in (0.0, 1.0) or error == 0:  # nothing has spread: as a proportion of the changes that it is worth
        return wilson(share * effective, effective)
    half = float(stdtrit(max(effective - 1, 1), 0.5 + CONFIDENCE / 2)) * error / abs(log(share))
    return Estimate(share, share ** exp(half), share ** exp(-half))


def landed(window: Window) -> Window:
    """The landings that the curves of a window are made from: the years up to its end, for a curve needs old lines."""
    return Window(window.until - timedelta(weeks=REACH), window.until)


def lives(con: duckdb.DuckDBPyConnection, window: Window, selection: Selection) -> dict[str, Lives]:
    """The lines that landed in the window, by cohort."""
    bound = {"since": window.since, "until": window.until}
    chosen = {"repos": list(selection.repos), "teams": list(selection.teams)}
    frame = con.execute(_LIVES, bound | chosen).df()
    frame["change"] = pd.factorize(frame["change"])[0]
    return {str(cohort): Lives.of(rows) for cohort, rows in frame.groupby("cohort")}
