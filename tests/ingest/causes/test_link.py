"""From incident to cause, each method on rows in sight, and which of them counts."""

import pytest

from ingest.causes import deployment_window, fixes, link, manual
from tests.conftest import Warehouse, sha

USED = """
    select incident[6:], landed_sha[:1], deployment[6:], method, confidence, share from caused_incidents
    order by incident, landed_sha nulls last, deployment
"""
LINKS = "select incident[6:], sha[:1], deployment[6:], detail from incident_causes where method = '{}' order by all"
BEGAN = "2026-11-04 12:00"


def shop(warehouse: Warehouse) -> None:
    """Four changes a day apart; a is pull request 11."""
    warehouse.repo()
    warehouse.add("services", service="api", repo="shop")
    for number, letter in enumerate("abcd"):
        warehouse.change(letter, f"2026-11-0{number + 1}", request=11 + number)


def fixed(warehouse: Warehouse, begins: str = "f", at: str = "2026-11-04 13:00", **commit: object) -> None:
    """A change that says it ends the incident 1."""
    warehouse.change(begins, at, **{"issues": ["INC-1"], "kind": "fix", **commit})  # type: ignore[arg-type]


def by_hand(warehouse: Warehouse, incident: str, kind: str, value: str = "", line: int = 2, **values: object) -> None:
    row: dict[str, object] = {"repo": None, "note": None, "file": "causes.csv"} | values
    warehouse.add("manual_causes", incident=incident, kind=kind, value=value, line=line, **row)


def links(warehouse: Warehouse, method: str) -> list[tuple[object, ...]]:
    link.link(warehouse.con)
    return warehouse.rows(LINKS.format(method))


def used(warehouse: Warehouse) -> list[tuple[object, ...]]:
    warehouse.derive()
    return warehouse.rows(USED)


# Fixes.


def fixes_of(warehouse: Warehouse) -> list[tuple[object, ...]]:
    fixes.write(warehouse.con)
    return warehouse.rows("select incident[6:], sha.rtrim('0'), detail from incident_fixes order by all")


