"""What every page is given: a reading of the generation under the reader's view, and the colours of their ground."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from dashboard import comparisons, figures, multiples, parts, wording
from dashboard.bands import Band
from dashboard.figures import Lifetime, Line, Panel
from dashboard.reading import Reading
from dashboard.references import PUBLISHED
from dashboard.summary import FIRST_ADOPTION, FIRST_QUALITY, Headline, series
from dashboard.theme import Palette
from metrics.adoption.ai_line_share import AI_LINE_SHARE
from metrics.metric import Metric
from metrics.quality.survival import SURVIVAL
from metrics.registry import QUALITY, partner

# No tool bar, no zoom: these figures are read, not explored.
LONG = 52  # weeks in a figure
QUIET = {"displayModeBar": False, "scrollZoom": False}


@dataclass(frozen=True)
class Page:
    """Kept in the session by the frame; `current()` is the way in for a page."""

    reading: Reading
    palette: Palette
    # One metric stands with many of the other ledger: its series are made once a run.
    _kept: dict[str, Panel] = field(default_factory=dict)

    def tile(self, metric: Metric) -> dict[str, Any]:
        """A metric as a tile."""
        shown, coverage = self.reading.headline(metric.key)
        return parts.tile(shown, coverage, self.palette, self.reading.target(metric.key))

    def ledgers(
        self,
        adoption: Sequence[Metric] = FIRST_ADOPTION,
        quality: Sequence[Metric] = FIRST_QUALITY,
        heads: Sequence[Headline] = (),
    ) -> None:
        """Both ledgers at equal size: no page shows one without the other. A phone shows the `heads` above them."""
        firsts = [parts.tile(shown, "", self.palette) for shown in heads]
        used, broke = ([self.tile(metric) for metric in ledger] for ledger in (adoption, quality))
        html(parts.ledgers(used, broke, firsts))

    def adoption(self) -> None:
        """The adoption ledger in a row, for the head of a page that is about quality."""
        html(parts.ledger_row("adoption", "Adoption", [self.tile(metric) for metric in FIRST_ADOPTION]))

    def quality(self) -> None:
        """The quality ledger in a row, for the head of a page that is about adoption."""
        html(parts.ledger_row("quality", "Quality", [self.tile(metric) for metric in FIRST_QUALITY]))

    def pair(self, metric: Metric) -> list[Panel]:
        """A metric with the one of the other ledger it stands with: quality by cohort, below adoption of the same weeks."""
        above, below = both(metric)
        return [self._panel_above(above), self._panel_below(below)]

    def _panel_above(self, adoption: Metric) -> Panel:
        if adoption.key not in self._kept:
            self._kept[adoption.key] = self.panel(adoption)
        return self._kept[adoption.key]

    def _panel_below(self, quality: Metric) -> Panel:
        if quality.key not in self._kept:
            published = PUBLISHED.get(quality.key)
            references = published.references if published else ()
            self._kept[quality.key] = replace(self.panel(quality, by_cohort=True), references=references)
        return self._kept[quality.key]

    def small(self, metric: Metric) -> None:
        """A metric as a small multiple, with the one of the other ledger it stands with."""
        panels = self.pair(metric)
        is_empty = all(panel.is_empty for panel in panels)
        figure = None if is_empty else multiples.drawn(panels, self.palette, self._bands(panels))
        # Without the target: the legend of the multiple tells it.
        html(parts.small(parts.tile(*self.reading.headline(metric.key), self.palette), figure, said(panels)))

    def comparison(self, metrics: Sequence[Metric] = QUALITY, *, is_short: bool = False) -> None:
        """AI-marked against the rest, for every quality metric that has cohorts, or for the most telling."""
        pairs = [(self.reading.headline(metric.key)[0], self.reading.comparison(metric.key)) for metric in metrics]
        table = comparisons.short_table if is_short else comparisons.table
        html(parts.comparison(table(pairs, self.palette)))

    def panel(self, metric: Metric, *, by_cohort: bool = False) -> Panel:
        """A metric as a panel of a figure; by cohort as far as there is enough of any, else as a whole."""
        shown, _ = self.reading.headline(metric.key)
        words = wording.capital(wording.missing(list(shown.missing))) if shown.missing else wording.TOO_FEW
        panel = Panel(metric, (), self.reading.target(metric.key), words=words)
        if metric.speaks_of:
            return replace(panel, lines=self.parts(shown), is_whole=True)
        split = replace(panel, lines=self.by_cohort(shown) if by_cohort else ())
        return replace(panel, lines=[self.line(shown)]) if split.is_empty else split

    def line(self, shown: Headline) -> Line:
        """The whole of a metric as one line."""
        colour = self.palette.ledger(shown.metric.ledger)
        return Line("", series(shown, weeks=LONG), colour)

    def parts(self, shown: Headline) -> list[Line]:
        """The shares of every cohort, which make a whole; what nobody knows is grey and hatched."""
        cells, colours = (
            shown.cells,
            {"ai": self.palette.ai, "human": self.palette.human, "unknown": self.palette.unknown},
        )
        return [
            Line(wording.COHORTS[name], series(shown, cells[cells["cohort"] == name], LONG), colour, name == "unknown")
            for name, colour in colours.items()
        ]

    def lifetimes(self, key: str) -> None:
        """The survival curves by cohort, and the numbers at the ages at which they are compared."""
        found, palette = self.reading.lifetimes(), self.palette
        colours = {"ai": palette.ai, "rest": palette.rest, "human": palette.human, "baseline": palette.unknown}
        lines = [Lifetime(wording.COHORTS[name], curve, colours[name]) for name, curve in found.items()]
        if not any(point.estimate for line in lines for point in line.curve):
            st.caption(f"Nothing to draw: {wording.TOO_FEW}.")
            return
        said = (
            f"{SURVIVAL.title}, and at every age up to 365 days, for each cohort; the numbers are in the table below. "
        )
        said += f"{AI_LINE_SHARE.title} stands above it."
        st.plotly_chart(figures.lifetimes(lines, palette), theme=None, config=QUIET, key=key, alt=said)

    def by_cohort(self, shown: Headline) -> list[Line]:
        """AI-marked and the rest as two lines."""
        cells = shown.cells
        is_ai = cells["cohort"] == "ai"
        return [
            Line(wording.COHORTS["rest"], series(shown, cells[~is_ai], LONG), self.palette.rest),
            Line(wording.COHORTS["ai"], series(shown, cells[is_ai], LONG), self.palette.ai),
        ]

    def draw(self, panels: Sequence[Panel], key: str, **more: Any) -> None:
        """Panels stacked on one time axis; one that is empty says why."""
        words, episodes = said(panels), self._bands(panels)
        if all(panel.is_empty for panel in panels):
            st.caption(f"Nothing to draw. {words}")
            return
        figure = figures.stacked(panels, self.palette, episodes=episodes, **more)
        alt = " ".join([words, *(f"{wording.capital(each.word)}." for each in episodes)])
        st.plotly_chart(figure, theme=None, config=QUIET, key=key, alt=alt)

    def _bands(self, panels: Sequence[Panel]) -> list[Band]:
        """The episodes of what stands on one another, where it is a pair."""
        return self.reading.bands(panels[0].metric, panels[1].metric) if len(panels) == 2 else []


def both(metric: Metric) -> tuple[Metric, Metric]:
    """The adoption and the quality metric of which one is this and the other what it is never shown without."""
    other = partner(metric)
    return (metric, other) if metric.ledger == "adoption" else (other, metric)


def said(panels: Sequence[Panel]) -> str:
    """Panels for those who cannot see them."""
    return " ".join(_said(panel) for panel in panels)


def _said(panel: Panel) -> str:
    """A panel for those who cannot see it."""
    if panel.is_empty:
        return f"{panel.metric.title}: {panel.words}."
    lines = [f"{line.name}: ".removeprefix(": ") + wording.series(panel.metric, line.points) for line in panel.lines]
    return " ".join(lines)


def current() -> Page:
    """The page the frame prepared."""
    page: Page = st.session_state["page"]
    return page


def html(part: parts.Html) -> None:
    """Show a piece of a page."""
    st.html(str(part))


@contextmanager
def card(title: str, sub: str) -> Iterator[None]:
    """A framed part of a page under a heading."""
    with st.container(border=True, key=f"card-{title}"):
        html(parts.heading(title, sub))
        yield
