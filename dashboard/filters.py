"""What a reader looks at: repositories, teams and weeks, kept in the page's address so that it can be sent on."""

from datetime import timedelta

import streamlit as st

from dashboard import wording
from dashboard.summary import WEEKS, View
from metrics.measure import Selection

CHOICES = (4, 12, 26, 52)
PAST = 78  # last weeks on offer
NEWEST = "newest settled"


def view(repos: list[str], teams: list[str], newest: str | None) -> View:
    """The filters above every page; each is a part of the address and survives a reload and a change of page."""
    with st.container(horizontal=True, key="filters"):
        chosen = st.multiselect(
            "Repositories", repos, key="repo", placeholder="all", bind="query-params", persist_state="session"
        )
        in_teams = st.multiselect(
            "Teams", teams, key="team", placeholder="all", bind="query-params", persist_state="session"
        )
        # Without a format: what is formatted stands so in the address, as weeks=26+weeks.
        weeks = st.selectbox(
            "Weeks", CHOICES, CHOICES.index(WEEKS), key="weeks", bind="query-params", persist_state="session"
        )
        until = st.selectbox("Up to", _weeks(newest), key="until", bind="query-params", persist_state="session")
    last = None if until == NEWEST else wording.week_monday(until)
    return View(Selection(tuple(sorted(chosen)), tuple(sorted(in_teams))), weeks, last)


def _weeks(newest: str | None) -> list[str]:
    if newest is None:
        return [NEWEST]
    last = wording.week_monday(newest)
    return [NEWEST, *(wording.week_name(last - timedelta(weeks=back)) for back in range(PAST))]
