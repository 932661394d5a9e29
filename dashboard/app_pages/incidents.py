"""Incidents: what caused each and how that is known, and those that nothing explains."""

from dashboard import incidents, page, parts
from metrics.registry import BY_KEY

here = page.current()
here.ledgers([BY_KEY["ai_change_share"], BY_KEY["weekly_active"]], [BY_KEY["incident_rate"], BY_KEY["recovery_time"]])
for title, sub, heads, rows in incidents.lists(here.reading):
    page.html(parts.grid(title, sub, heads, rows))
