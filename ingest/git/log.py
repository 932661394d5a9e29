"""Streams commits and their file changes from git, oldest first: one git process for each, never one a commit."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from subprocess import PIPE
from typing import NamedTuple

from git import GitCommandError

from ingest.errors import HistoryError
from ingest.git.mirror import Mirror, last_words, unreadable

# Whatever a configuration or an attribute may say, this is what a diff is.
PLAIN = ("--no-color", "--no-ext-diff", "--no-textconv", "--submodule=short", "--no-show-signature")
_FIELDS = "%H%x00%P%x00%an%x00%ae%x00%aE%x00%cn%x00%ce%x00%cE%x00%at%x00%ct%x00%B"
CHUNK = 2_000  # commits
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - times in the warehouse are naive UTC
_STATUS = {"A": "added", "M": "modified", "D": "deleted", "R": "renamed", "C": "copied", "T": "type"}
_SUBMODULE = b"160000"


class Commit(NamedTuple):
    """A commit as git tells it; the names are as written, the `_mapped` addresses as .mailmap would have them."""

    sha: str
    parents: tuple[str, ...]
    author_name: str
    author_email: str
    author_mapped: str
    committer_name: str
    committer_email: str
    committer_mapped: str
    authored_at: datetime  # naive UTC
    committed_at: datetime
    message: str  # without blank lines before the first that says anything

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0].strip()


class Diff(NamedTuple):
    """What a commit did; `unread` says why lines could not be counted, None when they were."""

    sha: str
    files: list["Change"]
    unread: str | None


class Change(NamedTuple):
    """A commit's effect on one file; `added` and `deleted` are None where git counts no lines."""

    sha: str
    path: str
    old_path: str | None
    status: str
    added: int | None
    deleted: int | None


def commits(mirror: Mirror, since: str | None) -> Iterator[Commit]:
    """Every commit reachable from the head and not from `since`, parents before children."""
    command = ["git", "-c", f"mailmap.blob={mirror.head_sha}:.mailmap", "-c", "i18n.logOutputEncoding=UTF-8"]
    command += ["log", "-z", "--topo-order", "--reverse", "--no-show-signature", f"--format={_FIELDS}"]
    tokens = _tokens(mirror, [*command, mirror.head_sha, *([f"^{since}"] if since else []), "--"])
    for sha in _or_history_error(mirror, tokens):
        texts = [next(tokens).decode("utf-8", "replace") for _ in range(10)]
        parents, an, ae, a_mapped, cn, ce, c_mapped, authored, committed, message = texts
        yield Commit(
            sha.decode("ascii"), tuple(parents.split()), an, ae, a_mapped, cn, ce, c_mapped,
            moment(authored), moment(committed), message.lstrip(),
        )  # fmt: skip


def diffs(mirror: Mirror, shas: Sequence[str]) -> Iterator[Diff]:
    """What each commit did to its files, against its first parent, in the order of `shas`.

    Merges and the commits at which a shallow clone's history begins must not be among them: the first bring nothing of
    their own, the others would show the whole tree as new. Where an object is missing, that commit's files come
    without counts and with git's reason, and the reading goes on behind it.
    """
    done = 0
    while done < len(shas):
        try:
            # A process for many commits, yet not for all: it begins anew behind each commit that cannot be read.
            for diff in _counted(mirror, shas[done : done + CHUNK]):
                done += 1
                yield diff
        except GitCommandError:
            # Git died of this commit, or of the next one before this one's lines were out.
            yield _alone(mirror, shas[done])
            done += 1


def _alone(mirror: Mirror, sha: str) -> Diff:
    """The diff of one commit, without counts where they cannot be had."""
    try:
        return next(_counted(mirror, [sha]))
    except GitCommandError as error:
        return _uncounted(mirror, sha, last_words(error))


