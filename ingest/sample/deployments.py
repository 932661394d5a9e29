"""Deployments: a plan for every service, hotfixes between, and which of them shipped what."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ingest.sample.chance import stream, working_time
from ingest.sample.changes import Change, Deployment, Incident
from ingest.sample.story import FAILED_SHARE, PRODUCTION_A_WEEK, REPOSITORIES, STAGING_A_WEEK, WEEKS

_SPELLINGS = ("production", "production", "production", "PRODUCTION", "prod")
_SERVICES = {story.name: story.service for story in REPOSITORIES}
_ABBREVIATED_SHARE = 0.03


class Deployments:
    """All deployments of the company."""

    def __init__(self, seed: int) -> None:
        """Plan the two years before anything is written: people deploy on fixed days."""
        self._rng = stream(seed, "deployments")
        self.all: list[Deployment] = []
        for story in REPOSITORIES:
            for monday in WEEKS:
                for day in sorted(self._rng.sample(range(5), PRODUCTION_A_WEEK)):
                    self._plan(story.name, working_time(self._rng, monday + timedelta(days=day), 9, 15), live=True)
                for day in sorted(self._rng.sample(range(5), STAGING_A_WEEK)):
                    self._plan(story.name, working_time(self._rng, monday + timedelta(days=day), 8, 17), live=False)
        self._live = {repo: sorted(self._live_moments(repo)) for repo in _SERVICES}

    def _plan(self, repo: str, at: datetime, *, live: bool) -> Deployment:
        environment = self._rng.choice(_SPELLINGS) if live else "staging"
        status = "failure" if self._rng.random() < FAILED_SHARE else "success"
        finished_at = at + timedelta(seconds=self._rng.randint(90, 420))
        deployment = Deployment(repo, _SERVICES[repo], environment, at, finished_at, status, is_production=live)
        self.all.append(deployment)
        return deployment

    def _live_moments(self, repo: str) -> list[datetime]:
        live = (one for one in self.all if one.repo == repo and one.is_production and one.status == "success")
        return [one.started_at for one in live]

    def next_at(self, repo: str, at: datetime) -> datetime | None:
        """When the next planned deployment goes to production."""
        moments = self._live[repo]
        position = bisect_right(moments, at)
        return moments[position] if position < len(moments) else None

    def hotfix(self, incident: Incident, at: datetime) -> None:
        """Ship the fix of an incident at once."""
        deployment = self._plan(incident.repo, at + timedelta(minutes=2), live=True)
        deployment.finished_at = deployment.started_at + timedelta(seconds=self._rng.randint(60, 150))
        deployment.status, deployment.incident = "success", incident

    def settle(self, landed: Mapping[str, Sequence[Change]]) -> None:
        """Give every deployment the head of its moment and its id; one without news never took place."""
        self.all.sort(key=lambda one: (one.started_at, one.repo))
        moments = {repo: [change.at for change in changes] for repo, changes in landed.items()}
        kept: list[Deployment] = []
        last: dict[tuple[str, bool], int] = {}
        for one in self.all:
            position = bisect_right(moments[one.repo], one.started_at)
            if not position or (last.get((one.repo, one.is_production)) == position and not one.incident):
                continue
            last[one.repo, one.is_production] = position
            sha = landed[one.repo][position - 1].landed_sha
            one.sha = sha[:12] if self._rng.random() < _ABBREVIATED_SHARE else sha
            one.ident = f"dep-{1001 + len(kept)}"
            kept.append(one)
        self.all = kept

    def shipped_by(self, change: Change) -> Deployment | None:
        """The first production deployment that carried a change."""
        carriers = (one for one in self.all if one.repo == change.repo and one.started_at >= change.at)
        return next((one for one in carriers if one.is_production and one.status != "failure"), None)
