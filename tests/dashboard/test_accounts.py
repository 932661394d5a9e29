"""What is said of a commit agrees with what it counts as, names every record about it, and claims no more."""

import json
from itertools import combinations, product

import pytest

from dashboard import accounts, commits
from dashboard.answers import Plain
from dashboard.commits import Account
from dashboard.summary import View
from tests.conftest import Warehouse, sha


def find(warehouse: Warehouse, name: str) -> Account:
    return commits.find(Plain(warehouse.con, View()), "shop", name)


def account(warehouse: Warehouse, begins: str) -> Account:
    return find(warehouse, sha(begins))


def words(about: Account, name: str) -> list[str]:
    return [said for each, said in accounts.told(about) if each == name]


def effects(about: Account) -> list[str]:
    return [did for did, *_ in accounts.evidence(about)]


def mark(warehouse: Warehouse, begins: str, scope: str, class_: str, confidence: str, detail: str = "") -> None:
    warehouse.add("evidence", evidence=f"{begins} {scope} {class_} {confidence} {detail}", repo="shop", sha=sha(begins),
                  scope=scope, source="git", confidence=confidence, rule=f"{class_}-rule", detail=detail,
                  observed_at="2026-11-02", method_version="1", **{"class": class_})  # fmt: skip


# Which commit


def test_a_name_may_be_short_and_in_capitals_and_must_be_the_beginning_of_one_commit(warehouse: Warehouse) -> None:
    warehouse.repo()
    for begins in ("abcdef12", "abcdef13"):
        warehouse.change(begins, "2026-11-02")
    warehouse.derive()

    assert find(warehouse, "ABCDEF12").sha == find(warehouse, "commit:abcdef12").sha == sha("abcdef12")
    problems = {
        "abcdef1": f"shop: abcdef1 may be {sha('abcdef12')}, {sha('abcdef13')}. Write more digits.",
        "1234567": "shop has no commit 1234567, and no evidence about one. It may be on another branch than main, or newer "
                   "than the last `twinledger ingest`.",
        "commit:cart.py": "'cart.py' is no commit's name. Write at least seven of its digits, 0-9 and a-f.",
    }  # fmt: skip
    for name, said in problems.items():
        with pytest.raises(LookupError) as error:
            find(warehouse, name)
        assert str(error.value) == said
    with pytest.raises(LookupError, match="'shp' is no repository here"):
        commits.find(Plain(warehouse.con, View()), "shp", "abcdef12")


def test_many_commits_that_a_name_might_mean_are_counted(warehouse: Warehouse) -> None:
    warehouse.repo()
    for number in range(8):
        warehouse.change(f"abcdef0{number}", "2026-11-02")
    warehouse.derive()

    with pytest.raises(LookupError, match=r" and 3 more\. Write more digits\.$") as error:
        find(warehouse, "abcdef0")
    assert str(error.value).count("abcdef0") == 1 + commits.SHOWN


# The verdict


def test_of_any_two_marks_the_row_that_is_said_to_decide_is_the_one_that_did(warehouse: Warehouse) -> None:
    warehouse.repo()
    marks = list(product(("commit", "pull_request"), ("ai", "human", "bot"), ("recorded", "declared", "inferred")))
    pairs = {f"{number:07x}": pair for number, pair in enumerate(combinations(marks, 2))}
    for begins, pair in pairs.items():
        warehouse.change(begins, "2026-11-02", added=0)
        for each in pair:
            mark(warehouse, begins, *each)
    warehouse.derive()

    for begins, pair in pairs.items():
        about = account(warehouse, begins)
        assert about.landed
        assert {row.class_ for row, did in zip(about.evidence, effects(about), strict=True) if did == "decides"} == {
            about.landed.cohort
        }, pair
        assert sorted(did == "decides" for did in effects(about)) == [False, True]


def test_who_gave_way_is_told_why(warehouse: Warehouse) -> None:
    warehouse.repo()
    for begins, rows in {
        "a": [("commit", "ai", "inferred"), ("pull_request", "bot", "recorded")],
        "b": [("commit", "bot", "declared"), ("commit", "ai", "inferred")],
        "c": [("commit", "ai", "declared"), ("commit", "human", "declared"), ("commit", "assist", "declared")],
    }.items():
        warehouse.change(begins, "2026-11-02")
        for row in rows:
            mark(warehouse, begins, *row)
    warehouse.derive()

    assert effects(account(warehouse, "a")) == ["decides", "gives way: the commit's own marks are nearer"]
    assert effects(account(warehouse, "b")) == ["decides", "gives way: declared before inferred"]
    third = account(warehouse, "c")
    assert effects(third) == ["decides", "never decides who wrote", "gives way: ai before human where both are as sure"]
    assert words(third, "why") == [
        "the best of its evidence says an AI tool: declared, of the commit, by rule ai-rule",
        "the commit's own marks come before its pull request's, then recorded before declared before inferred",
    ]


