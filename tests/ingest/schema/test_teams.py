from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Warehouse, migrated, sha

SHOWN = "select team, people, shown_team from team_weeks order by people, team"


def staffed(warehouse: Warehouse, sizes: dict[str, int]) -> None:
    """One change by the first of each team in the week of 2026-11-02; the unassigned are known by their changes alone."""
    warehouse.repo()
    for number, (team, people) in enumerate(sizes.items()):
        persons = [f"{team}{number}" for number in range(people)]
        if team != "unassigned":
            warehouse.people(team, *persons)
        for index, person in enumerate(persons[: None if team == "unassigned" else 1]):
            warehouse.change(f"{number}{index}", "2026-11-04", person)


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ({"a": 5, "b": 9}, {"a": "a", "b": "b"}),
        ({"a": 4}, {"a": "suppressed"}),
        ({"a": 2, "b": 2}, {"a": "suppressed", "b": "suppressed"}),
        ({"a": 2, "b": 3}, {"a": "small teams", "b": "small teams"}),
        ({"a": 2, "b": 7, "c": 9}, {"a": "small teams", "b": "small teams", "c": "c"}),
        ({"a": 2, "b": 4, "c": 9}, {"a": "small teams", "b": "small teams", "c": "c"}),
        ({"a": 2, "b": 2, "c": 9, "d": 10}, {"a": "small teams", "b": "small teams", "c": "small teams", "d": "d"}),
        ({"unassigned": 6, "a": 5}, {"unassigned": "unassigned", "a": "a"}),
        ({"unassigned": 2, "a": 5, "b": 6}, {"unassigned": "small teams", "a": "small teams", "b": "b"}),
    ],
)
def test_small_teams_are_shown_together(warehouse: Warehouse, sizes: dict[str, int], shown: dict[str, str]) -> None:
    staffed(warehouse, sizes)
    warehouse.derive()
    rows = warehouse.rows(SHOWN)
    assert {team: label for team, _, label in rows} == shown
    assert {team: people for team, people, _ in rows} == sizes
    assert {team for (team,) in warehouse.rows("select team from landed_changes")} == set(shown.values())


@settings(max_examples=12, deadline=None)
@given(sizes=st.dictionaries(st.sampled_from("abcdefg"), st.integers(1, 9), min_size=1), minimum=st.integers(1, 8))
def test_no_group_that_is_too_small_can_be_seen_or_told_from_the_others(sizes: dict[str, int], minimum: int) -> None:
    with migrated() as con:
        made = Warehouse(con)
        made.add("privacy", minimum_group=minimum)
        made.add("attribution_declarations", ai_era_starts=date(2021, 6, 29))
        staffed(made, sizes)
        made.derive()
        rows = made.rows(SHOWN)
    groups: dict[str, list[int]] = {}
    for _, people, shown in rows:
        groups.setdefault(str(shown), []).append(int(str(people)))
    hidden = groups.pop("suppressed", [])
    assert all(sum(people) >= minimum for people in groups.values())
    # All minus what is shown is either nothing, or everything there is.
    assert not hidden or not groups
    assert len(rows) == len(sizes)


