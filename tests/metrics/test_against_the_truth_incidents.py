"""Incidents, deployments and logged time over twelve weeks of the sample, counted once more from its files.

Which change an incident is laid to is read from the warehouse: test_against_the_truth.py checks that against the truth.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import pytest

from metrics import measure
from metrics.measure import WEEK
from metrics.registry import BY_KEY
from metrics.stats import Cell
from tests.metrics.conftest import Shop
from tests.metrics.test_against_the_truth import WINDOW, Naive, counts, is_inside, measured, moment, shipped, weeks

WEIGHTS = {"SEV1": 1.0, "SEV2": 0.5, "SEV3": 0.25, "SEV4": 0.125}
MONTH, QUARTER = timedelta(days=30), timedelta(days=90)
Place = tuple[str, int]


class Incidents(Naive):
    """The sample with its incidents laid to changes."""

    @cached_property
    def laid_to(self) -> dict[str, dict[Place, float]]:
        """The changes that each incident is laid to, by its id, and the part of it that is each one's."""
        parts: dict[str, dict[Place, float]] = defaultdict(dict)
        rows = self.shop.con.execute(
            "select incident, landed_sha, share from caused_incidents where landed_sha is not null"
        )
        for incident, landed_sha, share in rows.fetchall():
            parts[incident.partition(":")[2]][self.place[landed_sha]] = share
        assert all(sum(each.values()) == pytest.approx(1) for each in parts.values())
        return dict(parts)

    @cached_property
    def report(self) -> dict[str, dict[str, Any]]:
        """Each first report by its id."""
        return {one["id"]: one for one in self.reports if not one["duplicate_of"]}

    def landed_at(self, place: Place) -> datetime:
        repo, number = place
        return moment(self.line[repo][number]["landed_at"])

    def broke(self, change: dict[str, Any], within: timedelta) -> list[tuple[float, float]]:
        """The part of each incident that a change caused in time, and what it weighs."""
        place = self.place[change["landed_sha"]]
        found = []
        for name, parts in self.laid_to.items():
            after = moment(self.report[name]["opened_at"]) - self.landed_at(place)
            if place in parts and timedelta(0) <= after <= within:
                found.append((parts[place], WEIGHTS[self.report[name]["severity"]]))
        return found


@pytest.fixture(scope="module")
def naive(shop: Shop) -> Incidents:
    return Incidents(shop)


def by_cohort(shop: Shop, key: str) -> dict[str, Cell]:
    return measure.by(measure.cells(shop.con, BY_KEY[key], WINDOW), "cohort")


def test_incident_rate_90(shop: Shop, naive: Incidents) -> None:
    horizon = moment(shop.truth["horizon"])
    changes = [one for one in naive.changes if moment(one["landed_at"]) + QUARTER <= horizon]
    expected = [sum(part for part, _ in naive.broke(change, QUARTER)) for change in changes]

    cell = measured(shop, "incident_rate_90")

    assert counts(cell) == pytest.approx((len(expected), sum(expected), len(expected)))
    assert cell.events == sum(n > 0 for n in expected) > 5
    assert 0 < len(changes) < len(naive.changes)  # the newest of the window have not had their quarter


def test_incident_severity(shop: Shop, naive: Incidents) -> None:
    expected = [sum(part * weight for part, weight in naive.broke(change, MONTH)) for change in naive.changes]

    cell = measured(shop, "incident_severity")

    assert counts(cell) == pytest.approx((len(expected), sum(expected), len(expected)))
    assert cell.nn == pytest.approx(sum(n * n for n in expected))
    assert cell.events > 20
    assert cell.n < measured(shop, "incident_rate").n  # few are of the highest severity


def test_line_days_line_by_line(shop: Shop) -> None:
    rows = shop.con.execute("""
        select repo, team, landed_changes.cohort, landed_at, died_at, lines
        from landed_changes join line_fates using (repo, landed_sha)
        where role in ('source', 'test') and line_kind = 'code' and operation != 'found' and not is_bulk
    """).fetchall()
    expected: dict[tuple[object, ...], float] = defaultdict(float)
    for repo, team, cohort, landed_at, died_at, lines in rows:
        for week in weeks():
            begins = datetime.combine(week, datetime.min.time())
            stood = min(begins + WEEK, died_at or datetime.max) - max(begins, landed_at)  # noqa: DTZ901
            expected[week, repo, team, cohort] += lines * max(stood.total_seconds(), 0) / 86400

    found = {
        row[:4]: row[4]
        for row in shop.con.execute("select week, repo, team, cohort, line_days from line_days").fetchall()
        if is_inside(row[0])
    }

    assert found == pytest.approx({key: days for key, days in expected.items() if days})
    assert len(found) > 100


