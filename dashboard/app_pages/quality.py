"""Quality by cohort, each metric below the adoption of the same weeks."""

from dashboard import page, parts, tables
from metrics.registry import ADOPTION, BY_KEY, QUALITY

here = page.current()
here.ledgers()
for metric in QUALITY:
    paired = next((each for each in ADOPTION if each.paired_quality == metric.key), BY_KEY["ai_change_share"])
    shown, coverage = here.reading.headline(metric.key)
    with page.card(metric.title, f"{metric.definition} {metric.settlement}{coverage and f' {coverage}.'}"):
        here.draw([here.panel(paired), here.panel(metric, by_cohort=True)], metric.key)
    page.html(parts.grid(*tables.side_by_side(here.reading.headline(paired.key)[0], shown)))
page.html(parts.comparison([here.reading.headline(metric.key)[0] for metric in QUALITY], here.palette))
