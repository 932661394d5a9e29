"""Copies that were planted in a generated history, and how many of their lines the ingest calls copied."""

import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from dashboard import published
from ingest import run, settings
from ingest.git.lines import meaningful
from ingest.sample.fast_import import FastImport, Signature
from tests.bench.table import Options, Row, Table

SEED, FILES, COMMITS = 1, 60, 400
LENGTHS = ((2, 4), (5, 8), (9, 40))  # of blocks; shorter than five is no copy by definition
COMMON = 0.2  # of the lines
WORDS = ("account", "basket", "city", "delivery", "event", "filter", "gateway", "header", "index", "journal", "order")


class Planted(NamedTuple):
    """Lines that a commit added: where those with a word of their own are, and what they are."""

    sha: str
    path: str
    numbers: list[int]
    what: str


class Story:
    """A history in which three of four commits copy a block from another file of the tree."""

    def __init__(self, folder: Path) -> None:
        self._chance = random.Random(SEED)
        self._at = datetime(2026, 1, 1, tzinfo=UTC)
        self._writer = FastImport(folder)
        self._tree = {f"src/part{number}.py": self._lines(80) for number in range(FILES)}
        self._head = self._commit([], list(self._tree))

    def write(self) -> list[Planted]:
        """Write it; what was planted, and what was not."""
        planted = [self._step(number) for number in range(COMMITS)]
        self._writer.finish(self._head)
        return planted

    def _step(self, number: int) -> Planted:
        chance = self._chance
        path = chance.choice(list(self._tree))
        is_new, is_indented = number % 4 == 0, number % 4 == 1
        if is_new:
            block = self._lines(chance.randint(5, 40))
        else:
            length = chance.randint(*LENGTHS[number % 3])
            source = self._tree[chance.choice([each for each in self._tree if each != path])]
            start = chance.randrange(len(source) - length)
            block = source[start : start + length]
        if is_indented:
            block = [f"        {line.strip()}" for line in block]
        lines = self._tree[path]
        at = chance.randrange(len(lines) + 1)
        lines[at:at] = block
        self._head = self._commit([self._head], [path])
        numbers = [
            number
            for number, is_own in enumerate(meaningful([line.strip().encode() for line in block]), at + 1)
            if is_own
        ]
        what = "new" if is_new else f"a copy of {size(len(numbers))}{', indented' if is_indented else ''}"
        return Planted(self._head, path, numbers, what)

    def _lines(self, count: int) -> list[str]:
        """Code nobody has written yet, among lines that everybody writes."""
        return [self._line() for _ in range(count)]

    def _line(self) -> str:
        chance = self._chance
        if chance.random() < COMMON:
            return chance.choice(["    return None", "        )", ""])
        one, other = chance.sample(WORDS, 2)
        return f"    {one}_{chance.randrange(10**6)} = {other}({chance.randrange(100)})"

    def _commit(self, parents: list[str], paths: list[str]) -> str:
        self._at += timedelta(hours=1)
        who = Signature("Bench", "bench@example.com", self._at)
        files: Mapping[str, bytes | None] = {
            path: "".join(f"{line}\n" for line in self._tree[path]).encode() for path in paths
        }
        return self._writer.commit("Step", who, who, parents=parents, files=files)


def size(lines: int) -> str:
    """How long a copy is, in lines that count."""
    return next((f"{low} to {high} lines" for low, high in LENGTHS if low <= lines <= high), "1 line or none")


def rows(_: Options) -> Iterator[Row]:
    """A row for each sort of lines that were added."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        planted = Story(folder / "planted").write()
        called = copied(folder)
    lines, found, blocks, whole = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for block in planted:
        here = sum(called[block.sha, block.path, number] for number in block.numbers)
        lines[block.what] += len(block.numbers)
        found[block.what] += here
        blocks[block.what] += 1
        whole[block.what] += 0 < here == len(block.numbers)
    for what in sorted(lines):
        yield (
            what,
            blocks[what],
            whole[what],
            f"{lines[what]:,}",
            f"{found[what]:,}",
            f"{found[what] / lines[what]:.1%}",
        )


def copied(folder: Path) -> Counter[tuple[str, str, int]]:
    """The lines that an ingest calls copied, by commit, path and number."""
    file = folder / "settings.toml"
    file.write_text('[[repositories]]\nname = "planted"\nlocation = "planted"\n')
    loaded = settings.load(file)
    (outcome,) = run.ingest(loaded, lambda _: None)
    generation = published.generation(loaded.warehouse)
    assert outcome.outcome == "ok", outcome.detail
    assert generation
    with published.connect(generation) as con:
        runs = con.execute("select sha, path, start_line, lines from line_births where operation = 'copied'").fetchall()
    return Counter((sha, path, start + number) for sha, path, start, lines in runs for number in range(lines))


TABLE = Table(
    key="planted",
    about="Blocks copied from elsewhere in a generated tree, and lines nobody has written yet (new): how many an ingest calls "
    "copied, of the lines that are more than blank or punctuation. Fewer than five of them are no copy by definition.",
    columns=("planted", "blocks", "wholly found", "lines", "called copied", "share"),
    rows=rows,
)
