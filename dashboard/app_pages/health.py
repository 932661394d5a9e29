"""Data health: how fresh each source is, what was rejected, and how far the data reach."""

from dashboard import health, page, parts

here = page.current()
page.html(parts.strip(health.chips(here.reading)))
for title, sub, heads, rows in health.tables(here.reading):
    page.html(parts.grid(title, sub, heads, rows))
