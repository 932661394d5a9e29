"""Writes a bare repository with one `git fast-import`, so that three thousand commits take seconds."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from git import Git

# No configuration, template or hook of the machine may show in the sample.
_ENVIRONMENT = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}


@dataclass(frozen=True, slots=True)
class Signature:
    """An author or committer at a moment; `zone` is how git writes the time zone."""

    name: str
    email: str
    at: datetime
    zone: str = "+0000"

    def __str__(self) -> str:
        """As git writes it in a commit."""
        return f"{self.name} <{self.email}> {int(self.at.timestamp())} {self.zone}"


def git_at(path: Path) -> Git:
    """Git in a folder, deaf to the configuration of the machine."""
    git = Git(path)
    git.update_environment(**_ENVIRONMENT)
    return git


class FastImport:
    """One bare repository being written; commits go to `main`, whatever their parents."""

    def __init__(self, path: Path) -> None:
        """Create the repository and start the import."""
        path.mkdir(parents=True)
        git = git_at(path)
        git.init("--quiet", "--bare", "--template=", "--initial-branch=main")
        self._marks: dict[str, int] = {}
        # Level 1 halves the time; what is compressed, and so every sha, is the same.
        # GitPython ends the process when this object goes away before `finish`.
        process = git.execute(
            ["git", "-c", "core.compression=1", "fast-import", "--quiet", "--done"],
            istream=subprocess.PIPE,
            as_process=True,
        )
        if not isinstance(process, Git.AutoInterrupt):
            raise TypeError(process)
        self._process = process
        self._stream = process.stdin
        self._answers = process.stdout

    def commit(
        self,
        message: str,
        author: Signature,
        committer: Signature,
        *,
        parents: Sequence[str],
        files: Mapping[str, bytes | None],
    ) -> str:
        """Write a commit and answer its sha; a file without content is deleted."""
        mark = len(self._marks) + 1
        head = f"commit refs/heads/main\nmark :{mark}\nauthor {author}\ncommitter {committer}\n"
        parts = [head.encode(), _data(message.encode())]
        parts += [
            f"{word} :{self._marks[parent]}\n".encode()
            for word, parent in zip(["from"] + ["merge"] * len(parents), parents, strict=False)
        ]
        for path, content in files.items():
            parts.append(_deletion(path) if content is None else _modification(path, content))
        # A branch that is written to main leaves no second ref behind; asking for the sha makes texts able to name it.
        parts.append(f"\nget-mark :{mark}\n".encode())
        self._stream.write(b"".join(parts))
        self._stream.flush()
        sha: str = self._answers.readline().decode().strip()
        self._marks[sha] = mark
        return sha

    def finish(self, head: str) -> None:
        """Point main at its head and wait until everything is written."""
        self._stream.write(f"reset refs/heads/main\nfrom :{self._marks[head]}\n\ndone\n".encode())
        self._stream.close()
        self._process.wait()
        self._answers.close()
        self._process.stderr.close()


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def _modification(path: str, content: bytes) -> bytes:
    return b"M 100644 inline %b\n%b" % (path.encode(), _data(content))


def _deletion(path: str) -> bytes:
    return b"D %b\n" % path.encode()
