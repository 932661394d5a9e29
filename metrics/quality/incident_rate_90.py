"""Incident rate over 90 days: what a landed change goes on to break in a quarter."""

from metrics.metric import Metric

INCIDENT_RATE_90 = Metric(
    key="incident_rate_90",
    title="Incidents per 100 changes, 90 days",
    phrase="incidents within 90 days per 100 changes",
    definition="Incidents caused within 90 days of landing, for each landed change; an incident with several causes counts "
    "in equal parts, and one that is laid to a deployment alone is no change's.",
    ledger="quality",
    unit="landed change",
    numerator="its share of the incidents laid to it that began within 90 days of its landing, duplicates folded",
    denominator="1",
    stratum="size",
    better="lower",
    shown_as="per_100",
    sources=("git", "incidents"),
    settlement="A change counts when the incident log reaches 90 days beyond its landing, and so the newest quarter is not in "
    "it yet. The log speaks from 90 days before its first incident. Repositories that no incident ever named, and no "
    "service is set for, are left out.",
    limits="Unrecorded incidents and unknown causes count as none, as within 30 days: too low. The older a change, the "
    "more of its lines others have rewritten since, and the last writer is blamed: late incidents go too often to "
    "newer changes. When it settles it answers for a quarter ago.",
    follow_up_days=90,
    is_of_parts=True,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    cast(coalesce(incidents, 0) as double) as numerator,
    cast(1 as double) as denominator
from landed_changes
join horizon using (repo)
left join (
    select repo, cause_no as mainline_no, sum(share) as incidents
    from caused_incidents
    where started_at between cause_landed_at and cause_landed_at + interval 90 days
    group by all
) as broke using (repo, mainline_no)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and horizon.source = 'incidents'
  -- The log begins with an incident, and what caused that one landed before it.
  -- In coalesce, or the join looks small and is held in memory.
  and coalesce(landed_at + interval 90 days between data_from and data_through, false)
""",
)
