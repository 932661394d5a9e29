"""Writes the first settings file: what the user named, and every other key with its default, switched off."""

import json
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ingest.errors import HistoryError, SettingsError
from ingest.git import mirror
from ingest.settings import Attribution, Causes, Drop, Organisation, Privacy, Quota, Report
from ingest.severities import WEIGHTS
from ingest.sources.drop import READ, STEMS

_SHORT = 2  # steps upwards; with more of them the whole path reads better

_HEAD = """\
# The settings of twinledger. Lines that begin with # are switched off; where they do not say otherwise they show the
# default. Relative paths begin at the folder of this file. `twinledger doctor` checks everything in here.

[organisation]
# The name above the pages and the reports.
# name = {name}
# The folder for everything that twinledger keeps. It may be large: give it a disk with room.
# data = {data}

# One [[repositories]] part for each repository. Give each a name of its own; pages and links use it.
# location is a folder on this machine, which is never written to, or a URL that `git fetch` reads without a question.
# branch is the one branch that is measured. Without it: the branch that the repository itself opens with.
# services are the names that incidents and deployments use for what is built from the repository. Without them: none.
# service_paths tell where each of several services lies in it: patterns as in CODEOWNERS, and the service. Without them:
# nobody knows.
"""
_REPOSITORY = """
[[repositories]]
name = {name}
location = {location}
# branch = "main"
# services = [{name}]
# service_paths = {{ "/" = {name} }}
"""
_DROP = """
# A folder of files about what happened, who is on which team and who uses which tool: make it, and switch it on here.
# They are called {files},
# may go on after a hyphen, as incidents-2026, and end in {endings}.
{off}[sources.drop]
{off}folder = "drop"
# What your deployments call production, and what they call everything else.
# production_environments = {production}
# other_environments = {other}
"""
_TAIL = """
# What leaders asked for: the key of a metric and a share from 0 to 1. Drawn as a line in the figures. Without it: none.
# [targets]
# weekly_active = 0.80

[quota]
# On how many days of a week your mandate asks each person to use a tool.
# days_a_week = {days_a_week}

# What an incident of a severity weighs beside one of the highest, by the names that your incidents use. Added to what comes
# along: critical, SEV1 and P1 weigh 1, and each step down weighs half of that: high, SEV2 and P2 0.5, to low, SEV4 and P4.
[severities]
# SEV1 = {highest}

[attribution]
# What landed before this day is shown as history and compared with nothing.
# ai_era_starts = {ai_era_starts}
# A file with rules of your own for telling who wrote a commit, which are added to those that come with twinledger.
# Without it: only those.
# rules = "rules.yaml"
# Repositories in which everybody has recorded all work of AI tools since a day, as with git-ai. From that day on what no
# record and no mark names counts as written by people; without it, and before, nobody knows. Without any: none.
# complete_since = {{ shop = 2026-07-01 }}

[causes]
# Where nothing better tells what caused an incident: how many hours before it the last deployment of its service may have
# finished to be taken for the cause. 0: none is.
# deployment_window_hours = {deployment_window_hours}

[privacy]
# Groups of fewer people than this are shown together, or not at all.
# minimum_group = {minimum_group}
# The environment variable that holds the key of the pseudonyms. Without it: a key is made once and kept in the data
# folder.
# person_key_env = "TWINLEDGER_PERSON_KEY"

[report]
# Where the weekly reports go.
# folder = {folder}
"""


def write(settings_file: Path, paths: list[str], *, force: bool) -> None:
    """Write a commented settings file for repositories given as folders or URLs. Raises SettingsError."""
    if not paths:
        raise SettingsError("No repository was named. Name at least one: twinledger init FOLDER-OR-URL...")
    if settings_file.exists() and not force:
        raise SettingsError(f"{settings_file} is there already. Add --force to overwrite it, or name another file.")
    text = _text(settings_file.absolute().parent, paths)
    try:
        settings_file.parent.mkdir(parents=True, exist_ok=True)
        settings_file.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        message = f"{settings_file} cannot be written: {error.strerror}. Mend its permissions, or name another file."
        raise SettingsError(message) from error


def _text(base: Path, paths: Sequence[str]) -> str:
    """The whole file; `base` is its folder."""
    _refuse_doubles(paths)
    names = _distinct(_name(path) for path in paths)
    repositories = [
        _REPOSITORY.format(name=_quoted(name), location=_quoted(_location(path, base)))
        for name, path in zip(names, paths, strict=True)
    ]
    head = _HEAD.format(name=_quoted(Organisation.name), data=_quoted(str(Organisation.data)))
    tail = _TAIL.format(
        ai_era_starts=Attribution.ai_era_starts,
        deployment_window_hours=Causes.deployment_window_hours,
        highest=WEIGHTS["sev1"],
        days_a_week=Quota.days_a_week,
        minimum_group=Privacy.minimum_group,
        folder=_quoted(str(Report.folder)),
    )
    return "".join([head, *repositories, _drop(base), tail])


