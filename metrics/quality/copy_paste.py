"""Copy and paste: what was copied from the tree instead of being shared."""

from metrics.metric import Metric

COPY_PASTE = Metric(
    key="copy_paste",
    title="Lines copied from the tree",
    phrase="the share of copied lines",
    definition="Share of new code lines, of source and tests, that are a copy, in blocks of five lines or more, of what stood in "
    "the repository already and goes on standing there.",
    ledger="quality",
    unit="landed change",
    numerator="landed code lines that were copied from the tree",
    denominator="landed code lines that were added or copied",
    stratum="size",
    better="lower",
    shown_as="share",
    sources=("git",),
    settlement="A change counts when it has landed in a week that is over. Updated lines, lines a revert brought back, bulk and "
    "formatting commits stay out.",
    limits="Too low: only copies to the letter are seen, so a renamed word in every few lines hides one, and so does "
    "an origin outside the repository. Too high where code must repeat itself, as imports and test set-up do. Whether "
    "sharing would have been better it cannot tell.",
    follow_up_days=0,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    cast(copied as double) as numerator,
    cast(written as double) as denominator
from line_sums
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and written > 0
  and horizon.source = 'git'
  -- The rest of an unfinished week has not landed yet.
  and week + interval 7 days <= data_through
""",
)
