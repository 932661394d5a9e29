"""Incidents of changes: a quarter of follow-up, how bad they are, and how much code they are of; logged time."""

from datetime import date

import pytest

from metrics.measure import Window
from metrics.registry import BY_KEY
from tests.conftest import Warehouse, sha

WINDOW = Window(date(2026, 1, 5), date(2026, 11, 30))
LANDED = "2026-03-02 09:00"


def units(warehouse: Warehouse, key: str) -> dict[object, tuple[float, float]]:
    """The numerator and denominator of each unit."""
    warehouse.derive()
    rows = warehouse.con.execute(BY_KEY[key].sql, {"since": WINDOW.since, "until": WINDOW.until}).fetchall()
    return {str(row[5]).rstrip("0"): row[6:] for row in rows}


@pytest.mark.parametrize(
    ("at", "counts"),
    [("2026-03-02 08:59", 0), ("2026-03-02 09:00", 1), ("2026-05-31 09:00", 1), ("2026-05-31 09:01", 0)],
)
def test_an_incident_counts_on_day_90_and_not_on_day_91(warehouse: Warehouse, at: str, counts: float) -> None:
    warehouse.repo()
    warehouse.state("incidents")
    warehouse.change("a", LANDED)
    warehouse.incident("1", at, names={"sha": sha("a")})

    assert units(warehouse, "incident_rate_90") == {"a": (counts, 1)}


def test_a_change_whose_ninety_days_have_not_passed_is_no_unit(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.state("incidents", through="2026-05-31 09:00")
    warehouse.change("a", LANDED)
    warehouse.change("b", "2026-03-02 09:01")
    warehouse.incident("1", "2026-03-06", names={"sha": sha("b")})

    assert units(warehouse, "incident_rate_90") == {"a": (0, 1)}


def test_severity_weighs_and_a_change_with_an_incident_of_none_is_left_out(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.state("incidents")
    for letter in "abcde":
        warehouse.change(letter, LANDED)
    warehouse.incident("1", "2026-03-04", severity="SEV1", names={"sha": sha("a")})
    warehouse.incident("2", "2026-03-05", severity="sev-3", names={"sha": f"{sha('a')} {sha('b')}"})
    warehouse.incident("3", "2026-03-05", names={"sha": sha("c")})
    warehouse.incident("4", "2026-03-05", severity="SEV1", names={"sha": sha("c")})
    # After its thirty days: whatever it weighs, it is not counted.
    warehouse.incident("5", "2026-05-05", names={"sha": sha("d")})

    found = units(warehouse, "incident_severity")

    assert found == {"a": (1 + 0.25 / 2, 1), "b": (0.25 / 2, 1), "d": (0, 1), "e": (0, 1)}


def test_where_no_incident_has_a_severity_nothing_is_weighed(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.state("incidents")
    warehouse.change("a", LANDED)
    warehouse.change("b", LANDED)
    warehouse.incident("1", "2026-03-04", names={"sha": sha("a")})

    assert units(warehouse, "incident_severity") == {}
    assert units(warehouse, "incident_rate") == {"a": (1, 1), "b": (0, 1)}


def test_exposure_counts_an_incident_in_its_week_for_the_cohort_of_its_cause(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.con.execute("update source_states set data_through = '2026-03-23'")
    warehouse.state("incidents", through="2026-03-22")  # two weeks are over
    warehouse.people("core", "ann", "bob", "cee", "dan", "eve")
    for letter, evidence in (("a", "ai"), ("b", "human"), ("c", "bot")):
        warehouse.change(letter, "2026-03-02", evidence=evidence)
        warehouse.born(letter, 100)
    warehouse.incident("1", "2026-03-10", names={"sha": sha("a")})
    warehouse.incident("2", "2026-03-11", names={"sha": f"{sha('a')} {sha('b')}"})
    warehouse.incident("2b", "2026-03-11", names={"sha": sha("b")}, duplicate_of="drop:2")
    warehouse.incident("3", "2026-03-17", names={"sha": sha("a")})

    warehouse.derive()

    rows = warehouse.con.execute(BY_KEY["incident_exposure"].sql, {"since": WINDOW.since, "until": WINDOW.until})
    assert sorted(row[3:] for row in rows.fetchall()) == [
        ("ai", "*", "2026-W10 core", 0, 700),
        ("ai", "*", "2026-W11 core", 1.5, 700),
        ("human", "*", "2026-W10 core", 0, 700),
        ("human", "*", "2026-W11 core", 0.5, 700),
    ]


def test_a_mixed_change_is_over_its_own_lines_and_no_line_is_of_two_cohorts(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.con.execute("update source_states set data_through = '2026-03-16'")
    warehouse.state("incidents", through="2026-03-16")
    warehouse.people("core", "ann", "bob", "cee", "dan", "eve")
    warehouse.change("a", "2026-03-02")
    warehouse.commit("a1", landed="a", evidence="ai")
    warehouse.born("a", 990)
    warehouse.born("a", 10, by="a1")
    warehouse.incident("1", "2026-03-10", names={"sha": sha("a")})

    assert units(warehouse, "incident_exposure") == {"2026-W10 core": (0, 7000), "2026-W11 core": (1, 7000)}
    assert warehouse.rows("select cohort, sum(lines) from line_fates group by all order by all") == [
        ("ai", 10), ("unknown", 990),
    ]  # fmt: skip


def test_an_incident_of_whom_no_line_stands_is_in_the_rate_and_the_exposure_says_so(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.con.execute("update source_states set data_through = '2026-06-01'")
    warehouse.state("incidents", through="2026-06-01")
    warehouse.change("a", LANDED, evidence="ai")
    warehouse.change("b", "2026-03-02 10:00")
    warehouse.died(warehouse.born("a", 10), 10, "b")
    warehouse.incident("1", "2026-03-10", names={"sha": sha("a")})

    assert [(n, d) for n, d in units(warehouse, "incident_exposure").values()] == [(0, pytest.approx(10 / 24))]
    assert units(warehouse, "incident_rate") == {"a": (1, 1), "b": (0, 1)}
    assert "not in this number; the incident rate has it" in BY_KEY["incident_exposure"].settlement


def test_no_incident_log_no_exposure(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", LANDED)
    warehouse.born("a", 100)

    assert units(warehouse, "incident_exposure") == {}
    assert warehouse.rows("select count(*) > 30 from line_days") == [(True,)]


def test_logged_time_counts_when_thirty_days_have_passed_since_it_began(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.state("incidents")
    warehouse.state("work_logs", data_from="2026-03-02", through="2026-04-02")
    warehouse.change("0", "2026-03-01", issues=["SHOP-9"])  # before anybody logged an hour
    warehouse.change("a", LANDED, evidence="ai", issues=["SHOP-1"])
    warehouse.change("b", "2026-03-03 00:01", issues=["SHOP-2"])
    warehouse.incident("1", "2026-03-02", names={"sha": sha("0")})
    for about in ({"issue": "SHOP-9"}, {"issue": "SHOP-1"}, {"issue": "SHOP-2"}, {"incident": "drop:1"}):
        for activity, minutes in (("debug", 10), ("build", 30)):
            warehouse.add("work_logs", source="x", started_at="2026-03-03", minutes=minutes, activity=activity, **about)

    assert units(warehouse, "debug_time_ratio") == {"SHOP-1": (10, 40), "drop:1": (10, 40)}
