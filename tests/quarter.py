"""Half a year and a bit of a team that does the same every week."""

from datetime import date, timedelta

from tests.conftest import Warehouse, sha

TEAM = ("ann", "bob", "cee", "dan", "eve")


def a_quarter(warehouse: Warehouse, *sources: str) -> None:
    """Twenty-eight weeks of five people: a change each a week, and whatever the sources are named for."""
    warehouse.repo()
    warehouse.con.execute("update source_states set data_through = '2026-07-20'")
    warehouse.people("core", *TEAM)
    for source in sources:
        warehouse.state(source, data_from="2026-01-05", through="2026-07-20")
    for number in range(28 * 5):
        day = date(2026, 1, 5) + timedelta(days=7 * (number // 5))
        warehouse.change(f"{number:03}", f"{day} 09:00", TEAM[number % 5])
        warehouse.born(f"{number:03}")
        if "incidents" in sources and number % 10 == 0:
            causes = {"sha": sha(f"{number:03}")}
            warehouse.incident(f"{number}", f"{day} 10:00", resolved_at=f"{day} 11:00", names=causes)
        if "usage_days" in sources:
            warehouse.add("usage_days", source="drop", day=day, person=TEAM[number % 5], tool="copilot", is_active=True)
    warehouse.derive()
