from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from ingest.errors import HistoryError
from ingest.git import log
from ingest.git.mirror import Mirror
from tests.conftest import ANN, BOB, GitRepository

Make = Callable[..., GitRepository]
Open = Callable[..., Mirror]
MONDAY = datetime(2026, 1, 5, 9)  # noqa: DTZ001 - UTC without a zone, as in the warehouse
WHO = "Ann Ames <ann@example.com> 1767600000 +0000"


def told(mirror: Mirror) -> list[log.Commit]:
    return list(log.commits(mirror, None))


def crafted(repository: GitRepository, *, author: str = WHO, headers: str = "", message: bytes = b"Change\n") -> str:
    """A commit on top of main whose object is written by hand."""
    tree, parent = repository.git("rev-parse", "HEAD^{tree}"), repository.git("rev-parse", "HEAD")
    head = f"tree {tree}\nparent {parent}\nauthor {author}\ncommitter {author}\n{headers}\n"
    sha = repository.store("commit", head.encode() + message)
    repository.git("update-ref", "refs/heads/main", sha)
    return sha


def test_a_commit_is_told_as_it_was_written(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    sha = repository.commit("Add retry\n\nIt failed.\n", author=BOB, at="2026-03-01T01:30:00+0200")
    assert told(opened(repository.path)) == [
        log.Commit(
            sha, (), "Bob Birk", "bob@example.com", "bob@example.com", "Bob Birk", "bob@example.com", "bob@example.com",
            datetime(2026, 2, 28, 23, 30), datetime(2026, 2, 28, 23, 30), "Add retry\n\nIt failed.\n",  # noqa: DTZ001
        )
    ]  # fmt: skip


def test_commits_come_parents_first_with_merges_and_several_roots(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    root = repository.commit(files={"a.py": "one\n"})
    repository.git("checkout", "--quiet", "-b", "side")
    side = repository.commit(files={"b.py": "one\n"})
    repository.git("checkout", "--quiet", "--orphan", "import")
    other_root = repository.commit(files={"c.py": "one\n"})
    repository.git("checkout", "--quiet", "main")
    merge = repository.merge("side")
    second = repository.merge("import")

    mirror = opened(repository.path)
    parents = {commit.sha: commit.parents for commit in told(mirror)}
    assert parents == {
        root: (), side: (root,), merge: (root, side), other_root: (), second: (merge, other_root),
    }  # fmt: skip
    order = list(parents)
    assert all(order.index(parent) < order.index(sha) for sha in parents for parent in parents[sha])
    assert {commit.sha for commit in log.commits(mirror, merge)} == {other_root, second}


@pytest.mark.parametrize(
    ("message", "headers", "read"),
    [
        (b"<script>alert(1)</script>\n", "", "<script>alert(1)</script>\n"),
        (b'=HYPERLINK("http://x")\n', "", '=HYPERLINK("http://x")\n'),
        (b"bell \x07 escape \x1b[31m\n", "", "bell \x07 escape \x1b[31m\n"),
        (b"not UTF-8 \xff\n", "", "not UTF-8 \ufffd\n"),
        (b"gr\xfc\xdfe\n", "encoding ISO-8859-1\n", "grüße\n"),
        (b"gr\xfc\xdfe\n", "encoding no-such-thing\n", "gr\ufffd\ufffde\n"),
        (b"before\0after\n", "", "before"),
        (b"\n\nblank lines first\n", "", "blank lines first\n"),
        (b"", "", ""),
        (b"Title\r\n\r\nBody\r\n", "", "Title\r\n\r\nBody\r\n"),
        (b"\x01 looks like our own mark\n", "", "\x01 looks like our own mark\n"),
    ],
)  # fmt: skip
def test_any_byte_may_stand_in_a_message(
    git_repository: Make, opened: Open, message: bytes, headers: str, read: str
) -> None:
    repository = git_repository()
    first = repository.commit("First")
    odd = crafted(repository, headers=headers, message=message)
    last = repository.commit("Last")
    assert [(commit.sha, commit.message) for commit in told(opened(repository.path))] == [
        (first, "First\n"), (odd, read), (last, "Last\n"),
    ]  # fmt: skip


def test_a_subject_is_the_first_line() -> None:
    base = log.Commit("", (), "", "", "", "", "", "", MONDAY, MONDAY, "")
    messages = {"": "", "One\n\nTwo\n": "One", "One\r\n\r\nTwo": "One", "One ": "One"}
    assert {message: base._replace(message=message).subject for message in messages} == messages


@pytest.mark.parametrize(
    ("author", "name", "email", "at"),
    [
        ("Ann <> 1767600000 +0000", "Ann", "", datetime(2026, 1, 5, 8)),  # noqa: DTZ001
        ("<ann@example.com> 1767600000 +0000", "", "ann@example.com", datetime(2026, 1, 5, 8)),  # noqa: DTZ001
        ("Ann <ann@example.com> 0 +0000", "Ann", "ann@example.com", datetime(1970, 1, 1)),  # noqa: DTZ001
        ("Ann <ann@example.com> 4102444800 +0000", "Ann", "ann@example.com", datetime(2100, 1, 1)),  # noqa: DTZ001
        ("Ann <ann@example.com> 999999999999 +0000", "Ann", "ann@example.com", datetime.max),  # noqa: DTZ901
        ("Ann <ann@example.com> " + "9" * 5000 + " +0000", "Ann", "ann@example.com", None),
        ("Ann <ann@example.com>", "Ann", "ann@example.com", datetime(1970, 1, 1)),  # noqa: DTZ001
        ("Ann <ann@example.com> -5 +0000", "Ann", "ann@example.com", None),
        ("no address at all", "", "", datetime(1970, 1, 1)),  # noqa: DTZ001
        ("Ann\x00Ames <ann@example.com> 1767600000 +0000", "", "", datetime(1970, 1, 1)),  # noqa: DTZ001
    ],
)
def test_any_author_and_date_may_stand_in_a_commit(
    git_repository: Make, opened: Open, author: str, name: str, email: str, at: datetime | None
) -> None:
    repository = git_repository()
    first = repository.commit("First")
    odd = crafted(repository, author=author)
    last = repository.commit("Last")
    read = told(opened(repository.path))
    assert [commit.sha for commit in read] == [first, odd, last]
    assert (read[1].author_name, read[1].author_email) == (name, email)
    assert read[1].authored_at == (at or read[1].authored_at)


def test_seconds_that_no_calendar_holds_are_its_nearest_end() -> None:
    seconds = ["", "0", "-1", "-99999999999999", "99999999999999", "9" * 5000, "-" + "9" * 5000]
    assert [log.moment(text) for text in seconds] == [
        datetime(1970, 1, 1), datetime(1970, 1, 1), datetime(1969, 12, 31, 23, 59, 59),  # noqa: DTZ001
        datetime.min, datetime.max, datetime.max, datetime.min,  # noqa: DTZ901
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("mailmap", "mapped"),
    [
        (None, ("ann@old.example.com", "bob@example.com")),
        ("Ann Ames <ann@example.com> <ann@old.example.com>\n", ("ann@example.com", "bob@example.com")),
        ("<<<< broken\n> \n\xff\n<ann@example.com> <ann@old.example.com>\n", ("ann@example.com", "bob@example.com")),
        ("<b@x> <ann@old.example.com>\n<ann@old.example.com> <b@x>\n", ("b@x", "bob@example.com")),
        # Longer circles, and somebody who is themselves: git takes one step.
        ("<b@x> <ann@old.example.com>\n<c@x> <b@x>\n<ann@old.example.com> <c@x>\n", ("b@x", "bob@example.com")),
        ("<bob@example.com> <bob@example.com>\n", ("ann@old.example.com", "bob@example.com")),
    ],
)
def test_the_newest_mailmap_says_who_somebody_is(
    git_repository: Make, opened: Open, mailmap: str | None, mapped: tuple[str, str]
) -> None:
    repository = git_repository()
    repository.commit(author="Ann <ann@old.example.com>")
    repository.commit(author=BOB)
    if mailmap is not None:
        repository.commit(files={".mailmap": mailmap}, author=BOB)
    read = told(opened(repository.path))[:2]
    assert tuple(commit.author_mapped for commit in read) == mapped
    assert [commit.author_email for commit in read] == ["ann@old.example.com", "bob@example.com"]


def test_a_head_whose_tree_is_missing_is_a_history_error(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    head = repository.commit(files={"a.py": "one\n"})
    repository.object_file(repository.git("rev-parse", f"{head}^{{tree}}")).unlink()
    with pytest.raises(HistoryError, match=r"shop: git could not read the history: .* Run `git fsck` there"):
        opened(repository.path).blob_id(".mailmap")


def test_a_missing_commit_is_a_history_error(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    missing = repository.commit()
    repository.commit()
    repository.object_file(missing).unlink()
    with pytest.raises(HistoryError) as caught:
        told(opened(repository.path))
    assert str(caught.value) == (
        f"shop: git could not read the history: Could not read {missing}; revision walk setup failed. "
        "Run `git fsck` there; fetch what is missing or clone it anew."
    )


def test_a_file_at_the_head_is_read_whole(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    repository.commit(files={".git-blame-ignore-revs": b"one\n\xff\n", "folder/a": "x"})
    mirror = opened(repository.path)
    found = [mirror.text(path) for path in (".git-blame-ignore-revs", "nowhere", "folder")]
    assert found == ["one\n\ufffd", "", ""]


def test_a_long_history_is_streamed_in_one_go(git_repository: Make, opened: Open) -> None:
    """More than a pipe holds."""
    repository = git_repository()
    stream = "".join(
        f"commit refs/heads/main\ncommitter {ANN} {1767600000 + number} +0000\ndata 200\n{'x' * 199}\n"
        f"M 100644 inline a.py\ndata 6\n{number:05}\n\n"
        for number in range(3000)
    )
    repository.git("fast-import", "--quiet", said=stream.encode())
    mirror = opened(repository.path)
    commits = told(mirror)
    assert [commit.committed_at for commit in commits] == [
        MONDAY - timedelta(hours=1) + timedelta(seconds=number) for number in range(3000)
    ]
