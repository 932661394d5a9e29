from datetime import date

from tests.conftest import Warehouse, sha


def test_duplicates_are_folded_into_the_first_report(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.incident("1")
    warehouse.incident("2", duplicate_of="drop:1")
    warehouse.incident("3", duplicate_of="drop:2")
    warehouse.incident("4", duplicate_of="drop:nobody-reported")
    warehouse.derive()
    assert warehouse.rows("select incident from distinct_incidents order by 1") == [("drop:1",), ("drop:4",)]


def test_reports_that_only_point_at_each_other_are_one_incident(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.incident("1", duplicate_of="drop:1")
    warehouse.incident("2", duplicate_of="drop:3")
    warehouse.incident("3", duplicate_of="drop:2")
    warehouse.derive()
    assert warehouse.rows("select incident from distinct_incidents order by 1") == [("drop:1",), ("drop:2",)]


def test_an_incident_knows_its_repository_by_name_address_or_service(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.add("services", service="api", repo="shop")
    warehouse.incident("1", repo="shop")
    warehouse.incident("2", repo="acme/shop")
    warehouse.incident("3", repo=None, service="api")
    warehouse.incident("4", repo="acme/other", service="api")
    warehouse.incident("5", repo=None)
    warehouse.derive()
    assert warehouse.rows("select incident[6:], known_repo from distinct_incidents order by 1") == [
        ("1", "shop"), ("2", "shop"), ("3", "shop"), ("4", None), ("5", None),
    ]  # fmt: skip


def test_what_a_duplicate_names_as_its_cause_counts_for_the_incident(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02")
    warehouse.change("b", "2026-11-03")
    warehouse.incident("1", names={"sha": sha("a")})
    warehouse.incident("2", duplicate_of="drop:1")
    warehouse.incident("3", duplicate_of="drop:2", names={"sha": f"{sha('a')} {sha('b')}"})
    warehouse.derive()
    query = "select incident, repo, landed_sha[:1], method, share from caused_incidents order by landed_sha"
    assert warehouse.rows(query) == [("drop:1", "shop", "a", "explicit", 0.5), ("drop:1", "shop", "b", "explicit", 0.5)]


def test_two_commits_of_one_change_are_one_cause(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", is_merge=True)
    warehouse.commit("a1", landed="a")
    warehouse.commit("a2", landed="a")
    warehouse.incident("1", names={"sha": f"{sha('a1')} {sha('a2')}"})
    warehouse.derive()
    assert warehouse.rows("select landed_sha[:1], share from caused_incidents") == [("a", 1.0)]


def test_changes_and_deployments_share_apart(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02")
    warehouse.deployment("1", sha("a"), "2026-11-03")
    warehouse.incident("1", names={"sha": sha("a"), "deployment": "1"})
    warehouse.derive()
    query = "select landed_sha[:1], deployment, share from caused_incidents order by deployment nulls first"
    assert warehouse.rows(query) == [("a", None, 1.0), (None, "drop:1", 1.0)]


def test_an_incident_that_somebody_says_no_change_caused_has_no_cause(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02")
    warehouse.incident("1", names={"sha": sha("a")}, is_change_caused=False)
    warehouse.derive()
    assert warehouse.rows("select * from caused_incidents") == []
    assert warehouse.rows("select * from change_incidents") == []


def test_an_incident_takes_cohort_and_team_from_what_caused_it(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.people("core", "ann", "p1", "p2", "p3", "p4")
    warehouse.change("a", "2026-11-02", "ann", evidence="human")
    warehouse.change("b", "2026-11-03", "ann", evidence="ai")
    warehouse.deployment("1", sha("b"), "2026-11-03")
    warehouse.incident("1", names={"sha": sha("a")})
    warehouse.incident("2", names={"sha": f"{sha('a')} {sha('b')}"})
    warehouse.incident("3", names={"deployment": "1"})
    warehouse.incident("4", is_change_caused=True)
    warehouse.incident("5")
    warehouse.derive()
    query = "select incident[6:], week, repo, team, cohort from change_incidents order by 1"
    monday = date(2026, 11, 2)
    assert warehouse.rows(query) == [
        ("1", monday, "shop", "core", "human"),
        ("2", monday, "shop", "core", "ai"),
        ("3", monday, "shop", "core", "ai"),
        ("4", monday, "shop", "unassigned", "unknown"),
    ]


FAILED = "select incident[6:], deployment[6:], method, confidence from failed_deployments order by all"


def test_a_change_is_laid_to_what_shipped_it_to_the_service_that_broke(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02")
    warehouse.deployment("b-failed", sha("a"), "2026-11-03 08:00", service="b", status="failure")
    warehouse.deployment("a-good", sha("a"), "2026-11-03 09:00", service="a")
    warehouse.deployment("b-good", sha("a"), "2026-11-03 11:00", service="b")
    warehouse.incident("1", "2026-11-03 12:00", service="a", names={"sha": sha("a")})
    warehouse.incident("2", "2026-11-03 12:00", service="b", names={"sha": sha("a")})
    warehouse.incident("3", "2026-11-03 12:00", service="c", names={"sha": sha("a")})  # which never shipped it
    warehouse.incident("4", "2026-11-03 12:00", names={"sha": sha("a")})
    warehouse.incident("5", "2026-11-03 10:00", service="b", names={"sha": sha("a")})  # before its own shipped it
    warehouse.incident("6", "2026-11-03 08:30", service="b", names={"sha": sha("a")})  # when it ran nowhere
    warehouse.derive()
    assert [row[:2] for row in warehouse.rows(FAILED)] == [
        ("1", "a-good"), ("2", "b-good"), ("3", "a-good"), ("4", "a-good"), ("5", "a-good"),
    ]  # fmt: skip


def test_what_failed_has_shipped_nothing_and_what_was_rolled_back_had_been_live(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", evidence="ai")
    for number, status in enumerate(("failure", "rollback", "success"), 1):
        warehouse.deployment(status, sha("a"), f"2026-11-03 0{number}:00", status=status)
    warehouse.incident("1", "2026-11-03 12:00", names={"sha": sha("a")})
    warehouse.derive()
    assert warehouse.rows(FAILED) == [("1", "rollback", "explicit", "declared")]
    # The failed one is of the cohort of what it was to ship: its failure is AI's.
    query = "select deployment[6:], cohort from production_deployments order by finished_at limit 2"
    assert warehouse.rows(query) == [("failure", "ai"), ("rollback", "ai")]


def test_of_several_causes_the_team_of_most_and_a_cohort_only_where_all_agree(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.people("core", "ann", "p1", "p2", "p3", "p4")
    warehouse.people("ui", "bob", "p5", "p6", "p7", "p8")
    warehouse.change("a", "2026-11-02", "bob", evidence="human")
    warehouse.change("b", "2026-11-02", "ann", evidence="human")
    warehouse.change("c", "2026-11-02", "ann")
    warehouse.change("d", "2026-11-02", "ann", evidence="ai")
    warehouse.incident("1", names={"sha": f"{sha('a')} {sha('b')}"})
    warehouse.incident("2", names={"sha": f"{sha('a')} {sha('b')} {sha('c')}"})
    warehouse.incident("3", names={"sha": f"{sha('a')} {sha('c')} {sha('d')}"})
    warehouse.derive()
    assert warehouse.rows("select incident[6:], team, cohort from change_incidents order by 1") == [
        ("1", "core", "human"), ("2", "core", "unknown"), ("3", "core", "ai"),
    ]  # fmt: skip


def test_a_change_decides_before_the_deployment_that_is_named_beside_it(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.people("core", "ann", "p1", "p2", "p3", "p4")
    warehouse.change("a", "2026-11-02", evidence="human")
    warehouse.change("b", "2026-11-02 01:00", evidence="ai")
    warehouse.deployment("0", sha("a"), "2026-11-02")
    warehouse.deployment("1", sha("b"), "2026-11-03")
    warehouse.incident("1", names={"deployment": "1"})
    warehouse.incident("2", names={"deployment": "1"})
    warehouse.change("f", "2026-11-04 12:00", kind="revert", reverts=[sha("a")])
    warehouse.add(
        "incident_references", incident="drop:2", source="drop", repo="shop", kind="sha", value=sha("f"), says="fix"
    )
    warehouse.derive()
    assert warehouse.rows("select incident[6:], cohort, method, confidence from change_incidents order by 1") == [
        ("1", "ai", "explicit", "declared"), ("2", "human", "revert", "declared"),
    ]  # fmt: skip
