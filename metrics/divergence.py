"""Whether the two ledgers drift apart: the only module that looks at both, and only to say so.

It compares one window with the one before it, pair by pair, and nets nothing: adoption that rises beyond noise while its
paired quality worsens beyond noise is "diverging". Each pair is judged at 95 %, so among many looks some will be chance.
"""

from dataclasses import dataclass
from typing import Literal

from metrics import measure
from metrics.metric import Metric
from metrics.stats import Cell, Estimate, difference

POOLS = ("small teams", "unassigned", "suppressed")  # shown together, and no team
Verdict = Literal["diverging", "worse", "rising", "steady", "not enough data"]


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
        return difference(self.now, self.then, minimum_units=self.metric.minimum_units)

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
    def is_worse(self) -> bool:
        """Whether it moved to the worse side beyond noise; a state has no noise to be beyond."""
        change = self.change
        if change is None or self.metric.better == "neither" or self.metric.is_state or not change.excludes_zero:
            return False
        return (change.value > 0) == (self.metric.better == "lower")


def verdict(adoption: Movement, quality: Movement) -> Verdict:
    """What the two movements say when they are laid side by side."""
    if adoption.change is None or quality.change is None:
        return "not enough data"
    if adoption.is_rising:
        return "diverging" if quality.is_worse else "rising"
    return "worse" if quality.is_worse else "steady"


def contributes_most(by_team: dict[str, Movement]) -> str | None:
    """The team whose worsening beyond noise moves the numerator most; None where no team's is beyond noise."""
    worse = {team: movement for team, movement in by_team.items() if movement.is_worse and team not in POOLS}
    if not worse:
        return None

    def moved(team: str) -> float:
        now, then = worse[team].now, worse[team].then
        return abs(now.n - then.n / then.d * now.d)

    return max(worse, key=moved)


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
