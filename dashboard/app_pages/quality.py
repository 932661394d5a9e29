"""Quality by cohort, each metric below the adoption of the same weeks."""

from dataclasses import replace

from dashboard import copies, lifetimes, page, parts, tables
from dashboard.references import PUBLISHED
from metrics.registry import ADOPTION, BY_KEY, QUALITY

here = page.current()
here.ledgers()
for metric in QUALITY:
    paired = next((each for each in ADOPTION if each.paired_quality == metric.key), BY_KEY["ai_change_share"])
    published = PUBLISHED.get(metric.key)
    with page.card(
        metric.title, f"{metric.definition} {metric.settlement}{(published and f' {published.said}') or ''}"
    ):
        page.html(parts.number(here.tile(metric)))
        panel = here.panel(metric, by_cohort=True)
        here.draw(
            [here.panel(paired), replace(panel, references=published.references if published else ())], metric.key
        )
    shown, used = here.reading.headline(metric.key)[0], here.reading.headline(paired.key)[0]
    page.html(parts.grid(*tables.side_by_side(used, shown)))

with page.card("How long landed lines live", "The share of landed code lines that still stand, by their age. Shaded: the 95 % "
               "interval, clustered by change. Upright lines: 30, 90, 180 and 365 days."):  # fmt: skip
    page.html(parts.number(here.tile(BY_KEY["ai_line_share"]), "Landed lines marked AI"))
    here.lifetimes("lifetimes")
page.html(parts.grid(*lifetimes.compared(here.reading.lifetimes())))
page.html(parts.grid(*copies.blocks(here.reading)))
page.html(parts.comparison([here.reading.headline(metric.key)[0] for metric in QUALITY], here.palette))
