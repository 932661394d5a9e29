import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from ingest.persons import Persons
from ingest.sources import source
from ingest.sources.source import Batch, Source
from ingest.sources.work_logs import SOURCE, WorkLog

Write = Callable[[str, str | bytes], Path]
Fetch = Callable[[Source], Batch]
Said = Callable[[Source], list[tuple[object, ...]]]

AT = datetime(2026, 11, 3, 11, 25)  # noqa: DTZ001


def one(fetch: Fetch, write: Write, **given: object) -> Batch:
    """What a file with one work log gives."""
    row = {"actor_login": "a", "started_at": "2026-11-03T11:25Z", "minutes": 95, "activity": "debug"} | given
    write("work_logs.jsonl", json.dumps(row))
    return fetch(SOURCE)


def test_every_column_has_its_place(fetch: Fetch, write: Write, persons: Persons) -> None:
    write(
        "worklogs.csv",
        "source,actor_email,actor_login,started_at,minutes,activity,incident,issue,repo\n"
        "jira,a@corp.example.com,a,2026-11-03T11:25Z,95.5,Review,INC-1,CHK-17,acme/checkout\n",
    )
    person = persons.hash("email", "a@corp.example.com")
    assert fetch(SOURCE) == Batch(
        rows={"work_logs": [WorkLog("jira", person, AT, 95.5, "review", "jira:INC-1", "CHK-17", "acme/checkout")]},
        rejects=[],
        data_from=AT,
        data_through=datetime(2026, 11, 10, 6),  # noqa: DTZ001
    )


def test_an_incident_of_another_source_keeps_its_name(fetch: Fetch, write: Write) -> None:
    assert [log[5] for log in one(fetch, write, incident="pager:7").rows["work_logs"]] == ["pager:7"]
    assert [log[5] for log in one(fetch, write, incident=7).rows["work_logs"]] == ["drop:7"]


@pytest.mark.parametrize(
    ("written", "activity"),
    [
        ("Debugging", "debug"),
        ("feature", "build"),
        ("code review", "review"),
        ("on-call", "respond"),
        ("other", "other"),
    ],
)
def test_an_activity_has_several_spellings(fetch: Fetch, write: Write, written: str, activity: str) -> None:
    batch = one(fetch, write, activity=written)
    assert ([log[4] for log in batch.rows["work_logs"]], batch.rejects) == ([activity], [])


def test_an_activity_nobody_knows_is_other_with_a_warning(said: Said, fetch: Fetch, write: Write) -> None:
    assert [log[4] for log in one(fetch, write, activity="napping").rows["work_logs"]] == ["other"]
    reason = "activity was read as other where it is 'napping'; write one of debug, build, review, respond, other."
    assert said(SOURCE) == [("work_logs.jsonl", 1, "warning", reason)]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"minutes": -1}, "minutes is negative. Mend it, or leave the cell empty."),
        ({"minutes": None}, "minutes is missing. Fill it in."),
        ({"activity": ""}, "activity is missing. Fill it in."),
        ({"actor_login": None}, "The row has none of actor_email, actor_login. Fill in one."),
    ],
)
def test_a_log_that_says_too_little_or_nonsense_is_rejected(
    said: Said, fetch: Fetch, write: Write, given: dict[str, object], reason: str
) -> None:
    assert one(fetch, write, **given).rows["work_logs"] == []
    assert said(SOURCE) == [("work_logs.jsonl", 1, "rejected", reason)]


def test_logs_kept_by_the_day_are_told_apart_by_what_they_went_into(fetch: Fetch, write: Write) -> None:
    write(
        "work_logs.csv",
        "actor_login,started_at,minutes,activity,issue\n"
        "a,2026-11-03T00:00Z,10,debug,X-1\na,2026-11-03T00:00Z,20,debug,X-2\na,2026-11-03T00:00Z,30,debug,X-1\n",
    )
    assert [(log[6], log[3]) for log in fetch(SOURCE).rows["work_logs"]] == [("X-1", 30.0), ("X-2", 20.0)]


def test_a_log_that_changes_its_activity_replaces_itself(
    con: duckdb.DuckDBPyConnection, fetch: Fetch, write: Write
) -> None:
    source.load(con, SOURCE, one(fetch, write))
    source.load(con, SOURCE, one(fetch, write, activity="build", minutes=0))
    assert con.execute("select activity, minutes from work_logs").fetchall() == [("build", 0.0)]
