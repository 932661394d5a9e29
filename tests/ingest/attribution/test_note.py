"""The grammar of git-ai's notes, in the shapes that are met and in those that are wrong."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.attribution import note, ranges
from ingest.attribution.note import Unreadable, parse

AGENT = {"tool": "claude", "id": "a conversation", "model": "claude-opus-4-8"}
SESSION = {"agent_id": AGENT, "human_author": "Dev One <dev.one@corp.example.com>"}
DEV = "dev.one@corp.example.com"


def content(attested: str, indent: int | None = 2, **metadata: Any) -> bytes:
    """A note; what a line attests begins in the first column, as in the real ones."""
    everything = {"schema_version": "authorship/3.0.0", "prompts": {}} | metadata
    return f"{attested}---\n{json.dumps(everything, indent=indent)}".encode()


def told(found: note.Note) -> list[tuple[object, ...]]:
    return [(each.path, ranges.text(each.lines), *each.who) for each in found.attested]


def test_a_session_and_a_known_human_share_a_file() -> None:
    text = "docs/guide.md\n  h_11111111111111 5\n  s_22222222222222::t_33333333333333 1-4,6-16\n"
    found = parse(
        content(text, sessions={"s_22222222222222": SESSION}, humans={"h_11111111111111": {"author": f"Dev <{DEV}>"}})
    )
    assert told(found) == [
        ("docs/guide.md", "1-4,6-16", "ai", "claude-code", "claude-opus-4-8", DEV, "git-ai-session"),
        ("docs/guide.md", "5", "human", None, None, DEV, "git-ai-human"),
    ]  # fmt: skip
    assert (found.lines("ai"), found.lines("human"), found.problems) == (15, 1, {})


def test_prompts_of_older_notes_are_sixteen_or_seven_digits() -> None:
    prompt = {
        "agent_id": {"tool": "cursor", "id": "x", "model": '"default"'},
        "human_author": "Dev",
        "accepted_lines": 2,
    }
    text = "a.py\n  0123456789abcdef 78,137\nb.py\n  abcdef0 1-2\n"
    found = parse(content(text, prompts={"0123456789abcdef": prompt, "abcdef0": prompt}))
    assert told(found) == [
        ("a.py", "78,137", "ai", "cursor", None, None, "git-ai-prompt"),
        ("b.py", "1-2", "ai", "cursor", None, None, "git-ai-prompt"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "a.py\n"])
def test_a_note_that_attests_nothing_is_read(text: str) -> None:
    found = parse(content(text))
    assert (found.attested, found.problems) == ([], {})


def test_the_later_entry_wins_and_lines_of_one_origin_are_one_row() -> None:
    text = (
        '"my module.py"\n'
        "  s_22222222222222::t_00000000000001 1-20\n"
        "  h_11111111111111 5-8\n"
        "  s_22222222222222::t_00000000000002 21-22,7\n"
    )
    found = parse(content(text, sessions={"s_22222222222222": {"agent_id": AGENT}}))
    assert told(found) == [
        ("my module.py", "1-4,7,9-22", "ai", "claude-code", "claude-opus-4-8", None, "git-ai-session"),
        ("my module.py", "5-6,8", "human", None, None, None, "git-ai-human"),
    ]  # fmt: skip
    assert found.attested[0].keys == "s_22222222222222::t_00000000000001, s_22222222222222::t_00000000000002"


@pytest.mark.parametrize(
    ("key", "class_", "rule"),
    [
        ("human", "human", "git-ai-human"),
        ("h_99999999999999", "human", "git-ai-human"),
        ("s_99999999999999::t_00000000000001", "ai", "git-ai-dangling"),
        ("s_99999999999999", "ai", "git-ai-dangling"),
        ("0123456789abcdef", "ai", "git-ai-dangling"),
        ("abcdef0", "ai", "git-ai-dangling"),
        ("ai_agent", "ai", "git-ai-other-key"),
        ("6ef2299e-a67f-432b-aa80-3d2fb4d28999", "ai", "git-ai-other-key"),
        ("zz_of_the_future", "ai", "git-ai-other-key"),
    ],
)
def test_a_key_that_nobody_defines_counts_all_the_same(key: str, class_: str, rule: str) -> None:
    assert told(parse(content(f"a.py\n  {key} 3\n"))) == [("a.py", "3", class_, None, None, None, rule)]


def test_a_key_of_any_shape_that_is_defined_says_what_it_is() -> None:
    uuid = "6ef2299e-a67f-432b-aa80-3d2fb4d28999"
    found = parse(content(f"a.py\n  {uuid} 3\n", prompts={uuid: SESSION}))
    assert told(found) == [("a.py", "3", "ai", "claude-code", "claude-opus-4-8", DEV, "git-ai-prompt")]


@pytest.mark.parametrize("indent", [2, 4, None])
def test_conversations_are_dropped_whatever_is_in_them(indent: int | None) -> None:
    messages = [
        {"type": "user", "text": 'a "messages": [\n or a line of its own:\n---\n      ],\n'},
        {"type": "tool_use", "input": {"messages": [{"text": "again"}]}},
    ]
    prompts = {"abcdef0": SESSION | {"messages": messages}, "abcdef1": {"messages": [], "agent_id": {"tool": "codex"}}}
    found = parse(content("a.py\n  abcdef0 1\n  abcdef1 2\n", indent, prompts=prompts))
    assert told(found) == [
        ("a.py", "1", "ai", "claude-code", "claude-opus-4-8", DEV, "git-ai-prompt"),
        ("a.py", "2", "ai", "codex", None, None, "git-ai-prompt"),
    ]  # fmt: skip
    assert "again" not in repr(found)


def test_json_that_is_indented_to_deceive_is_read_as_json_is() -> None:
    crooked = b'{"schema_version": "authorship/3.0.0",\n "messages": [\n [1\n ]\n ], "prompts": {}}'
    assert parse(b"a.py\n  abcdef0 1\n---\n" + crooked).problems == {}


@pytest.mark.parametrize(
    ("attested", "problems", "rows"),
    [
        ("a.py\n  abcdef0 0-3,5\n", {note.WRONG_LINES: "a.py: 0-3"}, [("a.py", "5")]),
        ("a.py\n  abcdef0 -4\n  abcdef0 9-3\n", {note.WRONG_LINES: "a.py: -4"}, []),
        ("a.py\n  abcdef0 1-99999999999\n", {note.WRONG_LINES: "a.py: 1-99999999999"}, []),
        ("  abcdef0 1\n", {note.NO_PATH: "abcdef0 1"}, []),
        ("a.py\n  abcdef0\n   \n", {note.NO_ENTRY: "a.py: abcdef0"}, []),
        ("a.py\n\n  abcdef0 1\n", {}, [("a.py", "1")]),
    ],
)
def test_what_makes_no_sense_is_named_and_the_rest_counts(
    attested: str, problems: dict[str, str], rows: list[tuple[str, str]]
) -> None:
    found = parse(content(attested))
    assert found.problems == problems
    assert [(each.path, ranges.text(each.lines)) for each in found.attested] == rows


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", note.NO_DIVIDER),
        (b"a.py\n  abcdef0 1\n----\n{}", note.NO_DIVIDER),
        (b'{"schema_version": "authorship/0.0.1", "files": {}}', note.NO_DIVIDER),
        (b"a.py\n  abcdef0 1" + b",1" * 500_000 + b"\n---\n{}", note.TOO_MANY),
        (b"---", note.NO_JSON),
        (b"---\n", note.NO_JSON),
        (b"---\n{'a': 1}", note.NO_JSON),
        (b"---\n[1, 2]", note.NO_JSON),
        (b'---\n{"schema_version": "authorship/3.0.0"} and more', note.NO_JSON),
        (b'---\n{"schema_version": "\xff"}', note.NO_JSON),
        (b'---\n{"a": ' + b"[" * 1_000_000, note.NO_JSON),
        (b'---\n{"a": ' + b"1" * 5_000 + b"}", note.NO_JSON),
        (b"---\n{}", note.OTHER_VERSION),
        (b'---\n{"schema_version": 3}', note.OTHER_VERSION),
        (b'---\n{"schema_version": "authorship/4.0.0"}', note.OTHER_VERSION),
    ],
)
def test_a_note_of_which_nothing_can_be_used_says_why(text: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(text)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    "broken", [None, 3, "text", [], {"agent_id": 3}, {"agent_id": {"tool": {}, "model": 4}, "human_author": []}]
)
def test_metadata_of_the_wrong_shape_leaves_the_tool_unknown(broken: object) -> None:
    text = "a.py\n  abcdef0 1\n  s_99999999999999::t_1 2\n  h_99999999999999 3\n"
    tables = {
        "prompts": {"abcdef0": broken},
        "sessions": {"s_99999999999999": broken},
        "humans": {"h_99999999999999": broken},
    }
    for metadata in (tables, dict.fromkeys(tables, broken)):
        found = parse(content(text, **metadata))
        assert {(each.who.class_, each.who.tool) for each in found.attested} == {("ai", None), ("human", None)}


def test_a_path_in_any_bytes_is_written_as_the_history_writes_it() -> None:
    assert [each.path for each in parse(b"caf\xe9.py\n  abcdef0 1\n" + content("")).attested] == ["caf\\xe9.py"]


@given(text=st.binary(max_size=300), tail=st.booleans())
def test_any_bytes_at_all_can_be_read_or_refused(text: bytes, *, tail: bool) -> None:
    try:
        found = parse(text + (b"\n" + content("") if tail else b""))
    except Unreadable:
        return
    assert all(each.lines for each in found.attested)
