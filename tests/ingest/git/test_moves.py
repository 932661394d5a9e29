import tempfile
import time
from collections.abc import Sequence
from itertools import accumulate, chain
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.git.moves import moves, side
from ingest.git.operations import operations
from ingest.git.pairs import Run
from tests import colours

TOTAL = b"total = prices.sum() + shipping"
RETURN = b"return total"
AFTER = b"assert total > 0"

# Lines of one kind and another, with much, little and nothing to know a block by, so few that they come again and again.
_TEXTS = [
    b"",
    b"}",
    b"return 0;",
    b"while (there_is_something_to_do) {",
    b"call(one, two);",
    b"a \xff\xe9 = 1",
    b"and more",
]
_LINES = st.builds(
    lambda indentation, text, end: indentation + text + end,
    st.sampled_from([b"", b"", b"  ", b"    ", b"\t", b"  \t", b"\r", b"\x0c"]),
    st.sampled_from(_TEXTS),
    st.sampled_from([b"", b"", b"", b" ", b"\r"]),
)
_FILES = st.lists(st.lists(_LINES, max_size=12).map(b"\n".join), min_size=3, max_size=3)


def moved(removed: Sequence[Sequence[bytes]], added: Sequence[Sequence[bytes]]) -> tuple[str, str, list[Run]]:
    """What moves between hunks: marks of the removed and the added lines, and where these come from."""
    old, new = (
        side(list(chain.from_iterable(hunks)), list(accumulate(map(len, hunks), initial=0)))
        for hunks in (removed, added)
    )
    found = moves(old, new, bytearray(len(old.lines)), bytearray(len(new.lines)))
    return "".join(map(str, found.removed)), "".join(map(str, found.added)), found.runs


def test_a_line_with_twenty_letters_is_a_block() -> None:
    assert moved([[TOTAL]], [[TOTAL]]) == ("1", "1", [Run(0, 0, 1)])


def test_less_than_twenty_letters_are_none() -> None:
    assert moved([[RETURN]], [[RETURN]]) == ("0", "0", [])


def test_short_lines_together_are_a_block() -> None:
    assert moved([[RETURN, AFTER]], [[RETURN, AFTER]]) == ("11", "11", [Run(0, 0, 2)])


def test_a_block_ends_with_its_hunk() -> None:
    assert moved([[RETURN, AFTER]], [[RETURN], [AFTER]]) == ("00", "00", [])


def test_a_block_is_tried_again_from_its_second_line() -> None:
    assert moved([[b"}", RETURN], [RETURN, AFTER]], [[b"}", RETURN, AFTER]]) == ("0011", "011", [Run(2, 1, 2)])


def test_indentation_may_change_for_all_lines_alike() -> None:
    assert moved([[RETURN, AFTER]], [[b"    " + RETURN, b"\t" + AFTER]])[:2] == ("00", "00")
    assert moved([[RETURN, AFTER]], [[b"\t" + RETURN, b"        " + AFTER]])[:2] == ("11", "11")


def test_blank_lines_inside_a_block_fit_any_indentation() -> None:
    assert moved([[RETURN, b"  ", AFTER]], [[b"  " + RETURN, b"", b"  " + AFTER]])[1] == "111"


def test_white_space_at_the_end_counts() -> None:
    assert moved([[TOTAL]], [[TOTAL + b" "]]) == ("0", "0", [])


def test_blank_lines_alone_never_move() -> None:
    assert moved([[b""] * 3], [[b""] * 3]) == ("000", "000", [])


def test_of_two_places_only_the_first_gets_the_line_that_moved() -> None:
    assert moved([[TOTAL]], [[TOTAL], [TOTAL]]) == ("1", "11", [Run(0, 0, 1)])


def test_each_of_two_removed_lines_gets_a_place() -> None:
    assert moved([[TOTAL], [TOTAL]], [[TOTAL], [TOTAL]])[2] == [Run(0, 0, 1), Run(1, 1, 1)]


def test_what_is_left_of_a_place_still_moves() -> None:
    long = [TOTAL + bytes([letter]) for letter in b"abcdef"]
    assert moved([long], [long[:4], long[2:]])[2] == [Run(0, 0, 4), Run(4, 6, 2)]


def test_a_line_whose_block_is_taken_still_moves_if_another_is_left() -> None:
    one, two = TOTAL + b"1", TOTAL + b"2"
    assert moved([[one, two], [two]], [[two], [one, two]])[2] == [Run(1, 0, 1), Run(0, 1, 1), Run(2, 2, 1)]


def test_a_taken_line_stays_where_it_is() -> None:
    lines = [TOTAL, TOTAL]
    found = moves(side(lines, [0, 2]), side([TOTAL], [0, 1]), bytearray([1, 0]), bytearray(1))
    assert found.runs == [Run(1, 0, 1)]


def test_a_line_that_is_everywhere_costs_no_more_than_others() -> None:
    began = time.process_time()
    assert moved([[TOTAL]] * 5_000, [[TOTAL]] * 5_000)[2] == [Run(place, place, 1) for place in range(5_000)]
    assert time.process_time() - began < 5


@settings(max_examples=60, deadline=None)
@given(_FILES, _FILES)
def test_git_shows_the_same_lines_as_moved(before: list[bytes], after: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, files in (("before", before), ("after", after)):
            Path(folder, name).mkdir()
            for number, content in enumerate(files):
                Path(folder, name, str(number)).write_bytes(content)
        shown = colours.between(Path(folder, "before"), Path(folder, "after"))
    added = [line.strip() for hunk in chain.from_iterable(shown.files) for line in hunk.added]
    ours = operations(shown.files, added, bytes(len(added)))
    assert (ours.removed_marks, ours.added_marks) == (shown.removed, shown.added)
