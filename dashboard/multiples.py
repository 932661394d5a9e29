"""Small multiples: panels on one time axis, drawn as stretched pictures with the page's own words around them.

A picture of this kind is a few kilobytes and needs no script, so that a page can hold every metric at once.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from math import floor, log10
from typing import Any

from dashboard import bands, svg, wording
from dashboard.bands import Band
from dashboard.figures import Panel, top_of
from dashboard.scales import scale
from dashboard.summary import Point
from dashboard.svg import Frame
from dashboard.theme import Palette
from metrics.metric import Metric
from metrics.stats import Cell

WIDTH, HEIGHT = 1000, 64  # of a picture; it is as wide as its place, and as high as it says
TEXT = 15  # pixels that a line of text takes


def drawn(panels: Sequence[Panel], palette: Palette, episodes: Sequence[Band] = ()) -> dict[str, Any]:
    """What the template shows of panels that stand on one another; the same height for each."""
    weeks = sorted({point.week for panel in panels for line in panel.lines for point in line.points})
    shown = bands.within(episodes, weeks[0], weeks[-1]) if weeks else []
    whole, spans = Frame(WIDTH, HEIGHT, 0, 1), (bands.span(each, weeks[0], weeks[-1]) for each in shown)
    behind = "".join(svg.upright(whole, span, palette.warn_ground, palette.warn) for span in spans)
    return {
        "height": HEIGHT,
        "panels": [_panel(panel, weeks, palette, behind) for panel in panels],
        "months": _months(weeks),
        "legend": [f"Amber: {each.word}" for each in shown] + [said for panel in panels for said in _legend(panel)],
    }


def _panel(panel: Panel, weeks: Sequence[date], palette: Palette, behind: str) -> dict[str, Any]:
    metric = panel.metric
    unit = "" if metric.shown_as == "minutes" or not scale(metric).axis else f", {scale(metric).axis}"
    made: dict[str, Any] = {"title": f"{metric.title}{unit}", "ledger": metric.ledger, "words": "", "picture": ""}
    made |= {"ends": [], "scale": None, "open": None}
    if panel.is_empty:
        return made | {"words": panel.words}
    # What a panel is scaled to is in what its axis shows: hundredths, or minutes, or dollars.
    frame = Frame(WIDTH, HEIGHT, 0, top_of(panel) / scale(metric).factor)
    return made | {
        "picture": svg.data_uri(svg.stretched(WIDTH, HEIGHT, behind + _picture(panel, weeks, frame, palette))),
        "ends": _ends(panel, frame),
        "scale": _mark(metric, frame),
        "open": _provisional(panel, weeks),
    }


def _picture(panel: Panel, weeks: Sequence[date], frame: Frame, palette: Palette) -> str:
    parts = svg.rule(frame, 0.0, palette.line) + svg.rule(frame, _nice(panel.metric, frame.high), palette.line)
    for reference in panel.references:
        parts += svg.rule(frame, reference.value, palette.soft, dashes="" if reference.is_alike else "6 4")
    if panel.target is not None:
        parts += svg.rule(frame, panel.target, palette.soft, dashes="2 3")
    for line in panel.lines:
        known = {point.week: point for point in line.points}
        parts += svg.series([known.get(week, Point(week, None, Cell())) for week in weeks], frame, line.colour)
    return parts


def _ends(panel: Panel, frame: Frame) -> list[dict[str, Any]]:
    """Each line's name and last value beside its end; those that end together stand apart."""
    lasts = [(line, [point.estimate for point in line.points if point.estimate][-1:]) for line in panel.lines]
    found = sorted(
        ((frame.y(last[0].value), line, last[0].value) for line, last in lasts if last), key=lambda end: end[0]
    )
    made: list[dict[str, Any]] = []
    for number, (y, line, value) in enumerate(found):
        above = made[-1]["y"] + TEXT if made else TEXT / 2
        below = HEIGHT - TEXT * (len(found) - number - 0.5)  # room for those that come after
        text = f"{line.name} {wording.value(panel.metric, value)}".strip()
        made.append({"y": max(min(y, below), above), "text": text, "colour": line.colour})
    return made


def _legend(panel: Panel) -> list[str]:
    """What the level lines are; their names would stand on one another in so small a picture."""
    said = [f"Dotted: target {wording.value(panel.metric, panel.target)}"] if panel.target is not None else []
    for name, is_alike in (("Thin lines", True), ("Dashed, not like for like", False)):
        texts = [each.label for each in panel.references if each.is_alike == is_alike]
        said += [f"{name}: {'; '.join(texts)}"] if texts else []
    return said


def _mark(metric: Metric, frame: Frame) -> dict[str, Any]:
    """The one value on the scale that is written out."""
    value = _nice(metric, frame.high)
    text = wording.minutes(value) if metric.shown_as == "minutes" else f"{value * scale(metric).factor:g}"
    return {"y": frame.y(value), "text": text}


def _nice(metric: Metric, top: float) -> float:
    """The largest round number, in the words of the axis, that leaves a little room above it."""
    unit = 60 if metric.shown_as == "minutes" and top >= 90 else 1 / scale(metric).factor
    most = 0.95 * top / unit
    power = 10.0 ** floor(log10(most))
    return unit * max(step * power for step in (1, 2, 5) if step * power <= most)


def _provisional(panel: Panel, weeks: Sequence[date]) -> float | None:
    """Where the weeks begin that are not settled for this metric, as a share of the axis; None where all are."""
    last = max(point.week for line in panel.lines for point in line.points)
    if last >= weeks[-1]:
        return None
    return (last + timedelta(days=3) - weeks[0]) / (weeks[-1] - weeks[0])


def _months(weeks: Sequence[date]) -> list[str]:
    """The months at the ends of the axis and at its thirds."""
    if not weeks:
        return []
    return [f"{weeks[0] + (weeks[-1] - weeks[0]) * third / 3:%b '%y}" for third in range(4)]
