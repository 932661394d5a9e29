"""Churn: what landed and was gone again within ninety days."""

from metrics.metric import Metric

CHURN_90 = Metric(
    key="churn_90",
    title="Landed lines dead within 90 days",
    phrase="churn within 90 days",
    definition="Share of landed code lines, of source and tests, that were rewritten or deleted within 90 days of landing. The "
    "denominator is new lines, not all changed lines; both are found in print.",
    ledger="quality",
    unit="landed change",
    numerator="its code lines that died within 90 days of its landing",
    denominator="code lines that landed with it",
    stratum="size",
    better="lower",
    shown_as="share",
    sources=("git",),
    settlement="A change counts when the branch reaches 90 days beyond its landing. Lines that a revert brought back, "
    "lines nobody saw written, and what bulk and formatting commits wrote stay out; what a formatter rewrites lives on. "
    "Moved, renamed and re-indented lines live on.",
    limits="In three months lines give way to new wishes as well as to mistakes, and nothing here tells which: as a "
    "measure of mistakes it is too high. Code that many work on looks worse than code that nobody touches. It answers "
    "for how people worked a quarter ago.",
    follow_up_days=90,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    cast(dead_90 as double) as numerator,
    cast(landed as double) as denominator
from line_sums
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and landed > 0
  and horizon.source = 'git'
  -- Younger changes have not had their ninety days yet.
  and landed_at + interval 90 days <= data_through
""",
)
