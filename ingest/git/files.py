"""Files: what a file is for and in which language it is, by its path and by what .gitattributes files say of it."""

import re
from collections.abc import Container, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import yaml

from ingest.git.attributes import Attributes, any_of
from ingest.git.languages import Language, languages

_ATTRIBUTES = (
    (b"linguist-vendored", "vendored"),
    (b"linguist-generated", "generated"),
    (b"linguist-documentation", "docs"),
)
_HEADER = 200  # bytes


class Kind(NamedTuple):
    """What a file is for (source, test, docs, config, generated, vendored, data), and its language if we know it."""

    role: str
    language: str | None


class _Rules(NamedTuple):
    """files.yaml, with its patterns ready for use."""

    any: tuple[tuple[str, re.Pattern[bytes]], ...]
    code: tuple[tuple[str, re.Pattern[bytes]], ...]
    templates: tuple[str, ...]
    headers: re.Pattern[bytes]
    not_headers: re.Pattern[bytes]


class Classifier:
    """Tells the kind of paths; `attributes` are the texts of .gitattributes files by their folder, b"" at the top."""

    def __init__(self, attributes: Mapping[bytes, bytes]) -> None:
        self._attributes = Attributes(attributes)
        self._kinds: dict[bytes, Kind] = {}

    def kind(self, path: bytes) -> Kind:
        """The kind of the file at a path, whatever bytes are in it."""
        kind = self._kinds.get(path)
        if kind is None:
            kind = self._kinds[path] = _kind(path, self._attributes.of(path))
        return kind


def is_generated(first_lines: Sequence[bytes]) -> bool:
    """Whether one of a file's first lines says that a program writes the file."""
    rules = _rules()
    # A header is short; a bundle's first line may be megabytes, on which a regex could work for hours.
    begins = [line[:_HEADER] for line in first_lines]
    return any(rules.headers.search(line) and not rules.not_headers.search(line) for line in begins)


def _kind(path: bytes, attributes: Mapping[bytes, bytes]) -> Kind:
    named = attributes.get(b"linguist-language")
    language = _named(named.decode("utf-8", "replace")) if named else _of_file(path)
    claims = {role: attributes[name] != b"false" for name, role in _ATTRIBUTES if name in attributes}
    claimed = (role for role, is_so in claims.items() if is_so)
    role = next(claimed, None) or _role(path, language, claims)
    return Kind(role, language.name if language else None)


def _role(path: bytes, language: Language | None, denied: Container[str]) -> str:
    rules = _rules()
    for role, paths in rules.any:
        if role not in denied and paths.fullmatch(path):
            return role
    if language and language.role != "source":
        return language.role
    fitting = (role for role, paths in rules.code if paths.fullmatch(path))
    return next(fitting, "source" if language else "data")


def _of_file(path: bytes) -> Language | None:
    # The tables are ASCII, so that it does not matter as what other bytes are read.
    name = path.rpartition(b"/")[2].decode("latin-1")
    language = languages().of_file(name)
    if not language and name.endswith(_rules().templates):
        language = languages().of_file(name.rpartition(".")[0])
    return language


def _named(name: str) -> Language:
    """The language an attribute names; one we have never heard of is taken at its word."""
    return languages().named(name) or Language(name, "source", (), (), starred=False)


@cache
def _rules() -> _Rules:
    rules = yaml.load(resources.files("ingest.git").joinpath("files.yaml").read_text("utf-8"), yaml.CSafeLoader)
    return _Rules(
        _patterns(rules["any"]),
        _patterns(rules["code"]),
        tuple(rules["templates"]),
        _regex("|".join(rules["headers"])),
        _regex(rules["not_headers"]),
    )


def _patterns(groups: list[dict[str, Any]]) -> tuple[tuple[str, re.Pattern[bytes]], ...]:
    return tuple((group["role"], any_of([path.encode() for path in group["paths"]])) for group in groups)


def _regex(text: str) -> re.Pattern[bytes]:
    return re.compile(text.encode(), re.IGNORECASE)
