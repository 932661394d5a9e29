"""Survival: how much of what landed still stands a quarter later. The whole curve is metrics.survival."""

from metrics.metric import Metric

SURVIVAL = Metric(
    key="survival",
    title="Landed lines alive after 90 days",
    phrase="the share of landed lines alive after 90 days",
    definition="Share of landed code lines, of source and tests, that still stand 90 days after landing. It is one point of the "
    "survival curve, which takes younger lines in as far as they have come (Kaplan-Meier) and does not add up over weeks.",
    ledger="quality",
    unit="landed change",
    numerator="its code lines that are alive 90 days after its landing",
    denominator="code lines that landed with it",
    stratum="size",
    better="higher",
    shown_as="share",
    sources=("git",),
    settlement="A change counts when the branch reaches 90 days beyond its landing. Lines that a revert brought back, "
    "lines nobody saw written, and what bulk and formatting commits wrote stay out; what a formatter rewrites lives on. "
    "Moved, renamed and re-indented lines live on.",
    limits="It favours code that nobody touches: a forgotten file survives whole. On the curve young code looks "
    "durable, and cohorts are not matched by what their lines are or when they landed, so the younger one may look too "
    "good. One large merge or deletion bends it, because it takes lines of many changes at once.",
    follow_up_days=90,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    cast(landed - dead_90 as double) as numerator,
    cast(landed as double) as denominator
from line_sums
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and landed > 0
  and horizon.source = 'git'
  -- Younger changes have not had their ninety days yet. The curve takes them in.
  and landed_at + interval 90 days <= data_through
""",
)
