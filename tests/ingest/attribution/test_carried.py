"""What is said of the commits of a pull request reaches what landed of it, line by line and no further."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from ingest import warehouse
from ingest.attribution import attribute, carried, notes
from ingest.attribution.rules import Rules
from ingest.git import history
from ingest.git.mirror import reopen_mirror
from ingest.persons import Persons
from ingest.settings import Organisation, Repository, Settings
from tests.conftest import GitRepository

DEPENDABOT = "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"
CLAUDE = "Co-authored-by: Claude <noreply@anthropic.com>"
Rows = list[tuple[object, ...]]


class Forge:
    """A repository whose pull requests are squashed or rebased, as a forge does it, and what was read of it."""

    def __init__(self, repository: GitRepository, data: Path, rules: Rules) -> None:
        self.repository, self.con = repository, duckdb.connect()
        settings = Settings(Organisation(data=data), file=data / "settings.toml")
        self.reader = history.Reader(settings, Persons(b"a key for tests"), rules, lambda commits, _: commits)
        warehouse.migrate(self.con)
        self.con.execute("insert into attribution_declarations values ('2021-06-29')")

    def commit(self, message: str, **files: str) -> str:
        return self.repository.commit(message, {f"{name}.py": text for name, text in files.items()})

    def branch(self, name: str = "work", start: str = "main") -> None:
        self.repository.git("checkout", "--quiet", "-B", name, start)

    def land(self, number: int, body: str = "", **files: str) -> str:
        """Close a pull request whose head is where we are: its branch goes, and one commit on main is left of it."""
        self.repository.git("update-ref", f"refs/pull/{number}/head", "HEAD")
        self.repository.git("checkout", "--quiet", "main")
        return self.commit(f"Land it (#{number})\n\n{body}", **files)

    def note(self, sha: str, path: str, lines: str) -> None:
        session = {"agent_id": {"tool": "claude", "model": "m"}}
        metadata = {"schema_version": "authorship/3.0.0", "prompts": {}, "sessions": {"s_22222222222222": session}}
        text = f"{path}\n  s_22222222222222::t_1 {lines}\n---\n{json.dumps(metadata)}"
        self.repository.git("notes", f"--ref={notes.REF}", "add", "--force", "--message", text, sha)

    def night(self) -> attribute.Read | None:
        history.ingest(self.con, Repository("shop", str(self.repository.path)), self.reader)
        stands = self.con.execute("select branch, head_sha from repos").fetchall()[0]
        mirror = reopen_mirror(
            Repository("shop", str(self.repository.path)), history.mirrors(self.reader.settings), Path(), stands
        )
        return attribute.attribute(self.con, mirror, self.reader)

    def carried(self) -> Rows:
        query = "select sha, path, lines, class, confidence from evidence where source = ? order by all"
        return self.con.execute(query, [carried.SOURCE]).fetchall()

    def records(self) -> Rows:
        query = "select sha, outcome, ai_lines, detail from line_records where source = ? order by all"
        return self.con.execute(query, [carried.SOURCE]).fetchall()


@pytest.fixture
def forge(git_repository: Callable[..., GitRepository], tmp_path: Path, rules: Rules) -> Iterator[Forge]:
    made = Forge(git_repository(), tmp_path / "data", rules)
    made.commit("Begin", a=text("one", "two", "three"))
    yield made
    made.con.close()


def text(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def test_a_mark_on_one_commit_reaches_the_lines_that_it_wrote_and_no_others(forge: Forge) -> None:
    forge.branch()
    forge.commit("By hand", a=text("one", "two", "by hand", "three"))
    marked = forge.commit(f"By a tool\n\n{CLAUDE}\n", a=text("by a tool", "one", "two", "by hand", "three", "another"))
    squash = forge.land(7, CLAUDE, a=text("by a tool", "one", "two", "by hand", "three", "another"))
    forge.night()

    assert forge.carried() == [(squash, "a.py", "1,6", "ai", "declared")]
    assert forge.records() == [(squash, "read", 2, "")]
    detail = forge.con.execute("select detail from evidence where source = ?", [carried.SOURCE]).fetchall()
    assert detail == [(f"pull request #7: these lines are those of {marked}, of which git says so",)]


def test_a_note_on_a_commit_of_the_branch_is_followed_to_where_its_lines_stand_in_the_squash(forge: Forge) -> None:
    forge.branch()
    noted = forge.commit("Add", b=text("first", "second", "third"))
    forge.commit("Push it down", b=text("above", "first", "third"))
    forge.note(noted, "b.py", "1-2")
    squash = forge.land(8, b=text("above", "first", "third"))
    forge.night()

    assert forge.carried() == [(squash, "b.py", "2", "ai", "recorded")]


def test_where_the_branch_moved_on_in_a_file_nobody_knows_which_line_is_whose_and_that_is_said(forge: Forge) -> None:
    forge.branch()
    forge.commit(f"By a tool\n\n{CLAUDE}\n", a=text("one", "two", "three", "new"), b=text("new"))
    forge.repository.git("checkout", "--quiet", "main")
    forge.commit("Meanwhile", a=text("zero", "one", "two", "three"))
    forge.repository.git("checkout", "--quiet", "work")
    both = forge.land(9, a=text("zero", "one", "two", "three", "new"), b=text("new"))
    forge.branch("work2")
    forge.commit(f"By a tool again\n\n{CLAUDE}\n", a=text("zero", "one", "two", "three", "new", "newer"))
    none = forge.land(10, a=text("zero", "newer"))
    forge.night()

    assert forge.carried() == [(both, "b.py", "1", "ai", "declared")]
    assert sorted(forge.records()) == sorted(
        [
            (both, "partly", 1, "pull request #9: 1 of 2 files"),
            (none, "refused", 0, "pull request #10: 0 of 1 files"),
        ]
    )
    said = forge.con.execute("select reason from rejects order by all").fetchall()
    assert len(said) == 2


def test_a_branch_that_took_the_main_line_in_is_replayed_over_its_merges(forge: Forge) -> None:
    forge.branch()
    forge.commit(f"By a tool\n\n{CLAUDE}\n", a=text("by a tool", "one", "two", "three"))
    forge.repository.git("checkout", "--quiet", "main")
    forge.commit("Meanwhile", a=text("one", "two", "three", "meanwhile"))
    forge.repository.git("checkout", "--quiet", "work")
    forge.repository.git("merge", "--quiet", "--no-edit", "main")
    forge.commit("By hand", a=text("by a tool", "one", "two", "three", "meanwhile", "by hand"))
    squash = forge.land(11, a=text("by a tool", "one", "two", "three", "meanwhile", "by hand"))
    forge.night()

    assert forge.carried() == [(squash, "a.py", "1", "ai", "declared")]


def test_a_file_that_the_branch_renamed_before_it_wrote_in_it_is_followed(forge: Forge) -> None:
    forge.branch()
    forge.repository.git("mv", "a.py", "b.py")
    forge.repository.git("commit", "--quiet", "--message", "Rename")
    forge.commit(f"By a tool\n\n{CLAUDE}\n", b=text("by a tool", "one", "two", "three"))
    forge.repository.git("update-ref", "refs/pull/12/head", "HEAD")
    forge.repository.git("checkout", "--quiet", "main")
    forge.repository.git("merge", "--quiet", "--squash", "work")
    forge.repository.git("commit", "--quiet", "--message", "Land it (#12)")
    forge.night()

    assert [row[1:] for row in forge.carried()] == [("b.py", "1", "ai", "declared")]


def test_a_rebased_commit_takes_the_note_of_what_it_was_where_the_patches_are_equal(forge: Forge) -> None:
    forge.branch()
    noted = forge.commit("Add", a=text("one", "new", "two", "three"))
    other = forge.commit("Change", a=text("one", "new", "two", "THREE"))
    forge.note(noted, "a.py", "2")
    forge.note(other, "a.py", "4")
    forge.repository.git("update-ref", "refs/pull/13/head", "HEAD")
    forge.repository.git("checkout", "--quiet", "main")
    forge.commit("Meanwhile", a=text("zero", "one", "two", "three"))
    forge.repository.git("cherry-pick", noted)
    landed = forge.repository.git("rev-parse", "HEAD")
    forge.repository.git("cherry-pick", "--no-commit", other)
    (forge.repository.path / "a.py").write_text(text("zero", "one", "new", "two", "otherwise"))
    forge.repository.git("commit", "--all", "--quiet", "--reuse-message", other)
    changed = forge.repository.git("rev-parse", "HEAD")
    forge.night()

    assert forge.carried() == [(landed, "a.py", "3", "ai", "recorded")]
    assert sorted(forge.records()) == sorted([(landed, "read", 1, ""), (changed, "refused", 0, other)])
    assert forge.night() is None


def test_of_several_commits_that_a_rebased_one_may_have_been_the_one_with_its_patch_is_it(forge: Forge) -> None:
    forge.branch()
    first = forge.commit("Add", a=text("one", "two", "three", "new"))
    forge.note(first, "a.py", "4")
    forge.repository.git("update-ref", "refs/pull/20/head", "HEAD")
    forge.repository.git("commit", "--amend", "--quiet", "--no-edit", "--allow-empty")
    (forge.repository.path / "a.py").write_text(text("one", "two", "three", "newer"))
    forge.repository.git("commit", "--all", "--amend", "--quiet", "--no-edit")
    second = forge.repository.git("rev-parse", "HEAD")
    forge.note(second, "a.py", "4")
    forge.repository.git("update-ref", "refs/pull/21/head", "HEAD")
    forge.repository.git("checkout", "--quiet", "main")
    forge.commit("Meanwhile", b="b\n")
    forge.repository.git("cherry-pick", first)
    landed = forge.repository.git("rev-parse", "HEAD")
    forge.night()

    assert forge.carried() == [(landed, "a.py", "4", "ai", "recorded")]


def test_nothing_is_carried_where_nothing_is_said_or_the_commit_speaks_for_itself(forge: Forge) -> None:
    forge.branch()
    forge.commit("By hand", a=text("one"))
    forge.land(14, a=text("one"))
    forge.branch("work2")
    marked = forge.commit(f"By a tool\n\n{CLAUDE}\n", b=text("new"))
    squash = forge.land(15, b=text("new"))
    forge.note(squash, "b.py", "1")
    forge.branch("work3")
    forge.repository.commit("Bump", {"c.py": "new\n"}, author=DEPENDABOT)
    forge.land(16, c="new\n")
    forge.night()

    assert marked
    assert forge.carried() == []
    assert forge.records() == []


def test_a_second_night_carries_only_what_is_new_and_a_late_note_is_carried_too(forge: Forge) -> None:
    forge.branch()
    first = forge.commit("Add", b=text("first", "second"))
    squash = forge.land(17, b=text("first", "second"))
    forge.night()
    assert forge.carried() == []

    forge.note(first, "b.py", "2")
    assert forge.night() is not None
    assert forge.carried() == [(squash, "b.py", "2", "ai", "recorded")]
    assert forge.night() is None

    forge.note(first, "b.py", "1")
    forge.night()
    assert forge.carried() == [(squash, "b.py", "1", "ai", "recorded")]
    forge.repository.git("update-ref", "-d", notes.REF)
    forge.night()
    assert forge.carried() == []
    assert forge.records() == []


def test_a_squash_that_adds_no_line_is_decided_by_its_own_marks(forge: Forge) -> None:
    forge.branch()
    forge.commit(f"Delete\n\n{CLAUDE}\n", a=text("one", "three"))
    squash = forge.land(22, CLAUDE, a=text("one", "three"))
    forge.night()
    forge.con.execute("insert into privacy values (5)")
    warehouse.derive(forge.con, ["shop"])

    assert forge.records() == [(squash, "refused", 0, "")]
    assert forge.con.execute("select reason from rejects").fetchall() == []
    assert forge.con.execute("select cohort from mainline_changes where landed_sha = ?", [squash]).fetchall() == [
        ("ai",)
    ]


def test_where_lines_of_a_squash_are_a_bots_the_rest_of_them_is_nobodys(forge: Forge) -> None:
    forge.branch()
    forge.repository.commit("Bump", {"c.py": "new\n"}, author=DEPENDABOT)
    forge.commit(f"By a tool\n\n{CLAUDE}\n", b="new\n")
    squash = forge.land(23, b="new\n", c="new\n")
    forge.night()

    assert forge.carried() == [(squash, "b.py", "1", "ai", "declared")]
    assert [row[1] for row in forge.records()] == ["partly"]


def test_a_number_of_another_kind_of_request_is_no_pull_request(forge: Forge) -> None:
    forge.branch()
    forge.commit(f"By a tool\n\n{CLAUDE}\n", b="new\n")
    forge.repository.git("update-ref", "refs/merge-requests/24/head", "HEAD")
    forge.repository.git("checkout", "--quiet", "main")
    forge.commit("Mend the issue (#24)", b="new\n")
    forge.night()

    assert forge.carried() == []


def test_where_two_recorders_contradict_each_other_the_surer_one_is_carried(forge: Forge) -> None:
    forge.branch()
    noted = forge.commit("Add", b=text("1", "2", "3", "4", "5"))
    forge.note(noted, "b.py", "2")
    squash = forge.land(25, b=text("1", "2", "3", "4", "5"))
    query = """
        insert into evidence values
            (?, 'shop', ?, 'b.py', ?, 'line', ?, null, null, null, 'another', ?, 'r', '', timestamp '2026-11-02', '1')
    """
    for class_, confidence, lines in (("human", "declared", "1-5"), ("ai", "inferred", "3")):
        forge.con.execute(query, [class_, noted, lines, class_, confidence])
    forge.night()

    assert forge.carried() == [
        (squash, "b.py", "1,3-5", "human", "declared"), (squash, "b.py", "2", "ai", "recorded"),
    ]  # fmt: skip
