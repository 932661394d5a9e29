"""Explain: what a commit counts as, why, and every record about it."""

import streamlit as st

from dashboard import accounts, commits, links, page, parts, wording

ASKED = "A commit, seven digits of its name or more"
ROWS = 200  # of evidence that are shown
_NEWEST = """
    select landed_sha, landed_at, subject, cohort from mainline_changes
    where repo = $repo order by mainline_no desc limit 20
"""
here = page.current()
repos = [row.repo for row in here.reading.answer("select repo from repos order by repo")]
with st.container(horizontal=True, key="asked"):
    chosen: str | None = st.selectbox("Look in", repos, None, key="of", bind="query-params", placeholder="a repository")
    what = st.text_input(ASKED, key="what", placeholder="1f0c9a2", bind="query-params").strip()


def commit(repo: str, name: str) -> None:
    """All that is known of a commit."""
    try:
        about = commits.find(here.reading, repo, name)
    except LookupError as error:
        page.html(parts.said("There is no answer.", str(error)))
        return
    page.html(parts.said(f"{accounts.verdict(about)}.", accounts.title(about)))
    page.html(parts.facts("What it counts as, and why", "", accounts.paragraphs(about)))
    rows = accounts.evidence(about)
    cut = f" The first {ROWS} are shown; `twinledger explain` prints all." if len(rows) > ROWS else ""
    said = [
        (wording.capital(did), ". ".join(map(wording.capital, (says, by, f"{seen}.")))) for did, says, by, seen in rows
    ]
    title = f"{wording.counted(len(rows), 'row')} of evidence"
    page.html(parts.facts(title, f"All there is, also what decides nothing.{cut}" if rows else "", said[:ROWS]))


def newest(repo: str) -> None:
    """Changes to begin with."""
    found = here.reading.answer(_NEWEST, repo=repo)
    rows = [
        [links.commit(repo, row.landed_sha), f"{row.landed_at:%Y-%m-%d}", wording.COHORTS[row.cohort], row.subject]
        for row in found
    ]
    heads = ["<Commit", "<Landed", "<Counts as", "<<Subject"]
    page.html(parts.grid(f"The newest changes of {repo}", "Follow one to see why it counts as it does.", heads, rows))


if chosen is None:
    page.html(
        parts.facts("Choose a repository", "Then name a commit of it. Files and lines: `twinledger explain`.", [])
    )
elif what:
    commit(chosen, what)
else:
    newest(chosen)
