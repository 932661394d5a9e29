"""Quality by cohort, each metric below the adoption of the same weeks."""

import streamlit as st

from dashboard import details, lifetimes, page, parts
from metrics.quality.survival import SURVIVAL
from metrics.registry import BY_KEY, QUALITY_BY_HEADING

here = page.current()
here.adoption()
page.html(parts.ledger("quality", "Quality", "By cohort, each below the adoption of the same weeks. Shaded: the 95 % interval. "
                       "Hatched: provisional, not settled yet."))  # fmt: skip
for tab, group in zip(st.tabs(list(QUALITY_BY_HEADING)), QUALITY_BY_HEADING.values(), strict=True):
    with tab:
        details.cards(group)
        here.comparison(group)
        if SURVIVAL in group:
            with page.card("How long landed lines live", "The share of landed code lines that still stand, by their age. Shaded: "
                           "the 95 % interval, clustered by change. Upright lines: 30, 90, 180 and 365 days."):  # fmt: skip
                page.html(parts.number(here.tile(BY_KEY["ai_line_share"]), "Landed lines marked AI"))
                here.lifetimes("lifetimes")
            page.html(parts.grid(*lifetimes.compared(here.reading.lifetimes())))
