"""Adoption, each metric above the quality it is never shown without, and whether a target is met for its own sake."""

from dashboard import details, page, parts, tables
from metrics.registry import ADOPTION_BY_HEADING

GAMED = ("weekly_active", "quota_just_over", "quota_last_day", "quota_unlanded", "incident_rate")

here = page.current()
here.quality()
page.html(parts.ledger("adoption", "Adoption", "Each above the quality it is paired with, by cohort. Shaded: the 95 % interval. "
                       "Hatched: provisional, not settled yet."))  # fmt: skip
for heading, group in ADOPTION_BY_HEADING.items():
    page.html(parts.heading(heading))
    details.cards(group)

found = tables.teams(
    "Who meets a target for its own sake",
    "How much of weekly use is just enough for the quota, on the last working day only, or without a landed line. None of it "
    "is proof: ask the team.",
    [here.reading.headline(key)[0] for key in GAMED],
)
page.html(parts.grid(*found))
