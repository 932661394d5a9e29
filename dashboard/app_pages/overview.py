"""The first screen: one sentence, both ledgers, the weeks behind them, the comparison, and how fresh it all is."""

from dashboard import health, incidents, page, parts
from metrics.registry import BY_KEY

here = page.current()
sides, known, changes = here.reading.sides()
page.html(parts.verdict(sides, known, changes))
here.ledgers(heads=[sides.adoption, sides.quality])

with page.card("Both ledgers, week by week", "Two panels on one time axis, never two scales in one. Shaded: the 95 % "
               "interval. Ticks: incidents, tall ones severe. Hatched: not settled yet. Amber: weeks of an alarm."):  # fmt: skip
    pair = [here.panel(BY_KEY[side.metric.key]) for side in (sides.adoption, sides.quality)]
    here.draw(pair, "ledgers", events=incidents.ticks(here.reading))

here.comparison(is_short=True)
page.html(parts.strip(health.chips(here.reading)))
