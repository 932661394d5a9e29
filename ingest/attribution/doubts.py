"""What of a repository's notes and traces could not be used: rows of `rejects`, gathered by reason."""

from collections.abc import Iterable

import duckdb

from ingest import warehouse

SOURCE = "attribution"


def keep(con: duckdb.DuckDBPyConnection, repo: str, name: str, said: Iterable[tuple[str, str]]) -> None:
    """Put `said`, each a severity and a sentence, in place of what was said about `name` of a repository."""
    con.execute("delete from rejects where source = ? and file = ?", [SOURCE, _file(repo, name)])
    warehouse.load(con, "rejects", ((SOURCE, _file(repo, name), 0, severity, reason) for severity, reason in said))


def sentence(count: int, what: str, reason: str, first: str) -> str:
    """`3 notes: it is about ...; the first is on 12ab`."""
    return (
        f"{count:,} {what}{'' if count == 1 else 's'}: {reason}; {'it is' if count == 1 else 'the first is'} {first}."
    )


def _file(repo: str, name: str) -> str:
    return f"{repo}: {name}"
