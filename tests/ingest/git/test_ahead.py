"""Commits that are read ahead are the same as those that are read when they are asked for."""

import multiprocessing
from collections.abc import Callable
from contextlib import closing

import pytest

from ingest.git import ahead
from ingest.git.edits import Reading, Task
from ingest.git.mirror import Mirror
from tests.conftest import GitRepository

Asked = tuple[Reading, list[Task]]


@pytest.fixture
def asked(
    git_repository: Callable[..., GitRepository], opened: Callable[..., Mirror], monkeypatch: pytest.MonkeyPatch
) -> Asked:
    """A history for which processes are worth their start, two or four commits at a time."""
    repository = git_repository()
    made = [repository.commit(files={"a.py": f"value = {number}\n"}) for number in range(20)]
    for name, value in (("INLINE", 3), ("SHORT", 2), ("LONG", 4)):
        monkeypatch.setattr(ahead, name, value)
    parents = zip(made, [(), *((sha,) for sha in made)], strict=False)
    return Reading(opened(repository.path).folder, {}, is_plain=False), [Task(*each) for each in parents]


def test_what_was_expected_is_read_as_what_was_not(asked: Asked) -> None:
    reading, tasks = asked
    with closing(ahead.Ahead(reading)) as expecting:
        for task in tasks:
            expecting.expect(task)

        assert list(expecting.edits(tasks)) == list(ahead.edits(reading, tasks)) == list(_one_by_one(asked))


def test_other_commits_before_those_that_were_expected_come_first(asked: Asked) -> None:
    reading, tasks = asked
    with closing(ahead.Ahead(reading)) as expecting:
        for task in tasks[5:]:
            expecting.expect(task)

        assert list(expecting.edits(tasks)) == list(_one_by_one(asked))


def test_no_process_is_left_when_it_is_closed_before_its_end(asked: Asked) -> None:
    reading, tasks = asked
    with closing(ahead.Ahead(reading)) as expecting:
        for task in tasks:
            expecting.expect(task)
        next(expecting.edits(tasks))

    assert multiprocessing.active_children() == []


def _one_by_one(asked: Asked) -> list[object]:
    reading, tasks = asked
    return [edit for task in tasks for edit in ahead.edits(reading, [task])]
