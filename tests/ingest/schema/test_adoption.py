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
    warehouse.con.execute("update privacy set minimum_group = 3")
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


def test_a_week_of_use_says_how_it_stands_to_a_quota(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.people("core", "ann", "bob", "cid", "dan", "eve")
    warehouse.con.execute("update quota set days_a_week = 2")
    warehouse.change("a", "2026-11-02 09:00", "ann")
    for day in ("2026-11-03", "2026-11-04", "2026-11-06"):
        used(warehouse, day, "ann")
    for day in ("2026-11-05", "2026-11-06"):
        used(warehouse, day, "bob")
    used(warehouse, "2026-11-06", "cid")
    used(warehouse, "2026-11-06", "stranger")
    warehouse.derive()
    columns = "person, team, is_just_met, is_last_day, is_unlanded, is_landing"
    assert warehouse.rows(f"select {columns} from quota_weeks order by person") == [
        ("ann", "core", False, False, False, True), ("bob", "core", True, False, True, False),
        ("cid", "core", False, True, True, False), ("dan", "core", False, False, False, False),
        ("eve", "core", False, False, False, False),
    ]  # fmt: skip


def test_what_a_month_cost_is_of_the_team_on_which_a_tool_was_used_last(warehouse: Warehouse) -> None:
    warehouse.con.execute("update privacy set minimum_group = 1")
    warehouse.people("core", "p1", "p2", "p3", "p4", "p5")
    warehouse.people("web", "p6", "p7", "p8", "p9", "p0")
    warehouse.people("core", "ann", until="2026-11-15")
    warehouse.people("web", "ann", since="2026-11-16")
    for day in ("2026-10-26", "2026-11-02", "2026-11-09", "2026-11-17", "2026-11-23", "2026-11-30"):
        warehouse.add("usage_days", source="drop", day=day, person="ann", tool="kiro", is_active=True, cost_usd=2)
    warehouse.derive()
    assert warehouse.rows("select * from spend_months") == [
        (date(2026, 11, 1), date(2026, 11, 30), "ann", 10.0, "web", "mid")
    ]


def test_a_team_of_which_few_hold_a_seat_is_shown_with_others_or_not_at_all(warehouse: Warehouse) -> None:
    for team in "abc":
        warehouse.people(team, *(f"{team}{number}" for number in range(6)))
    for day, holders in (("2026-11-02", {"a": 6, "b": 3, "c": 2}), ("2026-11-09", {"a": 5, "b": 4})):
        for team, count in holders.items():
            for number in range(count):
                seat(warehouse, day, f"{team}{number}")
                seat(warehouse, day, f"{team}{number}", tool="q")  # seats are more than people
    for day in ("2026-11-02", "2026-11-15"):
        used(warehouse, day, "a0")
        used(warehouse, day, "a0", tool="q")
    warehouse.derive()

    assert warehouse.rows("select week, team, count(distinct person) from seat_weeks group by all order by all") == [
        (date(2026, 11, 2), "a", 6), (date(2026, 11, 2), "small teams", 5),
        (date(2026, 11, 9), "a", 5), (date(2026, 11, 9), "suppressed", 4),
    ]  # fmt: skip


def test_who_lands_nothing_is_no_one_of_whom_a_team_is_asked_and_the_rest_may_be_too_few(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.people("core", *"abcdef")
    for person in "abcd":
        warehouse.change(person, "2026-11-02 09:00", person)
    for day in ("2026-11-02", "2026-11-09"):
        used(warehouse, day, "a")
    warehouse.change("e", "2026-11-17 09:00", "e")  # by the week after, and so from the week before on
    warehouse.derive()

    assert warehouse.rows("select distinct week, team from quota_weeks order by all") == [
        (date(2026, 11, 2), "core"), (date(2026, 11, 9), "core"),
    ]  # fmt: skip
    assert warehouse.rows("select week, team, count(*) from unlanded_weeks group by all order by all") == [
        (date(2026, 11, 2), "suppressed", 4), (date(2026, 11, 9), "core", 5),
    ]  # fmt: skip
