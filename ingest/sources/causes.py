"""Causes from the drop folder: what somebody found out about incidents, and wrote down by hand."""

import re
from functools import partial
from typing import NamedTuple

from ingest.persons import Persons
from ingest.settings import Settings
from ingest.sources import drop, reading
from ingest.sources.columns import Column, Layout, RowError, text
from ingest.sources.source import Batch, Source

LAYOUT = Layout(
    columns=(
        Column("incident", text, required=True),
        Column("repo", text),
        Column("sha", text),
        Column("pull_request", text),
        Column("deployment", text),
        Column("note", text),
    ),
)
_NAMED = ("sha", "pull_request", "deployment")
_SHA = re.compile(r"[0-9a-f]{7,40}")
_PULL_REQUEST = re.compile(r"[#!]?(\d{1,10})", re.ASCII)


class Cause(NamedTuple):
    """A row of `manual_causes`."""

    incident: str
    repo: str | None
    kind: str
    value: str
    note: str | None
    file: str
    line: int


def fetch(settings: Settings, persons: Persons) -> Batch:
    """Every cause in the drop folder; the files as they are now are all there is."""
    del persons  # a cause names nobody
    found = reading.read(settings, "causes", LAYOUT, _cause, _key)
    if not found.is_whole:  # nobody knows what the file held: what was known before stands
        return Batch({}, found.rejects, None, found.written_at)
    return Batch(
        rows={"manual_causes": found.entries},
        rejects=found.rejects,
        data_from=None,
        data_through=found.written_at,
        replaced={"manual_causes": [()]},  # a row that was taken out must go
    )


def _key(cause: Cause) -> tuple[str | None, ...]:
    """What is one cause, however often it is written: a pull request of the same number is another one elsewhere."""
    return cause.incident, cause.repo, cause.kind, cause.value


def _cause(row: reading.Row) -> Cause:
    """What a row names; one that names nothing says that no change caused the incident."""
    values = row.values
    named = [kind for kind in _NAMED if values[kind] is not None]
    if len(named) > 1:
        message = f"The row names several causes: {', '.join(named)}. Write a row for each."
        raise RowError(message)
    kind = named[0] if named else "none"
    return Cause(values["incident"], values["repo"], kind, _value(kind, values), values["note"], row.file, row.line)


def _value(kind: str, values: dict[str, str]) -> str:
    """What the row calls the cause. Raises RowError where nothing can be called so."""
    if kind == "none":
        return ""
    value = values[kind]
    if kind == "sha":
        value = value.lower()
        if not _SHA.fullmatch(value):
            message = "sha is not 7 to 40 hexadecimal digits. Write a commit's sha."
            raise RowError(message)
    elif kind == "pull_request":
        match = _PULL_REQUEST.fullmatch(value)
        if match is None:
            message = "pull_request is not the number of a pull request. Write it like 101."
            raise RowError(message)
        value = match[1]
    return value


SOURCE = Source(
    name="causes",
    tables={"manual_causes": ()},
    cursor=partial(drop.cursor, "causes"),
    fetch=fetch,
    is_all_there_is=True,
)
