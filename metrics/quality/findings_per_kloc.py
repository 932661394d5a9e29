"""Findings: what scanners see in lines once they have landed."""

from metrics.metric import Metric

FINDINGS_PER_KLOC = Metric(
    key="findings_per_kloc",
    title="Findings per 1,000 lines",
    phrase="findings per 1,000 lines",
    definition="Findings that scanners first report within 90 days of landing, for each 1,000 landed code lines of "
    "source and tests; a finding is one rule on one line, and belongs to the change that the line landed with.",
    ledger="quality",
    unit="landed change",
    numerator="findings on its code lines, first seen within 90 days of its landing",
    denominator="code lines that landed with it",
    stratum="size",
    better="lower",
    shown_as="per_1000",
    sources=("git", "findings"),
    settlement="A change counts when a scanner had scanned the repository before it landed, did again within 90 days, "
    "and went on until they had passed; only what that scanner finds counts. Suppressed results, failed runs and "
    "findings that name no line stay out, and so does what stays out of churn. A scanner that starts later adds its own "
    "from then on. A run on a part of a repository counts for all of it.",
    limits="A finding is what a rule says: too high by false alarms until somebody suppresses them, too low by what is "
    "mended before a scan sees it. A new rule, or another scanner, moves it without any change in the code. Languages "
    "that scanners know well look worse.",
    follow_up_days=90,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    cast(coalesce(findings, 0) as double) as numerator,
    cast(landed as double) as denominator
from line_sums
-- Scanned when it landed, and until its ninety days had passed: elsewhere nobody looked, and none is not none.
semi join (select * from scanned_stretches where category = '*') as scanned
    on scanned.repo = line_sums.repo and mainline_no > after_no and mainline_no <= up_to_no
    and landed_at between scanned.since and scanned.until
left join (select * from counted_findings where category = '*') as found using (repo, landed_sha, cohort)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and landed > 0
""",
)
