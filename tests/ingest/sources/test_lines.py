import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.lines import FileError, check_encoding, csv_rows, json_rows, lines

QUOTES = "The quotes do not pair up. Close every quoted cell, and double a quote inside one."


def rows(content: bytes) -> list[tuple[int, list[str], str]]:
    return [row[:3] for row in csv_rows(lines(io.BytesIO(content)))]


def objects(content: bytes) -> list[tuple[int, dict[str, object], str]]:
    return [row[:3] for row in json_rows(lines(io.BytesIO(content)))]


def test_line_ends_of_any_system_and_a_missing_last_one_are_the_same() -> None:
    expected = [(1, ["a", "b"], ""), (2, ["1", "2"], "")]
    assert rows(b"a,b\n1,2\n") == expected
    assert rows(b"a,b\r\n1,2\r\n") == expected
    assert rows(b"a,b\n1,2") == expected


def test_a_byte_order_mark_is_not_part_of_the_first_column() -> None:
    assert rows(b"\xef\xbb\xbfa,b\n1,2\n") == rows(b"a,b\n1,2\n")


def test_blank_lines_are_no_rows_but_count_as_lines() -> None:
    assert rows(b"\na,b\n\n \t\n1,2\n\n") == [(2, ["a", "b"], ""), (5, ["1", "2"], "")]


def test_a_quoted_cell_holds_commas_quotes_and_line_ends() -> None:
    content = b'a,b\n"one, ""two""\nthree",2\r\n3,4\n'
    assert rows(content) == [(1, ["a", "b"], ""), (2, ['one, "two"\nthree', "2"], ""), (4, ["3", "4"], "")]


def test_a_quote_inside_an_unquoted_cell_is_a_character_like_any_other() -> None:
    assert rows(b'a,b\n5" disk,2\n3,4\n') == [(1, ["a", "b"], ""), (2, ['5" disk', "2"], ""), (3, ["3", "4"], "")]


def test_a_quote_that_is_never_closed_costs_its_own_line_only() -> None:
    content = b'a,b\n1,"open\n3,4\n5,6\n'
    assert rows(content) == [(1, ["a", "b"], ""), (2, [], QUOTES), (3, ["3", "4"], ""), (4, ["5", "6"], "")]


def test_a_quote_that_the_next_quoted_cell_would_close_costs_its_own_line_only() -> None:
    content = b'a,b\n1,"open\n3,4\n5,"six"\n7,8\n'
    assert rows(content) == [
        (1, ["a", "b"], ""),
        (2, [], QUOTES),
        (3, ["3", "4"], ""),
        (4, ["5", "six"], ""),
        (5, ["7", "8"], ""),
    ]


def test_a_row_over_several_lines_with_too_many_cells_is_taken_for_a_missing_quote() -> None:
    content = b'a,b\n1,"open\n3,4\n5,",6"\n7,8\n'
    reason = "The row has 3 cells, the header 2. It runs to line 4: close the quote that opens here."
    found = rows(b'a,b\n1,"open\n3,4\n5",6\n7,8\n')
    assert found == [
        (1, ["a", "b"], ""),
        (2, [], reason),
        (3, ["3", "4"], ""),
        (4, ['5"', "6"], ""),
        (5, ["7", "8"], ""),
    ]
    assert [row[0] for row in rows(content)] == [1, 2, 3, 4, 5]


def test_an_open_quote_in_a_long_file_does_not_swallow_it() -> None:
    content = b'a,b\n1,"open\n' + b"3,4\n" * 300_000
    found = rows(content)
    assert (len(found), found[1], found[2], found[-1]) == (
        300_002,
        (2, [], QUOTES),
        (3, ["3", "4"], ""),
        (300_002, ["3", "4"], ""),
    )


def test_a_row_with_too_few_or_too_many_cells_says_so() -> None:
    reason = 'The row has {} cells, the header 2. Put a cell that holds a comma into "quotes".'
    assert rows(b"a,b\n1\n1,2,3\n1,2\n") == [
        (1, ["a", "b"], ""),
        (2, [], reason.format(1)),
        (3, [], reason.format(3)),
        (4, ["1", "2"], ""),
    ]


def test_a_line_that_is_not_utf8_names_the_byte() -> None:
    assert rows(b"a,b\nM\xfcller,2\n3,4\n") == [
        (1, ["a", "b"], ""),
        (2, [], "Byte 2 is not UTF-8; save the file as UTF-8."),
        (3, ["3", "4"], ""),
    ]


def test_bad_bytes_in_the_middle_of_a_quoted_cell_cost_the_whole_row_and_no_other() -> None:
    assert rows(b'a,b\n1,"x\n\xff\ny"\n3,4\n') == [
        (1, ["a", "b"], ""),
        (2, [], "Line 3, a part of this row: Byte 1 is not UTF-8; save the file as UTF-8."),
        (5, ["3", "4"], ""),
    ]


def test_old_macintosh_line_ends_are_named() -> None:
    assert rows(b"a,b\r1,2\r") == [(1, [], "A carriage return stands inside the line. End lines with LF or CRLF.")]


