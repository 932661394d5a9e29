"""The rule file as text: YAML whose every rule remembers its line, so that a mistake can be named where it stands."""

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

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


def entries(file: str, text: str) -> Iterator[Entry]:
    """The rules of all groups, in the file's order."""
    document = _document(file, text)
    groups = document["groups"]
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


def _document(file: str, text: str) -> dict[str, Any]:
    try:
        document = _Loader(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"{file}, line {line}: not YAML: {error.problem}. Mend that line."
        raise SettingsError(message) from error
    except (yaml.YAMLError, RecursionError) as error:
        message = f"{file} is not YAML: {error}. Mend the file."
        raise SettingsError(message) from error
    if not isinstance(document, dict) or set(document) != {"method", "groups", _LINE}:
        message = f"{file}, line 1: expected the keys `method` and `groups`. Begin like the packaged rules.yaml."
        raise SettingsError(message)
    return document


class _Loader(yaml.SafeLoader):
    """YAML without objects, in which every mapping remembers its line and no key comes twice."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    mapping = loader.construct_mapping(node, deep=True)
    if len(mapping) < len(node.value):
        problem = "a key is given twice"
        raise yaml.constructor.ConstructorError(problem=problem, problem_mark=node.start_mark)
    return mapping | {_LINE: node.start_mark.line + 1}


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
