"""What every table of the bench has: a name, columns and rows."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

Row = Sequence[object]


class Options(NamedTuple):
    """What was asked for on the command line."""

    repositories: tuple[Path, ...]
    every: int | None  # blame each n-th file; None: all of a tree that is not large
    jscpd: str  # its command
    peers: Path | None  # the folder of the commands of git-of-theseus and of a Python that has PyDriller
    oracle: Path | None = None  # fixes with the commits that their developers named as the cause
    scale: float = 1.0  # of the made warehouse


class Table(NamedTuple):
    """A table that is printed as Markdown; the first column is text, the others are numbers."""

    key: str
    about: str
    columns: tuple[str, ...]
    rows: Callable[[Options], Iterator[Row]]


def name(repository: Path) -> str:
    """What a repository is called in a table: its folder, or the one above where that says nothing."""
    return repository.parent.name if repository.name in {"repo", ".git"} else repository.name.removesuffix(".git")
