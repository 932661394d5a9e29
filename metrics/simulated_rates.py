"""The kinds of intervals of one number: rates, means, and shares alive."""

from collections.abc import Callable
from itertools import product
from math import exp, gamma, log

import numpy as np

from metrics import draws as drawn
from metrics.draws import LUMPS, SIZES, Chance, Numbers
from metrics.kinds import EXTREME, TAIL, WHOLE, YES_OR_NO, Estimates, Kind, Setting
from metrics.stats import ratio
from metrics.survival import AGES

Units = Callable[[Chance, int], tuple[Numbers, Numbers]]
RATES = (0.02, 0.12, 0.4)

# Minutes: what is drawn, and its mean.
MINUTES: dict[str, tuple[Callable[[Chance, tuple[int, int]], Numbers], float]] = {
    "exponential": (lambda chance, many: chance.exponential(60, many), 60.0),
    "lognormal, sigma 0.8": (lambda chance, many: chance.lognormal(4, 0.8, many), exp(4 + 0.8**2 / 2)),
    "lognormal, sigma 1.1": (lambda chance, many: chance.lognormal(4, 1.1, many), exp(4 + 1.1**2 / 2)),
    "lognormal, sigma 1.5": (lambda chance, many: chance.lognormal(4, 1.5, many), exp(4 + 1.5**2 / 2)),
    "Weibull, shape 0.6": (lambda chance, many: 60 * chance.weibull(0.6, many), 60 * gamma(1 + 1 / 0.6)),
}


def _kind(name: str, setting: Setting, units: Units, least: float = 10) -> Kind:
    """The interval of one rate."""

    def draw(chance: Chance, draws: int) -> Estimates:
        return ((ratio(cell, minimum_units=least),) for cell in drawn.cells(*units(chance, draws)))

    return Kind(name, (setting,), draw)


def _proportion(changes: int, rate: float) -> Kind:
    def units(chance: Chance, draws: int) -> tuple[Numbers, Numbers]:
        ones = np.ones((draws, changes))
        return drawn.hits(chance, ones, rate, 1), ones

    setting = Setting(f"{changes} changes, {rate:.0%}", rate, WHOLE if changes * rate < 10 else "")
    return _kind("Proportion of changes", setting, units)


def _lines(shape: str, changes: int, rate: float, lumps: str) -> Kind:
    def units(chance: Chance, draws: int) -> tuple[Numbers, Numbers]:
        d = drawn.sizes(chance, shape, (draws, changes))
        return drawn.hits(chance, d, rate, LUMPS[lumps]), d

    setting = Setting(f"{changes} changes as in {shape}, {rate:.0%}, {lumps}", rate)
    return _kind("Share of lines", setting, units)


def _taken_back(shape: str, changes: int, taken: float) -> Kind:
    """Of each change a part is gone, and some are taken back whole."""

    def units(chance: Chance, draws: int) -> tuple[Numbers, Numbers]:
        d = drawn.sizes(chance, shape, (draws, changes))
        return np.where(chance.random(d.shape) < taken, d, drawn.hits(chance, d, 0.15, 0.2)), d

    setting = Setting(f"{changes} changes as in {shape}, {taken:.0%} whole", taken + (1 - taken) * 0.15)
    return _kind("Lines, of some changes all", setting, units)


def _severity(changes: int, rate: float) -> Kind:
    """Incidents one by one, that weigh one, a half or a quarter."""

    def units(chance: Chance, draws: int) -> tuple[Numbers, Numbers]:
        ones = np.ones((draws, changes))
        return drawn.hits(chance, ones, rate, 1) * chance.choice([1, 0.5, 0.25], ones.shape, p=[0.1, 0.3, 0.6]), ones

    setting = Setting(f"{changes} changes, {rate:.0%}", rate * 0.4, WHOLE if changes * rate < 10 else "")
    return _kind("Weighted incidents", setting, units)


def _incidents(changes: int, rate: float, spread: float) -> Kind:
    def units(chance: Chance, draws: int) -> tuple[Numbers, Numbers]:
        ones = np.ones((draws, changes))
        return drawn.counts(chance, rate * ones, spread), ones

    how = "several to a change" if spread else "one by one"
    beyond = YES_OR_NO if changes * rate >= 4 else WHOLE
    setting = Setting(f"{changes} changes, {rate}, {how}", rate, beyond if changes * rate < 10 else "")
    return _kind("Incidents per change", setting, units)