def _counted(mirror: Mirror, shas: Sequence[str]) -> Iterator[Diff]:
    command = [
        "git",
        "log",
        "-z",
        "--no-walk=unsorted",
        "--stdin",
        "--format=%x01%H",
        "--raw",
        "--numstat",
        "-M",
        "-l1000",
    ]
    diff: Diff | None = None
    raw: dict[bytes, tuple[bytes | None, str, bool]] = {}
    tokens = _tokens(mirror, [*command, "--no-abbrev", "--root", *PLAIN], "".join(f"{sha}\n" for sha in shas))
    for token in tokens:
        if token.startswith(b"\x01"):
            if diff:
                yield diff
            diff, raw = Diff(token[1:41].decode("ascii"), [], None), {}
        elif token.lstrip(b"\n").startswith(b":"):
            path, described = _raw(token.lstrip(b"\n"), tokens)
            raw[path] = described
        elif diff:
            added, deleted, path = token.split(b"\t", 2)
            if not path:  # a rename: the old and the new path follow
                _, path = next(tokens), next(tokens)
            old, status, is_submodule = raw[path]
            counts = (None, None) if added == b"-" or is_submodule else (int(added), int(deleted))
            diff.files.append(Change(diff.sha, _path(path), _path(old) if old else None, status, *counts))
    if diff:
        yield diff


def _uncounted(mirror: Mirror, sha: str, why: str) -> Diff:
    """The files a commit touched, from its trees alone."""
    command = [
        "git",
        "diff-tree",
        "-z",
        "-r",
        "--root",
        "--no-renames",
        "--no-commit-id",
        "--raw",
        "--no-abbrev",
        *PLAIN,
        sha,
    ]
    try:
        tokens = _tokens(mirror, command)
        files = [(path, status) for path, (_, status, _) in (_raw(token, tokens) for token in tokens)]
    except GitCommandError as error:  # a tree is missing too
        return Diff(sha, [], last_words(error))
    return Diff(sha, [Change(sha, _path(path), None, status, None, None) for path, status in files], why)


def _raw(header: bytes, tokens: Iterator[bytes]) -> tuple[bytes, tuple[bytes | None, str, bool]]:
    """A line of git's raw format: the path, and with it the old path, the status and whether it is a submodule."""
    old_mode, new_mode, _, _, status = header[1:].split(b" ")
    old = next(tokens)
    new = next(tokens) if status[:1] in b"RC" else old
    return new, (old if new != old else None, _STATUS[chr(status[0])], _SUBMODULE in (old_mode, new_mode))


def moment(seconds: str) -> datetime:
    """Seconds since 1970 as naive UTC; what no calendar holds (git stores any number) is its nearest end."""
    try:
        return _EPOCH + timedelta(seconds=int(seconds or 0))
    except (OverflowError, ValueError):  # Python reads no number of thousands of digits
        return datetime.min if seconds.startswith("-") else datetime.max  # noqa: DTZ901 - naive UTC


def _or_history_error(mirror: Mirror, tokens: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from tokens
    except GitCommandError as error:
        raise HistoryError(unreadable(mirror.name, error)) from error


def _path(raw: bytes) -> str:
    r"""A path as text; bytes that are not UTF-8 stay readable and distinct, as \xff."""
    return raw.decode("utf-8", "backslashreplace")


def _tokens(mirror: Mirror, command: list[str], said: str = "") -> Iterator[bytes]:
    """What git prints, cut at NUL, after it was told `said`. Raises GitCommandError when it ends badly."""
    process = mirror.git.execute(command, as_process=True, istream=PIPE)
    # Where git died at once, what it was to be told does not matter: wait() tells why it died.
    with suppress(BrokenPipeError), process.stdin as stdin:
        stdin.write(said.encode("ascii"))
    rest = b""
    with process.stdout as stdout, process.stderr:
        while block := stdout.read(1 << 20):
            *whole, rest = (rest + block).split(b"\0")
            yield from whole
        process.wait()
    if rest.strip(b"\n"):
        yield rest
