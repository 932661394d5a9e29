"""The frame of every page: navigation, filters, and the generation they all read."""

import os
from pathlib import Path

import streamlit as st

from dashboard import filters, parts, published, reading, theme, wording
from dashboard.page import Page
from dashboard.summary import View
from metrics.measure import WEEK, monday

# Every page, in the order of the navigation: a title and a file. Add one: a script in app_pages/ and a line here.
PAGES = (
    ("Overview", "overview"),
    ("Adoption", "adoption"),
    ("Quality", "quality"),
    ("Incidents", "incidents"),
    ("Coverage", "coverage"),
    ("Explain", "explain"),
    ("Data health", "health"),
    ("Definitions", "definitions"),
    ("How wrong?", "wrong"),
)

st.set_page_config("twinledger", layout="wide", initial_sidebar_state="collapsed")
st.html(str(parts.style()))
palette = theme.DARK if st.context.theme.type == "dark" else theme.LIGHT
st.logo(theme.wordmark(palette), size="large")
pages = [
    st.Page(f"app_pages/{name}.py", title=title, url_path=name, default=number == 0)
    for number, (title, name) in enumerate(PAGES)
]
page = st.navigation(pages, position="top")
generation = published.generation(Path(os.environ["TWINLEDGER_WAREHOUSE"]))
if generation is None:
    st.info("Nothing has been ingested yet. Run `twinledger ingest`, then reload this page.")
    st.stop()

everything = reading.Reading(str(generation), View())
made_by = {row.version for row in everything.answer(published.MADE_BY)}
if os.environ.get("TWINLEDGER_MADE_BY") not in (None, *made_by):
    st.info(
        "What is published was made by another version. Run `twinledger ingest`, and start `twinledger serve` again."
    )
    st.stop()

repos = [row.repo for row in everything.answer("select repo from repos order by repo")]
# What the wrapper leaves out is offered nowhere.
shown = everything.answer("select distinct team from landed_changes where team != 'suppressed' order by team")
teams = [row.team for row in shown]
newest = max((through for _, through in everything.horizon().values()), default=None)
view = filters.view(repos, teams, wording.week_name(monday(newest) - WEEK) if newest else None)
st.session_state["page"] = Page(reading.Reading(str(generation), view), palette)
page.run()
