"""Thirty days after landing: what counts on the last of them, and who has not had them yet."""

from datetime import date

import pytest

from metrics.adoption.ai_change_share import AI_CHANGE_SHARE
from metrics.measure import Window
from metrics.quality.incident_rate import INCIDENT_RATE
from metrics.quality.revert_rate import REVERT_RATE
from tests.conftest import Warehouse, sha

WINDOW = Window(date(2026, 1, 5), date(2026, 11, 30))
LANDED = "2026-03-02 09:00"


def units(warehouse: Warehouse, sql: str) -> dict[str, float]:
    """The numerator of each unit."""
    warehouse.derive()
    rows = warehouse.con.execute(sql, {"since": WINDOW.since, "until": WINDOW.until}).fetchall()
    return {row[5].rstrip("0"): row[6] for row in rows}


# Landed on 2 March at nine: its thirtieth day ends at nine on 1 April.
@pytest.mark.parametrize(
    ("at", "counts"),
    [
        ("2026-03-02 08:59", 0),  # what began before it landed has another cause
        ("2026-03-02 09:00", 1),
        ("2026-03-31 23:00", 1),
        ("2026-04-01 09:00", 1),
        ("2026-04-01 09:01", 0),
        ("2026-04-02 09:00", 0),
    ],
)
def test_an_incident_counts_on_day_30_and_not_on_day_31(warehouse: Warehouse, at: str, counts: float) -> None:
    warehouse.repo()
    warehouse.state("incidents")
    warehouse.change("a", LANDED)
    warehouse.incident("1", at, names={"sha": sha("a")})

    assert units(warehouse, INCIDENT_RATE.sql) == {"a": counts}


@pytest.mark.parametrize(
    ("at", "counts"), [("2026-03-03", 1), ("2026-04-01 09:00", 1), ("2026-04-01 09:01", 0), ("2026-04-02 09:00", 0)]
)
def test_a_revert_counts_on_day_30_and_not_on_day_31(warehouse: Warehouse, at: str, counts: float) -> None:
    warehouse.repo()
    warehouse.change("a", LANDED)
    warehouse.change("b", at, reverts=[sha("a")])

    assert units(warehouse, REVERT_RATE.sql) == {"a": counts, "b": 0}


def test_a_change_whose_thirty_days_have_not_passed_is_no_unit(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.con.execute("update source_states set data_through = '2026-04-01 09:00' where source = 'git'")
    warehouse.state("incidents", through="2026-04-01 09:00")
    warehouse.change("a", LANDED)
    warehouse.change("b", "2026-03-02 09:01")
    warehouse.change("c", "2026-03-05", reverts=[sha("b")])
    warehouse.incident("1", "2026-03-06", names={"sha": sha("b")})

    # b was reverted and broke something already: it would be counted, and its quiet neighbours of that week not.
    assert units(warehouse, REVERT_RATE.sql) == {"a": 0}
    assert units(warehouse, INCIDENT_RATE.sql) == {"a": 0}


def test_what_landed_in_an_unfinished_week_is_no_share_yet(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.con.execute("update source_states set data_through = '2026-03-12' where source = 'git'")
    warehouse.change("a", "2026-03-08 23:59", evidence="ai")
    warehouse.change("b", "2026-03-09 00:00", evidence="ai")

    assert units(warehouse, AI_CHANGE_SHARE.sql) == {"a": 1}


def test_each_repository_has_its_own_horizon(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.repo("web", "/src/acme/web")
    warehouse.con.execute("update source_states set data_through = '2026-03-20' where scope = 'web'")
    warehouse.change("a", LANDED)
    warehouse.change("b", LANDED, repo="web")

    assert units(warehouse, REVERT_RATE.sql) == {"a": 0}


def test_the_change_that_caused_the_first_incident_of_the_log_counts(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.state("incidents", data_from="2026-03-20")
    warehouse.change("a", "2026-02-18 00:00")  # its thirty days ended on the day the log began
    warehouse.change("b", "2026-02-17 23:59")
    warehouse.change("c", LANDED)
    warehouse.incident("1", "2026-03-20", names={"sha": sha("c")})

    assert units(warehouse, INCIDENT_RATE.sql) == {"a": 0, "c": 1}


def test_an_incident_with_three_causes_counts_a_third_each(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.state("incidents")
    for letter in "abcd":
        warehouse.change(letter, LANDED)
    warehouse.change("e", "2026-01-19")  # named as well, and long out of its thirty days
    warehouse.incident("1", "2026-03-04", names={"sha": " ".join(map(sha, "abc"))})
    warehouse.incident("2", "2026-03-05", names={"sha": sha("a")})
    warehouse.incident("2b", "2026-03-05", names={"sha": sha("a")}, duplicate_of="drop:2")
    warehouse.incident("3", "2026-03-06", names={"sha": f"{sha('d')} {sha('e')}"})

    found = units(warehouse, INCIDENT_RATE.sql)

    assert found == pytest.approx({"a": 4 / 3, "b": 1 / 3, "c": 1 / 3, "d": 1 / 2, "e": 0})


def test_bots_bulk_imports_and_the_time_before_ai_tools_enter_no_rate(warehouse: Warehouse) -> None:
    warehouse.con.execute("update attribution_declarations set ai_era_starts = '2026-02-01'")
    warehouse.repo()
    warehouse.state("incidents")
    warehouse.change("a", "2026-01-19", evidence="ai")
    warehouse.change("b", LANDED, evidence="bot")
    warehouse.change("c", LANDED, kind="bulk")
    warehouse.change("d", LANDED, evidence="human")
    warehouse.change("e", LANDED, evidence="ai")
    warehouse.change("f", LANDED)
    warehouse.incident("1", "2026-03-06", names={"sha": sha("b")})

    for sql in (INCIDENT_RATE.sql, REVERT_RATE.sql):
        assert units(warehouse, sql) == {"d": 0, "e": 0, "f": 0}
    assert units(warehouse, AI_CHANGE_SHARE.sql) == {"d": 0, "e": 1, "f": 0}
