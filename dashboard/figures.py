"""Figures for the pages: points in, plotly figure out. Bands are 95 % intervals; a gap in the data is a gap here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import inf

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import bands, wording
from dashboard.bands import Band
from dashboard.references import Reference
from dashboard.scales import scale
from dashboard.summary import Point
from dashboard.theme import Palette
from metrics.metric import Metric
from metrics.survival import AGES, Survival

LEGIBLE = 6.0  # per cent of a whole that a name takes
FONT = '"Source Sans", "Source Sans 3", sans-serif'  # what the rest of the page is set in


@dataclass(frozen=True)
class Line:
    """A series in a panel."""

    name: str
    points: Sequence[Point]
    colour: str
    is_hatched: bool = False


@dataclass(frozen=True)
class Panel:
    """One metric with its own scale; panels are stacked on one time axis, never two scales in one."""

    metric: Metric
    lines: Sequence[Line]
    target: float | None = None
    is_whole: bool = False  # the lines are shares of a whole, and stand on one another
    has_legend: bool = False  # which names its lines: here thin ones are not named, and names are not coloured
    references: Sequence[Reference] = ()
    words: str = wording.TOO_FEW  # what stands in it where there is nothing to draw

    @property
    def is_empty(self) -> bool:
        """Whether no week of any line has an estimate."""
        return not any(point.estimate for line in self.lines for point in line.points)


def stacked(
    panels: Sequence[Panel],
    palette: Palette,
    events: Sequence[tuple[date, str, bool]] = (),
    episodes: Sequence[Band] = (),
) -> go.Figure:
    """Panels on one time axis; `events` are ticks at the foot of the last: a day, a name, whether it is severe."""
    figure = make_subplots(rows=len(panels), cols=1, shared_xaxes=True, vertical_spacing=0.16 / max(len(panels) - 1, 1))
    weeks = [point.week for panel in panels for line in panel.lines for point in line.points]
    begin, end = min(weeks), max(weeks)
    bands.draw(figure, episodes, (begin, end), palette)
    for row, panel in enumerate(panels, 1):
        _name(figure, row, panel, palette)
        if panel.is_empty:
            _say(figure, row, panel, begin, end)
            continue
        if panel.is_whole:
            _pile(figure, row, panel)
        else:
            for line in panel.lines:
                _draw(figure, row, panel.metric, line)
            _label(figure, row, panel)
        _finish(figure, row, panel, palette, end)
    _ticks(figure, len(panels), [event for event in events if begin <= event[0] <= end], palette)
    figure.update_layout(
        height=60 + 190 * len(panels), margin={"l": 48, "r": _room(panels), "t": 34, "b": 34}, showlegend=False,
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", hovermode="closest",
        font={"color": palette.soft, "size": 12, "family": FONT}, dragmode=False,
    )  # fmt: skip
    figure.update_xaxes(range=[begin - timedelta(days=4), end + timedelta(days=4)])
    # Few and short: they stand side by side on a phone as well.
    figure.update_xaxes(tickformat="%b '%y", tickangle=0, nticks=5, ticks="outside")
    figure.update_xaxes(showgrid=False, linecolor=palette.line, fixedrange=True)
    figure.update_yaxes(gridcolor=palette.line, zeroline=False, nticks=4, fixedrange=True)
    return figure


def _room(panels: Sequence[Panel]) -> int:
    """Pixels to the right of the panels: the longest name at the end of a line stands there, on a phone too."""
    longest = max((len(line.name) for panel in panels for line in panel.lines), default=0)
    return 76 + 4 * longest


def _draw(figure: go.Figure, row: int, metric: Metric, line: Line) -> None:
    factor = scale(metric).factor
    values = [point.estimate.value * factor if point.estimate else None for point in line.points]
    for run in _runs(line.points):
        upper = [point.estimate.high * factor for point in run if point.estimate]
        lower = [point.estimate.low * factor for point in run if point.estimate]
        days = [point.week for point in run]
        figure.add_trace(
            go.Scatter(
                x=days + days[::-1], y=upper + lower[::-1], fill="toself", fillcolor=line.colour, opacity=0.15,
                line={"width": 0}, hoverinfo="skip", mode="lines",
            ), row=row, col=1,
        )  # fmt: skip
    trace = _hover(metric, line, values)
    trace.update(
        mode="lines+markers", line={"color": line.colour, "width": 2.2}, connectgaps=False,
        marker={"size": [6 if len(run) == 1 else 0 for run in _neighbours(line.points)]},
    )  # fmt: skip
    figure.add_trace(trace, row=row, col=1)


def _hover(metric: Metric, line: Line, heights: Sequence[float | None]) -> go.Scatter:
    """What a reader is told who points at a week."""
    texts = [
        f"{line.name}<br>{wording.week_name(point.week)}: {wording.value(metric, point.estimate.value)}"
        f"<br>{wording.interval(metric, point.estimate)}<br>{wording.counted(point.cell.units, metric.unit)}"
        if point.estimate else "" for point in line.points
    ]  # fmt: skip
    weeks = [point.week for point in line.points]
    return go.Scatter(x=weeks, y=heights, text=texts, hovertemplate="%{text}<extra></extra>",
                      mode="lines", line={"width": 0})  # fmt: skip


def _pile(figure: go.Figure, row: int, panel: Panel) -> None:
    """Shares of a whole, one upon the other, each named at its end; what nobody knows is hatched."""
    foot = [0.0] * len(panel.lines[0].points)
    for line in panel.lines:
        values = [point.estimate.value * 100 if point.estimate else None for point in line.points]
        heads = [low + (value or 0.0) for low, value in zip(foot, values, strict=True)]
        for run in _runs(line.points):
            places = [line.points.index(point) for point in run]
            days = [point.week for point in run]
            figure.add_trace(
                go.Scatter(
                    x=days + days[::-1], y=[heads[place] for place in places] + [foot[place] for place in places[::-1]],
                    fill="toself", fillcolor=line.colour, opacity=0.75, line={"width": 0}, mode="lines", hoverinfo="skip",
                    fillpattern={"shape": "/", "size": 6, "solidity": 0.4} if line.is_hatched else None,
                ), row=row, col=1,
            )  # fmt: skip
        figure.add_trace(_hover(panel.metric, line, heads), row=row, col=1)
        if values[-1] and (not panel.has_legend or values[-1] >= LEGIBLE):
            figure.add_annotation(
                x=line.points[-1].week, y=(foot[-1] + heads[-1]) / 2, xanchor="left", xshift=12, showarrow=False,
                text=f"{line.name} {values[-1]:.0f} %", font={"color": None if panel.has_legend else line.colour}, row=row, col=1,
            )  # fmt: skip
        foot = heads


def _label(figure: go.Figure, row: int, panel: Panel) -> None:
    """Each line's name and value at its end; where two would stand on one another, the higher one moves up."""
    factor = scale(panel.metric).factor
    lasts = [(line, [p for p in line.points if p.estimate][-1:]) for line in panel.lines]
    ends = [(last.estimate.value, last.week, line) for line, found in lasts for last in found if last.estimate]
    ends.sort(key=lambda end: end[0])
    is_near = (ends[-1][0] - ends[0][0]) * factor < 0.12 * top_of(panel)
    for place, (value, week, line) in enumerate(ends):
        figure.add_annotation(
            x=week, y=value * factor, text=f"{line.name} {wording.value(panel.metric, value)}".strip(),
            xanchor="left", xshift=12, yshift=15 * place if is_near else 0, showarrow=False,
            font={"color": line.colour}, row=row, col=1,
        )  # fmt: skip


