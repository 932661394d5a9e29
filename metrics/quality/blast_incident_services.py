"""Realised blast radius, services: how many services beyond one the incidents of a change hit."""

from metrics.metric import Metric

BLAST_INCIDENT_SERVICES = Metric(
    key="blast_incident_services",
    title="Further services hit, per 100 changes that broke something",
    phrase="further services hit per 100 changes that broke something",
    definition="Services, beyond the first, that are named by the incidents that a change caused within 30 days of landing, for "
    "each change that caused any; a service counts once for a change, however many incidents name it.",
    ledger="quality",
    unit="incident-causing change",
    numerator="services that its incidents name, but for one",
    denominator="1",
    stratum="size",
    better="lower",
    shown_as="per_100",
    sources=("git", "incidents"),
    settlement="A change counts when the incident log reaches 30 days beyond its landing. A change is left out when an incident "
    "of it names no service.",
    limits="Too low: an incident names one service at most, so what an outage did to others is not seen. It rises only with "
    "changes that caused several incidents. The first service is left out because every such change hits one.",
    follow_up_days=30,
    version="2",
    sql="""
select
    week, landed_changes.repo, team, cohort, size_band as stratum, landed_sha as unit,
    cast(count(distinct service) - 1 as double) as numerator,
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
having count(*) = count(service)
""",
)
