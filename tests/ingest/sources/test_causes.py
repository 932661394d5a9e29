from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from ingest.sources import source
from ingest.sources.causes import SOURCE, Cause
from ingest.sources.source import Batch, Source

Write = Callable[[str, str | bytes], Path]
Fetch = Callable[[Source], Batch]
Said = Callable[[Source], list[tuple[object, ...]]]

HEAD = "incident,repo,sha,pull_request,deployment,note\n"
SHA = "564b5a29327384f097feb7a039999b9b31ad9d1b"


def test_a_row_names_a_commit_a_pull_request_a_deployment_or_nothing(fetch: Fetch, write: Write) -> None:
    write("causes.csv", HEAD + f"INC-1,shop,{SHA.upper()},,,seen in the logs\nx:INC-2,,,#101,,\n3,,,,9001,\n4,,,,,\n")
    assert fetch(SOURCE) == Batch(
        rows={
            "manual_causes": [
                Cause("INC-1", "shop", "sha", SHA, "seen in the logs", "causes.csv", 2),
                Cause("x:INC-2", None, "pull_request", "101", None, "causes.csv", 3),
                Cause("3", None, "deployment", "9001", None, "causes.csv", 4),
                Cause("4", None, "none", "", None, "causes.csv", 5),
            ]
        },
        rejects=[],
        data_from=None,
        data_through=datetime(2026, 11, 10, 6),  # noqa: DTZ001
        replaced={"manual_causes": [()]},
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",,abcdef1,,,", "incident is missing. Fill it in."),
        ("1,,abcdef1,12,,", "The row names several causes: sha, pull_request. Write a row for each."),
        ("1,,'; drop table commits,,,", "sha is not 7 to 40 hexadecimal digits. Write a commit's sha."),
        ("1,,,<script>,,", "pull_request is not the number of a pull request. Write it like 101."),
        ("1,,,,a\0b,", "deployment holds a NUL character. Remove it."),
    ],
)
def test_a_row_that_cannot_be_read_is_rejected(said: Said, fetch: Fetch, write: Write, row: str, reason: str) -> None:
    write("causes.csv", HEAD + row + "\n2,,abcdef1,,,\n")
    assert [cause.incident for cause in fetch(SOURCE).rows["manual_causes"]] == ["2"]  # type: ignore[attr-defined]
    assert said(SOURCE) == [("causes.csv", 2, "rejected", reason)]


def test_one_number_is_another_pull_request_in_each_repository(fetch: Fetch, write: Write) -> None:
    write("causes.csv", HEAD + "INC-1,web,,12,,\nINC-1,api,,12,,\nINC-1,web,,#12,,said twice\n")
    batch = fetch(SOURCE)
    assert [(cause.repo, cause.value, cause.line) for cause in batch.rows["manual_causes"]] == [  # type: ignore[attr-defined]
        ("web", "12", 4), ("api", "12", 3),
    ]  # fmt: skip
    assert len(batch.rejects) == 1


def test_a_row_that_was_taken_out_goes_and_a_file_that_cannot_be_read_takes_nothing_away(
    con: duckdb.DuckDBPyConnection, fetch: Fetch, write: Write
) -> None:
    def kept() -> list[tuple[str]]:
        source.load(con, SOURCE, fetch(SOURCE))
        return con.execute("select incident from manual_causes order by 1").fetchall()

    write("causes.csv", HEAD + "1,,abcdef1,,,\n2,,abcdef1,,,\n")
    assert kept() == [("1",), ("2",)]
    write("causes.csv", HEAD + "2,,abcdef1,,,\n")
    assert kept() == [("2",)]
    write("causes.csv", "event,sha\n3,abcdef1\n")
    assert kept() == [("2",)]
