import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import duckdb
import pytest

from ingest.sources import source
from ingest.sources.incidents import SOURCE, Incident, IncidentReference
from ingest.sources.source import Batch, Source
from ingest.sources.work_logs import WorkLog

Write = Callable[[str, str | bytes], Path]
Fetch = Callable[[Source], Batch]
Said = Callable[[Source], list[tuple[object, ...]]]

SHA = "564b5a29327384f097feb7a039999b9b31ad9d1b"


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}")


def incident(**given: object) -> Incident:
    """An incident of which only `given` is said."""
    plain = Incident(
        "drop:A", "drop", None, None, None, None, at("03T10:00"), at("03T10:00"), None, None, None, None, None
    )
    return plain._replace(**cast("dict[str, Any]", given))


def one(fetch: Fetch, write: Write, **given: object) -> Batch:
    """What a file with one incident gives."""
    write("incidents.jsonl", json.dumps({"id": "A", "opened_at": "2026-11-03T10:00Z"} | given))
    return fetch(SOURCE)


def test_every_column_has_its_place(fetch: Fetch, write: Write) -> None:
    write(
        "incidents.csv",
        "id,title,severity,service,repo,opened_at,started_at,detected_at,acknowledged_at,resolved_at,effort_minutes,"
        "responders,caused_by_sha,caused_by_pr,caused_by_deploy,is_change_caused,duplicate_of,users_affected,ai_related,"
        "source,url\n"
        "7,Slow,SEV2,checkout,acme/checkout,2026-11-03T10:00Z,2026-11-03T09:30Z,2026-11-03T09:45Z,2026-11-03T10:05Z,"
        f"2026-11-03T12:00Z,190,dev.one@corp.example.com,{SHA.upper()},101,9001,false,5,1200,true,manual,https://x/7\n",
    )
    assert fetch(SOURCE) == Batch(
        rows={
            "incidents": [
                Incident(
                    incident="manual:7",
                    source="manual",
                    service="checkout",
                    repo="acme/checkout",
                    severity="SEV2",
                    title="Slow",
                    started_at=at("03T09:30"),
                    detected_at=at("03T09:45"),
                    resolved_at=at("03T12:00"),
                    is_change_caused=False,
                    duplicate_of="manual:5",
                    users_affected=1200,
                    url="https://x/7",
                )
            ],
            "incident_references": [
                IncidentReference("manual:7", "manual", "acme/checkout", "sha", SHA),
                IncidentReference("manual:7", "manual", "acme/checkout", "pull_request", "101"),
                IncidentReference("manual:7", "manual", "acme/checkout", "deployment", "9001"),
            ],
            "work_logs": [
                WorkLog("manual:effort", None, at("03T09:30"), 190.0, "respond", "manual:7", None, "acme/checkout")
            ],
        },
        rejects=[],
        data_from=at("03T09:30"),
        data_through=at("10T06:00"),
        replaced={"incident_references": [("manual:7",)], "work_logs": [("manual:effort", "manual:7")]},
    )


def test_a_row_with_only_what_is_required_leaves_the_rest_unknown(fetch: Fetch, write: Write) -> None:
    batch = one(fetch, write)
    assert batch.rows == {"incidents": [incident()], "incident_references": [], "work_logs": []}


def test_an_effort_of_zero_is_measured_and_an_empty_one_is_not(fetch: Fetch, write: Write) -> None:
    logs = [log[:4] for log in one(fetch, write, effort_minutes=0).rows["work_logs"]]
    assert logs == [("drop:effort", None, at("03T10:00"), 0.0)]
    assert one(fetch, write, effort_minutes=None).rows["work_logs"] == []


@pytest.mark.parametrize("title", ["<img src=x onerror=alert(1)>", '=HYPERLINK("http://x","y")', "@SUM(A1)", "-1+1"])
def test_a_title_is_kept_word_for_word(fetch: Fetch, write: Write, title: str) -> None:
    assert one(fetch, write, title=title).rows["incidents"] == [incident(title=title)]