def test_incident_exposure(shop: Shop, naive: Incidents) -> None:
    broken: dict[bool, float] = defaultdict(float)
    for name, parts in naive.laid_to.items():
        began_at = moment(naive.report[name]["opened_at"])
        for (repo, number), part in parts.items():
            change = naive.line[repo][number]
            if is_inside(began_at) and change["written_by"] != "bot" and moment(change["landed_at"]) <= began_at:
                broken[change["marked"]] += part
    [(ai, rest)] = shop.con.execute(
        """
        select sum(line_days) filter (where cohort = 'ai'), sum(line_days) filter (where cohort = 'unknown')
        from line_days where week >= $since and week < $until
        """,
        {"since": WINDOW.since, "until": WINDOW.until},
    ).fetchall()

    cells = by_cohort(shop, "incident_exposure")

    assert {cohort: (cell.n, cell.d) for cohort, cell in cells.items()} == {
        "ai": (pytest.approx(broken[True]), pytest.approx(ai)),
        "unknown": (pytest.approx(broken[False]), pytest.approx(rest)),
    }
    assert broken[True] > 5


def deployed(naive: Naive) -> list[tuple[dict[str, Any], bool]]:
    """Each production deployment of the window, and whether a change that it shipped is marked."""
    return [
        (row, any(change["marked"] for change in changes))
        for row, changes in shipped(naive)
        if is_inside(moment(row["finished_at"]))
        and not (changes and all(change["written_by"] == "bot" for change in changes))
    ]


@pytest.mark.parametrize("key", ["deployment_rework", "deploy_error_rate"])
def test_deployments(key: str, shop: Shop, naive: Incidents) -> None:
    counted = {
        "deployment_rework": lambda row: row["is_unplanned"] == "true" and row["incident"] != "",
        "deploy_error_rate": lambda row: row["status"] in ("failure", "rollback"),
    }[key]

    cells = by_cohort(shop, key)

    for cohort, is_marked in (("ai", True), ("unknown", False)):
        rows = [row for row, marked in deployed(naive) if marked is is_marked]
        assert counts(cells[cohort]) == (len(rows), sum(map(counted, rows)), len(rows))
        assert cells[cohort].n > 0
    assert set(cells) == {"ai", "unknown"}


def minutes(naive: Incidents) -> dict[str, tuple[str, float, float]]:
    """For each ticket and incident that leads to a change: its cohort, minutes of debugging and all minutes, in time."""
    began: dict[str, tuple[datetime, str]] = {}
    for line in naive.line.values():
        for change in line:
            if change["issue"]:
                at, cohort = began.get(change["issue"], (moment(change["landed_at"]), "unknown"))
                began[change["issue"]] = at, "ai" if change["marked"] else cohort
    for name, parts in naive.laid_to.items():
        is_marked = any(naive.line[repo][number]["marked"] for repo, number in parts)
        began[name] = moment(naive.report[name]["opened_at"]), "ai" if is_marked else "unknown"
    folded = {one["id"]: one["duplicate_of"] or one["id"] for one in naive.reports}
    spent: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    # A row that says the same of the same moment corrects the one before it.
    logs = {tuple(value for key, value in row.items() if key != "minutes"): row for row in naive.rows("work_logs")}
    for row in logs.values():
        item = folded[row["incident"]] if row["incident"] else row["issue"]
        if item in began and moment(row["started_at"]) <= began[item][0] + MONTH:
            spent[item][row["activity"]] += float(row["minutes"])
    for report in naive.reports:
        if report["effort_minutes"] is not None and folded[report["id"]] in began:
            effort = spent[folded[report["id"]]]
            effort["effort"] = max(effort["effort"], report["effort_minutes"])
    result = {}
    for item, by_activity in spent.items():
        debugging = by_activity["debug"] + max(by_activity["respond"], by_activity["effort"])
        rest = sum(by_activity[activity] for activity in ("build", "review", "other"))
        result[item] = began[item][1], debugging, debugging + rest
    return {item: one for item, one in result.items() if is_inside(began[item][0])}


def test_debug_time_ratio(shop: Shop, naive: Incidents) -> None:
    expected = minutes(naive)

    cells = by_cohort(shop, "debug_time_ratio")

    for cohort in ("ai", "unknown"):
        spent = [(debugging, whole) for one, debugging, whole in expected.values() if one == cohort]
        assert counts(cells[cohort]) == pytest.approx((len(spent), *map(sum, zip(*spent, strict=True))))
        assert len(spent) > 20
    assert set(cells) == {"ai", "unknown"}
