"""Fix lines beside fixes whose developers named the commit that brought the fault in.

Each fix is ingested as the head of a branch of its own, so the first-parent line is the fix's; its message is not read
here. Precision, recall and F1 over all links, as Rosa et al. (ICSE 2021) count them; who names no candidate lowers recall.
"""

import json
import os
import random
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

from ingest import warehouse
from ingest.causes import fix_lines
from ingest.git import messages
from ingest.git.mirror import READING
from tests.bench.commands import TWINLEDGER, run
from tests.bench.table import Options, Row, Table

DRAWS = 10_000
BESIDE = "R"  # what the default is held against


class Fix(NamedTuple):
    """An entry of the oracle."""

    repo: str
    fix: str
    inducing: frozenset[str]
    reported_at: datetime | None
    blamed: frozenset[str]  # the commits that its message names, as the explicit method reads it

    @property
    def name(self) -> str:
        """What its branch is called in the warehouse."""
        return f"{self.repo.partition('/')[2]}-{self.fix[:8]}"


class Counts(NamedTuple):
    """Links of a set of fixes: those that are right, those that were found, those that are to be found."""

    right: int
    found: int
    wanted: int

    @property
    def scores(self) -> tuple[float, float, float]:
        """Precision, recall and F1."""
        precision, recall = self.right / max(1, self.found), self.right / max(1, self.wanted)
        return precision, recall, 2 * self.right / max(1, self.found + self.wanted)


def rows(options: Options) -> Iterator[Row]:
    """The rows, from a warehouse made for them."""
    if options.oracle is None:
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        fixes = list(read(options.oracle, options.repositories, folder))
        ingest(fixes, folder)
        generation = warehouse.current(folder / "data" / "warehouse")
        assert generation is not None
        with duckdb.connect(generation) as con:
            yield from scored(con, fixes)
        yield from scored(con, fixes)


def scored(con: duckdb.DuckDBPyConnection, fixes: Sequence[Fix]) -> Iterator[Row]:
    """A row for each variant, with and without what was written after the report, and for what messages say."""
    for about, is_filtered in (("messages withheld", False), ("and nothing written after the report", True)):
        found = {variant: links(con, fixes, variant, is_filtered=is_filtered) for variant in fix_lines.VARIANTS}
        for variant, each in found.items():
            yield row(about, variant, fixes, each, found[BESIDE])
    yield row("messages read", "explicit", fixes, [fix.blamed for fix in fixes], found[BESIDE])


def read(oracle: Path, repositories: Sequence[Path], folder: Path) -> Iterator[Fix]:
    """The fixes of the oracle whose repositories are at hand; each is cloned into `folder`."""
    places = {place(path): path for path in repositories}
    for entry in json.loads(oracle.read_text("utf-8")):
        clone = folder / entry["repo"].replace("/", "+")
        if clone.name not in places:
            continue
        if not clone.exists():
            git("clone", "--quiet", "--bare", "--shared", "--template=", places[clone.name], clone)
        reported = entry["issue_date"] and datetime.fromisoformat(entry["issue_date"])
        inducing = frozenset(entry["inducing_commits"])
        message = git("-C", clone, "show", "--no-patch", "--format=%B", entry["fix_commit"], "--")
        # An abbreviated id is counted as what it stands for, and one of nothing as itself: it is wrong either way.
        named = (next((sha for sha in inducing if sha.startswith(name)), name) for name in messages.blames(message))
        yield Fix(entry["repo"], entry["fix_commit"], inducing, reported, frozenset(named))


def place(repository: Path) -> str:
    """A mirror's owner+name, which is what its folder is called, or the one above."""
    return repository.parent.name if repository.name in {"repo", ".git"} else repository.name.removesuffix(".git")


