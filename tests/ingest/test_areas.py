from ingest import areas
from tests.conftest import Warehouse, sha

AREAS = "select path, area, services from path_areas order by path"


def changed(warehouse: Warehouse, *paths: str) -> None:
    for number, path in enumerate(paths):
        warehouse.add("changes", repo="shop", sha=sha("a"), file=number, path=path, status="modified", role="source")


def owns(warehouse: Warehouse, line: int, pattern: str, *owners: str) -> None:
    warehouse.add("owners", repo="shop", file="CODEOWNERS", line=line, section="", pattern=pattern, owners=list(owners))


def test_every_path_that_was_changed_has_its_area_and_its_services(warehouse: Warehouse) -> None:
    warehouse.repo()
    changed(warehouse, "api/a.py", "web/b.py", "common/c.py", "d.py")
    owns(warehouse, 1, "/web/", "@acme/web")
    owns(warehouse, 2, "/api/", "@acme/web", "@acme/api")
    for pattern, service in (("/api/", "api"), ("/common/**", "api"), ("/web/", "web"), ("common/", "web")):
        warehouse.add("service_paths", repo="shop", pattern=pattern, service=service)

    areas.mark(warehouse.con)

    assert warehouse.rows(AREAS) == [
        ("api/a.py", "@acme/api @acme/web", ["api"]),
        ("common/c.py", None, ["api", "web"]),
        ("d.py", None, []),
        ("web/b.py", "@acme/web", ["web"]),
    ]


def test_what_stands_stays_until_a_line_is_another(warehouse: Warehouse) -> None:
    warehouse.repo()
    changed(warehouse, "a.py")
    owns(warehouse, 1, "*", "@acme/all")
    areas.mark(warehouse.con)
    warehouse.con.execute("update path_areas set area = 'as it was'")
    changed(warehouse, "b.py")

    areas.mark(warehouse.con)
    assert warehouse.rows(AREAS) == [("a.py", "as it was", []), ("b.py", "@acme/all", [])]

    owns(warehouse, 2, "b.py", "@acme/b")
    areas.mark(warehouse.con)
    assert warehouse.rows(AREAS) == [("a.py", "@acme/all", []), ("b.py", "@acme/b", [])]

    warehouse.con.execute("delete from owners")
    areas.mark(warehouse.con)
    assert warehouse.rows(AREAS) == []
