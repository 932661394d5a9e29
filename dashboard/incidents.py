"""The incidents behind the rates: ticks for a figure, lists for the page."""

from datetime import date

import pandas as pd

from dashboard import wording
from dashboard.answers import Answers
from dashboard.tables import Table

_ALL = """
    select
        split_part(incidents.incident, ':', 2) as name, incidents.severity, incidents.title, incidents.known_repo as repo,
        incidents.started_at, (epoch(incidents.resolved_at) - epoch(incidents.detected_at)) / 60 as minutes,
        incidents.is_change_caused,
        string_agg(distinct substr(caused.landed_sha, 1, 12), ', ' order by substr(caused.landed_sha, 1, 12)) as shas,
        string_agg(distinct split_part(caused.deployment, ':', 2), ', ' order by split_part(caused.deployment, ':', 2))
            as deployments,
        coalesce(bool_or(changes.cohort = 'ai'), false) as is_ai,
        any_value(changes.cohort) as cohort
    from distinct_incidents as incidents
    left join caused_incidents as caused using (incident)
    left join landed_changes as changes on changes.repo = caused.repo and changes.landed_sha = caused.landed_sha
    where len($repos) = 0 or list_contains($repos, coalesce(incidents.known_repo, '*'))
    group by all
    order by incidents.started_at desc
"""
_SEVERE = ("SEV1", "SEV2", "P1", "P2", "1", "2", "critical", "high", "major")
SHOWN = 200
COLUMNS = ["<Incident", "<Severity", "<<Title", "<Repository", "Began (UTC)", "Recovery", "<Named cause", "<Cohort"]


def ticks(reading: Answers) -> list[tuple[date, str, bool]]:
    """The day, name and severity of each incident a change may have caused."""
    frame = reading.answer(_ALL, repos=list(reading.view.selection.repos))
    rows = zip(frame["started_at"], frame["name"], frame["severity"], frame["is_change_caused"], strict=True)
    shown = [(at, name, severity) for at, name, severity, caused in rows if caused is not False]
    return [(at.date(), name, str(severity).lower() in [each.lower() for each in _SEVERE]) for at, name, severity in shown]


def lists(reading: Answers, since: date | None = None, until: date | None = None) -> list[Table]:
    """Incidents that name a cause, those that do not, and outages that no change caused; of all time or of some days."""
    frame = reading.answer(_ALL, repos=list(reading.view.selection.repos))
    if since is not None:
        frame = frame[frame["started_at"] >= pd.Timestamp(since)]
    if until is not None:
        frame = frame[frame["started_at"] < pd.Timestamp(until)]
    linked: list[list[object]] = []
    unlinked: list[list[object]] = []
    outages: list[list[object]] = []
    for row in frame.itertuples(index=False):
        cause = ", ".join(text for text in (row.shas, row.deployments and f"deployment {row.deployments}") if isinstance(text, str))
        cohort = "ai" if row.is_ai else row.cohort if isinstance(row.cohort, str) else None
        recovery = wording.minutes(row.minutes) if row.minutes == row.minutes else "not resolved"  # noqa: PLR0124 - not a number
        cells = [row.name, row.severity or "", row.title or "", row.repo or "", f"{row.started_at:%Y-%m-%d %H:%M}", recovery]
        where = outages if row.is_change_caused is False else linked if cause else unlinked
        where.append([*cells, cause, wording.COHORTS[cohort] if cohort else ""])
    return [
        _table("Unlinked", "Nothing names a cause. They count in no rate, and every rate is too low by them.", unlinked),
        _table("Named causes", "The commit, pull request or deployment that the incident itself names.", linked),
        _table("Outages that no change caused", "Said so by the incident; they move no rate.", outages),
    ]


def _table(title: str, sub: str, rows: list[list[object]]) -> Table:
    cut = f" The newest {SHOWN} are shown." if len(rows) > SHOWN else ""
    return f"{title}: {len(rows)}", sub + cut, COLUMNS, rows[:SHOWN]
