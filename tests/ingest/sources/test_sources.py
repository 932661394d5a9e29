import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import warehouse
from ingest.persons import Persons
from ingest.settings import Drop, Settings, Sources
from ingest.sources import SOURCES, drop, incidents, source
from ingest.sources.source import Batch, Source
from tests.conftest import migrated

Write = Callable[[str, str | bytes], Path]
Fetch = Callable[[Source], Batch]

FOLDER = Path(__file__).parent / "payloads"
PAYLOADS = Settings(sources=Sources(drop=Drop(FOLDER)))
BY_NAME = {one.name: one for one in SOURCES}


def test_every_source_has_a_recorded_payload() -> None:
    assert set(BY_NAME) == {file.stem for file in FOLDER.iterdir()}


def test_every_source_owns_file_names_and_every_file_name_has_its_source() -> None:
    assert {*drop.STEMS, *drop.ENDINGS} == set(BY_NAME)
    assert drop.unclaimed(PAYLOADS) == []


@pytest.mark.parametrize(
    ("name", "loaded", "said"),
    [
        ("people", {"people": 5, "identities": 11}, []),
        (
            "incidents",
            {"incidents": 5, "incident_references": 7, "work_logs": 3},
            [
                (
                    "incidents.csv",
                    5,
                    "warning",
                    "The row's key was there already, first in line 2; the later row counts.",
                ),
                ("incidents.jsonl", 3, "rejected", "opened_at is missing. Fill it in."),
            ],
        ),
        ("causes", {"manual_causes": 2}, []),
        ("deployments", {"deployments": 4}, []),
        ("work_logs", {"work_logs": 3}, []),
        ("usage_days", {"usage_days": 3}, []),
        ("seats", {"seats": 3}, []),
        (
            "findings",
            {"scans": 2, "scan_categories": 2, "scan_results": 2},
            [
                (
                    "findings.sarif",
                    0,
                    "warning",
                    "A run failed, or has no results, so what it would have found is unknown: 'Broken'.",
                )
            ],
        ),
    ],
)
def test_recorded_payloads_load_into_the_warehouse_with_exactly_the_expected_rejects(
    con: duckdb.DuckDBPyConnection, name: str, loaded: dict[str, int], said: list[tuple[object, ...]]
) -> None:
    batch = BY_NAME[name].fetch(PAYLOADS, Persons(b"a key for tests"))
    for _ in range(2):  # loading the same again changes nothing
        assert source.load(con, BY_NAME[name], batch) == sum(loaded.values())
        assert {table: con.table(table).count("*").fetchall()[0][0] for table in loaded} == loaded
    assert [reject[:4] for reject in batch.rejects] == said


def test_the_recorded_incidents_become_these_rows(con: duckdb.DuckDBPyConnection) -> None:
    source.load(con, incidents.SOURCE, incidents.fetch(PAYLOADS, Persons(b"a key for tests")))
    query = "select incident, title, severity, cast(started_at as varchar), cast(resolved_at as varchar) from incidents"
    assert con.execute(query + " order by incident").fetchall() == [
        ("drop:INC-5", None, None, "2026-11-07 09:00:00", None),
        (
            "manual:INC-1",
            "Totals wrong for refunds (corrected)",
            "SEV1",
            "2026-11-03 11:20:00",
            "2026-11-03 13:05:00",
        ),
        ("manual:INC-2", 'Basket page slow, "p95" > 4 s', "SEV3", "2026-11-04 15:10:00", None),
        ("manual:INC-3", "Provider outage", "SEV1", "2026-11-06 02:00:00", "2026-11-06 02:55:00"),
        ("manual:INC-4", "Webhook retries storm", "SEV3", "2026-11-05 12:00:00", "2026-11-05 12:40:00"),
    ]
    efforts = con.execute("select incident, minutes from work_logs order by all").fetchall()
    assert efforts == [("manual:INC-1", 215.0), ("manual:INC-3", 0.0), ("manual:INC-4", 35.0)]


@pytest.mark.parametrize("name", BY_NAME)
def test_rows_are_named_in_the_order_of_the_tables_columns(con: duckdb.DuckDBPyConnection, name: str) -> None:
    batch = BY_NAME[name].fetch(PAYLOADS, Persons(b"a key for tests"))
    assert list(batch.rows) == list(BY_NAME[name].tables)
    for table, rows in batch.rows.items():
        assert {getattr(row, "_fields", None) for row in rows} == {tuple(con.table(table).columns)}, table


