import pytest

from tests.conftest import Warehouse

COHORTS = "select landed_sha[:1], cohort from mainline_changes order by mainline_no"


def test_a_change_takes_its_cohort_from_the_evidence_on_its_commits(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02")
    warehouse.change("b", "2026-11-02", evidence="ai")
    warehouse.change("c", "2026-11-02", evidence="bot")
    warehouse.change("d", "2026-11-02", evidence="human")
    warehouse.change("e", "2026-11-02", evidence="assist")
    warehouse.change("f", "2026-11-02", evidence="human ai bot")
    warehouse.derive()
    assert warehouse.rows(COHORTS) == [
        ("a", "unknown"), ("b", "ai"), ("c", "bot"), ("d", "human"), ("e", "unknown"), ("f", "ai"),
    ]  # fmt: skip


def test_what_landed_before_the_era_is_baseline_whatever_is_said_of_it(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2021-06-28T23:59:59", evidence="ai")
    warehouse.change("b", "2021-06-29", evidence="ai")
    warehouse.derive()
    assert warehouse.rows(COHORTS) == [("a", "baseline"), ("b", "ai")]


def test_one_ai_commit_makes_a_change_ai_and_its_share_is_that_of_its_lines(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", is_merge=True, added=0)
    warehouse.commit("a1", landed="a", added=30, evidence="ai")
    warehouse.commit("a2", landed="a", added=10)
    warehouse.born("a", 30, by="a1")
    warehouse.born("a", 10, by="a2")
    warehouse.change("b", "2026-11-02", added=0, deleted=5, evidence="ai")
    warehouse.derive()
    query = (
        "select landed_sha[:1], cohort, ai_share, commits, added, deleted from mainline_changes order by mainline_no"
    )
    assert warehouse.rows(query) == [("a", "ai", 0.75, 2, 40, 0), ("b", "ai", None, 1, 0, 5)]


def test_a_change_is_a_bots_or_a_humans_only_when_all_of_it_is(warehouse: Warehouse) -> None:
    warehouse.repo()
    for begins, other in (("a", "bot"), ("b", ""), ("c", "human")):
        warehouse.change(begins, "2026-11-02", is_merge=True, added=0)
        warehouse.commit(f"{begins}1", landed=begins, evidence="bot")
        warehouse.commit(f"{begins}2", landed=begins, evidence=other)
    warehouse.derive()
    assert warehouse.rows(COHORTS) == [("a", "bot"), ("b", "unknown"), ("c", "unknown")]


def test_who_the_roster_calls_a_bot_is_one_unless_its_commit_is_marked(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.people(None, "robot", is_bot=True)
    warehouse.add("identities", kind="email", identity_hash="x1", person="robot")
    warehouse.change("a", "2026-11-02", "x1")
    warehouse.change("b", "2026-11-02", "x1", evidence="ai")
    warehouse.derive()
    assert warehouse.rows(COHORTS) == [("a", "bot"), ("b", "ai")]


def test_a_change_belongs_to_the_author_of_most_of_its_lines(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.add("identities", kind="email", identity_hash="ann2", person="ann")
    warehouse.change("a", "2026-11-02", "bob", is_merge=True, added=0)
    warehouse.commit("a1", landed="a", author="ann", added=30)
    warehouse.commit("a2", landed="a", author="ann2", added=30)
    warehouse.commit("a3", landed="a", author="bob", added=50)
    warehouse.derive()
    assert warehouse.rows("select person from mainline_changes") == [("ann",)]


def test_where_two_wrote_as_much_the_first_to_commit_has_it(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", "cid", is_merge=True, added=0)
    warehouse.commit("a1", landed="a", author="bob", at="2026-11-02T08:00", added=5)
    warehouse.commit("a2", landed="a", author="ann", at="2026-11-02T09:00", added=5)
    warehouse.derive()
    assert warehouse.rows("select person from mainline_changes") == [("bob",)]


def test_a_merge_that_brings_nothing_speaks_for_itself(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", "bob", is_merge=True, added=0)
    warehouse.derive()
    query = "select person, cohort, commits, files, added, deleted, size_band from mainline_changes"
    assert warehouse.rows(query) == [("bob", "unknown", 1, 0, 0, 0, "up to 10 lines")]


@pytest.mark.parametrize(
    ("added", "deleted", "band"),
    [
        (10, 0, "up to 10 lines"), (6, 5, "11 to 50 lines"), (50, 0, "11 to 50 lines"), (51, 0, "51 to 250 lines"),
        (0, 250, "51 to 250 lines"), (251, 0, "over 250 lines"),
    ],
)  # fmt: skip
def test_size_bands(warehouse: Warehouse, added: int, deleted: int, band: str) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", added=added, deleted=deleted)
    warehouse.derive()
    assert warehouse.rows("select size_band from mainline_changes") == [(band,)]


def test_what_could_not_be_read_has_no_size_and_no_share(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", evidence="ai", unread="unable to read 12ab")
    warehouse.derive()
    assert warehouse.rows("select cohort, ai_share, size_band from mainline_changes") == [("ai", None, "size unknown")]


def test_imports_and_the_boundary_of_a_shallow_clone_are_bulk(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", is_boundary=True)
    warehouse.change("b", "2026-11-02", kind="bulk")
    warehouse.change("c", "2026-11-02")
    warehouse.derive()
    assert warehouse.rows("select is_bulk from mainline_changes order by mainline_no") == [(True,), (True,), (False,)]


def test_only_what_changed_is_built_anew_and_what_is_gone_goes(warehouse: Warehouse) -> None:
    for repo in ("shop", "web", "old"):
        warehouse.repo(repo, f"/src/{repo}")
        warehouse.change("a", "2026-11-02", repo=repo)
    warehouse.derive()
    warehouse.con.execute("update commits set subject = 'Another'")
    for table in ("repos", "commits", "mainline", "changes"):
        warehouse.con.execute(f"delete from {table} where repo = 'old'")
    warehouse.derive("shop")
    query = "select repo, subject from mainline_changes order by repo"
    assert warehouse.rows(query) == [("shop", "Another"), ("web", "Change a")]