def test_in_each_week_as_many_count_as_were_there(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-04", "p0")
    warehouse.change("b", "2026-11-11", "p0")
    warehouse.people("core", "p0", "p1", "p2", "p3")
    warehouse.people("core", "p4", since="2026-11-09")
    warehouse.derive()
    query = "select week, team, landed_sha[:1] from landed_changes order by week"
    assert warehouse.rows(query) == [(date(2026, 11, 2), "suppressed", "a"), (date(2026, 11, 9), "core", "b")]


def test_a_team_that_is_shown_otherwise_from_now_on_is_so_in_repositories_that_did_not_change(
    warehouse: Warehouse,
) -> None:
    warehouse.repo()
    warehouse.people("core", *(f"p{number}" for number in range(5)))
    warehouse.change("a", "2026-11-04", "p0")
    warehouse.born("a")
    shown = "select landed_changes.team, line_sums.team from landed_changes join line_sums using (repo, landed_sha)"

    warehouse.derive()
    assert warehouse.rows(shown) == [("core", "core")]

    warehouse.con.execute("update privacy set minimum_group = 6")
    warehouse.derive("another")
    assert warehouse.rows(shown) == [("suppressed", "suppressed")]

    warehouse.con.execute("update privacy set minimum_group = 5")
    warehouse.derive("another")
    assert warehouse.rows(shown) == [("core", "core")]


def test_bots_make_no_group_larger(warehouse: Warehouse) -> None:
    warehouse.repo()
    for number in range(4):
        warehouse.change(f"{number}", "2026-11-04", f"p{number}")
    warehouse.change("b", "2026-11-04", "robot", evidence="bot")
    warehouse.derive()
    assert warehouse.rows(SHOWN) == [("unassigned", 4, "suppressed")]


def test_a_revert_names_what_it_takes_back_by_sha_abbreviation_or_pull_request(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02")
    warehouse.change("abcdef1", "2026-11-03")
    warehouse.change("c", "2026-11-03", request=12)
    warehouse.change("d", "2026-11-04", reverts=[sha("a")])
    warehouse.change("e", "2026-11-05", reverts=["abcdef1"])
    warehouse.change("f", "2026-11-06", reverts=["#12"])
    warehouse.derive()
    query = "select landed_sha, reverted_at::date, revert_sha from reverted_changes order by reverted_at"
    assert warehouse.rows(query) == [
        (sha("a"), date(2026, 11, 4), sha("d")),
        (sha("abcdef1"), date(2026, 11, 5), sha("e")),
        (sha("c"), date(2026, 11, 6), sha("f")),
    ]


def test_a_revert_that_quotes_a_title_takes_back_the_last_change_that_bore_it(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", subject="Add retry (#1)")
    warehouse.change("b", "2026-11-03", subject="Add retry (#2)")
    warehouse.change("c", "2026-11-03", subject="Add retry later (#3)")
    warehouse.change("d", "2026-11-04", subject='Revert "Add retry" (#4)', reverts=["=Add retry"])
    warehouse.change("e", "2026-11-05", subject="Add retry (#5)")
    warehouse.change("f", "2026-11-06", subject='Revert "Gone" (#6)', reverts=["=Gone"])
    warehouse.derive()
    assert warehouse.rows("select landed_sha[:1], revert_sha[:1] from reverted_changes") == [("b", "d")]


def test_a_revert_of_a_branch_commit_takes_back_the_change_that_landed_it(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", is_merge=True)
    warehouse.commit("a1", landed="a")
    warehouse.change("b", "2026-11-03", is_merge=True)
    warehouse.commit("b1", landed="b", reverts=[sha("a1")])
    warehouse.commit("b2", landed="b", reverts=[sha("a1"), "a100000"])
    warehouse.derive()
    query = "select landed_sha[:1], revert_sha[:1] from reverted_changes"
    assert warehouse.rows(query) == [("a", "b")]


def test_an_abbreviation_named_twice_in_one_change_counts(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("abcdef1", "2026-11-02")
    warehouse.change("b", "2026-11-03", is_merge=True)
    warehouse.commit("b1", landed="b", reverts=["abcdef1"])
    warehouse.commit("b2", landed="b", reverts=["abcdef1"])
    warehouse.derive()
    assert warehouse.rows("select landed_sha[:7], revert_sha[:1] from reverted_changes") == [("abcdef1", "b")]


def test_the_first_revert_counts(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02")
    warehouse.change("b", "2026-11-03", reverts=[sha("a")])
    warehouse.change("c", "2026-11-04", reverts=[sha("a")])
    warehouse.derive()
    assert warehouse.rows("select landed_sha[:1], revert_sha[:1] from reverted_changes") == [("a", "b")]


def test_what_is_no_revert_of_something_that_landed_before_is_none(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.repo("web", "/src/web")
    warehouse.change("a", "2026-11-02", is_merge=True, request=12)
    warehouse.commit("a1", landed="a")
    warehouse.commit("a2", landed="a", reverts=[sha("a1")])  # inside one change
    warehouse.change("abcdef11", "2026-11-03", reverts=["abcdef1", "#99", sha("9")])  # nothing of that name but itself
    warehouse.change("abcdef12", "2026-11-03")
    warehouse.change("b", "2026-11-04", reverts=["abcdef1"])  # two commits begin so
    warehouse.change("c", "2026-11-04", repo="web", reverts=[sha("a"), "#12"])  # another repository's
    warehouse.derive()
    assert warehouse.rows("select * from reverted_changes") == []
