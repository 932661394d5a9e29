"""Plays a story: people land changes week by week, and what was decided for each comes back to them."""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

from ingest.lab.changes import Change, Incident, Person, kind_of
from ingest.lab.repository import Repository
from ingest.lab.story import (
    AGAIN,
    AT_THE_EDGE,
    BREAKS_LINES,
    BUSY,
    END,
    IDLE,
    IMPORT,
    LOG_MINUTES,
    LOG_USERS,
    MONTH_END,
    SIGMA_MINUTES,
    SIGMA_USERS,
    START,
    TWICE,
    WEEKS,
    Place,
    Story,
)
from ingest.sample.chance import stream, weighted, working_day, working_time

PEOPLE_A_TEAM = 6
SCANNED_EVERY = 4  # weeks
_LEVELS = ("junior", "mid", "mid", "senior", "senior", "mid")


class Play:
    """An organisation while it is being drawn; `play` draws it."""

    def __init__(self, story: Story, seed: int, folder: Path) -> None:
        """Nobody has done anything yet."""
        self.story = story
        self.seed = seed
        self._rng = stream(seed, f"play {story.name}")
        self.people = self._roster()
        self.repositories = [Repository(place, folder / f"{place.name}.git", seed) for place in story.places]
        self.incidents: list[Incident] = []
        self._events: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._order = count()
        self._numbers = count(1)

    def play(self) -> None:
        """From the first import to the last day."""
        for repository in self.repositories:
            repository.begin(self._change(repository, IMPORT, "first"))
            # An outage that nobody's change caused: from it on the incident log speaks about this repository.
            self._break(repository, START - timedelta(days=3), None, "outage")
            self._at(MONTH_END, repository.remember)
            for week in range(0, WEEKS, SCANNED_EVERY):
                self._at(START + timedelta(weeks=week, hours=1), repository.look)
            for week in range(WEEKS):
                for at in self._moments(repository.place, week):
                    self._at(at, partial(self._work, repository))
                if self._rng.random() < self.story.mess.outages:
                    begins = START + timedelta(weeks=week, days=self._rng.uniform(0, 7))
                    self._at(begins, partial(self._fail, repository))
        while self._events:
            at, _, event = heapq.heappop(self._events)
            if at < END:
                event(at)
        for repository in self.repositories:
            repository.finish()

    def _roster(self) -> list[Person]:
        teams = ["north", "south", "west"]
        return [
            Person(
                number,
                teams[number // PEOPLE_A_TEAM],
                _LEVELS[number % PEOPLE_A_TEAM],
                self._rng.betavariate(BUSY, IDLE),
            )
            for number in range(PEOPLE_A_TEAM * len(teams))
        ]

    def _moments(self, place: Place, week: int) -> list[datetime]:
        whole = int(place.changes_a_week * 2 * self._rng.random() + 0.5)
        days = (working_day(self._rng, (START + timedelta(weeks=week)).date()) for _ in range(whole))
        return [working_time(self._rng, day) for day in days]

    def _at(self, at: datetime, event: Callable[[datetime], None]) -> None:
        heapq.heappush(self._events, (at, next(self._order), event))

    def _change(self, repository: Repository, at: datetime, purpose: str, target: Change | None = None) -> Change:
        place = repository.place
        kind = kind_of(self._rng, place) if purpose in ("work", "docs") else place.kinds[0]
        by_ai = purpose != "first" and self._rng.random() < kind.ai
        team = weighted(self._rng, [(place.team, 0.7), ("west", 0.3)])
        person = self._rng.choice([person for person in self.people if person.team == team])
        is_marked = by_ai and self._rng.random() < place.marked
        is_merge = purpose == "work" and self._rng.random() < 0.3
        # No two commits of a repository have the same moment.
        if repository.landed and at <= repository.landed[-1].at:
            at = repository.landed[-1].at + timedelta(seconds=1)
        return Change(
            next(self._numbers), place, at, person, kind, purpose, by_ai, is_marked, is_merge, target=target
        )  # fmt: skip

    def _work(self, repository: Repository, at: datetime) -> None:
        change = self._change(repository, at, "docs" if self._rng.random() < 0.08 else "work")
        if change.purpose == "work":
            hazards = change.hazards
            change.is_reverted = self._rng.random() < hazards.reverted
            change.is_fixed = self._rng.random() < hazards.fixed
            change.issue = f"LAB-{change.number}" if self._rng.random() < 0.3 else None
        is_breaking = self._rng.random() < change.hazards.incident
        is_broken_by_lines = is_breaking and not change.is_reverted and self._rng.random() < BREAKS_LINES
        change.is_fixed = change.is_fixed or is_broken_by_lines
        repository.work(change)
        known = len(repository.deadlines)
        for deadline in repository.deadlines:
            self._at(deadline, partial(self._tidy, repository))
        del repository.deadlines[:known]
        if change.is_reverted:
            self._plan_revert(repository, change, is_breaking=is_breaking)
        elif is_broken_by_lines and change in repository.faulty:
            self._plan_broken_lines(repository, change)
        else:
            if change in repository.faulty:
                fixed_at = change.at + timedelta(days=self._rng.uniform(95, 170))
                self._at(fixed_at, partial(self._fix, repository, change, None))
            self._plan_explicit(repository, change, is_breaking=is_breaking)
            return
        self._plan_late(repository, change)

    def _plan_explicit(self, repository: Repository, change: Change, *, is_breaking: bool) -> None:
        for _ in range(is_breaking + (is_breaking and self._rng.random() < AGAIN)):
            self._plan_incident(repository, change, change.at + timedelta(days=self._rng.uniform(1, 29)), "explicit")
        self._plan_late(repository, change)

    def _plan_late(self, repository: Repository, change: Change) -> None:
        if self._rng.random() < change.hazards.late_incident:
            self._plan_incident(repository, change, change.at + timedelta(days=self._rng.uniform(32, 85)), "explicit")

    def _plan_incident(self, repository: Repository, change: Change, at: datetime, method: str) -> None:
        def broken(at: datetime) -> None:
            self._break(repository, at, change, method)

        self._at(at, broken)

    def _plan_revert(self, repository: Repository, change: Change, *, is_breaking: bool) -> None:
        at = change.at + timedelta(days=self._rng.uniform(1, 13))

        def revert(at: datetime) -> None:
            incident = None
            if is_breaking:
                incident = self._break(repository, at - timedelta(hours=3), change, "revert")
            taken = self._change(repository, at, "revert", change)
            taken.incident = incident
            repository.revert(taken)
            self._plan_explicit(repository, taken, is_breaking=self._rng.random() < taken.hazards.incident)
            if incident is None and self._rng.random() < 0.3:
                self._at(at + timedelta(days=self._rng.uniform(2, 9)), partial(self._reapply, repository, taken))

        self._at(at, revert)

    def _reapply(self, repository: Repository, revert: Change, at: datetime) -> None:
        again = self._change(repository, at, "revert", revert)
        repository.reapply(again)
        self._plan_explicit(repository, again, is_breaking=self._rng.random() < again.hazards.incident)

    def _plan_broken_lines(self, repository: Repository, change: Change) -> None:
        def broken(at: datetime) -> None:
            fixed_at = at + timedelta(hours=self._rng.uniform(4, 20))
            incident = self._break(repository, at, change, "fix_lines" if fixed_at < END else "none")
            self._at(fixed_at, partial(self._fix, repository, change, incident))

        self._at(change.at + timedelta(days=self._rng.uniform(16, 28)), broken)

    def _fix(self, repository: Repository, target: Change, incident: Incident | None, at: datetime) -> None:
        fix = self._change(repository, at, "fix", target)
        fix.incident = incident
        mess = self.story.mess
        only_adds = self._rng.random() < mess.only_adding
        fix.is_mending = not only_adds
        repository.fix(fix, is_tangled=self._rng.random() < mess.tangled, only_adds=only_adds)
        self._plan_explicit(repository, fix, is_breaking=self._rng.random() < fix.hazards.incident)

    def _tidy(self, repository: Repository, at: datetime) -> None:
        if repository.is_due(at):
            tidy = self._change(repository, at, "tidy")
            repository.tidy(tidy)
            self._plan_explicit(repository, tidy, is_breaking=self._rng.random() < tidy.hazards.incident)

    def _fail(self, repository: Repository, at: datetime) -> None:
        """Something breaks that no change caused; now and then people change something all the same to end it."""
        incident = self._break(repository, at, None, "nobody")
        answer = weighted(self._rng, [("wait", 0.5), ("fix", 0.3), ("revert", 0.2)])
        if answer != "wait":
            at += timedelta(hours=self._rng.uniform(1, 5))
            self._at(at, partial(self._try, repository, incident, answer))

    def _try(self, repository: Repository, incident: Incident, answer: str, at: datetime) -> None:
        suspect = repository.suspect(incident.started_at) if answer == "revert" else None
        change = self._change(repository, at, "fix" if suspect is None else "revert", suspect)
        change.incident = incident
        if suspect is None:
            repository.calm(change)
        else:
            repository.revert(change)

    def _break(self, repository: Repository, at: datetime, cause: Change | None, method: str) -> Incident:
        rng, place = self._rng, repository.place
        incident = Incident(
            ident=f"INC-{len(self.incidents) + 1}",
            repo=place.name,
            started_at=at,
            minutes=rng.lognormvariate(LOG_MINUTES, SIGMA_MINUTES),
            cause=cause,
            method=method,
            severity=weighted(rng, [("SEV1", 0.1), ("SEV2", 0.3), ("SEV3", 0.6)]),
            service=place.edge if rng.random() < AT_THE_EDGE else place.name,
            users=round(rng.lognormvariate(LOG_USERS, SIGMA_USERS)),
            made_redeploy=rng.random() < 0.5,
            is_reported_twice=rng.random() < TWICE,
        )
        if method == "explicit" and self._rng.random() < self.story.mess.unexplained:
            incident.method = "none"
        self.incidents.append(incident)
        if cause is not None:
            cause.incidents.append(incident)
        return incident
