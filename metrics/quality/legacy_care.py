"""Legacy care: whether anybody still improves old code."""

from metrics.metric import Metric

LEGACY_CARE = Metric(
    key="legacy_care",
    title="Care for code older than a year",
    phrase="the share of changed lines older than a year",
    definition="Of the lines that stood before and were updated, moved or deleted, the share that had landed more than 12 months "
    "before, over meaningful lines of source and tests. It says who still works on old code, not whether the work is good.",
    ledger="quality",
    unit="landed change",
    numerator="meaningful lines it updated, moved or deleted that had landed more than 365 days before",
    denominator="meaningful lines it updated, moved or deleted",
    stratum="size",
    better="higher",
    shown_as="share",
    sources=("git",),
    settlement="A change counts when it has landed in a week that is over, and more than 365 days after the history that we have "
    "begins: before, no line can be old. Bulk and formatting commits stay out.",
    limits="It rises by itself as a repository ages, so repositories of different age do not compare. Throwing old "
    "code away counts as care, and the removal of one retired part can carry a year. Too low for code in good repair: "
    "a line that is updated is young again.",
    follow_up_days=0,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    cast(handled_old as double) as numerator,
    cast(handled as double) as denominator
from line_sums
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and handled > 0
  and horizon.source = 'git'
  -- In a younger history nothing is old enough.
  and landed_at > data_from + interval 365 days
  -- The rest of an unfinished week has not landed yet.
  and week + interval 7 days <= data_through
""",
)
