"""Work logs from the drop folder: minutes of people, and what they went into."""

from datetime import datetime
from functools import partial
from typing import NamedTuple

from ingest import reach
from ingest.persons import Persons
from ingest.settings import Settings
from ingest.sources import drop, reading
from ingest.sources.actors import actor_columns, pseudonym
from ingest.sources.columns import Column, Layout, choice, minutes, moment, text
from ingest.sources.source import Batch, Source

ACTORS = ("actor_email", "actor_login")
ACTIVITIES = {
    **dict.fromkeys(("debug", "debugging", "bug", "bugfix", "bug_fix", "fix", "fixing", "investigation"), "debug"),
    **dict.fromkeys(("build", "building", "feature", "development", "develop", "coding", "implementation"), "build"),
    **dict.fromkeys(("review", "reviewing", "reviews", "code_review"), "review"),
    **dict.fromkeys(("respond", "responding", "response", "incident", "incident_response", "on_call"), "respond"),
    "other": "other",
}
LAYOUT = Layout(
    columns=(
        Column("source", text),
        *actor_columns(*ACTORS),
        Column("started_at", moment, required=True),
        Column("minutes", minutes, required=True),
        Column("activity", choice(ACTIVITIES, "other"), required=True),
        Column("incident", text),
        Column("issue", text),
        Column("repo", text),
    ),
    one_of=ACTORS,
)


class WorkLog(NamedTuple):
    """A row of `work_logs`."""

    source: str
    person: str | None
    started_at: datetime
    minutes: float
    activity: str
    incident: str | None
    issue: str | None
    repo: str | None


def fetch(settings: Settings, persons: Persons) -> Batch:
    """Every work log in the drop folder."""
    # Logs that are kept by the day share their start: what the minutes went into tells them apart.
    found = reading.read(
        settings, "work_logs", LAYOUT, partial(_work_log, persons), lambda log: log._replace(minutes=0.0)
    )
    since, through = reach.events((log.started_at for log in found.entries), found.written_at)
    return Batch(
        rows={"work_logs": found.entries},
        rejects=found.rejects,
        data_from=since,
        data_through=through,
    )


def _work_log(persons: Persons, row: reading.Row) -> WorkLog:
    values = row.values
    source = values["source"] or "drop"
    incident = values["incident"]
    return WorkLog(
        source=source,
        person=pseudonym(row, persons, ACTORS),
        started_at=values["started_at"],
        minutes=values["minutes"],
        activity=values["activity"],
        incident=incident if incident is None or ":" in incident else f"{source}:{incident}",
        issue=values["issue"],
        repo=values["repo"],
    )


SOURCE = Source(
    name="work_logs",
    tables={"work_logs": ("source", "person", "started_at")},
    cursor=partial(drop.cursor, "work_logs"),
    fetch=fetch,
)
