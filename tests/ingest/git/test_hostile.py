"""A repository brings configuration, hooks and attributes along; nothing of it is ever executed.

Each plant would touch the file `canary`. The first test shows that most of them do so for git itself: they are alive.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from ingest.git import history, mirror
from ingest.settings import Repository
from tests.conftest import GitRepository, migrated

Make = Callable[..., GitRepository]
Plant = Callable[[GitRepository, str], None]

HOOKS = (
    "post-checkout",
    "pre-auto-gc",
    "reference-transaction",
    "post-index-change",
    "pre-receive",
    "fsmonitor-watchman",
)


def configured(*pairs: str) -> Plant:
    """A plant that is nothing but configuration; {} is the command."""

    def plant(repository: GitRepository, command: str) -> None:
        for pair in pairs:
            name, value = pair.split("=", 1)
            repository.git("config", name, value.format(command))

    return plant


def hooks(repository: GitRepository, command: str) -> None:
    for name in HOOKS:
        hook = repository.path / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{command}\n")
        hook.chmod(0o755)


def hooks_elsewhere(repository: GitRepository, command: str) -> None:
    hooks(repository, command)
    (repository.path / ".git" / "hooks").rename(repository.path / "more")
    repository.git("config", "core.hooksPath", str(repository.path / "more"))


def include(repository: GitRepository, command: str) -> None:
    (repository.path / "more.config").write_text(
        f'[diff]\n\texternal = "{command}"\n[core]\n\tfsmonitor = "{command}"\n'
    )
    repository.git("config", "include.path", "../more.config")


def missing_blob(repository: GitRepository, command: str) -> None:
    """A partial clone whose remote is a command, with a blob that only the remote has."""
    del command
    blob = repository.git("rev-parse", "HEAD:a.py")
    repository.object_file(blob).unlink()
    repository.git("config", "extensions.partialClone", "origin")
    repository.git("config", "core.repositoryFormatVersion", "1")
    repository.git("config", "remote.origin.promisor", "true")


def promisor_ext(repository: GitRepository, command: str) -> None:
    missing_blob(repository, command)
    repository.git("config", "remote.origin.url", f"ext::sh -c '{command}'")
    repository.git("config", "protocol.ext.allow", "always")


def promisor_upload_pack(repository: GitRepository, command: str) -> None:
    missing_blob(repository, command)
    repository.git("config", "remote.origin.url", f"file://{repository.path}")
    repository.git("config", "remote.origin.uploadpack", f"{command}; git-upload-pack")


def submodule(repository: GitRepository, command: str) -> None:
    text = f'[submodule "evil"]\n\tpath = evil\n\turl = ext::{command}\n\tupdate = !{command}\n'
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{repository.git('rev-parse', 'HEAD')},evil")
    repository.commit(files={".gitmodules": text})
    repository.git("config", "submodule.evil.update", f"!{command}")
    repository.git("config", "submodule.recurse", "true")
    repository.git("config", "fetch.recurseSubmodules", "true")


# Each plant, and a command that sets it off when git is called as everybody calls it; '' where there is no quick one.
PLANTS: dict[str, tuple[Plant, str]] = {
    "fsmonitor": (configured("core.fsmonitor={}"), "status"),
    "external diff": (configured("diff.external={}"), "log -p --ext-diff"),
    "textconv": (configured("diff.evil.textconv={}", "diff.evil.command={}"), "log -p"),
    "filter": (configured("filter.evil.smudge={}", "filter.evil.clean={}"), "checkout HEAD~1"),
    "signature": (configured("log.showSignature=true", "gpg.program={}", "gpg.ssh.program={}"), ""),
    "alias": (configured("alias.log=!{}", "alias.for-each-ref=!{}", "alias.evil=!{}"), "evil"),
    "pager and editor": (configured("core.pager={}", "core.editor={}", "pager.log={}", "core.askPass={}"), ""),
    "ssh": (configured("core.sshCommand={}", "remote.origin.url=ssh://example.com/a"), "fetch"),
    "alternate references": (configured("core.alternateRefsCommand={}"), ""),
    "pack objects": (configured("uploadpack.packObjectsHook={}"), ""),
    "credentials": (configured("credential.helper=!{}", "http.proxy=127.0.0.1:1"), ""),
    "hooks": (hooks, "checkout -b other"),
    "hooks elsewhere": (hooks_elsewhere, "checkout -b other"),
    "include": (include, "log -p --ext-diff"),
    "promisor by ext": (promisor_ext, "log -p"),
    "promisor by upload-pack": (promisor_upload_pack, "log -p"),
    "submodule": (submodule, ""),
}  # fmt: skip


@pytest.fixture
def hostile(git_repository: Make, tmp_path: Path) -> Callable[[Plant], GitRepository]:
    def make(plant: Plant) -> GitRepository:
        repository = git_repository()
        repository.commit(files={"a.py": "one\n", ".gitattributes": "* diff=evil filter=evil\n"})
        repository.commit(files={"a.py": "one\ntwo\n"})
        signed = f"tree {repository.git('rev-parse', 'HEAD^{tree}')}\nparent {repository.git('rev-parse', 'HEAD')}\n"
        signed += "author A <a@b> 1767600000 +0000\ncommitter A <a@b> 1767600000 +0000\n"
        signed += "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n\nSigned\n"
        repository.git("update-ref", "refs/heads/main", repository.store("commit", signed.encode()))
        script = tmp_path / "evil.sh"
        script.write_text(f"#!/bin/sh\ntouch '{tmp_path}/canary'\ncat '$1' 2>/dev/null\n")
        script.chmod(0o755)
        plant(repository, str(script))
        return repository

    return make


@pytest.mark.parametrize("name", [name for name, (_, command) in PLANTS.items() if command])
def test_the_plants_are_alive(hostile: Callable[[Plant], GitRepository], tmp_path: Path, name: str) -> None:
    plant, command = PLANTS[name]
    repository = hostile(plant)
    with suppress(AssertionError):  # the evil program is no good at what it was called for
        repository.git(*command.split())
    assert (tmp_path / "canary").exists()


@pytest.mark.parametrize("scheme", ["", "file://"])
@pytest.mark.parametrize("name", PLANTS)
def test_nothing_a_repository_brings_along_is_executed(
    hostile: Callable[[Plant], GitRepository], reader: history.Reader, tmp_path: Path, name: str, scheme: str
) -> None:
    repository = hostile(PLANTS[name][0])
    (tmp_path / "canary").unlink(missing_ok=True)
    with migrated() as con:
        try:
            history.ingest(con, Repository("shop", f"{scheme}{repository.path}"), reader)
            history.ingest(con, Repository("shop", f"{scheme}{repository.path}"), reader)
            read = con.execute("select count(*) from commits").fetchall()
        except mirror.TransientError:  # a partial clone cannot serve what it has not got
            read = [(3,)] if name.startswith("promisor") else []
    assert not (tmp_path / "canary").exists()
    assert read == [(4 if name == "submodule" else 3,)]


def test_a_repository_named_in_the_environment_does_not_lead_astray(
    git_repository: Make, opened: Callable[..., mirror.Mirror], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sha = git_repository().commit()
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "diff.external")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"touch {tmp_path}/canary")
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'log.follow'='nonsense'")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert opened(tmp_path / "shop").head_sha == sha
