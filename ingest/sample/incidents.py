"""Incidents: those that changes caused, those that just happened, and what was written down about them."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from ingest.sample.chance import Quota, stream, weighted, working_time
from ingest.sample.changes import Change, Incident
from ingest.sample.people import Person, team_on
from ingest.sample.story import REPOSITORIES, START, WEEKS
from ingest.sample.words import VOCABULARIES

_NAMED_SHARE = 0.8
_NAMES = ((("sha", "deploy"), 0.62), (("sha",), 0.12), (("pr", "deploy"), 0.14), (("deploy",), 0.12))
_OWNERS = {"shop-web": "web", "shop-payments": "payments", "shop-search": "search"}
_FIRST = 101
# Every so many caused incidents somebody opens a second one for the same outage.
_DUPLICATED = (7, 23, 41, 66)
# Titles that a careless page would run, and a careless spreadsheet would open.
_HOSTILE = {
    4: "Checkout shows <script>alert(1)</script> in the coupon field",
    11: '=HYPERLINK("http://refunds.example.com","Refund totals") in the nightly mail',
}
# Of so many incidents that name no cause, one has a post-mortem that does, and of one somebody writes it down by hand.
_FOUND_OUT = 4
# Nobody said in the log that this was no change's fault; somebody wrote it down later.
_SETTLED_OUTAGE = 16
_UNRESOLVED_AT = datetime(2026, 11, 13, 14, 20, tzinfo=UTC)
_CAUSED = (
    "{a} fails for some customers",
    "Errors while the {a} is saved",
    "Wrong {a} since this morning",
    "Slow {a} pages",
)
_OUTAGES = ("Provider of the {a} is down", "Network trouble between {a} and database", "Certificate of the {a} expired")


class Incidents:
    """The incident log; ids are given in the order in which things happen."""

    def __init__(self, seed: int) -> None:
        """An empty log."""
        self._rng = stream(seed, "incidents")
        self._named = Quota(self._rng)
        self._caused = 0
        self._unnamed = 0
        self._counting = stream(seed, "users counted later")
        self.all: list[Incident] = []

    def caused(self, change: Change, at: datetime, *, is_reverted: bool) -> Incident:
        """An incident a change caused; the log names the cause four times in five."""
        self._caused += 1
        severe = change.team == "payments" and change.written_by == "ai"
        recovery = self._rng.randint(110, 470) if severe else 20 + min(440, round(self._rng.expovariate(1 / 70)))
        incident = self._open(
            change.repo, at, timedelta(minutes=recovery), incident_title(self._rng, change.repo, _CAUSED)
        )
        incident.cause = change
        if self._named.take(_NAMED_SHARE):
            names = weighted(self._rng, _NAMES)
            incident.names = names if change.pull_request or "pr" not in names else ("sha", "deploy")
        incident.is_change_caused = True if incident.names or self._rng.random() < 0.5 else None
        incident.is_rolled_back = not is_reverted and self._rng.random() < 0.3
        if not incident.names:
            incident.has_post_mortem = self._unnamed % _FOUND_OUT == 1
            incident.is_settled_by_hand = self._unnamed % _FOUND_OUT == 3
            self._unnamed += 1
        return incident

    def duplicate(self) -> None:
        """A second report of the newest incident, for a few of them."""
        if self._caused not in _DUPLICATED:
            return
        first = self.all[-1]
        at = first.detected_at + timedelta(minutes=self._rng.randint(2, 12))
        second = self._open(first.repo, at, timedelta(minutes=15), f"{first.title} (second report)")
        second.duplicate_of, second.resolved_at, second.is_change_caused = first, first.resolved_at, None

    def outage(self, repo: str, at: datetime, number: int) -> None:
        """An incident no change caused."""
        text = _HOSTILE.get(number) or incident_title(self._rng, repo, _OUTAGES)
        incident = self._open(repo, at, timedelta(minutes=self._rng.randint(20, 200)), text)
        incident.is_change_caused = False
        if number == _SETTLED_OUTAGE:
            incident.is_change_caused, incident.is_settled_by_hand = None, True
        if at == _UNRESOLVED_AT:
            incident.resolved_at, incident.effort_minutes = None, None

    def _open(self, repo: str, at: datetime, recovery: timedelta, title: str) -> Incident:
        detected_at = at + timedelta(minutes=self._rng.randint(2, 14))
        responders = _responders(self._rng, repo, at.date())
        effort = round(recovery.total_seconds() / 60 * len(responders) * self._rng.uniform(0.6, 1.1))
        incident = Incident(
            ident=f"INC-{_FIRST + len(self.all)}",
            repo=repo,
            service=next(story.service for story in REPOSITORIES if story.name == repo),
            title=title,
            severity=weighted(self._rng, [("SEV1", 0.08), ("SEV2", 0.27), ("SEV3", 0.45), ("SEV4", 0.2)]),
            opened_at=at,
            detected_at=detected_at,
            acknowledged_at=detected_at + timedelta(minutes=self._rng.randint(1, 9)),
            resolved_at=detected_at + recovery,
            responders=responders,
            effort_minutes=effort,
            users_affected=round(self._rng.lognormvariate(5, 1.4))
            if self._rng.random() < 0.7
            else self._counted_later(),
        )
        self.all.append(incident)
        return incident

    def _counted_later(self) -> int | None:
        """How many users somebody found out afterwards; of a few incidents nobody did."""
        users = round(self._counting.lognormvariate(5, 1.4))
        return users if self._counting.random() < 0.9 else None


def planned_outages(seed: int) -> list[tuple[str, datetime]]:
    """When something breaks that nobody changed: about every third week, and once at the very end."""
    rng, outages = stream(seed, "outages"), []
    names = [story.name for story in REPOSITORIES]
    for monday in WEEKS[:-1]:
        if monday > START and rng.random() < 0.36:
            day: date = monday + timedelta(days=rng.randrange(7))
            outages.append((rng.choice(names), working_time(rng, day, 1, 22)))
    return [*outages, ("shop-web", _UNRESOLVED_AT)]


def incident_title(rng: random.Random, repo: str, forms: Sequence[str]) -> str:
    """What somebody types at the start of an incident."""
    return rng.choice(forms).format(a=VOCABULARIES[repo].phrase(rng)).capitalize()


def _responders(rng: random.Random, repo: str, day: date) -> tuple[Person, ...]:
    members = team_on(_OWNERS[repo], day)
    return tuple(rng.sample(members, rng.choice((1, 1, 2, 2, 3))))
