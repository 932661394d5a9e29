from datetime import date

from tests.conftest import Warehouse

ROSTER = "select week, team, level from roster_weeks where person = 'ann' order by week"


def test_somebody_is_on_the_team_they_were_last_on_in_each_week(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02")
    warehouse.change("b", "2026-11-29")
    warehouse.people("core", "ann", until="2026-11-10")
    warehouse.people("web", "ann", since="2026-11-11", until="2026-11-22")
    warehouse.derive()
    assert warehouse.rows(ROSTER) == [
        (date(2026, 11, 2), "core", "mid"), (date(2026, 11, 9), "web", "mid"), (date(2026, 11, 16), "web", "mid"),
    ]  # fmt: skip


def test_somebody_who_left_their_team_in_a_week_is_unassigned_in_it(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02")
    warehouse.change("b", "2026-11-09")
    warehouse.people("core", "ann", until="2026-11-10")
    warehouse.people(None, "ann", since="2026-11-11")
    warehouse.derive()
    assert warehouse.rows(ROSTER) == [(date(2026, 11, 2), "core", "mid"), (date(2026, 11, 9), "unassigned", "mid")]


def test_bots_are_on_no_team(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02")
    warehouse.people("core", "robot", is_bot=True)
    warehouse.derive()
    assert warehouse.rows("select * from roster_weeks") == []


def test_without_facts_there_are_no_weeks(warehouse: Warehouse) -> None:
    warehouse.people("core", "ann")
    warehouse.derive()
    assert warehouse.rows("select * from roster_weeks") == []
