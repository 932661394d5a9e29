"""How the builder of the lab writes down what it counts: a row for each unit, as the definitions have units."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from ingest.lab.story import START, UNTIL

Row = tuple[str, str, str, float, float]  # week, cohort, unit, numerator, denominator
Rows = dict[str, list[Row]]  # by metric
NOBODY = "*"  # where cohorts have no meaning


def monday(moment: date) -> date:
    """The Monday of its week."""
    day = moment.date() if isinstance(moment, datetime) else moment
    return day - timedelta(days=day.weekday())


def is_inside(moment: date) -> bool:
    """Whether its week is one of those that are looked at."""
    return START.date() <= monday(moment) < UNTIL.date()


def row(moment: date, cohort: str, unit: str, numerator: float, denominator: float = 1) -> Row:
    """A unit in the week of a moment."""
    return monday(moment).isoformat(), cohort, unit, float(numerator), float(denominator)


def together(cohorts: Iterable[str]) -> str:
    """The cohort of several changes: a tool's where any is, else theirs where they have one, else nobody knows."""
    found = set(cohorts)
    return "ai" if "ai" in found else found.pop() if len(found) == 1 else "unknown"


def weeks() -> Iterator[date]:
    """The Mondays of the weeks that are looked at."""
    day = START.date()
    while day < UNTIL.date():
        yield day
        day += timedelta(weeks=1)
