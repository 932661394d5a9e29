from datetime import date

from tests.conftest import Warehouse

SEATS = "select week, person, is_used, team from seat_weeks where tool = 'kiro' order by week, person"
USE = "select * from active_weeks order by week, person"


def used(warehouse: Warehouse, day: str, person: str, *, is_active: bool | None = True, tool: str = "kiro") -> None:
    warehouse.add("usage_days", source="drop", day=day, person=person, tool=tool, is_active=is_active)


def seat(warehouse: Warehouse, day: str, person: str, last_active_at: str | None = None, tool: str = "kiro") -> None:
    warehouse.add("seats", day=day, person=person, tool=tool, last_active_at=last_active_at)


def test_use_counts_once_a_week_under_one_name(warehouse: Warehouse) -> None:
    warehouse.add("identities", kind="login", identity_hash="x1", person="ann")
    used(warehouse, "2026-11-02", "x1")
    used(warehouse, "2026-11-08", "ann")
    used(warehouse, "2026-11-09", "ann", is_active=False)
    used(warehouse, "2026-11-09", "bob", is_active=None)
    warehouse.derive()
    assert warehouse.rows(USE) == [(date(2026, 11, 2), "ann", "kiro")]


def test_a_seat_is_used_by_the_log_or_by_the_vendors_last_date(warehouse: Warehouse) -> None:
    warehouse.people("core", "ann", "bob", "cid", "p1", "p2")
    used(warehouse, "2026-11-03", "ann")
    seat(warehouse, "2026-11-02", "ann")
    seat(warehouse, "2026-11-02", "bob", "2026-11-05T10:00")
    seat(warehouse, "2026-11-02", "cid", "2026-10-01T10:00")
    warehouse.derive()
    monday = date(2026, 11, 2)
    assert warehouse.rows(SEATS) == [
        (monday, "ann", True, "core"), (monday, "bob", True, "core"), (monday, "cid", False, "core"),
    ]  # fmt: skip


def test_a_tool_that_says_nothing_about_use_has_no_unused_seats(warehouse: Warehouse) -> None:
    seat(warehouse, "2026-11-02", "ann", tool="mute")
    used(warehouse, "2026-11-02", "ann", is_active=None, tool="mute")
    warehouse.derive()
    assert warehouse.rows("select * from seat_weeks") == []


def test_seats_count_from_the_week_in_which_the_tool_began_to_tell(warehouse: Warehouse) -> None:
    for day in ("2026-11-02", "2026-11-09"):
        seat(warehouse, day, "ann")
    used(warehouse, "2026-11-11", "bob")
    warehouse.derive()
    assert warehouse.rows("select week, person, is_used from seat_weeks") == [(date(2026, 11, 9), "ann", False)]
