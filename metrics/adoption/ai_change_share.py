"""AI change share: how many changes carry a mark of an AI tool."""

from metrics.metric import Metric

AI_CHANGE_SHARE = Metric(
    key="ai_change_share",
    title="Changes marked AI",
    phrase="the share of changes marked AI",
    definition="Share of landed changes with a commit that an AI tool wrote or co-wrote by its own mark (identity, trailer "
    "or footer). A lower bound: tools leave no mark more often than not, and an unmarked change is unknown, not human.",
    ledger="adoption",
    unit="landed change",
    numerator="1 if any of its commits is marked AI",
    denominator="1 for every change that landed, bots, bulk imports and the time before AI tools left out",
    stratum="size",
    better="neither",
    shown_as="share",
    sources=("git",),
    settlement="A change counts when it has landed in a week that is over.",
    limits="Marks find half of AI-written commits or fewer, so the truth may be twice as high or more. Between "
    "repositories or tools it compares who leaves marks before it compares use. One line by AI in a thousand makes a "
    "change count whole: as a measure of how much AI wrote it is too high.",
    follow_up_days=0,
    paired_quality="incident_rate",
    sql="""
select
    week, repo, team, '*' as cohort, size_band as stratum, landed_sha as unit,
    cast(cohort = 'ai' as double) as numerator,
    cast(1 as double) as denominator
from landed_changes
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and horizon.source = 'git'
  -- The rest of an unfinished week has not landed yet.
  and week + interval 7 days <= data_through
""",
)
