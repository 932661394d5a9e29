"""Runs whole commands: how long they take, and how much memory all of their processes have."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ingest.git.mirror import READING

TWINLEDGER = (sys.executable, "-c", "from dashboard.cli import main; main()")
EVERY = 0.2  # seconds between two looks at the memory
PAGE = os.sysconf("SC_PAGE_SIZE")


class Run(NamedTuple):
    """What a command took."""

    seconds: float
    cpu: float  # seconds of all its processes
    largest: float  # MiB, of its largest process
    together: float  # MiB, of all its processes at one moment


def run(command: Sequence[str | Path], *, limit: float | None = None, to_nowhere: bool = False) -> Run | None:
    """Run a command; None where it took longer than `limit` seconds. Raises RuntimeError where it fails.

    What it prints goes `to_nowhere`, or is kept to tell why it failed.
    """
    environment = os.environ | READING
    start, together = time.perf_counter(), 0.0
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            list(map(str, command)),
            stdout=subprocess.DEVNULL if to_nowhere else said,
            stderr=said,
            env=environment,
            start_new_session=True,
        ) as process,
    ):
        while True:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            seconds = time.perf_counter() - start
            if ended:
                process.returncode = os.waitstatus_to_exitcode(status)
                break
            if limit is not None and seconds > limit:
                os.killpg(process.pid, signal.SIGKILL)
                return None
            together = max(together, _memory(process.pid))
            # Short commands are looked at more often: their end would be seen late.
            time.sleep(min(EVERY, 0.005 + seconds / 100))
        if process.returncode:
            said.seek(0)
            last = said.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise RuntimeError(f"{Path(command[0]).name} ended with status {process.returncode}: {last}")
    largest = usage.ru_maxrss / 1024
    return Run(seconds, usage.ru_utime + usage.ru_stime, largest, max(together, largest))


def _memory(root: int) -> float:
    """MiB that a process and all below it have, as far as /proc tells; shared pages count once for each."""
    children = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended
            continue
        children[parent].append(int(folder.name))
    found, waiting = 0, [root]
    while waiting:
        process = waiting.pop()
        waiting += children[process]
        try:
            found += int(Path(f"/proc/{process}/statm").read_text().split()[1])
        except OSError:
            continue
    return found * PAGE / 2**20
