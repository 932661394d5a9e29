"""The owners' area and the services of every path that was ever changed, by the lines that say so now."""

import hashlib
from collections.abc import Sequence

import duckdb

from ingest import warehouse
from ingest.git import owners


def mark(con: duckdb.DuckDBPyConnection) -> None:
    """Bring `path_areas` up to `owners`, `service_paths` and the paths of `changes`; what stands is not looked at again."""
    con.execute("begin")
    con.execute("delete from path_areas where repo not in (select repo from repos)")
    for (repo,) in con.execute("select repo from repos order by repo").fetchall():
        _mark(con, repo)
    con.execute("commit")


def _mark(con: duckdb.DuckDBPyConnection, repo: str) -> None:
    rules = _rules(con, repo)
    services = con.execute(
        "select pattern, service from service_paths where repo = ? order by pattern", [repo]
    ).fetchall()
    digest = hashlib.sha256(repr((rules, services)).encode()).hexdigest()
    con.execute("delete from path_areas where repo = ? and rules != ?", [repo, digest])
    if not rules and not services:
        return
    new = con.execute(
        "select distinct path from changes where repo = $repo except select path from path_areas where repo = $repo",
        {"repo": repo},
    ).fetchall()
    paths = [path for (path,) in new]
    warehouse.load(con, "path_areas", (
        (repo, path, area, lying, digest)
        for (path, area), lying in zip(owners.owned(rules, paths), _lying(services, paths), strict=True)
    ))  # fmt: skip


def _rules(con: duckdb.DuckDBPyConnection, repo: str) -> list[owners.Rule]:
    found = con.execute(
        "select line, section, pattern, owners from owners where repo = ? order by line", [repo]
    ).fetchall()
    return [owners.Rule(line, section, pattern, tuple(named)) for line, section, pattern, named in found]


def _lying(services: Sequence[tuple[str, str]], paths: Sequence[str]) -> list[list[str]]:
    """The services that lie at each path: what several share is of all of them."""
    fitting = [(owners.regex(pattern), service) for pattern, service in services]
    return [sorted({service for fits, service in fitting if fits.fullmatch(path.encode())}) for path in paths]
