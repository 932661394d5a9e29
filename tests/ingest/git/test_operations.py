import time
from itertools import chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.git.operations import FORMATTED, Operations, operations
from ingest.git.pairs import Run
from ingest.git.patches import Hunk

# Two functions, as one commit may change them.
PRICE = "def price(order):"
TAX = "def tax(order):"
ROUND = "return round(total, CENTS)"
TOTAL = "total = sum(item.price for item in order)"


def hunk(removed: str, added: str, heading: str = "") -> Hunk:
    """A hunk of lines, each side as one text; nothing is no line at all."""
    sides = (text.encode().split(b"\n") if text else [] for text in (removed, added))
    return Hunk(0, 0, *sides, heading.encode())


def done(*files: list[Hunk], ignored: bool = False) -> Operations:
    """The operations of a commit; whatever has a letter means something."""
    stripped = [line.strip() for each in chain.from_iterable(files) for line in each.added]
    meaningful = bytes(any(map(str.isalpha, line.decode("latin-1"))) for line in stripped)
    return operations(files, stripped, meaningful, ignored=ignored)


def test_a_commit_without_lines_did_nothing() -> None:
    assert done() == ([], [], [], set(), set(), set(), b"", b"", False)


@pytest.mark.parametrize(
    ("removed", "added", "kept"),
    [
        ("a = 1", "  a = 1", [Run(0, 0, 1)]),
        ("a=1", "a = 1\t", [Run(0, 0, 1)]),
        ("a = 1\nb = 2", "if x:\n  a = 1\n  b = 2", [Run(0, 1, 2)]),
        ("if x:\n  a = 1\n  b = 2", "a = 1\nb = 2", [Run(1, 0, 2)]),
        ("a = 1\n}", " a = 1\n b = 2\n }", [Run(0, 0, 1), Run(1, 2, 1)]),
        ("  ", "\n", [Run(0, 0, 1)]),
        ("a = 1\nb = 2\nc = 3", " c = 3\n a = 1\n b = 2", [Run(0, 1, 2)]),
        ("a = 1", "a = 2", []),
        ("a = 1", "", []),
        ("", "a = 1", []),
    ],
)
def test_a_line_of_which_only_white_space_changed_is_kept(removed: str, added: str, kept: list[Run]) -> None:
    assert done([hunk(removed, added)]).kept == kept


def test_brackets_are_matched_between_the_lines_that_say_something() -> None:
    did = done([hunk("}\n}\nalpha();\n}", " alpha();\n }\n beta();\n }")])
    assert did.kept == [Run(2, 0, 2)]


def test_a_wrapped_line_goes_on_as_the_line_in_which_its_middle_stands() -> None:
    assert done([hunk("call(first, second, third)", "call(\n  first, second,\n  third)")]).kept == [Run(0, 1, 1)]


def test_joined_lines_keep_as_many_as_there_are() -> None:
    assert done([hunk("if (\n  a\n  and b\n):\n  go", "if (a and b):\n    go")]).kept == [Run(2, 0, 1), Run(4, 1, 1)]


def test_a_blank_line_stays_blank_where_others_are_wrapped() -> None:
    assert done([hunk("a b\n\nc d", "a\nb\n\nc d")]).kept == [Run(0, 1, 3)]


def test_a_line_moves_into_another_file() -> None:
    did = done([hunk(TOTAL, "")], [hunk("", f"x\n  {TOTAL}")])
    assert did.moved == [Run(0, 1, 1)]
    assert (did.removed_marks, did.added_marks) == (b"\1", b"\0\1")


def test_a_line_kept_in_its_hunk_has_not_moved() -> None:
    did = done([hunk(TOTAL, f"  {TOTAL}\nx")], [hunk("", TOTAL)])
    assert (did.kept, did.moved, did.copied) == ([Run(0, 0, 1)], [], {2})