def test_a_fix_names_the_incident_by_id_or_address(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.incident("INC-1", BEGAN, url="https://x.example.com/1")
    fixed(warehouse, "f1")
    fixed(warehouse, "f2", issues=["https://x.example.com/1"])
    fixed(warehouse, "f3", issues=["INC-2", "#1"])
    assert fixes_of(warehouse) == [
        ("INC-1", "f1", "its message names INC-1"), ("INC-1", "f2", "its message names https://x.example.com/1"),
    ]  # fmt: skip


def test_what_landed_before_an_incident_began_did_not_repair_it(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.incident("INC-1", BEGAN)
    fixed(warehouse, at="2026-11-04 11:59")
    assert fixes_of(warehouse) == []


def test_an_id_that_two_incidents_have_or_that_is_a_mere_number_names_none(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.incident("INC-1", BEGAN)
    warehouse.add("incidents", incident="pager:INC-1", source="pager", started_at=BEGAN, detected_at=BEGAN)
    warehouse.incident("7", BEGAN)
    fixed(warehouse, issues=["INC-1", "#7", "7"])
    assert fixes_of(warehouse) == []


def test_a_merge_that_names_it_speaks_for_what_it_brought(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.incident("INC-1", BEGAN)
    fixed(warehouse, "f", is_merge=True)
    warehouse.commit("f1", landed="f")
    warehouse.commit("f2", landed="f")
    assert [row[:2] for row in fixes_of(warehouse)] == [("INC-1", "f1"), ("INC-1", "f2")]


def test_an_incident_names_its_fix(warehouse: Warehouse) -> None:
    shop(warehouse)
    fixed(warehouse, "f", issues=[], request=20, is_merge=True)
    warehouse.commit("f1", landed="f")
    warehouse.commit("f2", landed="f")
    for incident, kind, value in (("1", "sha", sha("f2")), ("2", "pull_request", "20"), ("3", "sha", "9999999")):
        warehouse.incident(incident, BEGAN)
        warehouse.add("incident_references", incident=f"drop:{incident}", source="drop", repo="shop", kind=kind,
                      value=value, says="fix")  # fmt: skip
    assert fixes_of(warehouse) == [
        ("1", "f2", f"the incident names its fix, sha {sha('f2')}"),
        ("2", "f1", "the incident names its fix, pull_request 20"),
        ("2", "f2", "the incident names its fix, pull_request 20"),
    ]
    assert links(warehouse, "explicit") == []


# Each method.


def test_a_post_mortem_and_a_fix_name_causes_too(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.incident("INC-1", BEGAN)
    warehouse.incident("INC-2", BEGAN)
    warehouse.add("incident_references", incident="drop:INC-2", source="drop", repo="shop", kind="pull_request", value="12",
                  named_in="post-mortem")  # fmt: skip
    fixed(warehouse, blames=["a000000", "#13", "9999999", "#99"])
    assert links(warehouse, "explicit") == [
        ("INC-1", "a", None, "the fix f00000000000 names sha a000000"),
        ("INC-1", "c", None, "the fix f00000000000 names pull_request 13"),
        ("INC-2", "b", None, "the post-mortem names pull_request 12"),
    ]


def test_what_the_fix_takes_back_was_the_cause(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.incident("INC-1", BEGAN)
    warehouse.incident("INC-2", BEGAN)
    fixed(warehouse, kind="revert", reverts=[sha("b")])
    warehouse.change("e", "2026-11-05", kind="revert", reverts=[sha("c")])  # for no incident
    assert links(warehouse, "revert") == [("INC-1", "b", None, "its fix f00000000000 takes it back")]
    assert used(warehouse) == [("INC-1", "b", None, "revert", "declared", 1.0)]


def test_what_is_taken_back_but_landed_after_the_incident_began_takes_no_share(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.incident("INC-1", BEGAN)
    warehouse.change("e", "2026-11-04 12:01")
    fixed(warehouse, kind="revert", reverts=[sha("b"), sha("e")])
    assert links(warehouse, "revert") == [("INC-1", "b", None, "its fix f00000000000 takes it back")]
    assert warehouse.rows("select share from incident_causes") == [(1.0,)]


def test_what_was_taken_back_within_one_change_never_landed(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.incident("INC-1", BEGAN)
    fixed(warehouse, "f", is_merge=True)
    warehouse.commit("f1", landed="f")
    warehouse.commit("f2", landed="f", reverts=[sha("f1")], issues=["INC-1"])
    assert links(warehouse, "revert") == []


def test_the_last_deployment_of_the_service_within_the_window(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.deployment("1", sha("a"), "2026-11-04 09:00")
    warehouse.deployment("2", sha("b"), "2026-11-04 10:00", status="rollback")
    warehouse.deployment("failed", sha("c"), "2026-11-04 11:00", status="failure")
    warehouse.deployment("staging", sha("c"), "2026-11-04 11:00", is_production=False)
    warehouse.deployment("web", sha("c"), "2026-11-04 11:00", service="web")
    warehouse.deployment("after", sha("d"), "2026-11-04 12:01")
    warehouse.incident("1", BEGAN, service="api")
    warehouse.incident("2", "2026-11-04 09:00", service="api")
    warehouse.incident("3", "2026-11-06 12:01", service="api")  # a day after the last, to the minute
    warehouse.incident("4", BEGAN, service="billing")
    warehouse.incident("5", BEGAN)  # of a repository from which two services were deployed
    warehouse.incident("6", "2026-11-04 10:30")  # and from which one was
    warehouse.incident("7", BEGAN, service="api", is_change_caused=False)
    assert links(warehouse, "deployment_window") == [
        ("1", None, "2", "the last one of its service, 120 minutes before it began"),
        ("2", None, "1", "the last one of its service, 0 minutes before it began"),
        ("6", None, "2", "the last one of its service, 30 minutes before it began"),
    ]


@pytest.mark.parametrize(("hours", "found"), [(0, []), (2, []), (3, ["1"])])
def test_the_window_is_a_setting(warehouse: Warehouse, hours: int, found: list[str]) -> None:
    shop(warehouse)
    warehouse.add("cause_windows", deployment_hours=hours)
    warehouse.deployment("1", sha("a"), "2026-11-04 10:00")
    warehouse.incident("1", BEGAN, service="api")
    link.resolve(warehouse.con)
    deployment_window.link(warehouse.con)
    assert [row[2] for row in warehouse.rows(LINKS.format("deployment_window"))] == found


# By hand.


def test_by_hand_a_commit_a_pull_request_or_a_deployment(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.deployment("9", sha("d"), "2026-11-04 10:00")
    for number in "123":
        warehouse.incident(number, BEGAN)
    by_hand(warehouse, "drop:1", "sha", "a000000")
    by_hand(warehouse, "1", "sha", "b000000")
    by_hand(warehouse, "2", "pull_request", "13")
    by_hand(warehouse, "3", "deployment", "9")
    assert links(warehouse, "manual") == [
        ("1", "a", None, "written down by hand: sha a000000"), ("1", "b", None, "written down by hand: sha b000000"),
        ("2", "c", None, "written down by hand: pull_request 13"), ("3", None, "9", "written down by hand: deployment 9"),
    ]  # fmt: skip
    assert warehouse.rows("select * from rejects") == []


def test_what_was_written_by_hand_in_vain_is_said_and_changes_nothing(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.incident("1", BEGAN, names={"sha": sha("a")})
    warehouse.add("incidents", incident="pager:2", source="pager", started_at=BEGAN, detected_at=BEGAN)
    warehouse.incident("2", BEGAN)
    fixed(warehouse, "f")
    by_hand(warehouse, "2", "sha", "a000000", line=2)
    by_hand(warehouse, "3", "none", line=3)
    by_hand(warehouse, "1", "sha", "9999999", line=4)
    by_hand(warehouse, "1", "sha", "f000000", line=5)
    link.link(warehouse.con)
    link.link(warehouse.con)
    assert warehouse.rows("select line, severity, reason[:40] from rejects order by line") == [
        (2, "warning", "No incident has this id, or several have"), (3, "warning", "No incident has this id, or several have"),
        (4, "warning", "The cause it names was not found, or sev"), (5, "warning", "The cause it names came after the incide"),
    ]  # fmt: skip
    assert used(warehouse) == [("1", "a", None, "explicit", "declared", 1.0)]


def test_by_hand_one_number_names_a_pull_request_of_each_repository(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.repo("web", "/src/acme/web")
    warehouse.change("e", "2026-11-01", repo="web", request=12)
    warehouse.incident("1", BEGAN)
    by_hand(warehouse, "1", "pull_request", "12", line=2, repo="shop")
    by_hand(warehouse, "1", "pull_request", "12", line=3, repo="acme/web")
    by_hand(warehouse, "1", "pull_request", "12", line=4, repo="elsewhere")
    by_hand(warehouse, "1", "sha", "e000000", line=5, repo="shop")
    by_hand(warehouse, "1", "sha", "b000000", line=6)
    by_hand(warehouse, "1", "sha", "b000000", line=7, repo="shop")
    assert [row[:2] for row in links(warehouse, "manual")] == [("1", "b"), ("1", "e")]
    assert warehouse.rows("select repo, share from incident_causes order by 1") == [("shop", 0.5), ("web", 0.5)]
    assert warehouse.rows("select line, reason[:30] from rejects order by 1") == [
        (4, "The cause it names was not fou"), (5, "The cause it names was not fou"),
    ]  # fmt: skip


def test_of_a_cause_and_no_cause_by_hand_the_cause_counts(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.incident("1", BEGAN)
    by_hand(warehouse, "1", "none", line=2)
    by_hand(warehouse, "1", "sha", sha("a"), line=3)
    assert used(warehouse) == [("1", "a", None, "manual", "declared", 1.0)]
    assert warehouse.rows("select line, reason[:11] from rejects") == [(2, "Another row")]


def test_a_hostile_note_stays_text(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.incident("1", BEGAN)
    by_hand(warehouse, "1", "none", note="'); drop table incidents; --<script>")
    manual.link(warehouse.con)
    assert warehouse.rows("select detail from incident_causes") == [
        ("written down by hand: no change caused it ('); drop table incidents; --<script>)",)
    ]


# Which of them counts.

EVERYTHING = ("manual", "explicit", "revert", "fix_lines", "deployment_window")


@pytest.mark.parametrize("known", range(5))
def test_the_best_method_counts_and_the_links_of_all_stay(warehouse: Warehouse, known: int) -> None:
    shop(warehouse)
    warehouse.incident("INC-1", BEGAN, service="api", names={"sha": sha("b")} if known <= 1 else None)
    if known == 0:
        by_hand(warehouse, "INC-1", "sha", sha("a"))
    run = warehouse.born("d")
    fixed(warehouse, reverts=[sha("c")] if known <= 2 else [], issues=["INC-1"] if known <= 3 else [])
    warehouse.died(run, 10, "f")
    warehouse.deployment("1", sha("a"), "2026-11-04 10:00")
    cause, deployment = (*"abcd", None)[known], "1" if known == 4 else None
    confidence = "declared" if known <= 2 else "inferred"
    assert used(warehouse) == [("INC-1", cause, deployment, EVERYTHING[known], confidence, 1.0)]
    assert {method for (method,) in warehouse.rows("select method from incident_causes")} == set(EVERYTHING[known:])


def test_a_named_deployment_stands_beside_the_change_that_the_fix_took_back(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.deployment("1", sha("d"), "2026-11-04 10:00")
    warehouse.incident("INC-1", BEGAN, names={"deployment": "1"})
    fixed(warehouse, reverts=[sha("b")])
    assert used(warehouse) == [
        ("INC-1", "b", None, "revert", "declared", 1.0), ("INC-1", None, "1", "explicit", "declared", 1.0),
    ]  # fmt: skip
    # By hand leaves nothing else, of neither kind.
    by_hand(warehouse, "INC-1", "sha", sha("a"))
    assert used(warehouse) == [("INC-1", "a", None, "manual", "declared", 1.0)]


def test_an_outage_by_hand_has_no_cause_whatever_else_is_known(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.deployment("1", sha("d"), "2026-11-04 10:00")
    warehouse.incident("INC-1", BEGAN, service="api", names={"sha": sha("b")}, is_change_caused=True)
    fixed(warehouse, reverts=[sha("b")])
    by_hand(warehouse, "INC-1", "none")
    assert used(warehouse) == []
    assert warehouse.rows("select is_change_caused from distinct_incidents") == [(False,)]
    assert warehouse.rows("select * from change_incidents union all by name select * from failed_deployments") == []


def test_by_hand_a_change_caused_what_the_incident_says_none_did(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.incident("1", BEGAN, is_change_caused=False)
    by_hand(warehouse, "1", "sha", sha("b"))
    assert used(warehouse) == [("1", "b", None, "manual", "declared", 1.0)]
    assert warehouse.rows("select incident, method, confidence from change_incidents") == [
        ("drop:1", "manual", "declared")
    ]


def test_a_duplicate_brings_its_links_and_no_window_of_its_own(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.deployment("1", sha("a"), "2026-11-04 10:00")
    warehouse.deployment("2", sha("b"), "2026-11-04 12:30")  # between the reports
    warehouse.incident("1", BEGAN, service="api")
    warehouse.incident("INC-1", "2026-11-04 13:00", service="api", duplicate_of="drop:1")
    assert used(warehouse) == [("1", None, "1", "deployment_window", "inferred", 1.0)]
    fixed(warehouse, reverts=[sha("c"), sha("d")])
    assert used(warehouse) == [
        ("1", "c", None, "revert", "declared", 0.5), ("1", "d", None, "revert", "declared", 0.5),
    ]  # fmt: skip


def test_what_landed_or_was_deployed_after_an_incident_began_did_not_cause_it(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.change("e", "2026-11-04 12:01")
    warehouse.deployment("1", sha("d"), "2026-11-04 12:30", started_at="2026-11-04 12:00")  # it began in its middle
    warehouse.deployment("2", sha("d"), "2026-11-04 12:40", started_at="2026-11-04 12:31")
    warehouse.incident("1", BEGAN, names={"sha": f"{sha('d')} {sha('e')}", "deployment": "1 2"})
    assert used(warehouse) == [
        ("1", "d", None, "explicit", "declared", 1.0), ("1", None, "1", "explicit", "declared", 1.0),
    ]  # fmt: skip


def test_nothing_that_is_known_leaves_an_incident_unlinked(warehouse: Warehouse) -> None:
    shop(warehouse)
    warehouse.incident("1", BEGAN)
    assert used(warehouse) == []
    assert warehouse.rows("select incident from distinct_incidents") == [("drop:1",)]
