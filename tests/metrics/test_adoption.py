"""Adoption by hand: who counts, in which week and team, what is a gap, and what no tool tells."""

from datetime import date, timedelta
from typing import Any

import pytest

from metrics import measure
from metrics.adoption.acceptance import ACCEPTANCE
from metrics.adoption.quota_just_over import QUOTA_JUST_OVER
from metrics.adoption.quota_last_day import QUOTA_LAST_DAY
from metrics.adoption.quota_unlanded import QUOTA_UNLANDED
from metrics.adoption.retention import RETENTION
from metrics.adoption.spend import SPEND
from metrics.adoption.target_distance import TARGET_DISTANCE
from metrics.measure import Window
from metrics.metric import Metric
from tests.conftest import Warehouse

WINDOW = Window(date(2026, 1, 5), date(2026, 11, 30))
CORE = ("ann", "bob", "cid", "dan", "eve")
QUOTA = (QUOTA_JUST_OVER, QUOTA_LAST_DAY, QUOTA_UNLANDED)
NEW = (ACCEPTANCE, RETENTION, SPEND, TARGET_DISTANCE, *QUOTA)


@pytest.fixture
def office(warehouse: Warehouse) -> Warehouse:
    """Five people of a team, on the roster for all time, and logs of usage from March to the end of November."""
    warehouse.people("core", *CORE)
    warehouse.state("people")
    warehouse.state("usage_days", data_from="2026-03-01")
    return warehouse


def used(
    warehouse: Warehouse, person: str, *days: str, tool: str = "kiro", is_active: bool = True, **said: Any
) -> None:
    for day in days:
        warehouse.add("usage_days", source="drop", day=day, person=person, tool=tool, is_active=is_active, **said)


def units(warehouse: Warehouse, metric: Metric) -> dict[str, tuple[float, float]]:
    """Numerator and denominator of each unit."""
    warehouse.derive()
    rows = warehouse.con.execute(metric.sql, {"since": WINDOW.since, "until": WINDOW.until}).fetchall()
    return {row[5]: (row[6], row[7]) for row in rows}


def teams(warehouse: Warehouse, metric: Metric) -> dict[str, str]:
    """The team of each unit."""
    warehouse.derive()
    rows = warehouse.con.execute(metric.sql, {"since": WINDOW.since, "until": WINDOW.until}).fetchall()
    return {row[5]: row[2] for row in rows}


# What holds for all of them


@pytest.mark.parametrize("metric", NEW, ids=lambda metric: metric.key)
def test_a_bot_on_the_roster_and_a_stranger_are_in_no_number(metric: Metric, office: Warehouse) -> None:
    office.repo()
    office.con.execute("insert into targets values ('weekly_active', 0.8)")
    office.people("core", "robot", is_bot=True)
    for number, person in enumerate((*CORE, "robot", "zoe")):
        office.change(f"{number}", "2026-03-03", person)
        used(office, person, "2026-03-02", "2026-03-30", "2026-04-27", accepted=3, rejected=1, cost_usd=1)
    for day in range(0, 90, 7):  # somebody speaks in every week
        used(office, "ann", f"{date(2026, 3, 4) + timedelta(days=day)}", accepted=0, rejected=1, cost_usd=0)

    found = units(office, metric)

    assert found
    assert not [unit for unit in found if unit.startswith(("robot", "zoe"))]
    assert max(d for _, d in found.values()) <= 5


@pytest.mark.parametrize("metric", NEW, ids=lambda metric: metric.key)
def test_a_tool_that_tells_only_days_of_use_has_no_acceptance_and_no_cost(metric: Metric, office: Warehouse) -> None:
    office.repo()
    office.con.execute("insert into targets values ('weekly_active', 0.8)")
    for number, person in enumerate(CORE):
        office.change(f"{number}", "2026-03-03", person)
        for week in range(6):
            used(office, person, f"{date(2026, 3, 2) + timedelta(weeks=week)}", accepted=3 if week else None)

    assert bool(units(office, metric)) is (metric not in (ACCEPTANCE, SPEND))


