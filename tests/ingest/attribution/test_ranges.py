"""Ranges of lines, and who has which when claims overlap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.attribution import ranges
from ingest.attribution.ranges import Range

SHORT = st.builds(lambda first, lines: Range(first, first + lines), st.integers(1, 30), st.integers(0, 12))


@pytest.mark.parametrize(
    ("text", "found", "wrong"),
    [
        ("7", [Range(7, 7)], []),
        ("3-9,12", [Range(3, 9), Range(12, 12)], []),
        (" 3-9 , 12 ", [Range(3, 9), Range(12, 12)], []),
        ("0,4", [Range(4, 4)], ["0"]),
        ("0-4", [], ["0-4"]),
        ("-3", [], ["-3"]),
        ("9-3", [], ["9-3"]),
        ("3-10000000", [Range(3, 10_000_000)], []),
        ("3-10000001", [], ["3-10000001"]),
        ("9" * 5000, [], ["9" * 5000]),
        ("1..3,x,,1-2-3,٣", [], ["1..3", "x", "", "1-2-3", "٣"]),
    ],
)
def test_what_no_file_has_is_told_from_lines(text: str, found: list[Range], wrong: list[str]) -> None:
    assert ranges.read(text) == (found, wrong)


@given(claims=st.lists(SHORT, max_size=12))
def test_of_two_claims_on_a_line_the_later_one_wins(claims: list[Range]) -> None:
    painted = {}
    for number, (first, last) in enumerate(claims):
        painted |= dict.fromkeys(range(first, last + 1), number)
    settled = list(ranges.settled([(lines, number) for number, lines in enumerate(claims)]))
    assert {line: number for (first, last), number in settled for line in range(first, last + 1)} == painted
    assert ranges.count(lines for lines, _ in settled) == len(painted)
    assert settled == sorted(settled)


def test_a_hundred_thousand_claims_on_one_file_are_settled_at_once() -> None:
    claims = [(Range(number, 10_000_000 - number), number) for number in range(1, 100_001)]
    assert len(list(ranges.settled(claims))) == 199_999


def test_what_touches_is_written_as_one() -> None:
    lines: list[Range] = []
    for more in (Range(1, 4), Range(5, 5), Range(7, 7), Range(9, 12)):
        ranges.append(lines, more)
    assert ranges.text(lines) == "1-5,7,9-12"
    assert ranges.count(lines) == 10
