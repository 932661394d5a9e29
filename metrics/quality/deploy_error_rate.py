"""Deploy error rate: production deployments that failed or were taken back."""

from metrics.metric import Metric

DEPLOY_ERROR_RATE = Metric(
    key="deploy_error_rate",
    title="Deployments that failed or were rolled back",
    phrase="the share of deployments that failed or were rolled back",
    definition="Share of production deployments whose own status is failure or rollback. It tells how deploying goes; what the "
    "deployed changes break afterwards is the change fail rate.",
    ledger="quality",
    unit="production deployment",
    numerator="1 if its status is failure or rollback",
    denominator="1",
    stratum="service",
    better="lower",
    shown_as="share",
    sources=("git", "deployments"),
    settlement="A deployment counts when it has finished. One whose status is unknown is left out, because it need not have gone "
    "well, and so is one that was cancelled. It is AI-marked when any change it shipped is, and larger ones are so more often.",
    limits="Statuses are what the pipeline writes: too low where going back is an ordinary deployment of an older "
    "commit, too high where a test that fails before the roll-out counts as a failed deployment. Every retry that "
    "fails counts again.",
    follow_up_days=0,
    sql="""
select
    week, repo, team, cohort, service as stratum, deployment as unit,
    cast(status in ('failure', 'rollback') as double) as numerator,
    cast(1 as double) as denominator
from production_deployments
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown')
  and status != 'unknown'
""",
)
