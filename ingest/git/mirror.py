"""Opens a repository so that nothing it brings along is ever executed.

Every repository is read through a bare one of our own under `mirrors/`: git then reads our configuration, which is
empty, and never the foreign one with its hooks, aliases, filters, external diffs and signature programs. A folder on
this machine is borrowed in place, by naming its object store in `objects/info/alternates`; a URL is fetched. Neither
is ever written to.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from git import Git, GitCommandError

from ingest.errors import HistoryError, TransientError
from ingest.git import blobs
from ingest.settings import Repository

# Reading: nobody's configuration, no prompt, no network, not even for objects that a partial clone left out.
READING = {
    "GIT_CONFIG_COUNT": "0",  # what `git -c` or a hook that calls us may have left in the environment
    "GIT_CONFIG_PARAMETERS": "",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_DIFF_OPTS": "",  # it would bring lines of context into every diff
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}
# Fetching: the user's own configuration holds for proxies and credentials, `ext::` and other helpers never run.
FETCHING = {"GIT_ALLOW_PROTOCOL": "https:http:ssh:git:file", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}

# What speaks about commits and is no branch: git-ai's notes, and the heads of pull and merge requests.
_BESIDES = ("refs/notes/ai", "refs/pull", "refs/merge-requests")
_IS_BESIDES = re.compile(r"refs/(?:notes/ai|(?:pull|merge-requests)/\d+/head)")
# Patterns, because a fetch of a name that is not there fails.
_FETCHED = (
    "+refs/heads/*:refs/heads/*",
    "+refs/notes/ai*:refs/notes/ai*",
    "+refs/pull/*/head:refs/pull/*/head",
    "+refs/merge-requests/*/head:refs/merge-requests/*/head",
)

_URL = re.compile(r"[a-z][a-z0-9+.-]*://|[^/\\]+@[^/\\]+:", re.IGNORECASE)


@dataclass(frozen=True)
class Mirror:
    """A repository opened for reading at one commit of its integration branch."""

    name: str
    location: str  # without credentials
    branch: str
    head_sha: str
    boundaries: frozenset[str]  # where a shallow clone's history begins; empty when it is whole
    git: Git
    # refs/notes/ai and the heads of pull requests (refs/pull/12/head, refs/merge-requests/12/head), as far as there are any
    references: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def folder(self) -> Path:
        """Our bare repository."""
        return Path(self.git.environment()["GIT_DIR"])

    def blob_id(self, path: str) -> str:
        """The object id of the file `path` at the head, '' when there is none."""
        try:
            listed = self.git.execute(["git", "ls-tree", "-z", self.head_sha, "--", path])
        except GitCommandError as error:
            raise HistoryError(unreadable(self.name, error)) from error
        found = re.match(r"\d+ blob ([0-9a-f]{40})\t", str(listed))
        return found[1] if found else ""

    def text(self, path: str) -> str:
        """The file `path` at the head, '' when there is none."""
        blob = self.blob_id(path)
        raw = self.git.execute(["git", "cat-file", "blob", blob], stdout_as_string=False) if blob else b""
        assert isinstance(raw, bytes)  # noqa: S101 - what stdout_as_string=False promises
        return raw.decode("utf-8", "replace")

    def files(self, name: str) -> dict[bytes, bytes]:
        """The files of this name in any folder at the head, by their folder, b"" at the top."""
        command = ["git", "ls-tree", "-r", "-z", "--full-tree", self.head_sha]
        try:
            listed = self.git.execute(command, stdout_as_string=False)
        except GitCommandError as error:
            raise HistoryError(unreadable(self.name, error)) from error
        assert isinstance(listed, bytes)  # noqa: S101 - what stdout_as_string=False promises
        found = re.findall(
            rb"(?:\A|\0)\d+ blob ([0-9a-f]{40})\t((?:[^\0]*/)?)%b(?=\0)" % re.escape(name.encode()), listed
        )
        texts = dict(blobs.contents(self.git, [blob for blob, _ in found]))
        return {folder.rstrip(b"/"): texts[blob] for blob, folder in found if blob in texts}

    def is_ancestor(self, sha: str) -> bool:
        """Whether `sha` is still in the branch's history."""
        status, _, _ = self.git.execute(
            ["git", "merge-base", "--is-ancestor", sha, self.head_sha], with_extended_output=True, with_exceptions=False
        )
        return status == 0


def open_mirror(repository: Repository, mirrors: Path, base: Path) -> Mirror:
    """The repository at its branch's newest commit; a URL is fetched first. `base` is where relative paths begin.

    Raises HistoryError, or TransientError when the network may be to blame.
    """
    return _opened(repository, mirrors, base, fetch=True)


