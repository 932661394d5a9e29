"""Episodes on a chart: a light band over the weeks in which the ledgers drifted apart, with a word, behind everything else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from dashboard import wording
from dashboard.theme import Palette

if TYPE_CHECKING:  # an ingest never waits for plotly
    import plotly.graph_objects as go


@dataclass(frozen=True)
class Band:
    """An episode as a chart sees it."""

    since: date
    last: date  # the last week that diverged; while it goes on, the last that was looked at
    is_over: bool

    @property
    def word(self) -> str:
        """What it says."""
        since = wording.week_name(self.since)
        return f"diverged {since} to {wording.week_name(self.last)}" if self.is_over else f"diverging since {since}"


def within(bands: Sequence[Band], begin: date, end: date) -> list[Band]:
    """Those that an axis shows anything of."""
    return [band for band in bands if band.last >= begin and band.since <= end]


def draw(figure: "go.Figure", bands: Sequence[Band], axis: tuple[date, date], palette: Palette) -> None:
    """Lay the bands behind the panels of a figure, through all of them: both ledgers drifted apart in these weeks."""
    begin, end = axis
    for band in within(bands, begin, end):
        since = max(band.since, begin)
        figure.add_shape(
            type="rect", x0=since, x1=min(band.last, end), xref="x", y0=0, y1=1, yref="paper", layer="below",
            fillcolor=palette.warn_ground, line={"width": 0},
        )  # fmt: skip
        figure.add_shape(
            type="line", x0=since, x1=since, xref="x", y0=0, y1=1, yref="paper", layer="below",
            line={"color": palette.warn, "width": 1, "dash": "dot"},
        )  # fmt: skip
        # The word stands on the side that has more room.
        is_late = since - begin > (end - begin) / 2
        figure.add_annotation(
            x=since, xref="x", y=1, yref="paper", yanchor="top", xanchor="right" if is_late else "left", showarrow=False,
            text=band.word, font={"color": palette.warn, "size": 11},
        )  # fmt: skip


def span(band: Band, begin: date, end: date) -> tuple[float, float]:
    """Where a band begins and ends, as shares of an axis of weeks side by side."""
    whole = (end - begin) or timedelta(weeks=1)
    return (max(band.since, begin) - begin) / whole, (min(band.last, end) - begin) / whole
