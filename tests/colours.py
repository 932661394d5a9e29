"""What git itself shows as moved, read from the colours of its diff."""

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from ingest.git.patches import Hunk

_COLOURS = {"old": "red", "new": "green", "oldMoved": "magenta", "newMoved": "cyan", "meta": "bold", "frag": "yellow"}
_LINE = re.compile(rb"\x1b\[(?P<colour>31|32|35|36)m(?P<sign>[-+])(?P<text>.*?)(?:\x1b\[m)?(?P<end>\r?)", re.DOTALL)
_GIT = ["git", *(part for name, colour in _COLOURS.items() for part in ("-c", f"color.diff.{name}={colour}"))]
_SHOWN = [
    "-p", "-U0", "-M", "-l1000", "--color=always", "--no-ext-diff", "--no-textconv", "--ws-error-highlight=none",
    "--color-moved=blocks", "--color-moved-ws=allow-indentation-change",
]  # fmt: skip
_ENVIRONMENT = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}


class Shown(NamedTuple):
    """A diff as git shows it: the hunks of its files, and for each line whether it has moved."""

    files: list[list[Hunk]]
    removed: bytearray
    added: bytearray


def commit(repository: Path, sha: str) -> Shown | None:
    """What a commit did, None where an object of it is missing."""
    command = [*_GIT, "-C", str(repository), "diff-tree", "-r", "--root", "--no-commit-id", *_SHOWN, sha]
    done = subprocess.run(command, env=_ENVIRONMENT, check=False, capture_output=True)
    return _read(done.stdout) if done.returncode == 0 else None


def between(old: Path, new: Path) -> Shown:
    """How two folders differ."""
    command = [*_GIT, "diff", "--no-index", *_SHOWN, old.name, new.name]
    done = subprocess.run(command, env=_ENVIRONMENT, check=False, capture_output=True, cwd=old.parent)
    assert done.returncode in {0, 1}, done.stderr
    return _read(done.stdout)


def _read(printed: bytes) -> Shown:
    shown = Shown([], bytearray(), bytearray())
    for line in printed.split(b"\n"):
        if line.startswith(b"\x1b[1mdiff --git "):
            shown.files.append([])
        elif line.startswith(b"\x1b[33m@@ "):
            shown.files[-1].append(Hunk(0, 0, [], [], b""))
        elif found := _LINE.fullmatch(line):
            hunk, text = shown.files[-1][-1], found["text"] + found["end"]
            lines, marks = (hunk.removed, shown.removed) if found["sign"] == b"-" else (hunk.added, shown.added)
            lines.append(text)
            marks.append(found["colour"] in {b"35", b"36"})
    return shown
