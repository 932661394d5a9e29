from ingest.causes import explicit, link
from tests.conftest import Warehouse, sha

CAUSES = "select incident[6:], repo, sha[:7], deployment, share, detail from incident_causes order by all"


def shop(warehouse: Warehouse) -> None:
    """Two repositories; each has a pull request 12."""
    warehouse.repo()
    warehouse.repo("web", "/src/acme/web")
    warehouse.add("services", service="api", repo="shop")
    warehouse.change("abcdef1", "2026-11-02", request=12)
    warehouse.change("abcdef2", "2026-11-03", request=13)
    warehouse.change("b", "2026-11-03", repo="web", request=12)
    warehouse.deployment("7", sha("abcdef1"), "2026-11-03")
    warehouse.deployment("eu:7", sha("abcdef2"), "2026-11-04")


def links(warehouse: Warehouse) -> list[tuple[object, ...]]:
    link.resolve(warehouse.con)
    explicit.link(warehouse.con)
    return warehouse.rows(CAUSES)


def test_a_cause_is_named_by_sha_abbreviation_pull_request_or_deployment(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.incident("1", names={"sha": sha("abcdef1")})
    warehouse.incident("2", names={"sha": "abcdef2"})
    warehouse.incident("3", names={"pull_request": "13"})
    warehouse.incident("4", names={"deployment": "7"})
    warehouse.incident("5", names={"deployment": "drop:7"})
    warehouse.incident("6", names={"deployment": "eu:7"})
    assert links(warehouse) == [
        ("1", "shop", "abcdef1", None, 1.0, f"the incident names sha {sha('abcdef1')}"),
        ("2", "shop", "abcdef2", None, 1.0, "the incident names sha abcdef2"),
        ("3", "shop", "abcdef2", None, 1.0, "the incident names pull_request 13"),
        ("4", "shop", None, "drop:7", 1.0, "the incident names deployment 7"),
        ("5", "shop", None, "drop:7", 1.0, "the incident names deployment drop:7"),
        ("6", "shop", None, "drop:eu:7", 1.0, "the incident names deployment eu:7"),
    ]
    assert warehouse.rows("select distinct method, confidence, method_version from incident_causes") == [
        ("explicit", "declared", "3")
    ]


def test_several_candidates_share_and_one_named_twice_is_one(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.incident(
        "1", names={"sha": f"{sha('abcdef1')} abcdef1 abcdef1 abcdef2", "pull_request": "12", "deployment": "7"}
    )
    assert [row[:5] for row in links(warehouse)] == [
        ("1", "shop", "abcdef1", None, 0.5), ("1", "shop", "abcdef2", None, 0.5), ("1", "shop", None, "drop:7", 1.0),
    ]  # fmt: skip


def test_what_came_after_the_incident_began_takes_no_share(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.change("abcdef3", "2026-11-05")
    warehouse.deployment("8", sha("abcdef3"), "2026-11-05")
    warehouse.incident("1", names={"sha": "abcdef2 abcdef3", "deployment": "7 8"})
    assert [row[:5] for row in links(warehouse)] == [
        ("1", "shop", "abcdef2", None, 1.0), ("1", "shop", None, "drop:7", 1.0),
    ]  # fmt: skip


def test_a_service_stands_for_its_repository(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.incident("1", repo=None, service="api", names={"pull_request": "12"})
    assert [row[:3] for row in links(warehouse)] == [("1", "shop", "abcdef1")]


def test_a_sha_is_its_own_address(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.incident("1", repo=None, names={"sha": f"{sha('b')} abcdef2"})
    warehouse.incident("2", repo="an/old-name", names={"sha": sha("b")})
    assert [row[:3] for row in links(warehouse)] == [
        ("1", "shop", "abcdef2"), ("1", "web", "b000000"), ("2", "web", "b000000"),
    ]  # fmt: skip


def test_what_cannot_be_found_leaves_no_link(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.change("abcdef11", "2026-11-05")
    warehouse.incident("1", names={"sha": f"{sha('c')} 9999999", "pull_request": "99", "deployment": "99"})
    warehouse.incident("2", names={"sha": "abcdef1"})  # two commits begin so
    warehouse.incident("3", repo=None, names={"pull_request": "12"})  # of which repository?
    warehouse.incident("4", repo="acme/other", service="api", names={"pull_request": "12"})
    warehouse.incident("5", repo="web", names={"sha": sha("abcdef1")})  # not there
    warehouse.incident("6", names={"pull_request": "99999999999"})
    assert links(warehouse) == []


def test_links_are_made_anew_and_those_of_other_methods_stay(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.incident("1", names={"sha": "abcdef1"})
    warehouse.add("incident_causes", incident="drop:1", repo="shop", sha=sha("b"), method="revert", confidence="inferred",
                  share=1.0, detail="", method_version="1")  # fmt: skip
    links(warehouse)
    warehouse.con.execute("delete from commits where sha[:7] = 'abcdef1'")
    link.resolve(warehouse.con)
    explicit.link(warehouse.con)
    assert warehouse.rows("select method from incident_causes") == [("revert",)]
