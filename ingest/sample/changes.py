"""What the history consists of: changes, deployments and incidents, and how they hang together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.sample.people import Person
    from ingest.sample.tree import File, Files, Paste


@dataclass(slots=True, eq=False)
class Change:
    """One step along main: what was planned for it, and what came of it."""

    number: int
    repo: str
    team: str
    person: Person
    written_by: str
    kind: str
    style: str
    title: str
    tool: str | None = None
    marked: bool = False
    assist: bool = False
    issue: str | None = None
    reverts: Change | None = None
    incident: Incident | None = None
    pull_request: int | None = None
    author: str = ""
    # Known once it landed.
    landed_at: datetime | None = None
    landed_sha: str = ""
    parent_sha: str = ""
    commits: list[str] = field(default_factory=list)
    before: dict[str, File] = field(default_factory=dict)
    after: Files = field(default_factory=dict)
    born: int = 0
    deaths: Counter[int] = field(default_factory=Counter)
    moved: int = 0
    updated: int = 0
    churned: int = 0
    pastes: list[Paste] = field(default_factory=list)
    reverted_by: Change | None = None

    @property
    def at(self) -> datetime:
        """When it landed; asking before is a mistake in the simulation."""
        if self.landed_at is None:
            message = f"{self.title} has not landed"
            raise ValueError(message)
        return self.landed_at

    @property
    def branch(self) -> str:
        """The branch the work was done on."""
        slug = "-".join("".join(letter if letter.isalnum() else " " for letter in self.title.lower()).split()[:6])
        return f"revert-{self.reverts.pull_request}-{slug}" if self.reverts else slug

    @property
    def is_ordinary(self) -> bool:
        """Whether somebody sat down and wrote it: no bot, no revert, not the first commit."""
        return self.written_by != "bot" and not self.reverts and self.kind not in {"first", "format"}


@dataclass(slots=True, eq=False)
class Deployment:
    """A version that went to an environment."""

    repo: str
    service: str
    environment: str
    started_at: datetime
    finished_at: datetime
    status: str
    is_production: bool
    incident: Incident | None = None
    sha: str = ""
    ident: str = ""


@dataclass(slots=True, eq=False)
class Incident:
    """Something that hurt customers. `names` says how it names its cause: any of sha, pr, deploy."""

    ident: str
    repo: str
    service: str
    title: str
    severity: str
    opened_at: datetime
    detected_at: datetime
    acknowledged_at: datetime
    resolved_at: datetime | None
    responders: tuple[Person, ...]
    effort_minutes: int | None
    users_affected: int | None
    cause: Change | None = None
    names: tuple[str, ...] = ()
    is_change_caused: bool | None = None
    duplicate_of: Incident | None = None
    is_rolled_back: bool = False
    # What was found out later, outside the log: a post-mortem that names the cause, or somebody who wrote it into a file.
    has_post_mortem: bool = False
    is_settled_by_hand: bool = False
