"""Every metric over twelve weeks of the sample organisation, counted once more, naively, from its files and its truth."""

import csv
import json
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

import pytest

from metrics import measure
from metrics.measure import Window, monday
from metrics.registry import BY_KEY
from metrics.stats import Cell
from tests.metrics.conftest import Shop

WINDOW = Window(date(2026, 7, 20), date(2026, 10, 12))
MONTH = timedelta(days=30)
Row = dict[str, Any]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def is_inside(at: datetime | date) -> bool:
    return WINDOW.since <= monday(at) < WINDOW.until


@dataclass
class Naive:
    """The sample read without a warehouse, and counted without SQL."""

    shop: Shop

    def rows(self, name: str) -> list[Row]:
        with (self.shop.folder / "drop" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @cached_property
    def line(self) -> dict[str, list[Row]]:
        """The changes of each repository, oldest first."""
        return {name: one["changes"] for name, one in self.shop.truth["repositories"].items()}

    @cached_property
    def place(self) -> dict[str, tuple[str, int]]:
        """For each commit: its repository and the number of the change that landed it."""
        return {
            sha: (repo, number)
            for repo, line in self.line.items()
            for number, change in enumerate(line)
            for sha in change["commits"]
        }

    @cached_property
    def changes(self) -> list[Row]:
        """What people landed in the window."""
        every = (change for line in self.line.values() for change in line)
        return [one for one in every if one["written_by"] != "bot" and is_inside(moment(one["landed_at"]))]

    @cached_property
    def reports(self) -> list[Row]:
        text = (self.shop.folder / "drop" / "incidents.jsonl").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines()]

    @cached_property
    def incidents(self) -> list[Row]:
        """Each incident once, with the changes and deployments that the best evidence of any of its reports leads to."""
        found = [dict(one, links=defaultdict(set)) for one in self.reports if not one["duplicate_of"]]
        by_id = {one["id"]: one for one in found}
        for report in self.reports:
            incident = by_id[report["duplicate_of"] or report["id"]]
            for method, link in self.named(report):
                incident["links"][method].add(link)
        for row in self.rows("causes"):
            incident = by_id[row["incident"].removeprefix("pagerduty:")]
            incident["is_change_caused"] = bool(row["sha"])
            if row["sha"]:
                [whole] = [sha for sha in self.place if sha.startswith(row["sha"])]
                incident["links"]["manual"].add(self.place[whole])
        for incident, method, link in self.repaired():
            by_id[incident]["links"][method].add(link)
        return [self.judged(one) for one in found]

    def named(self, report: Row) -> Iterator[tuple[str, Any]]:
        """What a report and its post-mortem name as the cause."""
        requests = [report["caused_by_pr"], *re.findall(r"introduced by #(\d+)", report["post_mortem"] or "")]
        shas = [report["caused_by_sha"], *re.findall(r"introduced by commit (\w{40})", report["post_mortem"] or "")]
        yield from (("explicit", self.place[sha]) for sha in shas if sha)
        for number, one in enumerate(self.line[report["repo"]]):
            if one["pull_request"] in {int(request) for request in requests if request}:
                yield "explicit", (report["repo"], number)
        if report["caused_by_deploy"]:
            yield "deployment", report["caused_by_deploy"]

    def repaired(self) -> Iterator[tuple[str, str, tuple[str, int]]]:
        """What the fixes of incidents name, take back, and remove the lines of; who wrote those is taken from the warehouse."""
        whole = {sha[:12]: place for sha, place in self.place.items()}
        for repo in self.line:
            command = [
                "git",
                "--git-dir",
                str(self.shop.folder / "repos" / f"{repo}.git"),
                "log",
                "--format=%B%x00",
                "main",
            ]
            messages = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("\0")
            for message in messages:
                if fixed := re.search(r"^Fixes (INC-\d+)$", message, re.MULTILINE):
                    for sha in re.findall(r"^Introduced in (\w{12})\.$", message, re.MULTILINE):
                        yield fixed[1], "explicit", whole[sha]
        for line in self.line.values():
            for one in line:
                if one["incident"] and one["reverts"]:
                    yield one["incident"], "revert", self.place[one["reverts"]]
        query = "select incident, sha from incident_causes where method = 'fix_lines'"
        for incident, sha in self.shop.con.execute(query).fetchall():
            yield incident.removeprefix("pagerduty:"), "fix_lines", self.place[sha]

    def judged(self, incident: Row) -> Row:
        """The incident with its `changes`, its `deployments`, and the `method` that found them."""
        at = moment(incident["opened_at"])
        links = {
            method: {link for link in found if method == "deployment" or self.landed_at(link) <= at}
            for method, found in incident["links"].items()
        }
        methods = ("manual", "explicit", "revert", "fix_lines")
        method = next((method for method in methods if links.get(method)), None)
        changes = links[method] if method else set()
        deployments = links.get("deployment", set()) if method != "manual" else set()
        if not changes | deployments and incident["is_change_caused"] is not False:
            deployments, method = self.deployed_before(incident["service"], at), "deployment_window"
        if incident["is_change_caused"] is False:
            changes, deployments = set(), set()
        return incident | {"changes": changes, "deployments": deployments, "method": method}

    def landed_at(self, place: tuple[str, int]) -> datetime:
        repo, number = place
        return moment(self.line[repo][number]["landed_at"])

    def deployed_before(self, service: str, at: datetime) -> set[str]:
        """The last production deployment of the service in the day before, if there was one."""
        rows = [
            (moment(row["finished_at"]), row["id"])
            for row in self.rows("deployments")
            if row["service"] == service
            and row["environment"].lower() in ("production", "prod")
            and row["status"] != "failure"
            and at - timedelta(days=1) < moment(row["finished_at"]) <= at
        ]
        return {max(rows)[1]} if rows else set()

    @cached_property
    def caused(self) -> list[Row]:
        """Incidents that a change caused, as far as anybody says so."""
        said = ((one, one["is_change_caused"]) for one in self.incidents)
        return [
            one for one, is_caused in said if is_caused or (is_caused is None and one["changes"] | one["deployments"])
        ]

    def persons(self) -> dict[str, str]:
        """Everybody by every address."""
        people = self.rows("people")
        return {
            person[kind].lower(): person["person"] for person in people for kind in ("email", "login", "tool_user_id")
        }

    def used(self) -> set[tuple[date, str, str]]:
        """The week, person and tool of everything that was used."""
        persons = self.persons()
        rows = (row for row in self.rows("usage_days") if row["is_active"] == "true")
        return {(monday(date.fromisoformat(row["day_utc"])), actor(row, persons), row["tool"]) for row in rows}


