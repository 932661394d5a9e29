"""CSV that a spreadsheet opens without running anything."""

import csv
import io

import pytest

from dashboard.spreadsheet import as_csv


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    "hostile", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x";"y")']
)
def test_no_cell_begins_a_formula(hostile: str) -> None:
    [_, [cell]] = read(as_csv(["unit"], [[hostile]]))

    assert cell == f"'{hostile}"


def test_numbers_stay_numbers_and_nothing_is_an_empty_cell() -> None:
    assert as_csv(["n", "d", "what"], [[-0.5, 3, None]]) == "n,d,what\r\n-0.5,3,"


def test_what_separates_is_quoted() -> None:
    assert read(as_csv(["unit"], [['a,"b"\nc']])) == [["unit"], ['a,"b"\nc']]
