"""Streams what commits did to the lines of their files: git's own diffs, many commits to a process.

They are cut without looking at single lines where a split will do.
"""

import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from subprocess import PIPE
from threading import Thread
from typing import IO, NamedTuple, NoReturn

from git import Git, GitCommandError

from ingest.git import blobs
from ingest.git.log import PLAIN
from ingest.git.mirror import last_words

# Larger files are binary to git: counted as files, never held in memory as lines.
LARGE = 16 << 20  # bytes
BLOCK = 1 << 16  # bytes read at a time: a pipe holds no more
AHEAD = 50  # lines, so few that a pipe has room for twice as many
NAMED = 1 << 20  # bytes of paths that a command line takes; the system has room for twice as many
DELTAS = 256 << 20  # bytes of unpacked objects that git keeps at hand; with its own 96 MiB it needs a tenth longer
AS_BLAME = ("--text",)  # to git blame every file is text
REGULAR = (b"100644", b"100755", b"100664")  # the last one is in old repositories
CONTENT = (*REGULAR, b"120000")  # a symbolic link has its target


class Hunk(NamedTuple):
    """A run of removed lines and the added ones in its place, without their signs and line ends."""

    old_start: int  # removed lines begin behind so many lines of the old file
    new_start: int  # the added ones behind so many of the new
    removed: list[bytes]
    added: list[bytes]
    heading: bytes  # what git takes for the function it stands in


Span = tuple[int, int, int, int]  # old start and lines, new start and lines, as in a Hunk


class FilePatch(NamedTuple):
    """What happened to one file; a rename has both paths, anything else the same one twice."""

    status: str  # A, M, D, R, C or T
    old_path: bytes
    path: bytes
    old_mode: bytes
    mode: bytes
    old_blob: bytes  # 40 hex digits, zeros where there is none
    blob: bytes
    text: bytes  # git's patch of it
    is_unread: bool = False  # an object of it is missing, or it is too large
    is_found: bool = False  # its lines were there before, in a text too large to be read

    @property
    def blobs(self) -> list[bytes]:
        """What has to be there to compare it."""
        return [blob for mode, blob in ((self.old_mode, self.old_blob), (self.mode, self.blob)) if mode in CONTENT]

    @property
    def is_binary(self) -> bool:
        """Whether git compares it as a whole and not by lines."""
        return b"\nBinary files " in self.text.partition(b"\n@@ -")[0]

    @property
    def was_regular(self) -> bool:
        """Whether it was a file: no symbolic link, no submodule, not absent."""
        return self.old_mode in REGULAR

    @property
    def is_regular(self) -> bool:
        """Whether it is a file now."""
        return self.mode in REGULAR


class Patch(NamedTuple):
    """What a commit did; `unread` says why the lines of some of its files, or of all, could not be read."""

    files: list[FilePatch]
    unread: str | None = None


def patches(git: Git, lines: Sequence[str], *options: str) -> Iterator[Patch]:
    """The diff for each of `lines`, as Patches gives them."""
    with closing(Patches(git, *options)) as reading:
        yield from reading.of(lines)


class Patches:
    """Diffs from a git process that stays, to be closed at the end: what it unpacked for one commit helps with the next."""

    def __init__(self, git: Git, *options: str) -> None:
        self._git, self._options = git, options
        self._diff_tree = DiffTree(git, _command("-p", "-U0", *options))

    def close(self) -> None:
        """End the process."""
        self._diff_tree.close()

    def of(self, lines: Sequence[str]) -> Iterator[Patch]:
        """The diff for each of `lines`, in their order: a commit, a commit and the parent to compare with, or two trees.

        Merges and the commits at which a shallow clone begins are compared with nothing by themselves. Where an object is
        missing, the files that need it come without hunks and the patch with git's reason.
        """
        done = 0
        while done < len(lines):
            try:
                for raw in self._diff_tree.answers(lines[done:]):
                    done += 1
                    yield Patch(_files(raw))
            except GitCommandError as error:
                yield _as_far_as_it_goes(self._git, lines[done], last_words(error), *self._options)
                done += 1


