"""Incident exposure: what breaks, for as much code as stands and for as long as it stands."""

from metrics.metric import Metric

INCIDENT_EXPOSURE = Metric(
    key="incident_exposure",
    title="Incidents per 10,000 line-days",
    phrase="incidents per 10,000 live line-days",
    definition="Incidents laid to changes of a cohort, for each 10,000 days that a code line, of source and tests, which such a "
    "change landed stands on the branch: every line of an AI-marked change, whoever wrote it; old code counts for as long as it "
    "lives, so the code at risk is compared, not the pace of landing.",
    ledger="quality",
    unit="team-week",
    numerator="shares of the incidents that began in the week and are laid to changes of the cohort, whenever they landed",
    denominator="live code lines that changes of the cohort landed, times the days they stood in that week",
    stratum="none",
    better="lower",
    shown_as="per_10000",
    sources=("git", "incidents"),
    settlement="A week counts when it is over and both the branch and the incident log reach its end. An incident and a line "
    "belong to the cohort and team of the change that caused or landed them. An incident in a week in which no line of its "
    "cohort and team stands has nothing to be divided by and is not in this number; the incident rate has it. A row is a week of "
    "one team; cohorts are compared by their incidents over all their line-days (conditional Poisson), and "
    "both take incidents as independent and the code as given.",
    limits="An incident soon after landing meets few line-days, so the cohort with the younger code looks too bad and "
    "the one with old code too good. Its interval is about the code at hand: how large changes happened to be, and "
    "so how many line-days there are, is no part of it, and for code to come it is too narrow. Incidents that nobody records or "
    "traces count as none: too low.",
    follow_up_days=0,
    is_exposure=True,
    sql="""
select
    line_days.week, repo, line_days.team, line_days.cohort, '*' as stratum,
    strftime(line_days.week, '%G-W%V') || ' ' || line_days.team as unit,
    cast(coalesce(incidents, 0) as double) as numerator,
    cast(line_days as double) as denominator
from line_days
join horizon using (repo)
left join (
    select
        cast(date_trunc('week', started_at) as date) as week, landed_changes.repo, team, cohort, sum(share) as incidents
    from caused_incidents
    join landed_changes on landed_changes.repo = caused_incidents.repo and mainline_no = cause_no
    where started_at >= $since and started_at < $until and started_at >= landed_at and not is_bulk
    group by all
) as broke using (week, repo, team, cohort)
where line_days.week >= $since and line_days.week < $until
  and line_days.cohort in ('ai', 'human', 'unknown')
  and horizon.source = 'incidents'
  and line_days.week + interval 7 days between data_from and data_through
""",
)