@pytest.mark.parametrize("metric", [m for m in NEW if m not in (RETENTION, SPEND)], ids=lambda metric: metric.key)
def test_a_week_that_the_logs_cover_in_part_is_no_week(metric: Metric, office: Warehouse) -> None:
    office.repo()
    office.con.execute("insert into targets values ('weekly_active', 0.8)")
    office.con.execute("""
        update source_states set data_from = '2026-03-04', data_through = '2026-03-20' where source = 'usage_days'
    """)
    for number, person in enumerate(CORE):
        office.change(f"{number}", "2026-03-03", person)
        used(office, person, "2026-03-05", "2026-03-12", "2026-03-19", accepted=1, rejected=1)

    assert {name.split()[1] for name in units(office, metric)} <= {"2026-03-09", "2026-03-12"}


@pytest.mark.parametrize("metric", [m for m in NEW if m is not ACCEPTANCE], ids=lambda metric: metric.key)
def test_who_changes_team_counts_for_the_team_of_that_week(metric: Metric, office: Warehouse) -> None:
    office.repo()
    office.con.execute("insert into targets values ('weekly_active', 0.8)")
    office.con.execute("update privacy set minimum_group = 1")
    office.people("web", "fay", "gus", "hal", "ida", "joe")
    office.people("core", "kim", until="2026-03-15")
    office.people("web", "kim", since="2026-03-16")
    office.change("a", "2026-03-03", "kim")
    for week in range(11):
        day = date(2026, 2, 23) + timedelta(weeks=week)
        used(office, "kim", f"{day}", cost_usd=1)

    found = teams(office, metric)

    if metric is SPEND:  # of a month it is the last
        assert found == {"kim 2026-03": "web", "kim 2026-04": "web"}
    else:
        assert (found["kim 2026-03-09"], found["kim 2026-03-16"]) == ("core", "web")


# Acceptance


def test_acceptance_adds_up_what_a_person_decided_on_a_day_and_leaves_out_rows_that_tell_one_side(
    office: Warehouse,
) -> None:
    office.add("identities", kind="login", identity_hash="ann-login", person="ann")
    used(office, "ann", "2026-03-03", surface="ide", accepted=6, rejected=2, auto_accepted=50)
    used(office, "ann-login", "2026-03-03", surface="cli", accepted=1, rejected=1)
    used(office, "ann", "2026-03-03", surface="web", accepted=90)
    used(office, "ann", "2026-03-03", tool="q", accepted=0, rejected=4)
    used(office, "bob", "2026-03-04", accepted=0, rejected=0)  # nothing was decided
    used(office, "cid", "2026-03-04", rejected=7)

    assert units(office, ACCEPTANCE) == {"ann 2026-03-03 kiro": (7, 10), "ann 2026-03-03 q": (0, 4)}


def test_a_week_in_which_too_few_of_a_team_decided_anything_is_shown_with_others_or_not_at_all(
    office: Warehouse,
) -> None:
    office.people("web", "fay", "gus", "hal", "ida", "joe")
    told = {"accepted": 1, "rejected": 1}
    for person in CORE:
        used(office, person, "2026-03-03", **told)  # all of one team, three of the other
        used(office, person, "2026-03-24", **told)
    for person in ("fay", "gus", "hal"):
        used(office, person, "2026-03-03", "2026-03-10", **told)  # three of each
        used(office, person, "2026-03-17", **told)  # three alone
    for person in CORE[:3]:
        used(office, person, "2026-03-10", **told)
    used(office, "fay", "2026-03-18", "2026-03-19", "2026-03-20", **told)  # many units, and few people

    office.derive()
    rows = office.con.execute(ACCEPTANCE.sql, {"since": WINDOW.since, "until": WINDOW.until}).fetchall()

    assert {(str(row[0]), row[2]) for row in rows} == {
        ("2026-03-02", "core"), ("2026-03-02", "suppressed"), ("2026-03-09", "small teams"),
        ("2026-03-16", "suppressed"), ("2026-03-23", "core"),
    }  # fmt: skip
    shown = measure.cells(office.con, ACCEPTANCE, WINDOW)
    assert shown.groupby("week")["units"].sum().tolist() == [5, 6, 5]


# Retention


