"""The static drawings: a gap in the data is a gap in the line, and what is drawn stays inside its frame."""

import re
from datetime import date, timedelta
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from dashboard import svg
from dashboard.summary import Point
from dashboard.theme import LIGHT
from metrics.stats import Cell, Estimate

Elements = list[ET.Element]


def points(*values: float | None) -> list[Point]:
    """A week for each value, its interval a fifth to both sides."""
    first = date(2026, 8, 24)
    estimates = [None if value is None else Estimate(value, value * 0.8, value * 1.2) for value in values]
    return [Point(first + timedelta(weeks=number), each, Cell()) for number, each in enumerate(estimates)]


def drawn(text: str, tag: str) -> Elements:
    return ET.fromstring(text).findall(f".//{{http://www.w3.org/2000/svg}}{tag}")  # noqa: S314 - drawn by us


def places(element: ET.Element) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in element.attrib["points"].split())]


def test_a_week_without_an_estimate_is_a_gap_in_line_and_band() -> None:
    text = svg.spark(points(0.1, 0.2, None, None, 0.2, 0.1), LIGHT.adoption, LIGHT)

    assert [len(places(line)) for line in drawn(text, "polyline")] == [2, 2]
    assert [len(places(band)) for band in drawn(text, "polygon")] == [4, 4]
    assert [x for line in drawn(text, "polyline") for x, _ in places(line)] == [0, 44, 176, 220]


def test_a_lone_week_is_a_dot() -> None:
    text = svg.spark(points(None, 0.2, None), LIGHT.quality, LIGHT)

    [dot] = [line.attrib for line in drawn(text, "line") if line.attrib.get("stroke-linecap") == "round"]
    assert (dot["x1"], dot["x2"], dot["y1"] == dot["y2"]) == ("110.0", "110.0", True)


def test_nothing_known_draws_nothing() -> None:
    text = svg.panel(points(None, None), "Weekly active", LIGHT.adoption, LIGHT)

    assert drawn(text, "polyline") == drawn(text, "polygon") == []


@pytest.mark.parametrize("values", [(0.1, 0.9, 0.2), (0.0, 0.0), (250.0, 3.0), (0.0, 1.0, None)])
def test_what_is_drawn_stays_inside_its_frame(values: tuple[float | None, ...]) -> None:
    for text in (
        svg.spark(points(*values), LIGHT.adoption, LIGHT, 0.8),
        svg.panel(points(*values), "t", LIGHT.adoption, LIGHT, 0.8),
    ):
        root = ET.fromstring(text)  # noqa: S314 - drawn by us
        width, height = float(root.attrib["width"]), float(root.attrib["height"])
        spots = [spot for tag in ("polyline", "polygon") for each in drawn(text, tag) for spot in places(each)]
        assert all(0 <= x <= width and 0 <= y <= height for x, y in spots)


def test_more_stands_higher_and_a_band_encloses_its_line() -> None:
    text = svg.panel(points(0.2, 0.6), "t", LIGHT.adoption, LIGHT)
    [line], [band] = drawn(text, "polyline"), drawn(text, "polygon")
    (_, low), (_, high) = places(line)

    assert high < low
    upper, lower = places(band)[:2], places(band)[:1:-1]
    assert [above <= y <= below for (_, above), (_, y), (_, below) in zip(upper, places(line), lower, strict=True)] == [
        True, True,
    ]  # fmt: skip


def test_where_nothing_ever_happened_the_band_keeps_its_shape() -> None:
    never = [
        Point(date(2026, 8, 24), Estimate(0.0, 0.0, 0.02), Cell()),
        Point(date(2026, 8, 31), Estimate(0.0, 0.0, 0.04), Cell()),
    ]
    [band] = drawn(svg.panel(never, "t", LIGHT.quality, LIGHT), "polygon")

    (_, first), (_, second) = places(band)[:2]
    assert first > second


def test_an_episode_is_a_light_band_behind_the_series_inside_its_frame() -> None:
    text = svg.panel(points(0.2, 0.6), "t", LIGHT.quality, LIGHT, spans=[(0.5, 0.9)])

    [ground] = drawn(text, "rect")
    assert [ground.attrib[name] for name in ("x", "y", "width", "height")] == ["155.0", "24", "124.0", "100"]
    assert ground.attrib["fill"] == LIGHT.warn_ground
    assert text.index("<rect") < text.index("<polygon")
    assert drawn(svg.panel(points(0.2, 0.6), "t", LIGHT.quality, LIGHT), "rect") == []


def test_a_target_is_dashed_and_named() -> None:
    text = svg.panel(points(0.2, 0.6), "t", LIGHT.adoption, LIGHT, 0.8)

    assert [line.attrib.get("stroke-dasharray") for line in drawn(text, "line")].count("2 3") == 1
    assert "target" in [each.text for each in drawn(text, "text")]


@pytest.mark.parametrize(("ratio", "x"), [(1.0, 110), (2.0, 160), (0.25, 10), (64.0, 215), (0.001, 5)])
def test_a_ratio_stands_on_a_doubling_scale_and_at_its_edge_beyond(ratio: float, x: float) -> None:
    text = svg.interval(Estimate(ratio, ratio / 2, ratio * 2), LIGHT.ai, LIGHT)

    assert [float(dot.attrib["cx"]) for dot in drawn(text, "circle")] == [x]
    [bar] = [line for line in drawn(text, "line") if line.attrib.get("stroke-width") == "5"]
    assert 0 <= float(bar.attrib["x1"]) <= x <= float(bar.attrib["x2"]) <= 220


def test_words_are_escaped_and_a_drawing_fits_into_an_address() -> None:
    text = svg.panel(points(0.2), '<script>alert("1")</script> & co', LIGHT.adoption, LIGHT)

    assert drawn(text, "script") == []
    assert '<script>alert("1")</script> & co' in [each.text for each in drawn(text, "text")]
    address = svg.data_uri(text)
    assert unquote(address).removeprefix("data:image/svg+xml,") == text
    assert re.search(r"[\"'<>\s#]", address) is None


def test_a_drawing_has_its_size_needs_no_font_and_loads_nothing() -> None:
    text = svg.panel(points(0.2, 0.3), "t", LIGHT.adoption, LIGHT, 0.5)
    root = ET.fromstring(text)  # noqa: S314 - drawn by us

    assert (root.attrib["width"], root.attrib["height"]) == ("310", "150")
    assert {each.attrib["font-family"] for each in drawn(text, "text")} == {"sans-serif"}
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]
