"""Coverage: how much of what landed has a record of who wrote it, of what kind, and which source would tell most."""

import streamlit as st

from dashboard import coverage, page, parts, remedies, wording
from metrics.registry import BY_KEY

here = page.current()
used, churn = (here.reading.headline(key)[0] for key in ("ai_line_share", "churn"))
landed = coverage.all_of(here.reading, used.window) if used.window else coverage.Landed()
if used.window:
    page.html(parts.said(coverage.sentence(landed), coverage.detail(landed, used.window)))
else:
    page.html(parts.said("Nothing can be said of what landed.", wording.capital(wording.missing(list(used.missing)))))
here.ledgers([BY_KEY["ai_line_share"], BY_KEY["ai_change_share"]], [BY_KEY["churn"], BY_KEY["incident_rate"]])
if used.window and landed.changes.whole:
    with page.card(
        "Week by week, above the quality of the same weeks", "Changes and lines are summed over four weeks."
    ):
        kinds = coverage.panels(here.reading, used.window.until, page.LONG, here.palette)
        page.html(parts.legend(coverage.legend(kinds, here.palette)))
        here.draw([*kinds, here.panel(BY_KEY["churn"])], "coverage")
    if said := coverage.logged(here.reading, used.window):
        st.caption(said)
    page.html(parts.grid(*remedies.table(here.reading, used.window, landed.changes.known, landed.changes.whole)))
    for split in ("repo", "team"):
        found = coverage.by(coverage.window_of(here.reading, used.window), split)
        page.html(parts.grid(*coverage.table(split, found, churn, here.palette)))
st.page_link("app_pages/explain.py", label="Explain one commit")
