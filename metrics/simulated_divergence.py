"""How often the alarm over two ledgers is wrong, and what it finds: simulated, with seeds fixed before anybody looked.

Changes land at random in each week. Shares of lines are of changes whose sizes are those of real ones (`metrics/draws.py`), the
most uneven and the most even that were measured, and of which lines die mostly together; incidents are a change's or not.
Before the looks lie as many weeks as a trend asks for, or fewer.
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
A_FEW = 100  # changes a week: of fewer, weeks are what memory must hold

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
    stays: float = 0.5,
    past: int = trend.LEAD,
    has_seasons: bool = False,
    in_a_row: int = SUCCESSIVE,
) -> Share:
    """Years of weekly looks at one pair in which the alarm fires though nothing diverges; or would, at fewer looks in a row.

    Of the side that is not flat it is taken for certain that it moves, at every look of the year: nothing is worse. `wander`
    is the spread of the weeks' own log odds, of which so much stays from week to week; with seasons the number of changes
    goes up and down by half in a year, and falls to a fifth in two weeks.
    """
    chance, hits = default_rng(seed), 0
    for number in _batches(years, changes_a_week):
        volume = np.full((number, past + LEAD + LOOKS), float(changes_a_week))
        if has_seasons:
            volume *= _seasons(volume.shape, chance)
        is_up = np.ones((number, LOOKS + SUCCESSIVE - 1), bool)
        if null != "adoption flat":
            rates = _wandering(BASE[kind], volume.shape, wander, stays, chance)
            is_up &= _quality(rates, volume, kind, past, chance).is_up
        if null != "quality flat":
            rates = _wandering(USED, volume[:, past:].shape, wander, stays, chance)
            is_up &= _adoption(rates, volume[:, past:], kind, chance).is_up
        rows = np.lib.stride_tricks.sliding_window_view(is_up[:, SUCCESSIVE - in_a_row :], in_a_row, axis=1)
        hits += int(rows.all(-1).any(-1).sum())
    return Share(hits, years)


def coverage(seed: int, times: int, changes_a_week: float, *, kind: Kind = "gemini-cli", effect: float = 1.5) -> Share:
    """Windows in which a rate rises evenly, and in which the interval of its rise holds the truth; of those with enough."""
    chance, held, told = default_rng(seed), 0, 0
    rate = BASE[kind] * np.concatenate([np.ones(trend.LEAD), np.linspace(1, effect, WEEKS)])
    for number in _batches(times, changes_a_week):
        rates = np.broadcast_to(rate, (number, len(rate)))
        found = _quality(rates, np.full(rates.shape, changes_a_week), kind, trend.LEAD, chance)
        is_told = ~np.isnan(found.half)
        told += int(is_told.sum())
        held += int((np.abs(found.value - (rate[-1] - rate[-WEEKS])) <= found.half)[is_told].sum())
    return Share(held, told)


def detection(  # noqa: PLR0913 - a world has that many sides
    seed: int,
    times: int,
    changes_a_week: float,
    *,
    effect: float = 1.5,
    shape: Shape = "step",
    kind: Kind = "gemini-cli",
    wander: float = 0.0,
    past: int = trend.LEAD,
) -> Detection:
    """An effect that comes as adoption goes from 20 to 60 %: at once, or over eight weeks."""
    chance, took = default_rng(seed), list[int]()
    size = _planted(shape, past)
    for number in _batches(times, changes_a_week):
        volume = np.full((number, len(size)), float(changes_a_week))
        rates = _wandering(BASE[kind], volume.shape, wander, 0.5, chance) * (1 + (effect - 1) * size)
        is_up = _quality(rates, volume, kind, past, chance).is_up
        volume = volume[:, past:]
        is_up &= _adoption(0.2 + 0.4 * size[past:] + 0 * volume, volume, kind, chance).is_up
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
    size = _planted("step", trend.LEAD)
    for number in _batches(organisations, changes_a_week):
        volume = np.full((number, len(size)), float(changes_a_week))
        of_quality = {}
        for quality in dict.fromkeys(pair.quality.key for pair in PAIRS):
            kind: Kind = "incidents" if quality in YES_OR_NO else "gemini-cli"
            planted = (effect - 1) * size if quality in diverging else 0 * size
            is_up = _quality(BASE[kind] * (1 + planted) + 0 * volume, volume, kind, trend.LEAD, chance).is_up
            of_quality[quality] = [_fired(each) is not None for each in is_up]
        alarms.append(np.array([of_quality[pair.quality.key] for pair in PAIRS]))
    every = np.concatenate(alarms, axis=1)
    false = every[[pair.quality.key not in diverging for pair in PAIRS]].sum(0)
    shares = false / np.maximum(every.sum(0), 1)
    any_false = Share(int((false > 0).sum()), organisations)
    return Discoveries(int(every.sum()), int(false.sum()), any_false, float(shares.mean()))


def _planted(shape: Shape, past: int) -> Array:
    """How much of an effect there is, week by week: it begins in the first week whose look could fire."""
    since = np.arange(past + LEAD + FOUND_WITHIN) - past - LEAD
    return np.clip((since + 1) / (1 if shape == "step" else 8), 0, 1)


def _fired(is_up: NDArray[np.bool_]) -> int | None:
    """The first look of a row that raises the alarm."""
    return next((span.fired for span in spans(is_up.tolist())), None)


def _batches(times: int, changes_a_week: float) -> Iterator[int]:
    most = max(1, int(AT_ONCE / max(changes_a_week, A_FEW) / (LOOKS + LEAD)))
    for begin in range(0, times, most):
        yield min(most, times - begin)


def _seasons(shape: tuple[int, ...], chance: Generator) -> Array:
    weeks = np.arange(shape[-1])
    factor = 1 + np.sin(2 * np.pi * (weeks + chance.integers(LOOKS, size=shape[:-1])[:, np.newaxis]) / LOOKS) / 2
    is_holiday = weeks // 2 == chance.integers(shape[-1] // 2, size=shape[:-1])[:, np.newaxis]
    return np.where(is_holiday, factor / 5, factor)


def _wandering(rate: float, shape: tuple[int, ...], spread: float, stays: float, chance: Generator) -> Array:
    """A rate whose log odds wander about it."""
    steps = chance.normal(0, spread, shape)
    for week in range(1, shape[-1]):
        steps[:, week] = stays * steps[:, week - 1] + np.sqrt(1 - stays**2) * steps[:, week]
    odds = rate / (1 - rate) * np.exp(steps)
    return odds / (1 + odds)


def _adoption(rate: Array, volume: Array, kind: Kind, chance: Generator) -> Rises:
    """Whole changes are marked or not; of lines all lines of them count."""
    return trend.of_units(_windows(_sums(rate, volume, kind, 1.0, chance), WEEKS), MINIMUM)


def _quality(rate: Array, volume: Array, kind: Kind, past: int, chance: Generator) -> Rises:
    """The trends of a quality metric with a rate for each week, each with so many weeks before its window."""
    every = _windows(_sums(rate, volume, kind, LUMPS, chance), past + WEEKS)
    return trend.of_units(every[..., past:], MINIMUM, before=every[..., :past])


def _sums(rate: Array, volume: Array, kind: Kind, lumps: float, chance: Generator) -> Array:
    """The SUMS of each week of each draw."""
    which = np.repeat(np.arange(volume.size), chance.poisson(volume).ravel())
    d = np.ones(len(which)) if kind == "incidents" else draws.sizes(chance, kind, which.shape)
    n = draws.hits(chance, d, rate.ravel()[which], lumps)
    ones = np.ones(len(which))
    each = [np.bincount(which, part, rate.size) for part in (ones, n, d, n * n, d * d, n * d, np.sign(n))]
    return np.stack(each).astype("float64").reshape(len(each), *rate.shape)


def _windows(sums: Array, weeks: int) -> Array:
    """Every stretch of so many weeks of each draw, with the SUMS on the axis before the last."""
    return np.moveaxis(np.lib.stride_tricks.sliding_window_view(sums, weeks, axis=2), 0, -2)