class DiffTree:
    """One `git diff-tree --stdin`, started when it is first asked, and again when it has died."""

    def __init__(self, git: Git, command: Sequence[str]) -> None:
        self._git, self._command = git, list(command)
        # What is no object name, diff-tree prints as it came: so a mark that nobody could guess ends each answer.
        self._mark = f"\x01{secrets.token_hex(16)}\n".encode("ascii")
        self._process: Git.AutoInterrupt | None = None
        self._listener: Thread | None = None
        self._read, self._said = bytearray(), bytearray()

    def close(self) -> None:
        """End it, whatever it was about to say."""
        process, self._process = self._process, None
        self._read.clear()
        if process is not None:
            with suppress(BrokenPipeError):  # what it was asked and never took
                process.stdin.close()
            process.stdout.close()  # GitPython ends what is left of it

    def answers(self, lines: Sequence[str]) -> Iterator[bytes]:
        """What it says to each line. Raises GitCommandError behind the last whole answer."""
        if self._process is None:
            self._start()
        is_done = False
        try:
            self._ask(lines[:AHEAD])
            for number in range(len(lines)):
                if number % AHEAD == 0:  # so that it never waits for us, nor we for room in the pipe
                    self._ask(lines[number + AHEAD : number + 2 * AHEAD])
                yield self._answer()
            is_done = True
        finally:
            if not is_done:
                self.close()

    def _start(self) -> None:
        self._process = self._git.execute(self._command, as_process=True, istream=PIPE)
        # Its warnings are taken off its hands as they come, or it would wait for room for them one day.
        self._said = bytearray()
        self._listener = Thread(target=_listen, args=(self._process.stderr, self._said), daemon=True)
        self._listener.start()

    def _ask(self, lines: Sequence[str]) -> None:
        assert self._process is not None  # noqa: S101 - the caller's case
        with suppress(BrokenPipeError):  # it has died, and why comes with its last answer
            self._process.stdin.write(b"".join(line.encode("ascii") + b"\n" + self._mark for line in lines))
            self._process.stdin.flush()

    def _answer(self) -> bytes:
        assert self._process is not None  # noqa: S101 - as above
        searched = 0
        while (end := self._read.find(self._mark, searched)) < 0:
            searched = max(0, len(self._read) - len(self._mark))
            block = self._process.stdout.read1(BLOCK)
            if not block:
                self._raise()
            self._read += block
        answer = bytes(memoryview(self._read)[:end])
        del self._read[: end + len(self._mark)]
        return answer

    def _raise(self) -> NoReturn:
        """Say what it died of."""
        assert self._process is not None  # noqa: S101 - as above
        assert self._listener is not None  # noqa: S101 - as above
        self._listener.join()
        self._process.wait(stderr=bytes(self._said))
        raise GitCommandError(self._command, 0, b"it ended before it had answered")


def _listen(stream: IO[bytes], said: bytearray) -> None:
    with stream:
        for line in stream:
            said += line
            del said[:-BLOCK]


def answers(git: Git, command: Sequence[str], lines: Sequence[str]) -> Iterator[bytes]:
    """What a `git diff-tree --stdin` of its own says to each line. Raises GitCommandError behind the last whole answer."""
    with closing(DiffTree(git, command)) as diff_tree:
        yield from diff_tree.answers(lines)


def gone(git: Git, line: str) -> list[bytes]:
    """The files that are gone as `line` compares."""
    (raw,) = answers(git, _command("--no-renames"), [line])
    return [entry[-1] for entry in raw_entries(raw)[0] if entry[4] == b"D"]


def old_path(git: Git, line: str, path: bytes, gone: Sequence[bytes]) -> bytes | None:
    """Which of those that are gone a new file was, by git's guess about this one file, as blame makes it."""
    try:
        (raw,) = answers(git, [*_command(), *_paths("literal", [path, *gone])], [line])
    except GitCommandError:  # an object is missing
        return None
    return next((entry[-2] for entry in raw_entries(raw)[0] if entry[-1] == path and len(entry) == 7), None)


def _paths(magic: str, paths: Sequence[bytes]) -> list[str]:
    """Paths as git is asked for them; none, which is all of them, where they are too many for a command line."""
    if sum(map(len, paths)) + len(paths) * (len(magic) + 12) > NAMED:
        return []
    return ["--", *(f":({magic}){os.fsdecode(path)}" for path in paths)]


def _command(*options: str) -> list[str]:
    return [
        "git", "-c", f"core.bigFileThreshold={LARGE}", "-c", f"core.deltaBaseCacheLimit={DELTAS}", "diff-tree", "--stdin",
        "-r", "--root", "--no-commit-id", "-z", "--raw", "--no-abbrev", "--full-index", "-M", "-l1000", *PLAIN, *options,
    ]  # fmt: skip


