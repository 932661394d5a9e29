"""Realised blast radius, users: whom the incidents of a change hit."""

from metrics.metric import Metric

BLAST_USERS = Metric(
    key="blast_users",
    title="Users hit by a change that broke something",
    phrase="the users hit by a change that broke something",
    definition="Mean number of users affected by the incidents that a change caused within 30 days of landing, over the changes "
    "that caused any; what an incident counts is shared by the changes it is laid to.",
    ledger="quality",
    unit="incident-causing change",
    numerator="users affected by its incidents, its part of each",
    denominator="1",
    stratum="size",
    better="lower",
    shown_as="count",
    sources=("git", "incidents"),
    settlement="A change counts when the incident log reaches 30 days beyond its landing. A change is left out when an incident "
    "of it does not say how many, because unknown is not none.",
    limits="Users are somebody's estimate, and where only large outages get one it is too high for the usual one. "
    "Incidents whose cause nobody found are missing. One outage can carry the mean: few units, wide interval.",
    follow_up_days=30,
    sql="""
select
    week, landed_changes.repo, team, cohort, size_band as stratum, landed_sha as unit,
    cast(sum(share * users_affected) as double) as numerator,
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
having count(*) = count(users_affected)
""",
)