def test_a_monitor_may_have_seen_it_before_anybody_opened_it(fetch: Fetch, write: Write) -> None:
    batch = one(fetch, write, detected_at="2026-11-03T09:50Z")
    assert batch.rows["incidents"] == [incident(started_at=at("03T09:50"), detected_at=at("03T09:50"))]


@pytest.mark.parametrize(
    "times",
    [
        {"resolved_at": "2026-11-03T09:59Z"},
        {"resolved_at": "2026-11-03T10:30+01:00"},
        {"resolved_at": "2026-11-03T10:30Z", "detected_at": "2026-11-03T10:31Z"},
    ],
)
def test_an_incident_that_ends_before_it_began_is_rejected(
    said: Said, fetch: Fetch, write: Write, times: dict[str, str]
) -> None:
    assert one(fetch, write, **times).rows["incidents"] == []
    reason = "resolved_at is before the incident was opened, started or detected. Mend the times."
    assert said(SOURCE) == [("incidents.jsonl", 1, "rejected", reason)]


def test_an_incident_detected_before_it_started_is_rejected(said: Said, fetch: Fetch, write: Write) -> None:
    assert one(fetch, write, started_at="2026-11-03T10:01Z").rows["incidents"] == []
    reason = "The incident was detected or opened before its started_at. Mend the times."
    assert said(SOURCE) == [("incidents.jsonl", 1, "rejected", reason)]


def test_several_causes_come_as_a_list_or_with_semicolons(fetch: Fetch, write: Write) -> None:
    expected = [("sha", "abcdef1"), ("sha", SHA), ("pull_request", "101"), ("pull_request", "102"), ("deployment", "7")]
    listed = one(fetch, write, caused_by_sha=["ABCDEF1", SHA], caused_by_pr=[101, "#102"], caused_by_deploy=7)
    joined = one(fetch, write, caused_by_sha=f"abcdef1; {SHA}", caused_by_pr="101;!102;101.0", caused_by_deploy="7;")
    for batch in (listed, joined):
        found = [reference[3:5] for reference in batch.rows["incident_references"]]
        assert found == expected
        assert batch.rows["incidents"] == [incident(is_change_caused=True)]


def test_a_pull_request_may_be_given_by_its_address(fetch: Fetch, write: Write) -> None:
    batch = one(fetch, write, caused_by_pr="https://github.com/acme/checkout/pull/101")
    assert [reference[3:5] for reference in batch.rows["incident_references"]] == [("pull_request", "101")]


def test_an_incident_names_its_fix_which_says_nothing_of_its_cause(fetch: Fetch, write: Write) -> None:
    batch = one(fetch, write, fixed_by_sha=["ABCDEF1"], fixed_by_pr="#102")
    assert batch.rows["incidents"] == [incident(is_change_caused=None)]
    assert [reference[3:] for reference in batch.rows["incident_references"]] == [
        ("sha", "abcdef1", "fix", "incident"), ("pull_request", "102", "fix", "incident"),
    ]  # fmt: skip


def test_of_a_post_mortem_only_what_it_names_is_kept(fetch: Fetch, write: Write) -> None:
    text = (
        f"Half an hour of errors; see abcdef2.\nIt was introduced by commit {SHA.upper()}, a regression from #12."
        + "x" * 20_000
    )
    batch = one(fetch, write, postmortem=text)
    assert batch.rows["incidents"] == [incident(is_change_caused=True)]
    assert [reference[3:] for reference in batch.rows["incident_references"]] == [
        ("sha", SHA, "cause", "post-mortem"), ("pull_request", "12", "cause", "post-mortem"),
    ]  # fmt: skip


