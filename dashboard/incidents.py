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
COLUMNS = ["<Incident", "<Severity", "<<Title", "<Repository", "Began (UTC)", "Recovery", "<Named cause", "<Cohort"]


def ticks(reading: Answers) -> list[tuple[date, str, bool]]:
    """The day, name and severity of each incident a change may have caused."""
    rows = reading.answer(_ALL, repos=list(reading.view.selection.repos))
    return [(row.started_at.date(), row.name, row.severity.lower() in _SEVERE) for row in rows if not row.is_outage]


def lists(reading: Answers) -> list[Table]:
    """Incidents that name no cause, those that name one, and outages that no change caused."""
    rows = reading.answer(_ALL, repos=list(reading.view.selection.repos))
    return [
        _table("Unlinked", "Nothing that we know is named as the cause: they count in no rate, which is too low by them; in the "
               "time to recover only where the record says that a change caused them. All teams and weeks.",
               [row for row in rows if not row.is_outage and not row.cause]),
        _table("Named causes", "The commit, pull request or deployment that the incident itself names.",
               [row for row in rows if not row.is_outage and row.cause]),
        _table("Outages that no change caused", "Said so by the incident; they move no rate.",
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
    return [row.name, row.severity, row.title, row.repo, began, recovery, row.cause, cohort]
