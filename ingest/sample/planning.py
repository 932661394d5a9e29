"""Plans changes: who does what, where, and whether a tool writes it."""

import random
from datetime import date

from ingest.sample.chance import Quota, weighted
from ingest.sample.changes import Change
from ingest.sample.editor import kind_of_work
from ingest.sample.marks import BOTS
from ingest.sample.people import Person, team_on
from ingest.sample.story import AI_SHARE, ASSIST_SHARE, MARKED_SHARE, PLACES, REPOSITORIES, rate
from ingest.sample.usage import ActiveWeeks, monday_of
from ingest.sample.words import VOCABULARIES, title

_STYLES = {story.name: story.styles for story in REPOSITORIES}
# Kinds whose title says what they are, not what they are about.
_UNTITLED = ("first", "format", "bump", "revert")


class Planner:
    """Thinks up changes; `planned` holds them all, so that the number of a change is its place."""

    def __init__(self, rng: random.Random, active: ActiveWeeks) -> None:
        """Nothing is planned yet."""
        self.planned: list[Change] = []
        self._rng = rng
        self._active = active
        self._quotas: dict[str, Quota] = {}

    def quota(self, name: str) -> Quota:
        """The quota of a name: new when first asked for."""
        if name not in self._quotas:
            self._quotas[name] = Quota(self._rng)
        return self._quotas[name]

    def steps(self) -> int:
        """In how many steps somebody does their work."""
        return weighted(self._rng, [(1, 0.3), (2, 0.3), (3, 0.2), (4, 0.12), (5, 0.08)])

    def ordinary(self, team: str, day: date) -> Change:
        """Something a team does of its own accord."""
        repo = weighted(self._rng, list(zip(_STYLES, PLACES[team], strict=True)))
        if team == "bots":
            change = self.change(team, self._rng.choice(team_on("platform", day)), repo, "bump")
            change.written_by, change.tool = "bot", self._rng.choice(list(BOTS))
            change.title = f"Bump {change.tool} group with {self._rng.randint(1, 3)} updates"
            change.style = "squash" if change.style in {"push", "rebase"} else change.style
            return change
        change = self.change(team, self._rng.choice(team_on(team, day)), repo, kind_of_work(self._rng))
        self.decide_author(change, day)
        return change

    def change(self, team: str, person: Person, repo: str, kind: str, style: str = "") -> Change:
        """A change with a number, written by hand unless somebody decides otherwise."""
        style = style or weighted(self._rng, _STYLES[repo])
        number = len(self.planned) + 1
        text = title(self._rng, kind, VOCABULARIES[repo]) if kind not in _UNTITLED else ""
        change = Change(number, repo, team, person, "human", kind, style, text)
        if kind not in _UNTITLED and self._rng.random() < 0.3:
            change.issue = f"SHOP-{100 + number // 2}"
        self.planned.append(change)
        return change

    def decide_author(self, change: Change, day: date) -> None:
        """Whether a tool writes it; then somebody who uses one this week is behind it."""
        members = {person.person for person in team_on(change.team, day)}
        users = [person for person in self._active[monday_of(day)] if person.person in members]
        quota = self.quota(f"{change.team} ai")
        if users and quota.take(rate(AI_SHARE[change.team], monday_of(day))):
            change.written_by, change.person = "ai", self._rng.choice(users)
            change.tool = change.person.tools[0] if self._rng.random() < 0.8 else self._rng.choice(change.person.tools)
            if self._rng.random() < 0.04:
                change.tool = "aider"
            change.marked = self.quota(f"{change.team} marked").take(MARKED_SHARE)
        else:
            change.assist = self._rng.random() < ASSIST_SHARE
