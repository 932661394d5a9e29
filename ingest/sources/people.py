"""People from the drop folder: who belongs to which team when, and by which addresses tools and commits know them.

The files are the whole roster: loading them replaces everything the warehouse held. So a roster of which a file could
not be read at all, or no row, leaves the one before in place.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import partial
from typing import NamedTuple

from ingest.persons import Persons
from ingest.settings import Settings
from ingest.sources import drop, reading
from ingest.sources.columns import Column, Layout, RowError, boolean, choice, day, text
from ingest.sources.source import Batch, Reject, Source

LEVELS = {
    **dict.fromkeys(("staff", "principal", "lead", "senior", "sr"), "senior"),
    **dict.fromkeys(("mid", "middle", "intermediate", "mid_level"), "mid"),
    **dict.fromkeys(("junior", "intern", "graduate", "jr"), "junior"),
    "unknown": "unknown",
    "bot": "bot",
}
ADDRESSES = ("email", "login", "tool_user_id")  # in the order in which they name a person
LAYOUT = Layout(
    columns=(
        Column("person", text, required=True),
        *(Column(name, text) for name in ADDRESSES),
        Column("team", text),
        Column("seniority", choice(LEVELS, "unknown"), also=("level",)),
        Column("valid_from", day),
        Column("valid_to", day),
        Column("is_bot", boolean),
    ),
)


class Person(NamedTuple):
    """A row of `people`."""

    person: str
    team: str | None
    level: str
    from_day: date | None
    to_day: date | None
    is_bot: bool


class Identity(NamedTuple):
    """A row of `identities`."""

    kind: str
    identity_hash: str
    person: str


class _Entry(NamedTuple):
    """What one row of a file says; the addresses are hashed already."""

    file: str
    line: int
    content: str
    name: str  # what the file calls the person, to tell which rows are about the same
    addresses: tuple[tuple[str, str], ...]
    team: str | None
    level: str | None
    from_day: date | None
    to_day: date | None
    is_bot: bool

    @property
    def place(self) -> str:
        return f"{self.file} line {self.line}"

    @property
    def says_where(self) -> bool:
        """Whether it says more than an address."""
        return self.team is not None or self.level is not None


@dataclass(frozen=True)
class _Stretch:
    """A stretch of time in which the person's team and level are the same."""

    team: str | None
    level: str | None
    from_day: date | None
    to_day: date | None
    place: str


@dataclass
class _Roster:
    """The people, as far as the rows do not contradict each other."""

    people: list[Person] = field(default_factory=list)
    identities: list[Identity] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    def reject(self, entry: _Entry, reason: str) -> None:
        self.rejects.append(Reject(entry.file, entry.line, "rejected", reason, entry.content))


def fetch(settings: Settings, persons: Persons) -> Batch:
    """The roster in the drop folder."""
    # The same line twice is one; rows that differ in anything are compared below.
    found = reading.read(
        settings, "people", LAYOUT, partial(_entry, persons), lambda entry: entry._replace(file="", line=0, content="")
    )
    roster = _roster(found.entries)
    rejects = found.rejects + roster.rejects
    if not found.is_whole or not roster.people:
        return _without_change(rejects, found.written_at)
    first = min((person.from_day for person in roster.people if person.from_day is not None), default=None)
    return Batch(
        rows={"people": roster.people, "identities": roster.identities},
        rejects=rejects,
        data_from=None if first is None else datetime.combine(first, time()),
        data_through=found.written_at,
        replaced={"people": [()], "identities": [()]},
    )


def _without_change(rejects: list[Reject], written_at: datetime | None) -> Batch:
    """Half a roster would take people out of their teams: better the one of yesterday."""
    reason = "Because of this the whole roster was left as it was before. Mend the files of people."
    kept = [Reject(rejects[0].file, 0, "warning", reason, "")] if rejects else []
    return Batch({}, rejects + kept, None, written_at)


def _entry(persons: Persons, row: reading.Row) -> _Entry:
    values = row.values
    from_day, to_day, level = values["valid_from"], values["valid_to"], values["seniority"]
    if from_day is not None and to_day is not None and to_day < from_day:
        message = "valid_to is before valid_from. Mend the days."
        raise RowError(message)
    return _Entry(
        file=row.file,
        line=row.line,
        content=row.content,
        name=values["person"],
        addresses=tuple((kind, persons.hash(kind, values[kind])) for kind in ADDRESSES if values[kind] is not None),
        team=values["team"],
        level=None if level in {"unknown", "bot"} else level,
        from_day=from_day,
        to_day=to_day,
        is_bot=bool(values["is_bot"]) or level == "bot",
    )


