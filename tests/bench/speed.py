"""A first ingest beside what git needs to print the same history, and beside other tools that read all of it."""

import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.commands import TWINLEDGER, Run, run
from tests.bench.table import Options, Row, Table, name

PAIRS = 3
SLOW = 20  # seconds of git's after which one pair tells enough
LIMIT = 600  # seconds a peer may take
PRINT = ("log", "-p", "-U0", "-M", "--no-ext-diff", "--no-textconv", "--no-color")
PYDRILLER = """
import sys
from pydriller import Repository
added = deleted = 0
for commit in Repository(sys.argv[1]).traverse_commits():
    for file in commit.modified_files:
        added, deleted = added + file.added_lines, deleted + file.deleted_lines
"""


def rows(options: Options) -> Iterator[Row]:
    """A row for each repository."""
    for repository in options.repositories:
        with tempfile.TemporaryDirectory() as folder:
            yield row(repository, Path(folder), options.peers)


def row(repository: Path, folder: Path, peers: Path | None) -> Row:
    """Git and ours in turn, then the peers, each once."""
    # A bare clone of our own, so that no configuration of the repository's is read; its objects stay where they are.
    clone = folder / "clone" / name(repository)
    command = ["git", "clone", "--quiet", "--bare", "--shared", "--template=", str(repository), str(clone)]
    subprocess.run(command, check=True)
    settings, data = folder / "settings.toml", folder / "data"
    settings.write_text(
        f'[organisation]\ndata = "data"\n\n[[repositories]]\nname = "bench"\nlocation = "clone/{clone.name}"\n'
    )
    git, ours = [], []
    for _ in range(PAIRS):
        git.append(needed(run(["git", "-C", clone, *PRINT, "HEAD"], to_nowhere=True)))
        shutil.rmtree(data, ignore_errors=True)
        ours.append(needed(run([*TWINLEDGER, "ingest", "--settings", settings])))
        if git[0].seconds > SLOW:
            break
    ratio = statistics.median(mine.seconds / its.seconds for mine, its in zip(ours, git, strict=True))
    cpu = statistics.median(mine.cpu / its.cpu for mine, its in zip(ours, git, strict=True))
    count = subprocess.run(
        ["git", "-C", clone, "rev-list", "--count", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    seconds = [statistics.median(each.seconds for each in runs) for runs in (git, ours)]
    return (
        name(repository), f"{int(count):,}", len(git), f"{seconds[0]:.1f} s", f"{seconds[1]:.1f} s", f"{ratio:.2f}", f"{cpu:.2f}",
        f"{max(each.largest for each in ours):,.0f} MiB", f"{max(each.together for each in ours):,.0f} MiB",
        *beside(clone, folder, peers, seconds[1]),
    )  # fmt: skip


def beside(clone: Path, folder: Path, peers: Path | None, ours: float) -> Iterator[str]:
    """What the peers need, in seconds and in our time."""
    branch = subprocess.run(
        ["git", "-C", clone, "symbolic-ref", "--short", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    theseus: list[str | Path] = [clone, "--branch", branch, "--outdir", folder / "theseus", "--quiet"]
    pydriller: list[str | Path] = ["-c", PYDRILLER, clone]
    for command, arguments in (("git-of-theseus-analyze", theseus), ("python", pydriller)):
        if peers is None or not (peers / command).exists():
            yield "not given"
            continue
        # They start git by its name; the clone has no configuration that could make them start anything else.
        try:
            took = run([peers / command, *arguments], limit=LIMIT)
        except RuntimeError as error:
            yield f"failed: {error}"
            continue
        seconds = took.seconds if took else LIMIT
        yield f"{'' if took else 'more than '}{seconds:,.0f} s ({seconds / ours:.0f} times)"


def needed(took: Run | None) -> Run:
    """A run without a limit always ends."""
    assert took is not None
    return took


TABLE = Table(
    key="speed",
    about=f"A first ingest (the whole command, publishing included) beside `git {' '.join(PRINT)}` to nowhere, in turn, "
    "medians; memory of the largest process and of all at one moment. Beside it git-of-theseus with its defaults (a "
    "snapshot a week) and PyDriller counting added and deleted lines, once each.",
    columns=(
        "repository", "commits", "pairs", "git", "ingest", "ratio", "ratio of CPU time", "largest process", "all processes",
        "git-of-theseus", "PyDriller",
    ),
    rows=rows,
)  # fmt: skip
