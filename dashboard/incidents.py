"""The incidents behind the rates: ticks for a figure, lists for the page."""

from datetime import date
from typing import Any

from dashboard import wording
from dashboard.answers import Answers
from dashboard.tables import Table

_ALL = """
    select
        regexp_replace(incidents.incident, '^[^:]*:', '') as name, coalesce(incidents.severity, '') as severity,
        coalesce(incidents.title, '') as title, coalesce(incidents.known_repo, '') as repo,
        incidents.started_at, (epoch(incidents.resolved_at) - epoch(incidents.detected_at)) / 60 as minutes,
        coalesce(not incidents.is_change_caused, false) as is_outage,
        concat_ws(', ',
            string_agg(distinct substr(caused.landed_sha, 1, 12), ', ' order by substr(caused.landed_sha, 1, 12)),
            string_agg(distinct 'deployment ' || regexp_replace(caused.deployment, '^[^:]*:', ''), ', '
                order by 'deployment ' || regexp_replace(caused.deployment, '^[^:]*:', ''))
        ) as cause,
        list_sort(list_distinct(list(caused.method || ' ' || caused.confidence))) as known_by,
        case when bool_or(changes.cohort = 'ai') then 'ai' else coalesce(any_value(changes.cohort), '') end as cohort
    from distinct_incidents as incidents
    left join caused_incidents as caused using (incident)
    left join landed_changes as changes on changes.repo = caused.repo and changes.landed_sha = caused.landed_sha
    where len($repos) = 0 or list_contains($repos, coalesce(incidents.known_repo, '*'))
    group by all
    order by incidents.started_at desc
"""
_SEVERE = ("sev1", "sev2", "p1", "p2", "1", "2", "critical", "high", "major")
SHOWN = 50
COLUMNS = [
    "<Incident",
    "<Severity",
    "<<Title",
    "<Repository",
    "Began (UTC)",
    "Recovery",
    "<Cause",
    "<Known by",
    "<Cohort",
]
# The methods in the order of what they are worth: the first that finds something counts.
METHODS = {
    "manual": "hand",
    "explicit": "name",
    "revert": "revert",
    "fix_lines": "fix lines",
    "deployment_window": "time of deployment",
}
REMEDY = (
    "To link one, name its cause or its fix in the incident (caused_by_sha, caused_by_pr, caused_by_deploy, fixed_by_sha, "
    "fixed_by_pr) or its cause in post_mortem; name the incident in the message of its fix, as in Fixes INC-7; or add a row to "
    "causes.csv in the drop folder, where a row without a cause says that no change caused it."
)
BLIND = (
    "A quarter of the commits that bring in a fault cannot be reached from the lines that its fix deletes, because the fix "
    "only adds lines or stands elsewhere: what is known by fix lines is the least sure of what counts for a change."
)


def ticks(reading: Answers) -> list[tuple[date, str, bool]]:
    """The day, name and severity of each incident a change may have caused."""
    rows = reading.answer(_ALL, repos=list(reading.view.selection.repos))
    return [(row.started_at.date(), row.name, row.severity.lower() in _SEVERE) for row in rows if not row.is_outage]


def lists(reading: Answers) -> list[Table]:
    """Incidents that nothing explains, those with a cause and how it is known, and outages that no change caused."""
    rows = reading.answer(_ALL, repos=list(reading.view.selection.repos))
    return [
        _table("Unlinked", "Nothing that we know explains them: they count in no rate, which is too low by them; in the "
               f"time to recover only where the record says that a change caused them. All teams and weeks. {REMEDY}",
               [row for row in rows if not row.is_outage and not row.cause]),
        _table("Linked with a cause", "By the best that is known: written down by hand; else named by the incident, its "
               "post-mortem or its fix; else taken back by the fix; else what wrote the lines that the fix removed; else the "
               f"last deployment of the service before it, which counts for deployments only. {BLIND}",
               [row for row in rows if not row.is_outage and row.cause]),
        _table("Outages that no change caused", "Said so by the incident, or by hand; they move no rate.",
               [row for row in rows if row.is_outage]),
    ]  # fmt: skip


def between(reading: Answers, since: date, until: date) -> list[list[object]]:
    """The incidents that began on the days from `since` up to, not including, `until`, in the order of COLUMNS."""
    rows = reading.answer(_ALL, repos=list(reading.view.selection.repos))
    return [_cells(row) for row in rows if since <= row.started_at.date() < until]


def _table(title: str, sub: str, rows: list[Any]) -> Table:
    cut = f" The newest {SHOWN} are shown." if len(rows) > SHOWN else ""
    return f"{title}: {len(rows)}", sub + cut, COLUMNS, [_cells(row) for row in rows[:SHOWN]]


def _cells(row: Any) -> list[object]:
    recovery = "not resolved" if row.minutes is None else wording.minutes(row.minutes)
    began = f"{row.started_at:%Y-%m-%d %H:%M}"
    cohort = wording.COHORTS.get(row.cohort, "")
    known_by = ", ".join(map(_known_by, row.known_by if row.cause else ()))
    return [row.name, row.severity, row.title, row.repo, began, recovery, row.cause, known_by, cohort]


def _known_by(told: str) -> str:
    """A method and its confidence, "revert (declared)"."""
    method, confidence = told.split(" ")
    return f"{METHODS[method]} ({confidence})"