def _runs(points: Sequence[Point]) -> list[list[Point]]:
    runs: list[list[Point]] = [[]]
    for point in points:
        if point.estimate:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _neighbours(points: Sequence[Point]) -> list[list[Point]]:
    """For each point the stretch it stands in: a stretch of one needs a mark, for no line goes through it."""
    stretch = {id(point): run for run in _runs(points) for point in run}
    return [stretch.get(id(point), []) for point in points]


def top_of(panel: Panel) -> float:
    """The head of a panel's scale: room for its values and most of their bands, not for the widest band."""
    if panel.is_whole:
        return 100.0
    factor = scale(panel.metric).factor
    known = [point.estimate for line in panel.lines for point in line.points if point.estimate]
    # Where nothing ever happened, there is only the band to scale by.
    highest = max(estimate.value for estimate in known) or max(estimate.high for estimate in known)
    wanted = [panel.target or 0.0, *(each.value for each in panel.references)]
    return factor * 1.05 * max([min(estimate.high, 1.6 * highest) for estimate in known] + wanted)


def _name(figure: go.Figure, row: int, panel: Panel, palette: Palette) -> None:
    """The panel's title, with its unit."""
    unit = scale(panel.metric).axis
    figure.add_annotation(
        x=0, xref="paper", xanchor="left", y=1, yref=f"y{row if row > 1 else ''} domain", yanchor="bottom", yshift=6,
        text=f"{panel.metric.title}{', ' + unit if unit else ''}", showarrow=False, font={"color": palette.ink, "size": 13},
    )  # fmt: skip


def _say(figure: go.Figure, row: int, panel: Panel, begin: date, end: date) -> None:
    """Words where there is nothing to draw: the other ledger never stands alone."""
    # Without a trace plotly draws no axis, and without its days it would count from nought.
    figure.add_trace(go.Scatter(x=[begin, end], y=[None, None], hoverinfo="skip"), row=row, col=1)
    figure.update_yaxes(range=[0, 1], showticklabels=False, showgrid=False, row=row, col=1)
    figure.add_annotation(
        x=0.5,
        xref="x domain",
        y=0.5,
        yref="y domain",
        text=panel.words,
        showarrow=False,
        font={"size": 14},
        row=row,
        col=1,
    )


