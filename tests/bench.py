"""`make bench REPOS="path path"`: what an ingest costs beside what git itself needs to print the same history.

Whole commands, each the median of three runs after one that is not counted; ratios inside one run are what counts, the
seconds belong to the machine.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

RUNS = 3
TWINLEDGER = (sys.executable, "-c", "from dashboard.cli import main; main()")


def seconds(command: list[str], before: Callable[[], object] = lambda: None) -> float:
    """The median wall time of a command; `before` prepares each run and is not timed."""
    times = []
    for _ in range(RUNS + 1):
        before()
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def row(repository: Path, folder: Path) -> str:
    """A line of the table for one repository."""
    settings = folder / "settings.toml"
    data = folder / "data"
    init = [*TWINLEDGER, "init", str(repository), "--settings", str(settings), "--force"]
    subprocess.run(init, check=True, stdout=subprocess.DEVNULL)
    git = ["git", "-C", str(repository), "log", "--numstat", "-M", "--no-ext-diff", "--no-textconv", "HEAD"]
    count = subprocess.run(
        [*git[:3], "rev-list", "--count", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    if subprocess.run(git, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        return f"| {repository.name} | {count} | git itself cannot print it: objects are missing | | | |"
    printed = seconds(git)
    first = seconds(
        [*TWINLEDGER, "ingest", "--settings", str(settings)], lambda: subprocess.run(["rm", "-rf", data], check=True)
    )
    again = seconds([*TWINLEDGER, "ingest", "--settings", str(settings)])
    return f"| {repository.name} | {count} | {printed:.2f} s | {first:.2f} s | {first / printed:.2f} | {again:.2f} s |"


if __name__ == "__main__":
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    print(
        "| repository | commits | git log --numstat -M | first ingest | ratio | nothing new |\n|---|--:|--:|--:|--:|--:|"
    )
    for path in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as temporary:
            print(row(Path(path).absolute(), Path(temporary)), flush=True)
