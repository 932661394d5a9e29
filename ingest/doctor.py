"""Checks what a run needs and says what to do about each finding. Changes nothing and asks nothing on the network."""

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple

import duckdb

from ingest import warehouse
from ingest.attribution import rules
from ingest.errors import SettingsError, TwinledgerError
from ingest.settings import Repository, Settings, load, person_key
from ingest.sources import SOURCES, drop

PYTHON = (3, 11)
GIT = (2, 30)
ROOM = 2**30  # bytes that should be free, whatever the size of the warehouse
STALE = timedelta(days=2)  # a nightly run that failed once is no news here, two are
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Layers of the blast radius that a repository may tell nothing about.
_LAYERS = {
    "areas": ("How many owners' areas a change touches", "Commit a CODEOWNERS file there."),
    "services": (
        "How many services a change touches",
        "Say where they lie: repositories.service_paths in the settings.",
    ),
    "dependents": (
        "How many files depend on a change",
        "Only imports of Python, JavaScript and TypeScript are read, and only once a month of history is over.",
    ),
}

Needs = Mapping[str, Sequence[str]]


class Finding(NamedTuple):
    """Something that was looked at, and what to do about it."""

    mark: Literal["ok", "note", "wrong"]
    what: str
    remedy: str = ""  # empty where there is nothing to do, or where `what` says it already


def findings(settings_file: Path, needs: Needs | None = None) -> list[Finding]:
    """Everything that was looked at, in the order in which a run needs it.

    `needs` maps a metric to the sources without which it stays empty: only the caller knows the metrics.
    """
    programs = [_python(), _git()]
    try:
        settings = load(settings_file)
    except SettingsError as error:
        return [*programs, Finding("wrong", str(error)), _browser()]
    is_git_there = programs[-1].mark == "ok"
    return [
        *programs,
        Finding("ok", f"{settings_file} can be read."),
        *_named_elsewhere(settings),
        *(_repositories(settings) if is_git_there else ()),
        *_drop(settings, needs or {}),
        _folder(settings),
        *_published(settings),
        _browser(),
    ]


def _python() -> Finding:
    found = f"Python {platform.python_version()} at {sys.executable}"
    if sys.version_info[:2] < PYTHON:
        return Finding("wrong", f"{found} is too old.", f"Install Python {_dotted(PYTHON)} or newer.")
    return Finding("ok", f"{found}.")


def _git() -> Finding:
    remedy = f"Install git {_dotted(GIT)} or newer, for example with your system's packages."
    program = shutil.which("git")
    if program is None:
        return Finding("wrong", "There is no git on the PATH.", remedy)
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 - found on the PATH
    version = re.search(r"(\d+)\.(\d+)", told)
    if version is None:
        return Finding("wrong", f"{program} does not tell its version: {told!r}.", remedy)
    if (int(version[1]), int(version[2])) < GIT:
        return Finding("wrong", f"{told} at {program} is too old.", remedy)
    return Finding("ok", f"{told} at {program}.")


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))


def _named_elsewhere(settings: Settings) -> Iterator[Finding]:
    """What the settings only name: the variable with the key of the pseudonyms, and a rule file."""
    try:
        rules.load(settings.attribution.rules)
        if settings.privacy.person_key_env:  # without one a key would be made now
            person_key(settings)
    except TwinledgerError as error:
        yield Finding("wrong", str(error))


def _repositories(settings: Settings) -> Iterator[Finding]:
    if not settings.repositories:
        yield Finding("wrong", f"{settings.file} names no repository.", "Add a [[repositories]] part for each.")
    # Elsewhere than the mirrors of a run, which may be at work on them.
    with tempfile.TemporaryDirectory(prefix="twinledger-doctor-") as folder:
        for repository in settings.repositories:
            yield _repository(repository, Path(folder), settings.file.parent)


def _repository(repository: Repository, mirrors: Path, base: Path) -> Finding:
    # Imported late: without git on the PATH this import fails, and doctor is there to say so.
    from git.exc import GitError  # noqa: PLC0415

    from ingest.git import mirror  # noqa: PLC0415

    name, where = repository.name, mirror.without_credentials(repository.location)
    if mirror.is_url(repository.location):
        what = f"{name}: {where} will be fetched by git, with this user's proxy and credentials. It was not tried."
        return Finding("note", what, f"Try it with `git ls-remote {where}`.")
    try:
        opened = mirror.open_mirror(repository, mirrors, base)
    except TwinledgerError as error:
        return Finding("wrong", str(error))
    except (GitError, OSError, ValueError) as error:
        return Finding(
            "wrong", f"{name}: {where} cannot be opened: {error}", "See whether `git fsck` is content there."
        )
    if opened.boundaries:
        what = f"{name}: {where} is a shallow clone; what is older than it stays unknown."
        return Finding("note", what, "Run `git fetch --unshallow` there to have the whole history.")
    return Finding("ok", f"{name}: branch {opened.branch} is at {opened.head_sha[:10]}.")


def _drop(settings: Settings, needs: Needs) -> Iterator[Finding]:
    """The drop folder, which kinds of files are in it, and which metrics stay empty without the others."""
    if settings.sources.drop is None:
        what = f"There is no drop folder: {_without([source.name for source in SOURCES], needs)}"
        yield Finding("note", what, 'Make a folder for those files, and name it: [sources.drop] folder = "drop".')
        return
    folder = settings.sources.drop.folder
    if not folder.is_dir():
        remedy = f"Make it, or mend sources.drop.folder in {settings.file}."
        yield Finding("wrong", f"The drop folder {folder} is not there.", remedy)
        return
    try:
        for source in SOURCES:
            yield _kind(source.name, is_there=source.cursor(settings) is not None, folder=folder, needs=needs)
        for name in drop.unclaimed(settings):
            kinds = ", ".join(stem for stems in drop.STEMS.values() for stem in stems)
            remedy = f"Name it after what is in it ({kinds}), and save it as {' or '.join(drop.READ)}."
            yield Finding("note", f"Nothing reads {folder / name}.", remedy)
    except TwinledgerError as error:
        yield Finding("wrong", str(error))


