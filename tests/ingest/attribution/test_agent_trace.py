"""Agent Trace records: what they say about lines, and at which commit."""

import json
from datetime import datetime
from typing import Any

import pytest

from ingest.attribution.agent_trace import (
    NO_COMMIT,
    NO_PLACE,
    NO_RECORD,
    WRONG_LINES,
    Claim,
    Doubt,
    Touch,
    claims,
    rows,
)
from ingest.attribution.ranges import Range

NINE, TEN, ELEVEN = (datetime(2026, 11, 3, hour) for hour in (9, 10, 11))  # noqa: DTZ001 - UTC, as in the warehouse


def record(
    *given: dict[str, Any], path: str = "a.py", kind: str = "ai", model: str = "anthropic/claude-opus-4-8", **more: Any
) -> dict[str, Any]:
    contributor = {"type": kind, "model_id": model}
    conversation = {"url": "file:///home/dev/secret.jsonl", "contributor": contributor, "ranges": list(given)}
    said = {"version": "1.0", "id": "1", "timestamp": "2026-11-03T08:41:12.310Z", "tool": {"name": "claude-code"}}
    return said | {"files": [{"path": path, "conversations": [conversation]}]} | more


def lines(first: object, last: object, **more: Any) -> dict[str, Any]:
    return {"start_line": first, "end_line": last, **more}


def read(*records: object) -> tuple[list[Claim], list[Doubt]]:
    return claims("\n".join(each if isinstance(each, str) else json.dumps(each) for each in records).encode())


def test_a_record_says_who_wrote_which_lines_and_when() -> None:
    at = datetime(2026, 11, 3, 8, 41, 12, 310000)  # noqa: DTZ001
    assert read(record(lines(10, 31), lines(40, 40))) == (
        [
            Claim(1, at, "a.py", "ai", "claude-code", "claude-opus-4-8", "agent-trace-ai", Range(10, 31)),
            Claim(1, at, "a.py", "ai", "claude-code", "claude-opus-4-8", "agent-trace-ai", Range(40, 40)),
        ],
        [],
    )


def test_the_least_that_is_valid_says_no_tool_and_no_model() -> None:
    conversation = {"contributor": {"type": "ai"}, "ranges": [lines(1, 50)]}
    least = {"version": "0.1.0", "id": "1", "timestamp": "2026-01-25T10:00:00+01:00"}
    least |= {"files": [{"path": "src/app.ts", "conversations": [conversation]}]}
    nine = datetime(2026, 1, 25, 9)  # noqa: DTZ001
    assert read(least) == ([Claim(1, nine, "src/app.ts", "ai", None, None, "agent-trace-ai", Range(1, 50))], [])


def test_a_range_may_have_a_contributor_of_its_own_and_unknown_says_nothing() -> None:
    said, left = read(
        record(
            lines(1, 4),
            lines(9, 9, contributor={"type": "human"}),
            lines(12, 12, contributor={"type": "unknown"}),
            kind="mixed",
        )
    )
    assert [(claim.class_, claim.tool, claim.rule, claim.lines) for claim in said] == [
        ("ai", "claude-code", "agent-trace-mixed", Range(1, 4)), ("human", None, "agent-trace-human", Range(9, 9)),
    ]  # fmt: skip
    assert left == []


@pytest.mark.parametrize("path", [".sessions", ".shell-history"])
def test_what_is_no_file_is_passed_over(path: str) -> None:
    assert read(record(lines(1, 1), path=path)) == ([], [])


def test_one_to_one_is_an_unknown_place() -> None:
    assert read(record(lines(1, 1))) == ([], [Doubt(1, NO_PLACE)])


@pytest.mark.parametrize(
    "given", [(0, 4), (-3, 4), (9, 3), (True, 4), ("3", 4), (None, None), (3, 10_000_001), (3.0, 4)]
)
def test_lines_that_no_file_has_are_refused(given: tuple[object, object]) -> None:
    assert read(record(lines(*given))) == ([], [Doubt(1, WRONG_LINES)])


@pytest.mark.parametrize(
    "line",
    [
        '{"version":"1.0","id":"7d444840","timest',
        "[]",
        "3",
        "{}",
        "[" * 100_000,
        '{"timestamp": "2026-01-01T00:00:00Z"}',
        '{"timestamp": "yesterday", "files": []}',
        '{"timestamp": 3, "files": []}',
        '{"timestamp": "0001-01-01T00:00:00+23:59", "files": []}',
    ],
)
def test_what_is_no_record_is_counted_and_the_next_one_read(line: str) -> None:
    said, left = read(line, "", record(lines(2, 3)))
    assert ([claim.line for claim in said], left) == ([3], [Doubt(1, NO_RECORD)])


@pytest.mark.parametrize(
    "files", [[3], [{}], [{"path": 3}], [{"path": "a"}], [{"path": "a", "conversations": [{"ranges": [3]}, 4]}]]
)
def test_other_shapes_say_nothing(files: list[object]) -> None:
    assert read(record() | {"files": files}) == ([], [])


def test_a_record_written_twice_is_read_once_and_two_of_one_name_are_two() -> None:
    one = record(lines(2, 3))
    said, _ = read(one, one, one | {"timestamp": "2026-11-03T09:00:00Z"})
    assert [claim.line for claim in said] == [1, 3]


def claim(at: datetime, first: int, last: int, line: int = 1, class_: str = "ai") -> Claim:
    return Claim(
        line,
        at,
        "a.py",
        class_,
        "cursor" if class_ == "ai" else None,
        None,
        f"agent-trace-{class_}",
        Range(first, last),
    )


def test_a_record_speaks_of_the_next_commit_of_its_file_however_late_that_was_rebased() -> None:
    touches = [
        Touch("early", "a.py", NINE, NINE, has_trace=True), Touch("other", "b.py", TEN, TEN, has_trace=True),
        Touch("late", "a.py", ELEVEN, ELEVEN, has_trace=True), Touch("rebased", "a.py", TEN, ELEVEN, has_trace=True),
    ]  # fmt: skip
    found, left = rows("shop", [claim(NINE, 1, 2), claim(TEN, 4, 9), claim(TEN, 8, 8, 2, "human")], touches)
    assert [(row.sha, row.path, row.lines, row.class_, row.tool, row.observed_at) for row in found] == [
        ("early", "a.py", "1-2", "ai", "cursor", NINE),
        ("rebased", "a.py", "4-7,9", "ai", "cursor", ELEVEN),
        ("rebased", "a.py", "8", "human", None, ELEVEN),
    ]  # fmt: skip
    assert {(row.scope, row.source, row.confidence) for row in found} == {("line", "agent-trace", "recorded")}
    assert len({row.evidence for row in found}) == 3
    assert left == []


def test_where_the_commit_did_not_bring_the_trace_along_it_is_only_inferred() -> None:
    found, _ = rows("shop", [claim(NINE, 1, 2)], [Touch("somebody", "a.py", TEN, TEN, has_trace=False)])
    assert [(row.sha, row.confidence) for row in found] == [("somebody", "inferred")]


def test_a_record_that_no_commit_followed_says_so() -> None:
    assert rows("shop", [claim(ELEVEN, 1, 2, 7)], [Touch("early", "a.py", TEN, TEN, has_trace=True)]) == (
        [],
        [Doubt(7, NO_COMMIT)],
    )
