"""How often the alarm over two ledgers is wrong, and what it finds: simulated, with seeds fixed before anybody looked.

Changes land at random in each week. Shares of lines are of changes whose sizes are those of real ones (`metrics/draws.py`), the
most uneven and the most even that were measured, and of which lines die mostly together; incidents are a change's or not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from metrics import draws, trend
from metrics.divergence import PAIRS, SUCCESSIVE, spans
from metrics.stats import Estimate, wilson
from metrics.trend import WEEKS, Array, Rises

LOOKS = 52  # of a year
LEAD = WEEKS + SUCCESSIVE - 2  # weeks before the first one whose look could fire
FOUND_WITHIN = 26  # weeks from the beginning of an effect
MINIMUM = 10.0
AT_ONCE = 1_000_000  # changes

Kind = Literal["curl and redis", "gemini-cli", "incidents"]  # shares of lines of changes as there, or of changes
Null = Literal["quality flat", "adoption flat", "both flat"]
Shape = Literal["step", "ramp"]
BASE: dict[Kind, float] = {"curl and redis": 0.12, "gemini-cli": 0.12, "incidents": 0.04}
USED, LUMPS = 0.4, draws.LUMPS["mostly together"]
YES_OR_NO = {"incident_rate", "fix_inducing_rate"}  # the other qualities of our pairs are shares of lines


class Share(NamedTuple):
    """So many of so many draws."""

    hits: int
    of: int

    @property
    def estimate(self) -> Estimate:
        """The share with its 95 % interval."""
        return wilson(self.hits, self.of)


@dataclass(frozen=True)
class Detection:
    """How often a planted effect was found, and in which week from its beginning the alarm fired in the middle draw."""

    found: Share
    week: float


@dataclass(frozen=True)
class Discoveries:
    """The alarms of many organisations in half a year, and how many of them were false."""

    fired: int
    false: int
    any_false: Share  # organisations with at least one
    false_share: float  # of the alarms of one organisation, in the mean; where there is none, none is false


def false_alarms(  # noqa: PLR0913 - a world has that many sides
    seed: int,
    years: int,
    changes_a_week: float,
    *,
    null: Null = "quality flat",
    kind: Kind = "gemini-cli",
    wander: float = 0.0,
    has_seasons: bool = False,
    in_a_row: int = SUCCESSIVE,
) -> Share:
    """Years of weekly looks at one pair in which the alarm fires though nothing diverges; or would, at fewer looks in a row.

    Of the side that is not flat it is taken for certain that it moves, at every look of the year: nothing is worse. `wander`
    is the spread of the weeks' own log odds, half of which stays from week to week; with seasons the number of changes goes
    up and down by half in a year, and falls to a fifth in two weeks.
    """
    chance, hits = default_rng(seed), 0
    for number in _batches(years, changes_a_week):
        volume = np.full((number, LOOKS + LEAD), float(changes_a_week))
        if has_seasons:
            volume *= _seasons(volume.shape, chance)
        is_up = np.ones((number, LOOKS + SUCCESSIVE - 1), bool)
        if null != "adoption flat":
            is_up &= _drawn(_wandering(BASE[kind], volume.shape, wander, chance), volume, kind, chance).is_up
        if null != "quality flat":
            is_up &= _adoption(_wandering(USED, volume.shape, wander, chance), volume, kind, chance).is_up
        rows = np.lib.stride_tricks.sliding_window_view(is_up[:, SUCCESSIVE - in_a_row :], in_a_row, axis=1)
        hits += int(rows.all(-1).any(-1).sum())
    return Share(hits, years)


def coverage(seed: int, times: int, changes_a_week: float, *, kind: Kind = "gemini-cli", effect: float = 1.5) -> Share:
    """Windows in which a rate rises evenly, and in which the interval of its rise holds the truth; of those with enough."""
    chance, held, told = default_rng(seed), 0, 0
    rate = BASE[kind] * np.linspace(1, effect, WEEKS)
    for number in _batches(times, changes_a_week):
        found = _drawn(np.broadcast_to(rate, (number, WEEKS)), np.full((number, WEEKS), changes_a_week), kind, chance)
        is_told = ~np.isnan(found.half)
        told += int(is_told.sum())
        held += int((np.abs(found.value - (rate[-1] - rate[0])) <= found.half)[is_told].sum())
    return Share(held, told)


def detection(
    seed: int,
    times: int,
    changes_a_week: float,
    *,
    effect: float = 1.5,
    shape: Shape = "step",
    kind: Kind = "gemini-cli",
) -> Detection:
    """An effect that comes as adoption goes from 20 to 60 %: at once, or over eight weeks."""
    chance, took = default_rng(seed), list[int]()
    size = _planted(shape)
    for number in _batches(times, changes_a_week):
        volume = np.full((number, len(size)), float(changes_a_week))
        is_up = _drawn(BASE[kind] * (1 + (effect - 1) * size) + 0 * volume, volume, kind, chance).is_up
        is_up &= _adoption(0.2 + 0.4 * size + 0 * volume, volume, kind, chance).is_up
        took += [fired - SUCCESSIVE + 2 for fired in map(_fired, is_up) if fired is not None]
    return Detection(Share(len(took), times), float(np.median(took)) if took else np.nan)


def discoveries(
    seed: int, organisations: int, changes_a_week: float, *, diverging: tuple[str, ...], effect: float = 1.5
) -> Discoveries:
    """Half a year of looks at all our pairs where everybody adopts and only the quality metrics named `diverging` worsen.

    Pairs with the same quality metric have the same changes, and so fire together; adoption is taken for certain.
    """
    chance = default_rng(seed)
    alarms: list[NDArray[np.bool_]] = []
    size = _planted("step")
    for number in _batches(organisations, changes_a_week):
        volume = np.full((number, len(size)), float(changes_a_week))
        of_quality = {}
        for quality in dict.fromkeys(pair.quality.key for pair in PAIRS):
            kind: Kind = "incidents" if quality in YES_OR_NO else "gemini-cli"
            planted = (effect - 1) * size if quality in diverging else 0 * size
            is_up = _drawn(BASE[kind] * (1 + planted) + 0 * volume, volume, kind, chance).is_up
            of_quality[quality] = [_fired(each) is not None for each in is_up]
        alarms.append(np.array([of_quality[pair.quality.key] for pair in PAIRS]))
    every = np.concatenate(alarms, axis=1)
    false = every[[pair.quality.key not in diverging for pair in PAIRS]].sum(0)
    shares = false / np.maximum(every.sum(0), 1)
    any_false = Share(int((false > 0).sum()), organisations)
    return Discoveries(int(every.sum()), int(false.sum()), any_false, float(shares.mean()))


def _planted(shape: Shape) -> Array:
    """How much of an effect there is, week by week: it begins in the first week whose look could fire."""
    since = np.arange(LEAD + FOUND_WITHIN) - LEAD
    return np.clip((since + 1) / (1 if shape == "step" else 8), 0, 1)


def _fired(is_up: NDArray[np.bool_]) -> int | None:
    """The first look of a row that raises the alarm."""
    return next((span.fired for span in spans(is_up.tolist())), None)


def _batches(times: int, changes_a_week: float) -> Iterator[int]:
    most = max(1, int(AT_ONCE / changes_a_week / (LOOKS + LEAD)))
    for begin in range(0, times, most):
        yield min(most, times - begin)


def _seasons(shape: tuple[int, ...], chance: Generator) -> Array:
    weeks = np.arange(shape[-1])
    factor = 1 + np.sin(2 * np.pi * (weeks + chance.integers(LOOKS, size=shape[:-1])[:, np.newaxis]) / LOOKS) / 2
    is_holiday = weeks // 2 == chance.integers(shape[-1] // 2, size=shape[:-1])[:, np.newaxis]
    return np.where(is_holiday, factor / 5, factor)


def _wandering(rate: float, shape: tuple[int, ...], spread: float, chance: Generator) -> Array:
    """A rate whose log odds wander about it."""
    steps = chance.normal(0, spread, shape)
    for week in range(1, shape[-1]):
        steps[:, week] = steps[:, week - 1] / 2 + steps[:, week] * np.sqrt(3 / 4)
    odds = rate / (1 - rate) * np.exp(steps)
    return odds / (1 + odds)


def _adoption(rate: Array, volume: Array, kind: Kind, chance: Generator) -> Rises:
    """Whole changes are marked or not; of lines all lines of them count."""
    which, lines = _changes(volume, kind, chance)
    return _rises(rate.shape, which, draws.hits(chance, lines, rate.ravel()[which], 1), lines)


def _drawn(rate: Array, volume: Array, kind: Kind, chance: Generator) -> Rises:
    """The trends of a quality metric with a rate for each week."""
    which, lines = _changes(volume, kind, chance)
    return _rises(rate.shape, which, draws.hits(chance, lines, rate.ravel()[which], LUMPS), lines)


def _changes(volume: Array, kind: Kind, chance: Generator) -> tuple[NDArray[np.int64], Array]:
    """In which week, of all, each change landed, and its lines."""
    which = np.repeat(np.arange(volume.size), chance.poisson(volume).ravel())
    return which, np.ones(len(which)) if kind == "incidents" else draws.sizes(chance, kind, which.shape)


def _rises(shape: tuple[int, ...], which: NDArray[np.int64], n: Array, d: Array) -> Rises:
    """The trends over every window of each draw."""
    ones = np.ones(len(which))
    each = [np.bincount(which, part, shape[0] * shape[1]) for part in (ones, n, d, n * n, d * d, n * d, np.sign(n))]
    sums = np.stack(each).astype("float64").reshape(len(each), *shape)
    windows = np.lib.stride_tricks.sliding_window_view(sums, WEEKS, axis=2)
    return trend.of_units(np.moveaxis(windows, 0, -2), MINIMUM)
