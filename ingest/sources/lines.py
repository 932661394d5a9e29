"""The lines of a file that may hold anything: streamed, numbered, and each either readable or with its fault."""

import csv
import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, NamedTuple

LONGEST = 1 << 20  # bytes of a line, and of a CSV row over all its lines
_SHOWN = 200  # characters of a row that go to the rejects file
_BLANK = " \t\r\n"  # not str.strip's own idea: a lone control character is content, and is reported


class FileError(ValueError):
    """Why nothing of a file is read."""

    def __init__(self, line: int, reason: str, content: str = "") -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason
        self.content = content


class Line(NamedTuple):
    """A physical line without its end; `fault` says why it cannot be loaded."""

    number: int
    text: str
    fault: str = ""
    is_cut: bool = False  # too long: `text` is only its beginning


class CsvRow(NamedTuple):
    """A row of a CSV file at its first physical line; without cells when it has a fault."""

    line: int
    cells: list[str]
    fault: str
    content: str


class JsonRow(NamedTuple):
    """An object of a JSON Lines file; empty when it has a fault."""

    line: int
    values: dict[str, object]
    fault: str
    content: str


def lines(stream: BinaryIO) -> Iterator[Line]:
    """The physical lines of `stream`, never more than one of them in memory, and of that no more than LONGEST."""
    for number, (raw, length) in enumerate(_raw_lines(stream), 1):
        if length > LONGEST:
            fault = (
                f"This line has {length:,} bytes; {LONGEST:,} is the most. Split it, or end its rows with line feeds."
            )
            yield Line(number, raw[:_SHOWN].decode("utf-8", "backslashreplace"), fault, is_cut=True)
            continue
        try:
            text, fault = raw.decode("utf-8"), ""
        except UnicodeDecodeError as error:
            text = raw.decode("utf-8", "backslashreplace")
            fault = f"Byte {error.start + 1} is not UTF-8; save the file as UTF-8."
        yield Line(number, text.removeprefix("\ufeff") if number == 1 else text, fault)


def check_encoding(stream: BinaryIO) -> None:
    """Raises FileError when the file is not in UTF-8 as a whole, and leaves `stream` at its beginning."""
    head = stream.read(4)
    stream.seek(0)
    has_mark = head[:2] in {b"\xff\xfe", b"\xfe\xff"}
    # Without a byte order mark every other byte of plain text is zero.
    nulls = [byte == 0 for byte in head]
    if has_mark or nulls in ([False, True, False, True], [True, False, True, False]):
        raise FileError(0, "The file is UTF-16, and nothing of it was read. Save it as UTF-8.")


def csv_rows(source: Iterable[Line]) -> Iterator[CsvRow]:
    """Rows of a CSV file, the header first; a row whose number of cells is not the header's has a fault.

    A quoted cell may run over several lines. When its row turns out wrong, a missing quote has most likely swallowed
    its neighbours: then the row's first line alone is at fault, and reading goes on with the line below it.
    """
    ahead = _Lookahead(iter(source))
    width: int | None = None
    while taken := ahead.take():
        if not taken.text.strip(_BLANK):
            continue
        if taken.is_cut:
            yield CsvRow(taken.number, [], taken.fault, taken.text)
            continue
        row = _csv_row(taken, ahead, width)
        width = len(row.cells) if width is None else width
        yield row


def json_rows(source: Iterable[Line]) -> Iterator[JsonRow]:
    """Objects of a JSON Lines file, one for each line that is not blank."""
    for line in source:
        if line.text.strip(_BLANK) or line.fault:
            values, fault = ({}, line.fault) if line.fault else _json_object(line.text)
            yield JsonRow(line.number, values, fault, shortened(line.text))


def shortened(text: str) -> str:
    """The beginning of `text`, for the rejects file."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _raw_lines(stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Each line without its end, cut after LONGEST bytes, and its length."""
    room = LONGEST + 2  # for the line's end
    while raw := stream.readline(room):
        length, last = len(raw), raw
        while len(last) == room and not last.endswith(b"\n"):
            last = stream.readline(room)
            length += len(last)
        end = len(last) - len(_without_end(last))
        yield _without_end(raw), length - end


def _without_end(raw: bytes) -> bytes:
    return raw.removesuffix(b"\n").removesuffix(b"\r") if raw.endswith(b"\n") else raw


class _Lookahead:
    """Lines that can be put back."""

    def __init__(self, source: Iterator[Line]) -> None:
        self._source = source
        self._back: deque[Line] = deque()

    def take(self) -> Line | None:
        return self._back.popleft() if self._back else next(self._source, None)

    def put_back(self, taken: Sequence[Line]) -> None:
        self._back.extendleft(reversed(taken))


def _csv_row(first: Line, ahead: _Lookahead, width: int | None) -> CsvRow:
    taken = [first]
    try:
        cells = next(csv.reader(_row_lines(taken, ahead), strict=True))
        fault = _width_fault(cells, width, taken)
    except csv.Error as error:
        cells, fault = [], _csv_fault(error, taken)
    if fault:
        ahead.put_back(taken[1:])
        del taken[1:]
    fault = first.fault or fault or next((_fault_inside(line) for line in taken if line.fault), "")
    return CsvRow(first.number, [] if fault else cells, fault, shortened("\n".join(line.text for line in taken)))


def _row_lines(taken: list[Line], ahead: _Lookahead) -> Iterator[str]:
    """The text of the lines the csv reader asks for, until the row is too long to be one; they are noted in `taken`."""
    size = len(taken[0].text)
    yield taken[0].text + "\n"
    while line := ahead.take():
        size += len(line.text)
        if line.is_cut or size > LONGEST:
            ahead.put_back([line])
            return  # the reader complains of a quote that is not closed
        taken.append(line)
        yield line.text + "\n"


def _width_fault(cells: list[str], width: int | None, taken: list[Line]) -> str:
    if width is None or len(cells) == width:
        return ""
    reason = f"The row has {len(cells)} cells, the header {width}. "
    if len(taken) > 1:
        return reason + f"It runs to line {taken[-1].number}: close the quote that opens here."
    return reason + 'Put a cell that holds a comma into "quotes".'


def _fault_inside(line: Line) -> str:
    return f"Line {line.number}, a part of this row: {line.fault}"


def _csv_fault(error: csv.Error, taken: list[Line]) -> str:
    if "\r" in taken[0].text:
        return "A carriage return stands inside the line. End lines with LF or CRLF."
    if len(taken) == 1 and "field larger" in str(error):
        return "A cell has more than 10,000 characters. Shorten it."
    return "The quotes do not pair up. Close every quoted cell, and double a quote inside one."


def _json_object(text: str) -> tuple[dict[str, object], str]:
    try:
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_without_repeats)
    except RecursionError:
        return {}, "The line is nested too deeply. Write one flat JSON object per line."
    except json.JSONDecodeError as error:
        return {}, f"The line is not JSON: {error.msg} at character {error.pos + 1}. Write one JSON object per line."
    except ValueError as error:
        return {}, f"The line is not JSON we can read: {error}. Write one flat JSON object per line."
    if not isinstance(value, dict):
        return {}, "The line is not a JSON object. Write one object per line, and no list around them."
    return value, ""


def _no_constant(name: str) -> object:
    message = f"{name} is no JSON number"
    raise ValueError(message)


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) != len(pairs):
        message = "one name stands twice in an object"
        raise ValueError(message)
    return values
