"""A night: what an ingest needs for the commits of a day or a week, and for none."""

import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.commands import TWINLEDGER, run
from tests.bench.speed import PRINT, needed
from tests.bench.table import Options, Row, Table, name

COMMITS = 100
RUNS = 3


def rows(options: Options) -> Iterator[Row]:
    """A row for each repository."""
    for repository in options.repositories:
        with tempfile.TemporaryDirectory() as folder:
            yield row(repository, Path(folder))


def row(repository: Path, folder: Path) -> Row:
    """An ingest of all but the last commits, then of these, several times from the same start."""
    clone, kept, data, settings = (folder / each for each in ("clone", "kept", "data", "settings.toml"))
    git("clone", "--quiet", "--bare", "--shared", "--template=", str(repository), str(clone))
    settings.write_text('[organisation]\ndata = "data"\n\n[[repositories]]\nname = "bench"\nlocation = "clone"\n')
    ingest: list[str | Path] = [*TWINLEDGER, "ingest", "--settings", settings]
    branch, head = git("-C", str(clone), "symbolic-ref", "HEAD"), git("-C", str(clone), "rev-parse", "HEAD")
    base, commits = before(clone)
    git("-C", str(clone), "update-ref", branch, base)
    first = needed(run(ingest))
    data.rename(kept)
    git("-C", str(clone), "update-ref", branch, head)
    printed, night = [], []
    for _ in range(RUNS):
        printed.append(needed(run(["git", "-C", clone, *PRINT, f"{base}..{head}"], to_nowhere=True)).seconds)
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(kept, data)
        night.append(needed(run(ingest)).seconds)
    nothing = [needed(run(ingest)).seconds for _ in range(RUNS)]
    seconds = (first.seconds, *map(statistics.median, (printed, night, nothing)))
    return (name(repository), f"{commits:,}", *(f"{each:.2f} s" for each in seconds))


def before(clone: Path) -> tuple[str, int]:
    """The newest step of the first-parent line that has enough commits behind it, and how many these are."""
    base, count = "", 0
    for base in git("-C", str(clone), "rev-list", "--first-parent", f"--max-count={COMMITS + 1}", "HEAD").split():
        count = int(git("-C", str(clone), "rev-list", "--count", f"{base}..HEAD"))
        if count >= COMMITS:
            break
    return base, count


def git(*words: str) -> str:
    """What git prints."""
    return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout.strip()


TABLE = Table(
    key="nightly",
    about=f"An ingest up to about {COMMITS} commits before the head, then of these commits, then of nothing; beside it what "
    "git needs to print them. Medians of three; the first ingest once.",
    columns=("repository", "commits of the night", "first ingest", "git", "night", "nothing new"),
    rows=rows,
)
