"""The rule file as text: YAML whose every rule remembers its line, so that a mistake can be named where it stands."""

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

import yaml

from ingest.errors import SettingsError

_LINE = "line number"  # the line a mapping begins on, kept among its keys


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule as written, with what its group adds. What it cannot make sense of it refuses with a SettingsError."""

    file: str
    fields: dict[str, Any]

    @property
    def keys(self) -> set[str]:
        """Which keys the rule and its group give."""
        return set(self.fields) - {_LINE}

    @property
    def id(self) -> str:
        """What the rule is called; rules that several groups share are told apart by the groups' prefixes."""
        return "".join(self.texts("prefix")) + self.text("id")

    def refuse(self, problem: str) -> NoReturn:
        """Name file, line and rule; the problem ends with its remedy."""
        message = f"{self.file}, line {self.fields[_LINE]}, rule {self.fields.get('id', 'without an id')}: {problem}"
        raise SettingsError(message)

    def text(self, key: str) -> str:
        """A text that must be there."""
        value = self.fields.get(key)
        if not isinstance(value, str) or not value:
            self.refuse(f"`{key}` must be a text, not {value!r}. Write `{key}: ...`, in quotes where YAML needs them.")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """One text, several, or none at all."""
        value = self.fields.get(key, [])
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str) and each for each in values):
            self.refuse(f"`{key}` must be a text or a list of texts, not {value!r}. Put it in quotes.")
        return tuple(values)

    def number(self, key: str) -> int | None:
        """A whole number, if there is one."""
        value = self.fields.get(key)
        if value is not None and type(value) is not int:
            self.refuse(f"`{key}` must be a number, not {value!r}. Write its digits, without quotes.")
        return value

    def is_true(self, key: str) -> bool:
        """Whether the key is there and says true."""
        value = self.fields.get(key, False)
        if not isinstance(value, bool):
            self.refuse(f"`{key}` is {value!r}. Write true, or leave it out.")
        return value

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        """One of a few words."""
        value = self.text(key)
        if value not in allowed:
            self.refuse(f"`{key}` is {value!r}. Choose one of {', '.join(allowed)}.")
        return value

    def pattern(self, key: str, *, before: str = "", after: str = "") -> re.Pattern[str] | None:
        """A compiled regex between two others, if there is one; it ignores case and wants some text."""
        if key not in self.fields:
            return None
        try:
            pattern = re.compile(f"{before}(?:{self.text(key)}){after}", re.IGNORECASE)
        except re.error as error:
            self.refuse(f"`{key}` is not a regular expression: {error}. Mend it, and mind the quotes.")
        if pattern.fullmatch(""):
            self.refuse(f"`{key}` fits an empty text, so it would mark everything. Say more.")
        return pattern


class RuleFile(NamedTuple):
    """What a rule file says."""

    rules: list[Entry]  # of all groups, in the file's order
    disabled: list[Entry]  # only ids, of rules of another file


def read(file: str, text: str, keys: tuple[str, ...]) -> RuleFile:
    """The rules in `text`, at whose top only these keys stand, one of them at least.

    Raises SettingsError, naming file and line, when it is no rule file.
    """
    root, document = _document(file, text)
    if not isinstance(document, dict) or not set(keys) >= set(document) - {_LINE} > set():
        wanted = " and ".join(f"`{key}`" for key in keys)
        message = f"{file}, line 1: expected the keys {wanted}, and no others. Begin like the packaged rules.yaml."
        raise SettingsError(message)
    return RuleFile(list(_rules(file, document)), list(_disabled(file, root)))


def _rules(file: str, document: dict[str, Any]) -> Iterator[Entry]:
    groups = document.get("groups", [])
    for group in groups if isinstance(groups, list) else [groups]:
        rules = group.get("rules") if isinstance(group, dict) else None
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            line = group[_LINE] if isinstance(group, dict) else document[_LINE]
            message = (
                f"{file}, line {line}: a group without rules. Give it `rules:` and below it `- {{id: ...}}` lines."
            )
            raise SettingsError(message)
        shared = {key: value for key, value in group.items() if key != "rules"}
        for rule in rules:
            yield Entry(file, shared | rule)


def _disabled(file: str, root: yaml.MappingNode) -> Iterator[Entry]:
    """Texts do not remember their lines, but the nodes they were read from do."""
    for key, value in root.value:
        if key.value == "disable":
            for item in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                id_ = item.value if isinstance(item, yaml.ScalarNode) else None
                yield Entry(file, {"id": id_, _LINE: item.start_mark.line + 1})


def _document(file: str, text: str) -> tuple[Any, Any]:
    """The outermost node and what it says."""
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        return root, loader.construct_document(root) if root else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"{file}, line {line}: not YAML: {error.problem}. Mend that line."
        raise SettingsError(message) from error
    except (yaml.YAMLError, RecursionError) as error:
        message = f"{file} is not YAML: {error}. Mend the file."
        raise SettingsError(message) from error


class _Loader(yaml.CSafeLoader):
    """YAML without objects, in which every mapping remembers its line and no key comes twice."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    mapping = loader.construct_mapping(node, deep=True)
    if len(mapping) < len(node.value):
        problem = "a key is given twice"
        raise yaml.constructor.ConstructorError(problem=problem, problem_mark=node.start_mark)
    return mapping | {_LINE: node.start_mark.line + 1}


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
