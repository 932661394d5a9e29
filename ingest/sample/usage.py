"""Who uses which AI tool when, and who has a seat: what the vendors' exports would say."""

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from ingest.sample.chance import SATURDAY, stream
from ingest.sample.changes import Change
from ingest.sample.drop import Row, iso
from ingest.sample.people import PEOPLE, Person, roster
from ingest.sample.story import ACTIVE, MANDATE, WEEKS, rate

TOOLS = ("copilot", "claude-code", "cursor")
_FRIDAY = 4
# Days since the start on which a tool was bought, and how many seats it has then: seats outrun their use.
_SEATS = {
    "copilot": ((0, 6), (24, 10), (52, 14), (60, 16)),
    "claude-code": ((0, 2), (20, 4), (44, 7), (61, 12)),
    "cursor": ((0, 2), (30, 4), (61, 8)),
}

ActiveWeeks = dict[date, list[Person]]


def active_weeks(seed: int) -> ActiveWeeks:
    """The people who use a tool in each week: the eager ones first, with some coming and going."""
    rng = stream(seed, "active")
    result = {}
    for monday in WEEKS:
        people = roster(monday)
        eagerness = {person.person: person.eagerness + rng.gauss(0, 0.07) for person in people}
        count = round(rate(ACTIVE, monday) * len(people))
        chosen = sorted(people, key=lambda person: -eagerness[person.person])[:count]
        result[monday] = sorted(chosen, key=lambda person: person.person)
    return result


def monday_of(day: date) -> date:
    """The Monday of the week of a day."""
    return day - timedelta(days=day.weekday())


ActiveDays = dict[tuple[date, str, str], Person]


def active_days(seed: int, weeks: ActiveWeeks, changes: Iterable[Change]) -> ActiveDays:
    """Every day on which a person uses a tool; a change a tool wrote has its day, but for those who game the quota."""
    rng = stream(seed, "days")
    days: ActiveDays = {}
    for change in changes:
        if change.tool in TOOLS and change.written_by == "ai":
            day = _workday(change.at.date())
            if not _games_the_quota(change.person, day):
                days[day, change.person.person, str(change.tool)] = change.person
    for monday, people in weeks.items():
        for person in people:
            for day in _days_of_week(rng, person, monday):
                tool = person.tools[0] if rng.random() < 0.75 else rng.choice(person.tools)
                used_on = monday + timedelta(days=_FRIDAY) if _games_the_quota(person, day) else day
                days[used_on, person.person, tool] = person
    return dict(sorted(days.items(), key=lambda item: item[0]))


def _days_of_week(rng: random.Random, person: Person, monday: date) -> list[date]:
    # Who was told to use a tool once a week does, on Friday afternoon.
    if monday > MANDATE and person.eagerness < 0.5:
        return [monday + timedelta(days=_FRIDAY if rng.random() < 0.75 else rng.randrange(5))]
    return [monday + timedelta(days=day) for day in sorted(rng.sample(range(5), rng.randint(1, 5)))]


def _games_the_quota(person: Person, day: date) -> bool:
    """Since the mandate most of payments opens a tool on Fridays only; the rest it writes for them from a colleague's seat."""
    return monday_of(day) > MANDATE and person.team_on(day) == "payments" and person.eagerness < 0.6


def _workday(day: date) -> date:
    return day - timedelta(days=max(day.weekday() - _FRIDAY, 0))


def seats(monday: date) -> dict[str, list[Person]]:
    """Who has a seat of each tool in a week: first those who like the tool, then whoever is left."""
    week = WEEKS.index(monday)
    people = roster(monday)
    result = {}
    for tool, steps in _SEATS.items():
        count = [number for since, number in steps if since <= week][-1]
        liking = sorted(people, key=lambda person: (tool not in person.tools, -person.eagerness))
        wanting = [person for person in liking if tool in person.tools[:1]]
        chosen = dict.fromkeys([*liking[:count], *wanting])
        result[tool] = sorted(chosen, key=lambda person: person.person)
    return result


