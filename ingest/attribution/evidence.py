"""Rows of the table `evidence`: their one shape, the one way into the warehouse, and those that marks give.

Whatever speaks about who wrote something (marks of messages, notes, traces, a vendor's records) yields `Evidence` and
hands it to `write`.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple, Protocol

import duckdb

from ingest import warehouse
from ingest.attribution.marks import Mark, Signed, marks
from ingest.attribution.rules import Rules

GIT = "git"  # the source of marks
_BATCH = 20_000  # rows that are held at once, however many there are


class Commit(Signed, Protocol):
    """A commit whose marks can be dated and filed."""

    @property
    def sha(self) -> str:
        """Forty hex characters."""

    @property
    def committed_at(self) -> datetime:
        """UTC, without a zone."""


class Evidence(NamedTuple):
    """One reason to believe something about who wrote a commit, as the warehouse keeps it."""

    evidence: str  # a `key`, so that the same reason has the same name in every run
    repo: str
    sha: str
    path: str | None
    lines: str | None  # "3-9,12": counted from 1 in the file `path` as it is in that commit; only in the scope line
    scope: str  # line, commit or pull_request
    class_: str  # ai, human, bot or assist
    tool: str | None
    model: str | None
    person: str | None  # who prompted, or who is known to have written it by hand
    source: str  # what said so: git, git-ai, agent-trace ...
    confidence: str  # recorded, declared or inferred
    rule: str
    detail: str
    observed_at: datetime
    method_version: str


class Part(NamedTuple):
    """What came of reading one kind of evidence."""

    rows: int
    rejected: int  # notes or records that were refused
    is_changed: bool  # whether the warehouse holds anything else than before


def write(
    con: duckdb.DuckDBPyConnection,
    rows: Iterable[Evidence],
    *,
    repo: str,
    source: str,
    about: Sequence[str] | None = None,
) -> int:
    """Put `rows` in place of all that `source` said about `repo`, or about its commits `about` alone; their number."""
    forget(con, repo=repo, source=source, about=about)
    count, left = 0, iter(rows)
    while batch := list(islice(left, _BATCH)):
        count += warehouse.load(con, "evidence", batch)
    return count


def forget(con: duckdb.DuckDBPyConnection, *, repo: str, source: str, about: Sequence[str] | None = None) -> None:
    """Take out all that `source` said about `repo`, or about its commits `about` alone."""
    if about is None:
        con.execute("delete from evidence where repo = ? and source = ?", [repo, source])
    elif about:
        query = "delete from evidence where repo = ? and source = ? and sha in (select unnest(?::varchar[]))"
        con.execute(query, [repo, source, list(about)])


def key(*parts: object) -> str:
    """What names a piece of evidence, from all that tells it from others."""
    # Messages are any bytes at all; half a character must not stop the night.
    text = "\n".join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def rows(repo: str, commits: Iterable[Commit], rules: Rules) -> Iterator[Evidence]:
    """The evidence in each commit, in the commits' order; a commit without a mark has none and stays unknown."""
    for commit in commits:
        # Two marks may differ only in a way that is not kept; their key is one, so their row is one.
        found = {key(repo, commit.sha, mark.rule, mark.detail): mark for mark in marks(rules, commit)}
        for name, mark in found.items():
            yield _row(name, repo, commit, mark, rules.version)


def _row(name: str, repo: str, commit: Commit, mark: Mark, version: str) -> Evidence:
    return Evidence(
        evidence=name,
        repo=repo,
        sha=commit.sha,
        path=None,
        lines=None,
        scope=mark.scope,
        class_=mark.class_,
        tool=mark.tool,
        model=mark.model,
        person=None,
        source=GIT,
        confidence=mark.confidence,
        rule=mark.rule,
        detail=mark.detail,
        observed_at=commit.committed_at,
        method_version=version,
    )
