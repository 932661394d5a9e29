"""Survival curves: how long landed lines live, by cohort, with the living taken in as far as they have come.

Not additive, so it is made from unit rows: one for the lines of a change that left together, or that stand. Lines of one
change live and die together; so the band is clustered by change.

Sources: Kaplan and Meier 1958; the variance is the infinitesimal jackknife over clusters (Williams 1995; Greenwood's where
every line is a cluster of its own); the band is that of a share of as many trials as tell as much (Rothman 1978), as
metrics.stats makes it for shares of lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.measure import Selection, Window
from metrics.stats import Estimate, Lumps, leaning, wilson

AGES = (30, 90, 180, 365)  # days at which curves are compared
MINIMUM_CHANGES = 10  # still at risk: below it, the curve is not drawn on
REACH = 104  # weeks of landings that a curve is made from

Numbers = npt.NDArray[np.float64]

# A change is a number: of its repository, and of its place there. A line that is two and a half days old is known to be alive
# at two.
_LIVES = """
with places as (
    select repo, data_through, row_number() over (order by repo) as place from horizon where source = 'git'
)
select
    cohort, place * 4294967296 + mainline_no as change,
    cast(floor(epoch(data_through - landed_at) / 86400) as integer) as age,
    cast(landed - coalesce(list_sum(dead_lines), 0) as bigint) as alive, dead_ages, dead_lines
from line_sums
join places using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown', 'baseline') and not is_bulk and team != 'suppressed'
  and landed > 0 and landed_at <= data_through
  and (len($repos) = 0 or list_contains($repos, repo)) and (len($teams) = 0 or list_contains($teams, team))
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
        steps = self._steps()
        return [self._survival(age, steps, minimum_changes) for age in ages]

    def _steps(self) -> "Steps":
        """The ages at which lines died, with how many were at risk then and how many of them died."""
        times = np.unique(self.age[self.is_dead])
        order = np.argsort(self.age)
        before = np.concatenate([[0.0], np.cumsum(self.lines[order])])
        at_risk = before[-1] - before[np.searchsorted(self.age[order], times, "left")]
        place = np.searchsorted(times, self.age[self.is_dead])
        dead = np.bincount(place, self.lines[self.is_dead], len(times)).astype(np.float64)
        return Steps(times, np.asarray(at_risk, np.float64), dead)

    def _survival(self, age: float, steps: "Steps", minimum_changes: int) -> Survival:
        is_there = self.age >= age
        there, told = (self._by_change(which) for which in (is_there, is_there | self.is_dead))
        lines, changes = float(there.sum()), int(np.count_nonzero(there))
        # The dead count as well: were they left out, it would hang on what died whether the curve is drawn.
        if changes < minimum_changes or effective(told) < minimum_changes / 2:
            return Survival(age, None, lines, changes)
        share = steps.alive(age)
        # Nothing has spread: as a proportion of the changes that it is worth.
        trials, jumps = self._trials_and_steps(age, steps, effective(there)) or [effective(told)] * 2
        return Survival(age, leaning(wilson(share * trials, trials), trials, jumps), lines, changes)

    def _by_change(self, which: npt.NDArray[np.bool_]) -> Numbers:
        return np.bincount(self.change[which], self.lines[which]).astype(np.float64)

    def _trials_and_steps(self, age: float, steps: "Steps", living: float) -> tuple[float, float] | None:
        """From the variance of the logarithm of the share alive at an age, with changes as clusters; None of none."""
        share = steps.alive(age)
        if not 0 < share < 1:
            return None
        died, expected = self._influences(age, steps)
        changes = np.count_nonzero(np.bincount(self.change, self.lines))  # those of other cohorts have numbers too
        left = float((died - expected) @ (died - expected)) * changes / (changes - 1)
        at_most = (1 - share) / share / effective(expected)
        lumps = Lumps(steps.greenwood(age), at_most, float(np.count_nonzero(expected)), effective(expected))
        variance = lumps.cautious(left, min(effective(died), living))
        trials = (1 - share) / (share * variance)
        return trials, lumps.steps(variance, trials)

    def _influences(self, age: float, steps: "Steps") -> tuple[Numbers, Numbers]:
        """By change, what its dead lines take from the logarithm of the share alive, and what was to be expected of them."""
        expected = steps.exposure[np.searchsorted(steps.times, np.minimum(self.age, age), "right")]
        is_seen = self.is_dead & (self.age <= age)
        died = np.zeros(len(self.age))
        died[is_seen] = steps.each[np.searchsorted(steps.times, self.age[is_seen])]
        by_change = (np.bincount(self.change, self.lines * each) for each in (died, expected))
        first, second = (np.asarray(each, np.float64) for each in by_change)
        return first, second


