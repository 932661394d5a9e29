"""Churn: what landed and was gone again within thirty days."""

from metrics.metric import Metric

CHURN_30 = Metric(
    key="churn_30",
    title="Landed lines dead within 30 days",
    phrase="churn within 30 days",
    definition="Share of landed code lines, of source and tests, that were rewritten or deleted within 30 days of landing. The "
    "denominator is new lines, not all changed lines; both are found in print.",
    ledger="quality",
    unit="landed change",
    numerator="its code lines that died within 30 days of its landing",
    denominator="code lines that landed with it",
    stratum="size",
    better="lower",
    shown_as="share",
    sources=("git",),
    settlement="A change counts when the branch reaches 30 days beyond its landing. Lines that a revert brought back, "
    "lines nobody saw written, and what bulk and formatting commits wrote stay out; what a formatter rewrites lives on. "
    "Moved, renamed and re-indented lines live on.",
    limits="As at 14 days, a planned next step counts as waste, and so do the lines of many changes that one large "
    "merge takes. The longer window holds more of both: its level says less of mistakes, and it serves to see whether "
    "a difference at 14 days lasts.",
    follow_up_days=30,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    cast(dead_30 as double) as numerator,
    cast(landed as double) as denominator
from line_sums
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and landed > 0
  and horizon.source = 'git'
  -- Younger changes have not had their thirty days yet.
  and landed_at + interval 30 days <= data_through
""",
)