def ingest(fixes: Sequence[Fix], folder: Path) -> None:
    """A warehouse of the fixes' histories, which knows nothing of incidents yet."""
    settings, told = folder / "settings.toml", ['[organisation]\ndata = "data"\n']
    for fix in fixes:
        clone = fix.repo.replace("/", "+")
        git("-C", folder / clone, "update-ref", f"refs/heads/{fix.name}", fix.fix)
        told.append(f'[[repositories]]\nname = "{fix.name}"\nlocation = "{clone}"\nbranch = "{fix.name}"\n')
    settings.write_text("\n".join(told), "utf-8")
    run([*TWINLEDGER, "ingest", "--settings", settings])


def links(
    con: duckdb.DuckDBPyConnection, fixes: Sequence[Fix], variant: str, *, is_filtered: bool
) -> list[frozenset[str]]:
    """What a variant takes for the causes of each fix, as an incident that this fix repaired is laid to them."""
    for table in ("incidents", "incident_fixes", "fix_traces"):
        con.execute(f"delete from {table}")
    for fix in fixes:
        started_at = (is_filtered and fix.reported_at) or datetime(2100, 1, 1)  # noqa: DTZ001 - as in the warehouse
        con.execute(
            "insert into incidents by name select $1 as incident, 'bench' as source, $2 as started_at, $2 as detected_at",
            [fix.name, started_at],
        )
        con.execute("insert into incident_fixes values ($1, $1, $2, '', '1')", [fix.name, fix.fix])
    fix_lines.link(con, variant=variant, has_landed=False)  # an oracle knows when its commits were written
    found = {fix.name: set[str]() for fix in fixes}
    for incident, sha in con.execute("select incident, sha from incident_causes where method = 'fix_lines'").fetchall():
        found[incident].add(sha)
    return [frozenset(found[fix.name]) for fix in fixes]


def counted(fixes: Sequence[Fix], found: Sequence[frozenset[str]]) -> list[Counts]:
    """The counts of each fix."""
    return [
        Counts(len(fix.inducing & each), len(each), len(fix.inducing)) for fix, each in zip(fixes, found, strict=True)
    ]


def row(
    about: str, variant: str, fixes: Sequence[Fix], found: Sequence[frozenset[str]], beside: Sequence[frozenset[str]]
) -> Row:
    """The scores of a variant, and how much better its F1 is than that of `beside`, with an interval of 95 %."""
    ours, theirs = counted(fixes, found), counted(fixes, beside)
    scores = total(ours).scores
    chance, differences = random.Random(1), []  # noqa: S311 - resampling needs no cryptography
    for _ in range(DRAWS):
        drawn = chance.choices(range(len(fixes)), k=len(fixes))
        differences.append(total([ours[n] for n in drawn]).scores[2] - total([theirs[n] for n in drawn]).scores[2])
    differences.sort()
    low, high = differences[int(0.025 * DRAWS)], differences[int(0.975 * DRAWS) - 1]
    whole = total(ours)
    difference = scores[2] - total(theirs).scores[2]
    return (
        about, variant, len(fixes), f"{whole.right} of {whole.found}", *(f"{each:.3f}" for each in scores),
        f"{difference:+.3f} ({low:+.3f} to {high:+.3f})",
    )  # fmt: skip


def total(counts: Sequence[Counts]) -> Counts:
    """Counts of several fixes together."""
    return Counts(*map(sum, zip(*counts, strict=True))) if counts else Counts(0, 0, 0)


def git(*words: str | Path) -> str:
    """What git prints."""
    allowed = os.environ | READING | {"GIT_ALLOW_PROTOCOL": "file"}
    return subprocess.run(["git", *words], check=True, capture_output=True, env=allowed).stdout.decode(
        "utf-8", "replace"
    )


TABLE = Table(
    key="fix_lines",
    about="Fixes whose developers named the cause (ORACLE), messages withheld: links of fix_lines by variant. Last, F1 less that "
    f"of {BESIDE}, fixes drawn again {DRAWS:,} times, interval of 95 %.",
    columns=("fixes", "variant", "number", "right", "precision", "recall", "F1", f"F1 beside {BESIDE}"),
    rows=rows,
)