def test_what_is_shown_as_moved_a_second_time_is_a_copy() -> None:
    did = done([hunk(TOTAL, "")], [hunk("", TOTAL)], [hunk("", TOTAL)])
    assert (did.moved, did.copied) == ([Run(0, 0, 1)], {1})


@pytest.mark.parametrize(
    ("removed", "added", "updated"),
    [
        ("return total", "return round(total)", [(0, 0)]),
        ("call(a, b, c, d)", "call(w, x, y, d)", [(0, 0)]),
        ("call(a, b, c, d, e)", "call(w, x, y, z, e)", []),
        ("break", "continue", []),
        ("}", ");", []),
        ("", "return total", []),
        ("return total", "import os\nreturn total + 1", [(0, 1)]),
        ("alpha(one)\nbeta(two)", "alpha(one, 1)\nnew\nbeta(two, 2)", [(0, 0), (1, 2)]),
        ("x = load(path)\ny = load(name)", "y = load(name, 1)", [(1, 0)]),
        ("Größe = 1", "Größe = 2", [(0, 0)]),
    ],
)
def test_a_line_that_differs_by_few_words_is_updated(removed: str, added: str, updated: list[tuple[int, int]]) -> None:
    assert done([hunk(removed, added)]).updated == updated


@pytest.mark.parametrize("place", [0, 35, 70])
def test_a_line_that_differs_by_few_words_is_updated_wherever_in_a_long_new_block_it_stands(place: int) -> None:
    block = [f"new_{number} = made_{number}({number})" for number in range(70)]
    after = [*block[:place], "total = price + tax", *block[place:]]
    assert done([hunk("total = price + fee", "\n".join(after))]).updated == [(0, place)]


def test_a_line_that_moved_is_not_updated() -> None:
    did = done([hunk(TOTAL, TOTAL.replace("price", "cost"))], [hunk("", TOTAL)])
    assert (did.moved, did.updated) == ([Run(0, 1, 1)], [])


def test_the_same_words_replaced_in_three_places_are_find_and_replace() -> None:
    renamed = [hunk(f"{name}(old_name)", f"{name}(new_name)") for name in ("call", "send", "drop")]
    assert done(renamed).find_replaced == {0, 1, 2}
    assert done(renamed[:2]).find_replaced == set()


def test_words_that_were_only_added_replace_nothing() -> None:
    assert done([hunk(f"{name}()", f"{name}(more)") for name in ("call", "send", "drop")]).find_replaced == set()


def test_a_formatter_keeps_every_line() -> None:
    did = done([hunk("x = ['a',\n 'b'];", 'x = [\n  "a",\n  "b",\n]')] * FORMATTED)
    assert did.is_format
    assert sum(run.length for run in did.kept) == 2 * FORMATTED


def test_one_tiny_edit_is_no_formatters_work() -> None:
    assert not done([hunk("x = ['a']", 'x = ["a"]')]).is_format


def test_one_word_among_many_quotes_is_no_formatters_work() -> None:
    assert not done([hunk("x = ['a']", 'x = ["a"]')] * FORMATTED + [hunk("a", "b")]).is_format


def test_an_ignored_commit_bears_and_buries_only_surplus_lines() -> None:
    did = done([hunk(f"{TOTAL}\nfoo\nbar", f"one\ntwo\nthree\n{TOTAL} + 1")], [hunk("", "four")], ignored=True)
    assert did.kept == [Run(0, 3, 1), Run(1, 0, 1), Run(2, 2, 1)]
    assert did.updated == []


def test_the_same_line_in_two_functions_is_copied_within_the_commit() -> None:
    did = done([hunk("", f"{PRICE}\n    {ROUND}\n\n{TAX}\n    {ROUND}\n")])
    assert did.copied_within == {1, 4}


def test_the_same_line_twice_in_a_function_is_not() -> None:
    assert done([hunk("", f"{PRICE}\n    {ROUND}\n    {ROUND}")]).copied_within == set()


