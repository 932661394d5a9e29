"""Change fail rate: production deployments that caused an incident."""

from metrics.metric import Metric

CHANGE_FAIL_RATE = Metric(
    key="change_fail_rate",
    title="Deployments that caused an incident",
    phrase="the share of deployments that caused an incident",
    definition="Share of production deployments that at least one incident is laid to (DORA change fail rate): it names the "
    "deployment, or else it was caused by a change which that deployment was the first to ship, or else nothing explains it and "
    "that deployment of its service was the last before it, by no more than the window of the settings; duplicates are one "
    "incident, and an outage that no change caused is none.",
    ledger="quality",
    unit="production deployment",
    numerator="1 if any incident is laid to the deployment",
    denominator="1",
    stratum="service",
    better="lower",
    shown_as="share",
    sources=("git", "deployments", "incidents"),
    settlement="A deployment counts when the incident log reaches 7 days beyond it, back to 30 days before its first "
    "incident. It is AI-marked when any change it shipped is, and larger ones are so more often. Repositories that no "
    "incident ever named, and no service is set for, are left out.",
    limits="Too low where incidents are not written down, and in the latest weeks, because older deployments have had "
    "longer to be named. Too high where a service ships often and incidents name no cause: whatever went out last "
    "takes the blame. The same changes in smaller deployments lower it without one incident less.",
    follow_up_days=7,
    version="2",
    sql="""
select
    week, repo, team, cohort, service as stratum, deployment as unit,
    cast(exists (
        select 1 from failed_deployments where failed_deployments.deployment = production_deployments.deployment
    ) as double) as numerator,
    cast(1 as double) as denominator
from production_deployments
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown')
  and horizon.source = 'incidents'
  -- The log begins with an incident, and the deployment that caused it came before.
  and finished_at >= data_from - interval 30 days and finished_at + interval 7 days <= data_through
""",
)
