"""The kinds of intervals of two numbers: differences of two windows, and ratios of two cohorts."""

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from metrics import comparison
from metrics import draws as drawn
from metrics.adjusted import weighed
from metrics.adoption.weekly_active import WEEKLY_ACTIVE
from metrics.draws import LUMPS, SIZES, Chance, Numbers
from metrics.kinds import EXTREME, LONG, SELDOM, WHOLE, Estimates, Kind, Setting
from metrics.metric import Metric
from metrics.quality.churn import CHURN
from metrics.quality.incident_exposure import INCIDENT_EXPOSURE
from metrics.quality.incident_rate import INCIDENT_RATE
from metrics.quality.recovery_time import RECOVERY_TIME
from metrics.quality.revert_rate import REVERT_RATE
from metrics.simulated_rates import MINUTES
from metrics.stats import Cell, difference

Side = tuple[int, float]  # how many units, and their rate
Units = Callable[[Chance, int, Side], tuple[Numbers, Numbers]]
ALIKE, TWICE = ((0.12, 0.12), (0.2, 0.1))


def _kind(
    metric: Metric, name: str, setting: str, sides: tuple[Side, ...], units: Units, beyond: tuple[str, str] = ("", "")
) -> Kind:
    """The difference of two rates, and their ratio as it is compared for a metric."""

    def draw(chance: Chance, draws: int) -> Estimates:
        pairs = (drawn.cells(*units(chance, draws, side)) for side in sides)
        for a, b in zip(*pairs, strict=True):
            yield difference(a, b), comparison.ratio(metric, a, b)

    (many, rate), (others, other) = sides
    truths = {"difference": rate - other, "ratio": rate / other}
    settings = (
        Setting(f"{what} of {many} and {others} {setting}", truth, why)
        for (what, truth), why in zip(truths.items(), beyond, strict=True)
    )
    return Kind(name, tuple(settings), draw)


def _proportions(many: tuple[int, int], rates: tuple[float, float]) -> Kind:
    def units(chance: Chance, draws: int, side: Side) -> tuple[Numbers, Numbers]:
        ones = np.ones((draws, side[0]))
        return drawn.hits(chance, ones, side[1], 1), ones

    setting, sides = f"changes, {rates[0]:.0%} and {rates[1]:.0%}", tuple(zip(many, rates, strict=True))
    beyond = (WHOLE, SELDOM) if min(count * rate for count, rate in sides) < 10 else ("", "")
    return _kind(REVERT_RATE, "Two proportions", setting, sides, units, beyond)


def _lines(shape: str, many: tuple[int, int], rates: tuple[float, float], lumps: str) -> Kind:
    def units(chance: Chance, draws: int, side: Side) -> tuple[Numbers, Numbers]:
        d = drawn.sizes(chance, shape, (draws, side[0]))
        return drawn.hits(chance, d, side[1], LUMPS[lumps]), d

    setting, sides = f"changes as in {shape}, {rates[0]:.0%} and {rates[1]:.0%}, {lumps}", zip(many, rates, strict=True)
    beyond = EXTREME if LUMPS[lumps] in (0, 1) else ""
    return _kind(CHURN, "Two shares of lines", setting, tuple(sides), units, (beyond, beyond))


def _incidents(many: tuple[int, int], rates: tuple[float, float], spread: float) -> Kind:
    def units(chance: Chance, draws: int, side: Side) -> tuple[Numbers, Numbers]:
        ones = np.ones((draws, side[0]))
        return drawn.counts(chance, side[1] * ones, spread), ones

    how = "several to a change" if spread else "one by one"
    setting, sides = f"changes, {rates[0]} and {rates[1]} incidents, {how}", zip(many, rates, strict=True)
    return _kind(INCIDENT_RATE, "Two rates of incidents", setting, tuple(sides), units)


def _minutes(many: tuple[int, int], shape: str) -> Kind:
    def units(chance: Chance, draws: int, side: Side) -> tuple[Numbers, Numbers]:
        n = MINUTES[shape][0](chance, (draws, side[0]))
        return n, np.ones_like(n)

    sides, beyond = tuple((count, MINUTES[shape][1]) for count in many), LONG if many == (10, 10) else ""
    return _kind(RECOVERY_TIME, "Two means of minutes", f"incidents, {shape}", sides, units, (beyond, beyond))


