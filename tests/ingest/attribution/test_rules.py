"""The rule files: each packaged rule does what its own lines say, one's own file extends them, a bad one is named by line."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.attribution.marks import Mark, branch_marks, marks
from ingest.attribution.rule import NOREPLY, Rule
from ingest.attribution.rules import Rules, load
from ingest.errors import SettingsError

Builder = Callable[..., Any]
PACKAGED = load()
PERSON = ("Dev One", "dev.one@corp.example.com")
README = Path(__file__).parents[3] / "README.md"
GROUP = """\
groups:
  - place: [author, coauthor]
    class: ai
    confidence: declared
    source: test
    rules:
      - {id: first, tool: first, email: agent@first.example.com, example: First <agent@first.example.com>}
"""
FIRST = "First <agent@first.example.com>"
EXAMPLE = "example: X <a@b.c>"


def loaded(tmp_path: Path, text: str) -> Rules:
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    return load(file)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, text)
    return str(caught.value).removeprefix(str(tmp_path)).lstrip("/")


def by(found: list[Mark]) -> list[str]:
    return [mark.rule for mark in found]


def commits(commit: Builder, rule: Rule, text: str) -> Iterator[Any]:
    """Commits that have `text` in one place of the rule each, and nothing else to tell."""
    name, _, rest = text.partition(" <")
    email = rest.removesuffix(">")
    for place in rule.places:
        match place:
            case "author":
                yield commit(author=(name, email))
            case "committer":
                yield commit(committer=(name, email))
            case "coauthor":
                yield commit(f"Add retry\n\nCo-authored-by: {text}\n")
            case "trailer":
                yield from (commit(f"Add retry\n\n{key}: {text}\n") for key in rule.trailers)
            case "footer":
                yield commit(f"Add retry\n\n{text}\n")
            case "name":
                yield commit(author=(text, PERSON[1]))
            case _:
                yield commit(f"Merge pull request #12 from acme/{text}\n\nAdd retry\n")


# The packaged rules.


@pytest.mark.parametrize("rule", PACKAGED.rules, ids=lambda rule: rule.id)
def test_an_example_is_known_to_its_rule_only_and_a_near_miss_to_none(rule: Rule, commit: Builder) -> None:
    for text in rule.examples:
        for made in commits(commit, rule, text):
            found = marks(PACKAGED, made)
            assert by(found) == [rule.id], text
            assert (found[0].class_, found[0].confidence) == (rule.class_, rule.confidence)
    for text in rule.near_misses:
        assert [mark for made in commits(commit, rule, text) for mark in marks(PACKAGED, made)] == [], text


@pytest.mark.parametrize("rule", [rule for rule in PACKAGED.rules if rule.keys], ids=lambda rule: rule.id)
def test_every_address_of_a_rule_is_known_to_it(rule: Rule) -> None:
    name = rule.examples[0].partition(" <")[0]
    for key in rule.keys:
        email = f"{key}Renamed-Since{NOREPLY}" if key.endswith("+") else key.upper()
        found = PACKAGED.identity(name, email, next(iter(rule.places)))
        assert found, key
        assert found.rule is rule


def test_every_rule_has_a_source_an_example_and_a_near_miss_unless_any_value_will_do() -> None:
    assert len(PACKAGED.rules) > 140
    assert all(rule.source and rule.examples for rule in PACKAGED.rules)
    assert {rule.id for rule in PACKAGED.rules if not rule.near_misses} == {
        "entire-claude", "entire-gemini", "entire-cursor", "entire-opencode", "entire",
    }  # fmt: skip


def test_only_branches_are_inferred_and_only_ai_and_assist_name_a_tool() -> None:
    assert {rule.confidence for rule in PACKAGED.rules} == {"declared", "inferred"}
    assert all((rule.confidence == "inferred") == (rule.places == {"branch"}) for rule in PACKAGED.rules)
    assert {rule.class_ for rule in PACKAGED.rules} == {"ai", "assist", "bot"}
    assert not [rule.id for rule in PACKAGED.rules if rule.class_ == "bot" and rule.tool]


def test_no_rule_takes_a_bare_display_name_or_a_domain() -> None:
    assert all("@" in key or re.fullmatch(r"\d+\+", key) for rule in PACKAGED.rules for key in rule.keys)
    assert {rule.id for rule in PACKAGED.rules if rule.name and not rule.keys} == set()
    assert {rule.id for rule in PACKAGED.names} == {"aider-name", "bot-suffix"}


def test_the_web_committer_is_in_no_rule() -> None:
    assert "noreply@github.com" not in PACKAGED.identities
    assert not PACKAGED.identity("GitHub", "noreply@github.com", "committer")


# A file of one's own.


def test_the_readme_shows_a_file_that_adds_rules_and_leaves_one_out(tmp_path: Path, commit: Builder) -> None:
    shown = re.search(r"```yaml\n(# rules\.yaml\n.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert shown
    rules = loaded(tmp_path, shown[1])
    assert len(rules.rules) == len(PACKAGED.rules) + 1
    ci = marks(rules, commit(author=("Acme CI", "ci@acme.example.com")))
    assert [(mark.class_, mark.rule) for mark in ci] == [("bot", "acme-ci")]
    declared = marks(rules, commit("Add retry\n\nAI-Tools: none\n"))
    assert [(mark.class_, mark.place, mark.confidence) for mark in declared] == [("human", "trailer", "declared")]
    assert branch_marks(rules, "windsurf/sail") == []
    assert by(marks(rules, commit("Add\n\nCo-authored-by: Claude <noreply@anthropic.com>\n"))) == ["claude-code"]


def test_a_rule_with_the_id_of_a_packaged_one_takes_its_place(tmp_path: Path, commit: Builder) -> None:
    text = GROUP.replace("id: first", "id: claude-code").replace("agent@first.example.com", "noreply@anthropic.com")
    rules = loaded(tmp_path, text)
    assert len(rules.rules) == len(PACKAGED.rules)
    assert [rule.id for rule in rules.rules] == [rule.id for rule in PACKAGED.rules]
    found = marks(rules, commit(author=("Claude Opus 5", "noreply@anthropic.com")))
    assert [(mark.tool, mark.model, mark.rule) for mark in found] == [("first", None, "claude-code")]
    assert by(marks(rules, commit(author=("goose", "noreply@anthropic.com")))) == ["goose"]


def test_an_own_rule_speaks_before_the_packaged_ones(tmp_path: Path, commit: Builder) -> None:
    own = """\
