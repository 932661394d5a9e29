"""How wrong can this be: organisations of which everything is known, read as any other, and what each number cannot show."""

import streamlit as st

from dashboard import coverage, page, parts, proven

here = page.current()
stories = proven.stories()
plain, messy, confounded = (stories[name] for name in ("plain", "messy", "confounded"))

page.html(parts.said(proven.sentence(plain), proven.detail(plain)))
page.html(parts.grid(*proven.confounded(confounded)))
page.html(parts.grid(*proven.causes(plain, messy)))
page.html(parts.grid(*proven.accused(messy)))
page.html(parts.grid(*proven.every_metric(plain)))
page.html(parts.grid(*proven.one_by_one(stories.values())))
page.html(parts.grid(*proven.intervals(proven.everything().intervals)))
used, _ = here.reading.headline("ai_line_share")
if used.window:
    landed = coverage.all_of(here.reading, used.window)
    page.html(parts.said(coverage.sentence(landed), coverage.detail(landed, used.window)))
    st.page_link("app_pages/coverage.py", label="How much is known of who wrote what")
page.html(parts.grid(*proven.limits()))