def actor(row: Row, persons: dict[str, str]) -> str:
    address = row["actor_email"] or row["actor_login"] or row["actor_raw_id"]
    return persons[address.lower()]


@pytest.fixture(scope="module")
def naive(shop: Shop) -> Naive:
    return Naive(shop)


def measured(shop: Shop, key: str) -> Cell:
    return measure.total(measure.cells(shop.con, BY_KEY[key], WINDOW))


def counts(cell: Cell) -> tuple[float, float, float]:
    return cell.units, cell.n, cell.d


def test_revert_rate(shop: Shop, naive: Naive) -> None:
    landed_at = {one["landed_sha"]: moment(one["landed_at"]) for line in naive.line.values() for one in line}
    reverted = [
        one
        for one in naive.changes
        if one["reverted_by"] and landed_at[one["reverted_by"]] <= landed_at[one["landed_sha"]] + MONTH
    ]

    assert counts(measured(shop, "revert_rate")) == (len(naive.changes), len(reverted), len(naive.changes))
    assert len(reverted) > 20


def test_incident_rate_with_duplicates_folded_and_shares(shop: Shop, naive: Naive) -> None:
    shares: dict[tuple[str, int], float] = defaultdict(float)
    for incident in naive.caused:
        started_at = moment(incident["opened_at"])
        for repo, number in incident["changes"]:
            landed_at = moment(naive.line[repo][number]["landed_at"])
            if landed_at <= started_at <= landed_at + MONTH:
                shares[repo, number] += 1 / len(incident["changes"])
    expected = [shares[naive.place[one["landed_sha"]]] for one in naive.changes]

    cell = measured(shop, "incident_rate")

    assert counts(cell) == pytest.approx((len(expected), sum(expected), len(expected)))
    assert (cell.nn, cell.events) == pytest.approx((sum(n * n for n in expected), sum(n > 0 for n in expected)))
    assert cell.events > 20
    assert {one["method"] for one in naive.caused if one["changes"]} == {"manual", "explicit", "revert", "fix_lines"}
    # Somebody reported one of them twice.
    known = {report["duplicate_of"] for report in naive.reports} - {None}
    assert known & {one["id"] for one in naive.caused}


