import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from ingest.persons import Persons
from ingest.sources import source
from ingest.sources.source import Batch, Source
from ingest.sources.usage_days import SOURCE, UsageDay

Write = Callable[[str, str | bytes], Path]
Fetch = Callable[[Source], Batch]
Said = Callable[[Source], list[tuple[object, ...]]]

COUNTERS = {
    "sessions": 0,
    "interactions": 0,
    "suggestions": 0,
    "acceptances": 0,
    "lines_added": 0,
    "commits": 0,
}


def one(fetch: Fetch, write: Write, **given: object) -> UsageDay:
    """What a file with one row of usage gives."""
    write("usage.jsonl", json.dumps({"tool": "windsurf", "day_utc": "2026-11-03", "actor_login": "dev-one"} | given))
    (row,) = fetch(SOURCE).rows["usage_days"]
    assert isinstance(row, UsageDay)
    return row


def test_every_column_has_its_place(fetch: Fetch, write: Write, persons: Persons) -> None:
    write(
        "usage.csv",
        "source,tool,surface,day_utc,actor_email,actor_login,actor_raw_id,is_active,sessions,interactions,suggestions,"
        "acceptances,rejections,lines_suggested,lines_added,lines_deleted,commits,prs,tokens_in,tokens_out,cost_usd,model,"
        "auto_accepted\n"
        "export,windsurf,ide,2026-11-03,Dev.One@corp.example.com,dev-one,u-1,true,1,2,3,4,5,6,7,8,9,10,11,12,0.5,large,6\n",
    )
    assert fetch(SOURCE) == Batch(
        rows={
            "usage_days": [
                UsageDay(
                    source="export",
                    day=date(2026, 11, 3),
                    person=persons.hash("email", "dev.one@corp.example.com"),
                    tool="windsurf",
                    surface="ide",
                    model="large",
                    sessions=1,
                    requests=2,
                    suggested=3,
                    accepted=4,
                    rejected=5,
                    auto_accepted=6,
                    lines_added=7,
                    lines_removed=8,
                    commits=9,
                    tokens=23,
                    cost_usd=0.5,
                    is_active=True,
                )
            ]
        },
        rejects=[],
        data_from=datetime(2026, 11, 3),  # noqa: DTZ001
        data_through=datetime(2026, 11, 9),  # noqa: DTZ001
    )


def test_a_row_with_only_what_is_required_leaves_the_rest_unknown(fetch: Fetch, write: Write, persons: Persons) -> None:
    person = persons.hash("login", "dev-one")
    assert one(fetch, write) == ("drop", date(2026, 11, 3), person, "windsurf", *[None] * 14)


def test_a_person_is_named_by_address_before_login_before_the_tools_own_id(
    fetch: Fetch, write: Write, persons: Persons
) -> None:
    everything = {"actor_email": "a@corp.example.com", "actor_login": "a", "actor_raw_id": 7}
    assert one(fetch, write, **everything).person == persons.hash("email", "a@corp.example.com")
    assert one(fetch, write, **everything | {"actor_email": ""}).person == persons.hash("login", "a")
    assert one(fetch, write, actor_login=None, actor_raw_id=7).person == persons.hash("tool_user_id", "7")


def test_a_row_that_names_nobody_is_rejected(said: Said, write: Write) -> None:
    write("usage.csv", "tool,day_utc,actor_login\nwindsurf,2026-11-03,\n")
    reason = "The row has none of actor_email, actor_login, actor_raw_id. Fill in one."
    assert said(SOURCE) == [("usage.csv", 2, "rejected", reason)]


@pytest.mark.parametrize(
    ("given", "is_active"),
    [
        ({}, None),
        ({"rejections": 3, "tokens_in": 5}, None),
        (COUNTERS, False),
        ({"sessions": 0}, False),
        (COUNTERS | {"commits": 1}, True),
        ({"lines_added": 2}, True),
        (COUNTERS | {"is_active": True}, True),
        ({"sessions": 4, "is_active": False}, False),
    ],
)
def test_use_is_what_the_row_says_else_what_was_counted_else_unknown(
    fetch: Fetch, write: Write, given: dict[str, object], *, is_active: bool | None
) -> None:
    assert one(fetch, write, **given).is_active is is_active


def test_tokens_are_the_sum_of_what_is_known(fetch: Fetch, write: Write) -> None:
    assert one(fetch, write, tokens_in=0).tokens == 0
    assert one(fetch, write, tokens_in=2, tokens_out=3).tokens == 5
    assert one(fetch, write).tokens is None


def test_a_negative_count_is_rejected(said: Said, write: Write) -> None:
    write("usage.csv", "tool,day_utc,actor_login,sessions\nwindsurf,2026-11-03,a,-1\n")
    reason = "sessions is negative. Mend it, or leave the cell empty."
    assert said(SOURCE) == [("usage.csv", 2, "rejected", reason)]


def test_a_row_is_told_from_others_by_person_surface_and_model_in_any_spelling_of_the_person(
    fetch: Fetch, write: Write
) -> None:
    write(
        "usage.csv",
        "tool,day_utc,actor_login,surface,model,sessions\n"
        "w,2026-11-03,a,ide,m,1\nw,2026-11-03,a,cli,m,2\nw,2026-11-03,a,ide,n,3\nw,2026-11-03,b,ide,m,4\n"
        "w,2026-11-03, A ,ide,m,5\n",
    )
    found = [row for row in fetch(SOURCE).rows["usage_days"] if isinstance(row, UsageDay)]
    assert [row.sessions for row in found] == [5, 2, 3, 4]


def test_a_day_of_a_tool_is_replaced_as_a_whole_and_others_stay(
    con: duckdb.DuckDBPyConnection, fetch: Fetch, write: Write
) -> None:
    head = "tool,day_utc,actor_login,sessions\n"
    file = write("usage.csv", head + "w,2026-11-02,a,1\nw,2026-11-03,a,1\nw,2026-11-03,b,1\nx,2026-11-03,a,1\n")
    source.load(con, SOURCE, fetch(SOURCE))
    file.unlink()
    write("usage-2.csv", head + "w,2026-11-03,a,9\n")
    source.load(con, SOURCE, fetch(SOURCE))
    assert con.execute("select day, tool, sessions from usage_days order by all").fetchall() == [
        (date(2026, 11, 2), "w", 1),
        (date(2026, 11, 3), "w", 9),
        (date(2026, 11, 3), "x", 1),
    ]