def _findings(shape: str, changes: int, per_kloc: float, spread: float) -> Kind:
    def units(chance: Chance, draws: int) -> tuple[Numbers, Numbers]:
        d = drawn.sizes(chance, shape, (draws, changes))
        return drawn.counts(chance, d * per_kloc / 1000, spread), d

    how = "several to a change" if spread else "one by one"
    setting = Setting(f"{changes} changes as in {shape}, {per_kloc:g}, {how}", per_kloc / 1000)
    return _kind("Findings per 1,000 lines", setting, units)


def _lines_per_change(shape: str, changes: int) -> Kind:
    def units(chance: Chance, draws: int) -> tuple[Numbers, Numbers]:
        n = drawn.sizes(chance, shape, (draws, changes))
        return n, np.ones_like(n)

    # One in a hundred of these changes is large, and those hold 29 % of the lines.
    lacks_large = shape == "curl and redis" and changes < 100
    setting = Setting(f"{changes} changes as in {shape}", drawn.mean_size(shape), TAIL if lacks_large else "")
    return _kind("Lines per change", setting, units)


def _minutes(incidents: int, shape: str) -> Kind:
    def units(chance: Chance, draws: int) -> tuple[Numbers, Numbers]:
        n = MINUTES[shape][0](chance, (draws, incidents))
        return n, np.ones_like(n)

    setting = Setting(f"{incidents} incidents, {shape}", MINUTES[shape][1], TAIL if "1.5" in shape else "")
    return _kind("Mean minutes", setting, units)


def _percentile(changes: int) -> Kind:
    def units(chance: Chance, draws: int) -> tuple[Numbers, Numbers]:
        n = chance.random((draws, changes))
        return n, np.ones_like(n)

    return _kind("Mean percentile", Setting(f"{changes} changes", 0.5), units)


def _people(people: int, rate: float, spread: float) -> Kind:
    def units(chance: Chance, draws: int) -> tuple[Numbers, Numbers]:
        weeks = np.full((draws, people), 12.0)
        return drawn.hits(chance, weeks, rate, spread), weeks

    how = "very different habits" if spread > 0.2 else "much the same habits"
    setting = Setting(f"{people} people, {rate:.0%}, {how}", rate, WHOLE if people * rate < 1 else "")
    return _kind("People over twelve weeks", setting, units, least=5)


def _alive(shape: str, changes: int, dead: float, *, is_whole: bool) -> Kind:
    """Shares alive at the ages at which curves are compared, of lines of which so many are dead after 90 days."""
    a_day = -log(1 - dead) / 90

    def draw(chance: Chance, draws: int) -> Estimates:
        d = drawn.sizes(chance, shape, (draws, changes))
        for lives in drawn.lives(chance, d, a_day if is_whole else 3 * a_day, is_whole=is_whole):
            yield [point.estimate for point in lives.curve(list(AGES))]

    how = "all of a change at once" if is_whole else "in parts"
    setting = f"{changes} changes as in {shape}, {dead:.0%} dead at 90 days, {how}"
    beyond = EXTREME if is_whole else ""
    settings = tuple(Setting(f"{setting}, at {age} days", exp(-a_day * age), beyond) for age in AGES)
    return Kind("Lines alive", settings, draw)


KINDS = (
    *(_proportion(*each) for each in product((10, 20, 60, 400), RATES)),
    *(_lines(*each) for each in product(SIZES, (20, 60, 400), RATES, LUMPS)),
    *(_taken_back(*each) for each in product(SIZES, (60, 150, 400), (0.03, 0.07))),
    *(_incidents(*each) for each in product((10, 20, 60, 400), RATES, (0, 1))),
    *(_severity(*each) for each in product((60, 150, 400), (0.05, 0.12))),
    *(_findings(*each) for each in product(SIZES, (20, 60, 400), (0.5, 2, 10), (0, 1))),
    *(_lines_per_change(*each) for each in product(SIZES, (20, 60, 400))),
    *(_minutes(*each) for each in product((10, 30, 60, 200), MINUTES)),
    *(_percentile(changes) for changes in (10, 60)),
    *(_people(*each) for each in product((5, 8, 16, 40), (0.1, 0.4, 0.8), (0.1, 0.4))),
    *(_alive(shape, 20, 0.12, is_whole=is_whole) for shape, is_whole in product(SIZES, (True, False))),
    *(_alive(shape, 60, dead, is_whole=whole) for shape, dead, whole in product(SIZES, RATES, (True, False))),
    *(_alive(shape, 400, 0.12, is_whole=is_whole) for shape, is_whole in product(SIZES, (True, False))),
)
