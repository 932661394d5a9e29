"""An organisation whose ledgers drift apart: of two repositories that take up a tool, one lands what does not last."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import duckdb

from ingest import severities
from ingest import warehouse as builder
from tests.conftest import Warehouse

BEGIN = date(2025, 7, 7)
WEEKS, A_WEEK = 74, 12  # of each repository
TURN = 46  # the week from which on the tool is taken up, over six weeks, and from which the loud repository's lines die
PEOPLE = ("ann", "bob", "cee", "dan", "eve")


def drift(file: Path) -> None:
    """Write a warehouse with it: git alone, two teams, nothing looked at yet."""
    with duckdb.connect(str(file)) as con:
        builder.migrate(con)
        made = Warehouse(con)
        made.add("privacy", minimum_group=5)
        made.add("organisation", name="Acme")
        builder.load(con, "severity_weights", severities.weights({}))
        made.add("attribution_declarations", ai_era_starts=date(2021, 6, 29))
        con.execute("begin")
        for repo in ("loud", "quiet"):
            made.repo(repo)
            made.people(repo, *(f"{repo} {person}" for person in PEOPLE))
            _lands(made, repo)
        con.execute("commit")
        through(made, WEEKS)
        made.derive()


def through(made: Warehouse, week: int) -> None:
    """Let the history be read to the end of that many weeks."""
    made.con.execute("update source_states set data_through = ? where source = 'git'", [BEGIN + timedelta(weeks=week)])


def rewritten(made: Warehouse) -> None:
    """Derive everything anew, as after a history that was read again."""
    builder.forget_derived(made.con)
    made.derive()


@contextmanager
def opened(file: Path) -> Iterator[Warehouse]:
    """The warehouse in the file."""
    with duckdb.connect(str(file)) as con:
        yield Warehouse(con)


def _lands(made: Warehouse, repo: str) -> None:
    before: list[int] = []
    for week in range(WEEKS):
        born = []
        for number in range(A_WEEK):
            begins = f"{'1' if repo == 'loud' else '2'}{week:02}{number:02}"
            at = f"{BEGIN + timedelta(weeks=week, days=number % 5)} {9 + number:02}:00"
            is_ai = number < 1 + min(max(week - TURN + 1, 0), 6)
            made.change(begins, at, f"{repo} {PEOPLE[number % 5]}", repo=repo, evidence="ai" if is_ai else "")
            born.append(made.born(begins, repo=repo, lines=10 + number))
        for number, run in enumerate(before):  # of what landed a week ago
            is_rewritten = number < 5 if repo == "loud" and week > TURN else number == 0 and week % 2 == 0
            if is_rewritten:
                made.died(run, 8, begins, after=number % 2)
        before = born
