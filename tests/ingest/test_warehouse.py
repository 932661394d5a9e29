import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import resources
from pathlib import Path

import duckdb
import pytest

from ingest import warehouse
from ingest.errors import WarehouseError

Con = duckdb.DuckDBPyConnection
LOCKED_DOWN: dict[str, str | bool | int | float | list[str]] = {
    "threads": 2, "memory_limit": "512MB", "enable_external_access": "false",
    "autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "lock_configuration": "true",
}  # fmt: skip


@pytest.fixture
def con() -> Iterator[Con]:
    with duckdb.connect() as con:
        warehouse.migrate(con)
        yield con


def named(name: str) -> Callable[[Con], None]:
    """A build that writes one row."""
    return lambda con: con.execute("insert into organisation values (?)", [name]) and None


def names(file: Path | None) -> list[str]:
    assert file is not None
    with duckdb.connect(str(file), read_only=True, config=LOCKED_DOWN) as con:
        return [name for (name,) in con.execute("select name from organisation order by name").fetchall()]


def schema(con: Con) -> tuple[list[tuple[object, ...]], ...]:
    columns = (
        "select table_name, column_name, data_type, is_nullable from duckdb_columns() where not internal order by all"
    )
    views = "select view_name, sql from duckdb_views() where not internal order by all"
    checks = "select table_name, constraint_text from duckdb_constraints() order by all"
    return tuple(con.execute(query).fetchall() for query in (columns, views, checks))


@pytest.mark.parametrize("newest", [step.number for step in warehouse.steps()][:-1])
def test_every_earlier_schema_becomes_the_newest(con: Con, newest: int) -> None:
    with duckdb.connect() as old:
        old.execute("create table schema_steps (number integer, name varchar, sha256 varchar)")
        for step in warehouse.steps()[:newest]:
            old.execute(step.sql)
            digest = hashlib.sha256(step.sql.encode()).hexdigest()
            old.execute("insert into schema_steps values (?, ?, ?)", [step.number, step.name, digest])
        warehouse.migrate(old)
        assert schema(old) == schema(con)
        assert old.execute("from schema_steps").fetchall() == con.execute("from schema_steps").fetchall()


def test_schema_steps_are_numbered_without_a_gap() -> None:
    assert [step.number for step in warehouse.steps()] == list(range(1, len(warehouse.steps()) + 1))


def test_migrating_again_changes_nothing(con: Con) -> None:
    before = schema(con)
    warehouse.migrate(con)
    assert schema(con) == before


def test_an_edited_step_is_refused(con: Con) -> None:
    con.execute("update schema_steps set sha256 = 'other' where number = 2")
    with pytest.raises(WarehouseError) as caught:
        warehouse.migrate(con)
    assert str(caught.value) == (
        "Schema step 002_git.sql was edited after this warehouse was made. Remove the warehouse folder and run "
        "`twinledger ingest`; whoever edited it: add a new step instead."
    )


def test_a_warehouse_of_a_newer_program_is_refused(con: Con) -> None:
    con.execute("insert into schema_steps values (99, '099_more.sql', 'x')")
    with pytest.raises(WarehouseError) as caught:
        warehouse.migrate(con)
    newest = warehouse.steps()[-1].number
    assert str(caught.value) == (
        f"The warehouse is at schema step 99, this program knows {newest}. Install a newer twinledger."
    )


def test_a_generation_is_built_on_the_one_before(tmp_path: Path) -> None:
    assert warehouse.current(tmp_path) is None
    first = warehouse.publish(tmp_path, named("one"))
    second = warehouse.publish(tmp_path, named("two"))
    assert (first < second, warehouse.current(tmp_path)) == (True, second)
    assert (names(first), names(second)) == (["one"], ["one", "two"])


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()])
def test_a_build_that_fails_leaves_the_published_generation_alone(tmp_path: Path, error: BaseException) -> None:
    published = warehouse.publish(tmp_path, named("one"))

    def failing(con: Con) -> None:
        named("two")(con)
        raise error

    with pytest.raises(type(error)):
        warehouse.publish(tmp_path, failing)
    assert (warehouse.current(tmp_path), names(published)) == (published, ["one"])
    assert names(warehouse.publish(tmp_path, named("three"))) == ["one", "three"]


