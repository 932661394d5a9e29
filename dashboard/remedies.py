"""Which source would tell most of what nobody knows the writer of: from what the warehouse holds, and never more than that."""

from dataclasses import dataclass
from typing import Any

from dashboard import wording
from dashboard.answers import Answers
from dashboard.tables import Table
from metrics.measure import Window

FEWEST = 10  # changes that an estimate rests on
NAMED = 5  # repositories

# Of people who used a tool in the week in which they landed something, tool by tool; not of fewer than may be shown.
_TOOLS = """
    select active_weeks.tool, count(*) as changes, sum(lines)::bigint as lines
    from unknown_changes join active_weeks using (week, person)
    where week >= $since and week < $until and team != 'suppressed'
      and (len($repos) = 0 or list_contains($repos, repo)) and (len($teams) = 0 or list_contains($teams, team))
    group by active_weeks.tool
    having count(distinct person) >= (select minimum_group from privacy)
    order by changes desc, active_weeks.tool
"""
_SQUASHED = """
    select count(*) as changes, coalesce(sum(lines), 0)::bigint as lines
    from unknown_changes
    where is_squashed and week >= $since and week < $until and team != 'suppressed'
      and (len($repos) = 0 or list_contains($repos, repo)) and (len($teams) = 0 or list_contains($teams, team))
"""
# What came with its branch, so that every commit of it could be read: how often does anything of it tell?
_MERGED = """
    select count(*) as changes, count(*) filter (where cohort != 'unknown') as known
    from landed_changes join commits on commits.repo = landed_changes.repo and commits.sha = landed_changes.landed_sha
    where is_merge and cohort != 'baseline' and not is_bulk
      and week >= $since and week < $until and team != 'suppressed'
      and (len($repos) = 0 or list_contains($repos, landed_changes.repo))
      and (len($teams) = 0 or list_contains($teams, team))
"""
# A repository is recorded where something recorded landed in these weeks: a note on a branch nobody merged is not enough.
_NOTES = """
    with recorded as (
        select distinct repo from coverage
        where basis = 'recorded' and week >= $since and week < $until
    )
    select repo in (select repo from recorded) as is_recorded, list(distinct repo order by repo) as names,
        count(*) as changes, sum(lines)::bigint as lines
    from unknown_changes
    where repo not in (select repo from attribution_complete)
      and week >= $since and week < $until and team != 'suppressed'
      and (len($repos) = 0 or list_contains($repos, repo)) and (len($teams) = 0 or list_contains($teams, team))
    group by all
"""
# Where a recorder runs: how much of what landed does anything tell?
_RECORDED = """
    select coalesce(sum(changes), 0)::bigint as changes,
        coalesce(sum(changes) filter (where cohort != 'unknown'), 0)::bigint as known
    from coverage
    where cohort != 'baseline' and week >= $since and week < $until and team != 'suppressed'
      and (len($teams) = 0 or list_contains($teams, team))
      and repo in (select repo from coverage where basis = 'recorded' and week >= $since and week < $until)
"""
_UNROSTERED = """
    select count(*) as changes from unknown_changes
    where team = 'unassigned' and week >= $since and week < $until
      and (len($repos) = 0 or list_contains($repos, repo)) and (len($teams) = 0 or list_contains($teams, team))
"""


@dataclass(frozen=True)
class Remedy:
    """Something that could tell who wrote what is unknown: at most so much of it, and about so much if that is known."""

    title: str
    said: str
    changes: int
    lines: int
    about: float | None = None  # of the changes


def ranked(reading: Answers, window: Window) -> list[Remedy]:
    """Every remedy that reaches anything, the one that could tell most first."""
    bound = _bound(reading, window)
    found = [*_trailers(reading, bound), _heads(reading, bound), *_notes(reading, bound)]
    return sorted((each for each in found if each.changes), key=lambda each: (-each.changes, each.title))


def _bound(reading: Answers, window: Window) -> dict[str, Any]:
    chosen = reading.view.selection
    return {"since": window.since, "until": window.until, "repos": list(chosen.repos), "teams": list(chosen.teams)}


def table(reading: Answers, window: Window, known: int, changes: int) -> Table:
    """The remedies in their order, with how far each would raise coverage; `known` of `changes` have a record today."""
    rows = [
        [
            each.title,
            f"{wording.share(known, changes)} → {wording.share(known + each.changes, changes)}",
            _about(each, known, changes),
            f"{each.changes:,} changes, {each.lines:,} lines",
            each.said,
        ]
        for each in ranked(reading, window)
    ]
    said = (
        f"Unknown changes of {wording.weeks(window)} that each could have told of, the most first; they overlap, and do not "
        "add up. About: only where other changes of these weeks show how often such a source tells anything. Marks and "
        "notes tell of what is yet to land; heads and declarations look back."
    )
    if teamless := reading.answer(_UNROSTERED, **_bound(reading, window))[0].changes:
        said += (
            f" The authors of {wording.counted(teamless, 'unknown change')} are on no team, which a roster would name."
        )
    return "What would tell more", said, ["<Source", "Coverage, at most", "About", "At most", "<<Why"], rows


def _about(remedy: Remedy, known: int, changes: int) -> str:
    return "not known" if remedy.about is None else f"→ {wording.share(known + remedy.about, changes)}"


def _trailers(reading: Answers, bound: dict[str, Any]) -> list[Remedy]:
    said = "Landed by people who used it in that week. Switch its marks or its recording on; some of it they wrote themselves."
    return [Remedy(f"Marks of {row.tool}", said, row.changes, row.lines) for row in reading.answer(_TOOLS, **bound)]


def _heads(reading: Answers, bound: dict[str, Any]) -> Remedy:
    squashed, merged = reading.answer(_SQUASHED, **bound)[0], reading.answer(_MERGED, **bound)[0]
    said = "Squashed, and nothing of their commits tells. Let the forge keep the heads, or merge without squashing."
    rate = None
    if merged.changes >= FEWEST:
        said += f" Of {merged.changes:,} changes merged with their branch, {wording.share(merged.known, merged.changes)} tell."
        rate = squashed.changes * merged.known / merged.changes
    return Remedy("Heads of pull requests", said, squashed.changes, squashed.lines, rate)


def _notes(reading: Answers, bound: dict[str, Any]) -> list[Remedy]:
    base = reading.answer(_RECORDED, **{name: value for name, value in bound.items() if name != "repos"})[0]
    made = []
    for row in reading.answer(_NOTES, **bound):
        if not row.is_recorded:
            said = f"None in {_named(row.names)}."
            rate = None
            if base.changes >= FEWEST:
                said += f" Where there are some, {wording.share(base.known, base.changes)} of {base.changes:,} changes tell."
                rate = row.changes * base.known / base.changes
            made.append(Remedy("Notes of git-ai", said, row.changes, row.lines, rate))
        else:
            said = f"What no note speaks of in {_named(row.names)} would be human. True only if every tool there is recorded."
            made.append(Remedy("attribution.complete_since", said, row.changes, row.lines, row.changes))
    return made


def _named(repos: list[str]) -> str:
    more = [f"{len(repos) - NAMED} more"] if len(repos) > NAMED else []
    return wording.listed([*repos[:NAMED], *more])
