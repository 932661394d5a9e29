"""What a source is: a function that reads the outside, and the tables its rows go to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import duckdb
import pyarrow as pa

from ingest import warehouse
from ingest.persons import Persons
from ingest.settings import Settings

Tables = dict[str, Sequence[tuple[object, ...]]]


class Reject(NamedTuple):
    """A row that was not loaded, or a warning about what was read with a doubt."""

    file: str  # relative to the drop folder
    line: int  # 1 is the first line of the file; 0 the file as a whole
    severity: str  # rejected or warning
    reason: str  # what is wrong, and what to do; kept in the warehouse, so it never quotes what may name a person
    content: str  # the row as it stood, shortened; only ever written to the rejects file


@dataclass(frozen=True)
class Batch:
    """Everything a source read; tables come with their rows in the order of the schema's columns."""

    rows: Tables
    rejects: list[Reject]
    data_from: datetime | None  # naive UTC: the first moment the data speak about
    data_through: datetime | None  # how far they reach; files: until the newest of them was written
    # Slices that are replaced even when no row comes for them: values of the columns in Source.tables. Where those are
    # no columns, the one slice `()` is the whole table.
    replaced: Tables = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """One kind of data. `fetch` reads the outside and never sees the warehouse."""

    name: str
    tables: dict[str, tuple[str, ...]]  # table -> the columns of the slice that a row replaces
    cursor: Callable[[Settings], str | None]  # what would be read, as a hash; None: not collected
    fetch: Callable[[Settings, Persons], Batch]
    is_all_there_is: bool = False  # what the files say now: when the last of them goes, so does all they said


def load(con: duckdb.DuckDBPyConnection, source: Source, batch: Batch) -> int:
    """Put a batch in place of what it replaces; the number of its rows. The caller holds the transaction."""
    for table, columns in source.tables.items():
        _empty(con, table, columns, batch.replaced.get(table, ()))
    return sum(
        warehouse.load(con, table, batch.rows.get(table, ()), replacing=columns)
        for table, columns in source.tables.items()
    )


def _empty(
    con: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...], slices: Sequence[tuple[object, ...]]
) -> None:
    """Remove what the table holds in these slices."""
    if not slices:
        return
    if not columns:
        con.execute(f"delete from {table}")
        return
    schema = con.table(table).select(*columns).limit(0).to_arrow_table().schema
    values = zip(*slices, strict=True)
    arrays = [pa.array(column, item.type) for column, item in zip(values, schema, strict=True)]
    con.register("slices", pa.Table.from_arrays(arrays, schema=schema))  # the caller's rollback takes it back
    same = " and ".join(f"{table}.{name} is not distinct from slices.{name}" for name in columns)
    con.execute(f"delete from {table} using slices where {same}")
    con.unregister("slices")
