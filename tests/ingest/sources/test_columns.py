from datetime import date, datetime

import pytest

from ingest.sources import columns
from ingest.sources.columns import Converter, RowError

NO_TIME = "is not a time we can read. Write 2026-11-03T11:20:00Z, or 2026-11-03 for a day."


def read(converter: Converter, value: object) -> tuple[object, list[str]]:
    """The value, and the doubts about it."""
    doubts: list[str] = []
    found = converter(value, lambda what, about=None: doubts.append(what.replace("{}", about or "")))
    return found, doubts


def refusal(converter: Converter, value: object) -> str:
    with pytest.raises(RowError) as error:
        read(converter, value)
    return str(error.value)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-04T16:10:00+01:00",
        "2026-11-04 16:10:00+01:00",
        "2026-11-04 16:10:00 +0100",
        "2026-11-04t15:10:00z",
        "2026-11-04T15:10Z",
        "2026-11-04 15:10:00 UTC",
        " 2026-11-04T09:40:00-05:30 ",
        "2026-11-05T01:10:00.000000000+10",
    ],
)
def test_a_moment_with_its_zone_becomes_naive_utc(written: str) -> None:
    assert read(columns.moment, written) == (datetime(2026, 11, 4, 15, 10), [])  # noqa: DTZ001


def test_a_moment_without_a_zone_is_read_as_utc_with_a_doubt() -> None:
    doubt = "has no time zone and was read as UTC; write 2026-11-03T11:20:00Z"
    assert read(columns.moment, "2026-11-04 15:10:00.25") == (datetime(2026, 11, 4, 15, 10, 0, 250000), [doubt])  # noqa: DTZ001


def test_a_day_where_a_moment_is_wanted_is_midnight_with_a_doubt() -> None:
    doubt = "is a day without a time and was read as midnight UTC; write 2026-11-03T11:20:00Z"
    assert read(columns.moment, "2026-11-04") == (datetime(2026, 11, 4), [doubt])  # noqa: DTZ001


def test_a_day_of_a_moment_is_the_day_in_utc() -> None:
    assert read(columns.day, "2026-11-04") == (date(2026, 11, 4), [])
    assert read(columns.day, "2026-11-04 00:00:00") == (date(2026, 11, 4), [])
    assert read(columns.day, "2026-11-04T00:30:00+01:00") == (date(2026, 11, 3), [])


@pytest.mark.parametrize("converter", [columns.moment, columns.day])
@pytest.mark.parametrize(
    "written",
    [
        "yesterday",
        "11/04/2026",
        "04.11.2026",
        "2026-13-01",
        "2026-02-30",
        "2026-11-04T25:00:00Z",
        "2026-W45-1",
        "20261104",
        "2026-11-04T10:00:00+99:00",
        "1762168800",
        1762168801,
        True,
        ["2026-11-04"],
        {"at": 1},
        "٢٠٢٦-11-04",
        "2026-11-04T",
    ],
)
def test_what_is_no_time_is_refused(converter: Converter, written: object) -> None:
    assert refusal(converter, written) == NO_TIME


@pytest.mark.parametrize(
    "written", ["1989-12-31", "2101-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_years_nobody_can_mean_are_refused(written: str) -> None:
    assert refusal(columns.moment, written) == "lies outside the years 1990 to 2100. Mend it."


def test_text_keeps_what_stands_in_it_but_the_outer_space() -> None:
    assert read(columns.text, "  <b>=1+1</b>\n ") == ("<b>=1+1</b>", [])
    assert read(columns.text, 9001) == ("9001", [])


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (1.5, "is not text."),
        (True, "is not text."),
        (["a"], "is not text."),
        ("x" * 10_001, "has 10,001 characters; 10,000 is the most. Shorten it."),
        ("a\0b", "holds a NUL character. Remove it."),
        ("\ud83d", "holds half a character (a lone surrogate). Write the file as UTF-8."),
    ],
)
def test_what_is_no_text_is_refused(value: object, reason: str) -> None:
    assert refusal(columns.text, value) == reason


def test_several_texts_are_separated_by_semicolons_or_a_json_list() -> None:
    assert read(columns.texts, " a; b ;;a") == (("a", "b"), [])
    assert read(columns.texts, ["a", 7, None, ""]) == (("a", "7"), [])
    assert refusal(columns.texts, [["a"]]) == "is not text."


@pytest.mark.parametrize(("value", "expected"), [("0", 0), (" 12 ", 12), ("12.0", 12), ("1e3", 1000), (7, 7), (7.0, 7)])
def test_a_count_is_a_whole_number_however_it_is_written(value: object, expected: int) -> None:
    found, doubts = read(columns.count, value)
    assert (found, type(found), doubts) == (expected, int, [])


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("-1", "is negative. Mend it, or leave the cell empty."),
        ("1.5", "is not a whole number."),
        ("1,000", "is not a number. Write it like 12.5, without separators of thousands."),
        ("1_000", "is not a number. Write it like 12.5, without separators of thousands."),
        ("nan", "is not a number. Write it like 12.5, without separators of thousands."),
        ("٣", "is not a number. Write it like 12.5, without separators of thousands."),
        (True, "is not a number. Write it like 12.5, without separators of thousands."),
        ([], "is not a number. Write it like 12.5, without separators of thousands."),
        ("9" * 5000, "is not a number. Write it like 12.5, without separators of thousands."),
        ("1e400", "is too large to be true. Mend it, or leave the cell empty."),
        (10**4000, "is too large to be true. Mend it, or leave the cell empty."),
        (float("inf"), "is too large to be true. Mend it, or leave the cell empty."),
    ],
)
def test_what_is_no_count_is_refused(value: object, reason: str) -> None:
    assert refusal(columns.count, value) == reason


def test_minutes_are_not_negative_and_a_cost_may_be() -> None:
    assert read(columns.minutes, "12.5") == (12.5, [])
    assert refusal(columns.minutes, "-0.5") == "is negative. Mend it, or leave the cell empty."
    assert read(columns.number, "-0.5") == (-0.5, [])


def test_true_and_false_have_the_usual_spellings_and_no_other() -> None:
    assert [read(columns.boolean, word)[0] for word in ("TRUE", "yes", "1", 1, True)] == [True] * 5
    assert [read(columns.boolean, word)[0] for word in ("False", "n", "0", 0, False)] == [False] * 5
    assert refusal(columns.boolean, "maybe") == "is neither true nor false."
    assert refusal(columns.boolean, 2) == "is neither true nor false."


def test_a_choice_reads_spellings_and_doubts_what_it_does_not_know() -> None:
    converter = columns.choice({"success": "success", "rolled_back": "rollback"}, "unknown")
    assert read(converter, " Rolled-Back ") == ("rollback", [])
    doubt = "was read as unknown where it is weird; write one of success, rollback"
    assert read(converter, "Weird") == ("unknown", [doubt])


def test_a_value_in_a_message_is_short_escaped_and_never_an_address() -> None:
    assert columns.shown("eu\n\ud800") == r"'eu\n\ud800'"
    assert columns.shown("x" * 50) == "'" + "x" * 40 + "…'"
    assert columns.shown("dev.one@corp.example.com") == "(an address)"