def test_what_duckdb_or_the_disk_refuses_is_explained(tmp_path: Path) -> None:
    published = warehouse.publish(tmp_path, named("one"))
    with pytest.raises(WarehouseError, match=r"no new generation could be published, the last one stands: .*nowhere"):
        warehouse.publish(tmp_path, lambda con: con.execute("select * from nowhere") and None)
    (tmp_path / "CURRENT").unlink()
    (tmp_path / "CURRENT").mkdir()
    with pytest.raises(WarehouseError, match="Is a directory"):
        warehouse.publish(tmp_path, named("two"))
    assert names(published) == ["one"]


@pytest.mark.parametrize("content", ["gen-gone.duckdb\n", "", "..\n", "../elsewhere.duckdb\n"])
def test_a_pointer_to_nothing_says_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / "CURRENT").write_text(content)
    with pytest.raises(WarehouseError) as caught:
        warehouse.current(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/CURRENT names {content.strip()!r}, which is not there. Remove CURRENT and run `twinledger ingest`."
    )


def test_a_reader_goes_on_while_others_publish(tmp_path: Path) -> None:
    first = warehouse.publish(tmp_path, named("one"))
    with duckdb.connect(str(first), read_only=True, config=LOCKED_DOWN) as reader:
        for name in ("two", "three", "four", "five"):
            warehouse.publish(tmp_path, named(name))
            assert reader.execute("select name from organisation").fetchall() == [("one",)]
    assert names(warehouse.current(tmp_path)) == ["five", "four", "one", "three", "two"]


