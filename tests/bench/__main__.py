"""`make bench REPOS="path path"`: what the replay gets right and what it costs, as Markdown tables.

Repositories are read and nothing in them is executed. Ratios inside one run are what counts; seconds belong to the machine.
"""

import argparse
from pathlib import Path

from dashboard.terminal import printable
from tests.bench import (
    coverage,
    divergence,
    duplication,
    exactness,
    fix_lines,
    moves,
    nightly,
    planted,
    speed,
    warehouse,
)
from tests.bench.table import Options, Row, Table

TABLES = (
    exactness.TABLE,
    moves.TABLE,
    duplication.TABLE,
    planted.TABLE,
    speed.TABLE,
    nightly.TABLE,
    fix_lines.TABLE,
    coverage.TABLE,
    divergence.TABLE,
    warehouse.TABLE,
)


def main() -> None:
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="*", type=Path, help="git repositories on this machine")
    parser.add_argument("--tables", nargs="+", choices=[table.key for table in TABLES], help="all otherwise")
    parser.add_argument("--every", type=int, help="blame every n-th file; all of a tree with few files otherwise")
    parser.add_argument("--jscpd", default="jscpd", help="the command of jscpd")
    parser.add_argument("--peers", type=Path, help="the folder of git-of-theseus-analyze and a python with PyDriller")
    parser.add_argument("--oracle", type=Path, help="a JSON file of fixes with the commits named as their cause")
    parser.add_argument("--scale", type=float, default=1.0, help="of the made warehouse; 0.01 is a hundredth")
    asked = parser.parse_args()
    repositories = tuple(path.absolute() for path in asked.repositories)
    options = Options(
        repositories, asked.every, asked.jscpd, asked.peers and asked.peers.absolute(), asked.oracle, asked.scale
    )
    for table in TABLES:
        if not asked.tables or table.key in asked.tables:
            show(table, options)


def show(table: Table, options: Options) -> None:
    """A table, a row as soon as it is known."""
    columns = table.columns
    print(f"\n**{table.key}** {table.about}\n\n{line(columns)}\n|---|{'--:|' * (len(columns) - 1)}", flush=True)
    for row in table.rows(options):
        print(line(row), flush=True)


def line(row: Row) -> str:
    """A row as Markdown; paths come from outside."""
    return f"| {' | '.join(printable(str(cell)).replace('|', '&#124;') for cell in row)} |"


if __name__ == "__main__":
    main()
