import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest

from ingest.persons import Persons
from ingest.settings import Drop, Settings, Sources
from ingest.sources.deployments import SOURCE, Deployment
from ingest.sources.source import Batch, Source

Write = Callable[[str, str | bytes], Path]
Fetch = Callable[[Source], Batch]
Said = Callable[[Source], list[tuple[object, ...]]]

SHA = "564b5a29327384f097feb7a039999b9b31ad9d1b"


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}")


def deployment(**given: object) -> Deployment:
    """A deployment of which only `given` is said, and what the helper below writes."""
    plain = Deployment(
        deployment="drop:A",
        source="drop",
        service=None,
        repo=None,
        environment="production",
        is_production=True,
        sha=SHA,
        started_at=None,
        finished_at=at("03T11:05"),
        status="unknown",
        is_unplanned=None,
        incident=None,
    )
    return plain._replace(**cast("dict[str, Any]", given))


def one(fetch: Fetch, write: Write, **given: object) -> Batch:
    """What a file with one deployment gives."""
    row = {"id": "A", "sha": SHA, "finished_at": "2026-11-03T11:05Z", "environment": "production"} | given
    write("deployments.jsonl", json.dumps(row))
    return fetch(SOURCE)


def test_every_column_has_its_place(fetch: Fetch, write: Write) -> None:
    write(
        "deployments.csv",
        "id,repo,service,environment,sha,started_at,finished_at,status,is_unplanned,incident,source\n"
        f"9001,acme/checkout,checkout,PROD,{SHA.upper()},2026-11-03T11:00Z,2026-11-03T11:05Z,ok,yes,INC-1,manual\n",
    )
    assert fetch(SOURCE) == Batch(
        rows={
            "deployments": [
                Deployment(
                    deployment="manual:9001",
                    source="manual",
                    service="checkout",
                    repo="acme/checkout",
                    environment="PROD",
                    is_production=True,
                    sha=SHA,
                    started_at=at("03T11:00"),
                    finished_at=at("03T11:05"),
                    status="success",
                    is_unplanned=True,
                    incident="INC-1",
                )
            ]
        },
        rejects=[],
        data_from=at("03T11:05"),
        data_through=at("10T06:00"),
    )


def test_a_row_with_only_what_is_required_leaves_the_rest_unknown(fetch: Fetch, write: Write) -> None:
    assert one(fetch, write).rows == {"deployments": [deployment()]}


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("Succeeded", "success"),
        ("FAILED", "failure"),
        ("error", "failure"),
        ("rolled_back", "rollback"),
        ("Rolled back", "rollback"),
        ("canceled", "cancelled"),
        ("cancelled", "cancelled"),
        ("unknown", "unknown"),
    ],
)
def test_a_status_has_several_spellings(fetch: Fetch, write: Write, written: str, status: str) -> None:
    batch = one(fetch, write, status=written)
    assert (batch.rows["deployments"], batch.rejects) == ([deployment(status=status)], [])


def test_a_status_nobody_knows_is_unknown_with_a_warning(said: Said, fetch: Fetch, write: Write) -> None:
    assert one(fetch, write, status="exploded").rows["deployments"] == [deployment()]
    reason = (
        "status was read as unknown where it is 'exploded'; "
        "write one of success, failure, rollback, cancelled, unknown."
    )
    assert said(SOURCE) == [("deployments.jsonl", 1, "warning", reason)]


def test_environments_are_those_of_the_settings_and_nothing_is_guessed(settings: Settings, write: Write) -> None:
    own = Drop(settings.sources.drop.folder, production_environments=("Kunden",), other_environments=("labor",))  # type: ignore[union-attr]
    environments = ("KUNDEN", "labor", "production", "", "production")
    rows = (f"{n},{name},{SHA},2026-11-03T11:05Z" for n, name in enumerate(environments))
    write("deployments.csv", "\n".join(["id,environment,sha,finished_at", *rows]))
    batch = SOURCE.fetch(replace(settings, sources=Sources(drop=own)), Persons(b"key"))
    found = [row for row in batch.rows["deployments"] if isinstance(row, Deployment)]
    assert [(row.environment, row.is_production) for row in found] == [
        ("KUNDEN", True),
        ("labor", False),
        ("production", False),
        (None, False),
        ("production", False),
    ]
    assert [reject[1:4] for reject in batch.rejects] == [
        (
            4,
            "warning",
            (
                "environment was taken as not production where it is 'production'. Add it to "
                "sources.drop.production_environments or to sources.drop.other_environments in the settings "
                "(2 rows, the first is line 4)."
            ),
        ),
        (5, "warning", "environment is empty and was taken as not production. Fill it in."),
    ]


@pytest.mark.parametrize("sha", ["v1.2.3", "abc123", SHA + "0", "564b5a2 "])
def test_a_sha_that_is_none_rejects_the_row_but_outer_space_does_not(
    said: Said, fetch: Fetch, write: Write, sha: str
) -> None:
    loaded = one(fetch, write, sha=sha).rows["deployments"]
    if sha.endswith(" "):
        assert (loaded, said(SOURCE)) == ([deployment(sha="564b5a2")], [])
    else:
        reason = "sha is not 7 to 40 hexadecimal digits. Write the sha of the commit that was deployed."
        assert (loaded, said(SOURCE)) == ([], [("deployments.jsonl", 1, "rejected", reason)])


def test_a_deployment_that_finished_before_it_started_is_rejected(said: Said, fetch: Fetch, write: Write) -> None:
    assert one(fetch, write, started_at="2026-11-03T11:06Z").rows["deployments"] == []
    reason = "finished_at is before started_at. Mend the times."
    assert said(SOURCE) == [("deployments.jsonl", 1, "rejected", reason)]


def test_one_id_of_two_sources_is_two_deployments(fetch: Fetch, write: Write) -> None:
    rows = (f'{{"id": 1, "source": "{source}", "sha": "{SHA}", "finished_at": "2026-11-03T11:05Z"}}' for source in "ab")
    write("deployments.ndjson", "\n".join(rows))
    assert [row[0] for row in fetch(SOURCE).rows["deployments"]] == ["a:1", "b:1"]