def effective(sizes: npt.NDArray[Any]) -> float:
    """How many changes of equal size would tell as much (Kish)."""
    return float(sizes.sum()) ** 2 / float(sizes @ sizes) if sizes.any() else 0.0


@dataclass(frozen=True)
class Steps:
    """Ages at which lines died; at each, how many lines had come so far and how many of them died."""

    times: Numbers
    at_risk: Numbers
    dead: Numbers

    @cached_property
    def each(self) -> Numbers:
        """What one dead line takes from the logarithm of the share alive; nothing is left to divide by where the last dies."""
        with np.errstate(divide="ignore"):
            return np.where(self.at_risk > self.dead, 1 / (self.at_risk - self.dead), 0.0)

    @cached_property
    def exposure(self) -> Numbers:
        """What a line was to be expected to take, having come past so many of the ages."""
        return np.concatenate([[0.0], np.cumsum(self.dead / self.at_risk * self.each)])

    @cached_property
    def shares(self) -> Numbers:
        """The share alive after each."""
        return np.asarray(np.cumprod(1 - self.dead / self.at_risk), np.float64)

    def alive(self, age: float) -> float:
        """The share alive at an age."""
        number = int(np.searchsorted(self.times, age, "right"))
        return float(self.shares[number - 1]) if number else 1.0

    def greenwood(self, age: float) -> float:
        """The variance of the logarithm of the share alive, if lines died one by one."""
        return float(self.exposure[np.searchsorted(self.times, age, "right")])


def landed(window: Window) -> Window:
    """The landings that the curves of a window are made from: the years up to its end, for a curve needs old lines."""
    return Window(window.until - timedelta(weeks=REACH), window.until)


def lives(con: duckdb.DuckDBPyConnection, window: Window, selection: Selection) -> dict[str, Lives]:
    """The lines that landed in the window, by cohort."""
    bound = {"since": window.since, "until": window.until}
    chosen = {"repos": list(selection.repos), "teams": list(selection.teams)}
    found = con.sql(_LIVES, params=bound | chosen).to_arrow_table()
    if not found.num_rows:
        return {}
    rows = found.combine_chunks().to_batches()[0]
    cohorts = rows["cohort"].dictionary_encode()
    cohort, change = cohorts.indices.to_numpy(), pd.factorize(rows["change"].to_numpy())[0]
    age, alive, dead_ages, dead_lines = (rows[name] for name in ("age", "alive", "dead_ages", "dead_lines"))
    is_standing = alive.to_numpy() > 0
    died = np.repeat(np.arange(len(change), dtype=np.int32), np.diff(dead_ages.offsets.to_numpy()))  # by row
    cohort_of_dead = cohort[died]
    parts = {}
    for number, name in enumerate(cohorts.dictionary.to_pylist()):
        stands, dead = np.flatnonzero(is_standing & (cohort == number)), np.flatnonzero(cohort_of_dead == number)
        parts[name] = Lives(
            change[np.concatenate([stands, died[dead]])],
            np.concatenate([age.to_numpy()[stands], dead_ages.flatten().to_numpy()[dead]], dtype=np.float64),
            np.repeat([False, True], [len(stands), len(dead)]),
            np.concatenate([alive.to_numpy()[stands], dead_lines.flatten().to_numpy()[dead]], dtype=np.float64),
        )
    return parts