def test_without_a_row_nothing_is_loaded_and_nothing_goes(con: duckdb.DuckDBPyConnection, fetch: Fetch) -> None:
    for one in SOURCES:
        batch = fetch(one)
        assert (batch.rejects, batch.data_from, batch.data_through) == ([], None, None)
        assert source.load(con, one, batch) == 0


def test_a_slice_with_an_unknown_value_is_replaced_like_any_other(con: duckdb.DuckDBPyConnection) -> None:
    rows = [("w", None), ("w", "A"), ("x", None)]
    logs = [(name, None, "2026-11-03", 1.0, "other", incident, None, None) for name, incident in rows]
    con.executemany("insert into work_logs values (?, ?, ?, ?, ?, ?, ?, ?)", logs)
    batch = Batch({}, [], None, None, replaced={"work_logs": [("w", None)]})
    source.load(con, incidents.SOURCE, batch)
    found = con.execute("select source, incident from work_logs order by all").fetchall()
    assert found == [("w", "A"), ("x", None)]


def test_a_line_of_a_hundred_megabytes_costs_only_itself(fetch: Fetch, write: Write) -> None:
    file = write("incidents.csv", "id,opened_at,title\n1,2026-11-03T10:00Z,first\n2,2026-11-03T10:00Z,")
    with file.open("ab") as stream:
        for _ in range(100):
            stream.write(b"x" * 1_000_000)
        stream.write(b"\n3,2026-11-03T10:00Z,last\n")
    batch = fetch(incidents.SOURCE)
    assert [row[5] for row in batch.rows["incidents"]] == ["first", "last"]
    reason = "This line has 100,000,020 bytes; 1,048,576 is the most. Split it, or end its rows with line feeds."
    assert [(reject[:4], len(reject.content)) for reject in batch.rejects] == [
        (("incidents.csv", 3, "rejected", reason), 200)
    ]


LINES = st.one_of(
    st.integers(0, 10**6).map(lambda n: b'{"id": %d, "opened_at": "2026-11-03T10:00Z"}' % n),
    st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")),
    st.sampled_from([b"{}", b"[", b"null", b'{"id": "\\ud800", "opened_at": "2026-11-03"}', b'"']),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LINES, max_size=12))
def test_every_line_of_a_json_lines_file_is_loaded_replaced_or_rejected(
    fetch: Fetch, write: Write, content: list[bytes]
) -> None:
    write("incidents.jsonl", b"\n".join([b'{"id": "first", "opened_at": "2026-11-03T10:00Z"}', *content]))
    batch = fetch(incidents.SOURCE)
    rejected = {reject.line for reject in batch.rejects if reject.severity == "rejected"}
    sound = [line for line in content if line.endswith(b'0Z"}')]
    replaced = len(sound) - len(set(sound))
    blank = len([line for line in content if not line.strip(b" \t\r")])
    assert len(batch.rows["incidents"]) + len(rejected) + replaced + blank == len(content) + 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(SOURCES), st.sampled_from(["csv", "jsonl"]), st.binary(max_size=200))
def test_any_bytes_as_a_file_are_read_without_an_error(
    fetch: Fetch, write: Write, one: Source, ending: str, content: bytes
) -> None:
    file = write(f"{drop.STEMS[one.name][0]}.{ending}" if one.name in drop.STEMS else "scan.sarif", content)
    head = ",".join(column.name for column in incidents.LAYOUT.columns).encode() + b"\n"
    after = write("incidents-2.csv", head + content)
    fetch(one)
    fetch(incidents.SOURCE)
    file.unlink()
    after.unlink()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([column.name for column in incidents.LAYOUT.columns]),
        st.one_of(
            st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text()), st.dates().map(str)
        ),
    )
)
def test_whatever_is_loaded_fits_the_warehouse(fetch: Fetch, write: Write, values: dict[str, object]) -> None:
    row = {"id": 1, "opened_at": "2026-11-03"} | values
    write("incidents.jsonl", json.dumps(row))
    with migrated() as con:
        batch = fetch(incidents.SOURCE)
        assert source.load(con, incidents.SOURCE, batch) == sum(map(len, batch.rows.values()))
        warehouse.load(con, "rejects", (("incidents", *reject[:4]) for reject in batch.rejects))
