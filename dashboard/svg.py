"""Small static drawings, for tiles and for the report: no script, no font of their own, a gap drawn as a gap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from math import log2
from urllib.parse import quote

from dashboard.summary import Point
from dashboard.theme import Palette
from metrics.bounds import Bounds
from metrics.stats import Estimate


@dataclass(frozen=True)
class Frame:
    """Where a series is drawn: pixels across and down, and the values at its foot and head."""

    width: float
    height: float
    top: float
    high: float
    low: float = 0.0

    def y(self, value: float) -> float:
        """How far down a value stands; what lies outside stands at the edge."""
        share = (min(max(value, self.low), self.high) - self.low) / ((self.high - self.low) or 1)
        return round(self.top + self.height * (1 - share), 1)


def data_uri(svg: str) -> str:
    """A drawing as an image's address: nothing of a page reaches into it, nor the other way round."""
    return "data:image/svg+xml," + quote(svg)


def spark(points: Sequence[Point], colour: str, palette: Palette, target: float | None = None) -> str:
    """A series with its band, 220 by 44."""
    frame = Frame(220, 38, 3, _top(points, target), _foot(points))
    drawn = series(points, frame, colour)
    if target is not None:
        drawn += _line(0, frame.width, frame.y(target), palette.soft, dashed=True)
    return _svg(220, 44, drawn, stretches=True)  # as wide as its tile


