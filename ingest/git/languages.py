"""Languages: by what names their files go and what their comments look like, read from languages.yaml once."""

from functools import cache
from importlib import resources
from typing import NamedTuple

import yaml


class Language(NamedTuple):
    """A language as languages.yaml describes it; the name is linguist's."""

    name: str
    role: str
    line: tuple[bytes, ...]
    block: tuple[tuple[bytes, bytes], ...]
    starred: bool


class Languages(NamedTuple):
    """Languages by their names and by the names and endings of their files, all in lower case."""

    by_name: dict[str, Language]
    by_file: dict[str, Language]

    def named(self, name: str) -> Language | None:
        """The language of that name, whose blanks may be hyphens: an attribute can hold none."""
        return self.by_name.get(name.lower()) or self.by_name.get(name.lower().replace("-", " "))

    def of_file(self, name: str) -> Language | None:
        """The language of a file: by its whole name, else by its longest ending that is known."""
        name = name.lower()
        endings = (name[at:] for at, letter in enumerate(name) if letter == ".")
        return next((self.by_file[key] for key in (name, *endings) if key in self.by_file), None)


@cache
def languages() -> Languages:
    """Every language we know."""
    by_name: dict[str, Language] = {}
    by_file: dict[str, Language] = {}
    for group in yaml.load(
        resources.files("ingest.git").joinpath("languages.yaml").read_text("utf-8"), yaml.CSafeLoader
    ):
        line = tuple(text.encode() for text in group.get("line", ()))
        block = tuple((begin.encode(), end.encode()) for begin, end in group.get("block", ()))
        for name, files in group["languages"].items():
            language = Language(name, group["role"], line, block, group.get("starred", False))
            by_name[name.lower()] = language
            by_file |= dict.fromkeys(files.split(), language)
    return Languages(by_name, by_file)
