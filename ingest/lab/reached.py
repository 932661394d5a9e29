"""How far each change of the lab reached, layer by layer, as a rank in the year before it; and which lines stand there twice."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from ingest.lab.changes import Change
from ingest.lab.counted import NOBODY, Row, Rows, is_inside, row
from ingest.lab.lines import Files, Line
from ingest.lab.repository import OWNERS, Repository

LAYERS = ("files", "directories", "areas", "services", "dependents", "neighbours")
YEAR = timedelta(days=365)
TOGETHER, MOST = 3, 50  # times that two files were touched together, among no more, and they are neighbours
RANKED = 10  # changes at least, for a rank among them
BLOCK, TOKENS = 6, 50  # lines and tokens of a duplicate
_TOKEN = re.compile(r"\w+|[^\w\s]")


def rows(repositories: Sequence[Repository]) -> Rows:
    """The rank of each change in each layer."""
    counts: Rows = {f"blast_{layer}": [] for layer in LAYERS}
    for repository in repositories:
        changes = [change for change in repository.landed if change.purpose != "first" and change.files]
        reached = list(_reached(repository, changes))
        for layer in LAYERS:
            told = zip(changes, reached, strict=True)
            counts[f"blast_{layer}"] += _ranked(
                [(one, count) for one, counts in told if (count := counts[layer]) is not None]
            )
    return counts


def _reached(repository: Repository, changes: Sequence[Change]) -> Iterator[dict[str, int | None]]:
    depending = _depending(repository.imports)
    before: dict[tuple[str, int], list[Change]] = defaultdict(list)  # who touched a file
    for change in changes:
        files = change.files
        folders = {path.rpartition("/")[0] for path in files}
        dependents = {each for path in files for each in depending.get(path, ())}
        yield {
            "files": len(files),
            "directories": len(folders),
            "areas": len({OWNERS.get(f"/{folder}/", OWNERS["*"]) for folder in folders}),
            "services": len(folders - {"docs"}),
            "dependents": None if folders == {"docs"} else len(dependents - files),
            "neighbours": len(_neighbours(change, before)),
        }
        for file in change.touched if len(files) <= MOST else ():
            before[file].append(change)


def _depending(imports: Mapping[str, str]) -> dict[str, set[str]]:
    """All files that import of a file, through others as well."""
    depending: dict[str, set[str]] = defaultdict(set)
    for path in imports:
        target = imports.get(path)
        while target is not None:  # nothing imports of what is younger, so there is no circle
            depending[target].add(path)
            target = imports.get(target)
    return depending


def _neighbours(change: Change, before: Mapping[tuple[str, int], Sequence[Change]]) -> set[tuple[str, int]]:
    """Files that were touched together with one of these often enough in the year before, and are not touched now."""
    found: set[tuple[str, int]] = set()
    for file in change.touched:
        lately = [one for one in before[file] if one.at > change.at - YEAR]
        times = Counter(other for one in lately for other in one.touched)
        found |= {other for other, count in times.items() if count >= TOGETHER}
    return found - change.touched


def _ranked(reached: Sequence[tuple[Change, int]]) -> Iterator[Row]:
    """Of those that landed in the year up to a change, itself among them: how many reach less, half of those as far."""
    for number, (change, own) in enumerate(reached):
        others = [count for one, count in reached[: number + 1] if one.at >= change.at - YEAR]
        less, more = sum(count < own for count in others), sum(count > own for count in others)
        if len(others) >= RANKED and is_inside(change.at):
            yield row(change.at, change.cohort, change.sha, (len(others) + less - more) / (2 * len(others)))


def duplicated(repositories: Sequence[Repository]) -> list[Row]:
    """At the end of a month, lines in a block that stands somewhere else as well."""
    return [_state(repository) for repository in repositories]


def _state(repository: Repository) -> Row:
    look = repository.month_end
    assert look is not None  # noqa: S101 - the play lasts longer
    last = next(change for change in reversed(repository.landed) if change.sha == look.sha)
    code = sum(line.is_code for file in look.files.values() for line in file)
    return row(last.at, NOBODY, look.sha, len(twice(look.files)), code)


def twice(files: Files) -> set[Line]:
    """The lines of code in blocks that stand in more than one place, whatever space stands before them."""
    blocks: dict[tuple[str, ...], list[list[Line]]] = defaultdict(list)
    for file in files.values():
        for block in _blocks([line for line in file if line.is_code]):
            blocks[tuple(line.text.strip() for line in block)].append(block)
    return {line for places in blocks.values() if len(places) > 1 for block in places for line in block}


def _blocks(file: list[Line]) -> Iterator[list[Line]]:
    """From each line on, the fewest that are enough to be a duplicate."""
    tokens = [len(_TOKEN.findall(line.text)) for line in file]
    for begin in range(len(file)):
        for end in range(begin + BLOCK, len(file) + 1):
            if sum(tokens[begin:end]) >= TOKENS:
                yield file[begin:end]
                break
