"""Seats from the drop folder: who had a licence on a day."""

from datetime import date, datetime
from functools import partial
from typing import NamedTuple

from ingest import reach
from ingest.persons import Persons
from ingest.settings import Settings
from ingest.sources import drop, reading
from ingest.sources.actors import actor_columns, pseudonym
from ingest.sources.columns import Column, Layout, day, moment, text
from ingest.sources.source import Batch, Source

ACTORS = ("actor_email", "actor_login", "actor_raw_id")
LAYOUT = Layout(
    columns=(
        Column("day", day, required=True),
        Column("tool", text, required=True),
        *actor_columns(*ACTORS),
        Column("assigned_at", moment),
        Column("last_active_at", moment),
    ),
    one_of=ACTORS,
)


class Seat(NamedTuple):
    """A row of `seats`."""

    day: date
    tool: str
    person: str
    assigned_at: datetime | None
    last_active_at: datetime | None


def fetch(settings: Settings, persons: Persons) -> Batch:
    """Every seat in the drop folder."""
    found = reading.read(settings, "seats", LAYOUT, partial(_seat, persons), lambda seat: seat[:3])
    since, through = reach.daily((seat.day for seat in found.entries), found.written_at)
    return Batch(
        rows={"seats": found.entries},
        rejects=found.rejects,
        data_from=since,
        data_through=through,
    )


def _seat(persons: Persons, row: reading.Row) -> Seat:
    values = row.values
    return Seat(
        values["day"], values["tool"], pseudonym(row, persons, ACTORS), values["assigned_at"], values["last_active_at"]
    )


SOURCE = Source(
    name="seats",
    tables={"seats": ("day", "tool")},  # a day's list is whole: a seat that is gone must go
    cursor=partial(drop.cursor, "seats"),
    fetch=fetch,
)
