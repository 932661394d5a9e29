"""Incidents from the drop folder: what broke, since when, and what the file itself names as the cause.

`ai_related` is accepted and not read: a claim about AI is no evidence, and the causes are traced to lines instead.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import NamedTuple

from ingest import reach
from ingest.git import messages
from ingest.persons import Persons
from ingest.settings import Settings
from ingest.sources import drop, reading
from ingest.sources.columns import Column, Layout, RowError, boolean, count, minutes, moment, prose, text, texts
from ingest.sources.source import Batch, Source
from ingest.sources.work_logs import WorkLog

LAYOUT = Layout(
    columns=(
        Column("id", text, required=True),
        Column("title", text),
        Column("severity", text),
        Column("service", text),
        Column("repo", text),
        Column("opened_at", moment, required=True),
        Column("started_at", moment),
        Column("detected_at", moment),
        Column("resolved_at", moment),
        Column("effort_minutes", minutes),
        Column("caused_by_sha", texts),
        Column("caused_by_pr", texts),
        Column("caused_by_deploy", texts),
        Column("fixed_by_sha", texts),
        Column("fixed_by_pr", texts),
        Column("post_mortem", prose, also=("postmortem",)),
        Column("is_change_caused", boolean),
        Column("duplicate_of", text),
        Column("users_affected", count),
        Column("source", text),
        Column("url", text),
    ),
    unused=("acknowledged_at", "responders", "ai_related"),
)
_SHA = re.compile(r"[0-9a-f]{7,40}")
_PULL_REQUEST = re.compile(r"(?:[#!]|\S+/(?:pulls?|pull-requests|merge_requests)/)?(\d{1,10})(?:\.0)?", re.ASCII)


class Incident(NamedTuple):
    """A row of `incidents`."""

    incident: str
    source: str
    service: str | None
    repo: str | None
    severity: str | None
    title: str | None
    started_at: datetime
    detected_at: datetime
    resolved_at: datetime | None
    is_change_caused: bool | None
    duplicate_of: str | None
    users_affected: int | None
    url: str | None


class IncidentReference(NamedTuple):
    """A row of `incident_references`."""

    incident: str
    source: str
    repo: str | None
    kind: str
    value: str
    says: str = "cause"  # or fix
    named_in: str = "incident"  # or post-mortem


class _Entry(NamedTuple):
    """What one row of a file says."""

    incident: Incident
    references: tuple[IncidentReference, ...]
    effort_minutes: float | None


def fetch(settings: Settings, persons: Persons) -> Batch:
    """Every incident in the drop folder, with the causes it names and the effort it took."""
    del persons  # an incident names nobody
    found = reading.read(settings, "incidents", LAYOUT, _entry, lambda entry: entry.incident.incident)
    known = {entry.incident.incident for entry in found.entries}
    incidents = [_with_whole_duplicate(entry.incident, known) for entry in found.entries]
    since, through = reach.events((incident.started_at for incident in incidents), found.written_at)
    return Batch(
        rows={
            "incidents": incidents,
            "incident_references": [reference for entry in found.entries for reference in entry.references],
            "work_logs": [effort for entry in found.entries for effort in _effort(entry)],
        },
        rejects=found.rejects,
        data_from=since,
        data_through=through,
        # A corrected row may name fewer causes than before, or no effort any more.
        replaced={
            "incident_references": [(incident.incident,) for incident in incidents],
            "work_logs": [(_effort_source(incident), incident.incident) for incident in incidents],
        },
    )


def _entry(row: reading.Row) -> _Entry:
    values = row.values
    source = values["source"] or "drop"
    started_at, detected_at = _start(row)
    references = tuple(dict.fromkeys(_references(row, f"{source}:{values['id']}", source)))  # 101 and #101 are one
    is_change_caused = values["is_change_caused"]
    if is_change_caused is None and any(reference.says == "cause" for reference in references):
        is_change_caused = True
    incident = Incident(
        incident=f"{source}:{values['id']}",
        source=source,
        service=values["service"],
        repo=values["repo"],
        severity=values["severity"],
        title=values["title"],
        started_at=started_at,
        detected_at=detected_at,
        resolved_at=values["resolved_at"],
        is_change_caused=is_change_caused,
        duplicate_of=_duplicate(row, source),
        users_affected=values["users_affected"],
        url=values["url"],
    )
    return _Entry(incident, references, values["effort_minutes"])


def _start(row: reading.Row) -> tuple[datetime, datetime]:
    """When it started and when it was detected. Raises RowError when the row's times contradict each other."""
    opened_at, resolved_at = row.values["opened_at"], row.values["resolved_at"]
    detected_at = row.values["detected_at"] or opened_at
    # A monitor may have seen it before anybody opened the record: then it had started by that time.
    started_at = row.values["started_at"] or min(opened_at, detected_at)
    if resolved_at is not None and resolved_at < max(opened_at, started_at, detected_at):
        message = "resolved_at is before the incident was opened, started or detected. Mend the times."
        raise RowError(message)
    if detected_at < started_at:
        message = "The incident was detected or opened before its started_at. Mend the times."
        raise RowError(message)
    return started_at, detected_at


