"""Tables for spreadsheets: CSV that cannot carry a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

_BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The table as CSV, without the end of its last line; None is an empty cell, and numbers stay numbers."""
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow(heads)
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return made.getvalue().removesuffix("\r\n")


def _cell(value: object) -> object:
    """Text that a spreadsheet would take for a formula is told apart by an apostrophe before it.

    >>> _cell("=1+1"), _cell("churn"), _cell(-0.5)
    ("'=1+1", 'churn', -0.5)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_BEGIN_FORMULAS) else value
