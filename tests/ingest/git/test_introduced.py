"""From a SARIF file beside a real repository to the change that introduced a finding."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from ingest import run, warehouse
from ingest.git import introduced
from ingest.run import Outcome
from ingest.settings import Drop, Organisation, Repository, Settings, Sources
from tests.conftest import GitRepository

Make = Callable[..., GitRepository]
TOTAL = [f"line_{number} = compute_the_value_of({number}, 'something')" for number in range(20)]


class Site:
    """A repository, a drop folder, and what an ingest makes of them."""

    def __init__(self, shop: GitRepository) -> None:
        self.folder, self.shop = shop.path.parent, shop
        (self.folder / "drop").mkdir()
        self.repository = Repository("shop", str(shop.path))

    def ingest(self) -> list[Outcome]:
        settings = Settings(
            Organisation("Acme", self.folder / "data"), (self.repository,), Sources(Drop(self.folder / "drop")),
            file=self.folder / "settings.toml",
        )  # fmt: skip
        outcomes = run.ingest(settings, [].append)
        assert [each for each in outcomes if each.outcome == "failed"] == []
        return [each for each in outcomes if each.source == introduced.SOURCE]

    def scan(self, sha: str, at: str, *places: tuple[str, int]) -> None:
        results = [
            {
                "ruleId": "R1",
                "message": {"text": ""},
                "locations": [{"physicalLocation": {"artifactLocation": {"uri": p}, "region": {"startLine": n}}}],
            }
            for p, n in places
        ]
        invocations = [{"executionSuccessful": True, "endTimeUtc": at}]
        one = {"tool": {"driver": {"name": "Guard"}}, "invocations": invocations, "results": results}
        text = json.dumps({"version": "2.1.0", "runs": [one]})
        (self.folder / "drop" / f"findings-shop-{sha}-{at[:10]}.sarif").write_text(text)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        generation = warehouse.current(self.folder / "data" / "warehouse")
        with duckdb.connect(generation, read_only=True) as con:  # type: ignore[arg-type]
            return con.execute(query).fetchall()

    def introduced(self) -> list[tuple[object, ...]]:
        return self.rows("select path, line, introduced_sha, landed_sha from findings order by path, line")


@pytest.fixture
def site(git_repository: Make) -> Site:
    return Site(git_repository())


def text(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def test_a_finding_is_of_the_commit_that_wrote_its_line_and_the_change_that_landed_it(site: Site) -> None:
    shop = site.shop
    first = shop.commit(files={"a.py": text(*TOTAL[:5])})
    shop.git("checkout", "-q", "-b", "work")
    work = shop.commit(files={"a.py": text(*TOTAL[:5], "added = on_a_branch()")})
    shop.git("checkout", "-q", "main")
    merge = shop.merge("work")
    site.scan(merge, "2026-01-06T09:00:00Z", ("a.py", 2), ("a.py", 6))
    (outcome,) = site.ingest()
    assert (outcome.rows, outcome.scope) == (2, "shop")
    assert site.introduced() == [("a.py", 2, first, first), ("a.py", 6, work, merge)]


def test_a_moved_line_stays_of_whoever_wrote_it_across_files(site: Site) -> None:
    shop = site.shop
    first = shop.commit(files={"a.py": text(*TOTAL)})
    head = shop.commit(files={"a.py": text(*TOTAL[:10]), "b.py": text(*TOTAL[10:], "new = line()")})
    site.scan(first, "2026-01-05T12:00:00Z", ("a.py", 15))
    site.scan(head, "2026-01-06T12:00:00Z", ("b.py", 5), ("b.py", 11))
    site.ingest()
    assert site.introduced() == [("b.py", 5, first, first), ("b.py", 11, head, head)]


def test_each_finding_is_asked_about_once(site: Site) -> None:
    shop = site.shop
    first = shop.commit(files={"a.py": text(*TOTAL)})
    site.scan(first, "2026-01-05T12:00:00Z", ("a.py", 3))
    assert [each.rows for each in site.ingest()] == [1]
    assert [each.outcome for each in site.ingest()] == ["unchanged"]
    second = shop.commit(files={"a.py": text("up = 1", *TOTAL)})
    site.scan(second, "2026-01-06T12:00:00Z", ("a.py", 4), ("a.py", 1))
    assert [each.rows for each in site.ingest()] == [2]
    # On another line, without a snippet, it looks like another one; the ledger knows that it is not.
    assert site.introduced() == [("a.py", 1, second, second), ("a.py", 4, first, first)]


def test_after_a_rewritten_history_it_is_asked_about_again(site: Site) -> None:
    shop = site.shop
    gone = shop.commit(files={"a.py": text(*TOTAL)})
    site.scan(gone, "2026-01-05T12:00:00Z", ("a.py", 3))
    site.ingest()
    shop.git("commit", "--quiet", "--amend", "--message", "Another one")
    head = shop.git("rev-parse", "HEAD")
    site.scan(head, "2026-01-06T12:00:00Z", ("a.py", 3))
    site.ingest()
    assert site.introduced() == [("a.py", 3, head, head)]
    assert site.rows("select distinct sha from finding_origins") == [(head,)]
    assert (
        "Guard",
        "1 scan is of no state of a branch that is measured, and was not counted. Scan the branch itself.",
    ) in site.rows("select file, reason from rejects")


def test_what_cannot_be_told_is_kept_with_the_reason(site: Site) -> None:
    shop = site.shop
    head = shop.commit(files={"a.py": text(*TOTAL), "x/b.py": "", "y/b.py": ""})
    site.scan(head, "2026-01-05T12:00:00Z", ("a.py", 99), ("gone.py", 1), ("b.py", 1), ("a.py", 1))
    site.ingest()
    assert site.introduced() == [
        ("a.py", 1, head, head),
        ("a.py", 99, None, None),
        ("b.py", 1, None, None),
        ("gone.py", 1, None, None),
    ]
    none = "for no change: the commit that was scanned has no such"
    assert site.rows("select file, reason from rejects where source = 'origins of findings' order by all") == [
        ("shop", f"1 finding counts {none} line; one is a.py:99."),
        ("shop", f"2 findings count {none} file, or several of that name; one is b.py:1."),
    ]


def test_where_a_shallow_clone_begins_nobody_knows_who_wrote_a_line(site: Site, tmp_path: Path) -> None:
    site.shop.commit(files={"a.py": text(*TOTAL)})
    site.shop.commit(files={"a.py": text(*TOTAL, "b = 2")})
    head = site.shop.commit(files={"a.py": text(*TOTAL, "b = 2", "c = 3")})
    clone = ["git", "clone", "--quiet", "--depth=2", f"file://{site.shop.path}", "clone"]
    subprocess.run(clone, cwd=tmp_path, check=True)
    site.repository = Repository("shop", str(tmp_path / "clone"))
    site.scan(head, "2026-01-05T12:00:00Z", ("a.py", 3), ("a.py", 22))
    site.ingest()
    assert site.introduced() == [("a.py", 3, None, None), ("a.py", 22, head, head)]


def test_a_repository_that_is_taken_out_of_the_settings_takes_its_origins_along(site: Site) -> None:
    head = site.shop.commit(files={"a.py": text(*TOTAL)})
    site.scan(head, "2026-01-05T12:00:00Z", ("a.py", 3))
    site.ingest()
    site.repository = Repository("other", str(site.shop.path))
    site.ingest()
    assert site.rows("select repo, sha from finding_origins") == [("other", head)]