def _as_far_as_it_goes(git: Git, line: str, why: str, *options: str) -> Patch:
    """The files a commit touched, from its trees; those of which nothing is missing, with their lines."""
    try:
        (raw,) = answers(git, _command("--no-renames"), [line])
    except GitCommandError as error:  # a tree is missing too
        return Patch([], last_words(error))
    files = _files(raw)
    there = {blob for blob, _ in blobs.sizes(git, {blob for file in files for blob in file.blobs})}
    paths = [file.path for file in files if not there.issuperset(file.blobs)]
    read: list[FilePatch] = []
    if (without := _paths("exclude,literal", paths)) and len(paths) < len(files):
        with suppress(GitCommandError):  # it is there and broken
            (raw,) = answers(git, [*_command("-p", "-U0", *options), *without], [line])
            read = _files(raw)
    known = {path for file in read for path in (file.old_path, file.path)}
    read += [file._replace(is_unread=True) for file in files if file.path not in known]
    return Patch(sorted(read, key=lambda file: file.path), why)


def path_text(path: bytes) -> str:
    r"""A path as text; bytes that are not UTF-8 stay readable and distinct, as \xff."""
    return path.decode("utf-8", "backslashreplace")


def raw_entries(raw: bytes) -> tuple[list[list[bytes]], int]:
    """The entries of git's raw format with -z, each a list of its fields and paths, and where they end."""
    entries, at = [], 0
    while raw[at : at + 1] == b":":
        end = raw.index(b"\0", at)
        entry = raw[at:end].lstrip(b":").split(b" ")
        stop = raw.index(b"\0", end + 1)
        entry.append(raw[end + 1 : stop])
        if entry[-2][:1] in b"RC":
            start, stop = stop + 1, raw.index(b"\0", stop + 1)
            entry.append(raw[start:stop])
        entries.append(entry)
        at = stop + 1
    return entries, at


def hunks(file: FilePatch) -> Iterator[Hunk]:
    """The hunks of a file; in a hunk every line begins with a sign, so that nothing in it looks like a header."""
    for part in file.text.split(b"\n@@ -")[1:]:
        head, _, body = part.partition(b"\n")
        span, _, heading = head.partition(b" @@")
        old, _, new = span.partition(b" +")
        old_start, _, old_lines = old.partition(b",")
        new_start, _, new_lines = new.partition(b",")
        lines = body.split(b"\n")
        if b"\n\\ " in body:  # "No newline at end of file", behind the last removed line, the last added one, or both
            lines = [line for line in lines if line[:1] != b"\\"]
        removed = int(old_lines) if old_lines else 1
        added = int(new_lines) if new_lines else 1
        yield Hunk(
            int(old_start) - 1 if removed else int(old_start),
            int(new_start) - 1 if added else int(new_start),
            [line[1:] for line in lines[:removed]],
            [line[1:] for line in lines[removed : removed + added]],
            heading[1:],
        )


_SPAN = re.compile(rb"\n@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def spans(file: FilePatch) -> list[Span]:
    """Where the hunks of a file are, without their lines."""
    found = []
    for old_start, old_lines, new_start, new_lines in _SPAN.findall(file.text):
        removed, added = int(old_lines or 1), int(new_lines or 1)
        found.append(
            (
                int(old_start) - 1 if removed else int(old_start),
                removed,
                int(new_start) - 1 if added else int(new_start),
                added,
            )
        )
    return found


def _files(raw: bytes) -> list[FilePatch]:
    raw = raw[raw.index(b":") :] if b":" in raw[:83] else raw  # of two trees, their names come first
    entries, at = raw_entries(raw)
    # Behind the entries a NUL, then the texts. No line of a text begins like this but the first of each file's.
    texts = iter(raw[at + 12 :].split(b"\ndiff --git "))
    has_texts = len(raw) > at
    files = []
    for old_mode, mode, old_blob, blob, status, *paths in entries:
        sort = chr(status[0])
        text = next(texts) if has_texts else b""
        if sort == "T" and has_texts:  # what it was goes, what it is comes: one of both is no file
            later = next(texts)
            text = text if old_mode in REGULAR else later
        is_lines = old_mode in REGULAR or mode in REGULAR
        files.append(FilePatch(sort, paths[0], paths[-1], old_mode, mode, old_blob, blob, text if is_lines else b""))
    return files
