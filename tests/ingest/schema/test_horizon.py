from tests.conftest import Warehouse, sha

HORIZON = "select repo, source from horizon order by source, repo"


def test_a_source_covers_only_repositories_it_speaks_of(warehouse: Warehouse) -> None:
    for repo in ("shop", "web", "quiet"):
        warehouse.repo(repo, f"/src/acme/{repo}")
    warehouse.add("services", service="web", repo="web")
    for source in ("incidents", "deployments", "usage_days"):
        warehouse.state(source)
    warehouse.incident("1", repo="acme/shop")
    warehouse.incident("2", repo="gone")
    warehouse.deployment("1", sha("a"), "2026-11-02")
    warehouse.derive()
    assert warehouse.rows(HORIZON) == [
        ("*", "deployments"), ("shop", "deployments"),
        ("quiet", "git"), ("shop", "git"), ("web", "git"),
        ("*", "incidents"), ("shop", "incidents"), ("web", "incidents"),
        ("*", "usage_days"),
    ]  # fmt: skip


def test_services_cover_nothing_as_long_as_no_incident_was_told(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.add("services", service="api", repo="shop")
    warehouse.derive()
    assert warehouse.rows(HORIZON) == [("shop", "git")]


def test_a_target_for_weekly_use_reaches_as_far_as_the_usage_it_is_about(warehouse: Warehouse) -> None:
    for source in ("usage_days", "people"):
        warehouse.state(source)
    targets = "select count(*) from horizon where source = 'targets'"
    warehouse.derive()
    assert warehouse.rows(targets) == [(0,)]
    warehouse.add("targets", metric="churn", value=0.1)
    warehouse.derive()
    assert warehouse.rows(targets) == [(0,)]
    warehouse.add("targets", metric="weekly_active", value=0.8)
    warehouse.derive()
    reach = "select data_from, data_through from horizon where source = "
    assert warehouse.rows(f"{reach}'targets'") == warehouse.rows(f"{reach}'usage_days'")