def test_who_was_active_in_the_fourth_week_after_has_stayed(office: Warehouse) -> None:
    used(office, "ann", "2026-03-06", "2026-03-30")  # the first day of the fourth week after
    used(office, "bob", "2026-03-02", "2026-03-29", "2026-04-06")  # the days around it
    used(office, "cid", "2026-03-02")
    used(office, "cid", "2026-04-01", is_active=False)
    used(office, "dan", "2026-03-02")
    used(office, "dan", "2026-04-05", tool="q")  # with another tool

    found = units(office, RETENTION)

    assert {name: n for name, (n, _) in found.items() if name.endswith("03-02")} == {
        "ann 2026-03-02": 1, "bob 2026-03-02": 0, "cid 2026-03-02": 0, "dan 2026-03-02": 1,
    }  # fmt: skip


def test_a_fourth_week_in_which_no_tool_spoke_is_a_gap_and_who_left_the_company_left_no_tool(office: Warehouse) -> None:
    office.people("core", "kim", until="2026-03-29")
    used(office, "kim", "2026-03-02", "2026-03-09")
    used(office, "ann", "2026-03-02", "2026-03-09")
    used(office, "bob", "2026-04-06")  # nobody speaks in the week of 30 March

    assert units(office, RETENTION) == {"ann 2026-03-09": (0, 1)}


def test_retention_waits_until_the_fourth_week_is_covered(office: Warehouse) -> None:
    used(office, "ann", "2026-03-02", "2026-03-09", "2026-03-30", "2026-04-06")
    office.con.execute("update source_states set data_through = '2026-04-12 23:00' where source = 'usage_days'")

    assert set(units(office, RETENTION)) == {"ann 2026-03-02"}
    assert measure.last_settled_week(RETENTION, measure.horizons(office.con)) == date(2026, 3, 2)


def test_of_a_team_of_which_few_were_active_nobody_says_who_stayed(office: Warehouse) -> None:
    office.people("web", "fay", "gus", "hal", "ida", "joe")
    for person in (*CORE[:3], "fay", "gus"):
        used(office, person, "2026-03-02", "2026-03-30")
    for person in (*CORE, "fay"):
        used(office, person, "2026-03-09", "2026-04-06")

    assert teams(office, RETENTION) == {
        **{f"{person} 2026-03-02": "small teams" for person in (*CORE[:3], "fay", "gus")},
        **{f"{person} 2026-03-09": "core" for person in CORE},
        "fay 2026-03-09": "suppressed",
    }


# Spend


def every_week_of_march_and_april(office: Warehouse, person: str = "eve", **said: Any) -> None:
    days = [date(2026, 2, 23) + timedelta(weeks=week) for week in range(10)]
    used(office, person, *map(str, days), **said)


def test_spend_is_the_cost_of_a_month_in_the_week_in_which_it_ends(office: Warehouse) -> None:
    every_week_of_march_and_april(office, tool="mute")  # a tool that tells no costs, and speaks in every week
    used(office, "ann", "2026-03-02", "2026-03-31", cost_usd=1.5)
    used(office, "ann", "2026-03-31", surface="cli", cost_usd=2)
    used(office, "ann", "2026-04-01", cost_usd=7)
    used(office, "bob", "2026-03-10", is_active=False, cost_usd=4)  # charged, and so not idle
    used(office, "cid", "2026-03-10", is_active=False, cost_usd=0)
    used(office, "dan", "2026-03-10", cost_usd=0)  # a measured zero
    used(office, "dan", "2026-04-10", cost_usd=-3)  # a credit

    office.derive()
    rows = office.con.execute(SPEND.sql, {"since": WINDOW.since, "until": WINDOW.until}).fetchall()

    assert sorted((str(row[0]), row[5], row[6], row[7]) for row in rows) == [
        ("2026-03-30", "ann 2026-03", 5, 1), ("2026-03-30", "bob 2026-03", 4, 1), ("2026-03-30", "dan 2026-03", 0, 1),
        ("2026-04-27", "ann 2026-04", 7, 1), ("2026-04-27", "dan 2026-04", 0, 1),
    ]  # fmt: skip


def test_a_person_of_whose_use_a_part_has_no_cost_is_left_out_of_that_month(office: Warehouse) -> None:
    every_week_of_march_and_april(office, tool="mute")
    used(office, "ann", "2026-03-02", "2026-04-02", cost_usd=1)
    used(office, "ann", "2026-03-03")
    used(office, "bob", "2026-03-02", cost_usd=1)
    used(office, "bob", "2026-03-03", is_active=False)

    assert set(units(office, SPEND)) == {"ann 2026-04", "bob 2026-03"}


