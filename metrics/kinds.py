"""What a simulated kind of interval is, and how often it held the truth."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from metrics.draws import Chance
from metrics.stats import Estimate

DRAWS, SEED = 2000, 20261207
# Why a setting is beyond 93 to 97 %.
WHOLE = "fewer than ten events are expected, and they come in whole numbers"
YES_OR_NO = "where no change happens to have two they are taken for yes or no, which of so few is too narrow"
TAIL = "a few very large ones make the mean, and a sample of so few lacks them: too narrow"
SELDOM = "fewer than ten events are expected on a side: it is told where chance gave five, and chance moved it"
EXTREME = "lines of real changes share their fate neither so much nor so little: wider than it need be"
LONG = "what both may be off by is added, as if few units were as odd on both sides: wider than it need be"
Estimates = Iterable[Sequence[Estimate | None]]


@dataclass(frozen=True)
class Setting:
    """What is asked of a draw, and what is true of it.

    `beyond` says why intervals hold it more or less often than 93 to 97 % of the time, where they do.
    """

    name: str
    truth: float
    beyond: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of interval, with settings that are drawn together: a draw is an estimate for each of them."""

    name: str
    settings: tuple[Setting, ...]
    draw: Callable[[Chance, int], Estimates]


@dataclass(frozen=True)
class Coverage:
    """How many of the draws had enough to say, and how many of these intervals held the truth."""

    kind: str
    setting: str
    beyond: str
    draws: int
    printed: int
    held: int

    @property
    def share(self) -> float | None:
        """How often an interval that is printed holds the truth; None where none is."""
        return self.held / self.printed if self.printed else None


def coverage(kind: Kind, draws: int = DRAWS, seed: int = SEED) -> list[Coverage]:
    """The coverage of a kind, setting by setting; the draws are the same in whatever order kinds are asked for."""
    chance = np.random.default_rng([seed, crc32(f"{kind.name}: {kind.settings[0].name}".encode())])
    found = []
    for setting, each in zip(kind.settings, zip(*kind.draw(chance, draws), strict=True), strict=True):
        told = [one for one in each if one]
        # Rounding is no miss.
        held = sum(bool(one.low <= setting.truth + 1e-9 and setting.truth - 1e-9 <= one.high) for one in told)
        found.append(Coverage(kind.name, setting.name, setting.beyond, draws, len(told), held))
    return found
