"""Carries evidence from the commits of pull requests to what landed of them squashed or rebased, line by line.

Which commit a line comes from stands in `detail`. A note or a mark on one commit of a pull request never speaks for lines
that another commit wrote.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import duckdb

from ingest import warehouse
from ingest.attribution import doubts, evidence, ranges, rebase, squash
from ingest.attribution.marks import Mark, marks
from ingest.attribution.notes import Record
from ingest.attribution.ranges import Range
from ingest.attribution.rules import Rules
from ingest.attribution.squash import Found, Origin, Squash
from ingest.git import log
from ingest.git.mirror import Mirror
from ingest.persons import Persons

SOURCE = "pull request"
METHOD = "pull request 2"  # what the rows mean; another number works everything out again
DIFFERENT = "no file of it is as the head of its pull request left it, so which commit wrote which line is lost"
PARTLY = (
    "some files are not as the head of the pull request left them, so which commit wrote which of their lines is lost"
)

OTHERS = "some lines are of bots' commits, or of accepted suggestions"
REBASED = "it was another patch before it was rebased, so which of its lines were written then is lost"

_HEAD = re.compile(r"refs/(pull|merge-requests)/(\d+)/head")
_SIGNS = {"pull": "#", "merge-requests": "!"}

# What landed in one commit and is spoken of by nobody yet, line by line.
_LANDED = """
    select sha, parents, author, authored_at, subject, committed_at,
        case when sha = landed_sha then if(subject like '%!' || pull_request || '%', '!', '#') || pull_request end as request
    from commits join mainline using (repo, landed_sha)
    where commits.repo = $repo and not is_merge and len(parents) = 1
      and sha not in (
        select sha from line_records where repo = $repo and source != $source and outcome in ('read', 'partly')
      )
    order by commits.rowid
"""
_CLAIMS = """
    select sha, path, lines, class, tool, model, person, confidence, rule, source from evidence
    where repo = $repo and source != $source and scope = 'line' and class in ('ai', 'human')
      and sha in (select unnest($shas::varchar[]))
    order by evidence
"""
_SPOKEN_OF = """
    select sha, object from line_records
    where repo = $repo and source != $source and outcome in ('read', 'partly') and sha in (select unnest($shas::varchar[]))
    union all
    select sha, lines from evidence
    where repo = $repo and source != $source and scope = 'line' and sha in (select unnest($shas::varchar[]))
    order by all
"""
_KNOWN = "select sha, object from line_records where repo = ? and source = ?"
_FORGET = "delete from line_records where repo = ? and source = ? and sha in (select unnest(?::varchar[]))"
_DOUBTS = """
    select reason, count(*), min(sha) from line_records
    where repo = ? and source = ? and reason != '' group by all order by all
