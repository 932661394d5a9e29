"""The rows of the drop files about people, deployments, incidents and hours worked."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta

from ingest.sample.chance import stream, weighted, working_time
from ingest.sample.changes import Change, Deployment, Incident
from ingest.sample.deployments import Deployments
from ingest.sample.drop import Row, iso
from ingest.sample.people import PEOPLE, Person, roster, team_on
from ingest.sample.story import END, START, WEEKS


def people_rows() -> list[Row]:
    """One row per person, address and stretch of time."""
    return [
        {
            "person": person.person,
            "email": email,
            "login": person.login,
            "tool_user_id": person.tool_user_id,
            "team": team,
            "seniority": person.level,
            "valid_from": since.isoformat(),
            "valid_to": until.isoformat() if until else "",
        }
        for person in PEOPLE
        for email in filter(None, (person.email, person.other_email))
        for team, since, until in person.spans()
    ]


def deployment_rows(deployments: Sequence[Deployment]) -> list[Row]:
    """One row per deployment."""
    return [
        {
            "id": one.ident,
            "repo": one.repo,
            "service": one.service,
            "environment": one.environment,
            "sha": one.sha,
            "started_at": iso(one.started_at),
            "finished_at": iso(one.finished_at),
            "status": one.status,
            "is_unplanned": "true" if one.incident else "false",
            "incident": one.incident.ident if one.incident else "",
            "source": "deployer",
        }
        for one in deployments
    ]


def incident_rows(incidents: Sequence[Incident], deployments: Deployments) -> list[Row]:
    """One row per incident, with its cause only as far as somebody wrote it down."""
    return [
        {
            "id": one.ident,
            "title": one.title,
            "severity": one.severity,
            "service": one.service,
            "repo": one.repo,
            "opened_at": iso(one.opened_at),
            "detected_at": iso(one.detected_at),
            "acknowledged_at": iso(one.acknowledged_at),
            "resolved_at": iso(one.resolved_at) if one.resolved_at else None,
            "effort_minutes": one.effort_minutes,
            "responders": [person.email for person in one.responders],
            **_cause(one, deployments),
            "post_mortem": _post_mortem(one),
            "is_change_caused": one.is_change_caused,
            "duplicate_of": one.duplicate_of.ident if one.duplicate_of else None,
            "users_affected": one.users_affected,
            "source": "pagerduty",
            "url": f"https://shop.pagerduty.example.com/incidents/{one.ident}",
        }
        for one in incidents
    ]


def _cause(incident: Incident, deployments: Deployments) -> Row:
    if incident.cause is None:
        return {}
    shipped_by = deployments.shipped_by(incident.cause)
    known = {
        "sha": incident.cause.landed_sha,
        "pr": incident.cause.pull_request,
        "deploy": shipped_by.ident if shipped_by else None,
    }
    return {f"caused_by_{name}": known[name] for name in incident.names}


def _post_mortem(incident: Incident) -> str | None:
    """A few sentences, of which one names the change that broke it."""
    if not incident.has_post_mortem or incident.cause is None:
        return None
    cause = incident.cause
    named = f"#{cause.pull_request}" if cause.pull_request else f"commit {cause.landed_sha}"
    return f"Customers noticed before we did.\n\nThe fault was introduced by {named}. The alert will look closer."


def cause_rows(incidents: Sequence[Incident]) -> list[Row]:
    """What somebody found out weeks later and wrote into a file; without a cause: it was none of our changes."""
    settled = [one for one in incidents if one.is_settled_by_hand]
    return [
        {
            "incident": f"pagerduty:{one.ident}",
            "repo": one.repo,
            "sha": one.cause.landed_sha[:12],
            "note": "found in the logs",
        }
        if one.cause
        else {"incident": one.ident, "note": "the provider confirmed it"}
        for one in settled
    ]


def work_log_rows(seed: int, incidents: Sequence[Incident], changes: Sequence[Change]) -> list[Row]:
    """Hours people wrote down: on incidents, on issues, and on nothing in particular."""
    rng = stream(seed, "work logs")
    rows = [row for incident in incidents for row in _incident_hours(rng, incident)]
    rows += [row for change in changes if change.issue for row in _issue_hours(rng, change)]
    for monday in WEEKS:
        for person in roster(monday):
            at = working_time(rng, monday + timedelta(days=rng.randrange(5)), 7, 15)
            activity = weighted(rng, [("build", 0.5), ("review", 0.3), ("debug", 0.12), ("other", 0.08)])
            rows.append(_hours(person, at, rng.randrange(30, 300, 15), activity))
    return sorted(rows, key=lambda row: (str(row["started_at"]), str(row["actor_email"]), str(row["activity"])))


def _incident_hours(rng: random.Random, incident: Incident) -> Iterator[Row]:
    if incident.resolved_at is None or incident.duplicate_of:
        return
    minutes = round((incident.resolved_at - incident.detected_at).total_seconds() / 60)
    for person in incident.responders:
        spent = max(10, round(minutes * rng.uniform(0.6, 1.0)))
        yield _hours(person, incident.acknowledged_at, spent, "respond", incident=incident.ident, repo=incident.repo)
    if rng.random() < 0.5:
        at = incident.resolved_at + timedelta(minutes=rng.randint(20, 90))
        spent = rng.randrange(30, 180, 15)
        yield _hours(incident.responders[0], at, spent, "debug", incident=incident.ident, repo=incident.repo)


def _issue_hours(rng: random.Random, change: Change) -> Iterator[Row]:
    """Building, then review; debugging on top, much of it where nobody had read what the tool wrote."""
    unread = change.team == "payments" and change.written_by == "ai"
    about = {"issue": change.issue, "repo": change.repo}
    # Nobody had logged an hour before the sample begins.
    at = max(change.at - timedelta(hours=rng.randint(3, 30)), datetime.combine(START, time(6), UTC))
    yield _hours(change.person, at, rng.randrange(45, 150 if unread else 300, 15), "build", **about)
    if rng.random() < (0.3 if unread else 0.8):
        reviewer = rng.choice([one for one in team_on(change.team, change.at.date()) if one is not change.person])
        yield _hours(reviewer, change.at - timedelta(hours=1), rng.randrange(10, 50, 5), "review", **about)
    if rng.random() < (0.8 if unread else 0.3):
        spent = rng.randrange(60, 300, 15) if unread else rng.randrange(15, 105, 15)
        at = change.at + timedelta(hours=rng.randint(2, 70))
        if at.date() <= END:
            yield _hours(change.person, at, spent, "debug", **about)


def _hours(person: Person, at: datetime, minutes: int, activity: str, **about: str | None) -> Row:
    row: Row = {"source": "tempo", "actor_email": person.email, "started_at": iso(at)}
    return row | {"minutes": minutes, "activity": activity} | about
