"""One ingest: every repository and every source, each in a transaction of its own with its outcome recorded, then publish.

A source that fails leaves what it gave before; its failure is a row of `runs`, and the others go on.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import duckdb
from filelock import FileLock, Timeout

from ingest import areas, severities, states, warehouse
from ingest import settings as secrets
from ingest.attribution import attribute, rules
from ingest.causes import link
from ingest.errors import BusyError, TwinledgerError
from ingest.git import history, introduced
from ingest.git.mirror import Mirror, reopen_mirror
from ingest.persons import Persons
from ingest.settings import Repository, Settings
from ingest.sources import SOURCES, drop
from ingest.sources.source import Batch, Source, load

EVERYWHERE = ("people",)  # who is who bears on every repository; what git or a scan brings, on its own
METHOD = "2"  # what the rows of the sources mean; another number reads every file again
VALUES = "settled values"  # no source, but what goes wrong with them is told as of one

Say = Callable[[str], None]
# Stores what has settled on the generation that is being built, told whether anything is new: rows stored, and revised.
Settle = Callable[[duckdb.DuckDBPyConnection, bool], tuple[int, int]]


class Loaded(NamedTuple):
    """What one reading brought."""

    rows: int
    rejected: int = 0
    detail: str = ""  # what a reader of the log should know


class Outcome(NamedTuple):
    """A row of `runs`."""

    run: str
    source: str
    scope: str
    started_at: datetime
    finished_at: datetime
    outcome: str  # ok, unchanged or failed
    rows: int
    rejected: int
    detail: str


def ingest(
    settings: Settings,
    say: Say,
    progress: history.Progress = lambda commits, _: commits,
    settle: Settle | None = None,
) -> list[Outcome]:
    """Read what is new, publish a generation and tell the outcome of each source.

    Raises BusyError when another ingest is running, and WarehouseError or SettingsError when nothing can be published.
    """
    with _alone(settings.warehouse):
        persons = Persons(secrets.person_key(settings))
        reader = history.Reader(settings, persons, rules.load(settings.attribution.rules), progress)
        outcomes: list[Outcome] = []
        warehouse.publish(settings.warehouse, lambda con: outcomes.extend(_everything(con, reader, say, settle)))
    return outcomes


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold the lock on the warehouse; a second ingest is told at once who holds it."""
    root.mkdir(parents=True, exist_ok=True)
    holder = root / "ingest.holder"
    lock = FileLock(root / "ingest.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        who = holder.read_text("utf-8").strip() if holder.exists() else "another process"
        message = f"Another ingest is running: {who}. Wait until it has finished."
        raise BusyError(message) from None
    try:
        holder.write_text(f"process {os.getpid()}, since {states.now():%Y-%m-%d %H:%M:%S} UTC\n", "utf-8")
        yield
    finally:
        lock.release()


def _everything(
    con: duckdb.DuckDBPyConnection, reader: history.Reader, say: Say, settle: Settle | None
) -> list[Outcome]:
    """Every source onto the generation that is being built, then what is derived from them."""
    settings, run = reader.settings, f"{states.now():%Y-%m-%dT%H:%M:%S.%fZ}"
    attempt = partial(_attempt, con, run, say)
    is_new_setup = _configure(con, settings) | _is_new_program(con)
    outcomes = [attempt("git", gone, partial(_forget, con, gone)) for gone in _gone(con, settings)]
    for each in settings.repositories:
        outcomes.append(attempt("git", each.name, partial(_history, con, each, reader)))
        if outcomes[-1].outcome != "failed":  # who wrote what cannot be read then tells nothing new either
            outcomes.append(attempt(attribute.SOURCE, each.name, partial(_attribution, con, each, reader)))
    if settings.sources.drop is not None:  # where a kind has no file, it is not collected; a missing folder fails
        outcomes += [attempt(source.name, "", partial(_source, con, source, reader)) for source in SOURCES]
        outcomes.append(attempt("drop folder", "", partial(_unclaimed, con, settings)))
    outcomes += [attempt(introduced.SOURCE, repo, partial(_origins, con, repo, reader)) for repo in _scanned(con)]
    news = [outcome for outcome in outcomes if outcome.outcome == "ok"]
    if news or is_new_setup:
        introduced.say_unresolved(con)
        areas.mark(con)
        link.link(con)
        is_everywhere = is_new_setup or any(outcome.source in EVERYWHERE for outcome in news)
        every = [repo for (repo,) in con.execute("select repo from repos").fetchall()]
        warehouse.derive(con, every if is_everywhere else {outcome.scope for outcome in news if outcome.scope})
    if settle is not None:  # in the same file as what they are counted on: whoever reads one generation reads both
        has_news = bool(news) or is_new_setup or _failed(con, VALUES)
        outcomes.append(attempt(VALUES, "", partial(_values, con, settle, has_news=has_news)))
    warehouse.load(con, "runs", outcomes)
    return outcomes


def _attempt(
    con: duckdb.DuckDBPyConnection, run: str, say: Say, source: str, scope: str, read: Callable[[], Loaded | None]
) -> Outcome:
    """Read one source in a transaction; what goes wrong undoes that source alone and becomes its outcome."""
    started = states.now()
    con.execute("begin")
    try:
        loaded = read()
    except Exception as error:  # noqa: BLE001 - the one broad except: it records, and the night goes on
        con.execute("rollback")
        known = isinstance(error, TwinledgerError)
        detail = str(error) if known else f"{type(error).__name__}: {error}. Please report it; nothing was loaded."
        outcome = Outcome(run, source, scope, started, states.now(), "failed", 0, 0, detail)
    else:
        con.execute("commit")
        result = loaded or Loaded(0)
        outcome = Outcome(run, source, scope, started, states.now(), "ok" if loaded else "unchanged", *result)
    say(_line(outcome))
    return outcome


def _line(outcome: Outcome) -> str:
    name = f"{outcome.source} {outcome.scope}".strip()
    if outcome.outcome == "failed":
        return f"{name}: FAILED: {outcome.detail}"
    if outcome.outcome == "unchanged":
        return f"{name}: nothing new"
    seconds = (outcome.finished_at - outcome.started_at).total_seconds()
    where = "the Data health page" if outcome.source == attribute.SOURCE else f"rejects/{outcome.source}.jsonl"
    rejected = f", {outcome.rejected:,} rejected (see {where})" if outcome.rejected else ""
    unit = "commits" if outcome.source == "git" else "rows"
    detail = f"; {outcome.detail}" if outcome.detail else ""
    return f"{name}: {outcome.rows:,} {unit} in {seconds:.1f} s{rejected}{detail}"


def _history(con: duckdb.DuckDBPyConnection, repository: Repository, reader: history.Reader) -> Loaded | None:
    read = history.ingest(con, repository, reader)
    return Loaded(read.rows, detail=read.detail) if read else None


def _attribution(con: duckdb.DuckDBPyConnection, repository: Repository, reader: history.Reader) -> Loaded | None:
    """Read what speaks about the commits that the history was read to."""
    read = attribute.attribute(con, _mirror(con, repository, reader), reader)
    return Loaded(*read) if read else None


def _mirror(con: duckdb.DuckDBPyConnection, repository: Repository, reader: history.Reader) -> Mirror:
    """The repository at the head that its history was read to: nothing is fetched a second time."""
    stands = con.execute("select branch, head_sha from repos where repo = ?", [repository.name]).fetchall()[0]
    return reopen_mirror(repository, history.mirrors(reader.settings), reader.settings.file.parent, stands)


def _scanned(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Repositories that a scan has looked at."""
    return [repo for (repo,) in con.execute("select distinct repo from placed_scans order by repo").fetchall()]


def _origins(con: duckdb.DuckDBPyConnection, repo: str, reader: history.Reader) -> Loaded | None:
    """Ask which commits wrote what scanners complain of."""
    repository = next(each for each in reader.settings.repositories if each.name == repo)
    count = introduced.trace(con, repo, partial(_mirror, con, repository, reader))
    return None if count is None else Loaded(count)


def _source(con: duckdb.DuckDBPyConnection, source: Source, reader: history.Reader) -> Loaded | None:
    """Read a source whose files or configuration changed since its last good run."""
    started, settings = states.now(), reader.settings
    cursor = source.cursor(settings)
    state = states.read(con, source.name)
    config = {"method": METHOD, "settings": repr(settings.sources), "key of the pseudonyms": reader.persons.fingerprint}
    if cursor is None and state is not None and source.is_all_there_is:
        cursor = ""  # of no files
    if cursor is None or (state and state.cursor_value == cursor and not states.difference(state, config)):
        return None
    batch = source.fetch(settings, reader.persons)
    rows = load(con, source, batch)
    rejected = _keep_rejects(con, source.name, batch, settings.organisation.data / "rejects")
    states.write(
        con,
        states.State(source.name, "", cursor, json.dumps(config), *_reach(state, batch), started, states.now()),
    )
    return Loaded(rows, rejected)


def _reach(state: states.State | None, batch: Batch) -> tuple[datetime | None, datetime | None]:
    """What the data speak about: also what came in files that are gone by now; nothing new where nothing was loaded."""
    if state is None:
        return batch.data_from, batch.data_through
    if batch.data_from is None:
        return state.data_from, state.data_through
    known = [through for through in (state.data_through, batch.data_through) if through is not None]
    return min(state.data_from or batch.data_from, batch.data_from), max(known, default=None)


def _failed(con: duckdb.DuckDBPyConnection, source: str) -> bool:
    """Whether its last run did."""
    last = "select max_by(outcome, started_at) from runs where source = $source"
    return con.execute(last, {"source": source}).fetchall() == [("failed",)]


def _values(con: duckdb.DuckDBPyConnection, settle: Settle, *, has_news: bool) -> Loaded | None:
    """Store what has settled; a value that was told before and is another now is said."""
    stored, revised = settle(con, has_news)
    return Loaded(stored, detail=f"{revised:,} of them revised" if revised else "") if stored else None


def _unclaimed(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Files that no source reads are said, and never passed over in silence."""
    reason = (
        f"No source reads a file of this name. Begin it with one of: {', '.join(source.name for source in SOURCES)}."
    )
    con.execute("delete from rejects where source = 'drop folder'")
    warehouse.load(con, "rejects", (("drop folder", file, 0, "warning", reason) for file in drop.unclaimed(settings)))


def _keep_rejects(con: duckdb.DuckDBPyConnection, source: str, batch: Batch, folder: Path) -> int:
    """The rejects of a source's last reading: in the warehouse without, in the rejects file with the rows themselves."""
    con.execute("delete from rejects where source = $source", {"source": source})
    warehouse.load(con, "rejects", ((source, *reject[:4]) for reject in batch.rejects))
    rejected = [reject for reject in batch.rejects if reject.severity == "rejected"]
    file = folder / f"{source}.jsonl"
    if rejected:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(json.dumps(reject._asdict()) + "\n" for reject in rejected), "utf-8")
    else:
        file.unlink(missing_ok=True)
    return len(rejected)


def _configure(con: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    """Write the settings that metrics read as data; says whether they differ from the last run's."""
    rows: dict[str, list[tuple[object, ...]]] = {
        "organisation": [(settings.organisation.name,)],
        "services": [(service, repo.name) for repo in settings.repositories for service in repo.services],
        "service_paths": [(repo.name, *path) for repo in settings.repositories for path in repo.service_paths.items()],
        "targets": list(settings.targets.items()),
        "severity_weights": list(severities.weights(settings.severities)),
        "quota": [(settings.quota.days_a_week,)],
        "cause_windows": [(settings.causes.deployment_window_hours,)],
        "privacy": [(settings.privacy.minimum_group,)],
        "attribution_declarations": [(settings.attribution.ai_era_starts,)],
        "attribution_complete": list(settings.attribution.complete_since.items()),
    }
    before = {table: con.execute(f"select * from {table}").fetchall() for table in rows}
    con.execute("begin")
    for table, values in rows.items():
        con.execute(f"delete from {table}")
        warehouse.load(con, table, values)
    con.execute("commit")
    return before != rows


def _is_new_program(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the derived tables were built by other statements than this program's; they are built anew then."""
    now = states.now()
    state = states.State("derived", "", warehouse.derived_version(), "{}", None, None, now, now)
    before = states.read(con, "derived")
    states.write(con, state)
    if before is not None and before.cursor_value == state.cursor_value:
        return False
    warehouse.forget_derived(con)
    return True


def _gone(con: duckdb.DuckDBPyConnection, settings: Settings) -> list[str]:
    """Repositories that the settings no longer name."""
    named = {repository.name for repository in settings.repositories}
    return [repo for (repo,) in con.execute("select repo from repos order by repo").fetchall() if repo not in named]


def _forget(con: duckdb.DuckDBPyConnection, repo: str) -> Loaded:
    history.forget(con, repo)
    attribute.forget(con, repo)
    introduced.forget(con, repo)
    con.execute("delete from source_states where source = 'git' and scope = $repo", {"repo": repo})
    return Loaded(0, detail="no longer in the settings: its history was taken out")