def reopen_mirror(repository: Repository, mirrors: Path, base: Path, at: tuple[str, str]) -> Mirror:
    """The repository as `open_mirror` left it, `at` the branch and commit that were read then: nothing is fetched.

    Raises HistoryError.
    """
    branch, head_sha = at
    return replace(_opened(replace(repository, branch=branch), mirrors, base, fetch=False), head_sha=head_sha)


def _opened(repository: Repository, mirrors: Path, base: Path, *, fetch: bool) -> Mirror:
    folder = (mirrors / f"{repository.name}.git").absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    _unlock(folder)
    reading = front(folder)
    reading.execute(["git", "init", "--quiet", "--bare", "--template=", str(folder)])
    if is_url(repository.location):
        head = _fetch(repository, folder) if fetch else ""
        refs = _references(repository.name, folder, "refs/heads", *_BESIDES)
    else:
        refs, head = _borrowed(repository, folder, base)
    branch = repository.branch or _default_branch(repository, refs, head)
    sha = refs.get(f"refs/heads/{branch}") or refs.get(f"refs/remotes/origin/{branch}")
    if sha is None:
        raise HistoryError(_no_branch(repository, branch, refs))
    if len(sha) != 40:
        raise HistoryError(
            f"{repository.name}: SHA-256 repositories are not supported yet. Convert it or leave it out."
        )
    shallow = folder / "shallow"
    boundaries = frozenset(shallow.read_text("ascii").split()) if shallow.exists() else frozenset()
    besides = {ref: target for ref, target in refs.items() if _IS_BESIDES.fullmatch(ref)}
    location = without_credentials(repository.location)
    return Mirror(repository.name, location, branch, sha, boundaries, reading, besides)


def is_url(location: str) -> bool:
    """Whether git fetches this location; anything else is a folder on this machine."""
    return bool(_URL.match(location))


def front(folder: Path) -> Git:
    """Git's commands on the bare repository `folder`, reading under nobody's configuration."""
    git = Git(str(folder.parent))
    git.update_environment(GIT_DIR=str(folder), **READING)
    return git


def _unlock(folder: Path) -> None:
    """Remove the locks that a killed run left behind: we hold the one on the warehouse, so nobody else is at work."""
    for left in [*folder.glob("*.lock"), *(folder / "refs").rglob("*.lock")]:
        left.unlink()


def _borrowed(repository: Repository, folder: Path, base: Path) -> tuple[dict[str, str], str]:
    """Borrow the objects of a repository on this machine; its references and what its HEAD points to."""
    path = base / Path(os.path.expanduser(repository.location))  # noqa: PTH111 - leaves a ~ alone that is nobody's
    try:
        if not path.exists():
            raise HistoryError(f"{repository.name}: {path} does not exist. Mend repositories.location in the settings.")
        git_dir, common = git_dirs(repository.name, path)
        _borrow(common, folder)
    except OSError as error:
        remedy = "Let this user read it, or mend repositories.location."
        raise HistoryError(f"{repository.name}: {path} cannot be read: {error.strerror}. {remedy}") from error
    # Listing references runs nothing, whatever that repository's configuration says.
    refs = _references(repository.name, common)
    if (origin := _symbolic(front(common), "refs/remotes/origin/HEAD")) in refs:
        refs["refs/remotes/origin/HEAD"] = origin
    return refs, _symbolic(front(git_dir), "HEAD")


def _borrow(common: Path, folder: Path) -> None:
    """Name the object store that our repository `folder` reads from, and copy where its history begins."""
    if "\n" in str(common):
        raise HistoryError(f"The path of {common} holds a line break. Move the repository.")
    (folder / "objects" / "info").mkdir(parents=True, exist_ok=True)
    (folder / "objects" / "info" / "alternates").write_bytes(os.fsencode(common / "objects") + b"\n")
    _copy_shallow(common / "shallow", folder / "shallow")


def _references(name: str, git_dir: Path, *under: str) -> dict[str, str]:
    try:
        listed = str(front(git_dir).execute(["git", "for-each-ref", "--format=%(objectname) %(refname)", *under]))
    except GitCommandError as error:
        raise HistoryError(unreadable(name, error)) from error
    return {ref: sha for sha, ref in (line.split(" ", 1) for line in listed.splitlines())}


