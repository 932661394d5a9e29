from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ingest.settings import Settings
from ingest.sources import reading
from ingest.sources.columns import Column, Layout, RowError, count, moment, text
from ingest.sources.source import Reject

Write = Callable[[str, str | bytes], Path]

LAYOUT = Layout(
    columns=(
        Column("id", text, required=True),
        Column("amount", count, also=("number",)),
        Column("at", moment),
        Column("email", text),
        Column("login", text),
    ),
    one_of=("email", "login"),
    unused=("comment",),
)
KNOWN = "id, amount, at, email, login"


class Thing(NamedTuple):
    key: str
    amount: int | None


def thing(row: reading.Row) -> Thing:
    if row.values["amount"] == 13:
        message = "amount is unlucky."
        raise RowError(message)
    if row.values["amount"] == 7:
        row.doubt("amount is {} where it is lucky", "seven")
    return Thing(row.values["id"], row.values["amount"])


def read(settings: Settings) -> reading.Reading[Thing]:
    return reading.read(settings, "seats", LAYOUT, thing, lambda found: found.key)


def outcome(settings: Settings) -> tuple[list[Thing], list[tuple[object, ...]]]:
    found = read(settings)
    return found.entries, [reject[1:4] for reject in found.rejects]


def test_an_empty_cell_is_unknown_and_zero_is_a_measured_zero(settings: Settings, write: Write) -> None:
    write("seats.csv", "id,amount,login\nA,,x\nB,0,x\nC,  ,x\n")
    write("seats.jsonl", '{"id": "D", "login": "x"}\n{"id": "E", "login": "x", "amount": null}\n')
    write("seats_2.jsonl", '{"id": "F", "login": "x", "amount": ""}\n{"id": "G", "login": "x", "amount": 0}\n')
    amounts = [("A", None), ("B", 0), ("C", None), ("D", None), ("E", None), ("F", None), ("G", 0)]
    assert outcome(settings) == ([Thing(*pair) for pair in amounts], [])


def test_a_bad_row_is_rejected_with_its_place_and_reason_and_the_rest_is_loaded(
    settings: Settings, write: Write
) -> None:
    write("seats.csv", "id,amount,login\nA,many,x\nB,1,x\n,1,x\nC,13,x\nD,1,\n")
    found = read(settings)
    assert found.entries == [Thing("B", 1)]
    assert found.rejects == [
        Reject(
            "seats.csv",
            2,
            "rejected",
            "amount is not a number. Write it like 12.5, without separators of thousands.",
            "A,many,x",
        ),
        Reject("seats.csv", 4, "rejected", "id is missing. Fill it in.", ",1,x"),
        Reject("seats.csv", 5, "rejected", "amount is unlucky.", "C,13,x"),
        Reject("seats.csv", 6, "rejected", "The row has none of email, login. Fill in one.", "D,1,"),
    ]


def test_the_names_of_columns_may_differ_in_case_and_space_and_have_synonyms(settings: Settings, write: Write) -> None:
    write("seats.csv", "\ufeff ID ,Number,LOGIN\nA,1,x\n")
    write("seats.jsonl", '{"Id": "B", "number": 2, "Login": "x"}\n')
    assert outcome(settings) == ([Thing("A", 1), Thing("B", 2)], [])


def test_a_missing_column_refuses_the_whole_file_and_names_what_is_near(settings: Settings, write: Write) -> None:
    write("seats.csv", "idd,amount,login\nA,1,x\nB,2,x\n")
    found = read(settings)
    assert (found.entries, found.is_whole) == ([], False)
    assert found.rejects == [
        Reject(
            "seats.csv",
            1,
            "rejected",
            "The column id (perhaps 'idd') is missing, and nothing of the file was read. "
            "It has: 'idd', 'amount', 'login'. Name the columns in the first line.",
            "idd,amount,login",
        )
    ]


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("", 0, "The file is empty. A CSV file begins with a line that names its columns."),
        (
            "id,amount\nA,1\n",
            1,
            (
                "The column email or login is missing, and nothing of the file was read. "
                "It has: 'id', 'amount'. Name the columns in the first line."
            ),
        ),
        (
            "id;login\nA;x\n",
            1,
            (
                "The column id is missing, and nothing of the file was read. "
                "It has: 'id;login'. Separate the cells by commas."
            ),
        ),
        (
            "A,dev.one@corp.example.com\n",
            1,
            (
                "The column id is missing, and nothing of the file was read. It has: 'a', (an address). "
                "Name the columns in the first line."
            ),
        ),
        (
            "id,amount,number,login\nA,1,2,x\n",
            1,
            "Several columns mean amount, and nothing of the file was read. Keep one of them.",
        ),
        (
            b"id,\xff,login\nA,1,x\n",
            1,
            "The line with the columns' names: Byte 4 is not UTF-8; save the file as UTF-8.",
        ),
        ("id,login\nA,x\n".encode("utf-16"), 0, "The file is UTF-16, and nothing of it was read. Save it as UTF-8."),
    ],
)
def test_a_file_that_cannot_be_read_at_all_gives_one_reject(
    settings: Settings, write: Write, content: str | bytes, line: int, reason: str
) -> None:
    write("seats.csv", content)
    assert outcome(settings) == ([], [(line, "rejected", reason)])


