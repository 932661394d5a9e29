"""Churn: what landed and was gone again within fourteen days."""

from metrics.metric import Metric

CHURN = Metric(
    key="churn",
    title="Landed lines dead within 14 days",
    phrase="churn",
    definition="Share of landed code lines, of source and tests, that were rewritten or deleted within 14 days of landing. The "
    "denominator is new lines, not all changed lines; both are found in print.",
    ledger="quality",
    unit="landed change",
    numerator="its code lines that died within 14 days of its landing",
    denominator="code lines that landed with it",
    stratum="size",
    better="lower",
    shown_as="share",
    sources=("git",),
    settlement="A change counts when the branch reaches 14 days beyond its landing. Lines that a revert brought back, "
    "lines nobody saw written, and what bulk and formatting commits wrote stay out; what a formatter rewrites lives on. "
    "Moved, renamed and re-indented lines live on.",
    limits="It cannot tell waste from a planned next step, and does not see what a branch rewrote before it landed: "
    "who lands early and in small steps looks worse. A change answers for whatever takes its lines: in cline/cline one "
    "merge took two fifths of all that died in twelve weeks. Too high where a formatting commit is not recognised as "
    "one.",
    follow_up_days=14,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    cast(dead_14 as double) as numerator,
    cast(landed as double) as denominator
from line_sums
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and landed > 0
  and horizon.source = 'git'
  -- Younger changes have not had their fourteen days yet.
  and landed_at + interval 14 days <= data_through
""",
)