def _people(people: int, rates: tuple[float, float], spread: float) -> Kind:
    def side(chance: Chance, draws: int, rate: float) -> Iterator[Cell]:
        weeks = np.full((draws, people), 12.0)
        return drawn.cells(drawn.hits(chance, weeks, rate, spread), weeks)

    def draw(chance: Chance, draws: int) -> Estimates:
        for a, b in zip(*(side(chance, draws, rate) for rate in rates), strict=True):
            yield (difference(a, b, minimum_units=WEEKLY_ACTIVE.minimum_units),)

    how = "very different habits" if spread > 0.2 else "much the same habits"
    setting = f"difference of {people} and {people} people, {rates[0]:.0%} and {rates[1]:.0%}, {how}"
    beyond = LONG if people < 10 and spread > 0.2 else ""
    return Kind("People in two windows", (Setting(setting, rates[0] - rates[1], beyond),), draw)


def _exposures(expected: tuple[float, float]) -> Kind:
    """Incidents of two cohorts over the line-days of 26 weeks, of which the first has half as many as the second."""
    weeks, line_days = 26, 20_000.0

    def side(chance: Chance, draws: int, incidents: float, share: float) -> Iterator[Cell]:
        d = line_days * share * chance.uniform(0.7, 1.3, (draws, weeks))
        return drawn.cells(drawn.counts(chance, incidents / weeks / (line_days * share) * d, 0), d)

    def draw(chance: Chance, draws: int) -> Estimates:
        for a, b in zip(side(chance, draws, expected[0], 1), side(chance, draws, expected[1], 2), strict=True):
            yield (comparison.ratio(INCIDENT_EXPOSURE, a, b),)

    name = f"ratio of {expected[0]:g} and {expected[1]:g} incidents expected"
    return Kind("Counts over exposure", (Setting(name, 2 * expected[0] / expected[1]),), draw)


def _adjusted(shape: str, changes: int, strata: int, lumps: str) -> Kind:
    """Of lines of changes in strata that differ threefold; two in five are of the first cohort, and half as bad again."""
    truth = 1.5

    def draw(chance: Chance, draws: int) -> Estimates:
        stratum, is_first = chance.integers(0, strata, (draws, changes)), chance.random((draws, changes)) < 0.4
        rates = 0.16 * (0.5 + stratum / (strata - 1)) * np.where(is_first, truth, 1)
        d = drawn.sizes(chance, shape, (draws, changes))
        n = drawn.hits(chance, d, rates, LUMPS[lumps])
        for row in range(draws):
            found = weighed(stratum[row], is_first[row], drawn.sums(n[row][:, None], d[row][:, None]))
            yield (found.ratio if found else None,)

    setting = f"{changes} changes as in {shape} in {strata} strata, {lumps}"
    return Kind("Adjusted ratio", (Setting(setting, truth, EXTREME if LUMPS[lumps] in (0, 1) else ""),), draw)


KINDS = (
    *(_proportions(*each) for each in product(((20, 20), (60, 60), (400, 400), (20, 400)), (ALIKE, TWICE, (0.4, 0.4)))),
    *(_lines(*each) for each in product(SIZES, ((20, 20), (60, 60), (400, 400), (60, 400)), (ALIKE, TWICE), LUMPS)),
    *(_incidents(*each) for each in product(((60, 60), (400, 400), (60, 400)), ((0.2, 0.2), (0.4, 0.2)), (0, 1))),
    *(_minutes(*each) for each in product(((10, 10), (30, 30), (60, 60), (20, 200)), MINUTES)),
    *(_people(*each) for each in product((5, 8, 16, 40), ((0.4, 0.4), (0.8, 0.4)), (0.1, 0.4))),
    *(_exposures(each) for each in ((10, 10), (20, 10), (60, 30), (15, 150))),
    *(_adjusted(shape, *many, lumps) for shape, many, lumps in product(SIZES, ((60, 3), (150, 15), (600, 3)), LUMPS)),
)
