"""How many files depend on what a change touched: the imports of the tree at the last month end before it landed.

A month end is a step that is followed by one of a later month, so that neither a night nor a later change makes another
tree of it. What is young is measured on a tree without it; what does not stand there, nothing depends on.
"""

import itertools
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import duckdb
from git import Git, GitCommandError

from ingest import warehouse
from ingest.git import blobs, imported
from ingest.git.closure import Closure
from ingest.git.files import Kind
from ingest.git.mirror import Mirror, last_words
from ingest.git.patches import path_text

TABLES = ("imports", "dependents")
METHOD = "1"
REFERENCE = timedelta(days=365)  # changes are ranked among those of a year, so the year before the first is read too

Paths = dict[str, bytes]  # the blob of each path
Kinds = Callable[[bytes], Kind]


class _Change(NamedTuple):
    landed_sha: str
    snapshot_sha: str
    touched: list[str]
    is_read: bool  # it touched code, and only in languages whose imports are read


def read(con: duckdb.DuckDBPyConnection, mirror: Mirror, kind: Kinds, era: date) -> None:
    """Count the dependents of the changes that have none yet; runs in the caller's transaction."""
    repo = mirror.name
    con.execute("""
        delete from dependents where repo = $repo
          and (method_version != $method or landed_sha not in (select landed_sha from mainline where repo = $repo))
    """, {"repo": repo, "method": METHOD})  # fmt: skip
    changes = _changes(con, repo, era)
    if not changes:
        return
    by_snapshot: dict[str, list[_Change]] = defaultdict(list)
    for change in changes:
        by_snapshot[change.snapshot_sha].append(change)
    try:
        rows = list(_counted(con, mirror, kind, by_snapshot))
    except GitCommandError as error:  # a clone without trees: the history itself says what of it could not be read
        reason = f"git could not list a tree: {last_words(error)}"
        rows = [(repo, change.landed_sha, change.snapshot_sha, None, reason, METHOD) for change in changes]
    warehouse.load(con, "dependents", rows)


def _changes(con: duckdb.DuckDBPyConnection, repo: str, era: date) -> list[_Change]:
    """Changes without a row, in order, with the month end before each and the paths it found or left."""
    found = con.execute("""
        with steps as (
            select landed_sha, mainline_no, landed_at,
                date_trunc('month', landed_at) as month,
                date_trunc('month', lead(landed_at) over (order by mainline_no)) as next
            from mainline where repo = $repo
        ),
        month_ends as (select landed_sha as snapshot_sha, mainline_no as snapshot_no from steps where next != month),
        missing as (
            select landed_sha, mainline_no, snapshot_sha
            from steps asof join month_ends on steps.mainline_no > month_ends.snapshot_no
            where landed_at >= $since
              and landed_sha not in (select landed_sha from dependents where repo = $repo)
        ),
        touched as (
            select commits.landed_sha, changes.path, changes.old_path, changes.role, changes.language
            from changes join commits using (repo, sha)
            where repo = $repo and commits.landed_sha in (select landed_sha from missing)
              and changes.role not in ('generated', 'vendored')
        )
        select landed_sha, snapshot_sha,
            list_distinct(list(path) || list(old_path)) as touched,
            coalesce(bool_and(list_contains($languages, coalesce(language, ''))) filter (where role in ('source', 'test')), false)
        from missing left join touched using (landed_sha)
        group by landed_sha, snapshot_sha, mainline_no
        order by mainline_no
    """, {"repo": repo, "since": _since(era), "languages": list(imported.LANGUAGES)}).fetchall()  # fmt: skip
    return [_Change(*row) for row in found]


def _since(era: date) -> datetime:
    return datetime.combine(era - REFERENCE, datetime.min.time())