def shipped(naive: Naive) -> Iterator[tuple[Row, list[Row]]]:
    """Each production deployment with the changes it brought: those after the last good one of its service."""
    newest: dict[tuple[str, str], int] = {}
    rows = [row for row in naive.rows("deployments") if row["environment"].lower() in ("production", "prod")]
    assert "cancelled" not in {row["status"] for row in rows}
    for row in sorted(rows, key=lambda row: (row["finished_at"], row["id"])):
        [(repo, number)] = {place for sha, place in naive.place.items() if sha.startswith(row["sha"])}
        key = repo, row["service"]
        yield row, naive.line[repo][newest.get(key, number - 1) + 1 : number + 1]
        if row["status"] in ("success", "unknown"):
            newest[key] = max(number, newest.get(key, number))


def first_shipped(naive: Naive, deployed: list[tuple[Row, list[Row]]], incident: Row) -> set[str]:
    """The first good deployment of each change an incident names, if it can be of its service; where it names no deployment."""
    firsts = set()
    for repo, number in incident["changes"]:
        before = [
            row
            for row, changes in deployed
            if row["status"] != "failure"
            and moment(row["finished_at"]) <= moment(incident["opened_at"])
            and naive.line[repo][number] in changes
        ]
        own = [row for row in before if row["service"] == incident["service"]]
        firsts |= {row["id"] for row in (own or before)[:1]}
    return firsts


def test_change_fail_rate(shop: Shop, naive: Naive) -> None:
    deployed = list(shipped(naive))
    failed = {
        name
        for incident in naive.caused
        for name in incident["deployments"] or first_shipped(naive, deployed, incident)
    }
    units = [
        (row["id"], any(change["marked"] for change in changes))
        for row, changes in deployed
        if is_inside(moment(row["finished_at"]))
        and not (changes and all(change["written_by"] == "bot" for change in changes))
    ]

    cells = measure.by(measure.cells(shop.con, BY_KEY["change_fail_rate"], WINDOW), "cohort")

    for cohort, is_marked in (("ai", True), ("unknown", False)):
        names = [name for name, marked in units if marked is is_marked]
        assert counts(cells[cohort]) == (len(names), len(failed & set(names)), len(names))
    assert set(cells) == {"ai", "unknown"}
    assert cells["ai"].events > 5


