"""SARIF files of the drop folder: what counts as a finding of which state, and what of them is kept."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import warehouse
from ingest.sources import findings, sarif, source
from ingest.sources.findings import SOURCE, Found, Scan
from ingest.sources.source import Batch, Source

Write = Callable[[str, str | bytes], Path]
Fetch = Callable[[Source], Batch]
Said = Callable[[Source], list[tuple[object, ...]]]

SHA = "1f0c9a2b" * 5
NAME = f"findings-shop-{SHA}.sarif"
ENDED = [{"executionSuccessful": True, "endTimeUtc": "2026-11-03T02:20:00Z"}]


def result(
    rule: str | None = "R1", /, uri: str | None = "src/a.py", line: object = 3, **more: object
) -> dict[str, Any]:
    region = {"startLine": line, "snippet": {"text": f"line {line}"}} if line else {}
    places = [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}] if uri else []
    return {"ruleId": rule, "message": {"text": "hunter2"}, "locations": places, **more}


def run(*results: object, rules: object = (), **more: object) -> dict[str, Any]:
    driver = {"name": "Guard", "rules": rules}
    return {"tool": {"driver": driver}, "invocations": ENDED, "results": list(results), **more}


def log(*runs: object) -> str:
    return json.dumps({"version": "2.1.0", "runs": list(runs)})


def found(fetch: Fetch) -> list[Found]:
    return list(fetch(SOURCE).rows["scan_results"])  # type: ignore[arg-type]


def scans(fetch: Fetch) -> list[Scan]:
    return list(fetch(SOURCE).rows["scans"])  # type: ignore[arg-type]


# Which state of which repository.


def test_a_run_is_a_scan_of_the_commit_in_the_name_of_its_file(fetch: Fetch, write: Write, said: Said) -> None:
    write(NAME, log(run(result())))
    (scan,) = scans(fetch)
    at = datetime(2026, 11, 3, 2, 20)  # noqa: DTZ001
    assert scan[1:] == ("Guard", "", ("shop",), SHA, at, False)
    assert (fetch(SOURCE).data_from, fetch(SOURCE).data_through) == (at, at)
    assert said(SOURCE) == []


@pytest.mark.parametrize(
    ("name", "names", "sha"),
    [
        ("findings-shop-web-1f0c9a2.sarif", ("shop-web",), "1f0c9a2"),
        (f"shop.{SHA}.sarif.json", ("shop",), SHA),
        (f"findings-shop-{SHA.upper()}-guard-2.sarif", ("shop",), SHA),
        (f"{SHA}.sarif", (), SHA),
        (f"findings-{SHA}.sarif", (), SHA),
    ],
)
def test_a_file_is_named_for_its_repository_and_commit(
    fetch: Fetch, write: Write, name: str, names: tuple[str, ...], sha: str
) -> None:
    write(name, log(run()))
    assert [(scan.names, scan.sha) for scan in scans(fetch)] == [(names, sha)]


@pytest.mark.parametrize(
    "uri", ["https://git.example.com/acme/shop.git", "git@git.example.com:acme/shop", "file:///home/ci/acme/shop/"]
)
def test_what_the_run_says_of_its_origin_goes_before_the_file_name(fetch: Fetch, write: Write, uri: str) -> None:
    origin = [{"repositoryUri": uri, "revisionId": "AB" * 20}]
    write(NAME, log(run(versionControlProvenance=origin)))
    assert [(scan.names, scan.sha) for scan in scans(fetch)] == [(("acme/shop", "shop"), "ab" * 20)]


def test_a_run_that_names_no_commit_is_not_loaded(fetch: Fetch, write: Write, said: Said) -> None:
    write("findings.sarif", log(run(), run(versionControlProvenance=[{"revisionId": "main"}])))
    assert scans(fetch) == []
    remedy = "Let the scanner write versionControlProvenance, or call the file findings-REPO-SHA.sarif."
    assert said(SOURCE) == [
        ("findings.sarif", 0, "rejected", f"Run {number} of 'Guard' does not name its commit. {remedy}")
        for number in (1, 2)
    ]


def test_a_run_without_a_time_counts_as_of_its_commit_and_that_is_said(fetch: Fetch, write: Write, said: Said) -> None:
    write(NAME, log(run(invocations=[{"endTimeUtc": "yesterday"}])))
    assert [scan.ran_at for scan in scans(fetch)] == [None]
    assert [reason for *_, reason in said(SOURCE)] == [
        "endTimeUtc is not a time we can read. Write 2026-11-03T11:20:00Z, or 2026-11-03 for a day.",
        "A run does not say when it ended, and counts as of the landing of its commit.",
    ]


def test_no_run_ends_after_its_file_was_written(fetch: Fetch, write: Write, said: Said) -> None:
    for ended in ("2026-11-10T06:00:01Z", "2098-12-31T00:00:00Z"):
        write(NAME, log(run(invocations=[*ENDED, {"endTimeUtc": ended}])))
        batch = fetch(SOURCE)
        written_at = datetime(2026, 11, 10, 6)  # noqa: DTZ001
        assert [scan.ran_at for scan in scans(fetch)] == [batch.data_from] == [batch.data_through] == [written_at]
        reason = "A run says that it ended after its file was written, and counts as of that: 'Guard'."
        assert said(SOURCE) == [(NAME, 0, "warning", reason)]


def test_the_part_that_a_run_looks_at_is_named_before_the_last_slash(fetch: Fetch, write: Write) -> None:
    parts = ["/language:python/", "nightly/2026-11-03", "once", None]
    write(NAME, log(*(run(automationDetails={"id": part}) for part in parts)))
    assert [scan.part for scan in scans(fetch)] == ["/language:python", "nightly", ""]


def test_runs_on_parts_of_a_repository_are_one_scan_and_all_is_unknown_if_one_failed(
    fetch: Fetch, write: Write
) -> None:
    write(NAME, log(run(result(uri="a.py")), run(result(uri="b.py"))))
    assert [scan.is_clean for scan in scans(fetch)] == [False]
    assert [each.path for each in found(fetch)] == ["a.py", "b.py"]
    write(NAME, log(run(result(uri="a.py")), run(invocations=[*ENDED, {"executionSuccessful": False}])))
    assert [scan.is_clean for scan in scans(fetch)] == [None]
    assert found(fetch) == []


@pytest.mark.parametrize(
    "more", [{"invocations": [{"executionSuccessful": False}]}, {"results": None}, {"results": {}}]
)
def test_a_failed_run_is_unknown_and_not_clean(fetch: Fetch, write: Write, said: Said, more: dict[str, object]) -> None:
    write(NAME, log(run(result()) | more))
    assert [scan.is_clean for scan in scans(fetch)] == [None]
    assert found(fetch) == []
    assert "A run failed, or has no results, so what it would have found is unknown: 'Guard'." in [
        reason for *_, reason in said(SOURCE)
    ]


def test_a_scan_that_is_read_again_takes_the_place_of_what_it_said(
    con: duckdb.DuckDBPyConnection, fetch: Fetch, write: Write
) -> None:
    for results in ([result(), result(line=9)], [result()], []):
        write(NAME, log(run(*results)))
        source.load(con, SOURCE, fetch(SOURCE))
        assert con.table("scan_results").count("*").fetchall() == [(len(results),)]
        assert con.execute("select is_clean from scans").fetchall() == [(not results,)]


# What counts.


def test_what_passed_is_absent_or_was_agreed_to_does_not_count(fetch: Fetch, write: Write) -> None:
    silent = [
        result(kind="pass"),
        result(kind="informational"),
        result(baselineState="absent"),
        result(suppressions=[{"kind": "inSource"}]),
        result(suppressions=[{"kind": "external", "status": "accepted"}]),
    ]
    loud = [
        result("kept", kind="fail", baselineState="unchanged", suppressions=[]),
        result("asked for", suppressions=[{"kind": "external", "status": "underReview"}]),
        result("turned down", suppressions=[{"status": "rejected"}, {"status": "accepted"}]),
    ]
    write(NAME, log(run(*silent, *loud)))
    assert [each.rule for each in found(fetch)] == ["asked for", "kept", "turned down"]


def test_a_level_stands_on_the_result_else_on_the_rule_else_it_is_a_warning(fetch: Fetch, write: Write) -> None:
    rules = [{"id": "R1", "defaultConfiguration": {"level": "error"}}, {"id": "R2"}]
    results = [
        result(line=1, level="note"),
        result(line=2),
        result("R2", line=3),
        result("R3", line=4),
        result(level=9, line=5),
    ]
    write(NAME, log(run(*results, rules=rules)))
    assert [each.severity for each in found(fetch)] == ["note", "error", "warning", "warning", "error"]


def test_rules_are_found_in_extensions_by_place_and_by_id(fetch: Fetch, write: Write) -> None:
    slow = {"id": "slow", "properties": {"tags": ["performance"]}}
    tool = {"driver": {"name": "Guard", "rules": [{"id": "top"}]}, "extensions": [{"rules": []}, {"rules": [slow]}]}
    results = [
        result(None, line=1, rule={"index": 0, "toolComponent": {"index": 1}}),
        result("slow", line=2),
        result("slow/loop", line=3),  # a part of that rule
        result(None, line=4, rule={"id": "slow"}),
        result(None, line=5, ruleIndex=0),
        result("slow", line=6, rule={"index": 7, "toolComponent": {"index": 9}}),
    ]
    write(NAME, log(run(*results) | {"tool": tool}))
    assert [(each.rule, each.category) for each in found(fetch)] == [
        ("slow", "performance"),
        ("slow", "performance"),
        ("slow/loop", "performance"),
        ("slow", "performance"),
        ("top", "unknown"),
        ("slow", "performance"),
    ]


def test_a_result_that_names_no_rule_is_left_out_and_said(fetch: Fetch, write: Write, said: Said) -> None:
    write(NAME, log(run(result(None), result("R1"), "nonsense")))
    assert [each.rule for each in found(fetch)] == ["R1"]
    assert said(SOURCE) == [(NAME, 0, "warning", "2 results name no rule and were not read.")]


def test_a_tool_speaks_of_the_categories_of_its_rules_also_when_it_finds_nothing(fetch: Fetch, write: Write) -> None:
    rules = [{"id": "a", "properties": {"tags": ["security"]}}, {"id": "b", "properties": {"tags": ["style"]}}]
    write(NAME, log(run(rules=rules)))
    assert [each[1] for each in fetch(SOURCE).rows["scan_categories"]] == ["maintainability", "security"]


# Where.


@pytest.mark.parametrize(
    ("uri", "base", "path"),
    [
        ("src/a.py", None, "src/a.py"),
        ("./src//b/../a%20b.py", None, "src/a b.py"),
        ("a.py", "%SRCROOT%", "a.py"),
        ("a.py", "SRC", "src/a.py"),
        ("file:///home/ci/shop/src/a.py", None, "src/a.py"),
        ("file:///home/ci/shop-api/src/a.py", None, "/home/ci/shop-api/src/a.py"),
        ("file:///builds/web/src/a.py", None, "src/a.py"),  # its base has no slash at the end
        ("file:///elsewhere/src/a.py", None, "/elsewhere/src/a.py"),
        ("file:/elsewhere/./a.py", None, "/elsewhere/a.py"),
        ("/elsewhere/src/a.py", None, "/elsewhere/src/a.py"),
        ("C:\\ci\\a.py", None, "/C:/ci/a.py"),
        ("file:///C:/ci/a.py", None, "/C:/ci/a.py"),
        ("../" * 5000, None, None),
        ("src\\a.py", None, "src/a.py"),
        ("../../etc/passwd", None, "etc/passwd"),
        ("a.py", "LOOP", "loop/a.py"),
        ("", None, None),
        ("..", None, None),
        ("http://[", None, "http:/["),
        (7, None, None),
    ],
)
def test_a_path_begins_at_the_top_of_what_was_scanned(
    fetch: Fetch, write: Write, uri: object, base: str | None, path: str | None
) -> None:
    bases = {
        "%SRCROOT%": {"uri": "file:///home/ci/shop/"},
        "SRC": {"uri": "src/", "uriBaseId": "%SRCROOT%"},
        "LOOP": {"uri": "loop/", "uriBaseId": "NOWHERE"},
        "WEB": {"uri": "file:///builds/web"},
    }
    place = {"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": base}, "region": {"startLine": 3}}}
    write(NAME, log(run(result(locations=[place]), originalUriBaseIds=bases)))
    assert [(each.path, each.line) for each in found(fetch)] == [(path, 3 if path else None)]


def test_bases_that_go_round_in_a_ring_end_somewhere(fetch: Fetch, write: Write) -> None:
    bases = {"A": {"uri": "a/", "uriBaseId": "B"}, "B": {"uri": "b/", "uriBaseId": "A"}}
    place = {"physicalLocation": {"artifactLocation": {"uri": "x.py", "uriBaseId": "A"}}}
    write(NAME, log(run(result(locations=[place]), originalUriBaseIds=bases)))
    assert [each.path for each in found(fetch)] == ["b/a/x.py"]


def test_bases_are_read_once_for_a_run_and_not_for_every_result(
    fetch: Fetch, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(sarif, "urlsplit", lambda uri: asked.append(uri) or urlsplit(uri))
    bases = {f"B{number}": {"uri": f"file:///{number}/"} for number in range(5000)}
    write(NAME, log(run(*(result(uri=f"file:///7/{line}.py") for line in range(300)), originalUriBaseIds=bases)))
    assert {each.path for each in found(fetch)} == {f"{line}.py" for line in range(300)}
    assert set(asked) == {f"file:///{number}/" for number in range(100)}
    assert len(asked) == 200  # as a root, and as what others begin at


def test_a_path_may_stand_in_the_list_of_artifacts(fetch: Fetch, write: Write) -> None:
    place = {"physicalLocation": {"artifactLocation": {"index": 1}, "region": {"startLine": 3}}}
    artifacts = [{}, {"location": {"uri": "src/a.py"}}]
    write(NAME, log(run(result(locations=[place]), artifacts=artifacts)))
    assert [(each.path, each.line) for each in found(fetch)] == [("src/a.py", 3)]


@pytest.mark.parametrize("line", [None, 0, -1, "3", True, 2**40, 1.5])
def test_a_finding_without_a_line_is_about_its_file(fetch: Fetch, write: Write, line: object) -> None:
    write(NAME, log(run(result(line=line))))
    assert [(each.path, each.line) for each in found(fetch)] == [("src/a.py", None)]


def test_a_finding_without_a_place_is_about_the_repository(fetch: Fetch, write: Write) -> None:
    write(NAME, log(run(result(uri=None))))
    assert [(each.path, each.line) for each in found(fetch)] == [(None, None)]


# What tells one finding from another.


def prints(fetch: Fetch, write: Write, *results: object) -> list[tuple[str, int]]:
    write(NAME, log(run(*results)))
    return [(each.fingerprint, each.twins) for each in found(fetch)]


def snippet(line: int, text: str, **more: object) -> dict[str, Any]:
    region = {"startLine": line, "snippet": {"text": text}}
    return result(locations=[{"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": region}}], **more)


def test_a_finding_is_the_same_on_another_line_and_with_other_white_space(fetch: Fetch, write: Write) -> None:
    assert prints(fetch, write, snippet(3, "  call(x)\n")) == prints(fetch, write, snippet(30, "call(x)"))
    assert prints(fetch, write, snippet(3, "call(x)")) != prints(fetch, write, snippet(3, "call(y)"))


def test_twins_are_numbered_and_what_is_told_twice_is_one(fetch: Fetch, write: Write) -> None:
    (alone,) = prints(fetch, write, snippet(3, "pass"))
    both = prints(fetch, write, snippet(9, "pass"), snippet(3, "pass"), snippet(3, "pass"))
    assert [twins for _, twins in both] == [2, 2]
    assert len({alone[0], *(name for name, _ in both)}) == 2


def test_the_tools_own_fingerprint_is_no_identity(fetch: Fetch, write: Write) -> None:
    own = {"matchBasedId/v1": "requires login"}
    both = prints(fetch, write, snippet(3, "a()", fingerprints=own), snippet(4, "b()", fingerprints=own))
    assert len(set(both)) == 2
    assert prints(fetch, write, snippet(3, "a()")) == both[:1] or prints(fetch, write, snippet(3, "a()")) == both[1:]


def test_without_a_snippet_the_hash_of_the_line_tells_and_else_its_number(fetch: Fetch, write: Write) -> None:
    def bare(line: int, **more: object) -> dict[str, Any]:
        place = {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": line}}
        return result(locations=[{"physicalLocation": place}], **more)

    hashed = {"partialFingerprints": {"primaryLocationLineHash": "39fa2ee980eb94b0:1"}}
    assert prints(fetch, write, bare(3, **hashed)) == prints(fetch, write, bare(30, **hashed))
    assert prints(fetch, write, bare(3)) != prints(fetch, write, bare(4))


def test_nothing_that_a_scanner_says_in_words_is_kept(
    con: duckdb.DuckDBPyConnection, fetch: Fetch, write: Write
) -> None:
    write(NAME, log(run(snippet(6, 'PASSWORD = "hunter2"'), result(None), invocations=[{"endTimeUtc": "hunter2"}])))
    batch = fetch(SOURCE)
    source.load(con, SOURCE, batch)
    assert len(batch.rows["scan_results"]) == 1
    assert "hunter2" not in repr(batch)


# Files that are something else.


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "The file is not JSON: Expecting value at line 1, character 1. Let the scanner write it again."),
        ('{"runs": [', "The file is not JSON: Expecting value at line 1, character 11. Let the scanner write it again."),
        ("[]", "The file has no list of runs, so it is not SARIF. Let the scanner write SARIF 2.1.0."),
        ('{"runs": {}}', "The file has no list of runs, so it is not SARIF. Let the scanner write SARIF 2.1.0."),
        ('{"runs": []}', "The file is not of version 2.1.0 of SARIF. Let the scanner write that one."),
        ('{"version": "1.0.0", "runs": []}', "The file is not of version 2.1.0 of SARIF. Let the scanner write that one."),
        (b"\xff{}", "Byte 1 is not UTF-8; save the file as UTF-8."),
        ("{}".encode("utf-16"), "The file is UTF-16, and nothing of it was read. Save it as UTF-8."),
        ("[" * 100_000, "The file is nested too deeply to be SARIF. Let the scanner write it again."),
        ("1" * 10_000, "The file holds a number that is too long. Let the scanner write it again."),
        (
            '{"version": "2.1.0", "runs": [7]}',
            "Run 1 was not read: it does not name its tool. Let the scanner write tool.driver.name.",
        ),
    ],
    ids=range(11),
)  # fmt: skip
def test_a_file_that_is_no_sarif_is_told_with_the_reason(
    said: Said, write: Write, content: str | bytes, reason: str
) -> None:
    write(NAME, content)
    assert said(SOURCE) == [(NAME, 0, "rejected", reason)]


def test_a_file_with_a_byte_order_mark_is_read(fetch: Fetch, write: Write) -> None:
    write(NAME, b"\xef\xbb\xbf" + log(run(result())).encode())
    assert len(found(fetch)) == 1


def test_one_bad_file_does_not_stop_the_next(fetch: Fetch, write: Write) -> None:
    write("a.sarif", "nonsense")
    write(NAME, log({"tool": 1}, run(result())))
    assert len(found(fetch)) == 1


def test_a_file_of_many_megabytes_is_not_taken_into_memory(
    said: Said, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "LARGEST", 1000)
    write(NAME, log(run(result())) + " " * 1000)
    reason = "The file has more than 1,000 bytes. Write a file for each run, without code flows."
    assert said(SOURCE) == [(NAME, 0, "rejected", reason)]


def test_a_run_of_too_many_results_is_told_and_the_others_are_read(
    fetch: Fetch, said: Said, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif, "MOST", 2)
    write(NAME, log(run(result(), result(), result()), run(result())))
    assert len(found(fetch)) == 1
    reason = "Run 1 was not read: it has 3 results; 2 is the most. Split it, or leave out rules."
    assert said(SOURCE) == [(NAME, 0, "rejected", reason)]


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just("file:///x/")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=6,
)
PLACES = [
    ("tool",), ("results",), ("invocations",), ("versionControlProvenance",), ("automationDetails",), ("artifacts",),
    ("originalUriBaseIds",), ("tool", "driver"), ("tool", "driver", "rules"), ("tool", "extensions"), ("results", 0),
    ("results", 0, "ruleId"), ("results", 0, "rule"), ("results", 0, "ruleIndex"), ("results", 0, "locations"),
    ("results", 0, "suppressions"), ("results", 0, "kind"), ("results", 0, "level"), ("results", 0, "partialFingerprints"),
    ("results", 0, "locations", 0, "physicalLocation"), ("results", 0, "locations", 0, "physicalLocation", "region"),
    ("tool", "driver", "rules", 0, "properties"), ("tool", "driver", "rules", 0, "properties", "tags"),
]  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(PLACES), ANYTHING)
def test_whatever_stands_at_any_place_is_read_or_told_and_fits_the_warehouse(
    con: duckdb.DuckDBPyConnection, fetch: Fetch, write: Write, place: tuple[str | int, ...], value: object
) -> None:
    whole = json.loads(log(run(result(), rules=[{"id": "R1", "properties": {"tags": ["security"]}}])))
    inside: Any = whole["runs"][0]
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    write(NAME, json.dumps(whole))
    batch = fetch(SOURCE)
    assert source.load(con, SOURCE, batch) == sum(map(len, batch.rows.values()))
    warehouse.load(con, "rejects", (("findings", *reject[:4]) for reject in batch.rejects))
