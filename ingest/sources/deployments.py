"""Deployments from the drop folder: what went where, when, and how it ended."""

import re
from datetime import datetime
from functools import partial
from typing import NamedTuple

from ingest import reach
from ingest.persons import Persons
from ingest.settings import Drop, Settings
from ingest.sources import drop, reading
from ingest.sources.columns import Column, Layout, RowError, boolean, choice, moment, text
from ingest.sources.source import Batch, Source

STATUSES = {
    **dict.fromkeys(("success", "succeeded", "successful", "ok", "passed", "done", "deployed", "finished"), "success"),
    **dict.fromkeys(("failure", "failed", "fail", "error", "errored", "timed_out", "timeout"), "failure"),
    **dict.fromkeys(("rollback", "rolled_back", "rolledback", "reverted"), "rollback"),
    **dict.fromkeys(("cancelled", "canceled", "aborted", "skipped"), "cancelled"),
    "unknown": "unknown",
}
LAYOUT = Layout(
    columns=(
        Column("id", text, required=True),
        Column("repo", text),
        Column("service", text),
        Column("environment", text),
        Column("sha", text, required=True),
        Column("started_at", moment),
        Column("finished_at", moment, required=True),
        Column("status", choice(STATUSES, "unknown")),
        Column("is_unplanned", boolean),
        Column("incident", text),
        Column("source", text),
    ),
)
_SHA = re.compile(r"[0-9a-f]{7,40}")


class Deployment(NamedTuple):
    """A row of `deployments`."""

    deployment: str
    source: str
    service: str | None
    repo: str | None
    environment: str | None
    is_production: bool
    sha: str
    started_at: datetime | None
    finished_at: datetime
    status: str
    is_unplanned: bool | None
    incident: str | None


def fetch(settings: Settings, persons: Persons) -> Batch:
    """Every deployment in the drop folder."""
    del persons  # a deployment names nobody
    environments = settings.sources.drop or Drop(settings.file.parent)
    build = partial(_deployment, environments)
    found = reading.read(settings, "deployments", LAYOUT, build, lambda deployment: deployment.deployment)
    since, through = reach.events((entry.finished_at for entry in found.entries), found.written_at)
    return Batch(
        rows={"deployments": found.entries},
        rejects=found.rejects,
        data_from=since,
        data_through=through,
    )


def _deployment(environments: Drop, row: reading.Row) -> Deployment:
    values = row.values
    source = values["source"] or "drop"
    if values["started_at"] is not None and values["finished_at"] < values["started_at"]:
        message = "finished_at is before started_at. Mend the times."
        raise RowError(message)
    if not _SHA.fullmatch(values["sha"].lower()):
        message = "sha is not 7 to 40 hexadecimal digits. Write the sha of the commit that was deployed."
        raise RowError(message)
    return Deployment(
        deployment=f"{source}:{values['id']}",
        source=source,
        service=values["service"],
        repo=values["repo"],
        environment=values["environment"],
        is_production=_is_production(environments, row),
        sha=values["sha"].lower(),
        started_at=values["started_at"],
        finished_at=values["finished_at"],
        status=values["status"] or "unknown",
        is_unplanned=values["is_unplanned"],
        incident=values["incident"],
    )


def _is_production(environments: Drop, row: reading.Row) -> bool:
    """Whether the environment is one of production's; never guessed from a name the settings do not know."""
    environment = row.values["environment"]
    if environment is None:
        row.doubt("environment is empty and was taken as not production. Fill it in")
        return False
    if environment.casefold() in map(str.casefold, environments.production_environments):
        return True
    if environment.casefold() not in map(str.casefold, environments.other_environments):
        row.doubt(
            "environment was taken as not production where it is {}. "
            "Add it to sources.drop.production_environments or to sources.drop.other_environments in the settings",
            environment,
        )
    return False


SOURCE = Source(
    name="deployments",
    tables={"deployments": ("deployment",)},
    cursor=partial(drop.cursor, "deployments"),
    fetch=fetch,
)
