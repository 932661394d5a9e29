from datetime import date

from tests.conftest import Warehouse, sha

SHIPPED = """
    select deployment, landed_sha[:1] from deployed_changes join mainline using (repo, mainline_no)
    order by deployment, landed_sha
"""


def line(warehouse: Warehouse, letters: str = "abcde") -> None:
    """A repository whose changes land a day after each other from 2026-11-02 on."""
    warehouse.repo()
    for day, letter in enumerate(letters, 2):
        warehouse.change(letter, f"2026-11-{day:02}")


def test_a_deployment_ships_what_came_after_the_last_good_one_of_its_service(warehouse: Warehouse) -> None:
    line(warehouse)
    warehouse.deployment("1", sha("b"), "2026-11-03T12:00")
    warehouse.deployment("2", sha("d"), "2026-11-05T12:00")
    warehouse.deployment("3", sha("e"), "2026-11-06T12:00", service="web")
    warehouse.derive()
    assert warehouse.rows(SHIPPED) == [("drop:1", "b"), ("drop:2", "c"), ("drop:2", "d"), ("drop:3", "e")]


def test_what_failed_or_was_cancelled_has_shipped_nothing_for_good(warehouse: Warehouse) -> None:
    line(warehouse)
    warehouse.deployment("1", sha("a"), "2026-11-02T12:00")
    warehouse.deployment("2", sha("b"), "2026-11-03T12:00", status="failure")
    warehouse.deployment("3", sha("c"), "2026-11-04T12:00", status="cancelled")
    warehouse.deployment("4", sha("c"), "2026-11-04T13:00", is_production=False)
    warehouse.deployment("5", sha("c"), "2026-11-04T14:00", status="unknown")
    warehouse.deployment("6", sha("d"), "2026-11-05T12:00")
    warehouse.derive()
    assert warehouse.rows(SHIPPED) == [
        ("drop:1", "a"), ("drop:2", "b"), ("drop:5", "b"), ("drop:5", "c"), ("drop:6", "d"),
    ]  # fmt: skip


def test_going_back_and_forth_ships_nothing_new(warehouse: Warehouse) -> None:
    line(warehouse)
    warehouse.deployment("1", sha("c"), "2026-11-04T12:00")
    warehouse.deployment("2", sha("a"), "2026-11-04T13:00", status="rollback")
    warehouse.deployment("3", sha("c"), "2026-11-04T14:00")
    warehouse.derive()
    assert warehouse.rows(SHIPPED) == [("drop:1", "c")]


def test_a_deployment_finds_its_change_by_branch_commit_abbreviation_service_and_address(warehouse: Warehouse) -> None:
    line(warehouse)
    warehouse.add("services", service="api", repo="shop")
    warehouse.commit("c123456", landed="c")
    warehouse.deployment("1", "c123456", "2026-11-04T12:00")
    warehouse.deployment("2", sha("c123456"), "2026-11-04T12:00", repo=None)
    warehouse.deployment("3", sha("d"), "2026-11-04T12:00", repo="acme/shop")
    warehouse.deployment("4", sha("d"), "2026-11-04T12:00", repo="acme/other")
    warehouse.deployment("5", sha("9"), "2026-11-04T12:00")
    warehouse.deployment("6", "000000", "2026-11-04T12:00")
    warehouse.derive()
    query = "select deployment[6:], repo, landed_sha[:1] from resolved_deployments order by 1"
    assert warehouse.rows(query) == [
        ("1", "shop", "c"), ("2", "shop", "c"), ("3", "shop", "d"), ("4", None, None), ("5", "shop", None), ("6", "shop", None),
    ]  # fmt: skip


def test_a_name_of_two_repositories_is_the_name_of_none(warehouse: Warehouse) -> None:
    for repo, location in (
        ("shop", "/a/acme/shop"),
        ("fork", "/b/acme/shop"),
        ("acme/web", "/c/x"),
        ("y", "/d/acme/web"),
    ):
        warehouse.repo(repo, location)
        warehouse.add("services", service="api", repo=repo)
    warehouse.add("services", service="web", repo="shop")
    warehouse.add("services", service="web", repo="shop")
    assert warehouse.rows("select * from repo_names order by name") == [
        ("acme/web", "acme/web"), ("c/x", "acme/web"), ("fork", "fork"), ("shop", "shop"), ("y", "y"),
    ]  # fmt: skip
    assert warehouse.rows("select * from service_repos") == [("web", "shop")]


def test_addresses_of_every_kind_end_in_the_same_name(warehouse: Warehouse) -> None:
    locations = ("git@example.com:a/r.git", "https://example.com/b/r/", "/srv/c/r.git/", "../d/r", "r", "e/r.git")
    for number, location in enumerate(locations):
        warehouse.repo(f"{number}", location)
    assert warehouse.rows("select name from repo_names where name not in (select repo from repos) order by 1") == [
        (f"{letter}/r",) for letter in "abcde"
    ]


def test_a_production_deployment_has_the_cohort_of_what_it_shipped(warehouse: Warehouse) -> None:
    warehouse.repo()
    for letter, evidence, day in (("a", "human", 2), ("b", "ai", 3), ("c", "", 4), ("d", "bot", 5), ("e", "human", 6)):
        warehouse.change(letter, f"2026-11-{day:02}", evidence=evidence, added=10)
        warehouse.born(letter)
    for name, shipped in (("1", "a"), ("2", "c"), ("3", "d"), ("4", "e")):
        warehouse.deployment(name, sha(shipped), "2026-11-09T12:00" if name == "4" else "2026-11-08")
    warehouse.deployment("5", "abcdef1", "2026-11-09T13:00", repo="acme/other", status="failure")
    warehouse.deployment("6", sha("e"), "2026-11-09T13:00", status="cancelled")
    warehouse.derive()
    query = (
        "select deployment[6:], week, repo, status, cohort, ai_share, changes from production_deployments order by 1"
    )
    assert warehouse.rows(query) == [
        ("1", date(2026, 11, 2), "shop", "success", "human", 0.0, 1),
        ("2", date(2026, 11, 2), "shop", "success", "ai", 0.5, 2),
        ("3", date(2026, 11, 2), "shop", "success", "bot", 0.0, 1),
        ("4", date(2026, 11, 9), "shop", "success", "human", 0.0, 1),
        ("5", date(2026, 11, 9), "*", "failure", "unknown", None, 0),
    ]
