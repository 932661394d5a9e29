"""Small multiples in cards, and what opens below each: its figure in full, teams, definition, units and statement."""

from collections.abc import Sequence

import streamlit as st

from dashboard import copies, page, parts, tables
from dashboard.page import Page
from dashboard.references import PUBLISHED
from metrics.metric import Metric
from metrics.quality.duplication import DUPLICATION


def cards(group: Sequence[Metric]) -> None:
    """Metrics as small multiples in two columns, each with its drawer."""
    for first in range(0, len(group), 2):
        for column, metric in zip(st.columns(2), group[first : first + 2], strict=False):
            with column, st.container(border=True, height="stretch", key=f"card-{metric.key}"):
                page.current().small(metric)
                below(metric)


@st.fragment
def below(metric: Metric) -> None:
    """A drawer; nothing in it is read or drawn before somebody opens it, and opening it runs nothing else of the page."""
    drawer = st.expander(
        "Figure, teams, definition, units, SQL", key=f"details-{metric.key}", type="compact", on_change="rerun"
    )
    if drawer.open:
        with drawer:
            _open(page.current(), metric)


def _open(here: Page, metric: Metric) -> None:
    adoption, quality = page.both(metric)
    here.draw(here.pair(metric), f"figure-{metric.key}")
    if published := PUBLISHED.get(quality.key):
        st.caption(published.said)
    page.html(parts.grid(*tables.side_by_side(*(here.reading.headline(each.key)[0] for each in (adoption, quality)))))
    if not metric.lists_units:
        st.caption(
            "Counts people or their time: what is behind it is shown by team and week only, never person by person."
        )
    elif metric is DUPLICATION:
        page.html(parts.grid(*copies.blocks(here.reading)))
    else:
        shown, _ = here.reading.headline(metric.key)
        page.html(parts.grid(*tables.units(shown, here.reading.units(metric.key))))
    page.html(parts.definition(metric))
    st.code(metric.sql.strip(), language="sql")
