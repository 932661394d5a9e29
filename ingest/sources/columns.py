"""What a cell may hold: columns are data, and their converters are shared by every kind of file.

A converter gets what stood in a CSV cell or a JSON value, never an empty one: an empty cell is unknown and stays None.
It raises RowError with the end of a sentence that begins with the column's name. That sentence goes to the warehouse,
so it never quotes the cell: a shifted column may hold a name or an address.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import Protocol

LONGEST_TEXT = 10_000
YEARS = range(1990, 2101)
_LARGEST = 10**15  # what is beyond is a slip, and sums of what is within fit a bigint
_INTEGER = re.compile(r"[+-]?\d{1,20}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"([t ]\s*(?P<time>\d\d:\d\d(:\d\d([.,]\d+)?)?)\s*(?P<zone>z|utc|gmt|[+-]\d\d(:?\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # JSON can write one, UTF-8 cannot
_NO_TIME = "is not a time we can read. Write 2026-11-03T11:20:00Z, or 2026-11-03 for a day."
_BOOLEANS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0"), False),
}


class RowError(ValueError):
    """Why a row is not loaded."""


class Doubt(Protocol):
    """Takes down a doubt about a row that is loaded nevertheless; `{}` in it becomes the values it is about."""

    def __call__(self, what: str, value: str | None = None) -> None:
        """Take it down."""


Converter = Callable[[object, Doubt], object]


@dataclass(frozen=True)
class Column:
    """A column of a file."""

    name: str
    read: Converter
    required: bool = False
    also: tuple[str, ...] = ()  # other names for the same


@dataclass(frozen=True)
class Layout:
    """The columns of a kind of file."""

    columns: tuple[Column, ...]
    one_of: tuple[str, ...] = ()  # a row needs at least one of these
    unused: tuple[str, ...] = ()  # known, and not read on purpose: no warning

    @cached_property
    def names(self) -> dict[str, str]:
        """Every name a column may have in a file, and the column's own."""
        return {name: column.name for column in self.columns for name in (column.name, *column.also)}


def text(value: object, doubt: Doubt) -> str:
    """Text as it stands, without outer space. A JSON integer will do: identifiers often are."""
    del doubt
    if isinstance(value, bool) or not isinstance(value, str | int):
        message = "is not text."
        raise RowError(message)
    found = str(value).strip()
    if len(found) > LONGEST_TEXT:
        message = f"has {len(found):,} characters; {LONGEST_TEXT:,} is the most. Shorten it."
        raise RowError(message)
    if "\0" in found:
        message = "holds a NUL character. Remove it."
        raise RowError(message)
    if _HALF_CHARACTER.search(found):
        message = "holds half a character (a lone surrogate). Write the file as UTF-8."
        raise RowError(message)
    return found


def prose(value: object, doubt: Doubt) -> str | None:
    """Text of any length, of which only what it names is kept; what is no text says nothing, with a doubt."""
    if not isinstance(value, str):
        doubt("was not read where it is not text")
        return None
    return value


def texts(value: object, doubt: Doubt) -> tuple[str, ...]:
    """Several texts, separated by semicolons or as a JSON list; each once."""
    parts = value if isinstance(value, list) else text(value, doubt).split(";")
    found = (text(part, doubt) for part in parts if part is not None)
    return tuple(dict.fromkeys(part for part in found if part))


def number(value: object, doubt: Doubt) -> float:
    """A number with a decimal point."""
    del doubt
    plain = value.strip() if isinstance(value, str) else value
    if isinstance(plain, str) and len(plain) <= 400 and _NUMBER.fullmatch(plain):
        plain = int(plain) if _INTEGER.fullmatch(plain) else float(plain)
    if isinstance(plain, bool) or not isinstance(plain, int | float):
        message = "is not a number. Write it like 12.5, without separators of thousands."
        raise RowError(message)
    if abs(plain) > _LARGEST:  # infinity too, which is what 1e999 reads as
        message = "is too large to be true. Mend it, or leave the cell empty."
        raise RowError(message)
    return plain


def minutes(value: object, doubt: Doubt) -> float:
    """A number that cannot be negative."""
    found = float(number(value, doubt))
    if found < 0:
        message = "is negative. Mend it, or leave the cell empty."
        raise RowError(message)
    return found


def count(value: object, doubt: Doubt) -> int:
    """A whole number that cannot be negative; 12.0 will do, since spreadsheets and data frames write it so."""
    if isinstance(value, str) and len(value) < 16 and value.isascii() and value.isdigit():
        return int(value)  # nearly all there are: worth a shortcut
    found = number(value, doubt)
    if found < 0:
        message = "is negative. Mend it, or leave the cell empty."
        raise RowError(message)
    if found != int(found):
        message = "is not a whole number."
        raise RowError(message)
    return int(found)


def boolean(value: object, doubt: Doubt) -> bool:
    """True or false."""
    word = str(value).lower() if isinstance(value, bool) else text(value, doubt).casefold()
    if word not in _BOOLEANS:
        message = "is neither true nor false."
        raise RowError(message)
    return _BOOLEANS[word]


def moment(value: object, doubt: Doubt) -> datetime:
    """A moment as naive UTC; without a zone it is taken to be UTC, and a day to be its midnight, with a doubt."""
    day, found = _day_and_moment(value)
    if found is None:
        doubt("is a day without a time and was read as midnight UTC; write 2026-11-03T11:20:00Z")
        return datetime.combine(day, time())
    if found.tzinfo is None:
        doubt("has no time zone and was read as UTC; write 2026-11-03T11:20:00Z")
        return found
    return found.astimezone(UTC).replace(tzinfo=None)


def day(value: object, doubt: Doubt) -> date:
    """A day; of a moment the day it falls on in UTC."""
    found, instant = _day_and_moment(value)
    midnight = instant is None or (instant.tzinfo is None and instant.time() == time())
    return found if midnight else moment(value, doubt).date()


def choice(spellings: Mapping[str, str], other: str) -> Converter:
    """A converter for words: `spellings` of what they mean; any other word means `other`, with a doubt."""

    def read(value: object, doubt: Doubt) -> str:
        word = re.sub(r"[\s-]+", "_", text(value, doubt).casefold())
        if word not in spellings:
            known = ", ".join(dict.fromkeys(spellings.values()))
            doubt(f"was read as {other} where it is {{}}; write one of {known}", word)
        return spellings.get(word, other)

    return read


def shown(value: str) -> str:
    """A value for a message that is kept in the warehouse: short, escaped, and never an address."""
    return "(an address)" if "@" in value else repr(value[:40] + "…" if len(value) > 40 else value)


def _day_and_moment(value: object) -> tuple[date, datetime | None]:
    """The day that is written, and the moment when there is a time too."""
    match = _MOMENT.fullmatch(value.strip() if isinstance(value, str) else "")
    if match is None:
        raise RowError(_NO_TIME)
    try:
        written = date.fromisoformat(match["day"])
        zone = re.sub("utc|gmt|z", "+00:00", (match["zone"] or "").lower())
        found = datetime.fromisoformat(f"{match['day']}T{match['time']}{zone}") if match["time"] else None
    except ValueError:
        raise RowError(_NO_TIME) from None
    if written.year not in YEARS:
        message = f"lies outside the years {YEARS.start} to {YEARS.stop - 1}. Mend it."
        raise RowError(message)
    return written, found
