from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import duckdb

from ingest.persons import Persons
from ingest.sources import source
from ingest.sources.seats import SOURCE, Seat
from ingest.sources.source import Batch, Source

Write = Callable[[str, str | bytes], Path]
Fetch = Callable[[Source], Batch]

DAY = date(2026, 11, 3)


def test_every_column_has_its_place_and_what_is_empty_is_unknown(fetch: Fetch, write: Write, persons: Persons) -> None:
    write(
        "seats.csv",
        "day,tool,actor_email,actor_login,actor_raw_id,assigned_at,last_active_at\n"
        "2026-11-03,w,a@corp.example.com,,,2026-09-01T08:00Z,2026-11-03T16:00+01:00\n2026-11-03,w,,b,,,\n",
    )
    assert fetch(SOURCE) == Batch(
        rows={
            "seats": [
                Seat(
                    DAY,
                    "w",
                    persons.hash("email", "a@corp.example.com"),
                    datetime(2026, 9, 1, 8),  # noqa: DTZ001
                    datetime(2026, 11, 3, 15),  # noqa: DTZ001
                ),
                Seat(DAY, "w", persons.hash("login", "b"), None, None),
            ]
        },
        rejects=[],
        data_from=datetime(2026, 11, 3),  # noqa: DTZ001
        data_through=datetime(2026, 11, 9),  # noqa: DTZ001
    )


def test_one_person_has_one_seat_of_a_tool_a_day(fetch: Fetch, write: Write) -> None:
    write("seats.csv", "day,tool,actor_login,assigned_at\n2026-11-03,w,a,2026-01-01T00:00Z\n2026-11-03,w,A,\n")
    batch = fetch(SOURCE)
    assert [row[3:] for row in batch.rows["seats"]] == [(None, None)]
    reason = "The row's key was there already, first in line 2; the later row counts."
    assert [reject[:4] for reject in batch.rejects] == [("seats.csv", 3, "warning", reason)]


def test_a_seat_that_is_gone_from_a_days_list_is_gone(
    con: duckdb.DuckDBPyConnection, fetch: Fetch, write: Write, persons: Persons
) -> None:
    write("seats.csv", "day,tool,actor_login\n2026-11-03,w,a\n2026-11-03,w,b\n2026-11-03,x,b\n")
    source.load(con, SOURCE, fetch(SOURCE))
    write("seats.csv", "day,tool,actor_login\n2026-11-03,w,a\n")
    source.load(con, SOURCE, fetch(SOURCE))
    assert con.execute("select tool, person from seats order by all").fetchall() == [
        ("w", persons.hash("login", "a")),
        ("x", persons.hash("login", "b")),
    ]
