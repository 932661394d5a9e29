"""Severity-weighted incidents: how bad what a landed change breaks is, beside how often."""

from metrics.metric import Metric

INCIDENT_SEVERITY = Metric(
    key="incident_severity",
    title="Severity-weighted incidents per 100 changes, 30 days",
    phrase="severity-weighted incidents per 100 changes",
    definition="Incidents caused within 30 days of landing, for each landed change, each weighed by its severity as the "
    "severities setting says: one of the highest counts as one, each step below it as half. It stands beside the "
    "incident rate, never instead of it.",
    ledger="quality",
    unit="landed change",
    numerator="its share of the incidents laid to it that began within 30 days of its landing, times their weight",
    denominator="1",
    stratum="size",
    better="lower",
    shown_as="per_100",
    sources=("git", "incidents"),
    settlement="As the incident rate. An incident without a severity, or with one that no weight is set for, is left out "
    "together with the changes it is laid to: it would not weigh nothing. Repositories none of whose incidents "
    "has a weight are left out.",
    limits="Halving is a convention and no measure of harm: which of two close values is higher can hang on it. Teams "
    "judge severity differently, so between teams it compares habits too. A few grave incidents carry it, and like the "
    "incident rate it is too low by what nobody records or traces.",
    follow_up_days=30,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    cast(coalesce(weighed, 0) as double) as numerator,
    cast(1 as double) as denominator
from landed_changes
join horizon using (repo)
left join (
    select repo, cause_no as mainline_no, sum(share * weight) as weighed, bool_or(weight is null) as is_unknown
    from weighted_incidents
    where started_at between cause_landed_at and cause_landed_at + interval 30 days
    group by all
) as broke using (repo, mainline_no)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and horizon.source = 'incidents'
  -- In coalesce, or the join looks small and is held in memory.
  and coalesce(landed_at + interval 30 days between data_from and data_through, false)
  and repo in (select repo from weighted_incidents where weight is not null)
  -- What nobody gave a severity would not weigh nothing.
  and not coalesce(is_unknown, false)
""",
)