def _roster(entries: Iterable[_Entry]) -> _Roster:
    roster = _Roster()
    by_name: dict[str, list[_Entry]] = {}
    for entry in _of_one_owner(entries, roster):
        by_name.setdefault(entry.name, []).append(entry)
    for rows in by_name.values():
        _add_person(rows, roster)
    return roster


def _of_one_owner(entries: Iterable[_Entry], roster: _Roster) -> Iterable[_Entry]:
    """The entries without those that give somebody another person's address."""
    owners: dict[tuple[str, str], _Entry] = {}
    for entry in entries:
        taken = [kind for kind, value in entry.addresses if owners.get((kind, value), entry).name != entry.name]
        if taken:
            other = next(owners[address] for address in entry.addresses if address[0] == taken[0])
            roster.reject(entry, f"{taken[0]} is that of another person in {other.place}. Give it to one of them.")
            continue
        for address in entry.addresses:
            owners.setdefault(address, entry)
        yield entry


def _add_person(rows: list[_Entry], roster: _Roster) -> None:
    """Put one person's rows on the roster."""
    # A row may only add an address: then it says nothing about time or team, unless no other row does.
    where = [row for row in rows if row.says_where] or rows
    stretches, contradicting = _stretches(where, roster)
    sound = [row for row in rows if row.place not in contradicting]
    addresses = list(dict.fromkeys(address for row in sound for address in row.addresses))
    if not addresses:
        for row in sound:
            roster.reject(row, f"No row of this person has one of {', '.join(ADDRESSES)}. Fill in one.")
        return
    pseudonym = min(addresses, key=lambda address: ADDRESSES.index(address[0]))[1]  # of equals the first
    is_bot = any(row.is_bot for row in sound)
    roster.identities += [Identity(kind, value, pseudonym) for kind, value in addresses]
    roster.people += [
        Person(pseudonym, stretch.team, stretch.level or "unknown", stretch.from_day, stretch.to_day, is_bot)
        for stretch in stretches
    ]


def _stretches(rows: list[_Entry], roster: _Roster) -> tuple[list[_Stretch], set[str]]:
    """The stretches the rows tell, none overlapping another, and the places of rows that contradict earlier ones."""
    stretches: list[_Stretch] = []
    contradicting = set()
    for row in rows:
        new = _Stretch(row.team, row.level, row.from_day, row.to_day, row.place)
        met = [stretch for stretch in stretches if _overlap(stretch, new)]
        other = next((stretch for stretch in met if not _agree(stretch, new)), None)
        if other is None and len({stretch.level for stretch in met} - {None}) > 1:
            other = met[0]  # a row without a level across two with different ones
        if other is not None:
            reason = f"The period overlaps that of {other.place}, where team or seniority differ. Let one end first."
            roster.reject(row, reason)
            contradicting.add(row.place)
            continue
        stretches = [stretch for stretch in stretches if stretch not in met] + [_united([*met, new])]
    return stretches, contradicting


def _overlap(one: _Stretch, other: _Stretch) -> bool:
    return (one.from_day or date.min) <= (other.to_day or date.max) and (other.from_day or date.min) <= (
        one.to_day or date.max
    )


def _agree(one: _Stretch, other: _Stretch) -> bool:
    return one.team == other.team and (one.level == other.level or None in {one.level, other.level})


def _united(parts: list[_Stretch]) -> _Stretch:
    """One stretch from the first day of any to the last day of any."""
    starts, ends = [part.from_day for part in parts], [part.to_day for part in parts]
    return replace(
        parts[0],
        level=next((part.level for part in parts if part.level is not None), None),
        from_day=None if None in starts else min(filter(None, starts)),
        to_day=None if None in ends else max(filter(None, ends)),
    )


SOURCE = Source(
    name="people",
    tables={"people": (), "identities": ()},  # the roster is replaced as a whole
    cursor=partial(drop.cursor, "people"),
    fetch=fetch,
)