@pytest.mark.parametrize(("data_from", "through"), [("2026-03-02", "2026-05-01"), ("2026-03-01", "2026-03-31 23:59")])
def test_a_month_that_the_logs_cover_in_part_is_no_month(data_from: str, through: str, office: Warehouse) -> None:
    every_week_of_march_and_april(office, cost_usd=1)
    office.con.execute(
        "update source_states set data_from = ?, data_through = ? where source = 'usage_days'", [data_from, through]
    )

    assert "eve 2026-03" not in units(office, SPEND)


def test_a_month_with_a_week_in_which_no_tool_spoke_is_a_gap(office: Warehouse) -> None:
    every_week_of_march_and_april(office, cost_usd=1)
    office.con.execute("delete from usage_days where day = '2026-03-16'")

    assert set(units(office, SPEND)) == {"eve 2026-04"}


def test_of_a_team_of_which_few_cost_anything_nobody_sees_what(office: Warehouse) -> None:
    office.people("web", "fay", "gus", "hal", "ida", "joe")
    every_week_of_march_and_april(office, tool="mute")
    for person in (*CORE[:3], "fay", "gus"):
        used(office, person, "2026-03-10", cost_usd=1)
    for person in (*CORE, "fay"):
        used(office, person, "2026-04-10", cost_usd=1)

    assert teams(office, SPEND) == {
        **{f"{person} 2026-03": "small teams" for person in (*CORE[:3], "fay", "gus")},
        **{f"{person} 2026-04": "core" for person in CORE},
        "fay 2026-04": "suppressed",
    }
    assert measure.cells(office.con, SPEND, WINDOW)["n"].tolist() == [5, 5]


# The target


def test_a_team_beyond_the_target_does_not_make_up_for_one_that_is_short_of_it(office: Warehouse) -> None:
    office.con.execute("insert into targets values ('weekly_active', 0.8)")
    office.people("web", "fay", "gus", "hal", "ida", "joe")
    for person in (*CORE, "fay"):
        used(office, person, "2026-03-03")
    used(office, "zoe", "2026-03-10")  # a week in which somebody speaks, and nobody on the roster
    # Nobody speaks in the week of 16 March: a gap.
    used(office, "ann", "2026-03-23")

    found = units(office, TARGET_DISTANCE)

    # Whoever is in a team that has reached it has done what was asked, and nobody more.
    assert {found[f"{person} 2026-03-02"] for person in CORE} == {(0.8, 0.8)}
    assert {name: each for name, each in found.items() if each[0] and each[0] != each[1]} == {
        "fay 2026-03-02": (1, 0.8), "ann 2026-03-23": (1, 0.8),
    }  # fmt: skip
    cells = measure.cells(office.con, TARGET_DISTANCE, WINDOW)
    reached = {(f"{row.week:%m-%d}", row.team): (row.n, row.d) for row in cells.itertuples()}
    assert reached == {
        ("03-02", "core"): (4, 4), ("03-02", "web"): (1, 4), ("03-09", "core"): (0, 4), ("03-09", "web"): (0, 4),
        ("03-23", "core"): (1, 4), ("03-23", "web"): (0, 4),
    }  # fmt: skip


@pytest.mark.parametrize("targets", [[], [("churn", 0.1)], [("weekly_active", 0.0)]])
def test_without_a_target_there_is_no_distance_and_the_metric_says_what_it_needs(
    targets: list[tuple[str, float]], office: Warehouse
) -> None:
    used(office, "ann", "2026-03-03")
    for metric, value in targets:
        office.add("targets", metric=metric, value=value)

    assert units(office, TARGET_DISTANCE) == {}
    assert measure.missing(TARGET_DISTANCE, measure.horizons(office.con)) == ["targets"]


# The shape of use under a quota


@pytest.mark.parametrize("metric", QUOTA, ids=lambda metric: metric.key)
def test_a_week_in_which_no_tool_spoke_says_nothing_of_a_quota(metric: Metric, office: Warehouse) -> None:
    office.repo()
    office.change("a", "2026-03-02", "ann")
    used(office, "ann", "2026-03-03", "2026-03-17")

    assert {name.split()[1] for name in units(office, metric)} == {"2026-03-02", "2026-03-16"}