"""


class Off(NamedTuple):
    """A commit that is not on the branch."""

    parents: tuple[str, ...]
    identity: tuple[str, datetime, str]  # author, authored_at and subject: a rebase keeps them
    said: "Said | None"  # by its marks, of the whole commit
    is_others: bool  # its marks name a bot, or a suggestion that was accepted, and nothing else


class Said(NamedTuple):
    """What evidence says of a line."""

    class_: str
    tool: str | None
    model: str | None
    person: str | None
    confidence: str
    rule: str
    source: str


class Landed(NamedTuple):
    """A commit of the branch that stands for others."""

    sha: str
    parents: tuple[str, ...]
    committed_at: datetime
    heads: tuple[str, ...]  # of its pull request; of a rebased commit what it may have been before
    what: str  # in words
    is_squash: bool
    object: str  # another one: the evidence behind it is another


def ingest(
    con: duckdb.DuckDBPyConnection, mirror: Mirror, rules: Rules, persons: Persons, *, is_anew: bool
) -> evidence.Part:
    """Carry what is new or different; `is_anew` everything. Raises HistoryError where git fails."""
    repo = mirror.name
    known = dict(con.execute(_KNOWN, [repo, SOURCE]).fetchall())
    off = _off_branch(mirror, rules, persons)
    claims = _Claims(con, repo, off)
    wanted = {each.sha: each for each in _wanted(con, mirror, off, claims)}
    new = [each for each in wanted.values() if is_anew or known.get(each.sha) != each.object]
    gone = [sha for sha in known if sha not in wanted]
    records: list[Record] = []
    about = [*gone, *(each.sha for each in new)]
    count = evidence.write(con, _carried(mirror, new, off, claims, records), repo=repo, source=SOURCE, about=about)
    con.execute(_FORGET, [repo, SOURCE, about])
    warehouse.load(con, "line_records", records)
    doubts.keep(con, repo, SOURCE, [
        ("warning", doubts.sentence(number, "change", reason, sha))
        for reason, number, sha in con.execute(_DOUBTS, [repo, SOURCE]).fetchall()
    ])  # fmt: skip
    return evidence.Part(count, 0, is_changed=bool(gone or records))


def _off_branch(mirror: Mirror, rules: Rules, persons: Persons) -> dict[str, Off]:
    """The commits of pull requests that the branch has not, parents before children."""
    tips = sorted({target for ref, target in mirror.references.items() if _HEAD.fullmatch(ref)})
    found: dict[str, Off] = {}
    for commit in log.off_branch(mirror, tips) if tips else ():
        identity = (persons.hash("email", commit.author_mapped), commit.authored_at, commit.subject)
        found_marks = [mark for mark in marks(rules, commit) if mark.scope == "commit"]
        said = _surest(found_marks)
        found[commit.sha] = Off(commit.parents, identity, said, is_others=bool(found_marks) and said is None)
    return found


def _surest(marks: Sequence[Mark]) -> Said | None:
    """What the marks of a commit say of all its lines: the surest, AI before others."""
    found = [mark for mark in marks if mark.class_ in ("ai", "human")]
    if not found:
        return None
    best = min(found, key=lambda mark: (mark.confidence != "declared", mark.class_))
    return Said(best.class_, best.tool, best.model, None, best.confidence, best.rule, evidence.GIT)


class _Claims:
    """What is known of the lines of commits off the branch."""

    def __init__(self, con: duckdb.DuckDBPyConnection, repo: str, off: Mapping[str, Off]) -> None:
        about = {"repo": repo, "source": SOURCE, "shas": list(off)}
        self._marks = {sha: each.said for sha, each in off.items() if each.said}
        self._objects: dict[str, list[str]] = {}
        for sha, object_ in con.execute(_SPOKEN_OF, about).fetchall():
            self._objects.setdefault(sha, []).append(object_)
        by_file: dict[tuple[str, str], list[tuple[Range, Said]]] = {}
        for sha, path, lines, *said in con.execute(_CLAIMS, about).fetchall():
            by_file.setdefault((sha, path), []).extend((each, Said(*said)) for each in ranges.read(lines)[0])
        self._by_file = {file: _settled(said) for file, said in by_file.items()}

    def object_of(self, sha: str) -> str:
        """What changes when anything said of a commit does; '' where nothing is."""
        if sha in self._objects:
            return evidence.key(*self._objects[sha])
        return evidence.key(*self._marks[sha]) if sha in self._marks else ""

    def is_line_by_line(self, sha: str) -> bool:
        """Whether a record speaks about the lines of a commit."""
        return sha in self._objects

    def of(self, origin: Origin) -> Said | None:
        """What is said of a line: where a record speaks about the commit, only what it says."""
        if origin.sha not in self._objects:
            return self._marks.get(origin.sha)
        said = self._by_file.get((origin.sha, origin.from_path), [])
        at = bisect_right(said, origin.from_line, key=lambda each: each[0].first) - 1
        return said[at][1] if at >= 0 and origin.from_line <= said[at][0].last else None


def _settled(said: list[tuple[Range, Said]]) -> list[tuple[Range, Said]]:
    """Who has which lines where recorders contradict each other, as birth_cohorts has it."""
    worst_first = sorted(said, key=_doubt, reverse=True)
    claims = [(lines, number) for number, (lines, _) in enumerate(worst_first)]
    return [(lines, worst_first[number][1]) for lines, number in ranges.settled(claims)]


def _doubt(each: tuple[Range, Said]) -> tuple[int, bool]:
    return ("recorded", "declared", "inferred").index(each[1].confidence), each[1].class_ == "human"


def _wanted(
    con: duckdb.DuckDBPyConnection, mirror: Mirror, off: Mapping[str, Off], claims: _Claims
) -> Iterator[Landed]:
    """The commits that stand for others of which something is said."""
    references = ((_HEAD.fullmatch(ref), target) for ref, target in mirror.references.items())
    heads = {f"{_SIGNS[hit[1]]}{hit[2]}": target for hit, target in references if hit}
    behind = _behind(off, claims)
    rebased: dict[tuple[str, datetime, str], list[str]] = {}
    for sha, each in off.items():
        if claims.is_line_by_line(sha):
            rebased.setdefault(each.identity, []).append(sha)
    query = con.execute(_LANDED, {"repo": mirror.name, "source": SOURCE})
    for sha, parents, author, authored_at, subject, committed_at, request in query.fetchall():
        if before := rebased.get((author, authored_at, subject)):
            object_ = evidence.key(METHOD, *before, *map(claims.object_of, before))
            yield Landed(
                sha, tuple(parents), committed_at, tuple(before), "a rebased commit", is_squash=False, object=object_
            )
        elif request in heads and behind.get(heads[request]):
            what, object_ = f"pull request {request}", evidence.key(METHOD, behind[heads[request]])
            yield Landed(sha, tuple(parents), committed_at, (heads[request],), what, is_squash=True, object=object_)


def _behind(off: Mapping[str, Off], claims: _Claims) -> dict[str, str]:
    """What changes when anything said of a commit or of those it builds on does; '' where nothing is said of any."""
    found: dict[str, str] = {}
    for sha, each in off.items():
        parts = [claims.object_of(sha), *(found.get(parent, "") for parent in each.parents)]
        found[sha] = evidence.key(sha, *parts) if any(parts) else ""
    return found


def _carried(
    mirror: Mirror, landed: Sequence[Landed], off: Mapping[str, Off], claims: _Claims, records: list[Record]
) -> Iterator[evidence.Evidence]:
    """The evidence for each commit, and into `records` what became of it."""
    parents = {sha: each.parents for sha, each in off.items()}
    squashes = {Squash(each.sha, each.parents, each.heads[0]): each for each in landed if each.is_squash}
    for key, found in squash.origins(mirror, list(squashes), parents):
        each = squashes[key]
        rows = list(_rows(mirror.name, each, found.origins, claims))
        outcome, reason = _outcome(found, is_others=any(off[origin.sha].is_others for origin in found.origins))
        detail = f"{each.what}: {found.equal} of {found.files} files" if reason else ""
        records.append(_record(mirror.name, each, outcome, rows, reason, detail))
        yield from rows
    left = {each.sha: each for each in landed if not each.is_squash}
    pairs = [(before, each.sha) for each in left.values() for before in each.heads]
    for (_, sha), origins in rebase.origins(
        mirror, pairs, parents | {each.sha: each.parents for each in left.values()}
    ):
        if sha in left:
            after = left.pop(sha)
            rows = list(_rows(mirror.name, after, origins, claims))
            records.append(_record(mirror.name, after, "read", rows, "", ""))
            yield from rows
    records += [_record(mirror.name, each, "refused", [], REBASED, each.heads[0]) for each in left.values()]


def _outcome(found: Found, *, is_others: bool) -> tuple[str, str]:
    """What became of a squash commit and why; one that adds no line is decided by its own marks."""
    if not found.equal:
        return "refused", DIFFERENT if found.files else ""
    if found.equal < found.files:
        return "partly", PARTLY
    return ("partly", OTHERS) if is_others else ("read", "")


def _rows(repo: str, landed: Landed, origins: Iterable[Origin], claims: _Claims) -> Iterator[evidence.Evidence]:
    """A row for each file, commit of origin and what is said."""
    said: dict[tuple[str, str, Said], list[Range]] = {}
    for origin in origins:
        if what := claims.of(origin):
            ranges.append(said.setdefault((origin.path, origin.sha, what), []), Range(origin.line, origin.line))
    for (path, sha, what), lines in said.items():
        yield evidence.Evidence(
            evidence=evidence.key(repo, landed.sha, SOURCE, path, sha, *what),
            repo=repo,
            sha=landed.sha,
            path=path,
            lines=ranges.text(lines),
            scope="line",
            class_=what.class_,
            tool=what.tool,
            model=what.model,
            person=what.person,
            source=SOURCE,
            confidence=what.confidence,
            rule=what.rule,
            detail=f"{landed.what}: these lines are those of {sha}, of which {what.source} says so",
            observed_at=landed.committed_at,
            method_version=METHOD,
        )


def _record(
    repo: str, landed: Landed, outcome: str, rows: Sequence[evidence.Evidence], reason: str, detail: str
) -> Record:
    counts = {"ai": 0, "human": 0}
    for row in rows:
        counts[row.class_] += ranges.count(ranges.read(row.lines or "")[0])
    return Record(repo, landed.sha, SOURCE, landed.object, outcome, counts["ai"], counts["human"], reason, detail)
