"""Which changes logged minutes lead to, and how many of them count."""

from tests.conftest import Warehouse, sha

WORK = "select item, kind, repo, cohort, debug_minutes, other_minutes from traced_work order by all"


def logged(warehouse: Warehouse, activity: str, minutes: float, at: str = "2026-03-03", **about: object) -> None:
    warehouse.add("work_logs", started_at=at, minutes=minutes, activity=activity, **{"source": "tempo"} | about)


def shop(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.people("core", "ann", "bob", "cee", "dan", "eve")


def test_a_work_item_is_one_however_many_logs_and_commits_it_has(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.change("a", "2026-03-02", issues=["SHOP-1"])
    warehouse.change("b", "2026-03-04", evidence="ai", issues=["SHOP-1", "SHOP-2"])
    warehouse.change("c", "2026-03-05", evidence="human", issues=["SHOP-3"])
    for activity, minutes in (("build", 60), ("debug", 20), ("review", 10), ("debug", 5), ("respond", 1), ("other", 2)):
        logged(warehouse, activity, minutes, issue="SHOP-1")
    logged(warehouse, "build", 30, issue="SHOP-2")
    logged(warehouse, "debug", 30, issue="SHOP-3", repo="elsewhere")

    warehouse.derive()

    assert warehouse.rows(WORK) == [
        ("SHOP-1", "work item", "shop", "ai", 26, 72),
        ("SHOP-2", "work item", "shop", "ai", 0, 30),
        ("SHOP-3", "work item", "shop", "human", 30, 0),
    ]


def test_minutes_that_lead_to_no_change_are_kept_in_sight_and_counted_nowhere(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.change("a", "2026-03-02", issues=["SHOP-1"])
    warehouse.incident("1", "2026-03-03")
    logged(warehouse, "build", 7, issue="SHOP-9")
    logged(warehouse, "debug", 8)
    logged(warehouse, "respond", 9, incident="drop:1")
    logged(warehouse, "debug", 10, incident="drop:none")
    logged(warehouse, "debug", 11, issue="SHOP-1")

    warehouse.derive()

    assert warehouse.rows(WORK) == [("SHOP-1", "work item", "shop", "unknown", 11, 0)]
    assert warehouse.rows("select item, kind, sum(minutes) from logged_minutes group by all order by all") == [
        ("SHOP-1", "work item", 11), (None, None, 34),
    ]  # fmt: skip


def test_effort_and_logged_responses_are_the_same_minutes_and_the_larger_counts(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.change("a", "2026-03-02", evidence="ai")
    for incident in "123":
        warehouse.incident(incident, "2026-03-03", names={"sha": sha("a")})
    warehouse.incident("3b", "2026-03-03", duplicate_of="drop:3")
    for incident, effort in (("1", 100), ("2", 30), ("3", 50)):
        logged(warehouse, "respond", effort, source="drop:effort", incident=f"drop:{incident}")
    logged(warehouse, "respond", 40, incident="drop:1")
    logged(warehouse, "debug", 5, incident="drop:1", issue="SHOP-7")
    logged(warehouse, "respond", 40, incident="drop:2")
    logged(warehouse, "respond", 20, incident="drop:2")
    logged(warehouse, "debug", 7, incident="tempo:3b")  # as an id without a source is read

    warehouse.derive()

    assert warehouse.rows(WORK) == [
        ("drop:1", "incident", "shop", "ai", 105, 0),
        ("drop:2", "incident", "shop", "ai", 60, 0),
        ("drop:3", "incident", "shop", "ai", 57, 0),
    ]


def test_several_reports_of_one_outage_tell_its_effort_once(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.change("a", "2026-03-02", evidence="ai")
    warehouse.incident("1", "2026-03-03", names={"sha": sha("a")})
    warehouse.incident("2", "2026-03-03", duplicate_of="drop:1")
    warehouse.incident("3", "2026-03-03", duplicate_of="drop:2")
    for incident, effort in (("1", 100), ("2", 120), ("3", 90)):
        logged(warehouse, "respond", effort, source="drop:effort", incident=f"drop:{incident}")

    warehouse.derive()

    assert warehouse.rows(WORK) == [("drop:1", "incident", "shop", "ai", 120, 0)]


def test_a_number_is_another_ticket_in_each_repository_and_a_key_the_same_everywhere(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.repo("web", "/src/acme/web")
    warehouse.change("a", "2026-03-02", evidence="ai", issues=["#12", "ALL-1"])
    warehouse.change("b", "2026-03-02", evidence="human", issues=["#12", "ALL-1"], repo="web")
    logged(warehouse, "debug", 1, issue="#12", repo="shop")
    logged(warehouse, "debug", 2, issue="#12", repo="acme/web")
    logged(warehouse, "debug", 4, issue="#12")  # of which of the two, nobody says
    logged(warehouse, "build", 8, issue="ALL-1", repo="web")

    warehouse.derive()

    assert warehouse.rows(WORK) == [
        ("#12", "work item", "shop", "ai", 1, 0),
        ("#12", "work item", "web", "human", 2, 0),
        ("ALL-1", "work item", "*", "ai", 0, 8),
    ]


def test_minutes_count_up_to_thirty_days_after_the_first_change_landed(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.change("a", "2026-03-02 09:00", issues=["SHOP-1"])
    warehouse.change("b", "2026-05-02", issues=["SHOP-1"])
    for minutes, at in ((1, "2026-01-01"), (2, "2026-04-01 09:00"), (4, "2026-04-01 09:01")):
        logged(warehouse, "debug", minutes, at, issue="SHOP-1")

    warehouse.derive()

    assert warehouse.rows(WORK) == [("SHOP-1", "work item", "shop", "unknown", 3, 0)]


def test_a_merge_says_nothing_of_who_did_the_work_its_commits_did(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.change("a", "2026-03-02", is_merge=True, issues=["SHOP-1"])
    warehouse.commit("a1", landed="a", evidence="human", issues=["SHOP-1"])
    logged(warehouse, "debug", 1, issue="SHOP-1")

    warehouse.derive()

    assert warehouse.rows(WORK) == [("SHOP-1", "work item", "shop", "human", 1, 0)]