def test_a_post_mortem_that_is_no_text_is_not_read(said: Said, fetch: Fetch, write: Write) -> None:
    assert one(fetch, write, post_mortem={"text": "caused by abcdef1"}).rows["incident_references"] == []
    assert said(SOURCE) == [("incidents.jsonl", 1, "warning", "post_mortem was not read where it is not text.")]


def test_a_cause_that_cannot_be_one_is_left_out_with_a_warning(said: Said, fetch: Fetch, write: Write) -> None:
    batch = one(fetch, write, caused_by_sha="n/a;12345", caused_by_pr="none")
    assert batch.rows == {"incidents": [incident()], "incident_references": [], "work_logs": []}
    assert said(SOURCE) == [
        (
            "incidents.jsonl",
            1,
            "warning",
            "caused_by_sha was left out where it is not 7 to 40 hexadecimal digits. Write a commit's sha.",
        ),
        (
            "incidents.jsonl",
            1,
            "warning",
            "caused_by_pr was left out where it is not the number of a pull request. Write it like 101.",
        ),
    ]


def test_duplicates_are_named_as_source_and_id_unless_they_are_already(fetch: Fetch, write: Write) -> None:
    write(
        "incidents.csv",
        "id,opened_at,source,duplicate_of\n"
        "1,2026-11-03T10:00Z,,\n2,2026-11-03T10:00Z,,1\n3,2026-11-03T10:00Z,,pager:9\n4,2026-11-03T10:00Z,jira,1\n"
        "urn:5,2026-11-03T10:00Z,,\n6,2026-11-03T10:00Z,,urn:5\n",
    )
    found = [row for row in fetch(SOURCE).rows["incidents"] if isinstance(row, Incident)]
    assert [(row.incident, row.duplicate_of) for row in found] == [
        ("drop:1", None),
        ("drop:2", "drop:1"),
        ("drop:3", "pager:9"),
        ("jira:4", "jira:1"),
        ("drop:urn:5", None),
        ("drop:6", "drop:urn:5"),
    ]


@pytest.mark.parametrize("itself", ["A", "drop:A"])
def test_a_duplicate_of_itself_is_none(said: Said, fetch: Fetch, write: Write, itself: str) -> None:
    assert one(fetch, write, duplicate_of=itself).rows["incidents"] == [incident()]
    reason = "duplicate_of was left out where it names the incident itself. Name the first report."
    assert said(SOURCE) == [("incidents.jsonl", 1, "warning", reason)]


def test_an_incident_loaded_again_loses_the_causes_and_effort_it_no_longer_has(
    con: duckdb.DuckDBPyConnection, fetch: Fetch, write: Write
) -> None:
    source.load(con, SOURCE, one(fetch, write, caused_by_sha=SHA, effort_minutes=30))
    write("incidents-2.jsonl", '{"id": "B", "opened_at": "2026-11-03T10:00Z", "caused_by_pr": 5, "effort_minutes": 1}')
    source.load(con, SOURCE, one(fetch, write, opened_at="2026-11-03T11:00Z"))
    assert con.execute("select incident, started_at from incidents order by all").fetchall() == [
        ("drop:A", at("03T11:00")),
        ("drop:B", at("03T10:00")),
    ]
    assert con.execute("select incident, kind, value from incident_references").fetchall() == [
        ("drop:B", "pull_request", "5")
    ]
    assert con.execute("select incident, minutes from work_logs").fetchall() == [("drop:B", 1.0)]


def test_an_effort_whose_incident_moves_in_time_is_not_counted_twice(
    con: duckdb.DuckDBPyConnection, fetch: Fetch, write: Write
) -> None:
    source.load(con, SOURCE, one(fetch, write, effort_minutes=30))
    source.load(con, SOURCE, one(fetch, write, effort_minutes=40, opened_at="2026-11-03T11:00Z"))
    assert con.execute("select incident, started_at, minutes from work_logs").fetchall() == [
        ("drop:A", at("03T11:00"), 40.0)
    ]
