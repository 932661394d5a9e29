"""Trees are written as text: a file is its lines, `#` begins a comment, a word or a mark is a token."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain, combinations
from zlib import crc32

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.git.duplication import LINES, TOKENS, Census, Copy, File
from ingest.git.lines import BLANK, CODE, COMMENT


def file(*lines: str) -> File:
    stripped = [line.strip() for line in lines]
    return File(
        np.array([crc32(line.encode()) for line in stripped], np.uint32),
        np.array([len(line.split()) for line in stripped], np.uint8),
        np.array([BLANK if not line else COMMENT if line[0] == "#" else CODE for line in stripped], np.uint8),
    )


def census(tree: Mapping[str, list[str]]) -> Census[str]:
    files = Census[str]()
    for path, lines in tree.items():
        files.update(path, file(*lines))
    return files


def lines(word: str, count: int, tokens: int = 10) -> list[str]:
    """Lines of so many tokens each, all different."""
    return [" ".join([f"{word}{number}"] * tokens) for number in range(count)]


def test_a_block_stands_in_every_place_it_was_copied_to() -> None:
    block = lines("same", 6)
    tree = census(
        {
            "a.py": [*lines("a", 3), *block, *lines("b", 2)],
            "b.py": [*block, *lines("c", 4)],
            "c.py": lines("d", 20),
            "d.py": [*lines("e", 1), *block],
        }
    )
    assert tree.count() == {"a.py": 6, "b.py": 6, "d.py": 6}
    assert [*tree.copies()] == [Copy(0, "a.py", 4, 9), Copy(0, "b.py", 1, 6), Copy(0, "d.py", 2, 7)]


def test_a_block_is_as_long_as_its_places_agree() -> None:
    block = lines("same", 30)
    tree = census({"a.py": [*lines("a", 3), *block], "b.py": [*block, *lines("b", 2)]})
    assert [*tree.copies()] == [Copy(0, "a.py", 4, 33), Copy(0, "b.py", 1, 30)]


def test_a_file_that_was_copied_whole_is_one_block() -> None:
    tree = census({"a.py": lines("same", 100), "b.py": lines("same", 100)})
    assert tree.count() == {"a.py": 100, "b.py": 100}
    assert [*tree.copies()] == [Copy(0, "a.py", 1, 100), Copy(0, "b.py", 1, 100)]


def test_a_third_place_that_agrees_with_a_part_makes_a_block_of_its_own() -> None:
    block = lines("same", 30)
    tree = census({"a.py": block, "b.py": block, "c.py": block[10:20]})
    assert tree.count() == {"a.py": 30, "b.py": 30, "c.py": 10}
    assert [*tree.copies()] == [
        Copy(0, "a.py", 1, 30),
        Copy(0, "b.py", 1, 30),
        Copy(1, "a.py", 11, 20),
        Copy(1, "b.py", 11, 20),
        Copy(1, "c.py", 1, 10),
    ]


def test_a_block_may_be_copied_within_its_file() -> None:
    block = lines("same", 8)
    tree = census({"a.py": [*block, *lines("a", 1), *block]})
    assert tree.count() == {"a.py": 16}
    assert [*tree.copies()] == [Copy(0, "a.py", 1, 8), Copy(0, "a.py", 10, 17)]


@pytest.mark.parametrize(
    ("block", "duplicated"),
    [
        (lines("same", 6, tokens=9), 6),
        (lines("same", 5, tokens=60), 0),  # five lines
        ([*lines("same", 5, tokens=8), *lines("end", 1, tokens=10)], 6),  # fifty tokens
        ([*lines("same", 5, tokens=8), *lines("end", 1, tokens=9)], 0),  # forty-nine
        ([*lines("end", 1, tokens=10), *lines("same", 5, tokens=8)], 6),
        (lines("same", 25, tokens=2), 25),
        (lines("same", 24, tokens=2), 0),
        ([*lines("same", 1, tokens=60), *lines("end", 8, tokens=1)], 9),  # a long line, and the short ones after it
        ([*lines("same", 8, tokens=1), *lines("end", 1, tokens=60)], 9),
    ],
)
def test_a_block_has_six_lines_and_fifty_tokens(block: list[str], duplicated: int) -> None:
    tree = census({"a.py": [*lines("a", 4), *block], "b.py": [*block, *lines("b", 4)]})
    assert sum(tree.count().values()) == 2 * duplicated


def test_a_line_that_differs_parts_a_block_in_two() -> None:
    before, after = lines("before", 6), lines("after", 7)
    tree = census({"a.py": [*before, "one", *after], "b.py": [*before, "another", *after]})
    assert tree.count() == {"a.py": 13, "b.py": 13}
    assert [*tree.copies()] == [
        Copy(0, "a.py", 1, 6),
        Copy(0, "b.py", 1, 6),
        Copy(1, "a.py", 8, 14),
        Copy(1, "b.py", 8, 14),
    ]


def test_a_line_that_differs_in_the_middle_of_ten_leaves_nothing() -> None:
    before, after = lines("before", 5), lines("after", 5)
    assert census({"a.py": [*before, "one", *after], "b.py": [*before, "another", *after]}).count() == {}


def test_white_space_blank_lines_and_comments_do_not_matter() -> None:
    block = lines("same", 6)
    spaced = [text for line in block for text in (f"    {line}  ", "", "# why")]
    tree = census({"a.py": ["", *block], "b.py": spaced})
    assert tree.count() == {"a.py": 6, "b.py": 6}
    assert [*tree.copies()] == [Copy(0, "a.py", 2, 7), Copy(0, "b.py", 1, 16)]


def test_comments_make_no_block() -> None:
    assert census({"a.py": ["# licence " * 60] * 20, "b.py": ["# licence " * 60] * 20}).count() == {}


def test_a_table_of_equal_lines_repeats_itself() -> None:
    tree = census({"a.py": [*lines("a", 2), *["0 , 0 , 0 ," * 2] * 40]})
    assert tree.count() == {"a.py": 40}
    assert [*tree.copies()] == [Copy(0, "a.py", 3, 42)]


@pytest.mark.parametrize(("count", "duplicated"), [(11, {}), (12, {"a.py": 12})])
def test_what_overlaps_itself_only_is_no_copy(count: int, duplicated: dict[str, int]) -> None:
    assert census({"a.py": lines("same", 1) * count}).count() == duplicated


def test_no_block_reaches_from_one_file_into_the_next() -> None:
    block = lines("same", 8)
    assert census({"a.py": block[:4], "b.py": block[4:], "c.py": block}).count() == {}


def test_a_file_that_changes_or_goes_takes_its_block_with_it() -> None:
    tree = census({"a.py": lines("same", 6), "b.py": lines("same", 6), "c.py": lines("c", 6)})
    tree.update("b.py", file(*lines("c", 6)))
    assert tree.count() == {"b.py": 6, "c.py": 6}
    tree.update("c.py", None)
    tree.update("never.py", None)
    assert tree.count() == {}


@pytest.mark.parametrize("tree", [{}, {"a.py": []}, {"a.py": ["", "# only"], "b.py": ["x"]}])
def test_a_tree_with_next_to_nothing_in_it_has_no_duplicates(tree: dict[str, list[str]]) -> None:
    assert census(tree).count() == {}
    assert [*census(tree).copies()] == []


def naive(tree: Mapping[str, list[str]]) -> dict[str, set[int]]:
    """The duplicated lines of each file by the definition: every stretch compared with every other."""
    places: dict[tuple[str, ...], list[tuple[str, int, tuple[int, ...]]]] = defaultdict(list)
    for path, text in tree.items():
        code = [(number, line.strip()) for number, line in enumerate(text) if line.strip() and line[0] != "#"]
        for begin in range(len(code)):
            for end in range(begin + LINES, len(code) + 1):
                numbers, stretch = zip(*code[begin:end], strict=True)
                if sum(len(line.split()) for line in stretch) >= TOKENS:
                    places[stretch].append((path, begin, numbers))
    found: dict[str, set[int]] = defaultdict(set)
    for stretch, where in places.items():
        if any(
            one != path or abs(first - begin) >= len(stretch) for one, first, _ in where for path, begin, _ in where
        ):
            for path, _, numbers in where:
                found[path].update(numbers)
    return dict(found)


LINE = st.sampled_from(["a " * 30, "b " * 9, "c " * 12, "d", "e", "", "# f"])
STRETCH = st.lists(LINE, max_size=12)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, list[str]]:
    """Files of stretches, of which some recur."""
    stretches = draw(st.lists(STRETCH, min_size=1, max_size=4))
    files = st.lists(st.sampled_from(stretches), max_size=4)
    return {path: [*chain(*draw(files))] for path in ("a.py", "b.py", "c.py")}


@given(trees())
@settings(max_examples=300, deadline=None)
def test_the_lines_found_are_those_the_definition_names(tree: dict[str, list[str]]) -> None:
    found = naive(tree)
    assert census(tree).count() == {path: len(numbers) for path, numbers in found.items()}


@given(trees())
@settings(max_examples=300, deadline=None)
def test_the_copies_cover_the_lines_that_are_counted(tree: dict[str, list[str]]) -> None:
    covered: dict[str, set[int]] = defaultdict(set)
    for copy in census(tree).copies():
        numbers = range(copy.start_line - 1, copy.end_line)
        covered[copy.file].update(n for n in numbers if tree[copy.file][n].strip() and tree[copy.file][n][0] != "#")
    assert dict(covered) == naive(tree)


def long_enough(text: list[str]) -> Iterator[list[str]]:
    """Every stretch of a text that is enough for a block."""
    for begin, end in combinations(range(len(text) + 1), 2):
        if end - begin >= LINES and sum(len(line.split()) for line in text[begin:end]) >= TOKENS:
            yield text[begin:end]


def stands(block: list[str], text: list[str]) -> bool:
    return any(text[at : at + len(block)] == block for at in range(len(text) - len(block) + 1))


A, B = ["a " * 30] * 2, ["b " * 9] * 2


@given(trees())
# In one file the block overlaps itself by two lines, in the other by one.
@example({"b.py": [*B, *A, *B, *A, *B, *A], "c.py": [*B, *A, *B, *A, A[0], *B, *A]})
@settings(max_examples=300, deadline=None)
def test_copies_of_a_block_are_equal_and_no_block_is_told_twice(tree: dict[str, list[str]]) -> None:
    blocks = defaultdict(list)
    for copy in census(tree).copies():
        text = tree[copy.file][copy.start_line - 1 : copy.end_line]
        blocks[copy.block].append((copy, [line for line in text if line and line[0] != "#"]))
    # Places that overlap are one, and then longer than the block, which stands somewhere in each.
    for copies in blocks.values():
        texts = sorted((text for _, text in copies), key=len)
        assert any(all(stands(block, text) for text in texts) for block in long_enough(texts[0]))
    places = [tuple(copy[1:] for copy, _ in copies) for copies in blocks.values()]
    assert len(set(places)) == len(places)
