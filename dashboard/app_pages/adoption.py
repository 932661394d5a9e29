"""Adoption, each metric above the quality it is never shown without."""

from dashboard import page, parts, tables
from metrics.registry import ADOPTION, BY_KEY

here = page.current()
here.ledgers()
for metric in ADOPTION:
    paired = BY_KEY[str(metric.paired_quality)]
    with page.card(f"{metric.title}, and what it is paired with", metric.definition):
        here.draw([here.panel(metric), here.panel(paired)], metric.key)
    shown, _ = here.reading.headline(metric.key)
    against, _ = here.reading.headline(paired.key)
    page.html(parts.grid(*tables.side_by_side(shown, against)))
