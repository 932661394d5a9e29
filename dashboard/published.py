"""The published generation: which it is, and how it is opened by those who only read."""

from pathlib import Path

import duckdb

# What a reader may do: nothing but read this one file.
LOCKED_DOWN: dict[str, str | bool | int | float | list[str]] = {
    "threads": 2,
    "memory_limit": "512MB",
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "lock_configuration": "true",
}
# The version of the statements that made the tables: another program may look for others.
MADE_BY = "select cursor_value as version from source_states where source = 'derived'"


def generation(root: Path) -> Path | None:
    """The file of the published generation, None before the first."""
    try:
        file = root / (root / "CURRENT").read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    return file if file.is_file() else None


def connect(file: Path) -> duckdb.DuckDBPyConnection:
    """A connection that can do nothing but read the file."""
    return duckdb.connect(str(file), read_only=True, config=LOCKED_DOWN)
