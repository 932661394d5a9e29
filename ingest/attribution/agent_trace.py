"""Agent Trace: `.agent-trace/traces.jsonl` at the head, which agents append to as they edit.

A record tells what was edited before it was committed, so it speaks of the next commit that touches the file. Where a
range is 1 to 1 the agent did not know the place, and nothing can be said about any line. Parsed leniently: writers give
versions and revisions as they like. Addresses of conversations are never kept. Source: Agent Trace RFC 0.1.0.
"""

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ingest.attribution import agents, ranges
from ingest.attribution.evidence import Evidence, key
from ingest.attribution.ranges import Range

SOURCE = "agent-trace"
FILE = ".agent-trace/traces.jsonl"
METHOD = "agent-trace 2"  # what the rows mean; another number reads the file again
LARGEST = 16 << 20  # bytes

_NO_FILES = {".sessions", ".shell-history"}  # under these names the reference writer notes what is no edit
_CLASSES = {"ai": "ai", "mixed": "ai", "human": "human"}  # the agent had a part in what is mixed
_UNKNOWN_PLACE = Range(1, 1)

NO_RECORD = "it is no record: half a line, or without files or a time"
WRONG_LINES = "it names lines that no file has"
NO_PLACE = "its writer did not know which lines (1 to 1)"
NO_COMMIT = "no commit of the branch touched the file after it"
ABSENT = f"the file is missing here, or larger than {LARGEST >> 20} MB"
REFUSALS = {NO_RECORD, WRONG_LINES, ABSENT}


class Claim(NamedTuple):
    """Lines that a record says somebody wrote, before anybody committed them."""

    line: int  # of the trace file
    at: datetime  # naive UTC
    path: str
    class_: str
    tool: str | None
    model: str | None
    rule: str
    lines: Range


class Doubt(NamedTuple):
    """Something in a line of the trace file that cannot be used."""

    line: int
    reason: str


class Touch(NamedTuple):
    """A commit that changed a file."""

    sha: str
    path: str
    authored_at: datetime
    committed_at: datetime
    has_trace: bool  # it changed the trace file as well


def claims(content: bytes) -> tuple[list[Claim], list[Doubt]]:
    """What the records of a trace file say, in its order; a record that was written twice is read once."""
    said: list[Claim] = []
    left: list[Doubt] = []
    for each in _claims(content):
        if isinstance(each, Doubt):
            left.append(each)
        else:
            said.append(each)
    return said, left


def _claims(content: bytes) -> Iterator[Claim | Doubt]:
    seen = set()
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        record = _record(line)
        at = _moment(record.get("timestamp"))
        if at is None or not isinstance(record.get("files"), list):
            yield Doubt(number, NO_RECORD)
        elif (name := (str(record.get("id")), at)) not in seen:
            seen.add(name)
            yield from _of_record(number, at, record)


def _record(line: bytes) -> dict[str, Any]:
    try:
        return _table(json.loads(line))
    except (ValueError, RecursionError):  # half a line, no UTF-8, brackets without end
        return {}


def _of_record(number: int, at: datetime, record: dict[str, Any]) -> Iterator[Claim | Doubt]:
    tool = agents.tool(_table(record.get("tool")).get("name"))
    for file in _tables(record["files"]):
        path = file.get("path")
        if not isinstance(path, str) or path in _NO_FILES:
            continue
        for conversation in _tables(file.get("conversations")):
            for each in _tables(conversation.get("ranges")):
                contributor = _table(each.get("contributor") or conversation.get("contributor"))
                kind = contributor.get("type")
                class_ = _CLASSES.get(kind) if isinstance(kind, str) else None
                if class_ is None:
                    continue  # the record itself says that it does not know
                lines = _lines(each)
                if isinstance(lines, str):
                    yield Doubt(number, lines)
                    continue
                model = agents.model(contributor.get("model_id")) if class_ == "ai" else None
                by = tool if class_ == "ai" else None
                yield Claim(number, at, path, class_, by, model, f"agent-trace-{kind}", lines)


def _lines(given: dict[str, Any]) -> Range | str:
    """The lines of a range, or why they cannot be used."""
    first, last = given.get("start_line"), given.get("end_line")
    if type(first) is not int or type(last) is not int or not ranges.is_sound(Range(first, last)):
        return WRONG_LINES
    return NO_PLACE if (first, last) == _UNKNOWN_PLACE else Range(first, last)


def _moment(text: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
        return at and (at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at)
    except (ValueError, OverflowError):
        return None


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _tables(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def rows(repo: str, said: Iterable[Claim], touches: Iterable[Touch]) -> tuple[list[Evidence], list[Doubt]]:
    """The evidence in `said`, each at the next commit that touched its file; later records win where two claim a line.

    Where that commit did not bring the trace along, somebody else may just have been faster: then it is only inferred.
    `touches` are the commits of those files, in any order that puts parents first.
    """
    by_path: dict[str, list[Touch]] = {}
    for touch in sorted(touches, key=_authored_at):
        by_path.setdefault(touch.path, []).append(touch)
    placed: dict[Touch, list[Claim]] = {}
    left: list[Doubt] = []
    for claim in said:
        there = by_path.get(claim.path, [])
        place = bisect_left(there, claim.at, key=_authored_at)
        if place < len(there):
            placed.setdefault(there[place], []).append(claim)
        else:
            left.append(Doubt(claim.line, NO_COMMIT))
    found = [row for touch, together in placed.items() for row in _of_file(repo, touch, together)]
    return found, left


def _authored_at(touch: Touch) -> datetime:
    # Not committed_at: a rebase sets that anew, and others may have committed in between.
    return touch.authored_at


def _of_file(repo: str, touch: Touch, claimed: list[Claim]) -> Iterator[Evidence]:
    said = sorted(claimed, key=lambda claim: claim.at)
    found: dict[tuple[str, str | None, str | None, str], tuple[list[Range], dict[str, None]]] = {}
    for lines, number in ranges.settled([(claim.lines, place) for place, claim in enumerate(said)]):
        claim = said[number]
        together, records = found.setdefault((claim.class_, claim.tool, claim.model, claim.rule), ([], {}))
        ranges.append(together, lines)
        records[str(claim.line)] = None
    for (class_, tool, model, rule), (together, records) in found.items():
        yield Evidence(
            evidence=key(repo, touch.sha, SOURCE, touch.path, class_, tool, model, rule),
            repo=repo,
            sha=touch.sha,
            path=touch.path,
            lines=ranges.text(together),
            scope="line",
            class_=class_,
            tool=tool,
            model=model,
            person=None,
            source=SOURCE,
            confidence="recorded" if touch.has_trace else "inferred",
            rule=rule,
            detail=f"line {', '.join(list(records)[:5])} of {FILE}",
            observed_at=touch.committed_at,
            method_version=METHOD,
        )
