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
