"""`PYTHONPATH=. python tests/bench/moves.py COMMITS path path`: our moves beside those that git's own diff shows."""

import subprocess
import sys
from itertools import chain
from operator import and_, or_
from pathlib import Path

from ingest.git.operations import operations
from tests import colours


def against_git(repository: Path, commits: int) -> str:
    """A line of the table for one repository: of the lines that git or we call moved, how many both do."""
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
    name = repository.parent.name if repository.name == "repo" else repository.name
    return f"| {name} | {read} | {lines} | {either} | {share} | {' '.join(differing[:5])} |"


if __name__ == "__main__":
    sys.stdout.write(
        "| repository | commits | changed lines | moved to either | to both | differing |\n|---|--:|--:|--:|--:|---|\n"
    )
    for path in sys.argv[2:]:
        sys.stdout.write(f"{against_git(Path(path).absolute(), int(sys.argv[1]))}\n")
        sys.stdout.flush()
