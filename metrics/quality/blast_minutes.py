"""Realised blast radius, minutes: how long the incidents of a change lasted."""

from metrics.metric import Metric

BLAST_MINUTES = Metric(
    key="blast_minutes",
    title="Minutes of incidents of a change that broke something",
    phrase="the minutes of incidents of a change that broke something",
    definition="Mean minutes from detection to resolution of the incidents that a change caused within 30 days of landing, over "
    "the changes that caused any; the minutes of an incident are shared by the changes it is laid to.",
    ledger="quality",
    unit="incident-causing change",
    numerator="minutes of its incidents, its part of each",
    denominator="1",
    stratum="size",
    better="lower",
    shown_as="minutes",
    sources=("git", "incidents"),
    settlement="A change counts when the incident log reaches 30 days beyond its landing. A change is left out while an incident "
    "of it is open.",
    limits="Too high where tickets stay open for paperwork or overnight, and where two tickets of one outage are not "
    "marked as duplicates. Incidents whose cause nobody found are missing. It tells how long, not how bad: an hour of "
    "a slow page counts like an hour of none.",
    follow_up_days=30,
    sql="""
select
    week, landed_changes.repo, team, cohort, size_band as stratum, landed_sha as unit,
    cast(sum(share * greatest(epoch(resolved_at) - epoch(detected_at), 0)) / 60 as double) as numerator,
    cast(1 as double) as denominator
from landed_changes
join caused_incidents as caused using (repo, landed_sha)
join distinct_incidents as incidents using (incident)
join horizon on horizon.repo = landed_changes.repo
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and horizon.source = 'incidents'
  and caused.started_at >= landed_at and caused.started_at <= landed_at + interval 30 days
  -- What landed less than 30 days before the log ends may break something yet.
  and landed_at + interval 30 days between horizon.data_from and horizon.data_through
group by all
having count(*) = count(resolved_at)
""",
)
