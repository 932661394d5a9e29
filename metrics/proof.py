"""The truth lab's table: over many organisations, how far each number was off and how often its interval held the truth.

What is true of a number: the rate that was planted, where chance has one; else what was planted over all the organisations
together, as their builder counted it; of a number about the code at hand, what chance had in store for that of each. Where the
builder counts nothing, it is what the organisations together came to: then the error says nothing, and only coverage tells.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import Literal

from scipy.stats import binomtest

from metrics.planted import Reading
from metrics.recovered import Measured, Recovery
from metrics.stats import CONFIDENCE

Basis = Literal["rate", "due", "counted", "together"]
LEVEL = 0.001  # of the test that an interval holds the truth as often as it says


@dataclass(frozen=True)
class Proof:
    """A number over all organisations."""

    metric: str
    of: str
    truth: float
    basis: Basis
    measured: float | None  # by the middle one of the organisations; None where none had enough to say
    organisations: int
    exact: int | None  # organisations of which every unit is as it was planted; None: the builder does not count it
    told: int  # organisations with enough to say
    held: int  # of them, those whose interval holds the truth

    @property
    def error(self) -> float | None:
        """Of the measured value, as a share of the truth; None where nothing was measured, or nothing planted."""
        if self.basis == "together" or not self.truth or self.measured is None:
            return None
        return self.measured / self.truth - 1

    @cached_property
    def p_value(self) -> float | None:
        """How likely so few, or so many, would hold it if each did with 95 %; None of fewer than twenty."""
        if self.told < 20:
            return None
        return float(binomtest(self.held, self.told, CONFIDENCE).pvalue)

    @property
    def is_rejected(self) -> bool:
        """Whether the interval holds the truth more or less often than it says, beyond chance."""
        return self.p_value is not None and self.p_value < LEVEL


def proofs(organisations: Sequence[Sequence[Reading]], rates: dict[str, dict[str, float]]) -> list[Proof]:
    """A row for each number, in the order of the readings; `rates` are those that were planted as such."""
    by_number: dict[tuple[str, str], list[Reading]] = {}
    for readings in organisations:
        for reading in readings:
            by_number.setdefault((reading.metric, reading.of), []).append(reading)
    found = []
    for (metric, of), each in by_number.items():
        rate = rates.get(metric, {}).get(of)
        # A ratio rests on the rates of both sides.
        rests_on = by_number.get((metric, "ai"), each) if of in ("ratio", "adjusted") else each
        basis: Basis = "rate" if rate is not None else "together" if rests_on[0].planted is None else "counted"
        truth = rate if rate is not None else _together(by_number, metric, of)
        if (due := [one.due for one in each if one.due is not None]) and len(due) == len(each):
            basis, truth = "due", median(due)
        if truth is not None:
            found.append(_proof(metric, of, each, truth, basis))
    return found


def _proof(metric: str, of: str, readings: Sequence[Reading], truth: float, basis: Basis) -> Proof:
    told = [each.estimate for each in readings if each.estimate]
    # Rounding is no miss: a state is its own interval.
    held = sum(
        bool(each.estimate.low - 1e-9 <= (truth if each.due is None else each.due) <= each.estimate.high + 1e-9)
        for each in readings if each.estimate
    )  # fmt: skip
    is_counted = readings[0].planted is not None
    return Proof(
        metric=metric,
        of=of,
        truth=float(truth),
        basis=basis,
        measured=float(median(each.value for each in told)) if told else None,
        organisations=len(readings),
        exact=sum(bool(each.is_exact) for each in readings) if is_counted else None,
        told=len(told),
        held=held,
    )


def _together(by_number: dict[tuple[str, str], list[Reading]], metric: str, of: str) -> float | None:
    if of not in ("ratio", "adjusted"):
        return _rate(by_number[metric, of])
    sides = [by_number.get((metric, cohort), []) for cohort in ("ai", "rest")]
    if of == "adjusted" and all(each.is_exact for side in sides for each in side):
        # Strata are the product's: like with like is as it was planted where every unit is.
        return _rate(by_number[metric, of])
    ai, rest = (_rate(side) for side in sides)
    return ai / rest if ai is not None and rest else None


def _rate(readings: Sequence[Reading]) -> float | None:
    counts = [each.planted or each.counts for each in readings]
    d = sum(each[2] for each in counts)
    return sum(each[1] for each in counts) / d if d else None


def together(recoveries: Iterable[Recovery]) -> list[Recovery]:
    """Of many organisations, each kind of thing once."""
    sums: dict[str, list[int]] = {}
    for each in recoveries:
        had = sums.setdefault(each.what, [0, 0, 0])
        sums[each.what] = [had[0] + each.planted, had[1] + each.found, had[2] + each.right]
    return [Recovery(what, *counts) for what, counts in sums.items()]


@dataclass(frozen=True)
class Proven:
    """What the organisations of one story came to."""

    story: str
    about: str
    seeds: tuple[int, int]  # the first and the last
    proofs: list[Proof]
    recoveries: list[Recovery]


def prove(
    story: str, about: str, seeds: Sequence[int], organisations: Sequence[Measured], metrics: Sequence[str] = ()
) -> Proven:
    """The table of a story, of all metrics or of those that it is about."""
    rows = proofs([each.readings for each in organisations], organisations[0].rates)
    return Proven(
        story,
        about,
        (seeds[0], seeds[-1]),
        [row for row in rows if row.metric in metrics] if metrics else rows,
        together(recovery for each in organisations for recovery in each.recoveries),
    )
