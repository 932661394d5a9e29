"""Luck with a seed: streams of random numbers, even spreading, and working hours."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

T = TypeVar("T")

SATURDAY = 5


def stream(seed: int, name: str) -> random.Random:
    """A generator of its own for every concern, so that a new draw in one does not change the others."""
    return random.Random(f"{seed}:{name}")


class Quota:
    """Says yes at a given rate, evenly: luck decides when, not how often."""

    def __init__(self, rng: random.Random) -> None:
        """Start with nothing due."""
        self._rng = rng
        self._due = 0.0
        self._threshold = rng.random()

    def take(self, rate: float) -> bool:
        """Whether this one is it; over many calls the yeses add up to the sum of the rates."""
        self._due += rate
        if self._due < self._threshold:
            return False
        self._due -= 1
        self._threshold = self._rng.random()
        return True

    def whole(self, rate: float) -> int:
        """A whole number near the rate, so that the sum of them keeps up with the sum of the rates."""
        return int(rate) + self.take(rate - int(rate))


def weighted(rng: random.Random, choices: Sequence[tuple[T, float]]) -> T:
    """One of the choices, by weight."""
    return rng.choices([choice for choice, _ in choices], [weight for _, weight in choices])[0]


def working_time(rng: random.Random, day: date, since: int = 7, until: int = 17) -> datetime:
    """A moment of the day between two hours, UTC."""
    seconds = rng.randrange((until - since) * 3600)
    return datetime.combine(day, time(since), UTC) + timedelta(seconds=seconds)


def working_day(rng: random.Random, monday: date) -> date:
    """A day of the week, now and then of its end."""
    return monday + timedelta(days=weighted(rng, [(day, 0.05 if day >= SATURDAY else 1.0) for day in range(7)]))


def next_working_time(rng: random.Random, moment: datetime) -> datetime:
    """The moment itself if somebody is at work then (Monday to Friday, 8 to 16), else the next morning."""
    if moment.hour >= 16:
        moment = working_time(rng, moment.date() + timedelta(days=1), 8, 11)
    elif moment.hour < 8:
        moment = working_time(rng, moment.date(), 8, 11)
    while moment.weekday() >= SATURDAY:
        moment += timedelta(days=1)
    return moment


def chance_id(rng: random.Random) -> str:
    """A random id in the shape of a UUID."""
    digits = f"{rng.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], "4" + digits[13:16], "a" + digits[17:20], digits[20:]))