def _counted(
    con: duckdb.DuckDBPyConnection, mirror: Mirror, kind: Kinds, by_snapshot: Mapping[str, Sequence[_Change]]
) -> Iterator[tuple[object, ...]]:
    """Rows of `dependents`, snapshot by snapshot; what the last one imports stays in `imports` for the next time."""
    repo, snapshots = mirror.name, list(by_snapshot)
    steps = list(_trees(mirror.git, snapshots))
    known = _known(con, repo)
    new = {blob: path for added, _ in steps for path, blob in added.items() if _is_read(path) and blob not in known}
    near = sorted(new, key=lambda blob: new[blob])  # git finds a version of a file next to another of it faster
    names = imported.Names()
    for blob, text in blobs.contents(mirror.git, near, most=imported.LARGEST):
        path = new[blob]
        known[blob] = names.of(path, text) if imported.is_read(path) else imported.configured(path, text)
    lost = new.keys() - known.keys()
    lost -= {blob for blob, _ in blobs.sizes(mirror.git, lost)} if lost else set()  # those are there, and too large
    graph = _Graph(known, kind)
    for snapshot, (added, gone) in zip(snapshots, steps, strict=True):
        graph.change(added, gone)
        edges = graph.edges()
        closure = Closure(edges)
        absent = sum(blob in lost for blob in graph.paths.values()) if lost else 0
        unread = f"files of the tree that are missing: {absent:,}" if absent else None
        for change in by_snapshot[snapshot]:
            count = closure.count(change.touched) if change.is_read and unread is None else None
            yield repo, change.landed_sha, snapshot, count, unread, METHOD
    con.execute("delete from imports where repo = ?", [repo])
    warehouse.load(con, "imports", (
        (repo, snapshots[-1], path, blob.decode(), known.get(blob, []), sorted(edges.get(path, ())))
        for path, blob in graph.paths.items() if _is_read(path)
    ))  # fmt: skip


def _is_read(path: str) -> bool:
    return imported.is_read(path) or imported.is_configuration(path)


class _Graph:
    """What the files of a tree import of each other, tree after tree."""

    def __init__(self, known: Mapping[bytes, list[str]], kind: Kinds) -> None:
        self.paths: Paths = {}
        self._known, self._kind = known, kind
        self._reading: dict[str, bool] = {}
        self._tree = imported.Tree((), {})

    def change(self, added: Paths, gone: Sequence[str]) -> None:
        """The next tree. Where files only have other content, names mean what they meant."""
        is_same = not gone and added.keys() <= self.paths.keys() and not any(map(imported.is_configuration, added))
        for path in gone:
            self.paths.pop(path, None)
        self.paths |= added
        if not is_same:
            told = {
                path: self._named(path) for path in filter(imported.is_configuration, self.paths) if self._counts(path)
            }
            self._tree = imported.Tree(self.paths, told)

    def edges(self) -> dict[str, set[str]]:
        """What each file imports of the tree; generated and vendored files depend on nothing that counts."""
        imports = ((path, self._tree.imports(path, self._named(path))) for path in self.paths if self._imports(path))
        return {path: targets for path, targets in imports if targets}

    def _named(self, path: str) -> list[str]:
        return self._known.get(self.paths[path], [])

    def _imports(self, path: str) -> bool:
        if path not in self._reading:
            self._reading[path] = imported.is_read(path) and self._counts(path)
        return self._reading[path]

    def _counts(self, path: str) -> bool:
        return self._kind(path.encode()).role not in ("generated", "vendored")


def _known(con: duckdb.DuckDBPyConnection, repo: str) -> dict[bytes, list[str]]:
    """What blobs import that were read before."""
    rows = con.execute("select blob, names from imports where repo = ?", [repo]).fetchall()
    return {blob.encode(): names for blob, names in rows}


def _trees(git: Git, snapshots: Sequence[str]) -> Iterator[tuple[Paths, list[str]]]:
    """The files of the first tree, then of each what differs from the one before: new or other files, and those gone."""
    listed = git.execute(["git", "ls-tree", "-r", "-z", "--full-tree", snapshots[0]], stdout_as_string=False)
    assert isinstance(listed, bytes)  # noqa: S101 - what stdout_as_string=False promises
    files = re.findall(rb"(?:\A|\0)100\d+ blob ([0-9a-f]{40})\t([^\0]+)(?=\0)", listed)
    yield {path_text(path): blob for blob, path in files}, []
    if len(snapshots) == 1:
        return
    with tempfile.TemporaryFile() as asked:  # each with the one before as its parent
        asked.write("".join(f"{after} {before}\n" for before, after in itertools.pairwise(snapshots)).encode())
        asked.seek(0)
        command = ["git", "diff-tree", "--stdin", "--always", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"]
        told = git.execute(command, istream=asked, stdout_as_string=False)
    assert isinstance(told, bytes)  # noqa: S101 - the same
    yield from _differences(told.split(b"\0"))


def _differences(told: Sequence[bytes]) -> Iterator[tuple[Paths, list[str]]]:
    """What git tells of each pair: its later commit, then a header and a path for each file."""
    words = iter(told)
    added: Paths = {}
    gone: list[str] = []
    for word in itertools.islice(words, 1, None):
        if not word.startswith(b":"):  # the next pair, or what stands behind the last zero
            yield added, gone
            added, gone = {}, []
            continue
        _, mode, _, blob, _ = word.split()
        path = path_text(next(words))
        if mode.startswith(b"100"):
            added[path] = blob
        else:  # gone, or a link or a submodule now
            gone.append(path)
