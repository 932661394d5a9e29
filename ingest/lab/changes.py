"""A change of the lab, with all that will become of it decided before it is written."""

import math
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ingest.lab.lines import Line, Work
from ingest.lab.story import COMMENT_SHARE, MEDIAN_LINES, MOST_LINES, SIGMA_LINES, Hazards, Kind, Place
from ingest.sample.chance import weighted

HABIT = 4.0  # how alike the shares are that die of different changes: the sum of a beta's two parameters


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a team; `habit` is how likely a week is to see them use a tool."""

    number: int
    team: str
    level: str
    habit: float

    @property
    def email(self) -> str:
        """The address they commit with."""
        return f"p{self.number}@lab.example.com"


@dataclass(eq=False, slots=True)
class Incident:
    """Something that broke, and how its cause can be known."""

    ident: str
    repo: str
    started_at: datetime
    minutes: float
    cause: "Change | None"
    # By what its cause can be known: explicit, revert, fix_lines or none; of what no change caused: outage where the incident
    # says so itself, else nobody.
    method: str
    severity: str
    service: str
    users: int
    made_redeploy: bool
    is_reported_twice: bool

    @property
    def detected_at(self) -> datetime:
        """When somebody noticed."""
        return self.started_at + timedelta(minutes=5)

    @property
    def resolved_at(self) -> datetime:
        """When it was over."""
        return self.detected_at + timedelta(minutes=self.minutes)

    @property
    def outlasted(self) -> float:
        """Minutes from when it was noticed until it was over, as they are written down: in whole seconds."""
        return (int(self.resolved_at.timestamp()) - int(self.detected_at.timestamp())) / 60


@dataclass(eq=False, slots=True)
class Change:
    """One step of the main branch."""

    number: int
    place: Place
    at: datetime
    person: Person
    kind: Kind
    purpose: str  # work, docs, first, revert, fix or tidy
    by_ai: bool
    is_marked: bool
    is_merge: bool
    habit: float = 0.5  # where in the range of habits its lines' shares lie
    target: "Change | None" = None  # what it fixes or takes back
    incident: Incident | None = None  # what it was made for
    issue: str | None = None
    # Decided beforehand.
    is_reverted: bool = False
    is_fixed: bool = False
    is_mending: bool = True  # of a fix: it takes the faulty lines out
    # Filled in when it is written.
    sha: str = ""
    commits: list[str] = field(default_factory=list)
    born: list[Line] = field(default_factory=list)
    work: Work = field(default_factory=Work)
    restored: list[Line] = field(default_factory=list)
    reverted_by: "Change | None" = None
    incidents: list[Incident] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    touched: set[tuple[str, int]] = field(default_factory=set)  # the same; one that was gone before is another one

    @property
    def hazards(self) -> Hazards:
        """What is likely to become of it."""
        return self.kind.by_ai if self.by_ai else self.kind.written

    @property
    def cohort(self) -> str:
        """What can be known of its writer."""
        if self.is_marked:
            return "ai"
        return "human" if self.place.is_complete else "unknown"

    @property
    def subject(self) -> str:
        """The first line of its message."""
        return f"{_SUBJECTS[self.purpose]} {self.number}"


_SUBJECTS = {
    "work": "Extend part",
    "docs": "Describe part",
    "first": "Import part",
    "revert": "Revert part",
    "fix": "Fix part",
    "tidy": "Tidy part",
}


def size(rng: random.Random, kind: Kind) -> int:
    """How many lines a change of a kind adds."""
    if kind.lines is not None:
        return rng.randint(*kind.lines)
    return max(1, min(MOST_LINES, round(rng.lognormvariate(math.log(MEDIAN_LINES), SIGMA_LINES))))


def share(rng: random.Random, mean: float) -> float:
    """A change's own share: a beta about the mean, wide as real ones are."""
    return rng.betavariate(mean * HABIT, (1 - mean) * HABIT)


def kind_of(rng: random.Random, place: Place) -> Kind:
    """A kind of change of a place."""
    return weighted(rng, [(kind, kind.share) for kind in place.kinds])


def comments(purpose: str) -> float:
    """The share of comments among the lines of a change."""
    return 1.0 if purpose == "docs" else COMMENT_SHARE