def those(warehouse: Warehouse, metric: Metric, week: str = "2026-03-09") -> set[str]:
    """The people of whom it is true in a week; everybody on the roster is asked."""
    found = {name.split()[0]: each for name, each in units(warehouse, metric).items() if name.endswith(week)}
    assert set(found) == set(CORE)
    assert {d for _, d in found.values()} == {1}
    return {person for person, (n, _) in found.items() if n}


@pytest.mark.parametrize(("days", "just"), [(1, {"ann"}), (2, {"bob"}), (3, {"cid"}), (4, set())])
def test_the_quota_is_just_met_on_as_many_days_as_it_asks_for_and_by_no_more(
    days: int, just: set[str], office: Warehouse
) -> None:
    office.con.execute("update quota set days_a_week = ?", [days])
    used(office, "ann", "2026-03-09")
    used(office, "ann", "2026-03-09", surface="cli")
    used(office, "ann", "2026-03-10", is_active=False)
    used(office, "bob", "2026-03-09", "2026-03-10")
    used(office, "cid", "2026-03-09", "2026-03-15")
    used(office, "cid", "2026-03-11", tool="q")

    assert those(office, QUOTA_JUST_OVER) == just


def test_use_on_the_last_working_day_only(office: Warehouse) -> None:
    used(office, "ann", "2026-03-13")  # a Friday
    used(office, "bob", "2026-03-12", "2026-03-13")
    used(office, "cid", "2026-03-12")
    for week in range(6):  # the working week ends on Friday
        for day in range(5):
            used(office, "dan", f"{date(2026, 4, 6) + timedelta(weeks=week, days=day)}")

    assert those(office, QUOTA_LAST_DAY) == {"ann"}


def test_a_holiday_ends_the_week_earlier_and_somebody_at_work_on_a_sunday_does_not_lengthen_it(
    office: Warehouse,
) -> None:
    office.repo()
    for week in range(6):
        for day in range(5):
            used(office, "dan", f"{date(2026, 4, 6) + timedelta(weeks=week, days=day)}")
    used(office, "ann", "2026-03-12")  # a Thursday: nobody works on that Friday
    used(office, "bob", "2026-03-15")  # a Sunday
    used(office, "cid", "2026-03-19")  # a Thursday too, but somebody lands a change on the next day
    office.change("a", "2026-03-20 15:00", "eve")
    office.change("b", "2026-03-21 15:00", "bot", evidence="bot")

    assert those(office, QUOTA_LAST_DAY) == {"ann"}
    assert those(office, QUOTA_LAST_DAY, "2026-03-16") == set()


def test_use_lands_a_line_in_its_week_or_in_the_next_and_who_never_landed_any_is_not_asked(office: Warehouse) -> None:
    office.repo()
    office.add("identities", kind="email", identity_hash="ann-mail", person="ann")
    for person in CORE:
        used(office, person, "2026-03-10")
    office.change("a", "2026-03-02 10:00", "ann-mail")
    office.change("b", "2026-03-08 10:00", "bob")
    office.change("c", "2026-03-22 23:59", "cid")  # the last minute of the week after
    office.change("d", "2026-03-23 00:00", "dan")  # its first line, and too late to be asked about that week
    office.change("e", "2026-03-02", "eve")
    office.change("f", "2026-03-15 10:00", "eve", added=0, deleted=3)  # took lines out, and landed none
    office.change("0", "2026-03-16 10:00", "ann-mail")
    office.people("core", "kim")  # lands lines and uses no tool
    office.change("1", "2026-03-02 10:00", "kim")

    found = {name.split()[0]: n for name, (n, _) in units(office, QUOTA_UNLANDED).items() if name.endswith("03-09")}
    assert found == {"ann": 0, "bob": 1, "cid": 0, "eve": 1, "kim": 0}


def test_what_may_have_landed_where_nobody_has_read_is_no_missing_line(office: Warehouse) -> None:
    office.repo()
    office.repo("web", "/src/acme/web")
    office.con.execute("update source_states set data_through = '2026-03-22' where scope = 'web'")
    office.change("a", "2026-03-02", "ann")
    used(office, "ann", "2026-03-03", "2026-03-10")

    assert set(units(office, QUOTA_UNLANDED)) == {"ann 2026-03-02"}
