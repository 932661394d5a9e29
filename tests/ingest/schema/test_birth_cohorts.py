"""Who wrote which line: evidence about lines cuts births in pieces, by the line numbers of the commit that wrote them."""

from tests.conftest import Warehouse, sha

PIECES = """
    select landed_sha[:1], path, start_line, lines, cohort, meaningful from attributed_births order by landed_sha, start_line
"""


def test_a_note_decides_line_by_line_and_leaves_the_rest_unknown_whatever_a_trailer_says(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", evidence="ai")
    warehouse.born("a", 10, written=("a.py", 21))
    warehouse.noted("a", ai="21-23,30,90", human="25")
    warehouse.derive()

    assert warehouse.rows(PIECES) == [
        ("a", "a.py", 1, 3, "ai", 3),
        ("a", "a.py", 4, 1, "unknown", 1),
        ("a", "a.py", 5, 1, "human", 1),
        ("a", "a.py", 6, 4, "unknown", 4),
        ("a", "a.py", 10, 1, "ai", 1),
    ]
    assert warehouse.rows("select cohort, ai_share, born_lines from mainline_changes") == [("ai", 0.4, 10)]


def test_lines_are_told_by_where_the_commit_wrote_them_not_by_where_they_landed(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", is_merge=True)
    warehouse.commit("b", landed="a")
    warehouse.born("a", 4, by="b", written=("a.py", 8))
    warehouse.born("a", 4, by="b", written=("old.py", 8))
    warehouse.noted("b", ai="1-9")
    warehouse.derive()

    assert warehouse.rows("select written_path, lines, cohort from attributed_births order by all") == [
        ("a.py", 2, "ai"), ("a.py", 2, "unknown"), ("old.py", 4, "unknown"),
    ]  # fmt: skip


def test_a_note_that_attests_nothing_makes_the_commit_unknown_and_one_that_was_refused_says_nothing(
    warehouse: Warehouse,
) -> None:
    warehouse.repo()
    for letter, outcome in (("a", "read"), ("b", "refused")):
        warehouse.change(letter, "2026-11-02", evidence="ai")
        warehouse.born(letter)
        warehouse.noted(letter, outcome=outcome)
    warehouse.derive()

    assert warehouse.rows("select landed_sha[:1], cohort from attributed_births order by all") == [
        ("a", "unknown"), ("b", "ai"),
    ]  # fmt: skip


def test_lines_that_died_together_are_counted_in_the_cohort_each_was_born_in(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02")
    warehouse.change("b", "2026-11-09")
    run = warehouse.born("a", 10)
    warehouse.noted("a", ai="1-4")
    warehouse.died(run, 5, "b", after=2)
    warehouse.derive()

    fates = "select cohort, died_at is not null, lines from line_fates order by all"
    assert warehouse.rows(fates) == [("ai", False, 2), ("ai", True, 2), ("unknown", False, 3), ("unknown", True, 3)]


def test_what_landed_before_the_era_is_baseline_to_the_last_line(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2021-01-04")
    warehouse.born("a")
    warehouse.noted("a", ai="1-10")
    warehouse.derive()

    assert warehouse.rows("select cohort, lines from attributed_births") == [("baseline", 10)]


def test_where_everything_is_recorded_what_nothing_attests_is_human(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.add("attribution_complete", repo="shop", complete_since="2026-11-05")
    warehouse.change("a", "2026-11-02", authored_at="2026-11-02")
    for letter, evidence in (("b", ""), ("c", "ai"), ("d", "bot"), ("e", "assist"), ("f", "")):
        warehouse.change(letter, "2026-11-09", authored_at="2026-11-09", evidence=evidence)
    warehouse.change("g", "2026-11-09", authored_at="2026-11-04")  # written before that day
    for letter in "abcdefg":
        warehouse.born(letter)
    warehouse.noted("f", ai="1-4")
    warehouse.derive()

    assert warehouse.rows("select landed_sha[:1], cohort, lines from attributed_births order by all") == [
        ("a", "unknown", 10), ("b", "human", 10), ("c", "ai", 10), ("d", "bot", 10), ("e", "unknown", 10),
        ("f", "ai", 4), ("f", "human", 6), ("g", "unknown", 10),
    ]  # fmt: skip


def test_the_best_evidence_counts_the_nearest_then_the_surest(warehouse: Warehouse) -> None:
    warehouse.repo()
    for letter in "abc":
        warehouse.change(letter, "2026-11-02")
    for letter, class_, scope, confidence in (
        ("a", "ai", "commit", "inferred"), ("a", "human", "commit", "declared"),
        ("b", "ai", "pull_request", "declared"), ("b", "bot", "commit", "inferred"),
        ("c", "ai", "pull_request", "inferred"),
    ):  # fmt: skip
        warehouse.add("evidence", evidence=f"{letter}{class_}", repo="shop", sha=sha(letter), scope=scope, source="git",
                      confidence=confidence, rule="r", detail="", observed_at="2026-11-02", method_version="1",
                      **{"class": class_})  # fmt: skip
    warehouse.derive()

    assert warehouse.rows("select sha[:1], cohort, basis from commit_cohorts order by all") == [
        ("a", "human", "declared"), ("b", "bot", "inferred"), ("c", "ai", "inferred"),
    ]  # fmt: skip


def test_a_mark_on_a_pull_request_is_one_on_every_commit_that_came_with_it(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", is_merge=True)
    warehouse.commit("b", landed="a")
    warehouse.commit("c", landed="a", evidence="human")
    warehouse.add("evidence", evidence="x", repo="shop", sha=sha("a"), scope="pull_request", source="git",
                  confidence="inferred", rule="r", detail="", observed_at="2026-11-02", method_version="1",
                  **{"class": "ai"})  # fmt: skip
    warehouse.derive()

    assert warehouse.rows("select sha[:1], cohort from commit_cohorts order by all") == [
        ("a", "ai"), ("b", "ai"), ("c", "human"),
    ]  # fmt: skip


def test_a_bots_lines_stay_a_bots_whatever_a_note_leaves_out(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.people(None, "robot", is_bot=True)
    warehouse.change("a", "2026-11-02", evidence="bot")
    warehouse.change("b", "2026-11-02", "robot")
    for letter in "ab":
        warehouse.born(letter)
        warehouse.noted(letter)
    warehouse.derive()

    assert warehouse.rows("select cohort from attributed_births") == [("bot",), ("bot",)]
    assert warehouse.rows("select cohort from mainline_changes") == [("bot",), ("bot",)]


def test_nothing_is_human_by_absence_where_something_was_lost_assisted_or_written_by_a_bot(
    warehouse: Warehouse,
) -> None:
    warehouse.repo()
    warehouse.add("attribution_complete", repo="shop", complete_since="2026-11-01")
    for letter, evidence, outcome in (
        ("a", "assist", "read"), ("b", "bot", "read"), ("c", "", "refused"), ("d", "", "partly"), ("e", "", "read"),
    ):  # fmt: skip
        warehouse.change(letter, "2026-11-09", evidence=evidence, authored_at="2026-11-08")
        warehouse.born(letter)
        warehouse.noted(letter, outcome=outcome)
    warehouse.change("f", "2026-11-09", authored_at="2026-11-08")
    warehouse.noted("f", ai="1-10")
    warehouse.born("f")
    warehouse.con.execute("update line_births set written_path = null where sha like 'f%'")  # read by an older program
    warehouse.derive()

    assert warehouse.rows("select landed_sha[:1], cohort from attributed_births order by all") == [
        ("a", "unknown"), ("b", "bot"), ("c", "unknown"), ("d", "unknown"), ("e", "human"), ("f", "unknown"),
    ]  # fmt: skip


def test_a_trace_speaks_for_its_lines_alone_and_marks_for_the_rest(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", evidence="ai")
    warehouse.change("b", "2026-11-02")
    for letter in "ab":
        warehouse.born(letter)
        warehouse.noted(letter, human="1-2")
    warehouse.con.execute("delete from line_records")
    warehouse.derive()

    assert warehouse.rows("select landed_sha[:1], cohort, lines from attributed_births order by all") == [
        ("a", "ai", 8), ("a", "human", 2), ("b", "human", 2), ("b", "unknown", 8),
    ]  # fmt: skip


def test_a_line_that_comes_back_is_baseline_where_its_writer_is(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2021-01-04")
    warehouse.change("b", "2026-11-02")
    warehouse.born("a")
    warehouse.born("b", by="a", operation="restored")
    warehouse.noted("a", ai="1-5")
    warehouse.derive()

    assert warehouse.rows("select distinct cohort from attributed_births") == [("baseline",)]


def test_each_line_says_what_tells_about_it(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.add("attribution_complete", repo="shop", complete_since="2026-11-01")
    warehouse.change("a", "2026-11-09", authored_at="2026-11-08")
    warehouse.born("a", 10)
    warehouse.noted("a", ai="1-9")
    warehouse.con.execute("update evidence set confidence = 'declared', lines = '2-9'")
    warehouse.add("evidence", evidence="x", repo="shop", sha=sha("a"), path="a.py", lines="1", scope="line", source="git-ai",
                  confidence="recorded", rule="r", detail="", observed_at="2026-11-02", method_version="1",
                  **{"class": "ai"})  # fmt: skip
    warehouse.derive()

    assert warehouse.rows("select cohort, basis, lines from attributed_births order by start_line") == [
        ("ai", "recorded", 1), ("ai", "declared", 8), ("human", "declared", 1),
    ]  # fmt: skip
    assert warehouse.rows("select cohort, basis, changes, lines from coverage order by all") == [
        ("ai", "declared", 0, 8), ("ai", "recorded", 1, 1), ("human", "declared", 0, 1),
    ]  # fmt: skip
