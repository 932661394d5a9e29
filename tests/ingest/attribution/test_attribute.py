"""Evidence about a repository, night by night: marks, notes and traces, on real repositories."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from ingest import warehouse
from ingest.attribution import attribute, note, notes
from ingest.attribution.attribute import Read
from ingest.attribution.rules import Rules
from ingest.git import history
from ingest.git.mirror import reopen_mirror
from ingest.persons import Persons
from ingest.settings import Organisation, Repository, Settings
from tests.conftest import GitRepository

Con = duckdb.DuckDBPyConnection
CLAUDE = "Co-authored-by: Claude <noreply@anthropic.com>"
KEY = "s_22222222222222"
TABLES = {
    "evidence": "select * from evidence order by all",
    "line_records": "select * from line_records order by all",
    "rejects": "select * from rejects order by all",
    "states": "select cursor_value, config from source_states where source = 'attribution'",
}


@pytest.fixture
def shop(git_repository: Callable[..., GitRepository]) -> GitRepository:
    return git_repository()


class Nights:
    """A warehouse into which the repository is read, as each night does."""

    def __init__(self, shop: GitRepository, data: Path, rules: Rules) -> None:
        settings = Settings(Organisation(data=data), file=data / "settings.toml")
        self.repository = Repository("shop", str(shop.path))
        self.reader = history.Reader(settings, Persons(b"a key for tests"), rules, lambda commits, _: commits)
        self.con = duckdb.connect()
        warehouse.migrate(self.con)

    def night(self, **reader: object) -> Read | None:
        self.reader = self.reader._replace(**reader)  # type: ignore[arg-type]
        history.ingest(self.con, self.repository, self.reader)
        stands = self.con.execute("select branch, head_sha from repos").fetchall()[0]
        mirror = reopen_mirror(self.repository, history.mirrors(self.reader.settings), Path(), stands)
        return attribute.attribute(self.con, mirror, self.reader)

    def tables(self) -> dict[str, list[tuple[object, ...]]]:
        return {name: self.con.execute(query).fetchall() for name, query in TABLES.items()}

    def lines(self) -> list[tuple[object, ...]]:
        return self.con.execute(
            "select sha, path, lines, class from evidence where scope = 'line' order by all"
        ).fetchall()

    def rejects(self) -> list[tuple[object, ...]]:
        return self.con.execute("select source, file, severity, reason from rejects order by all").fetchall()


@pytest.fixture
def nights(shop: GitRepository, tmp_path: Path, rules: Rules) -> Iterator[Nights]:
    made = Nights(shop, tmp_path / "data", rules)
    yield made
    made.con.close()


@pytest.fixture
def fresh(shop: GitRepository, tmp_path: Path, rules: Rules) -> Iterator[Nights]:
    made = Nights(shop, tmp_path / "fresh", rules)
    yield made
    made.con.close()


def text(lines: str, path: str = "a.py", **prompt: object) -> bytes:
    """A note that attests lines to a session."""
    session = {
        "agent_id": {"tool": "claude", "model": "claude-opus-4-8"},
        "human_author": "Dev <dev@example.com>",
    } | prompt
    metadata = {"schema_version": "authorship/3.0.0", "prompts": {}, "sessions": {KEY: session}}
    attested = f"{path}\n  {KEY}::t_1 {lines}\n" if lines else ""
    return f"{attested}---\n{json.dumps(metadata, indent=2)}".encode()


def annotate(shop: GitRepository, every: dict[str, bytes], ref: str = notes.REF) -> None:
    """Make `every`, by path in the tree, all the notes there are."""
    stream = b"commit %b\ncommitter Ann <ann@example.com> 1767600000 +0000\ndata 0\ndeleteall\n" % ref.encode()
    for path, content in every.items():
        stream += b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(content), content)
    shop.git("fast-import", "--quiet", "--force", "--date-format=raw", said=stream)


def test_marks_and_notes_become_evidence(shop: GitRepository, nights: Nights) -> None:
    marked = shop.commit(f"Add\n\n{CLAUDE}\n", {"a.py": "1\n2\n3\n4\n"})
    empty = shop.commit("More", {"a.py": "1\n"})
    annotate(shop, {marked: text("2-3"), empty: text("")})

    assert nights.night() == Read(2, 0, "")
    person = nights.reader.persons.hash("email", "dev@example.com")
    query = """
        select sha, path, lines, scope, class, tool, model, person, source, confidence, rule, detail, observed_at = (
            select committed_at from commits where commits.sha = evidence.sha) from evidence order by scope
    """
    assert nights.con.execute(query).fetchall() == [
        (marked, None, None, "commit", "ai", "claude-code", None, None, "git", "declared", "claude-code", CLAUDE, True),
        (marked, "a.py", "2-3", "line", "ai", "claude-code", "claude-opus-4-8", person, "git-ai", "recorded",
         "git-ai-session", f"{KEY}::t_1", True),
    ]  # fmt: skip
    query = "select sha, source, outcome, ai_lines, human_lines, reason from line_records order by ai_lines"
    assert nights.con.execute(query).fetchall() == [
        (empty, "git-ai", "read", 0, 0, ""), (marked, "git-ai", "read", 2, 0, ""),
    ]  # fmt: skip
    assert nights.rejects() == []
    assert nights.night() is None


def test_a_note_may_come_long_after_its_commit_change_and_go(
    shop: GitRepository, nights: Nights, fresh: Nights
) -> None:
    first, second = shop.commit("Add", {"a.py": "1\n"}), shop.commit("More", {"a.py": "1\n2\n"})
    assert nights.night() is None
    annotate(shop, {first: text("1")})
    assert nights.night() == Read(1, 0, "")
    annotate(shop, {first: text("1"), second: text("2")})
    assert nights.night() == Read(1, 0, "")  # the other one is not read again
    annotate(shop, {second: text("1-2")})
    assert nights.night() == Read(1, 0, "")
    assert nights.lines() == [(second, "a.py", "1-2", "ai")]
    fresh.night()
    assert nights.tables() == fresh.tables()

    annotate(shop, {})
    assert nights.night() == Read(0, 0, "")
    shop.git("update-ref", "-d", notes.REF)
    assert nights.night() is None
    assert nights.tables()["line_records"] == nights.lines() == []


def test_a_commit_may_come_after_its_note(shop: GitRepository, nights: Nights, fresh: Nights) -> None:
    shop.commit("Add", {"a.py": "1\n"})
    shop.git("checkout", "--quiet", "-b", "side")
    side = shop.commit("Side", {"a.py": "1\n2\n"})
    shop.git("checkout", "--quiet", "main")
    annotate(shop, {side: text("2"), "f" * 40: text("1")})
    nights.night()
    off_branch = f"1 note: {notes.OFF_BRANCH}; it is on {side}."
    gone = f"1 note: {notes.GONE}; it is on {'f' * 40}."
    assert [(severity, reason) for _, _, severity, reason in nights.rejects()] == [
        ("warning", gone),
        ("warning", off_branch),
    ]
    assert nights.con.execute("select sha, outcome from line_records order by sha = ?", [side]).fetchall() == [
        ("f" * 40, "gone"), (side, "read"),
    ]  # fmt: skip

    shop.git("merge", "--quiet", "--ff-only", "side")
    nights.night()
    assert [reason for *_, reason in nights.rejects()] == [gone]
    fresh.night()
    assert nights.tables() == fresh.tables()


def test_a_note_whose_commit_is_fetched_later_is_read_then(shop: GitRepository, nights: Nights, tmp_path: Path) -> None:
    shop.commit("Add", {"a.py": "1\n"})
    shop.git("clone", "--quiet", ".", "../clone")
    clone = GitRepository(tmp_path / "clone", shop.clock)
    theirs = clone.commit("Theirs", {"a.py": "1\n2\n"})
    annotate(shop, {theirs: text("2")})
    nights.night()
    assert nights.con.execute("select outcome from line_records").fetchall() == [("gone",)]
    shop.git("fetch", "--quiet", "../clone", "HEAD:refs/pull/7/head")
    assert nights.night() == Read(1, 0, "")
    assert nights.lines() == [(theirs, "a.py", "2", "ai")]


def test_wherever_a_note_lies_in_its_tree_it_is_found_and_what_is_none_is_named(
    shop: GitRepository, nights: Nights
) -> None:
    first, second = shop.commit("Add", {"a.py": "1\n"}), shop.commit("More", {"a.py": "1\n2\n"})
    blob = shop.store("blob", b"no commit")
    spread = {f"{first[:2]}/{first[2:]}": text("1"), f"{second[:2]}/{second[2:4]}/{second[4:]}": text("2")}
    annotate(shop, spread | {"README": b"hello", blob: text("1")})
    assert nights.night() == Read(2, 1, "")
    assert {line[0] for line in nights.lines()} == {first, second}
    query = "select sha, outcome, reason from line_records where outcome not in ('read', 'partly') order by all"
    assert nights.con.execute(query).fetchall() == [
        (blob, "gone", notes.GONE), ("README", "refused", notes.ODD_NAME),
    ]  # fmt: skip


def test_what_is_wrong_with_a_note_stands_in_the_rejects_and_the_others_count(
    shop: GitRepository, nights: Nights
) -> None:
    made = [shop.commit(f"Commit {number}", {"a.py": f"{number}\n"}) for number in range(6)]
    big = text("1", messages=["x" * 1000] * 3000)
    assert len(big) > 3_000_000
    bad = [text("0-3,1"), b"---\n{", b"no divider", big, text("9-3"), text("1")]
    annotate(shop, dict(zip(made, bad, strict=True)))
    assert nights.night() == Read(3, 2, "")
    assert {line[0] for line in nights.lines()} == {made[0], made[3], made[5]}
    wrong = min(made[0], made[4])
    where = "a.py: 0-3" if wrong == made[0] else "a.py: 9-3"
    assert nights.rejects() == [
        ("attribution", "shop: refs/notes/ai", "rejected", f"1 note: {note.NO_DIVIDER}; it is on {made[2]}."),
        ("attribution", "shop: refs/notes/ai", "rejected", f"1 note: {note.NO_JSON}; it is on {made[1]}."),
        ("attribution", "shop: refs/notes/ai", "warning", f"2 notes: {note.WRONG_LINES}; the first is on {wrong}, {where}."),
    ]  # fmt: skip
    query = "select sha, outcome, detail from line_records where outcome != 'read' order by sha"
    expected = [
        (made[0], "partly", "a.py: 0-3"),
        (made[1], "refused", ""),
        (made[2], "refused", ""),
        (made[4], "partly", "a.py: 9-3"),
    ]
    assert nights.con.execute(query).fetchall() == sorted(expected)


def test_a_note_that_is_missing_or_beyond_all_size_is_refused_and_tried_again(
    shop: GitRepository, nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = shop.commit("Add", {"a.py": "1\n"})
    annotate(shop, {sha: text("1")})
    monkeypatch.setattr(notes, "LARGEST", 20)
    assert nights.night() == Read(0, 1, "")
    assert [reason for *_, reason in nights.rejects()] == [f"1 note: {notes.ABSENT}; it is on {sha}."]
    monkeypatch.undo()
    shop.commit("More", {"a.py": "1\n2\n"})
    assert nights.night() == Read(1, 0, "")
    assert nights.rejects() == []


def test_notes_that_cannot_be_listed_stop_nothing_and_leave_what_was_read(shop: GitRepository, nights: Nights) -> None:
    sha = shop.commit("Add", {"a.py": "1\n"})
    annotate(shop, {sha: text("1")})
    nights.night()
    marked = shop.commit(f"More\n\n{CLAUDE}\n", {"a.py": "1\n2\n"})
    whole = shop.git("rev-parse", notes.REF)
    shop.git("update-ref", notes.REF, shop.store("blob", b"no tree"))
    assert nights.night() == Read(1, 0, "")
    assert nights.con.execute("select sha from evidence order by scope").fetchall() == [(marked,), (sha,)]
    ((_, file, severity, reason),) = nights.rejects()
    assert (file, severity) == ("shop: refs/notes/ai", "rejected")
    assert str(reason).startswith("shop: refs/notes/ai: git could not read the history: not a tree object.")
    shop.git("update-ref", notes.REF, whole)
    nights.night()
    assert nights.rejects() == []


def test_another_rule_file_reads_the_marks_again_and_nothing_else(shop: GitRepository, nights: Nights) -> None:
    sha = shop.commit(f"Add\n\n{CLAUDE}\n", {"a.py": "1\n"})
    annotate(shop, {sha: text("1")})
    nights.night()
    before = nights.tables()
    other = dataclasses.replace(nights.reader.rules, version="other")
    assert nights.night(rules=other) == Read(1, 0, "every mark read again: another attribution rules")
    assert nights.night() is None
    assert nights.tables()["line_records"] == before["line_records"]
    assert nights.con.execute("select method_version from evidence order by scope").fetchall() == [
        ("other",),
        (notes.METHOD,),
    ]


def test_another_key_gives_everyone_another_name(shop: GitRepository, nights: Nights, fresh: Nights) -> None:
    sha = shop.commit("Add", {"a.py": "1\n"})
    annotate(shop, {sha: text("1"), "f" * 40: text("1")})
    nights.night()
    nights.night(persons=Persons(b"another key"))
    fresh.night(persons=Persons(b"another key"))
    assert nights.tables() == fresh.tables()


def test_a_rewritten_branch_takes_its_marks_with_it(shop: GitRepository, nights: Nights, fresh: Nights) -> None:
    shop.commit("Begin", {"a.py": "0\n"})
    shop.commit(f"Add\n\n{CLAUDE}\n", {"a.py": "1\n"})
    nights.night()
    shop.git("reset", "--quiet", "--hard", "HEAD^")
    other = shop.commit(f"Other\n\n{CLAUDE}\n", {"a.py": "2\n"})
    assert nights.night() == Read(1, 0, "every mark read again: main was rewritten")
    assert nights.con.execute("select sha from evidence").fetchall() == [(other,)]
    fresh.night()
    assert nights.tables() == fresh.tables()


def test_marks_night_by_night_are_the_marks_at_once(shop: GitRepository, nights: Nights, fresh: Nights) -> None:
    for number in range(3):
        shop.commit(f"Add {number}" + (f"\n\n{CLAUDE}\n" if number != 1 else ""), {"a.py": f"{number}\n"})
        assert nights.night() == (None if number == 1 else Read(1, 0, ""))
    fresh.night()
    assert nights.tables() == fresh.tables()


def test_a_trace_file_speaks_of_the_commits_that_followed(shop: GitRepository, nights: Nights, fresh: Nights) -> None:
    def trace(at: str, path: str, first: int, last: int) -> str:
        conversation = {"contributor": {"type": "ai"}, "ranges": [{"start_line": first, "end_line": last}]}
        said = {
            "id": at,
            "timestamp": at,
            "tool": {"name": "cursor"},
            "files": [{"path": path, "conversations": [conversation]}],
        }
        return json.dumps(said) + "\n"

    traces = trace("2026-01-05T08:00:00Z", "a.py", 1, 2)
    first = shop.commit("Add", {"a.py": "1\n2\n", ".agent-trace/traces.jsonl": traces})
    assert nights.night() == Read(1, 0, "")
    assert nights.lines() == [(first, "a.py", "1-2", "ai")]

    traces += trace("2026-01-05T09:30:00Z", "b.py", 3, 4) + trace("2026-01-05T09:31:00Z", "a.py", 1, 1) + '{"id": '
    shop.commit("Trace", {".agent-trace/traces.jsonl": traces})
    assert nights.night() is None  # nothing that counts yet
    assert {file for _, file, _, _ in nights.rejects()} == {"shop: .agent-trace/traces.jsonl"}
    assert [(severity, reason) for _, _, severity, reason in nights.rejects()] == [
        ("rejected", "1 record: it is no record: half a line, or without files or a time; it is line 4."),
        ("warning", "1 record: its writer did not know which lines (1 to 1); it is line 3."),
        ("warning", "1 record: no commit of the branch touched the file after it; it is line 2."),
    ]
    second = shop.commit("More", {"b.py": "1\n2\n3\n4\n"})
    assert nights.night() == Read(2, 1, "")
    assert nights.lines() == sorted([(first, "a.py", "1-2", "ai"), (second, "b.py", "3-4", "ai")])
    fresh.night()
    assert nights.tables() == fresh.tables()
    assert nights.con.execute("select count(*) from line_records").fetchall() == [
        (0,)
    ]  # a trace decides for its lines alone

    shop.commit("Stop", {".agent-trace/traces.jsonl": None})
    assert nights.night() == Read(0, 0, "")
    assert nights.lines() == []


def test_what_is_forgotten_leaves_nothing(shop: GitRepository, nights: Nights) -> None:
    sha = shop.commit(f"Add\n\n{CLAUDE}\n", {"a.py": "1\n"})
    annotate(shop, {sha: text("0")})
    nights.night()
    attribute.forget(nights.con, "shop")
    assert {name: rows for name, rows in nights.tables().items() if rows} == {}