def usage_rows(seed: int, days: ActiveDays) -> list[Row]:
    """One row per person, tool and day: those who used it, and some who have a seat and did not."""
    rng = stream(seed, "usage")
    rows = []
    for monday in WEEKS:
        holders = seats(monday)
        for day in (monday + timedelta(days=offset) for offset in range(SATURDAY)):
            for tool in TOOLS:
                for person in PEOPLE:
                    if (day, person.person, tool) in days:
                        rows.append(_used(rng, tool, day, person))
                    elif person in holders[tool] and tool != "claude-code" and rng.random() < 0.25:
                        rows.append(_idle(rng, tool, day, person))
    return rows


def _used(rng: random.Random, tool: str, day: date, person: Person) -> Row:
    shown = rng.randint(8, 90)
    taken = rng.randint(shown // 5, shown // 2)
    lines = taken * rng.randint(2, 9)
    tokens = rng.randint(20_000, 900_000)
    row = {"is_active": "true", **_actor(rng, tool, person, day)}
    if tool == "copilot":
        said: Row = {"surface": "ide", "interactions": rng.randint(1, 30), "suggestions": shown, "acceptances": taken}
        return row | said | {"lines_suggested": lines * 2, "lines_added": lines, "lines_deleted": lines // 6}
    if tool == "claude-code":
        said = {"surface": "cli", "sessions": rng.randint(1, 6), "acceptances": taken, "rejections": taken // 5}
        said |= {
            "lines_added": lines,
            "lines_deleted": lines // 4,
            "commits": rng.randint(0, 4),
            "prs": rng.randint(0, 2),
        }
        cost = f"{tokens * 0.000006:.2f}"
        return row | said | {"tokens_in": tokens, "tokens_out": tokens // 12, "cost_usd": cost, "model": _model(day)}
    said = {"surface": "ide", "interactions": rng.randint(1, 40), "suggestions": shown, "acceptances": taken}
    return row | said | {"rejections": shown // 8, "lines_added": lines, "cost_usd": f"{rng.uniform(0.2, 4):.2f}"}


def _idle(rng: random.Random, tool: str, day: date, person: Person) -> Row:
    row: Row = {"surface": "ide", "is_active": "false", "interactions": 0, "suggestions": 0, "acceptances": 0}
    return row | _actor(rng, tool, person, day)


def _model(day: date) -> str:
    return "claude-sonnet-4-5" if day < date(2026, 3, 1) else "claude-opus-4-6"


def _actor(rng: random.Random, tool: str, person: Person, day: date) -> Row:
    """How the tool names the person: mostly by address, Copilot often by login only, Cursor now and then by its id."""
    row: Row = {"source": f"{tool}-export", "tool": tool, "day_utc": day.isoformat()}
    chance = rng.random()
    if tool == "copilot":
        return row | {"actor_login": person.login, "actor_email": person.email if chance < 0.6 else ""}
    if tool == "cursor":
        return row | {"actor_raw_id": person.tool_user_id, "actor_email": person.email if chance < 0.8 else ""}
    return row | {"actor_email": person.email}


def seat_rows(days: ActiveDays) -> list[Row]:
    """A snapshot of the seats on every Monday."""
    first: dict[tuple[str, str], date] = {}
    last: dict[tuple[str, str], date] = {}
    used: Sequence[tuple[date, str, str]] = list(days)
    rows, position = [], 0
    for monday in WEEKS:
        while position < len(used) and used[position][0] < monday:
            day, person_id, tool = used[position]
            last[tool, person_id] = day
            position += 1
        for tool, people in seats(monday).items():
            for person in people:
                key = tool, person.person
                assigned_on = first.setdefault(key, monday if monday > WEEKS[0] else date(2025, 3, 3))
                rows.append(_seat(monday, tool, person, assigned_on, last.get(key)))
    return rows


def _seat(monday: date, tool: str, person: Person, assigned_on: date, used_on: date | None) -> Row:
    row: Row = {"day": monday.isoformat(), "tool": tool}
    row |= {"actor_login": person.login} if tool == "copilot" else {"actor_email": person.email}
    if tool == "cursor":
        row["actor_raw_id"] = person.tool_user_id
    used_at = iso(datetime.combine(used_on, time(16, 40), UTC)) if used_on else ""
    return row | {"assigned_at": iso(datetime.combine(assigned_on, time(9), UTC)), "last_active_at": used_at}
