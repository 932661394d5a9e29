import dataclasses
import random
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from ingest.git import history
from ingest.persons import Persons
from ingest.settings import Repository
from tests.conftest import ANN, BOB, GitRepository, migrated

Make = Callable[..., GitRepository]
Con = duckdb.DuckDBPyConnection
Rows = list[tuple[object, ...]]
TABLES = {
    "commits": "select * from commits order by repo, sha",
    "changes": "select * from changes order by repo, sha, path",
    "mainline": "select * from mainline order by repo, mainline_no",
    **{name: f"select * from {name} order by all" for name in ("line_births", "line_deaths", "line_moves", "rework")},
    "duplication": "select * from duplication order by all",
    "repos": "select * exclude ingested_at from repos order by repo",
    "states": "select cursor_value, config, data_from from source_states",
}


@pytest.fixture
def con() -> Iterator[Con]:
    with migrated() as con:
        yield con


def read(con: Con, repository: GitRepository, reader: history.Reader, branch: str | None = None) -> history.Read | None:
    return history.ingest(con, Repository("shop", str(repository.path), branch), reader)


def tables(con: Con) -> dict[str, Rows]:
    return {name: con.execute(query).fetchall() for name, query in TABLES.items()}


def from_scratch(repository: GitRepository, reader: history.Reader, branch: str | None = None) -> dict[str, Rows]:
    with migrated() as con:
        read(con, repository, reader, branch)
        return tables(con)


def test_a_history_becomes_commits_changes_and_a_main_line(
    git_repository: Make, con: Con, reader: history.Reader
) -> None:
    shop = git_repository()
    root = shop.commit("Begin", {"a.py": "one\n"})
    shop.git("checkout", "--quiet", "-b", "side")
    side = shop.commit("Fix a crash\n\nIt was introduced in #5. Closes #7\n", {"a.py": "two\n"}, BOB)
    shop.git("checkout", "--quiet", "main")
    merge = shop.merge("side", message="Merge pull request #12 from acme/side")

    assert read(con, shop, reader) == history.Read(3, "")

    ann, bob = (reader.persons.hash("email", email) for email in ("ann@example.com", "bob@example.com"))
    nine, ten, eleven = (datetime(2026, 1, 5, hour) for hour in (9, 10, 11))  # noqa: DTZ001
    assert con.execute("select * from commits order by committed_at").fetchall() == [
        ("shop", root, [], ann, ann, nine, nine, root, 0, False, False, "Begin", "bulk", [], [], None, []),
        ("shop", side, [root], bob, bob, ten, ten, merge, None, False, False, "Fix a crash", "fix", [], ["#7"], None,
         ["#5"]),
        ("shop", merge, [root, side], ann, ann, eleven, eleven, merge, 1, True, False,
         "Merge pull request #12 from acme/side", "merge", [], [], None, []),
    ]  # fmt: skip
    assert con.execute("select * from mainline order by mainline_no").fetchall() == [
        ("shop", root, 0, nine, None), ("shop", merge, 1, eleven, 12),
    ]  # fmt: skip
    assert con.execute("select * from changes order by sha = ?", [side]).fetchall() == [
        ("shop", root, 0, "a.py", None, "added", "source", "Python", 1, 0, 0, 0, 0, 0, 0, 0),
        ("shop", side, 0, "a.py", None, "modified", "source", "Python", 1, 1, 0, 0, 0, 0, 0, 0),
    ]  # fmt: skip
    assert con.execute("select * exclude ingested_at from repos").fetchall() == [
        ("shop", str(shop.path), "main", merge, "merge", None)
    ]


def test_nothing_new_reads_nothing(git_repository: Make, con: Con, reader: history.Reader) -> None:
    shop = git_repository()
    shop.commit()
    read(con, shop, reader)
    before = con.execute("select * from repos").fetchall(), tables(con)
    assert read(con, shop, reader) is None
    assert (con.execute("select * from repos").fetchall(), tables(con)) == before


