"""Edits of one file or two: what a developer does to lines in one go."""

import random
import re
from collections import Counter
from collections.abc import Callable, Collection

from ingest.sample import grammar
from ingest.sample.tree import Draft, File, Files, Line, Paste, functions, indent, is_loose, language, role, without
from ingest.sample.words import Vocabulary

_WORD = re.compile(r"[a-z]+|\d+")
_IDENTIFIER = re.compile(r"\b[a-z]+_[a-z]+\b")
# How often work stays together.
_TOGETHER_SHARE = 0.6
# Files in which to look for a name worth replacing.
_LOOKED_AT = 10
_SEPARATORS = {"py": ("", ""), "js": ("",)}


def add_function(draft: Draft, path: str, rng: random.Random, words: Vocabulary, lines: int) -> None:
    """A new function below one of the functions of the file."""
    make = grammar.test_function if role(path) == "test" else grammar.function
    put_function(draft, path, draft.lines(make(rng, language(path), words, lines)), rng)


def put_function(draft: Draft, path: str, body: File, rng: random.Random) -> None:
    """A function that exists already, set below one of the functions of the file."""
    file = draft.files[path]
    spans = functions(file)
    at = rng.choice(spans).stop if spans else len(file)
    draft.files[path] = file[:at] + draft.lines(_SEPARATORS[language(path)]) + body + file[at:]


def add_statements(draft: Draft, path: str, rng: random.Random, words: Vocabulary, lines: int) -> None:
    """A few statements inside a function."""
    file = draft.files[path]
    places = some_loose(file, rng, 1)
    if not places:
        add_function(draft, path, rng, words, lines + 3)
        return
    at = places[0]
    texts = [indent(file[at].text) + text for text in grammar.statements(rng, language(path), words, lines)]
    draft.files[path] = file[: at + 1] + draft.lines(texts) + file[at + 1 :]


def pick(draft: Draft, rng: random.Random, *roles: str) -> str:
    """A file of these roles that nobody else works on, mostly one that the change has touched already."""
    paths = draft.candidates(*roles) or sorted(
        path for path, file in draft.files.items() if file and role(path) in roles
    )
    begun = [path for path in paths if draft.files[path] is not draft.before.get(path)]
    return rng.choice(begun if begun and rng.random() < _TOGETHER_SHARE else paths)


def some_loose(file: File, rng: random.Random, lines: int, youngest: int | None = None) -> list[int]:
    """Up to so many lines that may be changed alone, none younger than `youngest`: tried at random, not searched."""
    tries = {rng.randrange(len(file)): None for _ in range(20 + 6 * lines)}
    fitting = (at for at in tries if is_loose(file, at) and (youngest is None or file[at].birth <= youngest))
    return sorted(at for at, _ in zip(fitting, range(lines), strict=False))


def update_words(draft: Draft, path: str, places: Collection[int], rng: random.Random, words: Vocabulary) -> None:
    """Other words or numbers in a few lines."""
    file = list(draft.files[path])
    for at in places:
        text = reworded(file[at].text, rng, words)
        if text != file[at].text:
            file[at] = Line(text, draft.birth)
            draft.updated += 1
    draft.files[path] = file


def reworded(text: str, rng: random.Random, words: Vocabulary) -> str:
    """The line with one of its nouns or numbers replaced."""
    known = frozenset(words.nouns)
    spots = [spot for spot in _WORD.finditer(text) if spot[0].isdigit() or spot[0] in known]
    if not spots:
        return text
    spot = rng.choice(spots)
    new = str(int(spot[0]) + rng.randint(1, 20)) if spot[0].isdigit() else words.noun(rng)
    return text[: spot.start()] + new + text[spot.end() :]


def remove_lines(draft: Draft, path: str, places: Collection[int]) -> None:
    """A few lines gone."""
    draft.files[path] = [line for at, line in enumerate(draft.files[path]) if at not in places]


def remove_function(draft: Draft, path: str, part: slice) -> None:
    """A whole function gone."""
    draft.files[path] = without(draft.files[path], part)


def rewrite(draft: Draft, path: str, places: Collection[int], rng: random.Random, words: Vocabulary) -> None:
    """Lines thought over again: other statements in the same places."""
    file = list(draft.files[path])
    for at in places:
        file[at] = Line(indent(file[at].text) + grammar.statement(rng, language(path), words), draft.birth)
    draft.files[path] = file


def move_function(draft: Draft, source: str, part: slice, target: str, rng: random.Random) -> None:
    """A function taken out of one file and set into another; its lines stay the lines they were."""
    body = draft.files[source][part]
    draft.files[source] = without(draft.files[source], part)
    put_function(draft, target, body, rng)
    draft.moved += len(body)


def paste_function(draft: Draft, source: str, part: slice, target: str, rng: random.Random) -> None:
    """A function copied, verbatim or deeper indented under a condition."""
    texts = [line.text for line in draft.files[source][part]]
    if language(target) == "py" and rng.random() < 0.35:
        texts = [
            f'if "{texts[0].split("(")[0].split()[-1]}" not in globals():',
            *("    " + text if text else text for text in texts),
        ]
    put_function(draft, target, draft.lines(texts), rng)
    draft.pastes.append(Paste(target, source, part.stop - part.start))


def rename_file(draft: Draft, old: str, new: str) -> None:
    """The same lines under another name, in the place of the old one."""
    draft.files = {new if path == old else path: file for path, file in draft.files.items()}


def replace_everywhere(draft: Draft, rng: random.Random, words: Vocabulary) -> None:
    """One identifier renamed in every file that nobody else works on."""
    paths = draft.candidates("source", "test")
    seen = Counter(
        name
        for path in rng.sample(paths, min(len(paths), _LOOKED_AT))
        for line in draft.files[path]
        for name in sorted(set(_IDENTIFIER.findall(line.text)))
    )
    names = sorted(name for name, times in seen.items() if 3 <= times <= 12)
    if not names:
        return
    old = rng.choice(names)
    pattern, new = re.compile(rf"\b{old}\b"), f"{words.noun(rng)}_{old.split('_')[1]}"
    for path in paths:
        if any(pattern.search(line.text) for line in draft.files[path]):
            draft.files[path] = _mapped(
                draft.files[path], lambda line: Line(pattern.sub(new, line.text), draft.birth), pattern
            )


def _mapped(file: File, change: Callable[[Line], Line], pattern: re.Pattern[str]) -> File:
    return [change(line) if pattern.search(line.text) else line for line in file]


def double_quoted(files: Files) -> Files:
    """Every Python file with double quotes; the lines keep the change that wrote them."""
    single = re.compile(r"'")
    return {
        path: _mapped(file, lambda line: Line(line.text.replace("'", '"'), line.birth), single)
        if path.endswith(".py") and any("'" in line.text for line in file)
        else file
        for path, file in files.items()
    }


def single_quoted(path: str, file: File) -> File:
    """A Python file with single quotes, as shop-payments wrote before its reformatting; docstrings stay."""
    if not path.endswith(".py"):
        return file
    return [
        Line(line.text.replace('"', "'"), line.birth) if '"' in line.text and '"""' not in line.text else line
        for line in file
    ]
