"""Recovery time: how long a failed deployment takes to be put right."""

from metrics.metric import Metric

RECOVERY_TIME = Metric(
    key="recovery_time",
    title="Time to recover from a failed change",
    phrase="the mean time to recover",
    definition="Mean minutes from detection to resolution of incidents that a change caused (DORA failed deployment "
    "recovery time), as far as the incident says so or is linked with a change or a deployment; outages that no change caused "
    "are left out. Median and quartiles stand beside it.",
    ledger="quality",
    unit="incident",
    numerator="minutes from detection to resolution",
    denominator="1",
    stratum="severity",
    better="lower",
    shown_as="minutes",
    sources=("incidents",),
    settlement="An incident counts when it is resolved; those still open are left out, which flatters the latest weeks.",
    limits="Times are what people wrote down: too short where detection is only the opening of the ticket, too long "
    "where tickets are closed late. A few long outages carry the mean. Incidents of which nobody said or found that a "
    "change caused them are missing, and they need not be the short ones.",
    follow_up_days=0,
    version="2",
    has_quartiles=True,
    sql="""
select
    week, repo, team, cohort, coalesce(severity, 'unknown') as stratum, incident as unit,
    cast(greatest(epoch(resolved_at) - epoch(detected_at), 0) / 60 as double) as numerator,
    cast(1 as double) as denominator
from change_incidents
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown')
  and resolved_at is not null
""",
)