class Story:
    """What a team does to a repository, a step at a time and at random."""

    def __init__(self, shop: GitRepository, seed: int) -> None:
        self.shop, self.chance, self.count = shop, random.Random(seed), 0  # noqa: S311

    def commit(self) -> None:
        self.count += 1
        file = f"{self.chance.choice('abc')}{self.count if self.chance.random() < 0.3 else ''}.py"
        marks = self.chance.choice(["", "\n\nCo-authored-by: Claude <noreply@anthropic.com>\n", f" (#{self.count})"])
        self.shop.commit(f"Step {self.count}{marks}", {file: f"{self.count}\n"}, self.chance.choice([ANN, BOB]))

    def branch(self) -> None:
        self.shop.git("checkout", "--quiet", "-B", "side", f"main~{self.chance.randrange(3)}")
        self.commit()
        self.commit()
        self.shop.git("checkout", "--quiet", "main")

    def merge(self) -> None:
        self.branch()
        self.commit()
        self.shop.merge("side")

    def foxtrot(self) -> None:
        """A merge whose first parent is the branch: the old line comes in from the side."""
        self.branch()
        self.shop.git("checkout", "--quiet", "side")
        self.shop.merge("main")
        self.shop.git("checkout", "--quiet", "-B", "main")

    def fast_forward(self) -> None:
        self.shop.git("checkout", "--quiet", "-B", "side", "main")
        self.commit()
        self.merge_main()
        self.shop.git("checkout", "--quiet", "-B", "main")

    def merge_main(self) -> None:
        self.shop.git("checkout", "--quiet", "-B", "other", "side~1")
        self.commit()
        self.shop.git("checkout", "--quiet", "side")
        self.shop.merge("other")

    def force_push(self) -> None:
        self.shop.git("reset", "--quiet", "--hard", f"main~{self.chance.randrange(1, 3)}")
        self.commit()

    def rename(self) -> None:
        self.shop.commit(files={".mailmap": f"Bob <bob{self.chance.randrange(9)}@example.com> <bob@example.com>\n"})

    def reformat(self) -> None:
        self.shop.commit(files={".git-blame-ignore-revs": self.shop.git("rev-parse", "HEAD") + "\n"})

    def step(self) -> str:
        names = ["commit", "commit", "merge", "foxtrot", "fast_forward", "force_push", "rename", "reformat"]
        name = self.chance.choice(names)
        getattr(self, name)()
        return name


@pytest.mark.parametrize("seed", range(3))
def test_reading_night_by_night_is_reading_at_once(
    git_repository: Make, con: Con, reader: history.Reader, seed: int
) -> None:
    shop = git_repository()
    story = Story(shop, seed)
    for _ in range(4):
        story.commit()
    told = []
    for _ in range(7):
        name = story.step()
        told.append((name, read(con, shop, reader)))
        assert tables(con) == from_scratch(shop, reader), told
    assert any(came and not came.detail for _, came in told), "no night read only what was new"


def test_a_force_push_is_read_again_and_says_so(git_repository: Make, con: Con, reader: history.Reader) -> None:
    shop = git_repository()
    shop.commit()
    gone = shop.commit()
    read(con, shop, reader)
    shop.git("reset", "--quiet", "--hard", "HEAD~1")
    shop.commit("Another")
    expected = f"read again from the start: main was rewritten: {gone[:12]} is no longer in it"
    assert read(con, shop, reader) == history.Read(2, expected)
    assert tables(con) == from_scratch(shop, reader)


def test_a_branch_that_was_set_back_is_read_again(git_repository: Make, con: Con, reader: history.Reader) -> None:
    shop = git_repository()
    shop.commit()
    shop.commit()
    read(con, shop, reader)
    shop.git("reset", "--quiet", "--hard", "HEAD~1")
    assert (read(con, shop, reader) or history.Read(0, "")).rows == 1
    assert tables(con) == from_scratch(shop, reader)