def _drop(base: Path) -> str:
    """The part about the drop folder, switched off as long as there is none."""
    return _DROP.format(
        files=", ".join(stem for stems in STEMS.values() for stem in stems),
        endings=", ".join(READ),
        off="" if (base / "drop").is_dir() else "# ",
        production=_list(Drop.production_environments),
        other=_list(Drop.other_environments),
    )


def _refuse_doubles(paths: Sequence[str]) -> None:
    """A repository that is read twice would count twice, under whichever two paths."""
    seen: dict[str, str] = {}
    for path in paths:
        same = _checked_url(path) if mirror.is_url(path) else str(_objects(path))
        if same in seen:
            raise SettingsError(f"{seen[same]} and {path} are the same repository. Name it once.")
        seen[same] = path


def _checked_url(url: str) -> str:
    """The URL without its ending. Raises SettingsError when it holds a password or a token."""
    shown = mirror.without_credentials(url)
    user = re.match(r"(\w+)://([^/@]*)@", url)
    if user and (":" in user[2] or user[1].lower() in {"http", "https"}):
        what = f"The address of {shown} holds a user name or a password, which do not belong in a settings file."
        raise SettingsError(f"{what} Leave them out, and let git's credential helper provide them.")
    return url.rstrip("/").removesuffix(".git")


def _objects(path: str) -> Path:
    """Where the repository at `path` keeps its objects. Raises SettingsError when there is no repository."""
    try:
        folder = Path(path).expanduser()
        if path and folder.is_dir():  # an empty path would be the current folder
            return mirror.git_dirs(path, folder)[1]
    except HistoryError:
        message = f"{path} is not a git repository. Name the folder that holds .git, or a bare repository."
        raise SettingsError(message) from None
    except (OSError, RuntimeError, ValueError) as error:  # no permission, no such ~user, no path at all
        raise SettingsError(f"{path!r} cannot be opened: {error}. Mend it, or name another folder.") from error
    raise SettingsError(f"{path!r} is not a folder. Name the folder of a git repository, or a URL with its scheme.")


def _name(path: str) -> str:
    """The last part of a folder or URL, without .git and with what a name may not hold replaced."""
    parts = re.split(r"[/:]", path) if mirror.is_url(path) else Path(os.path.abspath(Path(path).expanduser())).parts  # noqa: PTH100 - a link keeps its own name
    last = next((part for part in reversed(parts) if part not in {"", ".git"}), "")
    plain = re.sub(r"[^\w.-]+", "-", last.removesuffix(".git"))
    return re.sub(r"\.{2,}", ".", plain).lstrip(".-") or "repository"


def _distinct(names: Iterable[str]) -> list[str]:
    """The names, numbered where one is taken already; case does not tell two folders apart everywhere."""
    distinct: list[str] = []
    for name in names:
        taken = {other.casefold() for other in distinct}
        new, number = name, 1
        while new.casefold() in taken:
            number += 1
            new = f"{name}-{number}"
        distinct.append(new)
    return distinct


def _location(path: str, base: Path) -> str:
    """The folder from `base` where that is short, else from the root; a URL as it is."""
    if mirror.is_url(path):
        return path
    folder = Path(path).expanduser()
    relative = os.path.relpath(folder, base)
    # The parent of a symbolic link is not where its name says: a way that leads elsewhere is not taken.
    is_same = (base / relative).is_dir() and (base / relative).samefile(folder)
    # What would be read as somebody's home, as an option or as a URL is no relative path.
    is_plain = not relative.startswith(("~", "-")) and not mirror.is_url(relative)
    is_short = Path(relative).parts.count("..") <= _SHORT
    location = relative if is_same and is_plain and is_short else str(folder.resolve())
    if "::" in location:
        raise SettingsError(f"{path} holds '::', after which git looks for a program to run. Rename the folder.")
    return location


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(_quoted(value) for value in values)}]"


def _quoted(text: str) -> str:
    """`text` as a TOML string: JSON's escapes are TOML's, but for DEL."""
    try:
        text.encode()
    except UnicodeEncodeError:
        message = f"{text!r} is not UTF-8, and a settings file cannot name it. Rename the folder."
        raise SettingsError(message) from None
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
