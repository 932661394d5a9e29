"""Change fail rate: production deployments that caused an incident."""

from metrics.metric import Metric

CHANGE_FAIL_RATE = Metric(
    key="change_fail_rate",
    title="Deployments that caused an incident",
    phrase="the share of deployments that caused an incident",
    definition="Share of production deployments that at least one incident names as its cause (DORA change fail rate); "
    "duplicates are one incident, and an outage that no change caused is none.",
    ledger="quality",
    unit="production deployment",
    numerator="1 if any incident names the deployment as its cause",
    denominator="1",
    stratum="service",
    better="lower",
    shown_as="share",
    sources=("deployments", "incidents"),
    settlement="A deployment counts when the incident log reaches beyond it. A deployment is AI-marked when any change it "
    "shipped is.",
    follow_up_days=0,
    sql="""
select
    week, repo, team, cohort, service as stratum, deployment as unit,
    cast(exists (
        select 1 from caused_incidents where caused_incidents.deployment = production_deployments.deployment
    ) as double) as numerator,
    cast(1 as double) as denominator
from production_deployments
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown')
  and horizon.source = 'incidents'
  and finished_at >= data_from and finished_at <= data_through
""",
)