def test_a_merge_that_takes_the_old_line_in_from_the_side_is_read_again(
    git_repository: Make, con: Con, reader: history.Reader
) -> None:
    shop = git_repository()
    shop.commit(files={"a.py": "one\n"})
    shop.git("branch", "side")
    shop.commit(files={"a.py": "two\n"})
    read(con, shop, reader)
    shop.git("checkout", "--quiet", "side")
    shop.commit(files={"b.py": "one\n"})
    shop.merge("main")
    shop.git("branch", "--force", "main", "side")
    shop.git("checkout", "--quiet", "main")
    assert read(con, shop, reader) == history.Read(4, "read again from the start: the first-parent line was rewritten")
    assert tables(con) == from_scratch(shop, reader)


@pytest.mark.parametrize("file", [".mailmap", ".git-blame-ignore-revs"])
def test_a_file_that_changes_what_commits_mean_is_a_reason_to_read_again(
    git_repository: Make, con: Con, reader: history.Reader, file: str
) -> None:
    shop = git_repository()
    shop.commit()
    sha = shop.commit("Sort imports", {"a.py": "one\n"}, author=BOB)
    read(con, shop, reader)
    shop.commit(
        files={file: f"{sha}\n" if file == ".git-blame-ignore-revs" else "Bob <b@example.com> <bob@example.com>\n"}
    )
    assert read(con, shop, reader) == history.Read(3, f"read again from the start: another {file}")
    email = "b@example.com" if file == ".mailmap" else "bob@example.com"
    kind = "feature" if file == ".mailmap" else "format"
    assert con.execute("select author, kind from commits where sha = ?", [sha]).fetchall() == [
        (reader.persons.hash("email", email), kind)
    ]


def test_another_branch_or_key_is_a_reason_to_read_again_and_another_rule_file_is_none(
    git_repository: Make, con: Con, reader: history.Reader
) -> None:
    shop = git_repository()
    shop.commit()
    shop.git("branch", "release")
    read(con, shop, reader)
    another_key = reader._replace(persons=Persons(b"another key"))
    another_rule = another_key._replace(rules=dataclasses.replace(reader.rules, version="another"))
    assert [read(con, shop, other, "release") for other in (reader, another_key, another_rule)] == [
        history.Read(1, "read again from the start: another branch"),
        history.Read(1, "read again from the start: another key of the pseudonyms"),
        None,
    ]


def test_a_shallow_clone_begins_with_a_boundary_whose_diff_is_not_counted(
    git_repository: Make, con: Con, reader: history.Reader, tmp_path: Path
) -> None:
    origin = git_repository("origin")
    made = [origin.commit(files={f"{number}.py": "one\n"}) for number in range(4)]
    origin.git("clone", "--quiet", "--depth=2", f"file://{origin.path}", "../shallow")
    shallow = GitRepository(tmp_path / "shallow", origin.clock)

    read(con, shallow, reader)
    assert con.execute("select sha, is_boundary from commits order by mainline_no").fetchall() == [
        (made[2], True), (made[3], False),
    ]  # fmt: skip
    assert con.execute("select sha, path from changes").fetchall() == [(made[3], "3.py")]
    assert con.execute("select history_from from repos").fetchall() == [(datetime(2026, 1, 5, 11),)]  # noqa: DTZ001

    shallow.git("fetch", "--quiet", "--unshallow")
    assert read(con, shallow, reader) == history.Read(4, "read again from the start: another shallow boundary")
    assert con.execute("select history_from from repos").fetchall() == [(None,)]
    assert con.execute("select count(*) from changes").fetchall() == [(4,)]


def test_a_commit_that_cannot_be_counted_says_why(git_repository: Make, con: Con, reader: history.Reader) -> None:
    shop = git_repository()
    first = shop.commit(files={"a.py": "one\n"})
    broken = shop.commit(files={"b.py": "gone\n"})
    last = shop.commit(files={"c.py": "three\n"})
    blob = shop.git("rev-parse", f"{broken}:b.py")
    shop.object_file(blob).unlink()
    read(con, shop, reader)
    assert con.execute("select sha, unread from commits order by mainline_no").fetchall() == [
        (first, None), (broken, f"unable to read {blob}"), (last, None),
    ]  # fmt: skip
    assert con.execute("select sha, path, added, moved from changes order by path").fetchall() == [
        (first, "a.py", 1, 0), (broken, "b.py", None, None), (last, "c.py", 1, 0),
    ]  # fmt: skip