def test_columns_nobody_knows_give_one_warning_and_known_unused_ones_none(settings: Settings, write: Write) -> None:
    write("seats.csv", "id,login,colour,comment,amounts\nA,x,red,c,1\nB,x,red,c,1\n")
    reason = f"Not read, because no such column is known: 'colour', 'amounts'. The known ones are {KNOWN}."
    assert outcome(settings) == ([Thing("A", None), Thing("B", None)], [(1, "warning", reason)])


def test_unknown_names_in_json_are_gathered_over_the_rows(settings: Settings, write: Write) -> None:
    rows = [f'{{"id": "{n}", "login": "x", "extra_{n}": 1, "comment": 2}}' for n in range(8)]
    write("seats.jsonl", "\n".join(rows))
    names = ", ".join(f"'extra_{n}'" for n in range(5))
    reason = (
        f"Not read, because no such column is known: {names} and others. The known ones are {KNOWN} "
        "(8 rows, the first is line 1)."
    )
    assert outcome(settings) == ([Thing(str(n), None) for n in range(8)], [(1, "warning", reason)])


def test_a_cell_below_no_name_is_reported_and_an_empty_one_is_not(settings: Settings, write: Write) -> None:
    write("seats.csv", "id,login,,\nA,x,,\nB,x,lost,\n")
    reason = "A cell was not read, because its column has no name. Name it in the first line."
    assert outcome(settings) == ([Thing("A", None), Thing("B", None)], [(3, "warning", reason)])


def test_doubts_are_gathered_for_each_file_and_column(settings: Settings, write: Write) -> None:
    write("seats.csv", "id,login,at\nA,x,2026-11-03T10:00Z\nB,x,2026-11-03 10:00\nC,x,2026-11-03 11:00\n")
    write("seats_2.csv", "id,login,at,amount\nD,x,2026-11-03 10:00,7\n")
    naive = "at has no time zone and was read as UTC; write 2026-11-03T11:20:00Z"
    found = read(settings)
    assert [reject[:4] for reject in found.rejects] == [
        ("seats.csv", 3, "warning", f"{naive} (2 rows, the first is line 3)."),
        ("seats_2.csv", 2, "warning", f"{naive}."),
        ("seats_2.csv", 2, "warning", "amount is 'seven' where it is lucky."),
    ]


def test_doubts_about_a_row_that_is_rejected_are_void(settings: Settings, write: Write) -> None:
    write("seats.csv", "id,login,at,amount\nA,x,2026-11-03 10:00,13\n")
    assert outcome(settings) == ([], [(2, "rejected", "amount is unlucky.")])


def test_of_rows_with_one_key_the_later_counts_in_a_file_and_over_files(settings: Settings, write: Write) -> None:
    write("seats.csv", "id,amount,login\nA,1,x\nB,1,x\nA,2,x\nA,3,x\n")
    write("seats-2.jsonl", '{"id": "B", "amount": 9, "login": "x"}\n{"id": "A", "amount": "bad", "login": "x"}\n')
    found = read(settings)
    assert found.entries == [Thing("A", 3), Thing("B", 9)]
    assert [reject[:4] for reject in found.rejects] == [
        (
            "seats.csv",
            4,
            "warning",
            "The row's key was there already, first in line 2; the later row counts (2 rows, the first is line 4).",
        ),
        (
            "seats-2.jsonl",
            1,
            "warning",
            "The row's key was there already, first in seats.csv line 3; the later row counts.",
        ),
        (
            "seats-2.jsonl",
            2,
            "rejected",
            "amount is not a number. Write it like 12.5, without separators of thousands.",
        ),
    ]


def test_two_names_for_one_column_in_an_object_are_rejected(settings: Settings, write: Write) -> None:
    write(
        "seats.jsonl", '{"id": "A", "login": "x", "amount": 1, "number": 2}\n{"id": "B", "login": "x", "number": 2}\n'
    )
    reason = "Two names in the object mean amount. Keep one of them."
    assert outcome(settings) == ([Thing("B", 2)], [(1, "rejected", reason)])


def test_a_row_over_several_lines_is_named_by_its_first(settings: Settings, write: Write) -> None:
    write("seats.csv", 'id,amount,login\n"A\nB",1,x\nC,many,x\n')
    reason = "amount is not a number. Write it like 12.5, without separators of thousands."
    assert outcome(settings) == ([Thing("A\nB", 1)], [(4, "rejected", reason)])


def test_rejects_keep_only_the_beginning_of_a_row(settings: Settings, write: Write) -> None:
    write("seats.csv", "id,amount,login\n" + "A" * 9_999 + ",many,x\n")
    assert [len(reject.content) for reject in read(settings).rejects] == [201]
