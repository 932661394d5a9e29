"""What is planted in an organisation of the lab: every rate, in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

# A first import, a year of silence so that its lines are old, then the weeks that are looked at, and as many to see what
# becomes of them.
IMPORT = datetime(2024, 9, 2, 8, tzinfo=UTC)
START = datetime(2025, 9, 8, tzinfo=UTC)
WINDOW_WEEKS = 26
WEEKS = 53
UNTIL = START + timedelta(weeks=WINDOW_WEEKS)
END = START + timedelta(weeks=WEEKS)
HORIZON = END + timedelta(hours=2)  # when the drop files were written
MONTH_END = datetime(UNTIL.year, UNTIL.month, 1, tzinfo=UTC)  # the last one before UNTIL

# Added code lines of a change: lognormal. See metrics/simulated.py for where the shape comes from; the largest are cut off, for
# the lab writes every line to disk.
MEDIAN_LINES, SIGMA_LINES, MOST_LINES = 14, 1.3, 400
COMMENT_SHARE = 0.12
# How likely a week sees a person use a tool: a beta with these two parameters. Of suggestions shown, the share taken.
BUSY, IDLE, TAKEN = 2.0, 1.5, 0.35
FAILED = 0.07  # of deployments
TARGET = 0.7  # of people active in a week, as leaders asked for
SMALLEST_GROUP = 5  # of people, that may be shown
BREAKS_LINES = 0.4  # of changes that break something, the share in which a line is at fault
AGAIN = 0.4  # of incidents soon after a change, the share that the same change brings about once more
TWICE = 0.1  # of incidents, the share that somebody reports once more
AT_THE_EDGE = 0.25  # of incidents, the share that hits another service than the one that is deployed
LOG_MINUTES, SIGMA_MINUTES = 4.0, 1.0  # from detection to resolution: lognormal
LOG_USERS, SIGMA_USERS = 5.0, 1.0  # whom an incident hits: lognormal


@dataclass(frozen=True, slots=True)
class Hazards:
    """What becomes of a change and of its lines, whoever looks."""

    # Shares of its lines that die at an age of 1 to 11 days, 16 to 27, 32 to 86, 92 to 175; each change has a habit of its own.
    dead_14: float = 0.10
    dead_30: float = 0.04
    dead_90: float = 0.06
    dead_180: float = 0.05
    reverted: float = 0.04  # within 13 days
    incident: float = 0.08  # within 29 days
    late_incident: float = 0.04  # after 32 to 85 days
    fixed: float = 0.15  # a fix of a fault that made no incident, after 95 to 170 days
    finding: float = 0.008  # of each line


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of change: how often, how large, how likely a tool writes it, and what becomes of it."""

    share: float
    ai: float
    written: Hazards  # by people
    by_ai: Hazards
    lines: tuple[int, int] | None = None  # evenly between these, instead of the shape of real changes


@dataclass(frozen=True, slots=True)
class Place:
    """A repository, the team that works in it, and how its work is recorded."""

    name: str
    team: str
    kinds: tuple[Kind, ...]
    marked: float  # the share of AI-written changes that say so
    is_complete: bool  # declared: what is not marked is written by people
    changes_a_week: float
    is_young: bool = False  # its first import is small: what stands in it was written lately

    @property
    def edge(self) -> str:
        """The service in front of what is deployed from it."""
        return f"{self.name}-edge"


@dataclass(frozen=True, slots=True)
class Mess:
    """Shares of what makes heuristics err."""

    tangled: float = 0.0  # fixes that take out lines of somebody else as well
    only_adding: float = 0.0  # fixes that take out nothing
    unexplained: float = 0.0  # incidents of which nobody wrote down what caused them
    outages: float = 0.0  # incidents a week in each repository that no change caused, and nothing says so


@dataclass(frozen=True, slots=True)
class Story:
    """An organisation to be drawn."""

    name: str
    about: str
    places: tuple[Place, ...]
    weight: float = 1.0  # how many of them are built for one of the plain story
    mess: Mess = Mess()
    # Ratios of AI-marked to the rest, like compared with like, that were planted as such: by metric, of `adjusted`.
    rates: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()  # what it is about; without any: everything


_HUMAN = Hazards()
_AI = Hazards(dead_14=0.16, reverted=0.07, incident=0.12, late_incident=0.06, fixed=0.22, finding=0.014)
_PLAIN = (Kind(1.0, 0.4, _HUMAN, _AI),)

# Where the hazard lies in the size and the place, and not in who wrote it.
_SMALL, _BIG = (4, 9), (60, 200)
_CALM = Hazards(dead_14=0.05, reverted=0.0, incident=0.02, late_incident=0.0, fixed=0.05)
_ROUGH = replace(_CALM, incident=0.20, dead_14=0.15)


def _twice_the_churn(hazards: Hazards) -> Hazards:
    return replace(hazards, dead_14=2 * hazards.dead_14)


def _confounded(small_ai: float, big_ai: float, *, small: Hazards, big: Hazards) -> tuple[Kind, ...]:
    return (
        Kind(0.5, small_ai, small, _twice_the_churn(small), _SMALL),
        Kind(0.5, big_ai, big, _twice_the_churn(big), _BIG),
    )


STORIES = {
    story.name: story
    for story in (
        Story(
            "plain",
            "Two repositories, three teams. A tool writes two changes in five; what it writes dies, breaks and is reverted "
            "half as often again.",
            (
                Place("alpha", "north", _PLAIN, marked=0.85, is_complete=False, changes_a_week=4),
                Place("beta", "south", _PLAIN, marked=1.0, is_complete=True, changes_a_week=4),
            ),
        ),
        Story(
            "messy",
            "The same, as real ones are: a third of the fixes tidy up somewhere else as well, a quarter add a line and take "
            "none out, of a fifth of the incidents nobody wrote down the cause, and every tenth has none in any change, which "
            "nobody wrote down either.",
            (
                Place("alpha", "north", _PLAIN, marked=0.5, is_complete=False, changes_a_week=4),
                Place("beta", "south", _PLAIN, marked=1.0, is_complete=True, changes_a_week=4),
            ),
            weight=0.25,
            metrics=(
                "incident_rate", "incident_rate_90", "fix_inducing_rate", "revert_rate", "churn", "ai_change_share",
                "change_fail_rate",
            ),
            mess=Mess(tangled=1 / 3, only_adding=1 / 4, unexplained=1 / 5, outages=1 / 8),
        ),
        Story(
            "confounded",
            "A tool is used more by one team, in a young repository and for big changes, where more breaks whoever writes. It "
            "itself causes no incident more than people do, and doubles churn.",
            (
                Place(
                    "young", "north", _confounded(0.5, 0.8, small=_CALM, big=_ROUGH),
                    marked=1.0, is_complete=True, changes_a_week=10, is_young=True,
                ),
                Place(
                    "grown", "south", _confounded(0.1, 0.3, small=replace(_CALM, incident=0.01, dead_14=0.03), big=_CALM),
                    marked=1.0, is_complete=True, changes_a_week=10,
                ),
            ),
            weight=0.1,
            metrics=("incident_rate", "churn"),
            rates={"incident_rate": {"adjusted": 1.0}, "churn": {"adjusted": 2.0}},
        ),
    )
}  # fmt: skip
