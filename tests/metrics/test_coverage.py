"""How often every kind of interval holds the truth, in draws whose sizes are those of real changes.

The whole table, of 2,000 draws each, is in `make bench`; those that take long are drawn less often here.
"""

from dataclasses import replace

import numpy as np
import pytest

from metrics import draws
from metrics.kinds import Coverage, Estimates, Kind, Setting, coverage
from metrics.simulated import DRAWS, KINDS
from metrics.stats import Estimate

FEWER = {"Lines alive": 400, "Two shares of lines": 500, "Adjusted ratio": 400}
NAMES = [
    "Proportion of changes",
    "Share of lines",
    "Lines, of some changes all",
    "Incidents per change",
    "Weighted incidents",
    "Findings per 1,000 lines",
    "Lines per change",
    "Mean minutes",
    "Mean percentile",
    "People over twelve weeks",
    "Lines alive",
    "Two proportions",
    "Two shares of lines",
    "Two rates of incidents",
    "Two means of minutes",
    "People in two windows",
    "Counts over exposure",
    "Adjusted ratio",
]


def is_within(row: Coverage) -> bool:
    """Whether the share may be between 93 and 97 %, for all that so many draws tell: three standard errors."""
    assert row.share is not None
    error = 3 * (0.05 * 0.95 / row.printed) ** 0.5
    return 0.93 - error <= row.share <= 0.97 + error


def test_every_kind_is_simulated() -> None:
    assert list(dict.fromkeys(kind.name for kind in KINDS)) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_intervals_hold_the_truth_as_often_as_they_say(name: str) -> None:
    rows = [row for kind in KINDS if kind.name == name for row in coverage(kind, FEWER.get(name, DRAWS))]
    told = [row for row in rows if row.printed >= 100]

    # Those that are beyond say why, and even they miss in few of the draws.
    assert [row for row in told if not row.beyond and not is_within(row)] == []
    assert [row for row in told if row.printed - row.held > 0.12 * row.draws] == []
    seldom = [row for row in told if row.held + 3 * (0.08 * 0.92 * row.printed) ** 0.5 < 0.92 * row.printed]
    assert [row for row in seldom if "wider" in row.beyond] == []
    assert len(told) > 0.7 * len(rows)


def test_an_interval_that_is_too_narrow_is_found() -> None:
    [people] = [kind for kind in KINDS if kind.settings[0].name == "16 people, 40%, very different habits"]

    def halved(chance: np.random.Generator, count: int) -> Estimates:
        for (found,) in people.draw(chance, count):
            assert found is not None
            yield (Estimate(found.value, (found.value + found.low) / 2, (found.value + found.high) / 2),)

    [whole], [half] = coverage(people), coverage(replace(people, draw=halved))

    assert is_within(whole)
    assert not is_within(half)
    assert half.held < 0.8 * whole.held


def test_too_few_to_say_is_counted_apart_and_rounding_is_no_miss() -> None:
    estimates = [Estimate(0.5, 0.4, 0.5 - 1e-12), Estimate(0.5, 0.2, 0.3), None]
    kind = Kind("made", (Setting("three", 0.5, "why"),), lambda _, many: [(each,) for each in estimates[:many]])

    assert coverage(kind, 3) == [Coverage("made", "three", "why", draws=3, printed=2, held=1)]
    assert Coverage("made", "none", "", draws=3, printed=0, held=0).share is None


def test_kinds_are_drawn_alike_in_any_order() -> None:
    first, last = KINDS[3], KINDS[-2]

    assert [coverage(last, 20), coverage(first, 20)] == [coverage(kind, 20) for kind in (last, first)]
    assert coverage(first, 200, seed=1) != coverage(first, 200, seed=2)


@pytest.mark.parametrize(
    ("shape", "median", "ninetieth", "uneven"), [("curl and redis", 8, 93, 13.6), ("gemini-cli", 55, 410, 3.7)]
)
def test_sizes_are_those_that_were_measured(shape: str, median: float, ninetieth: float, uneven: float) -> None:
    sizes = draws.sizes(np.random.default_rng(4), shape, (200_000,))

    assert np.quantile(sizes, [0.5, 0.9]) == pytest.approx([median, ninetieth], rel=0.05)
    assert sizes.var() / sizes.mean() ** 2 == pytest.approx(uneven, rel=0.1)
    assert sizes.min() == 1


@pytest.mark.parametrize(("lumps", "between"), [("all or nothing", 1), ("mostly together", 0.3), ("line by line", 0)])
def test_lines_share_their_fate_as_much_as_asked(lumps: str, between: float) -> None:
    chance = np.random.default_rng(6)
    d = np.full((1, 20_000), 100.0)

    shares = draws.hits(chance, d, 0.2, draws.LUMPS[lumps]) / 100

    assert shares.mean() == pytest.approx(0.2, abs=0.01)
    assert shares.var() == pytest.approx(0.16 * (between + (1 - between) / 100), rel=0.05)


def test_lives_end_as_often_as_asked_and_are_seen_for_two_years_at_most() -> None:
    chance = np.random.default_rng(7)
    d = np.full((1, 4_000), 50.0)

    for is_whole, a_day in ((True, 0.002), (False, 0.006)):
        [lives] = draws.lives(chance, d, a_day, is_whole=is_whole)
        [at_90] = lives.curve([90])
        assert at_90.estimate is not None
        assert at_90.estimate.value == pytest.approx(np.exp(-0.002 * 90), abs=0.02)
        assert lives.lines.sum() == 200_000
        assert (lives.age.min() >= 0, lives.age.max() < 730) == (True, True)
