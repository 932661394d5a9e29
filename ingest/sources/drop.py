"""The drop folder: which file in it belongs to which kind of data, and whether anything in it has changed."""

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import RefusedError
from ingest.settings import Settings

# A kind owns the files whose name before the ending is one of these, or begins with one and goes on with -, _ or a dot.
STEMS = {
    "incidents": ("incidents",),
    "causes": ("causes",),
    "deployments": ("deployments",),
    "usage_days": ("usage",),  # and so usage_days
    "seats": ("seats",),
    "people": ("people", "identities"),
    "work_logs": ("work_logs", "worklogs"),
}
# Or it owns those that end so, whatever their names begin with.
ENDINGS = {"findings": (".sarif", ".sarif.json")}
READ = (".csv", ".jsonl", ".ndjson")
# Somebody meant these as data; they are not read, and that must not go unnoticed.
NOT_READ = (".json", ".tsv", ".xlsx", ".xls", ".ods", ".parquet", ".gz", ".zip")


def files(settings: Settings, kind: str) -> list[Path]:
    """The files of a kind in the order of their names, `incidents` before `incidents-corrected`.

    Raises RefusedError when the folder is configured and not there.
    """
    return [file for file in _visible(settings) if _kind(file) == kind and _is_read(file)]


def unclaimed(settings: Settings) -> list[str]:
    """The names of data files in the folder that nothing reads."""
    endings = (*READ, *NOT_READ)
    there = [file for file in _visible(settings) if file.suffix.lower() in endings]
    return [name(file) for file in there if _kind(file) is None or not _is_read(file)]


def cursor(kind: str, settings: Settings) -> str | None:
    """A hash over the names, sizes, times and contents of the kind's files; None when there are none."""
    found = files(settings, kind)
    if not found:
        return None
    digest = hashlib.sha256()
    for file in found:
        with opened(file) as stream:
            state = os.fstat(stream.fileno())
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        digest.update(repr((name(file), state.st_size, state.st_mtime_ns, content)).encode())
    return digest.hexdigest()


@contextmanager
def opened(file: Path) -> Iterator[io.BufferedReader]:
    """The file's bytes; whatever the system says against it is a RefusedError."""
    try:
        with file.open("rb") as stream:
            yield stream
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror or error}. Mend its permissions, or remove the file."
        raise RefusedError(message) from error


def name(file: Path) -> str:
    """The file's name as text: bytes that are not UTF-8 are written out."""
    return os.fsencode(file.name).decode("utf-8", "backslashreplace")


def _visible(settings: Settings) -> list[Path]:
    """The regular files of the folder, in the order of their stems; none when no folder is configured."""
    if settings.sources.drop is None:
        return []
    folder = settings.sources.drop.folder
    try:
        found = [file for file in folder.iterdir() if not file.name.startswith(".") and file.is_file()]
    except OSError as error:
        message = (
            f"{settings.file}: sources.drop.folder is {folder}, which cannot be read: {error.strerror or error}. "
            "Make that folder, name another, or remove [sources.drop]."
        )
        raise RefusedError(message) from error
    # By stem: the dot of an ending sorts after a hyphen, and a correction would be read before what it corrects.
    return sorted(found, key=lambda file: (file.stem.casefold(), file.name))


def _is_read(file: Path) -> bool:
    return file.suffix.lower() in READ or file.name.lower().endswith(sum(ENDINGS.values(), ()))


def _kind(file: Path) -> str | None:
    for kind, endings in ENDINGS.items():
        if file.name.lower().endswith(endings):
            return kind
    stem = file.stem.casefold()
    for kind, stems in STEMS.items():
        if any(stem == own or stem.startswith((f"{own}-", f"{own}_", f"{own}.")) for own in stems):
            return kind
    return None
