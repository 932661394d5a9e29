"""The files of one kind as entries: each row converted, built and folded by its key, or said to be wrong.

Nothing is dropped silently: a row becomes an entry, or gives way to a later one with its key (a warning says so), or is
a reject. Warnings are gathered: one for each file and doubt, with how many rows it is about and the first of them.
"""

import difflib
import os
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, BinaryIO, Generic, TypeVar

from ingest.settings import Settings
from ingest.sources import drop
from ingest.sources.columns import Column, Doubt, Layout, RowError, shown
from ingest.sources.lines import CsvRow, FileError, JsonRow, check_encoding, csv_rows, json_rows, lines
from ingest.sources.rejects import Report
from ingest.sources.source import Reject

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Row:
    """A row whose cells are converted: by the column's name, None where nothing stood."""

    file: str
    line: int
    values: dict[str, Any]
    doubt: Doubt
    content: str


@dataclass
class Reading(Generic[Entry]):
    """What the files of a kind say."""

    entries: list[Entry] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    is_whole: bool = True  # no file was refused as a whole
    written_at: datetime | None = None  # the newest file, naive UTC: a file says all there was until it was written


def read(
    settings: Settings,
    kind: str,
    layout: Layout,
    build: Callable[[Row], Entry],
    key: Callable[[Entry], Hashable],
) -> Reading[Entry]:
    """Every entry of the kind's files; of entries with one key the last. `build` may raise RowError."""
    reading: Reading[Entry] = Reading()
    found: dict[Hashable, tuple[Entry, str, int]] = {}
    for file in drop.files(settings, kind):
        report = Report(drop.name(file))
        with drop.opened(file) as stream:
            written_at = datetime.fromtimestamp(os.fstat(stream.fileno()).st_mtime, UTC).replace(tzinfo=None)
            reading.written_at = max(written_at, reading.written_at or written_at)
            try:
                for row in _rows(stream, file.suffix, layout, report):
                    _fold(found, row, report, build, key)
            except FileError as fault:
                reading.is_whole = False
                report.reject(fault.line, fault.reason, fault.content)
        reading.rejects += report.lines()
    reading.entries = [entry for entry, _, _ in found.values()]
    return reading


def _fold(
    found: dict[Hashable, tuple[Entry, str, int]],
    row: Row,
    report: Report,
    build: Callable[[Row], Entry],
    key: Callable[[Entry], Hashable],
) -> None:
    """Put the row's entry in place of an earlier one with its key."""
    try:
        entry = build(row)
    except RowError as error:
        report.reject(row.line, str(error), row.content)
        return
    earlier = found.get(key(entry))
    if earlier is not None:
        where = f"{earlier[1]} line {earlier[2]}" if earlier[1] != row.file else f"line {earlier[2]}"
        report.repeats(where)
    report.settle()
    found[key(entry)] = (entry, row.file, row.line)


def _rows(stream: BinaryIO, ending: str, layout: Layout, report: Report) -> Iterator[Row]:
    """The file's rows with their cells converted; what is wrong goes to the report."""
    check_encoding(stream)
    doubts = {column.name: partial(_about, report, column.name) for column in layout.columns}
    source = lines(stream)
    is_csv = ending.lower() == ".csv"
    rows = (
        _named_csv_rows(csv_rows(source), layout, report)
        if is_csv
        else _named_json_rows(json_rows(source), layout, report)
    )
    for row, raw in rows:
        try:
            values = _values(raw, layout, doubts)
        except RowError as error:
            report.reject(row.line, str(error), row.content)
        else:
            yield Row(report.file, row.line, values, report.doubt, row.content)


def _about(report: Report, column: str, what: str, value: str | None = None) -> None:
    report.doubt(f"{column} {what}", value)


def _values(raw: Mapping[str, object], layout: Layout, doubts: Mapping[str, Doubt]) -> dict[str, Any]:
    values = {column.name: _value(column, raw.get(column.name), doubts[column.name]) for column in layout.columns}
    if layout.one_of and all(values[name] is None for name in layout.one_of):
        message = f"The row has none of {', '.join(layout.one_of)}. Fill in one."
        raise RowError(message)
    return values


