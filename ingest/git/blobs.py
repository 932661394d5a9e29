"""Reads files of any commit by their object names, many to a process."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Self

from git import Git

_LOOKED_AT = 8_000  # bytes, as git does


def contents(git: Git, blobs: Iterable[bytes], *, most: int | None = None) -> Iterator[tuple[bytes, bytes]]:
    """Each blob with its bytes; those that are missing, or longer than `most`, are left out."""
    if most is not None:
        blobs = [blob for blob, size in sizes(git, blobs) if size <= most]
    with tempfile.TemporaryFile() as told:
        told.write(b"".join(blob + b"\n" for blob in blobs))
        told.seek(0)
        process = git.execute(["git", "cat-file", "--batch"], as_process=True, istream=told)
        with process.stdout as stdout, process.stderr:
            while header := stdout.readline().split():
                if header[-1] != b"missing":
                    blob, _, size = header
                    yield blob, stdout.read(int(size))
                    stdout.read(1)
            process.wait()


class Contents:
    """Blobs by name, in a `with`: those that are known, and others one at a time from one process, which ends with it."""

    def __init__(self, git: Git, known: Mapping[bytes, bytes]) -> None:
        self._git = git
        self._known = known

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._git.clear_cache()  # GitPython's name for its processes that stay

    def get(self, blob: bytes) -> bytes | None:
        """The bytes of a blob, None where it is missing."""
        if (known := self._known.get(blob)) is not None:
            return known
        try:
            return bytes(self._git.get_object_data(blob)[-1])
        except ValueError:  # GitPython's word for an object that is not there
            return None


def sizes(git: Git, blobs: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """Each blob with its size in bytes; those that are missing are left out."""
    with tempfile.TemporaryFile() as told:
        told.write(b"".join(blob + b"\n" for blob in blobs))
        told.seek(0)
        listed = git.execute(["git", "cat-file", "--batch-check"], istream=told, stdout_as_string=False)
    assert isinstance(listed, bytes)  # noqa: S101 - what stdout_as_string=False promises
    for line in listed.splitlines():
        blob, *_, size = line.split()
        if size != b"missing":
            yield blob, int(size)


def beginning(git: Git, blob: bytes) -> bytes:
    """As much of a blob as tells whether it is text, however large it is."""
    process = git.execute(["git", "cat-file", "blob", blob.decode("ascii")], as_process=True)
    with process.stdout as stdout, process.stderr:
        return bytes(stdout.read(_LOOKED_AT))


def is_binary(content: bytes) -> bool:
    """Whether git takes it for no text."""
    return b"\0" in content[:_LOOKED_AT]


def lines(content: bytes) -> list[bytes]:
    """The lines of a file as git counts them, without their ends."""
    cut = content.split(b"\n")
    return cut if cut[-1] else cut[:-1]


def as_added(content: bytes) -> bytes:
    """The patch that git would print had there been nothing before."""
    cut = lines(content)
    return b"\n@@ -0,0 +1,%d @@\n%b" % (len(cut), b"".join(b"+%b\n" % line for line in cut)) if cut else b""
