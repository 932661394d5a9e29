"""One TOML file into frozen dataclasses. Secrets are named by their environment variable and never stand in the file."""

import dataclasses
import difflib
import math
import os
import re
import tomllib
import types
import typing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from ingest.errors import SettingsError

# GitHub Copilot's technical preview: before that day no line is in any comparison.
AI_ERA_STARTS = date(2021, 6, 29)
LARGEST_GROUP = 1_000_000
LONGEST_WINDOW = 24 * 30  # hours


@dataclass(frozen=True)
class Organisation:
    """Whose ledgers these are, and where they are kept."""

    name: str = "Our organisation"
    data: Path = Path("data")  # mirrors, warehouse, rejects; relative to the settings file


@dataclass(frozen=True)
class Repository:
    """A repository and the one branch it is measured on."""

    name: str
    location: str  # a folder, or a URL that git can clone
    branch: str | None = None  # None: the branch its HEAD points to
    services: tuple[str, ...] = ()  # what incidents and deployments call the things it runs as
    # A pattern, as in CODEOWNERS, and the service that lies there.
    service_paths: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Drop:
    """A folder of CSV and JSON Lines files, for everything that has no connector."""

    folder: Path
    production_environments: tuple[str, ...] = ("production", "prod", "live")
    other_environments: tuple[str, ...] = ("staging", "stage", "test", "testing", "development", "dev", "qa", "preview")


@dataclass(frozen=True)
class Sources:
    """Where events and usage come from."""

    drop: Drop | None = None


@dataclass(frozen=True)
class Attribution:
    """What is taken as evidence of who wrote a line."""

    ai_era_starts: date = AI_ERA_STARTS
    rules: Path | None = None  # a rule file of your own, which extends the one shipped
    # repository -> the day from which on all its AI work is recorded, so that what nothing attests is human
    complete_since: dict[str, date] = field(default_factory=dict)


@dataclass(frozen=True)
class Causes:
    """What is taken for the cause of an incident."""

    deployment_window_hours: int = 24  # how long before it the last deployment of its service may have finished


@dataclass(frozen=True)
class Privacy:
    """Teams, not people."""

    minimum_group: int = 5
    person_key_env: str | None = None  # None: a key is made once and kept beside the warehouse


@dataclass(frozen=True)
class Quota:
    """What a mandate asks of each person, so that the shape of use can tell whether it is met for its own sake."""

    days_a_week: int = 1  # days of use in a week


@dataclass(frozen=True)
class Report:
    """The weekly report."""

    folder: Path = Path("data/exports")


@dataclass(frozen=True)
class Settings:
    """Everything a user can set; see settings.example.toml."""

    organisation: Organisation = Organisation()
    repositories: tuple[Repository, ...] = ()
    sources: Sources = Sources()
    targets: dict[str, float] = field(default_factory=dict)  # metric key -> the value leaders asked for
    severities: dict[str, float] = field(default_factory=dict)  # severity -> its weight; over ingest.severities.WEIGHTS
    attribution: Attribution = Attribution()
    privacy: Privacy = Privacy()
    report: Report = Report()
    quota: Quota = Quota()
    causes: Causes = Causes()
    file: Path = Path("settings.toml")

    @property
    def warehouse(self) -> Path:
        """The folder of published generations."""
        return self.organisation.data / "warehouse"


def load(file: Path) -> Settings:
    """The settings in `file`; relative paths in it are relative to it. Raises SettingsError."""
    try:
        table = tomllib.loads(file.read_text("utf-8-sig"))  # some editors begin a file with a byte order mark
    except FileNotFoundError:
        message = f"{file} does not exist. Write one with `twinledger init PATH...`, or name yours with --settings."
        raise SettingsError(message) from None
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}. Mend its permissions or name another with --settings."
        raise SettingsError(message) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{file} is not valid TOML: {error}. Mend that place; settings.example.toml shows every key."
        raise SettingsError(message) from error
    settings = typing.cast("Settings", _table(Settings, table, file, ""))
    _check(settings, file)
    return dataclasses.replace(settings, file=file)


def person_key(settings: Settings) -> bytes:
    """The secret under which people become pseudonyms: from the environment, or made once and kept beside the data."""
    name = settings.privacy.person_key_env
    if name is None:
        return _kept_key(settings.organisation.data / "person.key")
    value = os.environ.get(name)
    if not value:
        remedy = "Export it, or remove the key to have one made and kept beside the warehouse."
        raise SettingsError(
            _problem(settings.file, "privacy.person_key_env", f"names {name}, which is not set", remedy)
        )
    return os.fsencode(value)


