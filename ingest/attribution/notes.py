"""The notes that git-ai left on commits: `refs/notes/ai`, listed at once and read by one `git cat-file --batch`."""

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from git import GitCommandError

from ingest.attribution import note, ranges
from ingest.attribution.evidence import Evidence, key
from ingest.attribution.note import Note, Unreadable
from ingest.errors import HistoryError
from ingest.git import blobs, log
from ingest.git.mirror import Mirror, unreadable
from ingest.persons import Persons

SOURCE = "git-ai"
REF = "refs/notes/ai"
METHOD = "git-ai 1"  # what the rows mean; another number reads every note again
LARGEST = 16 << 20  # bytes; the largest seen is 3 MB

GONE = "it is about a commit that is not here: history was rewritten, or the commit was never pushed"
OFF_BRANCH = "it is about a commit that is not on the branch; it counts once that commit lands"
ODD_NAME = "it is not named for a commit"
ABSENT = f"it is missing here, or larger than {LARGEST >> 20} MB"

_ENTRY = re.compile(rb"(\d+) (\w+) ([0-9a-f]+)\t(.+)", re.DOTALL)
_SHA = re.compile(r"[0-9a-f]{40}")


class Listed(NamedTuple):
    """A note as its tree lists it."""

    sha: str  # the commit it is about; where `is_note` is false, the path of what is none
    blob: str
    is_note: bool


class Record(NamedTuple):
    """A row of `line_records`."""

    repo: str
    sha: str
    source: str
    object: str
    outcome: str  # read, partly, refused or gone
    ai_lines: int
    human_lines: int
    reason: str
    detail: str


def listing(mirror: Mirror) -> Iterator[Listed]:
    """Every note that the repository has; none where it has no such reference. Raises HistoryError."""
    target = mirror.references.get(REF)
    if target is None:
        return
    try:
        listed = mirror.git.execute(["git", "ls-tree", "-r", "-z", "--full-tree", target], stdout_as_string=False)
    except GitCommandError as error:
        raise HistoryError(unreadable(f"{mirror.name}: {REF}", error)) from error
    assert isinstance(listed, bytes)  # noqa: S101 - what stdout_as_string=False promises
    for line in listed.split(b"\0")[:-1]:
        entry = _ENTRY.fullmatch(line)
        assert entry is not None  # noqa: S101 - what ls-tree prints
        _, kind, blob, path = entry.groups()
        sha = path.replace(b"/", b"").decode(
            "ascii", "backslashreplace"
        )  # many notes are spread over folders: ab/cd...
        is_note = kind == b"blob" and _SHA.fullmatch(sha) is not None
        yield Listed(sha if is_note else path.decode("utf-8", "backslashreplace"), blob.decode("ascii"), is_note)


def dates(mirror: Mirror, shas: Iterable[str]) -> dict[str, datetime]:
    """When each of these commits was made, naive UTC; those that are not here are left out. Raises HistoryError."""
    command = [
        "git",
        "log",
        "--no-walk=unsorted",
        "--ignore-missing",
        "--no-show-signature",
        "--format=%H %ct",
        "--stdin",
    ]
    with tempfile.TemporaryFile() as asked:
        asked.write("".join(f"{sha}\n" for sha in shas).encode("ascii"))
        if not asked.tell():
            return {}  # git would tell of the head
        asked.seek(0)
        try:
            told = str(mirror.git.execute(command, istream=asked))
        except GitCommandError as error:
            raise HistoryError(unreadable(mirror.name, error)) from error
    return {sha: log.moment(seconds) for sha, seconds in (line.split(" ") for line in told.splitlines())}


def read(mirror: Mirror, wanted: Mapping[str, str]) -> Iterator[tuple[str, Note | Unreadable]]:
    """Each of the `wanted` notes, blob by commit, one in memory at a time; in no order to rely on."""
    about: dict[bytes, list[str]] = {}
    for sha, blob in wanted.items():
        about.setdefault(blob.encode("ascii"), []).append(sha)
    for name, content in blobs.contents(mirror.git, list(about), most=LARGEST):
        parsed = _parsed(content)
        for sha in about.pop(name):
            yield sha, parsed
    for sha in (each for left in about.values() for each in left):
        yield sha, Unreadable(ABSENT)


def _parsed(content: bytes) -> Note | Unreadable:
    try:
        return note.parse(content)
    except Unreadable as why:
        return why


def unread(repo: str, listed: Listed) -> Record:
    """What is kept about what was not even opened: no note at all, or one about a commit that is not here."""
    outcome, reason = ("gone", GONE) if listed.is_note else ("refused", ODD_NAME)
    return Record(repo, listed.sha, SOURCE, listed.blob, outcome, 0, 0, reason, "")


def record(repo: str, sha: str, blob: str, found: Note | Unreadable) -> Record:
    """What is kept about a note, read or not."""
    if isinstance(found, Unreadable):
        return Record(repo, sha, SOURCE, blob, "refused", 0, 0, str(found), "")
    outcome, reason, detail = ("partly" if found.problems else "read"), "", ""
    if found.problems:
        reason, detail = "; ".join(found.problems), "; ".join(found.problems.values())
    return Record(repo, sha, SOURCE, blob, outcome, found.lines("ai"), found.lines("human"), reason, detail)


def rows(repo: str, sha: str, made_at: datetime, found: Note, persons: Persons) -> Iterator[Evidence]:
    """The evidence in a note: a row for each file and origin."""
    for path, who, lines, keys in found.attested:
        person = persons.hash("email", who.address) if who.address else None
        yield Evidence(
            evidence=key(repo, sha, SOURCE, path, who.class_, who.tool, who.model, person, who.rule),
            repo=repo,
            sha=sha,
            path=path,
            lines=ranges.text(lines),
            scope="line",
            class_=who.class_,
            tool=who.tool,
            model=who.model,
            person=person,
            source=SOURCE,
            confidence="recorded",
            rule=who.rule,
            detail=keys,
            observed_at=made_at,
            method_version=METHOD,
        )
