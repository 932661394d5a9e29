"""The figures of the pages: one panel a metric on one time axis, gaps as gaps, bands, and what is provisional hatched."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import plotly.graph_objects as go
import pytest

from dashboard import figures
from dashboard.bands import Band
from dashboard.figures import Lifetime, Line, Panel
from dashboard.references import PUBLISHED
from dashboard.summary import Point
from dashboard.theme import DARK, LIGHT, Palette
from metrics.registry import BY_KEY
from metrics.stats import Cell, Estimate
from metrics.survival import Survival

FIRST = date(2026, 8, 24)
ACTIVE, REVERTS, RECOVERY = BY_KEY["weekly_active"], BY_KEY["revert_rate"], BY_KEY["recovery_time"]
LINES, CHURN = BY_KEY["ai_line_share"], BY_KEY["churn"]


def line(*values: float | None, name: str = "", colour: str = LIGHT.adoption) -> Line:
    estimates = [None if value is None else Estimate(value, value * 0.8, value * 1.2) for value in values]
    points = [Point(FIRST + timedelta(weeks=n), each, Cell(units=30)) for n, each in enumerate(estimates)]
    return Line(name, points, colour)


def series(figure: go.Figure) -> list[go.Scatter]:
    return [trace for trace in figure.data if "markers" in (trace.mode or "")]


def bands(figure: go.Figure) -> list[go.Scatter]:
    return [trace for trace in figure.data if trace.opacity is not None]


def hatched(figure: go.Figure) -> list[go.Scatter]:
    return [trace for trace in figure.data if trace.fillpattern.shape]


def words(figure: go.Figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


def test_a_week_without_an_estimate_is_a_gap_and_never_zero() -> None:
    figure = figures.stacked([Panel(ACTIVE, [line(0.25, 0.5, None, 0.5)])], LIGHT)

    [drawn] = series(figure)
    assert list(drawn.y) == [25, 50, None, 50]
    assert drawn.connectgaps is False
    # A lone week has a mark: no line goes through it.
    assert list(drawn.marker.size) == [0, 0, 0, 6]


def test_a_band_goes_from_low_to_high_and_has_the_same_gap() -> None:
    figure = figures.stacked([Panel(ACTIVE, [line(0.25, 0.5, None, 0.5)])], LIGHT)

    assert [list(band.y) for band in bands(figure)] == [[30, 60, 40, 20], [60, 40]]
    weeks = [FIRST, FIRST + timedelta(weeks=1)]
    assert list(bands(figure)[0].x) == weeks + weeks[::-1]
    assert {band.fillcolor for band in bands(figure)} == {LIGHT.adoption}


def test_each_metric_has_a_panel_and_a_scale_of_its_own_on_one_time_axis() -> None:
    figure = figures.stacked([Panel(ACTIVE, [line(0.4, 0.8)]), Panel(REVERTS, [line(0.02, 0.04)])], LIGHT)

    assert [trace.yaxis for trace in series(figure)] == ["y", "y2"]
    assert not any("overlaying" in axis and axis.overlaying for axis in (figure.layout.yaxis, figure.layout.yaxis2))
    assert figure.layout.xaxis.matches == "x2"
    upper, lower = figure.layout.yaxis.domain, figure.layout.yaxis2.domain
    assert upper[0] > lower[1]
    assert upper[1] - upper[0] == pytest.approx(lower[1] - lower[0])
    assert figure.layout.yaxis.range[0] == figure.layout.yaxis2.range[0] == 0
    assert f"{ACTIVE.title}, %" in words(figure)
    assert f"{REVERTS.title}, %" in words(figure)


def test_the_weeks_that_one_metric_has_not_settled_are_hatched_and_called_provisional() -> None:
    figure = figures.stacked([Panel(ACTIVE, [line(0.4, 0.8, 0.8, 0.8)]), Panel(REVERTS, [line(0.02, 0.04)])], LIGHT)

    [area] = hatched(figure)
    assert area.yaxis == "y2"
    assert (min(area.x), max(area.x)) == (FIRST + timedelta(days=11), FIRST + timedelta(weeks=3))
    assert words(figure).count("provisional") == 1
    settled = figures.stacked([Panel(ACTIVE, [line(0.4)]), Panel(REVERTS, [line(0.02)])], LIGHT)
    assert hatched(settled) == []
    assert "provisional" not in words(settled)


def test_an_empty_panel_says_why_and_keeps_its_place_beside_the_other_ledger() -> None:
    empty = Panel(REVERTS, [], words="Needs git history")
    figure = figures.stacked([Panel(ACTIVE, [line(0.4, 0.8)]), empty], LIGHT)

    assert empty.is_empty
    assert "Needs git history" in words(figure)
    assert f"{REVERTS.title}, %" in words(figure)
    assert len(series(figure)) == 1
    # Its time axis is that of the others.
    assert [list(trace.x) for trace in figure.data if trace.yaxis == "y2"] == [[FIRST, FIRST + timedelta(weeks=1)]]
    assert figure.layout.yaxis2.domain[1] > figure.layout.yaxis2.domain[0]
    assert figures.Panel(REVERTS, [line(None, None)]).words == "too few to say"


def test_lines_are_named_at_their_end_in_their_own_colour_and_there_is_no_legend() -> None:
    lines = [line(0.1, 0.2, name="AI-marked", colour=LIGHT.ai), line(0.1, None, name="The rest", colour=LIGHT.rest)]
    figure = figures.stacked([Panel(REVERTS, lines)], LIGHT)

    ends = [each for each in figure.layout.annotations if each.text.startswith(("AI-marked", "The rest"))]
    ends.sort(key=lambda each: each.text)
    assert [(each.text, each.x, each.font.color) for each in ends] == [
        ("AI-marked 20 %", FIRST + timedelta(weeks=1), LIGHT.ai),
        ("The rest 10.0 %", FIRST, LIGHT.rest),
    ]
    assert figure.layout.showlegend is False


def test_names_of_lines_that_end_close_together_do_not_stand_on_one_another() -> None:
    def shifts(*ends: float) -> list[int | None]:
        lines = [line(0.5, value, name=f"line {value}") for value in ends]
        found = figures.stacked([Panel(REVERTS, lines)], LIGHT).layout.annotations
        return [each.yshift for each in found if each.text.startswith("line")]

    assert shifts(0.3, 0.29) == [0, 15]
    assert shifts(0.3, 0.1) == [0, 0]


def test_a_target_is_a_dotted_line_with_its_name() -> None:
    figure = figures.stacked([Panel(ACTIVE, [line(0.4, 0.8)], target=0.9)], LIGHT)

    [target] = [shape for shape in figure.layout.shapes if shape.line.dash == "dot"]
    assert (target.y0, target.y1) == (90, 90)
    assert "target 90 %" in words(figure)
    assert figure.layout.yaxis.range[1] > 90


def test_hovering_tells_week_value_interval_and_sample() -> None:
    figure = figures.stacked([Panel(REVERTS, [line(0.1, name="AI-marked")])], LIGHT)

    assert series(figure)[0].text == ("AI-marked<br>2026-W35: 10.0 %<br>8.0 to 12.0 %<br>30 landed changes",)


def test_durations_are_drawn_in_minutes() -> None:
    figure = figures.stacked([Panel(RECOVERY, [line(120.0)])], LIGHT)

    assert list(series(figure)[0].y) == [120]
    assert f"{RECOVERY.title}, minutes" in words(figure)


def test_where_nothing_ever_happened_there_is_still_a_scale() -> None:
    never = [Point(FIRST, Estimate(0.0, 0.0, 0.03), Cell(units=90))]
    figure = figures.stacked([Panel(REVERTS, [Line("", never, LIGHT.quality)])], LIGHT)

    assert figure.layout.yaxis.range[1] == pytest.approx(3.15)


def test_incidents_stand_at_the_foot_of_the_last_panel_severe_ones_taller() -> None:
    events = [(FIRST, "INC-1", False), (FIRST + timedelta(days=3), "INC-2", True), (date(2020, 1, 1), "INC-0", True)]
    figure = figures.stacked([Panel(ACTIVE, [line(0.4, 0.8)]), Panel(REVERTS, [line(0.1, 0.1)])], LIGHT, events)

    ticks = [shape for shape in figure.layout.shapes if shape.line.color == LIGHT.bad]
    assert [tick.x0 for tick in ticks] == [FIRST, FIRST + timedelta(days=3)]
    low, tall = (tick.y1 - tick.y0 for tick in ticks)
    assert tall == pytest.approx(2 * low)
    assert {tick.y0 for tick in ticks} == {figure.layout.yaxis2.domain[0]}


def test_an_episode_is_a_light_band_behind_both_panels_with_a_word() -> None:
    panels = [Panel(ACTIVE, [line(*[0.4] * 12)]), Panel(REVERTS, [line(*[0.1] * 10)])]
    begin = panels[0].lines[0].points[0].week
    at = [begin + timedelta(weeks=week) for week in range(14)]
    over, goes_on = Band(at[2], at[4], is_over=True), Band(at[8], at[9], is_over=False)
    unseen = Band(at[13], at[13], is_over=False)

    layout = figures.stacked(panels, LIGHT, episodes=[over, goes_on, unseen]).layout

    ground = [each for each in layout.shapes if each.type == "rect"]
    assert [(each.x0, each.x1, each.y0, each.y1, each.yref) for each in ground] == [
        (at[2], at[4], 0, 1, "paper"), (at[8], at[9], 0, 1, "paper"),
    ]  # fmt: skip
    assert {(each.fillcolor, each.layer) for each in ground} == {(LIGHT.warn_ground, "below")}
    # Each word stands on the side that has more room.
    assert [(each.text, each.x, each.xanchor) for each in layout.annotations if "diverg" in each.text] == [
        (over.word, at[2], "left"), (goes_on.word, at[8], "right"),
    ]  # fmt: skip


def test_an_episode_that_began_before_the_chart_is_marked_from_its_edge_on() -> None:
    panel = Panel(ACTIVE, [line(*[0.4] * 4)])
    begin = panel.lines[0].points[0].week

    layout = figures.stacked([panel], LIGHT, episodes=[Band(begin - timedelta(weeks=9), begin, is_over=False)]).layout

    assert {each.x0 for each in layout.shapes} == {begin}


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_the_ground_shows_through_and_words_take_the_colours_of_the_ground(palette: Palette) -> None:
    panel = Panel(ACTIVE, [line(0.4, 0.8)])
    figure = figures.stacked([panel, replace(panel, lines=[line(0.1)])], palette)

    assert (figure.layout.paper_bgcolor, figure.layout.plot_bgcolor) == ("rgba(0,0,0,0)", "rgba(0,0,0,0)")
    assert figure.layout.font.color == palette.soft
    [name, *_] = [each for each in figure.layout.annotations if each.text.startswith(ACTIVE.title)]
    assert name.font.color == palette.ink


def test_shares_of_a_whole_stand_on_one_another_and_what_nobody_knows_is_hatched() -> None:
    parts = [
        line(0.2, 0.3, name="AI-marked", colour=LIGHT.ai),
        line(0.1, 0.0, name="Attested human", colour=LIGHT.human),
    ]
    parts.append(replace(line(0.7, 0.7, name="Unknown", colour=LIGHT.unknown), is_hatched=True))

    figure = figures.stacked([Panel(LINES, parts, is_whole=True)], LIGHT)

    areas = bands(figure)
    assert [[round(y) for y in area.y] for area in areas] == [[20, 30, 0, 0], [30, 30, 30, 20], [100, 100, 30, 30]]
    assert [area.fillcolor for area in areas] == [LIGHT.ai, LIGHT.human, LIGHT.unknown]
    assert hatched(figure) == [areas[2]]
    assert figure.layout.yaxis.range == (0, 100)
    # A share of nothing has no name at its end.
    assert words(figure)[1:] == ["AI-marked 30 %", "Unknown 70 %"]


def test_a_gap_in_a_whole_is_a_gap() -> None:
    figure = figures.stacked([Panel(LINES, [line(0.2, None, 0.4), line(0.8, None, 0.6)], is_whole=True)], LIGHT)

    assert [[round(y) for y in area.y] for area in bands(figure)] == [[20, 0], [40, 0], [100, 20], [100, 40]]


@pytest.mark.parametrize("key", sorted(PUBLISHED))
def test_published_figures_are_thin_lines_with_their_year_and_fit_the_scale(key: str) -> None:
    references = PUBLISHED[key].references

    figure = figures.stacked([Panel(BY_KEY[key], [line(0.01, 0.02)], references=references)], LIGHT)

    lines = [shape for shape in figure.layout.shapes if shape.type == "line"]
    assert [shape.y0 for shape in lines] == [
        100 * each.value for each in sorted(references, key=lambda each: each.value)
    ]
    assert {shape.line.dash for shape in lines} == {"solid" if references[0].is_alike else "dash"}
    assert figure.layout.yaxis.range[1] > max(shape.y0 for shape in lines)
    for reference in references:
        assert reference.text in words(figure)
        assert reference.text.endswith("not like for like") == (not reference.is_alike)
        assert "a vendor" in PUBLISHED[key].said


def test_lifetimes_have_bands_and_end_where_too_few_have_come() -> None:
    curve = [
        Survival(0, Estimate(1, 1, 1), 90, 30),
        Survival(30, Estimate(0.8, 0.7, 0.9), 60, 20),
        Survival(90, None, 9, 3),
    ]

    figure = figures.lifetimes([Lifetime("AI-marked", curve, LIGHT.ai), Lifetime("Nobody", [], LIGHT.rest)], LIGHT)

    band, drawn = figure.data[:2]
    assert (list(band.x), list(band.y)) == ([0, 30, 30, 0], [100, 90, 70, 100])
    assert (list(drawn.x), list(drawn.y)) == ([0, 30], [100, 80])
    assert "30 days: 80 % alive<br>70 to 90 %<br>20 landed changes that old" in drawn.text[1]
    assert words(figure) == ["AI-marked 80 %"]
    assert [shape.x0 for shape in figure.layout.shapes] == [30, 90, 180, 365]


def test_names_of_lifetimes_that_end_together_stand_apart() -> None:
    ends = [[Survival(0, Estimate(value, 0, 1), 90, 30)] for value in (0.5, 0.51, 0.49)]

    figure = figures.lifetimes([Lifetime(str(n), curve, LIGHT.ai) for n, curve in enumerate(ends)], LIGHT)

    heights = sorted(annotation.y for annotation in figure.layout.annotations)
    assert min(b - a for a, b in pairwise(heights)) >= 7