def test_recovery_time(shop: Shop, naive: Naive) -> None:
    minutes = [
        (moment(one["resolved_at"]) - moment(one["detected_at"])).total_seconds() / 60
        for one in naive.caused
        if one["resolved_at"] and is_inside(moment(one["opened_at"]))
    ]

    cell = measured(shop, "recovery_time")
    middle = measure.quartiles(measure.sizes(shop.con, BY_KEY["recovery_time"], WINDOW))

    assert counts(cell) == pytest.approx((len(minutes), sum(minutes), len(minutes)))
    assert cell.nn == pytest.approx(sum(one * one for one in minutes))
    assert len(minutes) > 20
    ordered = sorted(minutes)
    assert middle is not None
    assert middle[1] == pytest.approx((ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2)
    assert middle[0] < middle[1] < middle[2]


def test_ai_change_share(shop: Shop, naive: Naive) -> None:
    marked = sum(one["marked"] for one in naive.changes)

    assert counts(measured(shop, "ai_change_share")) == (len(naive.changes), marked, len(naive.changes))
    # It is a lower bound: tools wrote more than they marked.
    assert marked < sum(one["written_by"] == "ai" for one in naive.changes)


def weeks() -> list[date]:
    return [WINDOW.since + measure.WEEK * number for number in range(WINDOW.weeks)]


def test_weekly_active(shop: Shop, naive: Naive) -> None:
    active = {(week, person) for week, person, _ in naive.used()}
    roster = {
        (week, row["person"])
        for week in weeks()
        for row in naive.rows("people")
        if date.fromisoformat(row["valid_from"]) <= week + timedelta(days=6)
        and (not row["valid_to"] or date.fromisoformat(row["valid_to"]) >= week)
    }

    assert counts(measured(shop, "weekly_active")) == (len(roster), len(roster & active), len(roster))
    people = measure.total_of_clusters(measure.clusters(shop.con, BY_KEY["weekly_active"], WINDOW))
    assert counts(people) == (16, len(roster & active), len(roster))
    # What the story meant to happen, and a few whom it did not count on: a change by a tool is use as well.
    meant = sum(len(shop.truth["weekly_active"][f"{week:%G-W%V}"]) for week in weeks())
    assert 0 <= len(roster & active) - meant < len(roster) / 10


def test_seat_use(shop: Shop, naive: Naive) -> None:
    persons = naive.persons()
    rows = [(row, actor(row, persons)) for row in naive.rows("seats")]
    assigned = {(monday(date.fromisoformat(row["day"])), person, row["tool"]) for row, person in rows}
    assigned = {seat for seat in assigned if is_inside(seat[0])}
    last_seen = {
        (monday(moment(row["last_active_at"])), person, row["tool"]) for row, person in rows if row["last_active_at"]
    }

    assert counts(measured(shop, "seat_use")) == (
        len(assigned),
        len(assigned & (naive.used() | last_seen)),
        len(assigned),
    )
    bought = [shop.truth["seats"][f"{week:%G-W%V}"] for week in weeks()]
    assert len(assigned) == sum(sum(tools.values()) for tools in bought)


def lines(naive: Naive, *, reverts: bool = True) -> dict[str, int]:
    """What people did to lines, as the builder of the sample booked it: of source and tests, comments too."""
    booked = [one["lines"] for one in naive.changes if reverts or one["kind"] != "revert"]
    return {name: sum(each[name] for each in booked) for name in ("born", "moved", "dead_within_14_days")}


def test_churn_is_about_what_the_story_killed(shop: Shop, naive: Naive) -> None:
    booked = lines(naive, reverts=False)

    cell = measured(shop, "churn")

    # The builder counts comments as well, and knows what was written, where git shows what changed.
    assert cell.n / cell.d == pytest.approx(booked["dead_within_14_days"] / booked["born"], abs=0.015)
    assert booked["born"] * 0.9 < cell.d < booked["born"]
    assert cell.units == pytest.approx(sum(one["lines"]["born"] > 0 for one in naive.changes), rel=0.15)


def test_what_was_moved_and_pasted_is_found(shop: Shop, naive: Naive) -> None:
    pasted = sum(paste["lines"] for one in naive.changes for paste in one["pastes"])

    assert measured(shop, "refactor_ratio").n == pytest.approx(lines(naive)["moved"], rel=0.15)
    assert measured(shop, "copy_paste").n == pytest.approx(pasted, rel=0.2)


def test_landed_lines_are_of_those_whose_changes_are_marked(shop: Shop, naive: Naive) -> None:
    landed = [(one["lines"]["born"], one["marked"]) for one in naive.changes if one["kind"] != "revert"]

    cells = measure.by(measure.cells(shop.con, BY_KEY["ai_line_share"], WINDOW), "cohort")

    assert sum(cell.n for cell in cells.values()) == cells["ai"].d == cells["unknown"].d
    marked = sum(born for born, is_marked in landed if is_marked) / sum(born for born, _ in landed)
    assert cells["ai"].n / cells["ai"].d == pytest.approx(marked, abs=0.03)
