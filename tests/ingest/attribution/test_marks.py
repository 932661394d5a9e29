"""What is a mark, and what only looks like one."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.attribution import evidence
from ingest.attribution.marks import Mark, branch_marks, marks
from ingest.attribution.rules import Rules

Builder = Callable[..., Any]
CLAUDE = "Co-authored-by: Claude <noreply@anthropic.com>"
PERSON = ("Dev One", "dev.one@corp.example.com")
LINES = (
    CLAUDE,
    "Co-authored-by: Claude Opus 4.8 <noreply@anthropic.com>",
    "Co-authored-by: Copilot <175728472+Copilot@users.noreply.github.com>",
    "Assisted-by: Claude:claude-opus-4-8 sparse",
    "Claude-Session: https://claude.ai/code/session_01ABC",
    "🤖 Generated with [Claude Code](https://claude.com/claude-code)",
    "Signed-off-by: Dev One <dev.one@corp.example.com>",
    "",
    "Some prose.",
)


def summary(found: list[Mark]) -> list[tuple[str, str | None, str]]:
    return [(mark.class_, mark.tool, mark.place) for mark in found]


def noreply(local: str) -> str:
    return f"{local}@users.noreply.github.com"


def test_a_mark_tells_everything_about_itself(rules: Rules, commit: Builder) -> None:
    line = "Co-Authored-By: Claude Opus 4.8 (1M context) <noreply@anthropic.com>"
    expected = Mark("ai", "claude-code", "Opus 4.8 (1M context)", "coauthor", "claude-code", "declared", line)
    assert marks(rules, commit(f"Add retry\n\n{line}\n")) == [expected]


@pytest.mark.parametrize(
    "line",
    [
        "Assisted-by: Dev Two",
        "Assisted-by: Dev Two <dev.two@corp.example.com>",
        "Assisted-by: Claude Martin",
        "Assisted-by: Claude",
        "Assisted-by: https://example.com/thread",
        "Assisted-by: Copilot Jones",
        "Generated-by: Coccinelle SmPL",
        "Generated-by: protoc:3.21",
        "Generated-by: Dev Two",
        "Co-authored-by: Claude Martin <claude.martin@corp.example.com>",
        "Co-authored-by: Codex",
        "Co-authored-by: Pat <pat@anthropic.com>",
        "Co-authored-by: dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>",
        "Co-authored-by: Copilot <1+Copilot@users.noreply.github.com>",
        "Co-authored-by: Pat <noreply@anthropic.com.example.com>",
        "Signed-off-by: Claude <noreply@anthropic.com>",
        "Made-with: Love",
        "A\u017f\u017fisted-by: Claude:claude-opus-4-8",
        "Cop\u0130lot-Se\u017fsion: 6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
        "Agent-Logs-Url: https://logs.example.com/1",
        "Replit-Commit-Session-Id: 3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "This page is Generated with [Claude Code](https://claude.com/claude-code)",
        "Generated with [Claude Code](https://claude.com/claude-code) by hand",
        "See https://claude.ai/code/session_01ABC",
        "https://claude.ai/code/session_01ABC shows how",
        f"Squash merges keep {CLAUDE}",
        f"> {CLAUDE}",
        f"    {CLAUDE}",
        f"\t{CLAUDE}",
        f"* {CLAUDE}",
        f"{CLAUDE} is what the trailer looks like",
        "> 🤖 Generated with [Claude Code](https://claude.com/claude-code)",
        "    Generated with [Amp](https://ampcode.com)",
        f"Co-authored-by: {'x' * 600} <noreply@anthropic.com>",
    ],
)
def test_a_line_that_only_looks_like_a_mark_is_none(line: str, rules: Rules, commit: Builder) -> None:
    assert marks(rules, commit(f"Explain trailers\n\n{line}\n")) == []


@pytest.mark.parametrize(
    ("line", "class_", "tool", "model"),
    [
        ("Assisted-by: Claude <noreply@anthropic.com>", "assist", "claude-code", None),
        ("Assisted-by: Claude Code", "assist", "claude-code", None),
        ("Assisted-by: Claude Opus 4.6", "assist", "claude-code", "Opus 4.6"),
        ("Assisted-by: claude-opus-4-8", "assist", "claude-code", "claude-opus-4-8"),
        ("Assisted-By: GitHub Copilot", "assist", "copilot", None),
        ("Assisted-by: Cursor (claude-sonnet-4)", "assist", "cursor", None),
        ("Assisted-by: GPT-5.2", "assist", None, "GPT-5.2"),
        ("Assisted-by: newagent:some-model-1 sparse", "assist", None, "some-model-1"),
        ("Generated-by: Claude Code", "ai", "claude-code", None),
        ("Generated-By: Codex:gpt-5-codex", "ai", "codex", "gpt-5-codex"),
        ("Generated-by: newagent:some-model-1", "ai", None, "some-model-1"),
        ("Entire-Checkpoint: a1b2c3d4e5f6", "ai", "entire", None),
        ("Entire-Agent: Claude Code", "ai", "claude-code", None),
        ("Replit-Commit-Author: Assistant", "ai", "replit", None),
        ("Co-authored-by: aider (gpt-5-codex) <aider@aider.chat>", "ai", "aider", "gpt-5-codex"),
        ("Co-authored-by: GPT 5.5 <codex@openai.com>", "ai", "codex", "GPT 5.5"),
        ("Co-authored-by: Claude Code <noreply@anthropic.com>", "ai", "claude-code", None),
        ("Co-authored-by: goose <noreply@anthropic.com>", "ai", "goose", None),
        ("Co-authored-by: Gemini <noreply@google.com>", "ai", "gemini-cli", None),
        ("Co-authored-by: Copilot <copilot@github.com>", "assist", "copilot-vscode", None),
        (
            "Co-authored-by: Copilot Autofix powered by AI <175728472+Copilot@users.noreply.github.com>",
            "assist",
            "copilot-autofix",
            None,
        ),
        ("🤖 Generated with [Claude Code](https://claude.ai/code)", "ai", "claude-code", None),
        ("💘 Generated with Crush", "ai", "crush", None),
        ("Generated with [Amp](https://ampcode.com)", "ai", "amp", None),
        ("Made with [Cursor](https://cursor.com)", "ai", "cursor", None),
        ("🤖 Generated with [Firebender](https://firebender.com)", "ai", "firebender", None),
        ("\ufffd Generated with [OpenCode](https://opencode.ai)", "ai", "opencode", None),
    ],
)
def test_a_line_is_read_with_its_tool_and_model(
    line: str, class_: str, tool: str | None, model: str | None, rules: Rules, commit: Builder
) -> None:
    found = [(mark.class_, mark.tool, mark.model) for mark in marks(rules, commit(f"Add retry\n\n{line}\n"))]
    assert found == [(class_, tool, model)]


@pytest.mark.parametrize(
    "author",
    [
        ("Claude Martin", "claude.martin@corp.example.com"),
        ("Devin", "devin@corp.example.com"),
        ("Copilot", "copilot@corp.example.com"),
        ("Some Engineer", "some.engineer@anthropic.com"),
        ("Some Engineer", "some.engineer@cursor.com"),
        ("Pat", "noreply@openai.com"),
        ("aider", "dev.one@corp.example.com"),
        ("Robot (aider) fan", "dev.one@corp.example.com"),
        ("GitHub", "noreply@github.com"),
        # An AI tool's name over an address nobody knows: not AI by its name, and not just some bot.
        ("google-labs-jules[bot]", "jules@corp.example.com"),
    ],
)
def test_a_name_or_a_vendors_domain_is_no_mark(author: tuple[str, str], rules: Rules, commit: Builder) -> None:
    assert marks(rules, commit(author=author)) == []


@pytest.mark.parametrize(
    ("author", "class_", "tool", "rule"),
    [
        (("new-name[bot]", noreply("206951365+new-name[bot]")), "ai", "cursor", "cursor-bot"),
        (("new-name[bot]", noreply("49699333+new-name[bot]")), "bot", None, "bot-dependabot"),
        (("Cursor", noreply("cursor[bot]")), "ai", "cursor", "cursor-bot"),
        (("Actions", noreply("github-actions[bot]")), "bot", None, "bot-github-actions"),
        (("dependabot[bot]", "support@github.com"), "bot", None, "bot-suffix"),
        (("acme[bot]", "acme@corp.example.com"), "bot", None, "bot-suffix"),
        (("CLAUDE", "NoReply@Anthropic.COM"), "ai", "claude-code", "claude-code"),
        (("coderabbitai[bot]", noreply("136622811+coderabbitai[bot]")), "assist", "coderabbit", "coderabbit"),
        (("Dev One (aider)", "dev.one@corp.example.com"), "ai", "aider", "aider-name"),
    ],
)
def test_an_author_is_known_by_address_or_a_documented_suffix(
    author: tuple[str, str], class_: str, tool: str | None, rule: str, rules: Rules, commit: Builder
) -> None:
    found = [(mark.class_, mark.tool, mark.place, mark.rule) for mark in marks(rules, commit(author=author))]
    assert found == [(class_, tool, "author", rule)]


@pytest.mark.parametrize(
    "committer",
    [
        ("Dev One (aider)", PERSON[1]),
        ("Dev One (aider)", "dev.one@home.example.com"),
        ("aider", "aider@aider.chat"),
        ("GitHub", "noreply@github.com"),
        ("GitButler", "gitbutler@gitbutler.com"),
        ("mergify[bot]", noreply("37929162+mergify[bot]")),
        ("gemini-code-assist[bot]", noreply("176961590+gemini-code-assist[bot]")),
    ],
)
def test_who_commits_a_persons_work_did_not_write_it(committer: tuple[str, str], rules: Rules, commit: Builder) -> None:
    assert marks(rules, commit(committer=committer)) == []


def test_an_agent_that_commits_is_a_mark_and_one_that_also_authored_is_only_one(rules: Rules, commit: Builder) -> None:
    cursor = ("Cursor Agent", "cursoragent@cursor.com")
    assert summary(marks(rules, commit(committer=cursor))) == [("ai", "cursor", "committer")]
    assert summary(marks(rules, commit(author=cursor, committer=cursor))) == [("ai", "cursor", "author")]


@pytest.mark.parametrize("message", ["", "\n\n", CLAUDE, f"{CLAUDE}\n", f"\n\n{CLAUDE}\n\nBody.\n", f"Fix: {CLAUDE}"])
def test_a_trailer_in_the_subject_is_no_mark(message: str, rules: Rules, commit: Builder) -> None:
    assert marks(rules, commit(message)) == []


@pytest.mark.parametrize(
    "message", [f"Add\n{CLAUDE}", f"Add\r\n\r\n{CLAUDE}\r\n", f"Add\n\n{CLAUDE.upper()} \n\nMore."]
)
def test_a_trailer_counts_right_below_the_subject_with_crlf_and_in_capitals(
    message: str, rules: Rules, commit: Builder
) -> None:
    assert summary(marks(rules, commit(message))) == [("ai", "claude-code", "coauthor")]


def test_a_footer_counts_with_crlf(rules: Rules, commit: Builder) -> None:
    message = "Add\r\n\r\n🤖 Generated with [Claude Code](https://claude.com/claude-code)\r\n"
    found = marks(rules, commit(message))
    assert summary(found) == [("ai", "claude-code", "footer")]
    assert found[0].detail.endswith("claude-code)")


def test_a_revert_does_not_inherit_the_marks_it_quotes_but_has_its_own(rules: Rules, commit: Builder) -> None:
    quoted = f'Revert "Add retry"\n\nThis reverts commit beaf5a45.\n\nOriginal message:\n> Add retry\n>\n> {CLAUDE}\n'
    indented = f'Revert "Add retry"\n\nThis reverts commit beaf5a45:\n\n    Add retry\n\n    {CLAUDE}\n'
    own = "Co-authored-by: Cursor <cursoragent@cursor.com>\n"
    assert marks(rules, commit(quoted)) == []
    assert marks(rules, commit(indented)) == []
    assert summary(marks(rules, commit(f"{quoted}\n{own}"))) == [("ai", "cursor", "coauthor")]


def test_every_commit_of_a_squash_speaks_and_repetitions_are_one_mark(rules: Rules, commit: Builder) -> None:
    copilot = "Co-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>"
    message = f"Add (#1)\n\n* first\n\n{CLAUDE}\n\n* second\n\n{CLAUDE}\n{copilot}\n"
    expected = [("ai", "claude-code", "coauthor"), ("ai", "copilot-cli", "coauthor")]
    assert summary(marks(rules, commit(message))) == expected


@pytest.mark.parametrize(
    "subject",
    [
        "Merge pull request #12 from acme/codex/fix",
        "Merge branch 'codex/fix'",
        "Merge branch 'codex/fix' into main",
        "Merge branch 'codex/fix' of https://example.com/acme/shop",
        "Merge branch 'acme:codex/fix' into main",
        "Merge remote-tracking branch 'origin/codex/fix' into main",
        "Merged in codex/fix (pull request #12)",
    ],
)
def test_a_merge_names_the_branch_it_brings_in(subject: str, rules: Rules, commit: Builder) -> None:
    expected = Mark("ai", "codex", None, "branch", "branch-codex", "inferred", "codex/fix")
    assert marks(rules, commit(f"{subject}\n\nAdd retry\n")) == marks(rules, commit(subject)) == [expected]


@pytest.mark.parametrize(
    "message",
    [
        "Merge branch 'main' into codex/fix",
        "Merge remote-tracking branch 'origin/main' into codex/fix",
        "Merge pull request #12 from codex/fix",
        "Merge pull request #12 from acme/codex-fixes",
        "Merge pull request #12 from acme/fix/codex/loop",
        "Merge branch 'codex/'",
        "Merge tag 'codex/1.0'",
        "Merge the branch codex/fix",
        "Merge",
        "Revert \"Merge branch 'codex/fix'\"",
        "Add retry\n\nMerge branch 'codex/fix'\n",
    ],
)
def test_another_branch_or_another_subject_is_no_mark(message: str, rules: Rules, commit: Builder) -> None:
    assert marks(rules, commit(message)) == []


def test_the_head_of_a_pull_request_is_read_by_the_same_rules(rules: Rules) -> None:
    assert branch_marks(rules, "copilot/fix") == [
        Mark("ai", "copilot-agent", None, "branch", "branch-copilot", "inferred", "copilot/fix")
    ]
    assert [branch_marks(rules, name) for name in ("", "/", "main", "copilot", "copilot/", "copilot-fixes")] == [[]] * 6


def test_a_branch_speaks_about_its_pull_request_and_the_rest_about_the_commit(rules: Rules, commit: Builder) -> None:
    merge = commit(f"Merge branch 'codex/fix'\n\n{CLAUDE}\n")
    assert [mark.scope for mark in marks(rules, merge)] == ["commit", "pull_request"]
    rows = evidence.rows("acme/checkout", [merge], rules)
    assert [(row.scope, row.confidence, row.rule) for row in rows] == [
        ("commit", "declared", "claude-code"), ("pull_request", "inferred", "branch-codex"),
    ]  # fmt: skip


def test_a_bot_with_an_agents_trailer_gives_both(rules: Rules, commit: Builder) -> None:
    author = ("github-actions[bot]", noreply("41898282+github-actions[bot]"))
    expected = [("bot", None, "author"), ("ai", "claude-code", "coauthor")]
    assert summary(marks(rules, commit(f"Fix\n\n{CLAUDE}\n", author=author))) == expected


def test_a_detail_is_short_and_names_no_person(rules: Rules, commit: Builder) -> None:
    aider = marks(rules, commit(author=("Dev One (aider)", "dev.one@corp.example.com")))
    assert [mark.detail for mark in aider] == ["(aider)"]
    long = f"Co-authored-by: {'Claude ' * 40} <noreply@anthropic.com>"
    assert [len(mark.detail) for mark in marks(rules, commit(f"Add\n\n{long}\n"))] == [200]


def test_long_trailers_that_differ_past_the_cut_keep_one_order(rules: Rules, commit: Builder) -> None:
    models = [f"{'x' * 300}{end}" for end in "abcdef"]
    lines = [f"Assisted-by: Claude:{model}" for model in models]
    found = marks(rules, commit("\n".join(["Add", "", *reversed(lines)])))
    assert [mark.model for mark in found] == models


@given(lines=st.permutations(LINES))
def test_the_order_of_trailer_lines_changes_nothing(lines: list[str], rules: Rules, commit: Builder) -> None:
    assert marks(rules, commit("\n".join(["Add", *lines]))) == marks(rules, commit("\n".join(["Add", *LINES])))


@given(message=st.text(), name=st.text(), email=st.text())
def test_any_text_at_all_can_be_read(message: str, name: str, email: str, rules: Rules, commit: Builder) -> None:
    assert all(len(mark.detail) <= 200 for mark in marks(rules, commit(message, author=(name, email))))
    assert all(len(mark.detail) <= 200 for mark in branch_marks(rules, name))
