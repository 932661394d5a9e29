"""A history as an ingest replays it, without a warehouse: what each commit is told to the replay with."""

from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ingest.git import ahead, edits, landing, log, messages
from ingest.git.mirror import Mirror, open_mirror
from ingest.git.replay import Commit, Replay
from ingest.settings import Repository

Look = Callable[[Replay, Commit], None]


class History(NamedTuple):
    """The commits of a repository, parents before children, and its first-parent line."""

    mirror: Mirror
    parents: dict[str, tuple[str, ...]]
    line: list[str]
    landed: dict[str, str]
    reverts: dict[str, list[str]]  # the commits that a commit names as taken back
    reformats: set[str]

    @property
    def shas(self) -> list[str]:
        """The commits by number."""
        return list(self.parents)


def read(repository: Path, folder: Path) -> History:
    """The history of a repository, through a mirror in `folder`."""
    mirror = open_mirror(Repository("bench", str(repository)), folder, folder)
    commits = list(log.commits(mirror, None))
    parents = {commit.sha: commit.parents for commit in commits}
    line = landing.first_parents(mirror.head_sha, parents)
    reverts = {commit.sha: [sha for sha in messages.reverts(commit.message) if sha in parents] for commit in commits}
    reformats = {text.partition("#")[0].strip() for text in mirror.text(".git-blame-ignore-revs").splitlines()}
    return History(mirror, parents, line, landing.landed(line, parents), reverts, reformats)


def replayed(history: History, *, is_plain: bool, look: Look = lambda *_: None) -> tuple[Replay, int]:
    """The replay of a history, and how many of its commits could not be read; `look` sees it after each step.

    A plain one knows neither moves nor copies: every changed line dies and is born.
    """
    mirror, parents = history.mirror, history.parents
    numbers = {sha: number for number, sha in enumerate(parents)}
    step_of = {sha: number for number, sha in enumerate(history.line)}
    children = Counter(parent for each in parents.values() for parent in set(each))
    children[mirror.head_sha] += 1
    brings = defaultdict(list)
    for sha, landed in history.landed.items():
        if sha != landed:
            brings[landed].append(numbers[sha])
    folder = Path(mirror.git.environment()["GIT_DIR"])
    reading = edits.Reading(folder, mirror.files(".gitattributes"), is_plain)
    tasks = [edits.Task(sha, each, sha in history.reformats, sha in mirror.boundaries) for sha, each in parents.items()]
    reverts = {sha: tuple(numbers[each] for each in named) for sha, named in history.reverts.items()}
    replay = Replay(mirror.git, is_plain=is_plain, reverted={number for named in reverts.values() for number in named})
    unread = 0
    for task, edit in zip(tasks, ahead.edits(reading, tasks), strict=True):
        commit = Commit(
            number=numbers[task.sha],
            sha=task.sha,
            parents=tuple(numbers[parent] for parent in task.parents),
            parent_shas=task.parents,
            step=step_of.get(task.sha),
            brings=tuple(sorted(brings[task.sha])),
            reverts=reverts[task.sha],
            children=children[task.sha],
        )
        replay.commit(commit, edit)
        unread += edit.unread is not None
        if commit.step is not None:
            look(replay, commit)
    return replay, unread
