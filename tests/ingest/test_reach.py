"""How far data speak, and that a copy of an old export does not make its silence a zero."""

from datetime import date, datetime, timedelta

import pytest

from ingest import reach


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("last", "read_at", "through"),
    [
        ("2026-11-04T12:00", "2026-11-05T02:00", "2026-11-05T02:00"),
        ("2026-11-04T12:00", "2026-12-01T02:00", "2026-11-09T00:00"),
        ("2026-11-08T23:59", "2026-12-01T02:00", "2026-11-09T00:00"),
        ("2026-11-09T00:00", "2026-12-01T02:00", "2026-11-16T00:00"),
        ("2026-11-04T12:00", "2026-11-04T11:00", "2026-11-04T12:00"),
    ],
)
def test_a_history_speaks_to_the_end_of_the_week_of_its_last_change(last: str, read_at: str, through: str) -> None:
    moments = [datetime.fromisoformat(text) for text in (last, read_at, through)]
    assert reach.by_week(moments[0], moments[1]) == moments[2]


def test_usage_speaks_to_the_end_of_the_week_of_its_last_row_whatever_the_date_of_the_copy() -> None:
    days = [date(2026, 8, 3), date(2026, 8, 28)]
    assert reach.daily(days, at("2026-11-16")) == (at("2026-08-03"), at("2026-08-31"))


def test_a_file_written_within_the_week_speaks_to_that_moment() -> None:
    assert reach.daily([date(2026, 11, 3)], at("2026-11-05T02:00")) == (at("2026-11-03"), at("2026-11-05T02:00"))


def test_a_row_dated_after_the_file_was_written_reaches_nowhere() -> None:
    assert reach.daily([date(2026, 11, 3), date(2030, 1, 1)], at("2026-11-20")) == (at("2026-11-03"), at("2026-11-09"))
    assert reach.events([at("2026-11-03"), at("2030-01-01")], at("2026-11-20")) == (at("2026-11-03"), at("2026-11-20"))


def test_a_log_of_events_speaks_twice_its_longest_silence_beyond_its_last_one_and_ninety_days_at_least() -> None:
    weekly = [at("2026-01-05") + timedelta(weeks=number) for number in range(4)]
    assert reach.events(weekly, at("2026-11-16")) == (weekly[0], weekly[-1] + timedelta(days=90))
    rare = [at("2026-01-05"), at("2026-03-06")]  # sixty days apart
    assert reach.events(rare, at("2026-11-16")) == (rare[0], rare[1] + timedelta(days=120))
    assert reach.events(rare, at("2026-04-01")) == (rare[0], at("2026-04-01"))


def test_nothing_speaks_of_nothing() -> None:
    assert reach.daily([], at("2026-11-16")) == (None, at("2026-11-16"))
    assert reach.events([], None) == (None, None)
