"""What fixes took out over twelve weeks of the sample organisation, counted again from its commits and deaths of lines."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

import pytest

from metrics import measure
from metrics.measure import Window, monday
from metrics.registry import BY_KEY
from tests.metrics.conftest import Shop

WINDOW = Window(date(2026, 2, 2), date(2026, 4, 27))
HALF_A_YEAR = timedelta(days=180)


class Removed(NamedTuple):
    """Lines that a commit took out."""

    role: str
    kind: str
    operation: str
    lines: int
    meaningful: int
    writer: str


class Counted:
    """The sample's commits and changes, and which change mended which."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        rows = shop.con.execute("select repo, sha, landed_sha, kind, is_merge, committed_at from commits").fetchall()
        self.commits = {(repo, sha): rest for repo, sha, *rest in rows}
        rows = shop.con.execute("select repo, landed_sha, mainline_no, landed_at from mainline").fetchall()
        self.landed: dict[tuple[str, str], tuple[int, datetime]] = {(repo, sha): (no, at) for repo, sha, no, at in rows}

    @cached_property
    def removed(self) -> dict[tuple[str, str], list[Removed]]:
        """What each fix took out."""
        repairing = set(self.shop.con.execute("select repo, sha from incident_fixes").fetchall())
        rows = self.shop.con.execute(
            "select repo, sha, role, line_kind, operation, lines, meaningful, birth_sha from line_deaths"
        ).fetchall()
        found = defaultdict(list)
        for repo, sha, *rest in rows:
            _, kind, is_merge, _ = self.commits[repo, sha]
            if not is_merge and (kind == "fix" or (repo, sha) in repairing):
                found[repo, sha].append(Removed(*rest))
        return found

    def mended(self) -> tuple[set[tuple[str, str]], dict[tuple[str, str], int]]:
        """The changes that a fix mended in time, and the lines of each change that fixes took out in time."""
        causes, lines = set(), defaultdict(int)
        for (repo, fix), runs in self.removed.items():
            step = repo, self.commits[repo, fix][0]
            said = []
            for run in runs:
                change = repo, self.commits[repo, run.writer][0]
                in_time = self.landed[step][1] <= self.landed[change][1] + HALF_A_YEAR
                code = run.kind == "code" and run.role in ("source", "test")
                lines[change] += run.lines * (code and in_time and run.operation not in ("restored", "found"))
                if run.kind == "code" and run.role in ("source", "config", "test"):
                    nearness = ["source", "config", "test"].index(run.role) if run.meaningful else 3
                    latest = self.landed[change][0], self.commits[repo, run.writer][3].timestamp()
                    said.append((nearness, [-each for each in latest], run.writer, change, in_time))
            if said:
                *_, change, in_time = min(said)
                if in_time:
                    causes.add(change)
        return causes, lines


@pytest.fixture(scope="module")
def counted(shop: Shop) -> Counted:
    return Counted(shop)


def changes(shop: Shop) -> dict[tuple[str, str], int]:
    """What people landed in the window, with the code lines that came with it."""
    formatted = {one["reformat_sha"] for one in shop.truth["repositories"].values()}
    rows = shop.con.execute("""
        select repo, landed_sha, sum(lines) from line_births
        where role in ('source', 'test') and line_kind = 'code' and operation not in ('restored', 'found')
        group by all
    """).fetchall()  # fmt: skip
    lines = {(repo, sha): total for repo, sha, total in rows if sha not in formatted}
    found = {}
    for repo, one in shop.truth["repositories"].items():
        for change in one["changes"]:
            at = datetime.fromisoformat(change["landed_at"]).replace(tzinfo=None)
            if change["written_by"] != "bot" and WINDOW.since <= monday(at) < WINDOW.until:
                found[repo, change["landed_sha"]] = lines.get((repo, change["landed_sha"]), 0)
    return found


def test_fix_inducing_rate(shop: Shop, counted: Counted) -> None:
    causes, _ = counted.mended()
    landed = changes(shop)
    mended = causes & landed.keys()
    cell = measure.total(measure.cells(shop.con, BY_KEY["fix_inducing_rate"], WINDOW))
    assert (cell.units, cell.n, cell.d) == (len(landed), len(mended), len(landed))
    assert len(mended) > 20


def test_fix_effort(shop: Shop, counted: Counted) -> None:
    _, removed = counted.mended()
    landed = {change: lines for change, lines in changes(shop).items() if lines}
    expected = [removed[change] for change in landed]
    cell = measure.total(measure.cells(shop.con, BY_KEY["fix_effort"], WINDOW))
    assert (cell.units, cell.n, cell.d) == (len(landed), sum(expected), sum(landed.values()))
    assert cell.nn == sum(lines * lines for lines in expected)
    assert cell.events > 20
