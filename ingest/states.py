"""How far each source was read: the cursor that makes the next run incremental."""

import json
from datetime import UTC, datetime
from typing import NamedTuple

import duckdb

from ingest import warehouse


class State(NamedTuple):
    """A row of `source_states`; see the schema."""

    source: str
    scope: str
    cursor_value: str
    config: str
    data_from: datetime | None
    data_through: datetime | None
    last_success_start: datetime
    last_success_end: datetime


def now() -> datetime:
    """The time as the warehouse keeps it: naive UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


def read(con: duckdb.DuckDBPyConnection, source: str, scope: str = "") -> State | None:
    """The state of the last good run, None before the first."""
    query = "select * from source_states where source = $source and scope = $scope"
    rows = con.execute(query, {"source": source, "scope": scope}).fetchall()
    return State(*rows[0]) if rows else None


def write(con: duckdb.DuckDBPyConnection, state: State) -> None:
    """Replace the state of a source and scope."""
    warehouse.load(con, "source_states", [state], replacing=("source", "scope"))


def difference(state: State, config: dict[str, str]) -> list[str]:
    """The names of what the last reading depended on and is different now."""
    before = json.loads(state.config)
    return [name for name in {**before, **config} if before.get(name) != config.get(name)]