groups:
  - place: trailer
    class: ai
    confidence: declared
    source: policy 12
    rules: [{id: ours, trailer: Assisted-by, value: 'Claude\\b.*', example: 'Claude:claude-opus-5'}]
"""
    rules = loaded(tmp_path, own)
    found = marks(rules, commit("Add\n\nAssisted-by: Claude:claude-opus-5\nAssisted-by: Codex:gpt-5\n"))
    assert [(mark.class_, mark.rule) for mark in found] == [("assist", "assisted-by-codex"), ("ai", "ours")]


def test_an_own_rule_may_take_a_packaged_address_under_a_name_or_once_the_other_is_disabled(
    tmp_path: Path, commit: Builder
) -> None:
    author = ("Robin", "amp@ampcode.com")
    robin = "      - {id: robin, class: bot, place: author, email: amp@ampcode.com, example: Robin <amp@ampcode.com>"
    named = loaded(tmp_path, f"{GROUP}{robin}, name: Robin}}\n")
    assert by(marks(named, commit(author=author))) == ["robin"]
    assert by(marks(named, commit(author=("Amp", author[1])))) == ["amp"]
    alone = loaded(tmp_path, f"disable: [amp]\n{GROUP}{robin}}}\n")
    assert by(marks(alone, commit(author=("Amp", author[1])))) == ["robin"]


def test_a_file_may_only_disable(tmp_path: Path, commit: Builder) -> None:
    rules = loaded(tmp_path, "disable: [generated-by-chat, aider-name]\n")
    assert {rule.id for rule in PACKAGED.rules} - {rule.id for rule in rules.rules} == {
        "generated-by-chat", "aider-name",
    }  # fmt: skip
    assert marks(rules, commit("Add\n\nGenerated-by: ChatGPT\n", author=("Dev One (aider)", PERSON[1]))) == []


def test_the_version_changes_with_the_files_only(tmp_path: Path) -> None:
    assert load().version == PACKAGED.version
    mine = loaded(tmp_path, GROUP).version
    assert mine == loaded(tmp_path, GROUP).version != PACKAGED.version
    assert mine != loaded(tmp_path, f"# Another word.\n{GROUP}").version


def test_a_rule_takes_from_its_group_what_it_does_not_say(tmp_path: Path) -> None:
    extra = "      - {id: second, class: bot, place: author, email: bot@second.example.com,\n"
    extra += "         example: Second <bot@second.example.com>}\n"
    first, second = loaded(tmp_path, GROUP + extra).rules[:2]
    assert (first.class_, first.places, first.source) == ("ai", frozenset({"author", "coauthor"}), "test")
    assert (second.class_, second.places, second.source) == ("bot", frozenset({"author"}), "test")


# Mistakes.


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("{id: x, class: robot, email: a@b.c}", "`class` is 'robot'. Choose one of ai, assist, bot, human."),
        ("{id: x, class: human, email: a@b.c}", "`class` is 'human', which a commit must declare. Only rules of"),
        ("{id: x, confidence: sure, email: a@b.c}", "`confidence` is 'sure'. Choose one of declared, inferred."),
        ("{id: x, place: subject, email: a@b.c}", "`place` is 'subject'. Choose from author, committer, coauthor,"),
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
        ("{id: x, place: branch, branch: codex}", "`branch` is 'codex'. Give the beginning of a name up to a / or a -"),
        ("{id: x, place: branch, branch: /}", "`branch` is '/'. Give the beginning of a name up to a / or a -"),
        ("{id: x, email: '@vendor.com'}", "Give one whole address; a domain is an employer, not a mark."),
        (f"{{id: x, email: a@b.c, model: 'GPT.*', {EXAMPLE}}}", "`model` has no group called model. Write (?P<model>"),
        ("{id: x, github: '12'}", "`github` must be a number, not '12'. Write its digits, without quotes."),
        ("{id: x, login: 12}", "`login` must be a text or a list of texts, not 12. Put it in quotes."),
        (
            f"{{id: x, email: Agent@First.example.com, example: {FIRST}}}",
            "agent@first.example.com belongs to rule first already. Remove or disable one, or let the first ask for a",
        ),
        ("{id: x, email: amp@ampcode.com, example: Amp <amp@ampcode.com>}", "belongs to rule amp already. Remove or"),
        ("{id: amp, email: a@b.c, github: 206951365, example: X <a@b.c>}", "206951365+ belongs to rule cursor-bot"),
        ("{id: first, email: a@b.c}", "another rule has that id already. Give each its own."),
        ("{email: a@b.c}", "rule without an id: `id` must be a text, not None."),
        ("{id: x, email: a@b.c}", "`example` is missing. Write something that the rule knows, as it stands in a"),
        ("{id: x, email: a@b.c, example: a@b.c}", "the example 'a@b.c' is known to no rule, not to this one. Correct"),
        (f"{{id: x, email: a@b.c, example: {FIRST}}}", f"the example '{FIRST}' is known to first, not to this one."),
        (f"{{id: x, email: a@b.c, {EXAMPLE}, near_miss: Y <A@B.C>}}", "the near miss 'Y <A@B.C>' is a mark by this"),
        (
            "{id: x, place: trailer, trailer: [A, B], value: yes or no, example: 'Yes'}",
            "the example 'Yes' is known to no rule, not to this one.",
        ),
        ("{id: x, place: branch, branch: wip/, example: wip/}", "the example 'wip/' is known to no rule, not to this"),
        ("{id: x, place: name, name: 'x$', example: y}", "the example 'y' is known to no rule, not to this one."),
        ("{id: x, place: footer, line: By it, example: By us}", "the example 'By us' is known to no rule, not to"),
    ],
)
def test_a_bad_rule_is_named_by_file_line_and_id_with_the_remedy(tmp_path: Path, rule: str, problem: str) -> None:
    message = refusal(tmp_path, f"{GROUP}      - {rule}\n")
    assert message.startswith("mine.yaml, line 8, rule ")
    assert problem in message


@pytest.mark.parametrize(
    ("text", "start"),
    [
        (
            GROUP.replace("tool: first", "tool: first, tool: second"),
            "mine.yaml, line 7: not YAML: a key is given twice",
        ),
        (GROUP + "      - {id: [}\n", "mine.yaml, line 8: not YAML: "),
        (GROUP + "  - {place: author}\n", "mine.yaml, line 8: a group without rules."),
        ("[]\n", "mine.yaml, line 1: expected the keys `disable` and `groups`, and no others."),
        ("", "mine.yaml, line 1: expected the keys `disable` and `groups`, and no others."),
        ("method: 2\n" + GROUP, "mine.yaml, line 1: expected the keys `disable` and `groups`, and no others."),
        ("groups: 3\n", "mine.yaml, line 1: a group without rules."),
        (GROUP.replace("id: first", "id: !!python/name:os.system x"), "mine.yaml, line 7: not YAML: "),
        (
            "disable:\n  - amp\n  - ampp\n",
            "mine.yaml, line 3, rule ampp: no packaged rule has that id. Did you mean amp?",
        ),
        ("disable: zzz\n" + GROUP, "mine.yaml, line 1, rule zzz: no packaged rule has that id. Remove it."),
        ("disable:\n  - [amp]\n", "mine.yaml, line 2, rule None: `id` must be a text, not None."),
    ],
)
def test_a_file_that_is_no_rule_file_is_named_by_line(tmp_path: Path, text: str, start: str) -> None:
    assert refusal(tmp_path, text).startswith(start)


def test_the_fault_lies_with_ones_own_file_even_if_it_is_called_like_the_packaged_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own = Path("rules.yaml")
    own.write_text(GROUP.replace("agent@first.example.com", "amp@ampcode.com"), encoding="utf-8")
    with pytest.raises(
        SettingsError, match=r"\Arules\.yaml, line 7, rule first: amp@ampcode\.com belongs to rule amp "
    ):
        load(own)


def test_a_missing_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.yaml cannot be read .* Give the path of a UTF-8 text file\."):
        load(tmp_path / "none.yaml")
