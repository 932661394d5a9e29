"""Links incidents with what caused them: the one entry, and the methods in the order of what they are worth."""

from collections.abc import Callable

import duckdb

from ingest.causes import deployment_window, explicit, fix_lines, fixes, manual, revert

# Each replaces the links of its own method, and leaves the others': all of them stay visible. Which of them counts for an
# incident is decided once, in the derived table caused_incidents, in this order.
METHODS: tuple[Callable[[duckdb.DuckDBPyConnection], None], ...] = (
    manual.link,
    explicit.link,
    revert.link,
    fix_lines.link,
    deployment_window.link,
)


def link(con: duckdb.DuckDBPyConnection) -> None:
    """Write what repaired each incident and what caused it, as far as the warehouse knows by now."""
    fixes.write(con)
    for method in METHODS:
        method(con)
