"""From marks to rows of the evidence table."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ingest.attribution.evidence import Evidence, rows, write
from ingest.attribution.rules import Rules
from tests.conftest import migrated

Builder = Callable[..., Any]
LINE = "Co-authored-by: Claude Opus 4.8 <noreply@anthropic.com>"
AT = datetime(2026, 11, 3, 9)  # noqa: DTZ001 - UTC without a zone, as in the warehouse


def test_a_mark_becomes_a_row(rules: Rules, commit: Builder) -> None:
    expected = Evidence(
        evidence="011f2debfed5a789",
        repo="acme/checkout",
        sha="c07a6b39f6c6097062de6efa16f9e5d1a9102a95",
        path=None,
        lines=None,
        scope="commit",
        class_="ai",
        tool="claude-code",
        model="Opus 4.8",
        person=None,
        source="git",
        confidence="declared",
        rule="claude-code",
        detail=LINE,
        observed_at=AT,
        method_version=rules.version,
    )
    assert list(rows("acme/checkout", [commit(f"Add\n\n{LINE}\n", committed_at=AT)], rules)) == [expected]


def test_rows_are_written_in_place_of_what_their_source_said(rules: Rules, commit: Builder) -> None:
    said = "select repo, source, sha, detail from evidence order by all"
    old, new, other = (
        [
            row._replace(detail=detail)
            for row in rows(repo, [commit(f"Add\n\n{LINE}\n", sha=sha) for sha in "ab"], rules)
        ]
        for repo, detail in (("shop", "old"), ("shop", "new"), ("web", "old"))
    )
    with migrated() as con:
        write(con, other, repo="web", source="git")
        write(con, [row._replace(source="git-ai") for row in old], repo="shop", source="git-ai")
        kept = con.execute(said).fetchall()
        assert write(con, iter(old), repo="shop", source="git") == 2
        assert write(con, new[:1], repo="shop", source="git", about=["a"]) == 1
        assert write(con, new[1:], repo="shop", source="git", about=[]) == 1
        shop = [("shop", "git", "a", "new"), ("shop", "git", "b", "new"), ("shop", "git", "b", "old")]
        assert con.execute(said).fetchall() == sorted([*kept, *shop])
        assert write(con, [], repo="shop", source="git") == 0
        assert con.execute(said).fetchall() == kept


def test_the_columns_are_those_of_the_table() -> None:
    assert Evidence._fields == (
        "evidence", "repo", "sha", "path", "lines", "scope", "class_", "tool", "model", "person", "source",
        "confidence", "rule", "detail", "observed_at", "method_version",
    )  # fmt: skip


def test_several_marks_are_several_rows_identical_ones_are_one_and_no_mark_is_no_row(
    rules: Rules, commit: Builder
) -> None:
    session = "Claude-Session: https://claude.ai/code/session_01ABC"
    marked = commit(f"Add\n\n{LINE}\n\n* more\n\n{LINE}\n{session}\n", sha="a" * 40)
    found = list(rows("acme/checkout", [commit(), marked], rules))
    assert [(row.sha, row.detail) for row in found] == [("a" * 40, LINE), ("a" * 40, session)]
    assert len({row.evidence for row in found}) == 2


def test_the_key_is_stable_and_differs_by_repository_and_commit(rules: Rules, commit: Builder) -> None:
    one, other = (commit(f"Add\n\n{LINE}\n", sha=sha * 40) for sha in "ab")
    keys = [row.evidence for repo in ("x", "y") for row in rows(repo, [one, other], rules)]
    assert len(set(keys)) == 4
    assert keys == [row.evidence for repo in ("x", "y") for row in rows(repo, iter([one, other]), rules)]


def test_half_a_character_in_a_trailer_does_not_stop_the_night(rules: Rules, commit: Builder) -> None:
    broken = commit("Add\n\nCo-authored-by: Claude \udce9 <noreply@anthropic.com>\n")
    assert [row.tool for row in rows("acme/checkout", [broken], rules)] == ["claude-code"]
