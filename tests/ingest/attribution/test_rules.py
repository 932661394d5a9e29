"""The rule file: the packaged one is sound, and a bad one is named by line."""

from pathlib import Path

import pytest

from ingest.attribution.rules import Rules, load
from ingest.errors import SettingsError

GROUP = """\
method: 1
groups:
  - place: [author, coauthor]
    class: ai
    confidence: declared
    source: test
    rules:
      - {id: first, tool: first, email: agent@first.example.com}
"""


def loaded(tmp_path: Path, text: str) -> Rules:
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    return load(file)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, text)
    return str(caught.value).removeprefix(str(tmp_path)).lstrip("/")


def test_the_packaged_rules_are_complete_and_only_ai_and_assist_name_a_tool(rules: Rules) -> None:
    assert len(rules.rules) > 100
    assert all(rule.source for rule in rules.rules)
    assert {rule.confidence for rule in rules.rules} == {"declared"}
    assert not [rule.id for rule in rules.rules if rule.class_ == "bot" and rule.tool]


def test_the_web_committer_is_in_no_rule(rules: Rules) -> None:
    assert "noreply@github.com" not in rules.identities
    assert not rules.identity("GitHub", "noreply@github.com", "committer")


def test_the_version_changes_with_the_file_only(tmp_path: Path) -> None:
    assert loaded(tmp_path, GROUP).version == loaded(tmp_path, GROUP).version
    assert loaded(tmp_path, GROUP).version != loaded(tmp_path, GROUP.replace("method: 1", "method: 2")).version


def test_a_rule_takes_from_its_group_what_it_does_not_say(tmp_path: Path) -> None:
    extra = "      - {id: second, class: bot, place: author, email: bot@second.example.com}\n"
    first, second = loaded(tmp_path, GROUP + extra).rules
    assert (first.class_, first.places, first.source) == ("ai", frozenset({"author", "coauthor"}), "test")
    assert (second.class_, second.places, second.source) == ("bot", frozenset({"author"}), "test")


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("{id: x, class: robot, email: a@b.c}", "`class` is 'robot'. Choose one of ai, assist, bot."),
        ("{id: x, confidence: sure, email: a@b.c}", "`confidence` is 'sure'. Choose one of declared, inferred."),
        ("{id: x, place: branch, email: a@b.c}", "`place` is 'branch'. Choose from author, committer, coauthor,"),
        ("{id: x, place: [author, footer], line: a}", "Give one place, or several of author, committer, coauthor."),
        (
            "{id: x, emial: a@b.c}",
            "`emial` means nothing in rules of the kind identity. Remove or correct it.",
        ),
        ("{id: x, tool: y}", "it does not say what to match. Give it `email` or `github` or `login`."),
        ("{id: x, place: trailer, value: y}", "Give it `trailer` and `agent` or `identity` or `value`."),
        ("{id: x, place: trailer, trailer: A, value: '('}", "`value` is not a regular expression: missing ),"),
        (
            "{id: x, place: trailer, trailer: A, value: '.*'}",
            "`value` fits an empty text, so it would mark everything.",
        ),
        ("{id: x, place: footer, line: 'made (by) it'}", "`line` has a capturing group. Use (?:...) instead of (...)."),
        ("{id: x, email: '@vendor.com'}", "Give one whole address; a domain is an employer, not a mark."),
        ("{id: x, email: a@b.c, model: 'GPT.*'}", "`model` has no group called model. Write (?P<model>...)"),
        ("{id: x, github: '12'}", "`github` must be a number, not '12'. Write its digits, without quotes."),
        ("{id: x, login: 12}", "`login` must be a text or a list of texts, not 12. Put it in quotes."),
        ("{id: x, email: Agent@First.example.com}", "agent@first.example.com belongs to rule first already."),
        ("{id: first, email: a@b.c}", "the id first belongs to rule first already."),
        ("{email: a@b.c}", "rule without an id: `id` must be a text, not None."),
    ],
)
def test_a_bad_rule_is_named_by_file_line_and_id_with_the_remedy(tmp_path: Path, rule: str, problem: str) -> None:
    message = refusal(tmp_path, f"{GROUP}      - {rule}\n")
    assert message.startswith("mine.yaml, line 9, rule ")
    assert problem in message


@pytest.mark.parametrize(
    ("text", "start"),
    [
        (
            GROUP.replace("tool: first", "tool: first, tool: second"),
            "mine.yaml, line 8: not YAML: a key is given twice",
        ),
        (GROUP + "      - {id: [}\n", "mine.yaml, line 9: not YAML: "),
        (GROUP + "  - {place: author}\n", "mine.yaml, line 9: a group without rules."),
        ("[]\n", "mine.yaml, line 1: expected the keys `method` and `groups`."),
        ("", "mine.yaml, line 1: expected the keys `method` and `groups`."),
        ("method: 1\ngroups: 3\n", "mine.yaml, line 1: a group without rules."),
        (GROUP.replace("id: first", "id: !!python/name:os.system x"), "mine.yaml, line 8: not YAML: "),
    ],
)
def test_a_file_that_is_no_rule_file_is_named_by_line(tmp_path: Path, text: str, start: str) -> None:
    assert refusal(tmp_path, text).startswith(start)


def test_a_missing_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.yaml cannot be read .* Give the path of a UTF-8 text file\."):
        load(tmp_path / "none.yaml")
