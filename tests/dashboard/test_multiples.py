"""Small multiples: one time axis, nothing over nothing, what is not settled marked, and words where nothing can be drawn."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from dashboard import multiples
from dashboard.bands import Band
from dashboard.figures import Line, Panel
from dashboard.multiples import HEIGHT, TEXT, WIDTH
from dashboard.references import PUBLISHED
from dashboard.summary import Point
from dashboard.theme import LIGHT
from metrics.metric import Metric
from metrics.registry import BY_KEY
from metrics.stats import Cell, Estimate

FIRST = date(2026, 8, 24)
ACTIVE, CHURN, RECOVERY = BY_KEY["weekly_active"], BY_KEY["churn"], BY_KEY["recovery_time"]


def line(*values: float | None, name: str = "") -> Line:
    estimates = [None if value is None else Estimate(value, value * 0.8, value * 1.2) for value in values]
    points = [Point(FIRST + timedelta(weeks=n), each, Cell(units=30)) for n, each in enumerate(estimates)]
    return Line(name, points, LIGHT.ai)


def lines_of(picture: str) -> list[list[tuple[float, float]]]:
    root = ET.fromstring(unquote(picture.partition(",")[2]))  # noqa: S314 - drawn by us
    found = root.findall(".//{http://www.w3.org/2000/svg}polyline")
    return [
        [(float(x), float(y)) for x, y in (pair.split(",") for pair in each.attrib["points"].split())] for each in found
    ]


def test_both_ledgers_stand_on_one_time_axis_at_the_same_height_each_with_its_own_scale() -> None:
    made = multiples.drawn(
        [Panel(ACTIVE, [line(0.4, 0.5, 0.6, 0.7, 0.8)]), Panel(CHURN, [line(0.05, 0.06, 0.07)])], LIGHT
    )

    above, below = made["panels"]
    assert [(each["title"], each["ledger"]) for each in made["panels"]] == [
        ("Weekly active, of the roster, %", "adoption"), ("Landed lines dead within 14 days, %", "quality"),
    ]  # fmt: skip
    assert [x for x, _ in lines_of(above["picture"])[0]] == [0, 250, 500, 750, WIDTH]
    # What is not settled yet is neither drawn nor stretched over: it is marked from the day after the last settled week.
    assert [x for x, _ in lines_of(below["picture"])[0]] == [0, 250, 500]
    assert (above["open"], below["open"]) == (None, pytest.approx(17 / 28))
    assert (above["scale"]["text"], below["scale"]["text"]) == ("50", "5")
    assert made["months"] == ["Aug '26", "Sep '26", "Sep '26", "Sep '26"]


def test_an_episode_is_shaded_in_both_pictures_and_named_below_them() -> None:
    episode = Band(FIRST + timedelta(weeks=1), FIRST + timedelta(weeks=3), is_over=True)
    unseen = Band(FIRST - timedelta(weeks=9), FIRST - timedelta(weeks=2), is_over=True)
    panels = [Panel(ACTIVE, [line(0.4, 0.5, 0.6, 0.7, 0.8)]), Panel(CHURN, [line(0.05, 0.06, 0.07)])]

    made = multiples.drawn(panels, LIGHT, [episode])

    for panel in made["panels"]:
        [ground] = ET.fromstring(unquote(panel["picture"].partition(",")[2])).findall(  # noqa: S314 - drawn by us
            ".//{http://www.w3.org/2000/svg}rect"
        )
        assert (ground.attrib["x"], ground.attrib["width"], ground.attrib["fill"]) == (
            "250.0",
            "500.0",
            LIGHT.warn_ground,
        )
    assert made["legend"] == ["Amber: diverged 2026-W36 to 2026-W38"]
    assert multiples.drawn(panels, LIGHT, [unseen]) == multiples.drawn(panels, LIGHT)


def test_a_gap_is_a_gap() -> None:
    [panel] = multiples.drawn([Panel(CHURN, [line(0.05, 0.06, None, 0.07, 0.08)])], LIGHT)["panels"]

    assert [[x for x, _ in each] for each in lines_of(panel["picture"])] == [[0, 250], [750, 1000]]


@pytest.mark.parametrize(
    "values", [(0.05, 0.05), (0.0, 0.0), (0.2, 0.2), (0.19, 0.2), (0.01, 0.2), (0.1, 0.1, 0.1), (0.2, 0.0, 0.001)]
)
def test_names_at_the_ends_of_lines_never_stand_on_one_another_nor_outside(values: tuple[float, ...]) -> None:
    lines = [line(0.1, value, name=f"line {number}") for number, value in enumerate(values)]

    [panel] = multiples.drawn([Panel(CHURN, lines)], LIGHT)["panels"]

    heights = [end["y"] for end in panel["ends"]]
    assert all(round(below - above, 6) >= TEXT for above, below in pairwise(heights))
    assert heights[0] >= TEXT / 2
    assert heights[-1] <= HEIGHT - TEXT / 2
    # The higher value is named first.
    assert panel["ends"][0]["text"].startswith(f"line {values.index(max(values))} ")


def test_a_panel_with_nothing_to_draw_says_why_beside_the_other_ledger() -> None:
    needs = Panel(ACTIVE, [line(None, None)], words="Needs usage logs")

    above, below = multiples.drawn([needs, Panel(CHURN, [line(0.05, 0.06)])], LIGHT)["panels"]

    assert (above["words"], above["picture"], above["ends"]) == ("Needs usage logs", "", [])
    assert below["words"] == ""


def test_targets_and_published_figures_are_told_below_with_what_is_not_like_for_like() -> None:
    churn = Panel(CHURN, [line(0.05, 0.06)], references=PUBLISHED["churn"].references)
    copied = Panel(BY_KEY["copied_within"], [line(0.05, 0.06)], references=PUBLISHED["copied_within"].references)
    active = Panel(ACTIVE, [line(0.5, 0.6)], target=0.8)

    assert multiples.drawn([active, churn], LIGHT)["legend"] == [
        "Dotted: target 80 %", "Dashed, not like for like: GitClear 2020: 4.8 %; GitClear 2024: 7.0 %",
    ]  # fmt: skip
    assert multiples.drawn([copied], LIGHT)["legend"] == [
        "Thin lines: GitClear 2020: 8.3 %; GitClear, first half of 2026: 15.7 %"
    ]
    text = unquote(multiples.drawn([active, churn], LIGHT)["panels"][1]["picture"])
    assert text.count("stroke-dasharray") == len(PUBLISHED["churn"].references)


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        (CHURN, 0.1, "10"),
        (CHURN, 0.004, "0.2"),
        (CHURN, 0.9, "100"),
        (RECOVERY, 30.0, "20 min"),
        (RECOVERY, 250.0, "2 h"),
    ],
)
def test_the_scale_has_one_round_mark(metric: Metric, value: float, text: str) -> None:
    panel = replace(Panel(CHURN, [line(value, value)]), metric=metric)

    assert multiples.drawn([panel], LIGHT)["panels"][0]["scale"]["text"] == text
