"""Deployment rework: production deployments that nobody planned and an incident made necessary."""

from metrics.metric import Metric

DEPLOYMENT_REWORK = Metric(
    key="deployment_rework",
    title="Deployments made because of an incident",
    phrase="the share of deployments made because of an incident",
    definition="Share of production deployments that were unplanned and made because of an incident (DORA deployment rework "
    "rate). It counts deployments: lines that are written again are another thing, and are called churn.",
    ledger="quality",
    unit="production deployment",
    numerator="1 if it was unplanned and names the incident it was made for",
    denominator="1",
    stratum="service",
    better="lower",
    shown_as="share",
    sources=("git", "deployments"),
    settlement="A deployment counts when it has finished. Left out is what says neither planned nor unplanned, and everything "
    "from a source that never names an incident: its hotfixes cannot be told from other unplanned work. It is AI-marked "
    "when any change it shipped is, and a hotfix ships few.",
    limits="Too low where hotfixes are not flagged or name no incident, and where a rollback is not recorded as a "
    "deployment: a rise may be better bookkeeping. One incident that took three attempts counts three times.",
    follow_up_days=0,
    sql="""
select
    week, repo, team, cohort, service as stratum, deployment as unit,
    cast(is_unplanned and made_for is not null as double) as numerator,
    cast(1 as double) as denominator
from production_deployments
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown')
  and is_unplanned is not null and names_incidents
""",
)