def _references(row: reading.Row, incident: str, source: str) -> Iterator[IncidentReference]:
    """The causes and fixes the row names, and what its post-mortem says brought it in."""
    repo = row.values["repo"]
    for says, column in (("cause", "caused_by"), ("fix", "fixed_by")):
        for sha in row.values[f"{column}_sha"] or ():
            if _SHA.fullmatch(sha.lower()):
                yield IncidentReference(incident, source, repo, "sha", sha.lower(), says)
            else:
                row.doubt(f"{column}_sha was left out where it is not 7 to 40 hexadecimal digits. Write a commit's sha")
        for number in row.values[f"{column}_pr"] or ():
            if match := _PULL_REQUEST.fullmatch(number):
                yield IncidentReference(incident, source, repo, "pull_request", match[1], says)
            else:
                row.doubt(f"{column}_pr was left out where it is not the number of a pull request. Write it like 101")
    for deployment in row.values["caused_by_deploy"] or ():
        yield IncidentReference(incident, source, repo, "deployment", deployment)
    for blamed in messages.blames(row.values["post_mortem"] or ""):
        kind = "pull_request" if blamed.startswith("#") else "sha"
        yield IncidentReference(incident, source, repo, kind, blamed.lstrip("#"), named_in="post-mortem")


def _duplicate(row: reading.Row, source: str) -> str | None:
    """What the row is a duplicate of; one of itself would vanish from every count."""
    written = row.values["duplicate_of"]
    if written in {row.values["id"], f"{source}:{row.values['id']}"}:
        row.doubt("duplicate_of was left out where it names the incident itself. Name the first report")
        return None
    return written if written is None else str(written)


def _with_whole_duplicate(incident: Incident, known: set[str]) -> Incident:
    """The incident with `duplicate_of` as source:id; one with a colon that no file knows was written so already."""
    if incident.duplicate_of is None:
        return incident
    own = f"{incident.source}:{incident.duplicate_of}"
    return incident._replace(
        duplicate_of=own if ":" not in incident.duplicate_of or own in known else incident.duplicate_of
    )


def _effort(entry: _Entry) -> Iterator[WorkLog]:
    """The minutes of everybody together, which the row gives as one sum."""
    if entry.effort_minutes is None:
        return
    incident = entry.incident
    yield WorkLog(
        source=_effort_source(incident),
        person=None,
        started_at=incident.started_at,
        minutes=entry.effort_minutes,
        activity="respond",
        incident=incident.incident,
        issue=None,
        repo=incident.repo,
    )


def _effort_source(incident: Incident) -> str:
    return f"{incident.source}:effort"


SOURCE = Source(
    name="incidents",
    tables={
        "incidents": ("incident",),
        "incident_references": ("incident",),
        # Not by time: when an incident's start is corrected, its effort must not be counted twice.
        "work_logs": ("source", "incident"),
    },
    cursor=partial(drop.cursor, "incidents"),
    fetch=fetch,
)