def panel(  # noqa: PLR0913 - all that a panel says
    points: Sequence[Point],
    title: str,
    colour: str,
    palette: Palette,
    target: float | None = None,
    last: str = "",
    *,
    spans: Sequence[tuple[float, float]] = (),
) -> str:
    """A series with its band, weeks below and `last`, its last value, for print; 310 by 150: two stand side by side on A4.

    `spans` are marked behind it, each from one share of its width to another.
    """
    frame = Frame(310, 100, 24, _top(points, target))
    drawn = "".join(upright(frame, span, palette.warn_ground, palette.warn) for span in spans)
    drawn += _text(0, 12, title, palette.ink) + _text(310, 12, last, colour, "end")
    drawn += _line(0, 310, frame.y(0), palette.line)
    drawn += series(points, frame, colour)
    if target is not None:
        drawn += _line(0, 310, frame.y(target), palette.soft, dashed=True)
        drawn += _text(2, frame.y(target) - 3, "target", palette.soft)
    ends = [points[0], points[len(points) // 2], points[-1]] if points else []
    for point, x, anchor in zip(ends, (0, 155, 310), ("start", "middle", "end"), strict=False):
        drawn += _text(x, 142, _week(point.week), palette.soft, anchor)
    return _svg(310, 150, drawn)


def interval(
    estimate: Estimate, colour: str, palette: Palette, bounds: Bounds | None = None, adjusted: float | None = None
) -> str:
    """A ratio and its interval on a doubling scale from a quarter to four, with a mark at one; 220 by 18.

    A thin line spans the bounds, and a ring stands at the adjusted ratio.
    """

    def x(value: float) -> float:
        return round(110 + 50 * min(max(log2(max(value, 1e-9)), -2.1), 2.1), 1)

    bar = f'<line x1="{x(estimate.low)}" x2="{x(estimate.high)}" y1="9" y2="9" stroke="{colour}" stroke-width="5"/>'
    ticks = "".join(_tick(x(value), palette.unknown) for value in (0.25, 0.5, 2, 4)) + _tick(x(1), palette.soft)
    thin = _line(x(bounds.low), x(bounds.high), 9, palette.soft) if bounds else ""
    dot = f'<circle cx="{x(estimate.value)}" cy="9" r="5" fill="{colour}"/>'
    if adjusted is not None:
        dot += f'<circle cx="{x(adjusted)}" cy="9" r="3" fill="{palette.panel}" stroke="{colour}" stroke-width="1.5"/>'
    return _svg(220, 18, ticks + thin + bar + dot)


def shares(parts: Sequence[tuple[float, str, bool]], palette: Palette) -> str:
    """Parts of a whole side by side, each a size, a colour and whether it is hatched; 220 by 18."""
    whole, x, drawn = sum(size for size, _, _ in parts), 0.0, ""
    hatch = f'<pattern id="h" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="3" height="6" fill="{palette.panel}" fill-opacity=".55"/></pattern>'  # noqa: E501
    for size, colour, is_hatched in parts:
        width = 220 * size / whole if whole else 0.0
        place = f'<rect x="{x:.1f}" y="2" width="{width:.1f}" height="14"'
        drawn += f'{place} fill="{colour}"/>' + (f'{place} fill="url(#h)"/>' if is_hatched else "") if width else ""
        x += width
    return _svg(220, 18, hatch + drawn)


def series(points: Sequence[Point], frame: Frame, colour: str) -> str:
    """A series with its band, one point beside the other."""
    drawn = ""
    for run in _runs(points):
        step = frame.width / max(len(points) - 1, 1)
        at = [(round(number * step, 1), estimate) for number, estimate in run]
        upper = [f"{x},{frame.y(estimate.high)}" for x, estimate in at]
        lower = [f"{x},{frame.y(estimate.low)}" for x, estimate in reversed(at)]
        middle = [f"{x},{frame.y(estimate.value)}" for x, estimate in at]
        drawn += f'<polygon fill="{colour}" fill-opacity=".16" points="{" ".join(upper + lower)}"/>'
        stroke = f'stroke="{colour}" stroke-width="2" vector-effect="non-scaling-stroke"'
        drawn += f'<polyline fill="none" {stroke} points="{" ".join(middle)}"/>'
        if len(at) == 1:  # a line of one point would not be seen
            dot = f'x1="{at[0][0]}" x2="{at[0][0]}" y1="{frame.y(at[0][1].value)}" y2="{frame.y(at[0][1].value)}"'
            # The round end of a stroke, which stays round where a picture is stretched.
            thick = 'stroke-width="4.5" stroke-linecap="round" vector-effect="non-scaling-stroke"'
            drawn += f'<line {dot} stroke="{colour}" {thick}/>'
    return drawn


def _runs(points: Sequence[Point]) -> Iterator[list[tuple[int, Estimate]]]:
    """Stretches of weeks that have an estimate, with their places."""
    for has_estimate, group in groupby(enumerate(points), key=lambda item: item[1].estimate is not None):
        if has_estimate:
            yield [(number, point.estimate) for number, point in group if point.estimate is not None]


def _top(points: Sequence[Point], target: float | None) -> float:
    known = [point.estimate for point in points if point.estimate]
    # Where nothing ever happened, there is only the band to scale by.
    highest = max((estimate.value for estimate in known), default=0.0) or max(
        (estimate.high for estimate in known), default=0.0
    )
    highs = [min(estimate.high, 1.6 * highest) for estimate in known]
    return max([*highs, target or 0.0, 1e-9]) * 1.04


def _foot(points: Sequence[Point]) -> float:
    return 0.85 * min((point.estimate.low for point in points if point.estimate), default=0.0)


def _line(x1: float, x2: float, y: float, colour: str, *, dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="2 3"' if dashed else ""
    return f'<line x1="{x1}" x2="{x2}" y1="{y}" y2="{y}" stroke="{colour}"{dashes}/>'


def rule(frame: Frame, value: float, colour: str, dashes: str = "") -> str:
    """A level line at a value, as thin as it is however far the picture is stretched."""
    y, dashed = frame.y(value), f' stroke-dasharray="{dashes}"' if dashes else ""
    thin = f'stroke="{colour}" stroke-width="1" vector-effect="non-scaling-stroke"'
    return f'<line x1="0" x2="{frame.width}" y1="{y}" y2="{y}" {thin}{dashed}/>'


def upright(frame: Frame, span: tuple[float, float], ground: str, edge: str) -> str:
    """A band behind what a frame holds, from one share of its width to another, with a thin edge where it begins."""
    x, wide = round(frame.width * span[0], 1), round(frame.width * (span[1] - span[0]), 1)
    thin = f'stroke="{edge}" stroke-width="1" stroke-dasharray="1 3" vector-effect="non-scaling-stroke"'
    return (
        f'<rect x="{x}" y="{frame.top}" width="{wide}" height="{frame.height}" fill="{ground}"/>'
        f'<line x1="{x}" x2="{x}" y1="{frame.top}" y2="{frame.top + frame.height}" {thin}/>'
    )


def stretched(width: int, height: int, drawn: str) -> str:
    """A picture that fills its place, however wide that is."""
    return _svg(width, height, drawn, stretches=True)


def _tick(x: float, colour: str) -> str:
    return f'<line x1="{x}" x2="{x}" y1="1" y2="17" stroke="{colour}"/>'


def _text(x: float, y: float, text: str, colour: str, anchor: str = "start") -> str:
    safe = text.replace("&", "&amp;").replace("<", "&lt;")
    style = f'font-family="sans-serif" font-size="11" fill="{colour}" text-anchor="{anchor}"'
    return f'<text x="{x}" y="{y}" {style}>{safe}</text>'


def _week(monday: date) -> str:
    return f"{monday.isocalendar().year}-W{monday.isocalendar().week:02d}"


def _svg(width: int, height: int, drawn: str, *, stretches: bool = False) -> str:
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    fitted = ' preserveAspectRatio="none"' if stretches else ""
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}{fitted} role="img">{drawn}</svg>'
