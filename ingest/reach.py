"""How far data speak: what was read at some time speaks to that time, but not for long after its last word.

A copy of an old export carries today's date. Were its silence taken for zeros, use would seem to stop and incidents to
end, so no source speaks beyond what its own rhythm allows.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import pairwise

# The least time for which an event log is believed to be silent because nothing happened: a healthy quarter.
PATIENCE = timedelta(days=90)


def daily(days: Iterable[date], read_at: datetime | None) -> tuple[datetime | None, datetime | None]:
    """From when on and how far something speaks that has rows on every working day: to the end of its last ISO week."""
    known = [day for day in days if read_at is None or day <= read_at.date()]
    if not known or read_at is None:
        return None, read_at
    return datetime.combine(min(known), time()), by_week(datetime.combine(max(known), time()), read_at)


def by_week(last: datetime, read_at: datetime) -> datetime:
    """To the time it was read, but not beyond the ISO week of the last moment."""
    monday = last.date() + timedelta(days=7 - last.weekday())
    return max(last, min(read_at, datetime.combine(monday, time())))


def events(moments: Iterable[datetime], read_at: datetime | None) -> tuple[datetime | None, datetime | None]:
    """From when on and how far a log of events speaks: twice its longest silence so far beyond its last event."""
    known = sorted(moment for moment in moments if read_at is None or moment <= read_at)
    if not known or read_at is None:
        return None, read_at
    longest = max((after - before for before, after in pairwise(known)), default=timedelta())
    return known[0], min(read_at, known[-1] + max(PATIENCE, 2 * longest))
