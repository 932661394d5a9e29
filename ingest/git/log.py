"""Streams commits from git, oldest first, out of one process."""

import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from git import GitCommandError

from ingest.errors import HistoryError
from ingest.git.mirror import Mirror, unreadable

# Whatever a configuration or an attribute may say, this is what a diff is.
PLAIN = ("--no-color", "--no-ext-diff", "--no-textconv", "--submodule=short", "--no-show-signature")
_FIELDS = "%H%x00%P%x00%an%x00%ae%x00%aE%x00%cn%x00%ce%x00%cE%x00%at%x00%ct%x00%B"
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - times in the warehouse are naive UTC


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


def commits(mirror: Mirror, since: str | None) -> Iterator[Commit]:
    """Every commit reachable from the head and not from `since`, parents before children."""
    return _commits(mirror, f"{mirror.head_sha}\n" + (f"^{since}\n" if since else ""))


def off_branch(mirror: Mirror, tips: Iterable[str]) -> Iterator[Commit]:
    """Every commit that is reachable from `tips` and not from the head, parents before children; missing tips are none."""
    return _commits(mirror, "".join(f"{tip}\n" for tip in tips) + f"^{mirror.head_sha}\n", "--ignore-missing")


def _commits(mirror: Mirror, wanted: str, *options: str) -> Iterator[Commit]:
    command = ["git", "-c", f"mailmap.blob={mirror.head_sha}:.mailmap", "-c", "i18n.logOutputEncoding=UTF-8"]
    command += ["log", "-z", "--topo-order", "--reverse", "--no-show-signature", f"--format={_FIELDS}"]
    tokens = _tokens(mirror, [*command, *options, "--stdin"], wanted)
    for sha in _or_history_error(mirror, tokens):
        texts = [next(tokens).decode("utf-8", "replace") for _ in range(10)]
        parents, an, ae, a_mapped, cn, ce, c_mapped, authored, committed, message = texts
        yield Commit(
            sha.decode("ascii"), tuple(parents.split()), an, ae, a_mapped, cn, ce, c_mapped,
            moment(authored), moment(committed), message.lstrip(),
        )  # fmt: skip


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


def _tokens(mirror: Mirror, command: list[str], wanted: str) -> Iterator[bytes]:
    """What git prints, cut at NUL, of the commits it is told to want. Raises GitCommandError when it ends badly."""
    with tempfile.TemporaryFile() as told:
        told.write(wanted.encode("ascii"))
        told.seek(0)
        process = mirror.git.execute(command, istream=told, as_process=True)
    rest = b""
    with process.stdout as stdout, process.stderr:
        while block := stdout.read(1 << 20):
            *whole, rest = (rest + block).split(b"\0")
            yield from whole
        process.wait()
    if rest.strip(b"\n"):
        yield rest
