"""The incidents behind the rates: ticks for a figure, lists for the page."""

from datetime import date

import pandas as pd

from dashboard import wording
from dashboard.answers import Answers
from dashboard.tables import Table

_ALL = """
    select
        split_part(incidents.incident, ':', 2) as name, coalesce(incidents.severity, '') as severity,
        coalesce(incidents.title, '') as title, coalesce(incidents.known_repo, '') as repo,
        incidents.started_at, (epoch(incidents.resolved_at) - epoch(incidents.detected_at)) / 60 as minutes,
        coalesce(not incidents.is_change_caused, false) as is_outage,
        concat_ws(', ',
            string_agg(distinct substr(caused.landed_sha, 1, 12), ', ' order by substr(caused.landed_sha, 1, 12)),
            string_agg(distinct 'deployment ' || split_part(caused.deployment, ':', 2), ', '
                order by 'deployment ' || split_part(caused.deployment, ':', 2))
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
    frame = reading.answer(_ALL, repos=list(reading.view.selection.repos))
    shown = frame[~frame["is_outage"]]
    severe = shown["severity"].str.lower().isin(_SEVERE)
    return list(zip(shown["started_at"].dt.date, shown["name"], severe, strict=True))


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
        recovery = wording.minutes(row.minutes) if row.minutes == row.minutes else "not resolved"  # noqa: PLR0124 - not a number
        cells = [row.name, row.severity, row.title, row.repo, f"{row.started_at:%Y-%m-%d %H:%M}", recovery]
        where = outages if row.is_outage else linked if row.cause else unlinked
        where.append([*cells, row.cause, wording.COHORTS.get(row.cohort, "")])
    return [
        _table("Unlinked", "Nothing names a cause. They count in no rate, and every rate is too low by them.", unlinked),
        _table("Named causes", "The commit, pull request or deployment that the incident itself names.", linked),
        _table("Outages that no change caused", "Said so by the incident; they move no rate.", outages),
    ]


def _table(title: str, sub: str, rows: list[list[object]]) -> Table:
    cut = f" The newest {SHOWN} are shown." if len(rows) > SHOWN else ""
    return f"{title}: {len(rows)}", sub + cut, COLUMNS, rows[:SHOWN]
