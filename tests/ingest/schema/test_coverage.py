"""What kind of evidence tells who wrote what landed, change by change and line by line."""

from datetime import date

from tests.conftest import Warehouse

COVERAGE = "select cohort, basis, changes, lines from coverage order by all"


def test_every_change_is_counted_once_by_the_surest_evidence(warehouse: Warehouse) -> None:
    warehouse.repo()
    marked = (("a", "ai"), ("b", "human"), ("c", "bot"), ("d", ""), ("e", "assist"), ("f", "ai assist"))
    for letter, evidence in marked:
        warehouse.change(letter, "2026-11-02", evidence=evidence)
        warehouse.born(letter, 10)
    warehouse.change("1", "2026-11-02", evidence="ai", kind="bulk")
    warehouse.born("1", 1000)
    warehouse.change("2", "2020-11-02", evidence="ai")
    warehouse.people("core", "ann", "p1", "p2", "p3", "p4")
    warehouse.derive()

    assert warehouse.rows(COVERAGE) == [
        ("ai", "declared", 2, 20), ("baseline", "none", 1, 0), ("bot", "declared", 1, 10), ("human", "declared", 1, 10),
        ("unknown", "assist", 1, 10), ("unknown", "none", 1, 10),
    ]  # fmt: skip
    assert warehouse.rows("select distinct repo, team, week from coverage where cohort = 'ai'") == [
        ("shop", "core", date(2026, 11, 2))
    ]


def test_a_change_of_several_commits_goes_by_the_surest_that_agrees_with_it(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", is_merge=True)
    warehouse.commit("b", "a", evidence="ai")
    warehouse.con.execute("update evidence set confidence = 'inferred'")
    warehouse.commit("c", "a", evidence="ai")
    warehouse.commit("d", "a", evidence="assist")
    for writer, lines in (("b", 1), ("c", 10), ("d", 100)):
        warehouse.born("a", lines, by=writer)
    warehouse.derive()

    # The change is what its surest AI commit says; each line goes by its own commit.
    assert warehouse.rows(COVERAGE) == [
        ("ai", "declared", 1, 10), ("ai", "inferred", 0, 1), ("unknown", "assist", 0, 100)
    ]  # fmt: skip


def test_lines_that_a_note_does_not_speak_of_are_unknown(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", evidence="ai")
    warehouse.born("a", 10)
    warehouse.noted("a", ai="1-4", human="5-6")
    warehouse.derive()

    assert warehouse.rows(COVERAGE) == [
        ("ai", "recorded", 1, 4), ("human", "recorded", 0, 2), ("unknown", "none", 0, 4)
    ]  # fmt: skip


def test_a_repository_declared_complete_is_declared_human(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.add("attribution_complete", repo="shop", complete_since=date(2026, 1, 1))
    warehouse.change("a", "2026-11-02")
    warehouse.born("a", 10)
    warehouse.born("a", 5, role="docs")
    warehouse.born("a", 5, line_kind="comment")
    warehouse.born("a", 5, operation="restored")
    warehouse.derive()

    assert warehouse.rows(COVERAGE) == [("human", "declared", 1, 10)]


def test_only_what_changed_is_read_again_and_what_is_gone_goes(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.repo("web", "/src/acme/web")
    warehouse.change("a", "2026-11-02")
    warehouse.change("b", "2026-11-02", repo="web")
    warehouse.derive()
    warehouse.con.execute("delete from repos where repo = 'web'")
    warehouse.change("c", "2026-11-02", evidence="ai")
    warehouse.derive("shop")

    assert warehouse.rows("select repo, landed_sha[1], cohort, basis from change_evidence order by all") == [
        ("shop", "a", "unknown", "none"), ("shop", "c", "ai", "declared")
    ]  # fmt: skip
