"""What an organisation of the lab did besides writing lines, drawn before any of it is written down: use, deployments, hours."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ingest.lab.changes import Change, Incident, Person
from ingest.lab.lines import Line
from ingest.lab.play import Play
from ingest.lab.repository import Repository
from ingest.lab.story import END, FAILED, IMPORT, START, TAKEN, WEEKS
from ingest.sample.chance import stream

DEPLOYED_EVERY = timedelta(days=3.5)
TAKES = timedelta(minutes=4)
COST = 2.0  # dollars a day of use, on average
CATEGORIES = ("security", "performance", "correctness", "maintainability")


@dataclass(frozen=True, slots=True)
class Use:
    """A day on which a person used the tool."""

    person: Person
    day: date
    shown: int  # suggestions
    taken: int
    cost: float


@dataclass(frozen=True, slots=True)
class Deployment:
    """What went to production: every change since the last one that worked."""

    repo: str
    started_at: datetime
    shipped: tuple[Change, ...]
    head: Change
    is_good: bool
    made_for: Incident | None

    @property
    def ident(self) -> str:
        """What the deployer calls it."""
        return f"{self.repo}-{self.started_at:%Y%m%d%H%M%S}"

    @property
    def finished_at(self) -> datetime:
        """When it was live, or had failed."""
        return self.started_at + TAKES


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes that a person logged on an incident or on a change's issue."""

    person: Person
    at: datetime
    minutes: int
    activity: str
    incident: Incident | None = None
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Books:
    """All of it."""

    uses: list[Use]
    deployments: list[Deployment]
    hours: list[Hours]
    findings: dict[Line, str]  # the lines in which a scanner sees something, with its category


def keep(play: Play) -> Books:
    """Draw what the other tools of an organisation saw."""
    rng = stream(play.seed, f"books {play.story.name}")
    changes = [change for repository in play.repositories for change in repository.landed]
    return Books(
        [use for person in play.people for use in _uses(rng, person)],
        [each for repository in play.repositories for each in _deployments(rng, repository, play.incidents)],
        list(_hours(rng, play, changes)),
        {line: category for repository in play.repositories for line, category in _findings(rng, repository)},
    )


def _uses(rng: random.Random, person: Person) -> Iterator[Use]:
    """Whether they use a tool in a week is chance about their habit."""
    for week in range(WEEKS):
        days = sorted(rng.sample(range(5), rng.randint(1, 5))) if rng.random() < person.habit else []
        for day in days:
            shown = rng.randint(4, 40)
            taken = sum(rng.random() < TAKEN for _ in range(shown))
            when = (START + timedelta(weeks=week, days=day)).date()
            yield Use(person, when, shown, taken, round(rng.gammavariate(2, COST / 2), 4))


def _deployments(rng: random.Random, repository: Repository, incidents: Sequence[Incident]) -> Iterator[Deployment]:
    """The first import, then on fixed days whatever stands on the branch, and once more in haste after some incidents."""
    name, landed = repository.place.name, repository.landed
    steps = int((END - START) / DEPLOYED_EVERY)
    planned = [IMPORT, *(START + timedelta(hours=15) + DEPLOYED_EVERY * step for step in range(steps))]
    hasty = {
        one.resolved_at: one
        for one in incidents
        if one.repo == name and one.method != "outage" and one.made_redeploy and one.resolved_at < END
    }
    live = 0
    for at in sorted([*planned, *hasty]):
        until = sum(change.at <= at for change in landed)
        is_good = rng.random() >= FAILED or at == IMPORT
        yield Deployment(name, at, tuple(landed[live:until]), landed[until - 1], is_good, hasty.get(at))
        live = until if is_good else live


def _hours(rng: random.Random, play: Play, changes: Sequence[Change]) -> Iterator[Hours]:
    """Every issue is built, some are debugged; every incident is responded to."""
    for one in play.incidents:
        person = one.cause.person if one.cause is not None else play.people[0]
        yield Hours(person, one.detected_at, round(one.minutes) + 1, "respond", incident=one)
    for change in changes:
        if change.issue is None:
            continue
        yield Hours(change.person, change.at - timedelta(hours=3), rng.randrange(60, 300, 15), "build", change=change)
        if rng.random() < (0.5 if change.by_ai else 0.3):
            at = change.at + timedelta(hours=rng.uniform(2, 60))
            yield Hours(change.person, at, rng.randrange(15, 240, 15), "debug", change=change)


def _findings(rng: random.Random, repository: Repository) -> Iterator[tuple[Line, str]]:
    for change in repository.landed:
        for line in change.born:
            if line.is_code and line.operation == "added" and rng.random() < change.hazards.finding:
                yield line, rng.choice(CATEGORIES)
