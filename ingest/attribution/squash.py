"""Finds in the commits of a pull request who wrote the lines of its squash commit.

They are replayed; where a file of the squash commit is as the head left it, each of its lines is one that they wrote.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ingest.git import ahead, blobs
from ingest.git.edits import FOUND, OPERATION, Edit, FileEdit, MergeEdit, Reading, Task
from ingest.git.mirror import Mirror
from ingest.git.patches import LARGE, path_text
from ingest.git.register import ID, Ids
from ingest.git.replay import Commit, Replay
from ingest.git.state import State

TOGETHER = 200  # squash commits whose pull requests are replayed at once; what they share is replayed once


class Squash(NamedTuple):
    """A commit of the branch that says which pull request it is."""

    sha: str
    parents: tuple[str, ...]
    head: str  # of the pull request


class Origin(NamedTuple):
    """A line of a squash commit and the line of the pull request's commit that it is."""

    path: str
    line: int  # from 1
    sha: str
    from_path: str
    from_line: int


class Found(NamedTuple):
    """What the replay of a pull request says about its squash commit."""

    origins: list[Origin]
    equal: int  # files with added lines that are as the head left them
    files: int


Parents = Mapping[str, tuple[str, ...]]  # of commits that are not on the branch


def origins(mirror: Mirror, squashes: Sequence[Squash], parents: Parents) -> Iterator[tuple[Squash, Found]]:
    """Each squash commit with where its added lines come from. `parents` has every commit that leads to a head.

    Raises HistoryError where git fails.
    """
    reading = Reading(mirror.folder, {}, is_plain=False)
    for at in range(0, len(squashes), TOGETHER):
        yield from _together(mirror, reading, squashes[at : at + TOGETHER], parents)


def _together(
    mirror: Mirror, reading: Reading, squashes: Sequence[Squash], parents: Parents
) -> Iterator[tuple[Squash, Found]]:
    by_head: dict[str, list[Squash]] = {}
    for squash in squashes:
        by_head.setdefault(squash.head, []).append(squash)
    tasks = [Task(squash.sha, squash.parents[:1]) for squash in squashes]
    landed = dict(zip(squashes, ahead.edits(reading, tasks), strict=True))
    plan = _before(by_head, parents)
    branch = list(ahead.edits(reading, [Task(sha, parents[sha]) for sha in plan]))
    # Plain: lines are followed, what is copied from elsewhere is of no matter here.
    replay = Replay(mirror.git, is_plain=True, guesses=False)
    at_hand = dict(blobs.contents(mirror.git, _from_outside(branch), most=LARGE))
    with blobs.Contents(mirror.git, at_hand) as replay.texts:
        for commit, edit in zip(_numbered(replay, plan, parents, by_head), branch, strict=True):
            replay.commit(commit, edit)
            for squash in by_head.get(commit.sha, ()):
                yield squash, _compared(replay, plan, landed[squash], replay.states[commit.number])


def _before(heads: Mapping[str, object], parents: Parents) -> list[str]:
    """The commits that lead to these heads, in the order of `parents`."""
    wanted, waiting = set(heads), list(heads)
    while waiting:
        for parent in parents[waiting.pop()]:
            if parent in parents and parent not in wanted:
                wanted.add(parent)
                waiting.append(parent)
    return [sha for sha in parents if sha in wanted]


def _from_outside(branch: Sequence[Edit | MergeEdit]) -> set[bytes]:
    """The blobs that the commits build on and that none of them made."""
    files = [file for edit in branch if isinstance(edit, Edit) for file in edit.files]
    return {file.old_blob for file in files if file.was_regular and file.spans} - {file.blob for file in files}


def _numbered(replay: Replay, plan: Sequence[str], parents: Parents, heads: Mapping[str, object]) -> Iterator[Commit]:
    """The commits for the replay. Of those on the branch nothing is known: files are taken up as they are first touched."""
    numbers = {sha: number for number, sha in enumerate(plan)}
    children = dict.fromkeys(plan, 0) | dict.fromkeys(heads, 1)
    for sha in plan:
        for parent in dict.fromkeys(parents[sha]):
            numbers.setdefault(parent, len(numbers))
            children[parent] = children.get(parent, 0) + 1
    for sha, number in list(numbers.items())[len(plan) :]:
        replay.begin(number, {}, children[sha])
    for sha in plan:
        above = parents[sha]
        yield Commit(
            number=numbers[sha], sha=sha, parents=tuple(numbers[parent] for parent in above), parent_shas=above, step=None,
            brings=(), reverts=(), children=children[sha],
        )  # fmt: skip


def _compared(replay: Replay, plan: Sequence[str], landed: Edit | MergeEdit, head: State) -> Found:
    found, names = Found([], 0, 0), list(replay.register.origins.paths)
    for file in landed.files if isinstance(landed, Edit) else ():
        if not file.is_regular or not file.added:
            continue
        entry = head.get(file.path)
        is_equal = entry is not None and entry.blob == file.blob and not entry.is_stale
        found = found._replace(files=found.files + 1, equal=found.equal + is_equal)
        if entry and is_equal:
            found.origins.extend(_lines(replay, file, np.frombuffer(entry.ids, ID), plan, names))
    return found


def _lines(replay: Replay, file: FileEdit, ids: Ids, plan: Sequence[str], names: Sequence[bytes]) -> Iterator[Origin]:
    register = replay.register
    spans = np.frombuffer(file.spans, np.int32).reshape(-1, 4)
    places = np.concatenate([np.arange(start, start + added) for _, _, start, added in spans.tolist()])
    # What stood before the pull request was taken up where it was first touched, and says nothing.
    places = places[register.flags[ids[places]] & OPERATION != FOUND << 2]
    paths, lines = register.origins.where(ids[places])
    path, columns = path_text(file.path), (places, register.writer(ids[places]), paths, lines)
    for place, writer, origin, line in zip(*(column.tolist() for column in columns), strict=True):
        yield Origin(path, place + 1, plan[writer], path_text(names[origin]), line)
