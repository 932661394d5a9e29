"""Change fail rate and recovery time as DORA means them, from rows in sight."""

from datetime import date

import pytest

from metrics import measure
from metrics.measure import Window
from metrics.quality.change_fail_rate import CHANGE_FAIL_RATE
from metrics.quality.recovery_time import RECOVERY_TIME
from metrics.registry import BY_KEY
from metrics.stats import Cell
from tests.conftest import Warehouse, sha

WINDOW = Window(date(2026, 3, 2), date(2026, 6, 1))


def released(warehouse: Warehouse, deployments: int) -> None:
    """So many changes a day apart, each deployed to production an hour after it landed: `drop:0`, `drop:1`, ..."""
    warehouse.repo()
    warehouse.state("deployments", data_from="2026-03-02")
    for number in range(deployments):
        day = f"2026-03-{number + 2:02}"
        warehouse.change(f"{number:02}", f"{day} 09:00")
        warehouse.deployment(str(number), sha(f"{number:02}"), f"{day} 10:00")


def broke(
    warehouse: Warehouse,
    incident: str,
    deployment: str | None,
    day: str = "2026-03-25",
    minutes: int = 60,
    **more: object,
) -> None:
    """An incident resolved after so many minutes, and the deployment it names."""
    names = {"deployment": deployment} if deployment else None
    warehouse.incident(
        incident, f"{day} 12:00", resolved_at=f"{day} {12 + minutes // 60}:{minutes % 60:02}", names=names, **more
    )


def total(warehouse: Warehouse, key: str) -> Cell:
    """What an ingest makes of the rows: the incident log speaks from its first incident on."""
    warehouse.people("core", "ann", "bob", "cee", "dan", "eve")  # four would be too small a group to show
    first = warehouse.rows("select coalesce(min(started_at), '2026-03-02') from incidents")[0][0]
    warehouse.state("incidents", data_from=str(first))
    warehouse.derive()
    return measure.total(measure.cells(warehouse.con, BY_KEY[key], WINDOW))


def rate(cell: Cell) -> float:
    return cell.n / cell.d


def test_ten_deployments_of_which_the_first_caused_two_incidents_are_a_tenth(warehouse: Warehouse) -> None:
    released(warehouse, 10)
    broke(warehouse, "1", "0", "2026-03-02")
    broke(warehouse, "2", "0", "2026-03-03")

    assert total(warehouse, "change_fail_rate") == Cell(10, 1, 10, 1, 10, 1, 1)


def test_an_incident_and_its_duplicate_are_one(warehouse: Warehouse) -> None:
    released(warehouse, 1)
    broke(warehouse, "1", "0", "2026-03-02")
    broke(warehouse, "2", "0", "2026-03-02", duplicate_of="drop:1")

    assert rate(total(warehouse, "change_fail_rate")) == 1.0
    assert warehouse.rows("select count(*) from distinct_incidents") == [(1,)]


def test_the_duplicate_alone_may_name_the_cause(warehouse: Warehouse) -> None:
    released(warehouse, 4)
    broke(warehouse, "1", None)
    broke(warehouse, "2", "3", duplicate_of="drop:1")

    assert rate(total(warehouse, "change_fail_rate")) == 0.25


@pytest.mark.parametrize("bad", [0, 7, 19])
def test_twenty_incidents_of_one_of_twenty_releases_are_a_twentieth(warehouse: Warehouse, bad: int) -> None:
    released(warehouse, 20)
    for number in range(20):
        broke(warehouse, str(number), str(bad), f"2026-03-{min(bad + 2 + number, 28):02}")

    assert total(warehouse, "change_fail_rate") == Cell(20, 1, 20, 1, 20, 1, 1)


def test_an_incident_that_names_two_releases_fails_both(warehouse: Warehouse) -> None:
    released(warehouse, 8)
    broke(warehouse, "1", "1 2")

    assert rate(total(warehouse, "change_fail_rate")) == 0.25


def test_an_outage_that_no_change_caused_moves_neither_rate_nor_recovery_time(warehouse: Warehouse) -> None:
    released(warehouse, 10)
    broke(warehouse, "1", "4", minutes=60)
    broke(warehouse, "outage", None, "2026-03-26", minutes=500, is_change_caused=False)
    # Somebody typed a deployment into it all the same: what the incident says of itself counts.
    broke(warehouse, "provider", "5", "2026-03-27", minutes=300, is_change_caused=False)

    assert rate(total(warehouse, "change_fail_rate")) == 0.1
    assert measure.total(measure.cells(warehouse.con, RECOVERY_TIME, WINDOW)) == Cell(1, 60, 1, 3600, 1, 60, 1)


