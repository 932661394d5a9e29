"""Incident rate: what a landed change goes on to break."""

from metrics.metric import Metric

INCIDENT_RATE = Metric(
    key="incident_rate",
    title="Incidents per 100 changes, 30 days",
    phrase="incidents per 100 changes",
    definition="Incidents caused within 30 days of landing, for each landed change; an incident with several causes counts "
    "in equal parts. A cause is written down by hand, named by the incident, its post-mortem or its fix, taken back by the fix, "
    "or what wrote the lines that the fix removed; an incident that is laid to a deployment alone is no change's.",
    ledger="quality",
    unit="landed change",
    numerator="its share of the incidents laid to it that began within 30 days of its landing, duplicates folded",
    denominator="1",
    stratum="size",
    better="lower",
    shown_as="per_100",
    sources=("git", "incidents"),
    settlement="A change counts when the incident log reaches 30 days beyond its landing; without a fixed follow-up, old "
    "changes would always look worse. The log speaks from 30 days before its first incident. Repositories that no "
    "incident ever named, and no service is set for, are left out. Bulk changes are left out as well, and with them what "
    "they broke.",
    limits="Too low: an incident that nobody writes down, and a cause that nobody finds, count as none; too high where "
    "two reports of one outage are not marked as duplicates. Where the cause is inferred from the lines of the fix, 73 "
    "% of those named were right and 71 % of the true ones were found, on 45 public fixes. Of several writers the last "
    "is blamed, so recent changes are blamed too often.",
    follow_up_days=30,
    version="2",
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
    where started_at between cause_landed_at and cause_landed_at + interval 30 days
    group by all
) as broke using (repo, mainline_no)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and horizon.source = 'incidents'
  -- What landed less than 30 days before the log ends has not had its follow-up. The log begins with an incident, and
  -- what caused that one landed before it: the 30 days of the first incident count as well.
  -- In coalesce, or the join looks small and is held in memory.
  and coalesce(landed_at + interval 30 days between data_from and data_through, false)
""",
)
