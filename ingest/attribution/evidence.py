"""From marks to rows of the table `evidence`: what git itself says about who wrote a commit."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple, Protocol

from ingest.attribution.marks import Mark, Signed, marks
from ingest.attribution.rules import Rules


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

    evidence: str
    repo: str
    sha: str
    path: str | None
    lines: str | None
    scope: str
    class_: str
    tool: str | None
    model: str | None
    person: str | None
    source: str
    confidence: str
    rule: str
    detail: str
    observed_at: datetime
    method_version: str


def rows(repo: str, commits: Iterable[Commit], rules: Rules) -> Iterator[Evidence]:
    """The evidence in each commit, in the commits' order; a commit without a mark has none and stays unknown."""
    for commit in commits:
        # Two marks may differ only in a way that is not kept; their key is one, so their row is one.
        found = {_key(repo, commit.sha, mark): mark for mark in marks(rules, commit)}
        for key, mark in found.items():
            yield _row(key, repo, commit, mark, rules.version)


def _key(repo: str, sha: str, mark: Mark) -> str:
    parts = f"{repo}\n{sha}\n{mark.rule}\n{mark.detail}"
    # Messages are any bytes at all; half a character must not stop the night.
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _row(key: str, repo: str, commit: Commit, mark: Mark, version: str) -> Evidence:
    return Evidence(
        evidence=key,
        repo=repo,
        sha=commit.sha,
        path=None,
        lines=None,
        scope="commit",
        class_=mark.class_,
        tool=mark.tool,
        model=mark.model,
        person=None,
        source="git",
        confidence=mark.confidence,
        rule=mark.rule,
        detail=mark.detail,
        observed_at=commit.committed_at,
        method_version=version,
    )
