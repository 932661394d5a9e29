"""What the other tools of an organisation of the lab would export: people, use, incidents, deployments, hours, findings."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from ingest.lab.changes import Change, Incident, Person
from ingest.lab.lines import Line
from ingest.lab.play import Play
from ingest.lab.repository import Repository
from ingest.lab.story import END, FAILED, HORIZON, IMPORT, START, TAKEN, WEEKS
from ingest.sample import drop
from ingest.sample.chance import stream
from ingest.sample.drop import Row, iso

TOOL = "claude-code"
DEPLOYED_EVERY = timedelta(days=3.5)
COST = 2.0  # dollars a day of use, on average
CATEGORIES = {"security": "S1", "performance": "P1", "correctness": "C1", "maintainability": "M1"}


def write(folder: Path, play: Play) -> dict[Line, str]:
    """The files of the drop folder; answers the lines in which the scanner sees something, with its category."""
    folder.mkdir()
    rng = stream(play.seed, f"records {play.story.name}")
    deployments = [row for repository in play.repositories for row in _deployments(rng, repository, play.incidents)]
    changes = [change for repository in play.repositories for change in repository.landed]
    drop.write_csv(folder, "people", [_person(person) for person in play.people], HORIZON)
    drop.write_csv(folder, "usage_days", [row for one in play.people for row in _usage(rng, one)], HORIZON)
    drop.write_csv(folder, "seats", [row for one in play.people[::2] for row in _seats(one)], HORIZON)
    drop.write_csv(folder, "deployments", deployments, HORIZON)
    drop.write_jsonl(folder, "incidents", [_incident(rng, one) for one in play.incidents], HORIZON)
    drop.write_csv(folder, "work_logs", list(_hours(rng, play.incidents, changes)), HORIZON)
    findings = {line: category for each in play.repositories for line, category in _findings(rng, each)}
    for repository in play.repositories:
        _scan(folder, repository, findings)
    return findings


def _person(person: Person) -> Row:
    return {
        "person": f"P{person.number}", "email": person.email, "team": person.team, "seniority": person.level,
        "valid_from": IMPORT.date().isoformat(),
    }  # fmt: skip


def _usage(rng: random.Random, person: Person) -> Iterator[Row]:
    """Whether they use a tool in a week is chance about their habit; a day without use is told as well."""
    for week in range(WEEKS):
        days = rng.sample(range(5), rng.randint(1, 5)) if rng.random() < person.habit else []
        for day in range(5):
            told: Row = {
                "source": "export", "tool": TOOL, "surface": "cli", "actor_email": person.email,
                "day_utc": (START + timedelta(weeks=week, days=day)).date().isoformat(),
            }  # fmt: skip
            if day in days:
                shown = rng.randint(4, 40)
                taken = sum(rng.random() < TAKEN for _ in range(shown))
                told |= {"is_active": "true", "sessions": 1, "acceptances": taken, "rejections": shown - taken}
                told["cost_usd"] = f"{rng.gammavariate(2, COST / 2):.4f}"
            elif day == 0:
                told |= {"is_active": "false", "sessions": 0, "cost_usd": "0"}
            else:
                continue
            yield told


def _seats(person: Person) -> Iterator[Row]:
    for week in range(WEEKS):
        day = (START + timedelta(weeks=week)).date().isoformat()
        yield {"day": day, "tool": TOOL, "actor_email": person.email, "assigned_at": iso(IMPORT)}


def _deployments(rng: random.Random, repository: Repository, incidents: Sequence[Incident]) -> Iterator[Row]:
    """On fixed days whatever stands on the branch, and once more in haste after some incidents."""
    name = repository.place.name
    planned = []
    at = START + timedelta(hours=15)
    while at < END:
        planned.append((at, None))
        at += DEPLOYED_EVERY
    hasty = [(one.resolved_at, one) for one in incidents if one.repo == name and one.cause and one.made_redeploy]
    for at, incident in sorted([*planned, *hasty], key=lambda each: each[0]):
        if at >= END:
            continue
        head = next((change for change in reversed(repository.landed) if change.at <= at), None)
        if head is None:
            continue
        yield {
            "id": f"{name}-{at:%Y%m%d%H%M%S}", "repo": name, "service": name, "environment": "production", "sha": head.sha,
            "started_at": iso(at), "finished_at": iso(at + timedelta(minutes=4)),
            "status": "failure" if rng.random() < FAILED else "success",
            "is_unplanned": "true" if incident else "false", "incident": incident.ident if incident else "",
            "source": "deployer",
        }  # fmt: skip


def _incident(rng: random.Random, one: Incident) -> Row:
    return {
        "id": one.ident, "title": f"Fault {one.ident}", "severity": one.severity, "service": one.repo, "repo": one.repo,
        "opened_at": iso(one.started_at), "detected_at": iso(one.detected_at), "resolved_at": iso(one.resolved_at),
        "caused_by_sha": one.cause.sha if one.cause and one.method == "explicit" else None,
        "is_change_caused": False if one.cause is None else None,
        "users_affected": round(rng.lognormvariate(5, 1)), "source": "pager",
    }  # fmt: skip


def _hours(rng: random.Random, incidents: Sequence[Incident], changes: Sequence[Change]) -> Iterator[Row]:
    """Every issue is built, some are debugged; every incident is responded to."""
    for one in incidents:
        if one.cause is not None:
            person = one.cause.person
            yield _hour(person, one.detected_at, round(one.minutes) + 1, "respond", incident=one.ident, repo=one.repo)
    for change in changes:
        if change.issue is None:
            continue
        about = {"issue": change.issue, "repo": change.place.name}
        yield _hour(change.person, change.at - timedelta(hours=3), rng.randrange(60, 300, 15), "build", **about)
        if rng.random() < (0.5 if change.by_ai else 0.3):
            at = change.at + timedelta(hours=rng.uniform(2, 60))
            yield _hour(change.person, at, rng.randrange(15, 240, 15), "debug", **about)


def _hour(person: Person, at: datetime, minutes: int, activity: str, **about: str | None) -> Row:
    row: Row = {"source": "tempo", "actor_email": person.email, "started_at": iso(at)}
    return row | {"minutes": minutes, "activity": activity} | about


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


def _findings(rng: random.Random, repository: Repository) -> Iterator[tuple[Line, str]]:
    for change in repository.landed:
        for line in change.born:
            if line.is_code and line.operation == "added" and rng.random() < change.hazards.finding:
                yield line, rng.choice(list(CATEGORIES))


def _result(category: str, path: str, number: int, line: Line) -> Row:
    region: Row = {"startLine": number, "snippet": {"text": line.text}}
    place = {"artifactLocation": {"uri": path, "uriBaseId": "%SRCROOT%"}, "region": region}
    text = {"text": f"{category} at line {number}"}
    return {
        "ruleId": CATEGORIES[category],
        "level": "warning",
        "message": text,
        "locations": [{"physicalLocation": place}],
    }


def _sarif(results: Sequence[Row], at: datetime, sha: str) -> Row:
    rules = [{"id": name, "properties": {"tags": [category]}} for category, name in CATEGORIES.items()]
    run: Row = {
        "tool": {"driver": {"name": "Guard", "version": "1.0.0", "rules": rules}},
        "invocations": [{"executionSuccessful": True, "endTimeUtc": iso(at)}],
        "versionControlProvenance": [{"repositoryUri": "https://git.example.com/lab", "revisionId": sha}],
        "results": list(results),
    }
    return {"version": "2.1.0", "runs": [run]}
