"""Small histories a reader can book in his head, read into a warehouse and compared row by row."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from ingest.errors import HistoryError
from ingest.git import history, lineage
from ingest.settings import Repository
from tests.conftest import BOB, GitRepository, migrated

Make = Callable[..., GitRepository]
Rows = list[tuple[object, ...]]


class Shop:
    """A repository and what was read of it; commits are told by their subjects."""

    def __init__(self, repository: GitRepository, con: duckdb.DuckDBPyConnection, reader: history.Reader) -> None:
        self.repository, self.con, self.reader = repository, con, reader

    def read(self) -> history.Read | None:
        return history.ingest(self.con, Repository("shop", str(self.repository.path)), self.reader)

    def commit(self, subject: str, **files: str | bytes | None) -> str:
        """A commit; the file `a` is a.py."""
        return self.repository.commit(subject, {f"{name}.py": content for name, content in files.items()})

    def branch(self, name: str, start: str = "HEAD") -> None:
        """Work on a new branch, or go on with an old one where `start` is ''."""
        self.repository.git("checkout", "--quiet", *(["-b", name, start] if start else [name]))

    def merge(self, *branches: str, subject: str = "Merge", **files: str | bytes | None) -> str:
        """Bring branches into main; `files` are what the merge makes of them, whatever they were."""
        self.branch("main", "")
        self.repository.git(
            "merge", "--no-commit", "--no-ff", "--strategy", "ours", "--allow-unrelated-histories", *branches
        )
        for branch in branches:  # ours and everything that only they have; what both have, the caller says
            self.repository.git("checkout", branch, "--", ".")
        return self.commit(subject, **files)

    def rows(self, query: str) -> Rows:
        names = dict(self.con.execute("select sha, subject from commits").fetchall())
        found = self.con.execute(query).fetchall()
        return [tuple(names.get(value, value) if isinstance(value, str) else value for value in row) for row in found]

    def births(self) -> Rows:
        """Where it landed, who wrote it, path, first line, lines, operation."""
        return self.rows("""
            select line_births.landed_sha, sha, path, start_line, lines, operation
            from line_births join mainline using (repo, landed_sha) order by mainline_no, path, start_line
        """)

    def deaths(self) -> Rows:
        """Where it landed, who took it out, path, first line, lines, who wrote it, how."""
        return self.rows("""
            select line_deaths.landed_sha, sha, path, start_line, lines, birth_sha, death_kind
            from line_deaths join mainline using (repo, landed_sha) order by mainline_no, path, start_line
        """)

    def moves(self) -> Rows:
        return self.rows("""
            select landed_sha, sha, from_path, to_path, start_line, lines, birth_landed_sha from line_moves order by all
        """)

    def rework(self) -> Rows:
        return self.rows("select landed_sha, sha, death_sha, lines from rework order by all")


@pytest.fixture
def shop(git_repository: Make, reader: history.Reader) -> Iterator[Shop]:
    with migrated() as con:
        yield Shop(git_repository(), con, reader)


def text(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


BLOCK = [f"price_{number} = list_price({number}) * discount" for number in range(6)]


def test_two_branches_that_delete_the_same_line_make_one_death(shop: Shop) -> None:
    shop.commit("Begin", a=text("one", "two", "three"))
    for name in ("left", "right"):
        shop.branch(name, "main")
        shop.commit(f"Delete on the {name}", a=text("one", "three"))
    for name in ("left", "right"):
        shop.merge(name, subject=f"Merge {name}", a=text("one", "three"))
    shop.read()
    assert shop.births() == [("Begin", "Begin", "a.py", 1, 3, "added")]
    assert shop.deaths() == [("Merge left", "Delete on the left", "a.py", 2, 1, "Begin", "deleted")]


def test_one_patch_on_two_branches_makes_one_birth(shop: Shop) -> None:
    shop.commit("Begin", a=text("one"))
    for name in ("left", "right"):
        shop.branch(name, "main")
        shop.commit(f"Add on the {name}", a=text("one", "two"))
    for name in ("left", "right"):
        shop.merge(name, subject=f"Merge {name}", a=text("one", "two"))
    shop.read()
    assert shop.births() == [
        ("Begin", "Begin", "a.py", 1, 1, "added"),
        ("Merge left", "Add on the left", "a.py", 2, 1, "added"),
    ]
    assert (shop.deaths(), shop.rework()) == ([], [])


def test_a_line_that_is_lost_in_a_merges_resolution_dies_in_the_merge(shop: Shop) -> None:
    shop.commit("Begin", a=text("one", "two", "three"))
    shop.branch("side")
    shop.commit("Add", b=text("more"))
    shop.merge("side", a=text("one", "three"))
    shop.read()
    assert shop.deaths() == [("Merge", "Merge", "a.py", 2, 1, "Begin", "deleted")]


def test_a_line_that_a_branch_writes_and_the_merge_loses_is_rework(shop: Shop) -> None:
    shop.commit("Begin", a=text("one"))
    shop.branch("side")
    shop.commit("Add", a=text("one", "two", "three"))
    shop.merge("side", a=text("one", "two"))
    shop.read()
    assert shop.births()[1:] == [("Merge", "Add", "a.py", 2, 1, "added")]
    assert (shop.deaths(), shop.rework()) == ([], [("Merge", "Add", "Merge", 1)])


def test_a_line_that_is_written_and_removed_on_a_branch_is_rework_and_never_lands(shop: Shop) -> None:
    shop.commit("Begin", a=text("one"))
    shop.branch("side")
    shop.commit("Add", a=text("one", "two", "three"))
    shop.commit("Think again", a=text("one", "three"))
    shop.merge("side", a=text("one", "three"))
    shop.read()
    assert shop.births()[1:] == [("Merge", "Add", "a.py", 2, 1, "added")]
    assert (shop.deaths(), shop.rework()) == ([], [("Merge", "Add", "Think again", 1)])


def test_a_branch_takes_out_and_writes_lines_in_its_own_commits_names(shop: Shop) -> None:
    shop.commit("Begin", a=text("total = price", "print(total)"))
    shop.branch("side")
    shop.commit("Add tax", a=text("total = price + tax", "print(total)"))
    shop.commit("Be quiet", a=text("total = price + tax"))
    shop.merge("side", a=text("total = price + tax"))
    shop.read()
    assert shop.births()[1:] == [("Merge", "Add tax", "a.py", 1, 1, "updated")]
    assert shop.deaths() == [
        ("Merge", "Add tax", "a.py", 1, 1, "Begin", "updated"),
        ("Merge", "Be quiet", "a.py", 2, 1, "Begin", "deleted"),
    ]


def test_what_an_evil_merge_writes_is_its_own(shop: Shop) -> None:
    shop.commit("Begin", a=text("one"))
    shop.branch("side")
    shop.commit("Add", a=text("one", "two"))
    shop.merge("side", a=text("one", "two", "nobody asked for this"))
    shop.read()
    assert shop.births()[1:] == [
        ("Merge", "Add", "a.py", 2, 1, "added"),
        ("Merge", "Merge", "a.py", 3, 1, "added"),
    ]


def test_a_merge_that_keeps_only_ours_brings_nothing_but_rework(shop: Shop) -> None:
    shop.commit("Begin", a=text("one"))
    shop.branch("side")
    shop.commit("Add", a=text("one", "two"), b=text("three"))
    shop.merge("side", a=text("one"), b=None)
    shop.read()
    assert shop.births()[1:] == []
    assert (shop.deaths(), shop.rework()) == ([], [("Merge", "Add", "Merge", 2)])


def test_another_history_comes_in_below_a_folder(shop: Shop) -> None:
    shop.commit("Begin", a=text("one"))
    shop.repository.git("checkout", "--quiet", "--orphan", "other")
    shop.repository.git("rm", "--quiet", "-r", "-f", ".")
    shop.commit("Other", x=text(*BLOCK))
    shop.branch("main", "")
    shop.repository.git("merge", "--no-commit", "--strategy", "ours", "--allow-unrelated-histories", "other")
    shop.repository.commit("Merge", {"lib/x.py": text(*BLOCK)})
    shop.read()
    assert shop.births()[1:] == [("Merge", "Other", "lib/x.py", 1, 6, "added")]


def test_an_octopus_brings_every_branch_in_its_own_name(shop: Shop) -> None:
    shop.commit("Begin", a=text("one"))
    for name in "bcd":
        shop.branch(name, "main")
        shop.commit(f"Add {name}", **{name: text(name)})
    shop.merge("b", "c", "d")
    shop.read()
    assert shop.births()[1:] == [("Merge", f"Add {name}", f"{name}.py", 1, 1, "added") for name in "bcd"]


def test_a_revert_brings_lines_back_as_restored(shop: Shop) -> None:
    shop.commit("Begin", a=text("one", "two", "three"))
    gone = shop.commit("Delete", a=text("one"))
    back = shop.commit(f"Revert\n\nThis reverts commit {gone}.", a=text("one", "two", "three"))
    shop.commit(f"Revert the revert\n\nThis reverts commit {back}.", a=text("one"))
    shop.read()
    assert shop.births() == [
        ("Begin", "Begin", "a.py", 1, 3, "added"),
        ("Revert", "Begin", "a.py", 2, 2, "restored"),
    ]
    assert shop.deaths() == [
        ("Delete", "Delete", "a.py", 2, 2, "Begin", "deleted"),
        ("Revert the revert", "Revert the revert", "a.py", 2, 2, "Begin", "deleted"),
    ]
    births, deaths = (
        shop.rows(f"select first_line from {table} order by lines")[0] for table in ("line_births", "line_deaths")
    )
    assert (births[0], deaths[0]) == (2, 2)


def test_the_revert_of_a_revert_brings_back_what_was_added(shop: Shop) -> None:
    shop.commit("Begin", a=text("one"))
    added = shop.commit("Add", a=text("one", "two"))
    gone = shop.commit(f"Revert\n\nThis reverts commit {added}.", a=text("one"))
    shop.commit(f"Revert the revert\n\nThis reverts commit {gone}.", a=text("one", "two"))
    shop.read()
    assert shop.births() == [
        ("Begin", "Begin", "a.py", 1, 1, "added"),
        ("Add", "Add", "a.py", 2, 1, "added"),
        ("Revert the revert", "Add", "a.py", 2, 1, "restored"),
    ]


def test_the_revert_of_a_merge_restores_what_its_branch_took_out(shop: Shop) -> None:
    shop.commit("Begin", a=text("one", "two", "three"))
    shop.branch("side")
    shop.commit("Delete", a=text("one", "three"))
    merge = shop.merge("side", a=text("one"))
    shop.commit(
        f"Revert\n\nThis reverts commit {merge}, reversing\nchanges made to main.", a=text("one", "two", "three")
    )
    shop.read()
    assert shop.births()[1:] == [("Revert", "Begin", "a.py", 2, 2, "restored")]


def test_a_branch_that_is_merged_again_after_a_revert_is_restored_by_the_revert_of_the_revert(shop: Shop) -> None:
    shop.commit("Begin", a=text("one"))
    shop.branch("side")
    shop.commit("Add", a=text("one", "two"))
    merge = shop.merge("side", a=text("one", "two"))
    shop.commit(f"Revert\n\nThis reverts commit {merge}.", a=text("one"))
    shop.branch("side", "")
    shop.commit("More", a=text("one", "two", "three"))
    shop.merge("side", subject="Merge again", a=text("one", "two", "three"))
    shop.read()
    assert shop.births()[1:] == [
        ("Merge", "Add", "a.py", 2, 1, "added"),
        ("Merge again", "Add", "a.py", 2, 1, "restored"),
        ("Merge again", "More", "a.py", 3, 1, "added"),
    ]
    assert shop.deaths() == [("Revert", "Revert", "a.py", 2, 1, "Add", "deleted")]


def test_a_block_that_moves_on_a_branch_lands_as_a_move(shop: Shop) -> None:
    shop.commit("Begin", a=text("one", *BLOCK, "two"), b=text("three"))
    shop.branch("side")
    shop.commit("Move", a=text("one", "two"), b=text("three", *BLOCK))
    shop.merge("side", a=text("one", "two"), b=text("three", *BLOCK))
    shop.read()
    assert shop.moves() == [("Merge", "Move", "a.py", "b.py", 2, 6, "Begin")]
    assert ([row for row in shop.births() if row[0] != "Begin"], shop.deaths()) == ([], [])


def test_a_block_that_moves_there_and_back_on_a_branch_has_not_moved(shop: Shop) -> None:
    files = {"a": text("one", *BLOCK, "two"), "b": text("three")}
    shop.commit("Begin", **files)
    shop.branch("side")
    shop.commit("Move", a=text("one", "two"), b=text("three", *BLOCK))
    shop.commit("Move back", **files)
    shop.merge("side", **files, c=text("four"))
    shop.read()
    assert (shop.moves(), shop.deaths(), shop.rework()) == ([], [], [])


def test_a_block_that_moves_on_the_line_itself_says_from_where(shop: Shop) -> None:
    shop.commit("Begin", a=text("one", *BLOCK, "two"), b=text("three"))
    shop.commit("Move", a=text("one", "two"), b=text("three", *[f"    {line}" for line in BLOCK]))
    shop.read()
    assert shop.moves() == [("Move", "Move", "a.py", "b.py", 2, 6, "Begin")]
    assert (shop.births()[2:], shop.deaths()) == ([], [])


def test_a_rename_on_one_side_and_an_edit_on_the_other_keep_every_line(shop: Shop) -> None:
    shop.commit("Begin", a=text(*BLOCK))
    shop.branch("side")
    shop.commit("Rename", a=None, b=text(*BLOCK))
    shop.branch("main", "")
    shop.commit("Edit", a=text(*BLOCK, "more"))
    shop.merge("side", a=None, b=text(*BLOCK, "more"))
    shop.read()
    assert shop.births() == [
        ("Begin", "Begin", "a.py", 1, 6, "added"),
        ("Edit", "Edit", "a.py", 7, 1, "added"),
    ]
    assert shop.deaths() == []
    assert shop.rows("select count(distinct file) from changes") == [(1,)]


def test_a_binary_that_becomes_text_and_back_has_lines_in_between(shop: Shop) -> None:
    shop.commit("Begin", a=b"\0\1")
    shop.commit("Text", a=text("one", "two"))
    shop.commit("Binary", a=b"\0\1\2")
    shop.read()
    assert shop.births() == [("Text", "Text", "a.py", 1, 2, "added")]
    assert shop.deaths() == [("Binary", "Binary", "a.py", 1, 2, "Text", "deleted")]
    assert sorted(shop.rows("select sha, added, deleted from changes")) == [
        ("Begin", None, None), ("Binary", None, None), ("Text", None, None),
    ]  # fmt: skip


def test_a_reformatting_that_blame_is_asked_to_ignore_bears_and_kills_nothing(shop: Shop) -> None:
    shop.commit("Begin", a=text("total=price+tax", "print(total)"))
    style = shop.commit("Style", a=text("the_total = (price + taxes)", "print(the_total)"))
    assert shop.read() is not None
    assert [row[0] for row in shop.deaths()] == ["Style"]
    shop.repository.commit("Say so", {".git-blame-ignore-revs": f"{style}\n"})
    assert shop.read() == history.Read(3, "read again from the start: another .git-blame-ignore-revs")
    assert [row[:2] for row in shop.births()] == [("Begin", "Begin"), ("Say so", "Say so")]
    assert shop.deaths() == []
    assert shop.rows("select kind from commits order by mainline_no") == [("bulk",), ("format",), ("feature",)]


def test_a_force_push_books_anew_and_says_why(shop: Shop) -> None:
    shop.commit("Begin", a=text("one"))
    gone = shop.commit("Gone", a=text("one", "two"))
    shop.read()
    shop.repository.git("reset", "--quiet", "--hard", "HEAD~1")
    shop.commit("Another", a=text("one", "three"))
    why = f"read again from the start: main was rewritten: {gone[:12]} is no longer in it"
    assert shop.read() == history.Read(2, why)
    assert shop.births() == [
        ("Begin", "Begin", "a.py", 1, 1, "added"),
        ("Another", "Another", "a.py", 2, 1, "added"),
    ]


def test_lines_before_a_shallow_clones_edge_are_found_and_nobodys(shop: Shop, tmp_path: Path) -> None:
    shop.commit("Begin", a=text("one"))
    shop.commit("Edge", a=text("one", "two"))
    shop.commit("After", a=text("one", "three"))
    shop.repository.git("clone", "--quiet", "--depth=2", f"file://{shop.repository.path}", "../shallow")
    shop.repository = GitRepository(tmp_path / "shallow", shop.repository.clock)
    shop.read()
    assert shop.births() == [
        ("Edge", "Edge", "a.py", 1, 2, "found"),
        ("After", "After", "a.py", 2, 1, "added"),
    ]
    assert shop.deaths() == [("After", "After", "a.py", 2, 1, "Edge", "deleted")]
    assert shop.rows("select sha, added from changes") == [("After", 1)]


def test_what_a_missing_object_hides_is_unread_and_what_stood_before_stays_known(shop: Shop) -> None:
    shop.commit("Begin", a=text("one", "two"))
    broken = shop.commit("Broken", a=text("one", "lost", "two"))
    shop.commit("Elsewhere", b=text("three"))
    blob = shop.repository.git("rev-parse", f"{broken}:a.py")
    shop.commit("After", a=text("one", "two", "four"))
    shop.repository.object_file(blob).unlink()
    shop.read()
    assert shop.rows("select sha, unread is null from commits order by mainline_no") == [
        ("Begin", True), ("Broken", False), ("Elsewhere", True), ("After", False),
    ]  # fmt: skip
    assert shop.rows("select sha, added, deleted, updated from changes where added is null order by sha desc") != []
    assert shop.births()[:2] == [
        ("Begin", "Begin", "a.py", 1, 2, "added"),
        ("Elsewhere", "Elsewhere", "b.py", 1, 1, "added"),
    ]
    shop.commit("Readable", a=text("one", "two", "four", "five"))
    assert (shop.read() or history.Read(0, "?")).detail == ""
    assert shop.births()[2:] == [
        ("Readable", "Readable", "a.py", 3, 1, "found"),
        ("Readable", "Readable", "a.py", 4, 1, "added"),
    ]
    assert shop.deaths() == []


def test_a_merge_that_makes_a_parents_file_executable_takes_all_of_it(shop: Shop) -> None:
    shop.commit("Begin", a=text("one"))
    shop.branch("side")
    shop.commit("Side", a=text("one", "both have it", "more"))
    shop.branch("main", "")
    shop.commit("Main", a=text("one", "both have it"))
    shop.merge("side", a=text("one", "both have it", "more"))
    shop.repository.git("update-index", "--chmod=+x", "a.py")
    shop.repository.git("commit", "--quiet", "--amend", "--no-edit")
    shop.read()
    assert shop.births()[2:] == [("Merge", "Side", "a.py", 2, 2, "added")]


def test_a_missing_object_hides_its_own_file_alone(shop: Shop) -> None:
    shop.commit("Begin", a=text("one", "two"), b=text("three", "four"), gone=text("six", "seven", "eight"))
    broken = shop.commit(
        "Broken", a=text("one", "lost"), b=text("three", "five"), gone=None, c=text("six", "seven", "eight")
    )
    blob = shop.repository.git("rev-parse", f"{broken}:a.py")
    shop.repository.object_file(blob).unlink()
    shop.read()
    assert shop.rows("select subject from commits where unread is not null") == [("Broken",)]
    assert shop.rows(f"select path, status, added, deleted from changes where sha = '{broken}' order by path") == [
        ("a.py", "modified", None, None),
        ("b.py", "modified", 1, 1),
        ("c.py", "renamed", 0, 0),
    ]
    assert shop.births() == [
        ("Begin", "Begin", "a.py", 1, 2, "added"),
        ("Begin", "Begin", "b.py", 1, 2, "added"),
        ("Begin", "Begin", "gone.py", 1, 3, "added"),
        ("Broken", "Broken", "b.py", 2, 1, "added"),
    ]
    assert [row[:6] for row in shop.deaths()] == [("Broken", "Broken", "b.py", 2, 1, "Begin")]


def test_a_partial_clone_is_read_as_far_as_it_goes(shop: Shop, tmp_path: Path) -> None:
    shop.commit("Begin", a=text("one"))
    shop.commit("More", a=text("one", "two"), b=text("three"))
    shop.repository.git("config", "uploadpack.allowFilter", "true")
    url = f"file://{shop.repository.path}"
    shop.repository.git("clone", "--quiet", "--filter=blob:none", "--no-checkout", url, "../partial")
    shop.repository = GitRepository(tmp_path / "partial", shop.repository.clock)
    shop.read()
    assert shop.rows("select subject, unread is null from commits order by mainline_no") == [
        ("Begin", False), ("More", False),
    ]  # fmt: skip
    assert shop.rows("select path, status, added, deleted from changes order by sha, path") != []
    assert shop.rows("select count(*) from changes where added is not null or deleted is not null") == [(0,)]
    assert shop.births() == []


def test_grafts_and_replacements_are_not_followed(shop: Shop) -> None:
    shop.commit("Begin", a=text("one"))
    shop.commit("Middle", a=text("one", "two"))
    last = shop.commit("Last", a=text("one", "two", "three"))
    shop.repository.git("replace", "--graft", last)
    (shop.repository.path / ".git" / "info").mkdir(exist_ok=True)
    (shop.repository.path / ".git" / "info" / "grafts").write_text(f"{last}\n")
    shop.read()
    assert [row[:2] for row in shop.births()] == [("Begin", "Begin"), ("Middle", "Middle"), ("Last", "Last")]


def test_wrong_clocks_do_not_make_a_line_die_before_it_landed(shop: Shop) -> None:
    shop.commit("Begin", a=text("one", "two"))
    shop.repository.commit("Past", {"a.py": text("one")}, at="@86400 +0000")
    shop.repository.commit("Future", {"a.py": text("one", "three")}, at="@4102444800 +0000", author=BOB)
    shop.commit("End", a=text("three"))
    shop.read()
    nine, noon = datetime(2026, 1, 5, 9), datetime(2026, 1, 5, 12)  # noqa: DTZ001
    assert shop.rows("select landed_sha, landed_at from mainline order by mainline_no") == [
        ("Begin", nine), ("Past", nine), ("Future", nine), ("End", noon),
    ]  # fmt: skip
    assert [row[:2] for row in shop.deaths()] == [("Past", "Past"), ("End", "End")]


def test_a_corrupt_pack_is_a_reason_and_the_warehouse_keeps_what_it_had(shop: Shop) -> None:
    shop.commit("Begin", a=text("one"))
    shop.read()
    before = shop.births()
    shop.commit("More", a=text(*[f"{number} {number * 7919}" for number in range(400)]))
    shop.repository.git("repack", "-a", "-d", "--quiet")
    (pack,) = (shop.repository.path / ".git" / "objects" / "pack").glob("*.pack")
    raw = bytearray(pack.read_bytes())
    middle = len(raw) // 2  # of the only large object
    raw[middle : middle + 8] = bytes(byte ^ 0xFF for byte in raw[middle : middle + 8])
    pack.chmod(0o644)
    pack.write_bytes(raw)
    shop.con.begin()
    try:
        shop.read()
    except HistoryError as error:
        shop.con.rollback()
        assert "could not read the history" in str(error)  # noqa: PT017 - either way is right
    else:
        shop.con.commit()
        assert shop.rows("select subject from commits where unread is not null") == [("More",)]
    assert shop.births() == before


def test_of_a_text_that_grows_beyond_sixteen_megabytes_nobody_knows_which_lines_died(shop: Shop) -> None:
    lines = "".join(f"row {number}\n" for number in range(1000))
    shop.commit("Begin", a=lines)
    shop.commit("Grow", a=lines * 2200)
    shop.read()
    assert shop.births() == [("Begin", "Begin", "a.py", 1, 1000, "added")]
    assert shop.deaths() == []
    assert shop.rows("select subject from commits where unread like 'a.py: a text of %'") == [("Grow",)]
    assert shop.rows("select added, deleted from changes order by added nulls last") == [(1000, 0), (None, None)]


def test_a_commit_of_three_hundred_thousand_lines_is_one_run(shop: Shop) -> None:
    shop.commit("Begin", a=text("one"))
    shop.commit("Import", a=text("one"), b="".join(f"row {number}\n" for number in range(300_000)))
    shop.commit("Drop", b=None)
    shop.read()
    assert shop.births()[1:] == [("Import", "Import", "b.py", 1, 300_000, "added")]
    assert shop.deaths() == [("Drop", "Drop", "b.py", 1, 300_000, "Import", "deleted")]
    assert shop.rows("select kind from commits order by mainline_no") == [("bulk",), ("bulk",), ("bulk",)]


def test_a_branch_that_forked_too_long_ago_is_a_reason_to_read_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lineage, "KEPT", 2)
    monkeypatch.setattr("ingest.git.undo.KEPT", 2)
    shop.commit("Begin", a=text("one"))
    shop.branch("side")
    shop.commit("Side", b=text("two"))
    shop.branch("main", "")
    for number in range(4):
        shop.commit(f"Change {number}", a=text(f"one {number}"))
    shop.read()
    shop.repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "side")
    why = "read again from the start: a branch came in that forked too long ago for its state to be kept"
    assert shop.read() == history.Read(7, why)
    assert shop.births()[-1] == ("Merge", "Side", "b.py", 1, 1, "added")


def test_a_branch_that_forked_before_the_last_reading_is_merged_after_it(shop: Shop) -> None:
    shop.commit("Begin", a=text("one", "two"))
    shop.branch("side")
    shop.commit("Side", a=text("one"), b=text("three"))
    shop.branch("main", "")
    shop.commit("Meanwhile", c=text("four"))
    shop.read()
    shop.repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "side")
    assert shop.read() == history.Read(2, "")
    assert shop.births()[2:] == [("Merge", "Side", "b.py", 1, 1, "added")]
    assert shop.deaths() == [("Merge", "Side", "a.py", 2, 1, "Begin", "deleted")]


def kept(shop: Shop) -> list[Path]:
    """The states of the replay between runs."""
    return sorted((shop.reader.settings.organisation.data / "mirrors" / "shop.replay").glob("*.npz"))


@pytest.mark.parametrize("damage", [b"", b"no archive", None], ids=["empty", "another file", "cut off"])
def test_a_kept_state_that_cannot_be_read_makes_the_history_be_read_again(shop: Shop, damage: bytes | None) -> None:
    shop.commit("Begin", a=text("one", "two"))
    shop.read()
    (file,) = kept(shop)
    file.write_bytes(file.read_bytes()[:200] if damage is None else damage)
    shop.commit("More", a=text("one", "two", "three"))

    assert shop.read() == history.Read(
        2, "read again from the start: what is kept of it between two runs cannot be read"
    )
    assert shop.births() == [("Begin", "Begin", "a.py", 1, 2, "added"), ("More", "More", "a.py", 3, 1, "added")]


def test_a_kept_state_that_is_gone_makes_the_history_be_read_again_though_nothing_is_new(shop: Shop) -> None:
    shop.commit("Begin", a=text("one", "two"))
    shop.read()
    kept(shop)[0].unlink()

    assert shop.read() == history.Read(1, "read again from the start: what is kept of it between two runs is gone")
    assert shop.read() is None


def test_a_history_read_again_at_one_head_leaves_the_state_of_the_first_reading(shop: Shop) -> None:
    shop.commit("Begin", a=text("one", "two"))
    shop.read()
    before = {file: file.read_bytes() for file in kept(shop)}
    shop.con.execute("update source_states set config = '{}'")

    assert shop.read() is not None
    assert {file: file.read_bytes() for file in before} == before


def test_a_title_that_comes_again_later_is_not_what_an_earlier_revert_takes_back(shop: Shop) -> None:
    shop.commit("Begin", a=text("one", "two", "three"))
    shop.commit("Drop prices", a=text("three"))
    shop.commit('Revert "Drop prices"', a=text("one", "two", "three"))
    shop.commit("Drop prices", a=text("three"))
    shop.read()

    assert [birth[1:] for birth in shop.births()[1:]] == [("Begin", "a.py", 1, 2, "restored")]


def test_a_file_behind_a_tree_that_is_missing_is_told_by_its_content(shop: Shop) -> None:
    lines = [f"line_{number} = {number}" for number in range(20)]
    shop.commit("Begin", a=text(*lines))
    in_front = [f"first_{number} = {number}" for number in range(5)]
    shop.commit("In front", a=text(*in_front, *lines))
    tree = shop.repository.git("rev-parse", "HEAD^{tree}")
    shop.commit("Behind", a=text(*in_front, *lines, "last = 1"))
    changed = [*lines[:2], "line_2 = 'another thing entirely'", *lines[3:]]
    shop.commit("Change", a=text(*in_front, *changed, "last = 1"))
    (shop.repository.path / ".git" / "objects" / tree[:2] / tree[2:]).unlink()

    shop.read()

    # What was put in front and behind nobody saw; but the line that died is the third, and not the eighth.
    assert [death[5:] for death in shop.deaths()] == [("Begin", "deleted")]
    births, deaths = (
        shop.con.execute(f"select sum(lines) from {table}").fetchall()[0][0] for table in ("line_births", "line_deaths")
    )
    assert births - deaths == 26
