"""What the books say about use: who was active, what it cost, what came of it, and how far it is from what was asked for."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from ingest.lab.books import Books, Use
from ingest.lab.changes import Change, Person
from ingest.lab.counted import NOBODY, Row, Rows, is_inside, monday, row, weeks
from ingest.lab.play import Play
from ingest.lab.story import SMALLEST_GROUP, START, TARGET

WEEK = timedelta(weeks=1)
FRIDAY = 4
Asked = tuple[Person, Row]  # of whom something is asked


def rows(play: Play, books: Books) -> Rows:
    """Every metric of adoption that is about people."""
    days: dict[tuple[Person, date], list[Use]] = defaultdict(list)
    for use in books.uses:
        days[use.person, monday(use.day)].append(use)
    every = [(person, week) for person in play.people for week in weeks()]
    seats = set(play.people[::2])

    def counted(numerator: dict[tuple[Person, date], bool]) -> list[Row]:
        return [row(week, NOBODY, "", numerator[person, week]) for person, week in numerator]

    return {
        "weekly_active": counted({each: bool(days[each]) for each in every}),
        "seat_use": counted({each: bool(days[each]) for each in every if each[0] in seats}),
        "quota_just_over": counted({each: len(days[each]) == 1 for each in every}),
        "quota_last_day": counted({each: [use.day.weekday() for use in days[each]] == [FRIDAY] for each in every}),
        "quota_unlanded": shown(_unlanded(play, {each for each in every if days[each]}, every)),
        "retention": shown(
            (person, row(week, NOBODY, "", bool(days[person, week + 4 * WEEK])))
            for person, week in every if days[person, week]
        ),
        "acceptance": shown(
            (use.person, row(use.day, NOBODY, "", use.taken, use.shown)) for use in books.uses if is_inside(use.day)
        ),
        "spend": shown(_spent(books.uses)),
        "target_distance": list(_aimed(play.people, {each for each in every if days[each]})),
    }  # fmt: skip


def shown(asked: Iterable[Asked]) -> list[Row]:
    """Of a week only teams of which enough people are asked; too small ones together, if they are enough then."""
    people: dict[str, dict[str, set[Person]]] = defaultdict(lambda: defaultdict(set))
    found = list(asked)
    for person, one in found:
        people[one[0]][person.team].add(person)
    told = []
    for person, one in found:
        teams = people[one[0]]
        small = [len(team) for team in teams.values() if len(team) < SMALLEST_GROUP]
        if len(teams[person.team]) >= SMALLEST_GROUP or sum(small) >= SMALLEST_GROUP:
            told.append(one)
    return told


def _unlanded(
    play: Play, active: set[tuple[Person, date]], every: Iterable[tuple[Person, date]]
) -> Iterator[Asked]:  # fmt: skip
    """Of whoever has ever landed a line by the week after: used a tool, and landed none in the week or the one after."""
    landed: dict[Person, set[date]] = defaultdict(set)
    for repository in play.repositories:
        for change in repository.landed:
            if adds(change):
                landed[change.person].add(monday(change.at))
    for person, week in every:
        if any(each <= week + WEEK for each in landed[person]):
            is_unlanded = (person, week) in active and not {week, week + WEEK} & landed[person]
            yield person, row(week, NOBODY, "", is_unlanded)


def adds(change: Change) -> bool:
    """Whether a diff of it has a line that begins with a plus."""
    work = change.work
    return bool(change.born or change.restored or work.moved or work.reindented or change.purpose == "docs")


def _spent(uses: Iterable[Use]) -> Iterator[Asked]:
    """A person's month in the week in which it ends, of months that are there from their first day."""
    months: dict[tuple[Person, date], float] = defaultdict(float)
    for use in uses:
        months[use.person, use.day.replace(day=1)] += use.cost
    for (person, month), cost in months.items():
        last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        if month >= START.date() and is_inside(last):
            yield person, row(last, NOBODY, "", cost)


def _aimed(people: Iterable[Person], active: set[tuple[Person, date]]) -> Iterator[Row]:
    """Team by team, as many of those who were active as the target asks for: each is one, or all have their part of it."""
    teams: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        teams[person.team].append(person)
    for members in teams.values():
        for week in weeks():
            is_reached = sum((one, week) in active for one in members) >= TARGET * len(members)
            for one in members:
                yield row(week, NOBODY, "", TARGET if is_reached else (one, week) in active, TARGET)
