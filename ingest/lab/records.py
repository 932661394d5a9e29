"""The books of an organisation of the lab as its tools would export them: people, use, incidents, deployments, hours, scans."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from ingest.lab.books import CATEGORIES, Books, Deployment, Hours, Use
from ingest.lab.changes import Incident, Person
from ingest.lab.lines import Line
from ingest.lab.play import Play
from ingest.lab.repository import Repository
from ingest.lab.story import HORIZON, IMPORT, START, WEEKS
from ingest.sample import drop
from ingest.sample.drop import Row, iso

TOOL = "claude-code"
_RULES = {category: f"{category[0].upper()}1" for category in CATEGORIES}


def write(folder: Path, play: Play, books: Books) -> None:
    """The files of the drop folder."""
    folder.mkdir()
    drop.write_csv(folder, "people", [_person(person) for person in play.people], HORIZON)
    drop.write_csv(folder, "usage_days", list(_usage(play.people, books.uses)), HORIZON)
    drop.write_csv(folder, "seats", [row for one in play.people[::2] for row in _seats(one)], HORIZON)
    drop.write_csv(folder, "deployments", [_deployment(one) for one in books.deployments], HORIZON)
    drop.write_jsonl(folder, "incidents", [row for one in play.incidents for row in _reports(one)], HORIZON)
    drop.write_csv(folder, "work_logs", [_hour(one) for one in books.hours], HORIZON)
    for repository in play.repositories:
        _scan(folder, repository, books.findings)


def _person(person: Person) -> Row:
    return {
        "person": f"P{person.number}", "email": person.email, "team": person.team, "seniority": person.level,
        "valid_from": IMPORT.date().isoformat(),
    }  # fmt: skip


def _usage(people: Sequence[Person], uses: Sequence[Use]) -> Iterator[Row]:
    """That somebody did not use it is told of Mondays."""
    for use in uses:
        yield _day(use.person, use.day) | {
            "is_active": "true", "sessions": 1, "acceptances": use.taken, "rejections": use.shown - use.taken,
            "cost_usd": f"{use.cost:.4f}",
        }  # fmt: skip
    used = {(use.person, use.day) for use in uses}
    mondays = [(START + timedelta(weeks=week)).date() for week in range(WEEKS)]
    for person in people:
        for day in mondays:
            if (person, day) not in used:
                yield _day(person, day) | {"is_active": "false", "sessions": 0, "cost_usd": "0"}


def _day(person: Person, day: object) -> Row:
    return {"source": "export", "tool": TOOL, "surface": "cli", "actor_email": person.email, "day_utc": day}


def _seats(person: Person) -> Iterator[Row]:
    for week in range(WEEKS):
        day = (START + timedelta(weeks=week)).date().isoformat()
        yield {"day": day, "tool": TOOL, "actor_email": person.email, "assigned_at": iso(IMPORT)}


def _deployment(one: Deployment) -> Row:
    return {
        "id": one.ident, "repo": one.repo, "service": one.repo, "environment": "production", "sha": one.head.sha,
        "started_at": iso(one.started_at), "finished_at": iso(one.finished_at),
        "status": "success" if one.is_good else "failure",
        "is_unplanned": "true" if one.made_for else "false", "incident": one.made_for.ident if one.made_for else "",
        "source": "deployer",
    }  # fmt: skip


def _reports(one: Incident) -> Iterator[Row]:
    """An incident as its tool tells it, now and then twice: the second time without its cause."""
    report: Row = {
        "id": one.ident, "title": f"Fault {one.ident}", "severity": one.severity, "service": one.service, "repo": one.repo,
        "opened_at": iso(one.started_at), "detected_at": iso(one.detected_at), "resolved_at": iso(one.resolved_at),
        "caused_by_sha": one.cause.sha if one.cause and one.method == "explicit" else None,
        "is_change_caused": False if one.method == "outage" else None,
        "users_affected": one.users, "source": "pager",
    }  # fmt: skip
    yield report
    if one.is_reported_twice:
        later = iso(one.started_at + timedelta(minutes=9))
        again: Row = {"id": f"AGAIN-{one.ident}", "opened_at": later, "duplicate_of": one.ident, "caused_by_sha": None}
        yield report | again


def _hour(one: Hours) -> Row:
    row: Row = {"source": "tempo", "actor_email": one.person.email, "started_at": iso(one.at), "minutes": one.minutes}
    if one.incident is not None:
        return row | {"activity": one.activity, "incident": one.incident.ident, "repo": one.incident.repo}
    assert one.change is not None  # noqa: S101 - it is one or the other
    return row | {"activity": one.activity, "issue": one.change.issue, "repo": one.change.place.name}


def _scan(folder: Path, repository: Repository, found: Mapping[Line, str]) -> None:
    """A scanner that sees every finding that stands on the branch whenever it looks."""
    for look in repository.looks:
        results = [
            _result(found[line], path, number, line)
            for path, lines in look.files.items()
            for number, line in enumerate(lines, 1)
            if line in found
        ]
        path = folder / f"findings-{repository.place.name}-{look.sha}.sarif"
        path.write_text(json.dumps(_sarif(results, look.at, look.sha)), encoding="utf-8")
        drop.stamp(path, HORIZON)


def _result(category: str, path: str, number: int, line: Line) -> Row:
    region: Row = {"startLine": number, "snippet": {"text": line.text}}
    place = {"artifactLocation": {"uri": path, "uriBaseId": "%SRCROOT%"}, "region": region}
    text = {"text": f"{category} at line {number}"}
    return {"ruleId": _RULES[category], "level": "warning", "message": text, "locations": [{"physicalLocation": place}]}


def _sarif(results: Sequence[Row], at: datetime, sha: str) -> Row:
    rules = [{"id": name, "properties": {"tags": [category]}} for category, name in _RULES.items()]
    run: Row = {
        "tool": {"driver": {"name": "Guard", "version": "1.0.0", "rules": rules}},
        "invocations": [{"executionSuccessful": True, "endTimeUtc": iso(at)}],
        "versionControlProvenance": [{"repositoryUri": "https://git.example.com/lab", "revisionId": sha}],
        "results": list(results),
    }
    return {"version": "2.1.0", "runs": [run]}