def _kind(name: str, *, is_there: bool, folder: Path, needs: Needs) -> Finding:
    if is_there:
        return Finding("ok", f"{name}: found in {folder}.")
    remedy = f"Put {name}.csv or {name}.jsonl into {folder}, if you have such data."
    return Finding("note", f"{name}: no file in {folder}; {_without([name], needs)}", remedy)


def _without(sources: Sequence[str], needs: Needs) -> str:
    empty = [metric for metric, needed in needs.items() if not set(needed).isdisjoint(sources)]
    if not empty:
        return f"nothing will be known about {', '.join(sources)}."
    return f"{', '.join(empty)} {'stay' if len(empty) > 1 else 'stays'} empty."


def _folder(settings: Settings) -> Finding:
    """Whether a run can write its warehouse and has room for it."""
    root = settings.warehouse.absolute()
    there = next(folder for folder in (root, *root.parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        remedy = (
            f"Mend its permissions, or set organisation.data in {settings.file} to a folder that can be written to."
        )
        return Finding("wrong", f"{there} cannot be written to, and the warehouse belongs there: {root}.", remedy)
    # A new generation begins as a copy of the last one, and may grow.
    largest = max((file.stat().st_size for file in root.glob("gen-*.duckdb")), default=0)
    free, wanted = shutil.disk_usage(there).free, max(ROOM, 2 * largest)
    if free < wanted:
        what = f"{_gigabytes(free)} are free at {there}, and a run should have {_gigabytes(wanted)}."
        return Finding("wrong", what, f"Make room, or set organisation.data in {settings.file} to a larger disk.")
    return Finding("ok", f"{root} can be written to, and {_gigabytes(free)} are free there.")


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB"


def _published(settings: Settings) -> Iterator[Finding]:
    """The generation that pages are reading, and what it says about the last run."""
    try:
        file = warehouse.current(settings.warehouse)
        if file is None:
            yield Finding("note", "Nothing has been published yet.", "Run `twinledger ingest`.")
            return
        with duckdb.connect(str(file), read_only=True) as con:
            yield _age(file)
            yield from _last_run(con)
            yield from _people(con, settings)
            yield from _unknown_radius(con)
    except TwinledgerError as error:
        yield Finding("wrong", str(error))
    except (duckdb.Error, OSError, ValueError) as error:
        what = f"The published generation in {settings.warehouse} cannot be read: {error}"
        yield Finding("wrong", what, "Run `twinledger ingest`; if it fails, move that folder away and run it again.")


def _age(file: Path) -> Finding:
    age = datetime.now(UTC) - datetime.fromtimestamp(file.stat().st_mtime, UTC)
    hours = round(age.total_seconds() / 3600)
    when = f"{hours // 24} days" if hours >= 48 else "an hour" if hours == 1 else f"{hours} hours"
    what = f"The published generation is {when if hours else 'less than an hour'} old: {file.name}."
    if age > STALE:
        return Finding("note", what, "Let a timer run `twinledger nightly` every night; the README has one to copy.")
    return Finding("ok", what)


def _last_run(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    failed = con.execute("""
        select trim(source || ' ' || scope), detail, strftime(last_success_end, '%Y-%m-%d %H:%M UTC')
        from runs left join source_states using (source, scope)
        where run = (select max(run) from runs) and outcome = 'failed'
        order by all
    """).fetchall()
    for name, detail, last_good in failed:
        what = f"{name} failed at the last ingest (its last good one: {last_good or 'never'}): {detail}"
        yield Finding("wrong", what, "Mend that, then run `twinledger ingest`.")
    if not failed:
        yield Finding("ok", "Nothing failed at the last ingest.")


def _people(con: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[Finding]:
    """Whether there are enough people for any group to be shown."""
    (people,) = con.execute("""
        select count(distinct person) from (
            select person from people where not is_bot
            union all
            select person from mainline_changes where cohort != 'bot'
        )
    """).fetchall()[0]
    minimum = settings.privacy.minimum_group
    if people < minimum:
        what = f"{people} people are known and privacy.minimum_group is {minimum}: no group can be shown."
        yield Finding("note", what, "Add people.csv to the drop folder, or agree on a lower number with these people.")


def _unknown_radius(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Where it is not known how far changes reach: these numbers have no rows there, which is not to say that they are zero."""
    if not con.execute("select * from duckdb_views() where view_name = 'blast'").fetchall():
        return  # an older program's, which the next run brings up to date
    for layer, (what, remedy) in _LAYERS.items():
        missing = con.execute("""
            select distinct repo from blast
            where repo not in (select repo from blast where layer = $layer)
            order by repo
        """, {"layer": layer}).fetchall()  # fmt: skip
        if missing:
            yield Finding("note", f"{what} is not known in {', '.join(repo for (repo,) in missing)}.", remedy)


def _browser() -> Finding:
    named = os.environ.get("BROWSER_PATH")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, BROWSERS)), None)
    if found:
        return Finding("ok", f"Browser for the tests: {found}.")
    what = f"BROWSER_PATH names {named}, which is no program." if named else "There is no Chromium on the PATH."
    remedy = "Only the tests need it. Install your system's chromium, or set BROWSER_PATH to one."
    return Finding("note", what, remedy)