def test_a_line_over_one_mebibyte_is_rejected_with_its_length_and_the_rest_is_read() -> None:
    reason = "This line has 1,048,577 bytes; 1,048,576 is the most. Split it, or end its rows with line feeds."
    content = b"a,b\n1," + b"x" * (2**20 - 1) + b"\n3,4\n"
    assert rows(content) == [(1, ["a", "b"], ""), (2, [], reason), (3, ["3", "4"], "")]


def test_a_line_of_one_mebibyte_is_read_with_either_line_end() -> None:
    for end in (b"\n", b"\r\n", b""):
        assert [line.fault for line in lines(io.BytesIO(b"x" * 2**20 + end))] == [""]


def test_an_open_quote_stops_at_a_line_that_is_too_long() -> None:
    found = rows(b'a,b\n1,"open\n' + b"x" * (2**20 + 1) + b"\n3,4\n")
    assert [(line, cells, reason[:25]) for line, cells, reason in found] == [
        (1, ["a", "b"], ""),
        (2, [], "The quotes do not pair up"),
        (3, [], "This line has 1,048,577 b"),
        (4, ["3", "4"], ""),
    ]


def test_a_line_of_a_hundred_megabytes_is_passed_in_flat_memory(tmp_path: Path) -> None:
    file = tmp_path / "long.jsonl"
    with file.open("wb") as stream:
        stream.write(b'{"id": 1}\n{"id": "')
        for _ in range(100):
            stream.write(b"x" * 1_000_000)
        stream.write(b'"}\n{"id": 3}\n')
    with file.open("rb") as stream:
        tracemalloc.start()
        found = [row[:3] for row in json_rows(lines(stream))]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    reason = "This line has 100,000,010 bytes; 1,048,576 is the most. Split it, or end its rows with line feeds."
    assert found == [(1, {"id": 1}, ""), (2, {}, reason), (3, {"id": 3}, "")]
    assert peak < 8_000_000


@pytest.mark.parametrize(
    "content",
    ["id,title\n".encode("utf-16"), "id,title\n".encode("utf-16-le"), '{"id": 1}\n'.encode("utf-16-be")],
)
def test_utf16_with_or_without_its_mark_is_seen_at_once(content: bytes) -> None:
    with pytest.raises(FileError, match="The file is UTF-16, and nothing of it was read"):
        check_encoding(io.BytesIO(content))


def test_utf8_goes_on_from_its_first_byte() -> None:
    stream = io.BytesIO(b"\xef\xbb\xbfid")
    check_encoding(stream)
    assert stream.read() == b"\xef\xbb\xbfid"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"[1]", "The line is not a JSON object. Write one object per line, and no list around them."),
        (b'"text"', "The line is not a JSON object. Write one object per line, and no list around them."),
        (b"{", "Expecting property name enclosed in double quotes at character 2."),
        (b'{"a": 1} {"b": 2}', "The line is not JSON: Extra data at character 10. Write one JSON object per line."),
        (b'{"a": NaN}', "NaN is no JSON number"),
        (b'{"a": -Infinity}', "-Infinity is no JSON number"),
        (b'{"a": ' + b"1" * 5000 + b"}", "Exceeds the limit (4300 digits)"),
        (b'{"a": ' + b"[" * 100_000, "The line is nested too deeply. Write one flat JSON object per line."),
        (b'{"a": 1, "a": 2}', "one name stands twice in an object"),
        (b'{"a": "\0"}', "Invalid control character"),
        (b'{"a": "\xff"}', "Byte 8 is not UTF-8; save the file as UTF-8."),
    ],
)
def test_a_line_that_is_no_json_object_says_why_and_the_next_is_read(line: bytes, reason: str) -> None:
    (number, values, fault), after = objects(line + b'\n{"a": 1}\n')
    assert (number, values, reason in fault) == (1, {}, True), fault
    assert after == (2, {"a": 1}, "")


@given(st.binary(max_size=300))
def test_any_bytes_give_each_line_that_is_not_blank_to_exactly_one_row(content: bytes) -> None:
    bare = content.removeprefix(b"\xef\xbb\xbf")
    expected = [n for n, line in enumerate(bare.split(b"\n"), 1) if line.strip(b" \t\r")]
    assert [row.line for row in json_rows(lines(io.BytesIO(content)))] == expected


@given(st.lists(st.sampled_from(['"', ",", "\n", "\r", "x", '""', "\0", "é", '",', '\n"']), max_size=40).map("".join))
def test_any_csv_gives_rows_of_the_headers_width_or_with_a_fault_in_the_order_of_lines(content: str) -> None:
    found = list(csv_rows(lines(io.BytesIO(content.encode()))))
    assert [row.line for row in found] == sorted({row.line for row in found})
    assert all(bool(row.fault) != bool(row.cells) for row in found)
    assert {len(row.cells) for row in found[1:] if row.cells} <= {len(row.cells) for row in found[:1]}