def test_a_note_decides_for_the_whole_commit_and_the_trailer_is_overruled(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", evidence="ai")
    warehouse.born("a", 10, written=("a.py", 21))
    warehouse.born("a", 5, operation="restored", written=("a.py", 1))
    warehouse.noted("a", ai="21-23,30,90", human="23-25")
    warehouse.derive()
    about = account(warehouse, "a")

    assert about.lines == {"unknown": 4, "ai": 4, "human": 2}
    assert accounts.verdict(about) == "AI: a record of its lines says that an AI tool wrote some or all of them"
    assert words(about, "lines") == ["10 lines that landed: 4 lines ai, 4 lines unknown and 2 lines human"]
    assert words(about, "why") == [
        "a record speaks of its lines, and decides the whole commit: a line that it leaves out is unknown",
        "so the marks of the commit and of its pull request do not count here",
    ]
    assert {row.class_: did for row, did in zip(about.evidence[1:], effects(about)[1:], strict=True)} == {
        "ai": "decides 4 landed lines", "human": "decides 2 landed lines; 1 more go to a better record",
    }  # fmt: skip
    assert effects(about)[0] == "overruled by the record of lines"
    assert [said.partition(":")[0] for said in words(about, "record")] == ["by git-ai, a"]


def test_what_is_said_of_the_lines_that_nothing_names_is_what_they_count_as(warehouse: Warehouse) -> None:
    """In a repository that is declared completely recorded: bots, traces, and what stands in the way of calling them human."""
    warehouse.repo()
    warehouse.people(None, "robot", is_bot=True)
    warehouse.add("attribution_complete", repo="shop", complete_since="2026-11-01")
    marked = (("a", "bot", "ann"), ("b", "", "robot"), ("c", "assist", "ann"), ("d", "", "ann"), ("e", "ai", "ann"))
    for letter, evidence, author in marked:
        warehouse.change(letter, "2026-11-09", author, evidence=evidence, authored_at="2026-11-08")
        warehouse.born(letter)
        warehouse.noted(letter, ai="1-2", outcome="partly" if letter == "d" else "read")
    warehouse.con.execute("delete from line_records where sha like 'e%'")
    warehouse.change("f", "2026-11-09", authored_at="2026-11-08")
    warehouse.born("f")
    warehouse.noted("f", ai="1-2")
    warehouse.derive()
    since = "the repository is declared completely recorded since 2026-11-01"
    rest = {
        "a": ("bot", "of a bot, by rule r"),
        "b": ("bot", "a bot's, as the roster calls its author one"),
        "c": ("unknown", "unknown"),
        "d": ("unknown", "unknown"),
        "e": ("ai", "of an AI tool, by rule r"),
        "f": ("human", "human, as the repository is declared completely recorded"),
    }
    for letter, (cohort, said) in rest.items():
        about = account(warehouse, letter)
        assert about.lines == ({"ai": 10} if cohort == "ai" else {cohort: 8, "ai": 2})
        assert words(about, "why")[0].endswith(f": a line that it leaves out is {said}")
    assert (
        effects(account(warehouse, "a"))[0]
        == effects(account(warehouse, "e"))[0]
        == "decides the lines that nothing names"
    )
    warehouse.con.execute("delete from evidence where scope = 'line'")
    warehouse.con.execute("update line_records set outcome = 'refused'")
    warehouse.derive()
    assert (
        words(account(warehouse, "d"), "why")[-1]
        == f"{since}, which says nothing where a record could not be read whole"
    )


def test_a_note_of_a_commit_that_wrote_nothing_speaks_for_it_as_a_whole(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02")
    warehouse.noted("a", ai="1-9")
    warehouse.derive()
    about = account(warehouse, "a")

    assert effects(about) == ["decides no line: it names none that landed"]
    assert "it wrote none that landed, so the record speaks for it as a whole" in words(about, "why")[0]
    assert "it wrote none that landed" in words(about, "lines")[0]


def test_a_note_that_was_refused_decides_nothing_and_is_told(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", evidence="ai")
    warehouse.noted("a", outcome="refused")
    warehouse.con.execute("update line_records set reason = 'no metadata', detail = 'a.py'")
    warehouse.derive()
    about = account(warehouse, "a")

    assert effects(about) == ["decides"]
    assert words(about, "record") == ["by git-ai, a: refused: it decides nothing; no metadata (a.py)"]


def test_what_nothing_tells_is_nobody_knows_and_never_a_person(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02")
    warehouse.change("b", "2026-11-03", evidence="assist")
    warehouse.derive()
    nothing, assisted = account(warehouse, "a"), account(warehouse, "b")

    assert accounts.verdict(nothing) == "Unknown: nobody knows who wrote it, which is not the same as a person"
    assert "there is no evidence of who wrote it" in words(nothing, "why")[0]
    assert words(nothing, "would change")[-1].startswith("an attribution.complete_since of 2026-11-02 or before")
    assert accounts.verdict(assisted) == "Unknown: a tool assisted, which leaves open who wrote it"
    assert effects(assisted) == ["never decides who wrote"]
    assert not any("complete_since" in said for said in words(assisted, "would change"))


def test_a_declared_repository_makes_a_person_of_nothing_but_not_of_assistance_or_of_what_came_before(
    warehouse: Warehouse,
) -> None:
    warehouse.repo()
    warehouse.add("attribution_complete", repo="shop", complete_since="2026-11-02")
    for begins, at, evidence in (("a", "2026-11-01", ""), ("b", "2026-11-02", ""), ("c", "2026-11-03", "assist")):
        warehouse.change(begins, at, evidence=evidence)
    warehouse.change("d", "2026-11-04", is_merge=True)
    warehouse.derive()
    why = {begins: words(account(warehouse, begins), "why")[-1] for begins in "abcd"}

    since = "the repository is declared completely recorded since 2026-11-02"
    assert why == {
        "a": f"{since}, which does not reach back to it: it was written or landed before",
        "b": f"{since}, and nothing attests a tool in it",
        "c": f"{since}, which says nothing where a tool assisted",
        "d": f"{since}, which says nothing of a merge",
    }
    assert accounts.verdict(account(warehouse, "b")) == "Human: a person wrote it"


def test_a_bot_of_the_roster_what_came_before_ai_tools_and_what_could_not_be_read_are_told(
    warehouse: Warehouse,
) -> None:
    warehouse.repo()
    warehouse.people(None, "robot", is_bot=True)
    warehouse.change("a", "2026-11-02", "robot")
    warehouse.change("b", "2020-11-02", evidence="ai")
    warehouse.change("c", "2026-11-03", unread="an object is missing", is_boundary=True, kind="format")
    warehouse.derive()
    robot, old, unread = (account(warehouse, begins) for begins in "abc")

    assert words(robot, "why") == ["the roster calls its author a bot, and no evidence says otherwise"]
    assert accounts.verdict(old) == "Baseline: it landed before AI tools are counted"
    assert effects(old) == ["no effect: before the AI era"]
    assert words(old, "would change") == ["an attribution.ai_era_starts of 2020-11-02 or before"]
    assert words(unread, "lines")[-1] == "they could not all be counted: an object is missing"
    assert words(unread, "kind") == ["a formatting commit: its lines are in no rate"]
    assert "begins with it" in words(unread, "lines")[0]


def test_a_mark_of_the_pull_request_stands_with_every_commit_of_it_and_a_merge_says_what_it_brought(
    warehouse: Warehouse,
) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", is_merge=True, request=7)
    warehouse.commit("b", "a")
    mark(warehouse, "a", "pull_request", "ai", "inferred", "codex/fix")
    mark(warehouse, "a", "commit", "bot", "declared")
    warehouse.derive()
    merge, inner = account(warehouse, "a"), account(warehouse, "b")

    assert words(inner, "landed") == [f"on 2026-11-02, with pull request #7 {sha('a')[:12]} (Change a)"]
    assert [(row.scope, row.detail) for row in inner.evidence] == [("pull_request", "codex/fix")]
    assert effects(inner) == ["decides"]
    assert words(merge, "landed") == ["on 2026-11-02, as pull request #7, with what it merged"]
    assert words(merge, "merge")[0].endswith("it brought is of who wrote that: 1 commit ai")
    assert len(merge.evidence) == 2


def test_evidence_about_a_commit_that_is_not_on_the_branch_has_no_effect(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02")
    mark(warehouse, "bbbbbbb", "commit", "ai", "declared")
    warehouse.derive()
    about = find(warehouse, "bbbbbbb")

    assert accounts.verdict(about) == "No verdict: it is not on main, so it is in no number"
    assert accounts.title(about) == f"{sha('bbbbbbb')[:12]} of shop, not on main"
    assert effects(about) == ["no effect: the commit is not on the branch"]


# How it is shown


def test_the_text_is_harmless_and_the_json_has_every_fact(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02", subject="Evil \x1b[2J\x7f")
    mark(warehouse, "a", "commit", "ai", "declared", "Co-authored-by: \x1b]0;owned\x07 <a@b.example>")
    warehouse.born("a", 3)
    warehouse.derive()
    about = account(warehouse, "a")

    assert accounts.as_text(about).replace("\n", "").isprintable()
    assert r"by git, ai-rule: Co-authored-by: \x1b]0;owned\x07" in accounts.as_text(about)
    printed = accounts.as_json(about)
    assert printed.replace("\n", "").isprintable()
    told = json.loads(printed)
    assert (told["commit"], told["lines"], told["landed"]["cohort"]) == (sha("a"), {"ai": 3}, "ai")
    assert [(row["effect"], row["class_"]) for row in told["evidence"]] == [("decides", "ai")]


def test_a_record_of_very_many_lines_is_cut_between_them_and_sentences_are_put_together(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-02")
    warehouse.noted("a", ai=",".join(str(number) for number in range(100, 200, 2)))
    warehouse.derive()
    about = account(warehouse, "a")

    ((_, says, _, _),) = accounts.evidence(about)
    assert says.endswith(",138 and more of a.py")
    names = [name for name, _ in accounts.paragraphs(about)]
    assert len(names) == len(set(names))
    assert dict(accounts.paragraphs(about))["Why"].endswith("as a whole.")