def _value(column: Column, value: object, doubt: Doubt) -> object:
    if value is None or value == "" or (isinstance(value, str) and value.isspace()):
        if column.required:
            message = f"{column.name} is missing. Fill it in."
            raise RowError(message)
        return None
    try:
        return column.read(value, doubt)
    except RowError as error:
        message = f"{column.name} {error}"
        raise RowError(message) from None


def _named_csv_rows(
    rows: Iterator[CsvRow], layout: Layout, report: Report
) -> Iterator[tuple[CsvRow, dict[str, object]]]:
    header = next(rows, None)
    if header is None:
        raise FileError(0, "The file is empty. A CSV file begins with a line that names its columns.")
    names = _header(header, layout, report)
    unnamed = [position for position, name in enumerate(header.cells) if not name.strip()]
    for row in rows:
        report.begin(row.line, row.content)
        if row.fault:
            report.reject(row.line, row.fault, row.content)
        else:
            if any(row.cells[position].strip() for position in unnamed):
                report.doubt("A cell was not read, because its column has no name. Name it in the first line")
            yield row, {name: cell for name, cell in zip(names, row.cells, strict=True) if name is not None}


def _header(header: CsvRow, layout: Layout, report: Report) -> list[str | None]:
    """For each cell of the header the column it means, None where it means none. Raises FileError."""
    if header.fault:
        raise FileError(header.line, f"The line with the columns' names: {header.fault}", header.content)
    written = [_plain(cell) for cell in header.cells]
    names = [layout.names.get(name) for name in written]
    missing = [column.name for column in layout.columns if column.required and column.name not in names]
    if not missing and layout.one_of and not set(layout.one_of) & set(names):
        missing = [" or ".join(layout.one_of)]
    if missing:
        raise FileError(header.line, _missing(missing, written), header.content)
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        reason = f"Several columns mean {', '.join(twice)}, and nothing of the file was read. Keep one of them."
        raise FileError(header.line, reason, header.content)
    report.begin(header.line, header.content)
    for name in filter(None, written):
        _note_unknown(name, layout, report)
    report.settle()
    return names


def _missing(missing: list[str], written: list[str]) -> str:
    near = {name: difflib.get_close_matches(name, written, 1, 0.5) for name in missing}
    wanted = ", ".join(f"{name} (perhaps {shown(near[name][0])})" if near[name] else name for name in missing)
    found = ", ".join(shown(name) for name in written[:40])
    remedy = "Name the columns in the first line."
    if len(written) == 1 and (";" in written[0] or "\t" in written[0]):
        remedy = "Separate the cells by commas."
    return f"The column {wanted} is missing, and nothing of the file was read. It has: {found}. {remedy}"


def _named_json_rows(
    rows: Iterator[JsonRow], layout: Layout, report: Report
) -> Iterator[tuple[JsonRow, dict[str, object]]]:
    for row in rows:
        report.begin(row.line, row.content)
        values: dict[str, object] = {}
        fault = row.fault
        for written, value in row.values.items():
            name = layout.names.get(_plain(written))
            if name in values and values[name] is not None and value is not None:
                fault = f"Two names in the object mean {name}. Keep one of them."
            if name is not None and values.get(name) is None:
                values[name] = value
            _note_unknown(_plain(written), layout, report)
        if fault:
            report.reject(row.line, fault, row.content)
        else:
            yield row, values


def _note_unknown(name: str, layout: Layout, report: Report) -> None:
    if name not in layout.names and name not in layout.unused:
        known = ", ".join(column.name for column in layout.columns)
        report.doubt(f"Not read, because no such column is known: {{}}. The known ones are {known}", name)


def _plain(name: str) -> str:
    """A column's name without the differences that spreadsheets make."""
    return "_".join(name.lower().split())
