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
    cast((
        select count(*) from counted_findings as found
        where found.repo = landed_lines.repo and found.landed_sha = landed_lines.landed_sha
          and found.cohort = landed_lines.cohort and found.category = '*'
          and found.first_seen_at <= landed_lines.landed_at + interval 90 days
    ) as double) as numerator,
    cast(sum(lines) as double) as denominator
from landed_lines
-- Scanned when it landed, and until its ninety days had passed: elsewhere nobody looked, and none is not none.
join scanned_changes using (repo, landed_sha)
where week >= $since and week < $until and scanned_changes.category = '*'
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and role in ('source', 'test') and line_kind = 'code' and operation not in ('restored', 'found')
group by all
""",
)
