"""Links incidents with what caused them: the one entry, and the methods in the order of what they are worth."""

from collections.abc import Callable

import duckdb

from ingest import warehouse
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


# What several of them ask, and the derived tables after them, is found out once.
_SHIPPED_AND_REVERTED = """
    create or replace table resolved_deployments as from placed_deployments;
    create or replace table named_reverts as from read_reverts;
"""
_NAMED = "create or replace table named_causes as from read_causes"


def link(con: duckdb.DuckDBPyConnection) -> None:
    """Write what repaired each incident and what caused it, as far as the warehouse knows by now."""
    warehouse.make_room(con)
    resolve(con)
    for method in METHODS:
        method(con)


def resolve(con: duckdb.DuckDBPyConnection) -> None:
    """Find out what deployments shipped, what reverts took back, what repaired each incident, and what is named as its cause."""
    con.execute(_SHIPPED_AND_REVERTED)
    fixes.write(con)
    con.execute(_NAMED)
