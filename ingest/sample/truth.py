"""What was planted, written down for the tests: the answers to everything the sample asks."""

from collections.abc import Sequence

from ingest.sample.changes import Change, Incident
from ingest.sample.deployments import Deployments
from ingest.sample.drop import Row, iso
from ingest.sample.history import History
from ingest.sample.landing import Repository
from ingest.sample.people import PEOPLE
from ingest.sample.scans import Planted
from ingest.sample.story import END, HORIZON, MANDATE, START, WEEKS
from ingest.sample.usage import ActiveWeeks, seats


def truth(seed: int, history: History, active: ActiveWeeks) -> Row:
    """The whole truth, ready for JSON."""
    return {
        "seed": seed,
        "window": {"start": START.isoformat(), "end": END.isoformat(), "mandate": MANDATE.isoformat()},
        "horizon": iso(HORIZON),
        "people": [_person_row(number) for number in range(len(PEOPLE))],
        "repositories": {name: _repository_row(one) for name, one in history.repositories.items()},
        "incidents": _incident_rows(history.incidents.all, history.deployments),
        "findings": [_finding_row(one) for one in history.scans.planted],
        "weekly_active": {_week(monday): [one.person for one in people] for monday, people in active.items()},
        "seats": {_week(monday): {tool: len(people) for tool, people in seats(monday).items()} for monday in WEEKS},
    }


def _week(monday: object) -> str:
    return f"{monday:%G-W%V}"


def _person_row(number: int) -> Row:
    person = PEOPLE[number]
    return {
        "person": person.person,
        "name": person.name,
        "emails": [email for email in (person.email, person.other_email) if email],
        "level": person.level,
        "tools": list(person.tools),
        "teams": [
            {"team": team, "since": since.isoformat(), "until": until.isoformat() if until else None}
            for team, since, until in person.spans()
        ],
    }


def _repository_row(repository: Repository) -> Row:
    landed = repository.landed
    return {
        "head_sha": repository.head,
        "commits": repository.commits,
        "changes_landed": len(landed),
        "reformat_sha": next((change.landed_sha for change in landed if change.kind == "format"), None),
        "files": len(repository.files),
        "moved_lines": sum(change.moved for change in landed),
        "pasted_lines": sum(paste.lines for change in landed for paste in change.pastes),
        "changes": [_change_row(change) for change in landed],
    }


def _change_row(change: Change) -> Row:
    return {
        "landed_sha": change.landed_sha,
        "landed_at": iso(change.at),
        "commits": change.commits,
        "pull_request": change.pull_request,
        "style": change.style,
        "kind": change.kind,
        "team": change.team,
        "author": change.person.person,
        "title": change.title,
        "written_by": change.written_by,
        "tool": change.tool,
        "marked": change.marked,
        "assist": change.assist,
        "issue": change.issue,
        "incident": change.incident.ident if change.incident else None,
        "reverts": change.reverts.landed_sha if change.reverts else None,
        "reverted_by": change.reverted_by.landed_sha if change.reverted_by else None,
        # Lines of source and tests, blank ones left out.
        "lines": {
            "born": change.born,
            "gone": sum(change.deaths.values()),
            "updated": change.updated,
            "moved": change.moved,
            "dead_within_14_days": change.churned,
        },
        "pastes": [{"path": one.path, "source": one.source, "lines": one.lines} for one in change.pastes],
    }


def _incident_rows(incidents: Sequence[Incident], deployments: Deployments) -> list[Row]:
    return [
        {
            "id": one.ident,
            "repo": one.repo,
            "cause_sha": one.cause.landed_sha if one.cause else None,
            "shipped_by": _shipped_by(one, deployments),
            "named": bool(one.names),
            "names": list(one.names),
            "has_post_mortem": one.has_post_mortem,
            "is_settled_by_hand": one.is_settled_by_hand,
            "duplicate_of": one.duplicate_of.ident if one.duplicate_of else None,
        }
        for one in incidents
    ]


def _finding_row(one: Planted) -> Row:
    return {
        "tool": one.tool,
        "rule": one.rule.id,
        "category": one.rule.category,
        "repo": one.change.repo,
        "introduced": one.change.landed_sha,
        "first_seen_at": iso(one.seen_at),
        "path": one.path,
    }


def _shipped_by(incident: Incident, deployments: Deployments) -> str | None:
    deployment = deployments.shipped_by(incident.cause) if incident.cause else None
    return deployment.ident if deployment else None