def test_incidents_that_nothing_explains_are_laid_to_the_deployment_before_them(warehouse: Warehouse) -> None:
    released(warehouse, 10)
    warehouse.incident("1", "2026-03-02 12:00", service="api")
    warehouse.incident("2", "2026-03-02 13:00", service="api")
    warehouse.incident("3", "2026-03-02 14:00", service="api", duplicate_of="drop:2")
    # A day without a deployment lies before this one.
    warehouse.incident("4", "2026-03-13 12:00", service="api")

    assert total(warehouse, "change_fail_rate") == Cell(10, 1, 10, 1, 10, 1, 1)


def test_an_incident_and_its_duplicate_that_nothing_explains_are_one(warehouse: Warehouse) -> None:
    released(warehouse, 1)
    warehouse.incident("1", "2026-03-02 12:00", service="api")
    warehouse.incident("2", "2026-03-02 12:30", service="api", duplicate_of="drop:1")

    assert rate(total(warehouse, "change_fail_rate")) == 1.0
    assert warehouse.rows("select count(*) from failed_deployments") == [(1,)]


def test_twenty_incidents_after_the_last_of_twenty_releases_are_a_twentieth(warehouse: Warehouse) -> None:
    released(warehouse, 20)
    for number in range(20):
        warehouse.incident(str(number), f"2026-03-21 12:{number:02}", service="api")

    assert total(warehouse, "change_fail_rate") == Cell(20, 1, 20, 1, 20, 1, 1)


def test_an_outage_right_after_a_release_that_no_change_caused_moves_nothing(warehouse: Warehouse) -> None:
    released(warehouse, 10)
    broke(warehouse, "1", "4", "2026-03-06", minutes=60)
    # Both began two hours after a release of their service; the second was settled by hand.
    broke(warehouse, "outage", None, "2026-03-07", minutes=500, service="api", is_change_caused=False)
    broke(warehouse, "provider", None, "2026-03-08", minutes=300, service="api")
    warehouse.add("manual_causes", incident="provider", kind="none", value="", file="causes.csv", line=2)

    assert rate(total(warehouse, "change_fail_rate")) == 0.1
    assert measure.total(measure.cells(warehouse.con, RECOVERY_TIME, WINDOW)) == Cell(1, 60, 1, 3600, 1, 60, 1)
    assert measure.total(measure.cells(warehouse.con, BY_KEY["incident_rate"], WINDOW)).n == 0


def test_only_production_counts_and_what_was_cancelled_shipped_nothing(warehouse: Warehouse) -> None:
    released(warehouse, 2)
    warehouse.deployment("staging", sha("01"), "2026-03-05", is_production=False)
    warehouse.deployment("stopped", sha("01"), "2026-03-05", status="cancelled")
    warehouse.deployment("failed", sha("01"), "2026-03-05", status="failure")
    broke(warehouse, "1", "staging 1")

    assert total(warehouse, "change_fail_rate") == Cell(3, 1, 3, 1, 3, 1, 1)


def test_deployments_long_before_the_incident_log_begins_are_no_successes(warehouse: Warehouse) -> None:
    released(warehouse, 20)
    broke(warehouse, "1", "19", "2026-04-10")

    # Thirty days back from the first incident is 11 March: what was released on the 2nd to the 11th is not counted.
    assert total(warehouse, "change_fail_rate") == Cell(10, 1, 10, 1, 10, 1, 1)


