"""Planted blocks: which of the lines a commit added are copied from the tree, and which are not."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ingest.git import history
from ingest.settings import Repository
from tests.conftest import GitRepository, migrated

Make = Callable[..., GitRepository]
Files = dict[str, str | bytes | None]
Copied = Callable[..., list[tuple[Any, ...]]]


def block(lines: int, name: str = "price") -> list[str]:
    return [f"{name}_{number} = list_{name}({number}) * discount" for number in range(lines)]


def other(lines: int, name: str = "other") -> list[str]:
    return [f"do_{name}_{number}(with_what, came={number})" for number in range(lines)]


def text(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


@pytest.fixture
def copied(git_repository: Make, reader: history.Reader) -> Iterator[Copied]:
    """Commits these files one after the other; the copied lines of the last commit, as path, first line and lines."""
    with migrated() as con:

        def look(*commits: Files) -> list[tuple[Any, ...]]:
            shop = git_repository()
            shas = [shop.commit(f"Commit {number}", files) for number, files in enumerate(commits)]
            history.ingest(con, Repository("shop", str(shop.path)), reader)
            changes, births = (
                con.execute(query, [shas[-1]]).fetchall()[0][0]
                for query in (
                    "select coalesce(sum(copied_tree), 0) from changes where sha = ?",
                    "select coalesce(sum(lines), 0) from line_births where sha = ? and operation = 'copied'",
                )
            )
            assert changes == births
            # Runs are cut where the kind of line changes.
            return con.execute("""
                select path, min(line), count(*) from (
                    select path, line, line - row_number() over (partition by path order by line) as block from (
                        select path, start_line + unnest(range(lines)) as line
                        from line_births where sha = ? and operation = 'copied'))
                group by path, block order by all
            """, [shas[-1]]).fetchall()  # fmt: skip

        yield look


@pytest.mark.parametrize("lines", [5, 6, 20, 200])
@pytest.mark.parametrize("indentation", ["", "    ", "\t"])
def test_a_block_in_a_new_place_is_found_with_exactly_its_lines(copied: Copied, lines: int, indentation: str) -> None:
    planted = [indentation + line for line in block(lines)]
    found = copied(
        {"a.py": text(*other(3), *block(lines), *other(2, "end")), "b.py": text("begin(here)", "end(there)")},
        {"b.py": text("begin(here)", "new_before(it)", *planted, "new_behind(it)", "end(there)")},
    )
    assert found == [("b.py", 3, lines)]


def test_a_block_that_is_pasted_many_times_over_is_a_copy_each_time(copied: Copied) -> None:
    assert copied({"a.py": text(*block(6))}, {"a.py": text(*block(6) * 81)}) == [("a.py", 7, 480)]


def test_of_thousands_of_lines_that_are_all_alike_only_the_first_block_is_none(copied: Copied) -> None:
    alike = text(*["same(line)"] * 3000)
    assert copied({"a.py": text("begin()", "end()")}, {"a.py": f"begin()\n{alike}end()\n"}) == [("a.py", 7, 2995)]


def test_lines_that_are_all_alike_are_copies_between_others_as_well(copied: Copied) -> None:
    apart = block(1200, "apart")
    filled = [line for each in apart for line in (each, *["same(line)"] * 6)]

    found = copied({"a.py": text(*apart)}, {"a.py": text(*filled)})

    # Before the last five of the first six only one line of their kind was written.
    assert found == [("a.py", at, 6) for at in range(9, 7 * 1200, 7)]


@pytest.mark.parametrize("lines", [5, 20])
def test_a_block_in_a_new_file_is_found(copied: Copied, lines: int) -> None:
    assert copied(
        {"a.py": text(*other(3), *block(lines))}, {"b.py": text("new_before(it)", *block(lines), "new_behind(it)")}
    ) == [("b.py", 2, lines)]


def test_a_block_that_is_copied_within_its_file_is_found(copied: Copied) -> None:
    before = [*other(3), *block(6), *other(3, "end")]
    assert copied({"a.py": text(*before)}, {"a.py": text(*before, *block(6))}) == [("a.py", 13, 6)]


def test_an_old_source_is_found(copied: Copied) -> None:
    later = [{"c.py": text(*other(number + 1, "more"))} for number in range(8)]
    assert copied({"a.py": text(*block(6))}, *later, {"b.py": text(*block(6))}) == [("b.py", 1, 6)]


def test_a_source_that_was_edited_in_the_middle_since_is_found_as_it_is_now(copied: Copied) -> None:
    edited = [*block(12)[:5], "edited(in, the, middle)", *block(12)[6:]]
    assert copied({"a.py": text(*block(12))}, {"a.py": text(*edited)}, {"b.py": text(*edited)}) == [("b.py", 1, 12)]


def test_of_what_stood_before_an_edit_only_whole_blocks_are_found(copied: Copied) -> None:
    edited = [*block(14)[:4], "edited(in, the, middle)", *block(14)[5:]]
    assert copied({"a.py": text(*block(14))}, {"a.py": text(*edited)}, {"b.py": text(*block(14))}) == [("b.py", 6, 9)]


def test_a_source_that_the_commit_puts_lines_into_is_found_as_it_stood(copied: Copied) -> None:
    torn = [*block(8)[:4], *other(2), *block(8)[4:]]
    assert copied({"a.py": text(*block(8))}, {"a.py": text(*torn), "b.py": text(*block(8))}) == [("b.py", 1, 8)]


def test_a_source_that_the_commit_renames_and_puts_lines_into_is_found_as_it_stood(copied: Copied) -> None:
    torn = [*other(30, "rest"), *block(8)[:4], *other(2), *block(8)[4:]]
    assert copied(
        {"a.py": text(*other(30, "rest"), *block(8))}, {"a.py": None, "c.py": text(*torn), "d.py": text(*block(8))}
    ) == [("d.py", 1, 8)]


def test_a_source_that_the_commit_makes_binary_is_none(copied: Copied) -> None:
    assert copied({"a.py": text(*block(8))}, {"a.py": b"\0" * 9, "b.py": text(*block(8))}) == []


def test_a_source_out_of_which_the_commit_takes_a_line_is_none_on_either_side_of_it(copied: Copied) -> None:
    less = [*block(9)[:4], *other(1), *block(9)[5:]]
    assert copied({"a.py": text(*block(9))}, {"a.py": text(*less), "b.py": text(*block(9))}) == []


def test_a_source_that_was_renamed_or_moved_is_found(copied: Copied) -> None:
    assert copied(
        {"a.py": text(*block(6), *other(6))},
        {"a.py": None, "c.py": text(*block(6), *other(6))},
        {"b.py": text(*block(6))},
    ) == [("b.py", 1, 6)]


def test_what_came_earlier_in_the_same_commit_is_a_source(copied: Copied) -> None:
    assert copied({"z.py": text(*other(3))}, {"a.py": text(*block(6)), "b.py": text(*block(6))}) == [("b.py", 1, 6)]


def test_what_came_earlier_in_the_same_file_and_commit_is_a_source(copied: Copied) -> None:
    assert copied({"z.py": text(*other(3))}, {"a.py": text(*block(6), "between(them)", *block(6))}) == [("a.py", 8, 6)]


def test_blank_lines_and_brackets_in_a_block_are_copied_with_it(copied: Copied) -> None:
    lines = [line for meant in block(5) for line in (meant, "", "}")][:-2]
    assert copied({"a.js": text(*lines)}, {"b.js": text(*lines)}) == [("b.js", 1, 13)]


def test_one_block_after_another_from_two_places_are_both_found(copied: Copied) -> None:
    assert copied({"a.py": text(*block(6)), "c.py": text(*other(6))}, {"b.py": text(*block(6), *other(6))}) == [
        ("b.py", 1, 12)
    ]


def test_four_lines_are_no_block(copied: Copied) -> None:
    assert copied({"a.py": text(*block(4))}, {"b.py": text(*block(4))}) == []


def test_five_lines_in_another_order_are_none(copied: Copied) -> None:
    assert copied({"a.py": text(*block(6))}, {"b.py": text(*block(6)[::-1])}) == []


def test_a_block_in_which_one_line_differs_is_none(copied: Copied) -> None:
    planted = [*block(8)[:4], "something(else)", *block(8)[5:]]
    assert copied({"a.py": text(*block(8))}, {"b.py": text(*planted)}) == []


def test_a_source_that_the_commit_removes_is_none(copied: Copied) -> None:
    """It moves instead."""
    assert copied({"a.py": text(*other(9), *block(6))}, {"a.py": text(*other(9)), "b.py": text(*block(6))}) == []


def test_a_source_that_the_commit_edits_is_none(copied: Copied) -> None:
    edited = [f"{line} or none" for line in block(6)]
    assert copied({"a.py": text(*block(6))}, {"a.py": text(*edited), "b.py": text(*block(6))}) == []


def test_a_source_that_was_deleted_long_ago_is_none(copied: Copied) -> None:
    assert copied(
        {"a.py": text(*block(6)), "c.py": text(*other(3))}, {"a.py": None}, {"c.py": text(*other(4))}, {"b.py": text(*block(6))}
    ) == []  # fmt: skip


def test_brackets_and_keywords_in_common_are_none(copied: Copied) -> None:
    lines = ["try {", "return", "} else {", "}", "break;", "});", "return null;", "}", "end", "else:"]
    assert copied({"a.js": text(*lines)}, {"b.js": text(*lines)}) == []


def test_a_source_that_stood_only_on_another_branch_is_none(git_repository: Make, reader: history.Reader) -> None:
    shop = git_repository()
    shop.commit("Begin", {"a.py": text(*other(3))})
    shop.git("checkout", "--quiet", "-b", "side")
    shop.commit("On the side", {"c.py": text(*block(6))})
    shop.git("checkout", "--quiet", "main")
    pasted = shop.commit("On main", {"b.py": text(*block(6))})
    shop.merge("side")
    later = shop.commit("After the merge", {"d.py": text(*block(6))})
    with migrated() as con:
        history.ingest(con, Repository("shop", str(shop.path)), reader)
        found = con.execute(
            "select sha, copied_tree from changes where path in ('b.py', 'd.py') order by path"
        ).fetchall()
    assert found == [(pasted, 0), (later, 6)]


def test_a_source_that_another_branch_has_moved_meanwhile_is_found(
    git_repository: Make, reader: history.Reader
) -> None:
    shop = git_repository()
    shop.commit("Begin", {"a.py": text(*block(6), *other(6)), "c.py": text(*other(3, "third"))})
    for branch in ("left", "right"):
        shop.git("checkout", "--quiet", "-b", branch, "main")
        shop.commit(f"Paste {branch}", {f"{branch}.py": text(*block(6))})
        shop.commit(f"Move {branch}", {"a.py": text(*other(6)), "c.py": text(*other(3, "third"), *block(6))})
    shop.git("checkout", "--quiet", "main")
    shop.git("merge", "--quiet", "--no-ff", "--message", "Merge", "left")
    shop.git("merge", "--quiet", "--no-ff", "--message", "Merge", "right")
    with migrated() as con:
        history.ingest(con, Repository("shop", str(shop.path)), reader)
        query = "select path, copied_tree from changes where path in ('left.py', 'right.py') order by path"
        found = con.execute(query).fetchall()
    assert found == [("left.py", 6), ("right.py", 6)]


def test_a_source_whose_file_got_another_files_name_on_another_branch_is_found(
    git_repository: Make, reader: history.Reader
) -> None:
    """Whichever of the two branches is read first."""
    shop = git_repository()
    shop.commit("Begin", {"b.py": text(*block(6)), "c.py": text(*other(3))})
    for branch in ("left", "right"):
        shop.git("checkout", "--quiet", "-b", branch, "main")
        shop.commit(f"Add {branch}", {f"{branch}.py": text(*other(3, branch))})
        shop.commit(f"Paste {branch}", {f"{branch}2.py": text(*block(6))})
        shop.commit(
            f"Rename {branch}", {"b.py": None, f"{'left' if branch == 'right' else 'right'}.py": text(*block(6))}
        )
    shop.git("checkout", "--quiet", "main")
    for branch in ("left", "right"):
        shop.git("merge", "--quiet", "--no-ff", "--strategy", "ours", "--message", "Merge", branch)
    with migrated() as con:
        history.ingest(con, Repository("shop", str(shop.path)), reader)
        query = "select path, copied_tree from changes where path in ('left2.py', 'right2.py') order by path"
        found = con.execute(query).fetchall()
    assert found == [("left2.py", 6), ("right2.py", 6)]