def git_dirs(name: str, path: Path) -> tuple[Path, Path]:
    """Where HEAD stands and where objects and references stand; two places in a linked work tree.

    Raises HistoryError when `path` is no git repository.
    """
    git_dir = path / ".git" if (path / ".git").exists() else path
    if git_dir.is_file():
        marked, _, target = git_dir.read_bytes().partition(b"gitdir:")
        git_dir = git_dir.parent / ("" if marked else os.fsdecode(target.strip()))
    if not (git_dir / "HEAD").exists():
        raise HistoryError(f"{name}: {path} is not a git repository. Name the folder that holds .git, or a bare one.")
    pointer = git_dir / "commondir"
    common = git_dir / pointer.read_text("utf-8").strip() if pointer.exists() else git_dir
    if not (common / "objects").is_dir():
        raise HistoryError(f"{name}: {path} is not a git repository. Name the folder that holds .git, or a bare one.")
    return git_dir.resolve(), common.resolve()


def _copy_shallow(theirs: Path, ours: Path) -> None:
    if theirs.exists():
        ours.write_bytes(theirs.read_bytes())
    else:
        ours.unlink(missing_ok=True)


def _fetch(repository: Repository, folder: Path) -> str:
    """Fetch every branch of a URL and what speaks about its commits; what its HEAD points to."""
    (folder / "objects" / "info" / "alternates").unlink(missing_ok=True)
    git = Git(str(folder.parent))
    git.update_environment(GIT_DIR=str(folder), **FETCHING)
    options = ["--quiet", "--prune", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-gc"]
    options.append("--update-shallow")  # a shallow clone can be fetched from as well
    try:
        # The URL stands on the command line and not in a remote, so that no credential in it is kept.
        git.execute(["git", "fetch", *options, "--", repository.location, *_FETCHED])
        told = str(git.execute(["git", "ls-remote", "--symref", "--", repository.location, "HEAD"]))
    except GitCommandError as error:
        where = without_credentials(repository.location)
        reason = without_credentials(last_words(error))
        remedy = "Check the address and that `git fetch` works there for this user."
        raise TransientError(f"{repository.name}: {where} could not be fetched: {reason}. {remedy}") from None
    head = re.search(r"^ref: (\S+)\tHEAD$", told, re.MULTILINE)
    return head[1] if head else ""


def _symbolic(git: Git, name: str) -> str:
    """What a symbolic reference points to, '' when it is detached or absent."""
    status, told, _ = git.execute(
        ["git", "symbolic-ref", "--quiet", name], with_extended_output=True, with_exceptions=False
    )
    return str(told) if status == 0 else ""


def _default_branch(repository: Repository, refs: dict[str, str], head: str) -> str:
    """The branch HEAD points to; where it is detached, the one the remote calls its default."""
    if not refs:
        where = without_credentials(repository.location)
        raise HistoryError(f"{repository.name}: {where} has no commits yet. Leave it out until it has.")
    if head in refs:
        return head.removeprefix("refs/heads/")
    if not head and "refs/remotes/origin/HEAD" in refs:
        return refs["refs/remotes/origin/HEAD"].removeprefix("refs/remotes/origin/")
    what = f"HEAD points to {head.removeprefix('refs/heads/')}, which has no commits" if head else "HEAD is detached"
    raise HistoryError(f"{repository.name}: {what}. Set branch to one of: {_branches(refs)}.")


def _no_branch(repository: Repository, branch: str, refs: dict[str, str]) -> str:
    return f"{repository.name}: there is no branch {branch!r}. Set branch to one of: {_branches(refs) or 'none yet'}."


def _branches(refs: dict[str, str]) -> str:
    names = {re.sub(r"^refs/(heads|remotes/origin)/", "", ref) for ref in refs if not ref.endswith("/HEAD")}
    shown = sorted(name for name in names if not name.startswith("refs/"))
    return ", ".join(shown[:10]) + (f" and {len(shown) - 10} more" if len(shown) > 10 else "")


def without_credentials(text: str) -> str:
    """The text as it may be shown: the user name or password in a URL is left out."""
    return re.sub(r"(?<=://)[^/?#\s']*@", "", text)


def unreadable(name: str, error: GitCommandError) -> str:
    """What to say when git cannot read the repository `name`."""
    remedy = "Run `git fsck` there; fetch what is missing or clone it anew."
    return f"{name}: git could not read the history: {last_words(error)}. {remedy}"


def last_words(error: GitCommandError) -> str:
    """What git said it died of, with the lines that led to it; its good advice behind that is left out."""
    said = str(error.stderr).strip().removeprefix("stderr: '").removesuffix("'")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    last = next((number for number, line in enumerate(lines) if line.startswith("fatal: ")), len(lines) - 1)
    return "; ".join(re.sub("^(fatal|error): ", "", line) for line in lines[: last + 1][-3:]) or "git gave no reason"