def test_a_text_too_large_to_be_read_is_told_and_its_lines_are_of_nobody_when_they_are_read(
    git_repository: Make, con: Con, reader: history.Reader
) -> None:
    shop = git_repository()
    long = ["x" * (1 << 20) + str(number) for number in range(20)]
    small = shop.commit(files={"a.txt": "one\ntwo\n"})
    grown = shop.commit(files={"a.txt": "\n".join([*long, "one", "two"]) + "\n"})
    cut = shop.commit(files={"a.txt": "\n".join([*long[:2], "one", "two"]) + "\n"})
    read(con, shop, reader)

    assert con.execute("select sha, unread from commits order by mainline_no").fetchall() == [
        (small, None), (grown, "a.txt: a text of 20 MB, and lines are read up to 16 MB"), (cut, None),
    ]  # fmt: skip
    assert con.execute("select sha, added, deleted from changes where sha = ?", [grown]).fetchall() == [
        (grown, None, None)
    ]
    assert con.execute("select sha, operation, sum(lines) from line_births group by all order by all").fetchall() == (
        sorted([(small, "added", 2), (cut, "found", 4)])
    )
    assert con.execute("select count(*) from line_deaths where sha = ?", [grown]).fetchall() == [(0,)]


def test_kinds_of_commits(git_repository: Make, con: Con, reader: history.Reader) -> None:
    shop = git_repository()
    shop.commit("Import")
    fix = shop.commit("Fix retry", {"a.py": "one\n"})
    shop.commit(f'Revert "Fix retry"\n\nThis reverts commit {fix}.\n', {"a.py": None})
    shop.commit("Add a dictionary", {"words": "word\n" * 10_001})
    shop.commit("Shorten it", {"words": "word\n" * 5_000})
    read(con, shop, reader)
    assert con.execute("select kind, reverts from commits order by mainline_no").fetchall() == [
        ("bulk", []), ("fix", []), ("revert", [fix]), ("bulk", []), ("feature", []),
    ]  # fmt: skip


def landed_by(shop: GitRepository, how: str) -> None:
    """One change, as a team lands it that merges, squashes, rebases or pushes."""
    if how == "merge":
        shop.git("checkout", "--quiet", "-B", "side")
        shop.commit()
        shop.git("checkout", "--quiet", "main")
        shop.merge("side")
    elif how == "rebase":
        options = ["--quiet", "--allow-empty", "--message", "Add", "--date", "2026-01-01T00:00:00+0000"]
        shop.git("commit", *options)
    else:
        shop.commit("Add retry (#12)" if how == "squash" else "Add retry")


@pytest.mark.parametrize(
    ("hows", "mode"),
    [
        (["merge"] * 2 + ["linear"], "merge"),
        (["squash"] * 2 + ["linear"], "squash"),
        (["rebase"] * 2 + ["linear"], "rebase"),
        (["linear"] * 3, "linear"),
        (["merge", "squash", "squash", "linear"], "squash"),
        (["merge"] + ["linear"] * 4, "linear"),
    ],
)
def test_how_a_repository_integrates(
    git_repository: Make, con: Con, reader: history.Reader, hows: list[str], mode: str
) -> None:
    shop = git_repository()
    shop.commit("Begin")
    for how in hows:
        landed_by(shop, how)
    read(con, shop, reader)
    assert con.execute("select integration_mode from repos").fetchall() == [(mode,)]


def test_two_repositories_keep_apart(git_repository: Make, con: Con, reader: history.Reader) -> None:
    shop, twin = git_repository("shop"), git_repository("twin")
    for repository in (shop, twin):
        repository.commit()
        history.ingest(con, Repository(repository.path.name, str(repository.path)), reader)
    shop.git("commit", "--quiet", "--amend", "--allow-empty", "--message", "Another")
    read(con, shop, reader)
    assert con.execute("select repo, subject, mainline_no from commits order by repo").fetchall() == [
        ("shop", "Another", 0), ("twin", "Add a line", 0),
    ]  # fmt: skip
