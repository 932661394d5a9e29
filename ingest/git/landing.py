"""Landing: which first-parent step brought a commit to the branch, and when.

Source: design, "Landed". A commit lands with the change that brings it to the integration branch.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median_low

# A clock that was wrong is told by those that come after it.
LOOK_AHEAD = 20
TOLERANCE = timedelta(days=1)


def first_parents(head: str, parents: Mapping[str, Sequence[str]]) -> list[str]:
    """The first-parent line from its oldest commit in `parents` to `head`."""
    line: list[str] = []
    sha: str | None = head
    while sha is not None and sha in parents:
        line.append(sha)
        sha = parents[sha][0] if parents[sha] else None
    return line[::-1]


def landed(line: Iterable[str], parents: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The step of the first-parent `line` that brought each commit of `parents`."""
    landing: dict[str, str] = {}
    for step in line:
        waiting = [step]
        while waiting:
            sha = waiting.pop()
            if sha in parents and sha not in landing:
                landing[sha] = step
                waiting.extend(parents[sha])
    return landing


def landed_at(committed: Sequence[datetime], now: datetime, before: datetime | None = None) -> list[datetime]:
    """When each step of the first-parent line landed, from the steps' committer dates, oldest first.

    `before` is when the step before them landed, None where they begin the line.

    A date in the future, or more than a day above the median of the next twenty, takes its predecessor's; then the
    running maximum is kept, so that no age is ever negative.
    """
    times: list[datetime] = [before] if before else []
    # The next twenty, sorted: one step leaves and one enters at a time.
    ahead = sorted(committed[1 : LOOK_AHEAD + 1])
    for number, moment in enumerate(committed):
        typical = median_low(ahead) if ahead else moment
        if moment > now or moment - typical > TOLERANCE:
            moment = times[-1] if times else min(typical, now)  # noqa: PLW2901 - a wrong date is replaced
        times.append(max(moment, times[-1]) if times else moment)
        if number + 1 < len(committed):
            del ahead[bisect_right(ahead, committed[number + 1]) - 1]
        if number + LOOK_AHEAD + 1 < len(committed):
            insort(ahead, committed[number + LOOK_AHEAD + 1])
    return times[1:] if before else times