def _kept_key(file: Path) -> bytes:
    """The key in `file`, made at the first call; linked into place whole, so that a killed run leaves none or all."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(os.urandom(32).hex())
        try:
            os.link(draft, file)
        except FileExistsError:  # another process was first: its key counts
            pass
        finally:
            draft.unlink()
    key = file.read_bytes()
    if not key:
        what = "is empty, and so nobody's pseudonym would be safe"
        raise SettingsError(f"{file} {what}. Put the key back from a backup, or remove the file to have another made.")
    return key


def _problem(file: Path, key: str, what: str, remedy: str) -> str:
    return f"{file}: {key} {what}. {remedy}"


def _table(cls: type, table: object, file: Path, key: str) -> object:
    """`table` as a `cls`; every problem names the key, the file and the remedy."""
    if not isinstance(table, dict):
        raise SettingsError(_problem(file, key, "must be a table", f"Write [{key}] above its keys."))
    fields = {
        item.name: item for item in dataclasses.fields(cls) if item.name != "file"
    }  # where it stands is no setting
    hints = typing.get_type_hints(cls)
    for name in table:
        if name not in fields:
            near = difflib.get_close_matches(name, fields, 1)
            remedy = f"Did you mean {near[0]}?" if near else f"Remove it; known here: {', '.join(fields)}."
            raise SettingsError(_problem(file, _join(key, name), "is not a setting", remedy))
    for name, item in fields.items():
        if name not in table and item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING:
            raise SettingsError(_problem(file, _join(key, name), "is missing", f"Add a line: {name} = ..."))
    values = {name: _value(hints[name], value, file, _join(key, name)) for name, value in table.items()}
    # A default path is relative to the file as well.
    values |= {n: file.parent / f.default for n, f in fields.items() if n not in table and isinstance(f.default, Path)}
    nested = {n: _table(hints[n], {}, file, n) for n in fields if n not in table and dataclasses.is_dataclass(hints[n])}
    return cls(**values | nested)


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _value(hint: object, value: object, file: Path, key: str) -> object:
    """`value` as what the field's type says."""
    if isinstance(hint, types.UnionType):  # X | None
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    if dataclasses.is_dataclass(hint):
        return _table(typing.cast("type", hint), value, file, key)
    if typing.get_origin(hint) is tuple:
        return _list(typing.get_args(hint)[0], value, file, key)
    if typing.get_origin(hint) is dict:
        return _named(typing.get_args(hint)[1], value, file, key)
    return _scalar(hint, value, file, key)


def _list(hint: object, value: object, file: Path, key: str) -> tuple[object, ...]:
    if not isinstance(value, list):
        shape = f"Write it as [[{key}]] tables." if dataclasses.is_dataclass(hint) else f'Write {key} = ["..."].'
        raise SettingsError(_problem(file, key, "must be a list", shape))
    return tuple(_value(hint, item, file, f"{key}[{number}]") for number, item in enumerate(value, 1))


def _named(hint: object, value: object, file: Path, key: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise SettingsError(_problem(file, key, "must be a table", f"Write [{key}] above its keys."))
    return {name: _scalar(hint, item, file, _join(key, name)) for name, item in value.items()}


def _scalar(hint: object, value: object, file: Path, key: str) -> object:
    if hint is Path and isinstance(value, str):
        return file.parent / os.path.expanduser(value)  # noqa: PTH111 - leaves a ~ alone that is nobody's
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, typing.cast("type", hint)) or isinstance(value, bool | datetime):
        wanted = {str: 'text in "quotes"', Path: 'a path in "quotes"', int: "a whole number", float: "a number"}
        remedy = f"Write {wanted.get(typing.cast('type', hint), 'a date like 2021-06-29')}."
        raise SettingsError(_problem(file, key, f"is {value!r}, which does not fit", remedy))
    return value


def _check(settings: Settings, file: Path) -> None:
    """What the types cannot say."""
    names = [repository.name for repository in settings.repositories]
    for number, name in enumerate(names, 1):
        key = f"repositories[{number}].name"
        if name in names[: number - 1]:
            raise SettingsError(_problem(file, key, f"{name!r} is taken already", "Give each repository its own name."))
        if not _is_name(name):
            raise SettingsError(
                _problem(file, key, f"{name!r} cannot be a name", "Use letters, digits, -, _, . and /.")
            )
    for number, repository in enumerate(settings.repositories, 1):
        # git takes `helper::address` as a command to run.
        if not repository.location or re.match(r"-|[a-z0-9+.-]*::", repository.location, re.IGNORECASE):
            what = f"{repository.location!r} is not a location we open"
            raise SettingsError(_problem(file, f"repositories[{number}].location", what, "Use a folder or a URL."))
    for key, value in settings.severities.items():
        if not 0 <= value < math.inf:
            remedy = "Write what it weighs beside one of the highest, as 0.5."
            raise SettingsError(_problem(file, f"severities.{key}", f"is {value}", remedy))
    for name in settings.attribution.complete_since.keys() - set(names):
        key, remedy = f"attribution.complete_since.{name}", f"Write one of: {', '.join(names) or 'none yet'}."
        raise SettingsError(_problem(file, key, "names no repository of these settings", remedy))
    _check_numbers(settings, file)


def _check_numbers(settings: Settings, file: Path) -> None:
    for key, value in settings.targets.items():
        if not 0 <= value <= 1:
            raise SettingsError(_problem(file, f"targets.{key}", f"is {value}", "Write a share from 0 to 1, as 0.80."))
    for key, value, least, most, default in (
        ("causes.deployment_window_hours", settings.causes.deployment_window_hours, 0, LONGEST_WINDOW, 24),
        ("privacy.minimum_group", settings.privacy.minimum_group, 1, LARGEST_GROUP, 5),
        ("quota.days_a_week", settings.quota.days_a_week, 1, 7, 1),
    ):
        if not least <= value <= most:
            what = f"must lie between {least} and {most:,}"
            raise SettingsError(_problem(file, key, what, f"{default} is the default."))


def _is_name(name: str) -> bool:
    """Whether it can be a folder under data/mirrors and an entry of the page's address."""
    parts = name.split("/")
    return (
        name.isprintable()
        and not set(name) & set('\\:*?"<>|')
        and ".." not in name
        and all(part and not part.startswith((".", "-")) for part in parts)
        and not any(part.endswith(".git") for part in parts[:-1])  # it would lie inside another's mirror
    )