def test_a_deployment_is_ai_when_any_change_it_shipped_is(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.state("deployments")
    for letter, evidence in (("a", ""), ("b", "ai"), ("c", ""), ("d", ""), ("e", "bot")):
        warehouse.change(letter, "2026-03-03", evidence=evidence)
    for deployment, shipped, at in (("1", "a", "04"), ("2", "c", "05"), ("3", "d", "06"), ("4", "e", "07")):
        warehouse.deployment(deployment, sha(shipped), f"2026-03-{at}")
    broke(warehouse, "1", "2 4")
    total(warehouse, "change_fail_rate")

    cells = measure.by(measure.cells(warehouse.con, CHANGE_FAIL_RATE, WINDOW), "cohort")

    # 2 brought b and c; 4 brought a bot's change only, which is in no rate.
    assert {cohort: (cell.units, cell.n) for cohort, cell in cells.items()} == {"ai": (1, 1), "unknown": (2, 0)}


def test_recovery_is_from_detection_to_resolution_and_what_is_open_has_none(warehouse: Warehouse) -> None:
    released(warehouse, 3)
    names = {"deployment": "1"}
    day = "2026-03-10"
    warehouse.incident("1", f"{day} 10:00", detected_at=f"{day} 10:30", resolved_at=f"{day} 12:00", names=names)
    warehouse.incident("open", f"{day} 10:00", names=names)
    # A clock that was wrong: detected after it was resolved.
    warehouse.incident("odd", f"{day} 10:00", detected_at=f"{day} 13:00", resolved_at=f"{day} 12:00", names=names)
    # Nobody says what caused it: it is in no rate, and stays visible as unlinked.
    warehouse.incident("mystery", f"{day} 10:00", resolved_at=f"{day} 11:00")

    assert total(warehouse, "recovery_time") == Cell(2, 90, 2, 8100, 2, 90, 1)
    assert warehouse.rows("select count(*) from distinct_incidents") == [(4,)]


def test_the_incident_of_an_ai_marked_change_is_ai(warehouse: Warehouse) -> None:
    warehouse.repo()
    for letter, evidence in (("a", "ai"), ("b", "human"), ("c", "bot")):
        warehouse.change(letter, "2026-03-03", evidence=evidence)
    for incident, causes in (("1", "a"), ("2", "b"), ("3", "a b"), ("4", "c")):
        names = {"sha": " ".join(map(sha, causes.split()))}
        warehouse.incident(incident, "2026-03-04", resolved_at="2026-03-05", names=names)
    total(warehouse, "recovery_time")

    cells = measure.by(measure.cells(warehouse.con, RECOVERY_TIME, WINDOW), "cohort")

    assert {cohort: cell.units for cohort, cell in cells.items()} == {"ai": 2, "human": 1}


def test_ten_deployments_of_which_two_were_unplanned_and_one_of_them_for_an_incident(warehouse: Warehouse) -> None:
    released(warehouse, 10)
    warehouse.con.execute("update deployments set is_unplanned = false")
    warehouse.con.execute("update deployments set is_unplanned = true where deployment in ('drop:3', 'drop:4')")
    # 5 mends something as well, but it was planned to.
    warehouse.con.execute("update deployments set incident = 'drop:1' where deployment in ('drop:4', 'drop:5')")

    assert total(warehouse, "deployment_rework") == Cell(10, 1, 10, 1, 10, 1, 1)


def test_what_a_deployment_does_not_say_is_not_that_all_was_planned(warehouse: Warehouse) -> None:
    released(warehouse, 4)
    warehouse.con.execute("update deployments set is_unplanned = true, incident = 'drop:9' where deployment = 'drop:0'")
    warehouse.con.execute("update deployments set is_unplanned = false where deployment = 'drop:1'")
    # Another system says what was unplanned, and never for which incident.
    warehouse.con.execute("update deployments set is_unplanned = true, source = 'ci' where deployment = 'drop:3'")

    assert total(warehouse, "deployment_rework") == Cell(2, 1, 2, 1, 2, 1, 1)


def test_an_error_is_a_failure_or_a_rollback_and_an_unknown_end_is_no_success(warehouse: Warehouse) -> None:
    released(warehouse, 7)
    for number, status in enumerate(("failure", "rollback", "unknown", "cancelled")):
        warehouse.con.execute("update deployments set status = ? where deployment = ?", [status, f"drop:{number}"])
    warehouse.deployment("staging", sha("01"), "2026-03-05", is_production=False, status="failure")

    assert total(warehouse, "deploy_error_rate") == Cell(5, 2, 5, 2, 5, 2, 2)


def test_rework_and_errors_need_no_incident_log_and_bots_deploy_for_nobody(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.state("deployments")
    for number, evidence in enumerate(("ai", "human", "bot")):
        warehouse.change(str(number), "2026-03-03", evidence=evidence)
        hotfix = {"is_unplanned": True, "incident": "drop:1", "status": "failure"}
        warehouse.deployment(str(number), sha(str(number)), f"2026-03-0{number + 4}", **hotfix)
    warehouse.people("core", "ann", "bob", "cee", "dan", "eve")
    warehouse.derive()

    for key in ("deployment_rework", "deploy_error_rate"):
        cells = measure.by(measure.cells(warehouse.con, BY_KEY[key], WINDOW), "cohort")
        assert {cohort: (cell.units, cell.n) for cohort, cell in cells.items()} == {"ai": (1, 1), "human": (1, 1)}
