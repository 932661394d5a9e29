"""What the books say about running what was written: deployments, incidents, hours, and for how long lines stood."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from ingest.lab.books import Books, Deployment
from ingest.lab.changes import Change, Incident
from ingest.lab.counted import Row, Rows, is_inside, monday, row, together, weeks
from ingest.lab.story import END, START

SOON = timedelta(days=30)
DAY, WEEK = 86400, 604800  # seconds


def rows(books: Books, changes: Sequence[Change], incidents: Sequence[Incident]) -> Rows:
    """Every metric about deployments and incidents that the rates of changes do not have."""
    failed = set(laid(books, incidents).values())
    shipped = [each for each in books.deployments if is_inside(each.finished_at)]
    broken = [(change, soon) for change in changes if is_inside(change.at) and (soon := _soon(change))]
    return {
        "change_fail_rate": [_of(each, each in failed) for each in shipped],
        "deployment_rework": [_of(each, each.made_for is not None) for each in shipped],
        "deploy_error_rate": [_of(each, not each.is_good) for each in shipped],
        "recovery_time": [
            row(one.started_at, one.cause.cohort, one.ident, one.outlasted)
            for one in incidents if one.cause is not None and is_inside(one.started_at)
        ],
        "blast_users": [_one(change, sum(one.users for one in soon)) for change, soon in broken],
        "blast_minutes": [_one(change, sum(one.outlasted for one in soon)) for change, soon in broken],
        "blast_incident_services": [_one(change, len({one.service for one in soon}) - 1) for change, soon in broken],
        "debug_time_ratio": list(_traced(books)),
        "incident_exposure": list(_exposed(changes, incidents)),
    }  # fmt: skip


def laid(books: Books, incidents: Sequence[Incident]) -> dict[Incident, Deployment]:
    """The deployment with which the cause of each incident went live."""
    live = {change: each for each in books.deployments if each.is_good for change in each.shipped}
    found = {one: live[one.cause] for one in incidents if one.cause in live}
    return {one: each for one, each in found.items() if each.finished_at <= one.started_at}


def _of(each: Deployment, happened: bool) -> Row:  # noqa: FBT001 - what is counted
    cohort = together(change.cohort for change in each.shipped) if each.shipped else "unknown"
    return row(each.finished_at, cohort, each.ident, happened)


def _one(change: Change, numerator: float) -> Row:
    return row(change.at, change.cohort, change.sha, numerator)


def _soon(change: Change) -> list[Incident]:
    return [one for one in change.incidents if one.started_at <= change.at + SOON]


def _traced(books: Books) -> Iterator[Row]:
    """Minutes on issues, which begin with their change, and on incidents that some change caused."""
    minutes: dict[Change | Incident, Counter[bool]] = defaultdict(Counter)
    for each in books.hours:
        item = each.change or each.incident
        if item is not None:
            minutes[item][each.activity in ("debug", "respond")] += each.minutes
    for item, spent in minutes.items():
        change, began = (item, item.at) if isinstance(item, Change) else (item.cause, item.started_at)
        if change is not None and is_inside(began):
            yield row(began, change.cohort, "", spent[True], spent.total())


def _exposed(changes: Sequence[Change], incidents: Sequence[Incident]) -> Iterator[Row]:
    for (week, _, team, cohort), (broke, days) in exposures(changes, incidents).items():
        yield row(week, cohort, f"{week:%G-W%V} {team}", broke, days)


def exposures(
    changes: Sequence[Change], incidents: Sequence[Incident]
) -> dict[tuple[date, str, str, str], tuple[int, float]]:
    """By week, and repository, team and cohort of the change: incidents, and the days that lines stood."""
    stood: Counter[tuple[date, str, str, str]] = Counter()
    for change in changes:
        if change.purpose != "first":
            own = Counter(line.died for line in [*change.born, *change.restored] if line.is_code)
            for end, lines in own.items():
                for week, seconds in _stood(change, end):
                    stood[week, *_whose(change)] += lines * seconds
    broke = Counter((monday(one.started_at), *_whose(one.cause)) for one in incidents if one.cause is not None)
    return {place: (broke[place], seconds / DAY) for place, seconds in stood.items()}


def _whose(change: Change) -> tuple[str, str, str]:
    return change.place.name, change.person.team, change.cohort


def _stood(change: Change, end: Change | None) -> Iterator[tuple[date, int]]:
    """The weeks in which what a change landed stood until another took it out, and for how many seconds of each."""
    since, until = int(change.at.timestamp()), int((end.at if end else END).timestamp())
    for number, week in enumerate(weeks()):
        begin = int(START.timestamp()) + number * WEEK
        seconds = min(until, begin + WEEK) - max(since, begin)
        if seconds > 0:
            yield week, seconds
