"""Everything that speaks about who wrote a repository's commits becomes evidence, and only what changed is read again.

Marks stand in the messages of new commits, and in all messages when a rule has changed; notes are read one by one as
they change, and may come long before or after their commit; a trace file is read whole when it or the branch moved. A
history is never replayed for any of it.
"""

import json
from typing import NamedTuple

import duckdb

from ingest import states
from ingest.attribution import agent_trace, carried, doubts, evidence, noted, notes, traced
from ingest.errors import HistoryError
from ingest.git import log
from ingest.git.history import Reader
from ingest.git.mirror import Mirror

SOURCE = "attribution"  # in runs and source_states; the scope is the repository
METHOD = "1"  # what the rows of marks mean besides their rules

_OF_MARKS = ("method", "attribution rules", "shallow boundary")
_OF_NOTES = (notes.REF, "pull requests")
_OF_EVERY_NOTE = ("method of notes", "key of the pseudonyms")
_OF_TRACES = ("method of traces", agent_trace.FILE)


class Read(NamedTuple):
    """What came of it."""

    rows: int
    rejected: int
    detail: str  # why every mark was read again, '' otherwise


def attribute(con: duckdb.DuckDBPyConnection, mirror: Mirror, reader: Reader) -> Read | None:
    """Bring a repository's evidence up to the head that its history was read to; None when nothing is different.

    Runs in the caller's transaction. Raises HistoryError when messages or a trace file cannot be read; what is wrong
    with the notes becomes a row of `rejects`.
    """
    started, state, config = states.now(), states.read(con, SOURCE, mirror.name), _config(mirror, reader)
    changed = states.difference(state, config) if state else list(config)
    since = state.cursor_value if state else None
    is_moved = since != mirror.head_sha
    if not is_moved and not changed:
        return None
    reason = _every_mark(mirror, since, changed)
    parts: list[evidence.Part] = []
    if is_moved or reason:
        parts.append(_marks(con, mirror, reader, None if reason else since))
    if is_moved or _any(changed, *_OF_NOTES, *_OF_EVERY_NOTE):
        try:
            parts.append(noted.ingest(con, mirror, reader.persons, is_anew=_any(changed, *_OF_EVERY_NOTE)))
        except HistoryError as error:
            config[notes.REF] = "unread"  # to be tried again; what was read of them before stands
            doubts.keep(con, mirror.name, notes.REF, [("rejected", str(error))])
    if is_moved or _any(changed, *_OF_TRACES):
        parts.append(traced.ingest(con, mirror))
    # What stands for commits off the branch, when all that is said of these is known.
    is_anew = _any(changed, "method of pull requests")
    parts.append(carried.ingest(con, mirror, reader.rules, reader.persons, is_anew=is_anew))
    now = states.now()
    states.write(con, states.State(SOURCE, mirror.name, mirror.head_sha, json.dumps(config), None, None, started, now))
    if not any(part.is_changed for part in parts):
        return None
    rows, rejected = (sum(numbers) for numbers in zip(*((part.rows, part.rejected) for part in parts), strict=True))
    return Read(rows, rejected, f"every mark read again: {reason}" if reason else "")


def forget(con: duckdb.DuckDBPyConnection, repo: str) -> None:
    """Take all evidence about a repository out of the warehouse."""
    con.execute("delete from evidence where repo = ?", [repo])
    con.execute("delete from line_records where repo = ?", [repo])
    con.execute("delete from source_states where source = ? and scope = ?", [SOURCE, repo])
    for name in (notes.REF, agent_trace.FILE, carried.SOURCE):
        doubts.keep(con, repo, name, [])


def _config(mirror: Mirror, reader: Reader) -> dict[str, str]:
    """What the evidence depends on besides the commits."""
    heads = sorted(f"{ref} {target}" for ref, target in mirror.references.items() if ref != notes.REF)
    return {
        "method": METHOD,
        "attribution rules": reader.rules.version,
        "shallow boundary": " ".join(sorted(mirror.boundaries)),
        "method of notes": notes.METHOD,
        "key of the pseudonyms": reader.persons.fingerprint,
        notes.REF: mirror.references.get(notes.REF, ""),
        "pull requests": evidence.key(*heads) if heads else "",
        "method of pull requests": carried.METHOD,
        "method of traces": agent_trace.METHOD,
        agent_trace.FILE: mirror.blob_id(agent_trace.FILE),
    }


def _any(changed: list[str], *names: str) -> bool:
    return not set(changed).isdisjoint(names)


def _every_mark(mirror: Mirror, since: str | None, changed: list[str]) -> str:
    """Why every message must be read again, '' when it need not."""
    if since is None:
        return ""
    if different := [name for name in _OF_MARKS if name in changed]:
        return f"another {', '.join(different)}"
    return "" if mirror.is_ancestor(since) else f"{mirror.branch} was rewritten"


def _marks(con: duckdb.DuckDBPyConnection, mirror: Mirror, reader: Reader, since: str | None) -> evidence.Part:
    """The marks of the commits that are not reachable from `since`; without it those of all, in place of what was there."""
    rows = evidence.rows(mirror.name, log.commits(mirror, since), reader.rules)
    query = "select exists (select 1 from evidence where repo = ? and source = ?)"
    is_replaced = since is None and con.execute(query, [mirror.name, evidence.GIT]).fetchall()[0][0]
    count = evidence.write(con, rows, repo=mirror.name, source=evidence.GIT, about=None if since is None else ())
    return evidence.Part(count, 0, is_changed=is_replaced or count > 0)