def test_the_function_is_the_heading_of_the_hunk_until_another_begins() -> None:
    line = f"    {ROUND}"
    assert done([hunk("", line, PRICE), hunk("", line, PRICE)]).copied_within == set()
    assert done([hunk("", line, PRICE), hunk("", line, TAX)]).copied_within == {0, 1}
    assert done([hunk("", f"{TAX}\n{line}", PRICE), hunk("", line, TAX)]).copied_within == set()


def test_the_same_line_in_two_files_is_copied_within_the_commit() -> None:
    assert done([hunk("", f" {ROUND}", PRICE)], [hunk("", f" {ROUND}", PRICE)]).copied_within == {0, 1}


def test_lines_that_mean_nothing_are_no_copies() -> None:
    assert done([hunk("", " }\n\n", PRICE)], [hunk("", " }\n\n", TAX)]).copied_within == set()


def test_moved_and_kept_lines_are_no_copies() -> None:
    did = done([hunk(ROUND, f"  {ROUND}")], [hunk(TOTAL, "")], [hunk("", f"{TOTAL}\n  {ROUND}")])
    assert did.copied_within == set()


@pytest.mark.parametrize("ignored", [False, True])
def test_a_huge_hunk_costs_what_its_lines_cost(*, ignored: bool) -> None:
    old = [b"value_%d = load(%d)" % (number, number) for number in range(20_000)]
    new = [line + b" or %d" % (number % 7) for number, line in enumerate(old[::-1])]
    began = time.process_time()
    operations([[Hunk(0, 0, old, new, b"")]], new, bytes(len(new)), ignored=ignored)
    assert time.process_time() - began < 5


_WORDS = st.sampled_from(
    [b"", b"}", b"foo", b"bar(1)", b"return the_value_of_it", b"return another_value", b"\xff\x00\xfe"]
)
_LINES = st.lists(
    st.builds(b"%b%b %b".__mod__, st.tuples(st.sampled_from([b"", b"  ", b"\t"]), _WORDS, _WORDS)), max_size=8
)
_HUNKS = st.builds(lambda removed, added: Hunk(0, 0, removed, added, b"f"), _LINES, _LINES)
_COMMITS = st.lists(st.lists(_HUNKS, max_size=4), max_size=3)


@given(_COMMITS, st.booleans())
def test_every_line_goes_on_as_one_line_at_most(files: list[list[Hunk]], ignored: bool) -> None:  # noqa: FBT001
    did = done(*files, ignored=ignored)
    hunks = list(chain.from_iterable(files))
    old = [(number, line) for number, each in enumerate(hunks) for line in each.removed]
    new = [(number, line) for number, each in enumerate(hunks) for line in each.added]
    kept, moved = (
        [(run.removed + place, run.added + place) for run in each for place in range(run.length)]
        for each in (did.kept, did.moved)
    )
    # One to one, and nothing twice.
    for side in (0, 1):
        places = [pair[side] for pair in (*kept, *moved, *did.updated)]
        assert len(set(places)) == len(places)
    # Moves are what git shows, the other pairs stay in their hunk, and in order.
    assert all(old[one][1].lstrip() == new[other][1].lstrip() and did.added_marks[other] for one, other in moved)
    for pairs in (kept, did.updated):
        assert all(old[one][0] == new[other][0] for one, other in pairs)
    for pairs in ([] if ignored else kept, did.updated):
        assert all(before[1] < after[1] for before, after in pairwise(sorted(pairs)))
    assert did.copied.isdisjoint(other for _, other in (*kept, *moved, *did.updated))
    assert did.find_replaced <= {other for _, other in did.updated}
    assert did.copied_within.isdisjoint(other for _, other in (*kept, *moved))
    if ignored:
        for number, each in enumerate(hunks):
            left = len(each.removed) - sum(old[one][0] == number for one, _ in moved)
            right = len(each.added) - sum(new[other][0] == number for _, other in moved)
            assert sum(old[one][0] == number for one, _ in kept) == min(left, right)
