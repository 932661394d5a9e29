"""Duplicated lines beside those of jscpd (npm), on the same files of a tree that is checked out.

jscpd compares tokens, so what it reports begins and ends in the middle of lines, and it counts those lines; of each pair
it reports one token beyond what is equal, which can be a docstring; and where a stretch goes on as a copy of something
else, the second place it names is wrong from there. So each of its lines is put into one class before it is looked for.
"""

import json
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ingest.git import lines
from ingest.git.duplication import LINES, TOKENS, Census, File
from ingest.git.languages import languages
from ingest.git.mirror import open_mirror
from ingest.settings import Repository
from tests.bench.table import Options, Row, Table, name

# Code, as against data and prose.
FORMATS = (
    "bash,c,c-header,cpp,cpp-header,css,go,java,javascript,jsx,lua,markup,perl,python,ruby,rust,tcl,tsx,typescript"
)
OPTIONS = ("--min-lines", "6", "--min-tokens", "50", "--max-lines", "1000000", "--max-size", "100mb", "--no-gitignore")
# What a line jscpd reports is, the first that fits: it repeats whole, in a pair that is long enough in whole lines; in one
# that is not; in a stretch whose other place is not known; it repeats in part, or not at all.
CLASSES = ("whole", "short", "unnamed", "part")


class Text(NamedTuple):
    """A file: its lines without white space around them, as text where columns matter, and as what we keep of them."""

    lines: list[str]
    kept: File


Place = dict[str, Any]  # of jscpd's report: name, startLoc, endLoc


def rows(options: Options) -> Iterator[Row]:
    """A row for the head of each repository."""
    if not shutil.which(options.jscpd):
        yield (f"skipped: there is no {options.jscpd}; give JSCPD=command",)
        return
    for repository in options.repositories:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            mirror = open_mirror(Repository("bench", str(repository)), folder / "mirrors", folder)
            archive, tree = folder / "tree.tar", folder / name(repository)
            mirror.git.execute(["git", "archive", f"--output={archive}", mirror.head_sha])
            with tarfile.open(archive) as packed:
                packed.extractall(tree, filter="data")
            yield against_jscpd(tree, options.jscpd)


def against_jscpd(tree: Path, jscpd: str) -> Row:
    """A row for one tree, `jscpd` being the path of its command."""
    report = reported(tree, jscpd)
    texts = {path: text(Path(path)) for kind in report["statistics"]["formats"].values() for path in kind["sources"]}
    theirs: dict[tuple[str, int], str] = {}
    for pair in report["duplicates"]:
        for path, number, kind in classed(pair["firstFile"], pair["secondFile"], texts):
            if texts[path].kept.kinds[number - 1] == lines.CODE:
                theirs[path, number] = min(kind, theirs.get((path, number), "part"), key=CLASSES.index)
    ours = found(texts)
    all_of, found_of = Counter(theirs.values()), Counter(theirs[line] for line in ours & theirs.keys())
    cells = [f"{found_of[kind]:,} of {all_of[kind]:,}" for kind in CLASSES]
    return (tree.name, len(texts), f"{len(theirs):,}", *cells, f"{len(ours):,}", f"{len(ours - theirs.keys()):,}")


def reported(tree: Path, jscpd: str) -> dict[str, Any]:
    """What jscpd reports of a tree."""
    with tempfile.TemporaryDirectory() as folder:
        output = ("--reporters", "json", "--absolute", "--silent", "--output", folder)
        subprocess.run(
            [jscpd, str(tree), "--format", FORMATS, *OPTIONS, *output], check=True, stdout=subprocess.DEVNULL
        )
        report: dict[str, Any] = json.loads(Path(folder, "jscpd-report.json").read_text("utf-8"))
    return report


def text(path: Path) -> Text:
    """A file, read as jscpd reads it and as the replay does."""
    content = path.read_bytes()
    stripped = [line.strip() for line in content.split(b"\n")]
    language = languages().of_file(path.name)
    kept = File(
        np.array([zlib.crc32(line) for line in stripped], np.uint32),
        np.frombuffer(lines.tokens(stripped), np.uint8),
        np.frombuffer(lines.kinds(language.name if language else None, stripped), np.uint8),
    )
    return Text(content.decode("utf-8", "replace").split("\n"), kept)


def found(texts: Mapping[str, Text]) -> set[tuple[str, int]]:
    """The code lines we find, each by its path and number."""
    census = Census[str]()
    for path, one in texts.items():
        census.update(path, one.kept)
    return {
        (copy.file, number)
        for copy in census.copies()
        for number in range(copy.start_line, copy.end_line + 1)
        if texts[copy.file].kept.kinds[number - 1] == lines.CODE
    }


def classed(first: Place, second: Place, texts: Mapping[str, Text]) -> Iterator[tuple[str, int, str]]:
    """The lines of both places of a pair, by path and number, with their class."""
    mine = visible(first, texts, first["endLoc"]["line"])
    others = visible(
        second, texts, second["startLoc"]["line"] + 2 * (first["endLoc"]["line"] - first["startLoc"]["line"])
    )
    equal = next(
        (at for at, (one, other) in enumerate(zip(mine, others, strict=False)) if one[0] != other[0]), len(mine)
    )
    sizes = [place["endLoc"]["position"] - place["startLoc"]["position"] for place in (first, second)]
    is_named = abs(sizes[0] - sizes[1]) <= max(3, sizes[0] // 10)  # else the second place ends somewhere else
    for place, letters in ((first, mine), (second, others)):
        reached = [line for _, line in letters[:equal]]
        touched = Counter(reached)
        path, kept = place["name"], texts[place["name"]].kept
        whole = {line for line, count in touched.items() if count == len("".join(texts[path].lines[line - 1].split()))}
        code = [line - 1 for line in whole if kept.kinds[line - 1] == lines.CODE]
        is_long = len(code) >= LINES and int(kept.tokens[code].sum()) >= TOKENS
        last = place["endLoc"]["line"] if is_named or place is first else max(reached, default=0)
        for line in range(place["startLoc"]["line"], last + 1):
            if line in whole:
                yield path, line, "whole" if is_long else "short"
            else:
                yield path, line, "part" if is_named or line in touched else "unnamed"


def visible(place: Place, texts: Mapping[str, Text], last: int) -> list[tuple[str, int]]:
    """Every letter from the start of a place on that is not white space, with the number of its line."""
    start = place["startLoc"]
    rows = texts[place["name"]].lines[start["line"] - 1 : last]
    rows[0] = rows[0][start["column"] - 1 :]
    return [
        (letter, number) for number, row in enumerate(rows, start["line"]) for letter in row if not letter.isspace()
    ]


TABLE = Table(
    key="duplication",
    about="Duplicated code lines at the head beside those of jscpd, by what a line of jscpd's is.",
    columns=(
        "tree", "files", "code lines of jscpd", *(f"{each}: found" for each in CLASSES), "ours", "ours only",
    ),
    rows=rows,
)  # fmt: skip
