"""What chance had in store for the code at hand: incidents that were due of its changes, before it was known which came."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta

from ingest.lab.changes import Change
from ingest.lab.operated import exposures
from ingest.lab.story import AGAIN, BREAKS_LINES, START, UNTIL

BEFORE = 0.125  # days by which the incident of a revert comes before it
Due = dict[str, list[list[float]]]  # by repository: incidents and line-days of changes that are marked, and of the rest


def exposed(changes: Sequence[Change]) -> Due:
    """Incidents that were due in the weeks that are looked at, over the days that lines stood in them."""
    found: dict[str, list[list[float]]] = defaultdict(lambda: [[0.0, 0.0], [0.0, 0.0]])
    for change in changes:
        for incidents, begin, end in _lags(change):
            found[change.place.name][not change.is_marked][0] += incidents * _inside(change, begin, end)
    for (_, repo, _, cohort), (_, days) in exposures(changes, []).items():
        found[repo][cohort != "ai"][1] += days
    return dict(found)


def _lags(change: Change) -> Iterator[tuple[float, float, float]]:
    """How many incidents are to be expected of a change, and between which of its days they come, as Play plans them."""
    if change.purpose == "first":
        return
    hazards = change.hazards
    yield hazards.late_incident, 32, 85
    if change.is_reverted:
        yield hazards.incident, 1 - BEFORE, 13 - BEFORE
        return
    by_lines = BREAKS_LINES if change.purpose == "work" else 0.0
    yield hazards.incident * by_lines, 16, 28
    yield hazards.incident * (1 - by_lines) * (1 + AGAIN), 1, 29


def _inside(change: Change, begin: float, end: float) -> float:
    """The share of these days of a change that the weeks have which are looked at."""
    first, last = change.at + timedelta(days=begin), change.at + timedelta(days=end)
    return max(timedelta(0), min(last, UNTIL) - max(first, START)) / (last - first)
