"""Our moves beside those that git's own diff shows."""

import subprocess
from collections.abc import Iterator
from itertools import chain
from operator import and_, or_
from pathlib import Path

from ingest.git.operations import operations
from tests import colours
from tests.bench.table import Options, Row, Table, name

COMMITS = 1_000


def against_git(repository: Path, commits: int) -> Row:
    """A row for one repository: of the lines that git or we call moved, how many both do."""
    command = ["git", "-C", str(repository), "rev-list", "--no-merges", "HEAD", "--"]
    shas = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    read = lines = either = both = 0
    differing = []
    for sha in shas[:: max(1, len(shas) // commits)]:
        shown = colours.commit(repository, sha)
        if shown is None:
            continue
        added = [line.strip() for hunk in chain.from_iterable(shown.files) for line in hunk.added]
        ours = operations(shown.files, added, bytes(len(added)))
        git, us = shown.removed + shown.added, ours.removed_marks + ours.added_marks
        read, lines = read + 1, lines + len(git)
        either, both = either + sum(map(or_, git, us)), both + sum(map(and_, git, us))
        if us != git:
            differing.append(sha[:12])
    share = f"{both / either:.3%}" if either else "-"
    return (
        name(repository), f"{read:,}", f"{lines:,}", f"{either:,}", f"{both:,}", share, " ".join(differing[:5]) or "none",
    )  # fmt: skip


def rows(options: Options) -> Iterator[Row]:
    """A row for each repository."""
    return (against_git(repository, COMMITS) for repository in options.repositories)


TABLE = Table(
    key="moves",
    about=f"Moved lines beside `git diff --color-moved=blocks`, in about {COMMITS:,} commits spread over the history.",
    columns=("repository", "commits", "changed lines", "moved to either", "to both", "share", "differing"),
    rows=rows,
)