def test_three_generations_are_kept(tmp_path: Path) -> None:
    made = [warehouse.publish(tmp_path, named(f"{number}")) for number in range(5)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["CURRENT", *(path.name for path in made[-3:])]


def test_a_generation_of_a_clock_that_ran_ahead_is_followed(tmp_path: Path) -> None:
    first = warehouse.publish(tmp_path, named("one"))
    ahead = first.rename(tmp_path / "gen-2099-01-01T000000.000000Z.duckdb")
    (tmp_path / "CURRENT").write_text(ahead.name)
    made = [warehouse.publish(tmp_path, named(f"{number}")) for number in range(4)]
    assert made == sorted(made)
    assert made[0] > ahead
    assert names(warehouse.current(tmp_path)) == ["0", "1", "2", "3", "one"]
    assert len(list(tmp_path.glob("gen-*"))) == warehouse.KEEP


def test_what_a_killed_run_left_behind_is_removed(tmp_path: Path) -> None:
    warehouse.publish(tmp_path, named("one"))
    (tmp_path / ".building").write_bytes(b"half a file")
    (tmp_path / ".building.wal").write_bytes(b"half a log")
    (tmp_path / ".building.tmp").mkdir()
    (tmp_path / ".building.tmp" / "put aside").touch()
    assert names(warehouse.publish(tmp_path, named("two"))) == ["one", "two"]
    assert sorted(path.name for path in tmp_path.glob(".*")) == []


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    root = tmp_path / 'it\'s a "folder"; ü'
    assert names(warehouse.publish(root, named("one"))) == ["one"]


def test_a_generation_opens_read_only_and_locked_down(tmp_path: Path) -> None:
    published = warehouse.publish(tmp_path, lambda con: warehouse.derive(con, []))
    moved = shutil.copyfile(published, tmp_path / "another name.duckdb")
    for file in (published, moved):
        with duckdb.connect(str(file), read_only=True, config=LOCKED_DOWN) as con:
            assert con.execute("select * from landed_changes").fetchall() == []
            assert con.execute("select * from resolved_deployments").fetchall() == []
            for statement in (f"select * from '{tmp_path}/CURRENT'", "create table t (x int)", "set threads = 1"):
                with pytest.raises(duckdb.Error):
                    con.execute(statement)


def test_rows_are_appended_and_counted(con: Con) -> None:
    assert warehouse.load(con, "services", [("api", "shop"), ("web", "shop")]) == 2
    assert warehouse.load(con, "services", iter([("jobs", "shop")])) == 1
    assert warehouse.load(con, "services", []) == 0
    assert con.execute("from services order by service").fetchall() == [
        ("api", "shop"),
        ("jobs", "shop"),
        ("web", "shop"),
    ]


def test_a_slice_is_replaced_and_null_names_one_too(con: Con) -> None:
    at = datetime(2026, 11, 2)  # noqa: DTZ001 - UTC without a zone, as in the warehouse
    rows = [("drop", None, at, 1.0, "debug", incident, None, None) for incident in ("1", "1", "2", None)]
    warehouse.load(con, "work_logs", rows)
    new = [("drop", "ann", at, 9.0, "debug", incident, None, None) for incident in ("1", "1", None)]
    assert warehouse.load(con, "work_logs", new, replacing=("source", "incident")) == 3
    assert con.execute("select incident, person, minutes from work_logs order by all").fetchall() == [
        ("1", "ann", 9.0), ("1", "ann", 9.0), ("2", None, 1.0), (None, "ann", 9.0),
    ]  # fmt: skip


def test_a_large_slice_is_replaced_in_little_time(con: Con) -> None:
    at = datetime(2026, 11, 2)  # noqa: DTZ001
    rows = [("shop", f"{number:040x}", number, at, None) for number in range(60_000)]
    for _ in range(2):
        warehouse.load(con, "mainline", rows, replacing=("repo",))
    assert con.execute("select count(*) from mainline").fetchall() == [(60_000,)]


def test_a_column_of_nothing_but_nulls_keeps_its_type(con: Con) -> None:
    binary = ("shop", "a", 0, "a.png", None, "added", "data", *[None] * 9)
    warehouse.load(con, "changes", [binary])
    assert con.execute("from changes").fetchall() == [binary]


def test_a_row_that_does_not_fit_undoes_its_batch_and_says_why(con: Con) -> None:
    for _ in range(2):
        con.execute("begin")
        with pytest.raises(duckdb.ConstraintException, match=r"NOT NULL constraint failed: services\.repo"):
            warehouse.load(con, "services", [("api", "shop"), ("web", None)])
        con.execute("rollback")
    warehouse.load(con, "services", [("api", "shop")])
    assert con.execute("from services").fetchall() == [("api", "shop")]


def test_every_derived_table_that_is_kept_is_known_as_such() -> None:
    folder = resources.files("ingest") / "schema" / "derived"
    texts = [file.read_text("utf-8") for file in folder.iterdir()]
    kept = [name for text in texts for name in re.findall(r"create table if not exists (\w+)", text)]
    assert sorted(kept) == sorted(warehouse.KEPT)


def test_what_spans_repositories_has_an_eighth_of_a_large_warehouse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warehouse, "MEMORY", 2)  # MB, as if the warehouse were a hundred times as large
    told = []

    def build(con: Con) -> None:
        for rows in (1, 10_000_000):
            con.execute("create or replace table numbers as select hash(range) as number from range(?)", [rows])
            con.execute("checkpoint warehouse")
            warehouse.make_room(con)
            told.append(con.execute("select current_setting('memory_limit')").fetchall()[0][0])

    warehouse.publish(tmp_path, build)
    assert told == ["1.9 MiB", "9.5 MiB"]


def test_derived_tables_of_another_program_make_room(con: Con) -> None:
    warehouse.derive(con, [])
    for table in warehouse.KEPT:
        con.execute(f"create or replace table {table} (repo varchar, other varchar)")
    warehouse.forget_derived(con)
    warehouse.derive(con, [])
    assert con.execute("select * from landed_changes").fetchall() == []
