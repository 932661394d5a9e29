"""Usage from the drop folder: what a person did with an AI tool on a day, as the tool's own export tells it."""

from datetime import date
from functools import partial
from typing import Any, NamedTuple

from ingest import reach
from ingest.persons import Persons
from ingest.settings import Settings
from ingest.sources import drop, reading
from ingest.sources.actors import actor_columns, pseudonym
from ingest.sources.columns import Column, Layout, boolean, count, day, number, text
from ingest.sources.source import Batch, Source

ACTORS = ("actor_email", "actor_login", "actor_raw_id")
LAYOUT = Layout(
    columns=(
        Column("source", text),
        Column("tool", text, required=True),
        Column("surface", text),
        Column("day_utc", day, required=True),
        *actor_columns(*ACTORS),
        Column("is_active", boolean),
        Column("sessions", count),
        Column("interactions", count),
        Column("suggestions", count),
        Column("acceptances", count),
        Column("rejections", count),
        Column("auto_accepted", count),  # that nobody decided on; acceptances do not hold them
        Column("lines_added", count),
        Column("lines_deleted", count),
        Column("commits", count),
        Column("tokens_in", count),
        Column("tokens_out", count),
        Column("cost_usd", number),
        Column("model", text),
    ),
    one_of=ACTORS,
    unused=("lines_suggested", "prs"),
)
_SIGNS_OF_USE = ("sessions", "interactions", "suggestions", "acceptances", "lines_added", "commits")


class UsageDay(NamedTuple):
    """A row of `usage_days`."""

    source: str
    day: date
    person: str
    tool: str
    surface: str | None
    model: str | None
    sessions: int | None
    requests: int | None
    suggested: int | None
    accepted: int | None
    rejected: int | None
    auto_accepted: int | None
    lines_added: int | None
    lines_removed: int | None
    commits: int | None
    tokens: int | None
    cost_usd: float | None
    is_active: bool | None


def fetch(settings: Settings, persons: Persons) -> Batch:
    """Every day of usage in the drop folder."""
    found = reading.read(settings, "usage_days", LAYOUT, partial(_usage_day, persons), _key)
    since, through = reach.daily((entry.day for entry in found.entries), found.written_at)
    return Batch(
        rows={"usage_days": found.entries},
        rejects=found.rejects,
        data_from=since,
        data_through=through,
    )


def _key(row: UsageDay) -> tuple[object, ...]:
    return row.source, row.day, row.person, row.tool, row.surface, row.model


def _usage_day(persons: Persons, row: reading.Row) -> UsageDay:
    values = row.values
    return UsageDay(
        source=values["source"] or "drop",
        day=values["day_utc"],
        person=pseudonym(row, persons, ACTORS),
        tool=values["tool"],
        surface=values["surface"],
        model=values["model"],
        sessions=values["sessions"],
        requests=values["interactions"],
        suggested=values["suggestions"],
        accepted=values["acceptances"],
        rejected=values["rejections"],
        auto_accepted=values["auto_accepted"],
        lines_added=values["lines_added"],
        lines_removed=values["lines_deleted"],
        commits=values["commits"],
        tokens=_sum(values["tokens_in"], values["tokens_out"]),
        cost_usd=values["cost_usd"],
        is_active=_is_active(values),
    )


def _sum(*parts: int | None) -> int | None:
    """The sum of what is known, None when nothing is."""
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def _is_active(values: dict[str, Any]) -> bool | None:
    """As the row says; else whether anything was counted; None when nothing is known."""
    if values["is_active"] is not None:
        return bool(values["is_active"])
    known = [values[name] for name in _SIGNS_OF_USE if values[name] is not None]
    return any(known) if known else None


SOURCE = Source(
    name="usage_days",
    tables={"usage_days": ("source", "day", "tool")},  # the last days of an export are often incomplete
    cursor=partial(drop.cursor, "usage_days"),
    fetch=fetch,
)
