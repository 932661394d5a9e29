"""Whether the two ledgers drift apart: the only module that looks at both, and only to say so. It nets nothing.

The alarm: adoption rises while its paired quality worsens, both beyond noise over twelve settled weeks, at six successive
weekly looks. Among 52 looks at 95 % some are chance in more than half of all years; six in a row hardly ever are
(`metrics/simulated_divergence.py` counts how often), and it is still the interval at 95 % that a reader sees.

A movement is not the alarm: one window against the one before, at one look, for the numbers of a page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import inf, sqrt
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from metrics import measure, trend
from metrics.metric import Metric
from metrics.registry import ADOPTION_BY_HEADING, BY_KEY, GAMING
from metrics.stats import CONFIDENCE, Cell, Estimate, Z, difference, off_together
from metrics.trend import WEEKS, Trend

METHOD = "2"
SUCCESSIVE = 6  # looks in a row that raise the alarm: half of a window
QUIET = 4  # looks in a row without, that end it
NAMED = 3  # repositories at most
POOLS = ("small teams", "unassigned", "suppressed")  # shown together, and no team
Verdict = Literal["diverging", "diverged", "worse", "rising", "steady", "not enough data"]


class Pair(NamedTuple):
    """An adoption metric and the quality metric that is never far from it."""

    adoption: Metric
    quality: Metric


# How a quota is met is no measure of how much is used.
PAIRS = tuple(
    Pair(metric, BY_KEY[str(metric.paired_quality)])
    for heading, group in ADOPTION_BY_HEADING.items()
    if heading != GAMING
    for metric in group
)


@dataclass(frozen=True)
class Look:
    """Both trends of a pair over the window that a week ends."""

    adoption: Trend
    quality: Trend

    @property
    def week(self) -> date:
        """The Monday of the last week it sees."""
        return self.quality.window.until - measure.WEEK

    @property
    def is_enough(self) -> bool:
        """Whether there is enough data in both."""
        return self.adoption.rise is not None and self.quality.rise is not None

    @property
    def is_diverging(self) -> bool:
        """Whether adoption rises and quality worsens, both beyond noise."""
        return self.adoption.is_rising and self.quality.is_worse


class Span(NamedTuple):
    """The places, in a row of looks, at which an alarm began, fired, last was so, and was over; None: it is not over."""

    first: int
    fired: int
    last: int
    closed: int | None


def spans(diverge: Sequence[bool | None]) -> Iterator[Span]:
    """Where an alarm goes on in successive looks: it fires once, and again only when it has been over.

    A look without enough data, None, neither raises an alarm nor ends one: that nothing was seen is not quiet.
    """
    run, quiet, going_on = 0, 0, None
    for place, is_diverging in enumerate(diverge):
        run = run + 1 if is_diverging else 0
        quiet = 0 if is_diverging else quiet + (is_diverging is False)
        if going_on is None:
            going_on = Span(place - run + 1, place, place, None) if run == SUCCESSIVE else None
        elif is_diverging:
            going_on = going_on._replace(last=place)
        elif quiet == QUIET:
            yield going_on._replace(closed=place)
            going_on = None
    if going_on is not None:
        yield going_on


def looks(
    pair: Pair, adoption: pd.DataFrame, quality: pd.DataFrame, weeks: Sequence[date], minimum_group: int
) -> list[Look]:
    """A look at each of these successive weeks; the frames are as `trend.trends` takes them."""
    sides = zip(pair, (adoption, quality), strict=True)
    used, broke = (trend.trends(metric, rows, weeks, minimum_group) for metric, rows in sides)
    return [Look(*both) for both in zip(used, broke, strict=True)]


def last_look(pair: Pair, horizon: dict[str, tuple[datetime, datetime]]) -> date | None:
    """The newest week that is settled for both metrics; None without the data."""
    settled = [measure.last_settled_week(metric, horizon) for metric in pair]
    return None if None in settled else min(week for week in settled if week is not None)


def weeks_to_look(adoption: pd.DataFrame, quality: pd.DataFrame, last: date) -> list[date]:
    """Every week up to the last whose window lies within what both sides speak of."""
    if adoption.empty or quality.empty:
        return []
    begins = max(measure.monday(pd.Timestamp(rows["week"].min()).date()) for rows in (adoption, quality))
    first = begins + measure.WEEK * (WEEKS - 1)
    return [first + measure.WEEK * number for number in range((last - first).days // 7 + 1)]


def contributors(look: Look, cells: pd.DataFrame) -> list[tuple[str, float]]:
    """The repositories that contribute most to a worsening: those whose own trend is beyond noise, however many are looked at.

    Each with its share of the whole worsening, or of what worsened in any repository where others made up for some of it. One
    repository alone is the whole.
    """
    metric, window = look.quality.metric, look.quality.window
    within = measure.within(cells, window)
    names = [str(name) for name in sorted(set(within["repo"])) if name != "*"]
    if metric.is_repeated or metric.is_state:
        return []
    if len(names) < 2:
        return [(name, 1.0) for name in names]
    every = np.stack([trend.weekly(metric, within[within["repo"] == name], window) for name in names])
    rises = trend.of_units(every, metric.minimum_units, (1 - CONFIDENCE) / len(names))
    (parts, whole), is_worse = trend.parts(every, trend.weekly(metric, within, window)), rises.is_up
    if metric.better == "higher":
        parts, whole, is_worse = -parts, -whole, rises.is_down
    worsened = max(whole, float(parts[parts > 0].sum()))
    most = sorted(np.flatnonzero(is_worse), key=lambda place: -parts[place])
    return [(names[place], float(parts[place]) / worsened) for place in most[:NAMED] if parts[place] > 0]


@dataclass(frozen=True)
class Movement:
    """A metric in a window and in the one before."""

    metric: Metric
    now: Cell
    then: Cell

    @property
    def estimate(self) -> Estimate | None:
        """The rate of the window with its interval; None below the minimum sample."""
        return measure.estimate(self.metric, self.now)

    @property
    def before(self) -> Estimate | None:
        """The rate of the window before."""
        return measure.estimate(self.metric, self.then)

    @property
    def change(self) -> Estimate | None:
        """The rate less that of the window before."""
        if self.metric.is_state:
            return self._step
        found = difference(self.now, self.then, minimum_units=self.metric.minimum_units)
        # As if the pasts that two windows met did not overlap, which is cautious.
        return off_together(found, sqrt(2) * self.metric.common_error) if found and self.metric.common_error else found

    @property
    def _step(self) -> Estimate | None:
        """Of a state: both sides were counted in full, and so is what lies between them."""
        if self.estimate is None or self.before is None:
            return None
        return Estimate(*[self.estimate.value - self.before.value] * 3)

    @property
    def is_rising(self) -> bool:
        """Whether it rose beyond noise."""
        return self.change is not None and self.change.low > 0

    @property
    def beyond(self) -> float:
        """How far from nought its change lies, in arms of its interval; nought without one."""
        change = self.change
        if change is None or self.metric.is_state or change.value == 0:
            return 0.0
        arm = change.value - change.low if change.value > 0 else change.high - change.value
        return abs(change.value) / arm if arm else inf

    @property
    def is_worse(self) -> bool:
        """Whether it moved to the worse side beyond noise; a state has no noise to be beyond."""
        change = self.change
        if change is None or self.metric.better == "neither" or self.metric.is_state or not change.excludes_zero:
            return False
        return (change.value > 0) == (self.metric.better == "lower")


def verdict(adoption: Movement, quality: Movement) -> Verdict:
    """What the two movements say when they are laid side by side; at one look nothing is called diverging."""
    if adoption.change is None or quality.change is None:
        return "not enough data"
    if quality.is_worse:
        return "worse"
    return "rising" if adoption.is_rising else "steady"


def contributes_most(by_team: dict[str, Movement]) -> str | None:
    """The team whose worsening beyond noise moves the numerator most, however many teams are looked at; None where none's is.

    Each interval is taken as much wider as Holm's procedure asks of so many.
    """
    looked = [(team, movement.beyond) for team, movement in by_team.items() if team not in POOLS and movement.change]
    looked.sort(key=lambda each: -each[1])
    worse = []
    for place, (team, beyond) in enumerate(looked):
        if beyond <= NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2 / (len(looked) - place)) / Z:
            break
        worse += [team] if by_team[team].is_worse else []

    def moved(team: str) -> float:
        now, then = by_team[team].now, by_team[team].then
        return abs(now.n - then.n / then.d * now.d)

    return max(worse, key=moved, default=None)


def unharmed(adoption: dict[str, Movement], quality: dict[str, Movement], worst: str | None) -> list[str]:
    """Teams whose adoption rose beyond noise, and whose quality moved clearly less than that of the worst team.

    Clearly: the two intervals do not meet. That nothing was seen where little was counted is no evidence of no harm.
    """
    if worst is None or (harm := quality[worst].change) is None:
        return []
    found = []
    for team, movement in adoption.items():
        change = quality[team].change if team in quality and team not in POOLS else None
        if change is None or not movement.is_rising or quality[team].is_worse:
            continue
        if change.high < harm.low if harm.value > 0 else change.low > harm.high:
            found.append(team)
    return found
