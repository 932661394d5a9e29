"""The story the sample tells: every date and every rate, in one place.

A company watches one number, the share of people who use an AI tool every week, and mandates 80 %.
The number is met. In one team the quality of what ships collapses; in another, with the same tools, it does not.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TypeAlias

START = date(2025, 5, 19)
END = date(2026, 11, 15)
MANDATE = date(2026, 7, 20)
# The nightly copy of every drop file was made at this moment: how far the data reach.
HORIZON = datetime(2026, 11, 16, 2, tzinfo=UTC)
WEEKS = tuple(START + timedelta(weeks=week) for week in range((END - START).days // 7 + 1))

Curve: TypeAlias = tuple[tuple[date, float], ...]


def rate(curve: Curve, day: date) -> float:
    """The value of a curve on a day: straight lines between its points, flat outside."""
    if day <= curve[0][0]:
        return curve[0][1]
    for (since, low), (until, high) in pairwise(curve):
        if day <= until:
            return low + (high - low) * ((day - since).days / (until - since).days)
    return curve[-1][1]


# Share of the roster that uses an AI tool in a week.
ACTIVE: Curve = (
    (date(2025, 5, 19), 0.20),
    (date(2025, 10, 6), 0.24),
    (date(2026, 7, 13), 0.38),
    (date(2026, 7, 20), 0.45),
    (date(2026, 7, 27), 0.57),
    (date(2026, 8, 3), 0.68),
    (date(2026, 8, 10), 0.75),
    (date(2026, 8, 17), 0.81),
)

_EAGER: Curve = (
    (date(2026, 7, 13), 0.15),
    (date(2026, 7, 20), 0.32),
    (date(2026, 7, 27), 0.60),
    (date(2026, 8, 3), 0.71),
    (date(2026, 8, 10), 0.76),
    (date(2026, 8, 17), 0.78),
)
_CALM: Curve = ((date(2026, 7, 13), 0.10), (date(2026, 7, 20), 0.18), (date(2026, 8, 17), 0.45))

# Share of a team's changes that an AI tool wrote (bots and reverts left out).
AI_SHARE: dict[str, Curve] = {"payments": _EAGER, "search": _EAGER, "web": _CALM, "platform": _CALM}
# Of the AI-written changes, how many say so in git.
MARKED_SHARE = 0.70
ASSIST_SHARE = 0.03

# Share of changed lines that were moved, and of added lines that were pasted. The pasted share goes up to
# five lines in a hundred above what it reaches, because not every debt finds a block to paste.
_TENDING: Curve = ((START, 0.26), (date(2026, 9, 7), 0.065))
MOVED: dict[str, Curve] = {
    "payments": _TENDING,
    "search": ((START, 0.24),),
    "web": _TENDING,
    "platform": _TENDING,
}
PASTED: Curve = ((START, 0.055), (date(2026, 9, 7), 0.125))

# Landed changes a week, reverts and hotfixes included.
CHANGES_A_WEEK = {"payments": 21.0, "search": 8.0, "web": 3.9, "platform": 3.4, "bots": 1.0}


@dataclass(frozen=True, slots=True)
class Harm:
    """What a change does after it landed: shares of changes, and the share of its lines rewritten soon."""

    incident: float
    reverted_after_incident: float
    reverted_otherwise: float
    rewritten: float


# Documents and tests break nothing, so the rates over all changes are about a seventh lower than these.
ORDINARY = Harm(incident=0.035, reverted_after_incident=0.55, reverted_otherwise=0.012, rewritten=0.0)
UNREVIEWED = Harm(incident=0.26, reverted_after_incident=0.48, reverted_otherwise=0.05, rewritten=0.06)
HURRIED = Harm(incident=0.43, reverted_after_incident=0.67, reverted_otherwise=0.12, rewritten=0.20)


def harm(team: str, written_by: str, day: date) -> Harm:
    """Payments ships what the tool wrote without reading it, since the mandate in a hurry; nobody else does."""
    if (team, written_by) != ("payments", "ai"):
        return ORDINARY
    return HURRIED if day >= MANDATE else UNREVIEWED


def findings_rate(team: str, written_by: str) -> float:
    """Findings that scanners see in a landed line: twice as many where a tool wrote it and nobody reads it."""
    return 0.024 if (team, written_by) == ("payments", "ai") else 0.012


@dataclass(frozen=True, slots=True)
class RepositoryStory:
    """One repository: how it integrates, and where its code lies."""

    name: str
    service: str
    package: str
    scripts: str
    # Chances of the ways in which a change lands.
    styles: tuple[tuple[str, float], ...]
    python_files: int
    script_files: int


REPOSITORIES = (
    RepositoryStory("shop-web", "web", "storefront", "src", (("merge", 1.0),), 16, 20),
    RepositoryStory("shop-payments", "payments", "payments", "console", (("squash", 1.0),), 26, 6),
    RepositoryStory(
        "shop-search",
        "search",
        "search",
        "widget",
        (("squash", 0.76), ("push", 0.18), ("rebase", 0.06)),
        26,
        6,
    ),
)

# Where a team works, in changes of a hundred: shop-web, shop-payments, shop-search.
PLACES = {
    "payments": (5, 92, 3),
    "search": (4, 4, 92),
    "web": (88, 7, 5),
    "platform": (40, 30, 30),
    "bots": (40, 30, 30),
}
# Planned production and staging deployments a week and service, and how many of them fail.
PRODUCTION_A_WEEK = 4
STAGING_A_WEEK = 3
FAILED_SHARE = 0.04
# One commit that turns the quotes of every Python file of shop-payments.
REFORMAT = datetime(2025, 11, 12, 7, 30, tzinfo=UTC)