def _finish(figure: go.Figure, row: int, panel: Panel, palette: Palette, end: date) -> None:
    """The panel's target and, hatched, the weeks that are not settled for it yet."""
    if panel.target is not None:
        figure.add_hline(y=panel.target * 100, line={"color": palette.soft, "dash": "dot", "width": 1}, row=row, col=1)
        figure.add_annotation(
            x=0, xref="x domain", xanchor="left", y=panel.target * 100, yanchor="bottom",
            text=f"target {wording.value(panel.metric, panel.target)}", showarrow=False, row=row, col=1,
        )  # fmt: skip
    for number, reference in enumerate(sorted(panel.references, key=lambda each: each.value)):
        dash = "solid" if reference.is_alike else "dash"
        figure.add_hline(
            y=reference.value * 100, line={"color": palette.soft, "dash": dash, "width": 1}, row=row, col=1
        )
        # The lowest is named below its line, so that two do not stand on one another.
        figure.add_annotation(
            x=0, xref="x domain", xanchor="left", y=reference.value * 100, yanchor="bottom" if number else "top",
            text=reference.text, showarrow=False, font={"size": 11}, bgcolor=palette.panel, opacity=0.85, borderpad=0,
            row=row, col=1,
        )  # fmt: skip
    top = top_of(panel)
    figure.update_yaxes(range=[0, top], row=row, col=1)
    last = max(point.week for line in panel.lines for point in line.points)
    if last < end:
        figure.add_trace(
            go.Scatter(
                x=[last + timedelta(days=4), end, end, last + timedelta(days=4)], y=[0, 0, top, top], fill="toself", mode="lines",
                line={"width": 0}, hoverinfo="skip", fillpattern={"shape": "/", "fgcolor": palette.line, "size": 6},
                fillcolor="rgba(0,0,0,0)", yaxis=f"y{row if row > 1 else ''}",
            ), row=row, col=1,
        )  # fmt: skip
        figure.add_annotation(
            x=end, xanchor="right", y=top, yanchor="top", text="provisional", showarrow=False,
            font={"color": palette.soft}, row=row, col=1,
        )  # fmt: skip


def _ticks(figure: go.Figure, row: int, events: Sequence[tuple[date, str, bool]], palette: Palette) -> None:
    """Incidents at the foot, tall ones severe."""
    axis = figure.layout[f"yaxis{row if row > 1 else ''}"].domain
    height = axis[1] - axis[0]
    drawn = [
        {"type": "line", "x0": day, "x1": day, "xref": "x", "y0": axis[0], "yref": "paper",
         "y1": axis[0] + height * (0.16 if is_severe else 0.08), "line": {"color": palette.bad, "width": 1.5}}
        for day, _, is_severe in events
    ]  # fmt: skip
    # All at once: plotly checks every shape again with each that is added.
    figure.update_layout(shapes=[*figure.layout.shapes, *drawn])


@dataclass(frozen=True)
class Lifetime:
    """The survival curve of a cohort."""

    name: str
    curve: Sequence[Survival]
    colour: str


def lifetimes(lines: Sequence[Lifetime], palette: Palette) -> go.Figure:
    """How long lines live: the share alive by age, with the band of each curve; thin upright lines where they are compared."""
    figure = go.Figure()
    ends = []
    for line in lines:
        known = [(point.age, point.estimate, point.changes) for point in line.curve if point.estimate]
        ages = [age for age, _, _ in known]
        upper, lower = ([100 * getattr(each, side) for _, each, _ in known] for side in ("high", "low"))
        figure.add_scatter(x=ages + ages[::-1], y=upper + lower[::-1], fill="toself", fillcolor=line.colour, opacity=0.15,
                           line={"width": 0}, hoverinfo="skip", mode="lines")  # fmt: skip
        texts = [
            f"{line.name}<br>{age:.0f} days: {100 * each.value:.0f} % alive<br>{100 * each.low:.0f} to {100 * each.high:.0f} %"
            f"<br>{wording.counted(changes, 'landed change')} that old" for age, each, changes in known
        ]  # fmt: skip
        figure.add_scatter(x=ages, y=[100 * each.value for _, each, _ in known], mode="lines", text=texts,
                           line={"color": line.colour, "width": 2.2}, hovertemplate="%{text}<extra></extra>")  # fmt: skip
        ends += [(100 * known[-1][1].value, ages[-1], line)] if known else []
    height = -inf
    for value, age, line in sorted(ends, key=lambda end: end[0]):
        height = max(value, height + 7)  # a line of text, on a scale of a hundred
        figure.add_annotation(x=age, y=height, xanchor="left", xshift=6, showarrow=False, font={"color": line.colour},
                              text=f"{line.name} {value:.0f} %")  # fmt: skip
    for age in AGES:
        figure.add_vline(x=age, line={"color": palette.line, "width": 1})
    figure.update_layout(
        height=300, margin={"l": 48, "r": 110, "t": 12, "b": 44}, showlegend=False, paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)", hovermode="closest", dragmode=False,
        font={"color": palette.soft, "size": 12, "family": FONT},
    )  # fmt: skip
    figure.update_xaxes(range=[0, max(AGES)], tickvals=[0, *AGES], title="days since landing", showgrid=False,
                        linecolor=palette.line, fixedrange=True, ticks="outside")  # fmt: skip
    figure.update_yaxes(
        range=[0, 102], gridcolor=palette.line, zeroline=False, nticks=5, ticksuffix=" %", fixedrange=True
    )
    return figure
