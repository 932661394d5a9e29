"""The blast radius metrics on rows in sight: ranks among enough others, and the incidents that came of a change."""

from datetime import date, datetime, timedelta

from metrics.measure import Window
from metrics.registry import BY_KEY
from tests.conftest import Warehouse, sha

WINDOW = Window(date(2026, 1, 5), date(2026, 11, 30))
FIRST = datetime(2026, 3, 2, 9)  # noqa: DTZ001 - UTC without a zone, as in the warehouse


def units(warehouse: Warehouse, key: str) -> dict[str, tuple[float, float]]:
    """Numerator and denominator of each unit, by how its id begins."""
    warehouse.derive()
    rows = warehouse.con.execute(BY_KEY[key].sql, {"since": WINDOW.since, "until": WINDOW.until}).fetchall()
    return {row[5].rstrip("0"): (row[6], row[7]) for row in rows}


def landed(warehouse: Warehouse, *changes: str) -> None:
    """Changes of one file each, a day apart."""
    for begins in changes:
        day = len(warehouse.steps) and warehouse.steps.get("shop", -1) + 1
        warehouse.change(begins, f"{FIRST + timedelta(days=day):%Y-%m-%d %H:%M}")


def test_a_change_counts_once_ten_can_be_ranked(warehouse: Warehouse) -> None:
    warehouse.repo()
    landed(warehouse, *"123456789")
    assert units(warehouse, "blast_files") == {}

    landed(warehouse, *"abc")
    assert units(warehouse, "blast_files") == {"a": (0.5, 1), "b": (0.5, 1), "c": (0.5, 1)}  # all touched one file


def test_a_layer_that_nobody_can_tell_has_no_rows(warehouse: Warehouse) -> None:
    warehouse.repo()
    landed(warehouse, *"123456789abc")

    for layer in ("areas", "services", "dependents", "neighbours"):
        assert units(warehouse, f"blast_{layer}") == {}, layer

    warehouse.owned("*", "@acme/core", service="api")
    for begins in "123456789abc":
        warehouse.depended_on(begins, int(begins, 16))
    assert len(units(warehouse, "blast_areas")) == len(units(warehouse, "blast_services")) == 3
    assert units(warehouse, "blast_dependents")["c"] == (11.5 / 12, 1)


def test_weeks_that_are_not_over_and_bots_are_left_out(warehouse: Warehouse) -> None:
    warehouse.repo()
    landed(warehouse, *"123456789abcdef")
    warehouse.con.execute("update source_states set data_through = '2026-03-16'")
    warehouse.add("evidence", evidence="e", repo="shop", sha=sha("b"), scope="commit", source="git", confidence="declared",
                  rule="r", detail="", observed_at="2026-11-02", method_version="1", **{"class": "bot"})  # fmt: skip

    assert set(units(warehouse, "blast_files")) == {"a", "c", "d", "e"}  # f landed on Monday the 16th


def broken(warehouse: Warehouse, incident: str, begins: str, after: int = 1, **told: object) -> None:
    """An incident of a change, so many days after the first."""
    at = FIRST + timedelta(days=after)
    row: dict[str, object] = {"service": "api", "users_affected": 100, "resolved_at": at + timedelta(minutes=60)}
    shas = " ".join(map(sha, begins))
    warehouse.incident(incident, f"{at:%Y-%m-%d %H:%M}", names={"sha": shas}, is_change_caused=True, **row | told)


def test_what_came_of_a_change_is_told_of_those_that_broke_something(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.state("incidents", data_from="2025-01-01")
    landed(warehouse, *"abcd")
    broken(warehouse, "1", "a", service="api")
    broken(warehouse, "2", "a", 10, service="web", users_affected=50)
    broken(warehouse, "3", "a", 10, service="web", duplicate_of="drop:2", users_affected=7)
    broken(warehouse, "4", "a", 40, users_affected=10_000)  # more than 30 days after it landed
    broken(warehouse, "5", "bc", 5, users_affected=30)

    assert units(warehouse, "blast_users") == {"a": (150, 1), "b": (15, 1), "c": (15, 1)}
    assert units(warehouse, "blast_minutes") == {"a": (120, 1), "b": (30, 1), "c": (30, 1)}
    assert units(warehouse, "blast_incident_services") == {"a": (1, 1), "b": (0, 1), "c": (0, 1)}


def test_what_an_incident_does_not_say_is_missing_and_not_zero(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.state("incidents", data_from="2025-01-01")
    landed(warehouse, *"abcd")
    broken(warehouse, "1", "a")
    broken(warehouse, "2", "a", 2, users_affected=None, service=None, resolved_at=None)
    broken(warehouse, "3", "b", users_affected=0, service="web")
    broken(warehouse, "4", "c", 3, users_affected=None)

    assert units(warehouse, "blast_users") == {"b": (0, 1)}
    assert units(warehouse, "blast_minutes") == {"b": (60, 1), "c": (60, 1)}
    assert units(warehouse, "blast_incident_services") == {"b": (0, 1), "c": (0, 1)}


def test_a_change_whose_thirty_days_the_log_does_not_reach_waits(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.state("incidents", data_from="2025-01-01", through="2026-04-01 12:00")
    landed(warehouse, "a", "b")  # on the 2nd and the 3rd of March
    broken(warehouse, "1", "a")
    broken(warehouse, "2", "b", 2)

    for key in ("blast_users", "blast_minutes", "blast_incident_services"):
        assert set(units(warehouse, key)) == {"a"}, key
