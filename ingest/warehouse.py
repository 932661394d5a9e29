"""The warehouse: schema steps, bulk loads through Arrow, and publishing by generation.

A generation is built beside the published ones and made current by moving a one-line pointer, so that readers never
wait for a writer, nor the other way round, and a killed writer leaves nothing behind that counts.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from ingest.errors import WarehouseError

READING = 192  # MB of the building database while histories are read, which take memory of their own
MEMORY = 256  # MB of it afterwards: an ingest stays small beside what else runs on the machine
SHARE = 8  # of a warehouse that is so large that this part of it is more, what is built over all repositories may take
MOST = 4_000  # MB, however large it is
KEEP = 3  # generations: the current one and two a reader may still hold
# Derived tables that have a slice for each repository and are kept from run to run.
SLICED = (
    "birth_cohorts", "commit_cohorts", "line_fates", "line_work", "change_lines", "change_evidence", "mainline_changes",
    "landed_people", "known_fixes", "finding_lines", "line_days",
)  # fmt: skip
KEPT = (*SLICED, "team_weeks")


class Step(NamedTuple):
    """A numbered schema step."""

    number: int
    name: str
    sql: str


def steps() -> list[Step]:
    """Every schema step, in order. Never edit one that has been released: add the next number."""
    folder = resources.files("ingest") / "schema"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return [Step(int(file.name[:3]), file.name, file.read_text("utf-8")) for file in files]


def current(root: Path) -> Path | None:
    """The published generation, None before the first."""
    try:
        name = (root / "CURRENT").read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    file = root / name
    if Path(name).name != name or not file.is_file():
        message = f"{root / 'CURRENT'} names {name!r}, which is not there. Remove CURRENT and run `twinledger ingest`."
        raise WarehouseError(message)
    return file


def publish(root: Path, build: Callable[[duckdb.DuckDBPyConnection], None]) -> Path:
    """Make a new generation by `build` on top of the current one; on any error the current one stays so."""
    root.mkdir(parents=True, exist_ok=True)
    building = root / ".building"
    try:
        for left in root.glob(".building*"):  # by a killed run; its write-ahead log and what it put aside too
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        _build(building, current(root), build)
        target = root / _generation(root)
        building.replace(target)
        _replace_text(root / "CURRENT", target.name)
        for old in sorted(root.glob("gen-*.duckdb"))[:-KEEP]:
            old.unlink()
    except (duckdb.Error, OSError) as error:
        remedy = "Where the disk is neither full nor read-only, please report it."
        message = f"{root}: no new generation could be published, the last one stands: {error}. {remedy}"
        raise WarehouseError(message) from error
    return target


def _build(building: Path, latest: Path | None, build: Callable[[duckdb.DuckDBPyConnection], None]) -> None:
    """Make the file `building` from a copy of the latest generation."""
    if latest is not None:
        shutil.copyfile(latest, building)
    quoted = "'" + str(building).replace("'", "''") + "'"
    # What does not fit into memory is put aside on the warehouse's disk, not in whatever folder we were started from.
    with duckdb.connect(config={"temp_directory": f"{building}.tmp", "memory_limit": f"{READING}MB"}) as con:
        con.execute("set enable_progress_bar = false")  # it would stand in the log
        con.execute(f"attach {quoted} as warehouse (storage_version 'v1.5.0')")
        con.execute("use warehouse")
        migrate(con)
        build(con)
        con.execute("checkpoint warehouse")


def migrate(con: duckdb.DuckDBPyConnection) -> None:
    """Apply the schema steps this warehouse has not seen. Raises WarehouseError when it is newer than this program."""
    con.execute("create table if not exists schema_steps (number integer, name varchar, sha256 varchar)")
    done = dict(con.execute("select number, sha256 from schema_steps").fetchall())
    known = {step.number for step in steps()}
    if set(done) - known:
        newest, ours = max(done), max(known)
        message = f"The warehouse is at schema step {newest}, this program knows {ours}. Install a newer twinledger."
        raise WarehouseError(message)
    for step in steps():
        digest = hashlib.sha256(step.sql.encode()).hexdigest()
        if done.get(step.number, digest) != digest:
            message = (
                f"Schema step {step.name} was edited after this warehouse was made. Remove the warehouse folder and run "
                "`twinledger ingest`; whoever edited it: add a new step instead."
            )
            raise WarehouseError(message)
        if step.number not in done:
            con.execute("begin")
            con.execute(step.sql)
            con.execute("insert into schema_steps values (?, ?, ?)", [step.number, step.name, digest])
            con.execute("commit")


def load(
    con: duckdb.DuckDBPyConnection, table: str, rows: Iterable[tuple[object, ...]], *, replacing: Sequence[str] = ()
) -> int:
    """Append `rows` (tuples in the order of the table's columns) in bulk; returns their number.

    `replacing` names the columns of a slice: what the table held with the same values in them goes first.
    """
    schema = con.table(table).limit(0).to_arrow_table().schema
    columns = list(zip(*rows, strict=True))
    if not columns:
        return 0
    arrays = [pa.array(values, item.type) for values, item in zip(columns, schema, strict=True)]
    return append(con, table, pa.Table.from_arrays(arrays, schema=schema), replacing=replacing)


def append(con: duckdb.DuckDBPyConnection, table: str, batch: pa.Table, *, replacing: Sequence[str] = ()) -> int:
    """The same for rows that are columns already, by name."""
    if replacing:
        # `is not distinct from`: a null names a slice as well as any value. Distinct: each slice is deleted once.
        con.register(
            "slices", batch.select(list(replacing))
        )  # where what follows fails, the caller's rollback takes it back
        same = " and ".join(f"{table}.{name} is not distinct from slice.{name}" for name in replacing)
        con.execute(f"delete from {table} using (select distinct * from slices) as slice where {same}")
        con.unregister("slices")
    # Not registered: a transaction keeps what was registered in it, all of a history's rows, until it ends.
    con.from_arrow(batch.select(con.table(table).columns)).insert_into(table)
    return int(batch.num_rows)


def make_room(con: duckdb.DuckDBPyConnection) -> None:
    """Let the building database take memory in proportion to what it holds, before what spans repositories is built.

    Where there are few of them it stays as small as MEMORY says.
    """
    held = "select block_size * total_blocks from pragma_database_size() where database_name = current_database()"
    size = con.execute(held).fetchall()[0][0]
    con.execute(f"set memory_limit = '{min(max(MEMORY, size // SHARE // 1_000_000), MOST)}MB'")


def derive(con: duckdb.DuckDBPyConnection, repos: Iterable[str]) -> None:
    """Build the derived tables, for the repositories in `repos` alone where a table has a slice for each.

    Slices are built one by one: what that takes depends on the repository, and not on how many there are.
    """
    make_room(con)
    # Of a slice few rows are expected, and many are there: to look for each among all takes minutes.
    con.execute("set asof_loop_join_threshold = 0")
    con.execute("create or replace temp table changed_repos (repo varchar)")
    con.execute("insert into changed_repos select unnest(?::varchar[])", [list(repos)])
    for is_sliced, files in groupby(_derived(), key=lambda file: file.name.endswith(".slices.sql")):
        statements = "".join(file.read_text("utf-8") for file in files)
        if not is_sliced:
            con.execute(statements)
            continue
        for (repo,) in con.execute("select distinct repo from changed_repos order by repo").fetchall():
            con.execute("set variable changed_repo = ?", [repo])
            con.execute(statements)
    con.execute("drop table changed_repos")


def forget_derived(con: duckdb.DuckDBPyConnection) -> None:
    """Drop what is kept from run to run, because another program's statements may give it other columns."""
    for table in KEPT:
        con.execute(f"drop table if exists {table}")


def forget_derived_of(con: duckdb.DuckDBPyConnection, repo: str) -> None:
    """Take a repository that is read again out of what is kept: what is derived from it next is derived whole."""
    there = {name for (name,) in con.execute("select table_name from duckdb_tables()").fetchall()}
    for table in SLICED:
        if table in there:
            con.execute(f"delete from {table} where repo = ?", [repo])


def derived_version() -> str:
    """A hash of the statements that build the derived tables."""
    return hashlib.sha256("".join(file.read_text("utf-8") for file in _derived()).encode()).hexdigest()


def _derived() -> list[Traversable]:
    folder = resources.files("ingest") / "schema" / "derived"
    return sorted(folder.iterdir(), key=lambda file: file.name)


def _generation(root: Path) -> str:
    """A name that sorts by time, and after every generation there is even when the clock was set back."""
    name = f"gen-{datetime.now(UTC):%Y-%m-%dT%H%M%S.%fZ}.duckdb"
    newest = max((file.name for file in root.glob("gen-*.duckdb")), default="")
    return name if name > newest else newest.removesuffix(".duckdb") + "~.duckdb"


def _replace_text(file: Path, text: str) -> None:
    draft = file.with_name(f".{file.name}")
    with draft.open("w", encoding="utf-8") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)
