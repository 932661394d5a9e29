"""What becomes of a landed change: nothing, an outage, a revert, or a second thought about its lines."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.sample.chance import Quota, next_working_time, stream
from ingest.sample.changes import Change
from ingest.sample.deployments import Deployments
from ingest.sample.editor import Rewrite
from ingest.sample.story import harm

# Nobody's production breaks because of these.
_HARMLESS = ("docs", "test")
_LATEST = timedelta(days=16, hours=20)


@dataclass(frozen=True, slots=True)
class Fate:
    """When a change breaks production, when it is taken back, and which lines are written again."""

    breaks_at: datetime | None = None
    is_reverted: bool = False
    reverted_at: datetime | None = None
    rewrites: tuple[Rewrite, ...] = ()


class Fates:
    """Hands out fates at the rates of the story, evenly over time for each team and kind of author."""

    def __init__(self, seed: int, deployments: Deployments) -> None:
        """Know the deployments, because only what is deployed breaks."""
        self._rng = stream(seed, "fates")
        self._deployments = deployments
        self._quotas: dict[tuple[str, str, str], Quota] = {}

    def draw(self, change: Change) -> Fate:
        """The fate of a change that has just landed."""
        expected = harm(change.team, change.written_by, change.at.date())
        if change.kind in _HARMLESS:
            return Fate()
        breaks_at = self._breaking(change) if self._take(change, "incident", expected.incident) else None
        if breaks_at:
            is_reverted = self._take(change, "both", expected.reverted_after_incident)
        else:
            is_reverted = self._take(change, "reverted", expected.reverted_otherwise)
        reverted_at = next_working_time(self._rng, self._later(change)) if is_reverted and not breaks_at else None
        return Fate(breaks_at, is_reverted, reverted_at, self._rewrites(change, expected.rewritten))

    def _take(self, change: Change, what: str, share: float) -> bool:
        key = change.team, change.written_by, what
        if key not in self._quotas:
            self._quotas[key] = Quota(self._rng)
        return self._quotas[key].take(share)

    def _later(self, change: Change) -> datetime:
        return change.at + min(_LATEST, timedelta(days=1.05 + self._rng.expovariate(1 / 3.2)))

    def _breaking(self, change: Change) -> datetime | None:
        """A working hour one to twenty days after landing and after the deployment that ships the change."""
        shipped_at = self._deployments.next_at(change.repo, change.at)
        if shipped_at is None:
            return None
        soonest = shipped_at + timedelta(minutes=self._rng.randint(15, 240))
        return next_working_time(self._rng, max(self._later(change), soonest))

    def _rewrites(self, change: Change, share: float) -> tuple[Rewrite, ...]:
        if not share:
            return ()
        days = sorted(self._rng.uniform(0.3, 9) for _ in range(3))
        return tuple(Rewrite(change.at + timedelta(days=day), change, share / 3) for day in days)
