"""Plays the story: plans every week, lets people work, and lets what they shipped come back to them."""

import heapq
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count
from pathlib import Path

from ingest.sample import edits, messages
from ingest.sample.chance import next_working_time, stream, working_day, working_time
from ingest.sample.changes import Change, Incident
from ingest.sample.deployments import Deployments
from ingest.sample.fates import Fates
from ingest.sample.incidents import Incidents, planned_outages
from ingest.sample.landing import Branch, Repository
from ingest.sample.people import team_on
from ingest.sample.planning import Planner
from ingest.sample.scans import Scans
from ingest.sample.starting import first_files
from ingest.sample.story import (
    CHANGES_A_WEEK,
    REFORMAT,
    REPOSITORIES,
    START,
    WEEKS,
)
from ingest.sample.tree import Files, Line
from ingest.sample.usage import ActiveWeeks, monday_of

_CHURN = timedelta(days=14)
_WEEK = timedelta(weeks=1)


class History:
    """The two years, played in the order of time."""

    def __init__(self, seed: int, folder: Path, active: ActiveWeeks) -> None:
        """Set the stage: three empty repositories, a deployment plan, nobody has done anything."""
        self.deployments = Deployments(seed)
        self.incidents = Incidents(seed)
        self.scans = Scans(seed)
        self.repositories = {
            story.name: Repository(story, folder / f"{story.name}.git", stream(seed, story.name))
            for story in REPOSITORIES
        }
        self._seed = seed
        self._rng = stream(seed, "history")
        self._planner = Planner(self._rng, active)
        self._fates = Fates(seed, self.deployments)
        self._events: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()
        # Moments at which a team will have to repair something instead of building.
        self._repairs: list[tuple[datetime, str]] = []

    @property
    def changes(self) -> list[Change]:
        """Everything that landed, repository by repository."""
        return [change for repository in self.repositories.values() for change in repository.landed]

    def play(self) -> None:
        """From the first commit to the last week."""
        for repository in self.repositories.values():
            self._first_commit(repository)
        self._at(REFORMAT, self._reformat)
        for number, (repo, at) in enumerate(planned_outages(self._seed)):
            self._at(at, partial(self.incidents.outage, repo, at, number))
        oldest = 0
        starts = []
        for monday in WEEKS:
            starts.append(len(self._planner.planned))
            oldest = starts[-3] if len(starts) > 2 else 0
            for repository in self.repositories.values():
                repository.editor.young_from = oldest
            self._plan_week(monday)
            self._run_until(datetime.combine(monday + _WEEK, time(0), UTC))
            self.scans.look(list(self.repositories.values()), datetime.combine(monday + _WEEK, time(1), UTC))
        for repository in self.repositories.values():
            repository.finish()
        self.deployments.settle({name: repository.landed for name, repository in self.repositories.items()})
        self._roll_back()

    # The clock.

    def _at(self, moment: datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._order), act))

    def _run_until(self, moment: datetime) -> None:
        while self._events and self._events[0][0] < moment:
            heapq.heappop(self._events)[2]()

    # Once in the history.

    def _first_commit(self, repository: Repository) -> None:
        at = working_time(self._rng, START, 5, 6)
        person = team_on("platform", START)[0]
        change = self._planner.change("platform", person, repository.story.name, "first", "push")
        change.title = f"Import {repository.story.name} from the old shop"
        files = first_files(repository.story, self._rng, repository.words, change.number)
        if repository.story.name == "shop-payments":
            files = {path: edits.single_quoted(path, file) for path, file in files.items()}
        repository.replace(change, files, at)

    def _reformat(self) -> None:
        """Turn the quotes of every Python file in one commit, and tell `git blame` about it in the next."""
        repository = self.repositories["shop-payments"]
        person = team_on("payments", START)[0]

        def put(kind: str, text: str, files: Files, at: datetime) -> Change:
            change = self._planner.change("payments", person, "shop-payments", kind, "squash")
            change.pull_request = repository.next_pull_request()
            change.title = f"{text} (#{change.pull_request})"
            repository.replace(change, files, at)
            return change

        def ignore() -> None:
            texts = ("# Use double quotes everywhere", change.landed_sha)
            listed = [Line(text, change.number) for text in texts]
            files = {**repository.files, ".git-blame-ignore-revs": listed}
            put("chore", "Tell blame to skip the reformatting", files, later)

        change = put("format", "Use double quotes everywhere", edits.double_quoted(repository.files), REFORMAT)
        later = REFORMAT + timedelta(minutes=25)
        self._at(later, ignore)

    # Ordinary work.

    def _plan_week(self, monday: date) -> None:
        until = datetime.combine(monday + _WEEK, time(0), UTC)
        due = [team for at, team in self._repairs if at < until]
        self._repairs = [(at, team) for at, team in self._repairs if at >= until]
        for team, changes in CHANGES_A_WEEK.items():
            wanted = self._planner.quota(f"{team} week").whole(changes) - due.count(team)
            wanted = max(wanted, 0 if team == "bots" else 2)
            while wanted > 0:
                at = working_time(self._rng, working_day(self._rng, monday))
                change, steps = self._planner.ordinary(team, at.date()), self._planner.steps()
                self._start(change, at, steps)
                # Every commit of a rebased branch is a step along main.
                wanted -= steps if change.style == "rebase" else 1

    # Getting it to main.

    def _start(self, change: Change, at: datetime, steps: int = 1, since: datetime | None = None) -> None:
        if change.style == "merge":
            self._branch(change, at, steps, since or datetime.combine(monday_of(at.date()), time(7), UTC))
        elif change.style == "rebase":
            self._at(at, partial(self._land_run, change, at, steps))
        else:
            self._at(at, partial(self._land, change, at, steps))

    def _land(self, change: Change, at: datetime, steps: int) -> None:
        repository = self.repositories[change.repo]
        if change.style == "squash":
            change.pull_request = repository.next_pull_request()
        for landed in repository.land(change, at, steps):
            self._landed(landed)

    def _land_run(self, change: Change, at: datetime, steps: int) -> None:
        """The commits of a rebased branch, one after the other; the last one is the one that was planned."""
        for _ in range(steps - 1):
            part = self._planner.change(change.team, change.person, change.repo, "fix", "rebase")
            part.written_by, part.tool, part.marked = change.written_by, change.tool, change.marked
            part.issue = change.issue
            for landed in self.repositories[change.repo].land(part, at, 1):
                self._book_churn(landed)
        self._land(change, at, 1)

    def _branch(self, change: Change, at: datetime, steps: int, since: datetime) -> None:
        since = max(since, at - timedelta(days=3))
        moments = sorted(self._commit_time(since, at) for _ in range(steps))
        box: list[Branch] = []
        self._at(moments[0], lambda: box.append(self.repositories[change.repo].open(change)))
        for number, moment in enumerate(moments):
            self._at(moment, partial(self._commit, box, moment, first=number == 0, last=number == steps - 1))
        if steps > 2 and self._rng.random() < 0.2:
            moment = moments[-1] + (at - moments[-1]) / 2
            self._at(moment, lambda: self.repositories[change.repo].update(box[0], moment))
        self._at(at, partial(self._merge, box, at))

    def _commit_time(self, since: datetime, until: datetime) -> datetime:
        moment = since + (until - since) * self._rng.random()
        if not 7 <= moment.hour < 18:
            moment = moment.replace(hour=self._rng.randint(8, 16))
        if not since <= moment < until:
            moment = until - (until - since) * self._rng.uniform(0.02, 0.3)
        return moment.replace(microsecond=0)

    def _commit(self, box: list[Branch], at: datetime, *, first: bool, last: bool) -> None:
        branch = box[0]
        self.repositories[branch.change.repo].commit_to(branch, at, first=first, last=last)

    def _merge(self, box: list[Branch], at: datetime) -> None:
        for landed in self.repositories[box[0].change.repo].merge(box[0], at):
            self._landed(landed)

    # What comes back.

    def _landed(self, change: Change) -> None:
        self._book_churn(change)
        if change.reverts:
            change.reverts.reverted_by = change
            if not change.reverts.reverts and self._planner.quota("reapplied").take(0.05):
                self._revert(change, next_working_time(self._rng, change.at + timedelta(days=self._rng.uniform(2, 6))))
        if change.incident:
            self.deployments.hotfix(change.incident, change.at)
        if not change.is_ordinary:
            return
        fate = self._fates.draw(change)
        self.repositories[change.repo].editor.rewrites += fate.rewrites
        if fate.breaks_at:
            self._repairs.append((fate.breaks_at, change.team))
            self._at(fate.breaks_at, partial(self._break, change, fate.breaks_at, is_reverted=fate.is_reverted))
        elif fate.reverted_at:
            self._repairs.append((fate.reverted_at, change.team))
            self._at(fate.reverted_at, partial(self._revert, change, fate.reverted_at))

    def _book_churn(self, change: Change) -> None:
        for number, lines in change.deaths.items():
            other = self._planner.planned[number - 1]
            if change.at - other.at <= _CHURN:
                other.churned += lines

    def _break(self, change: Change, at: datetime, *, is_reverted: bool) -> None:
        """An incident begins; half-way through its repair a revert or a hotfix lands."""
        incident = self.incidents.caused(change, at, is_reverted=is_reverted and not change.reverted_by)
        self.incidents.duplicate()
        if incident.is_rolled_back or incident.resolved_at is None:
            return
        fixed_at = incident.detected_at + (incident.resolved_at - incident.detected_at) / 2
        fixed_at = fixed_at.replace(microsecond=0)
        if is_reverted and not change.reverted_by:
            self._revert(change, fixed_at, incident)
        else:
            self._hotfix(incident, change, fixed_at)

    def _hotfix(self, incident: Incident, cause: Change, at: datetime) -> None:
        fix = self._planner.change(cause.team, incident.responders[0], cause.repo, "hotfix")
        self._planner.decide_author(fix, at.date())
        fix.incident, fix.issue = incident, None
        fix.style = "push" if fix.style == "rebase" else fix.style
        self._start(fix, at, since=incident.detected_at)

    def _revert(self, change: Change, at: datetime, incident: Incident | None = None) -> None:
        team = change.team
        revert = self._planner.change(team, self._rng.choice(team_on(team, at.date())), change.repo, "revert")
        revert.reverts, revert.incident = change, incident
        revert.style = "push" if revert.style == "rebase" else revert.style
        revert.title = messages.revert_title(change, self._rng)
        # Without an outage nobody hurries: the pull request takes its half hour.
        landing_at, since = (at, incident.detected_at) if incident else (at + timedelta(minutes=30), at)
        self._start(revert, landing_at, since=since)

    def _roll_back(self) -> None:
        """The deployment that shipped the cause is the one that was rolled back."""
        for incident in self.incidents.all:
            if incident.is_rolled_back and incident.cause:
                deployment = self.deployments.shipped_by(incident.cause)
                if deployment:
                    deployment.status = "rollback"
