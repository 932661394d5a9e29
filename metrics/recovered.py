"""How much of what was planted in one organisation of the truth lab was found, thing by thing, and how much of that is right."""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pandas as pd

from metrics import bounds, measure
from metrics.planted import Reading, Truth, Units, readings, units, window
from metrics.registry import METRICS
from metrics.stats import Cell

NO_CAUSE = ("nobody", "outage")  # by what is known of incidents that no change caused: by nothing, by their own word
METHODS = ("explicit", "revert", "fix_lines", "deployment_window")  # by which something is called a cause

_OPERATIONS = """
select
    mainline.landed_sha, sum(changes.added) as added, sum(deleted) as deleted, sum(moved) as moved, sum(updated) as updated,
    sum(copied_tree) as copied_tree, sum(copied_within) as copied_within, sum(find_replaced) as find_replaced, sum(noop) as noop
from mainline
join commits on commits.repo = mainline.repo and commits.landed_sha = mainline.landed_sha
join changes on changes.repo = commits.repo and changes.sha = commits.sha
where role = 'source'
group by all
"""

_CAUSES = """
select incident, method, landed_sha from caused_incidents
"""

_FAILED = """
select incident, deployment from failed_deployments
"""


@dataclass(frozen=True)
class Recovery:
    """How much of what was planted was found: of lines by operation, of causes by method, of bounds that held."""

    what: str
    planted: int
    found: int
    right: int


@dataclass(frozen=True)
class Measured:
    """All that one organisation told, and the rates that its story planted as such."""

    readings: list[Reading]
    recoveries: list[Recovery]
    rates: dict[str, dict[str, float]]


def measured(con: duckdb.DuckDBPyConnection, truth: Truth) -> Measured:
    """What the generation of an organisation says, beside the truth that its builder wrote down."""
    own = units(con, truth)
    found = [
        _units(own),
        *_operations(con, truth["operations"]),
        *_causes(con, truth["causes"]),
        *_deployed(con, truth["causes"], truth["deployed"]),
        _bounded(con, truth),
    ]
    return Measured(readings(con, truth, own), found, truth["rates"])


def _units(own: dict[str, Units]) -> Recovery:
    """Every unit of every metric, one by one, so that no two errors make up for each other."""
    planted, found, right = (
        sum(len(each.planted) for each in own.values()),
        sum(len(each.found) for each in own.values()),
        sum(each.right for each in own.values()),
    )
    return Recovery("units of metrics", planted, found, right)


def _operations(con: duckdb.DuckDBPyConnection, planted: dict[str, dict[str, int]]) -> Iterator[Recovery]:
    """Lines by what was done to them, change by change."""
    found = con.execute(_OPERATIONS).df().set_index("landed_sha")
    for name in next(iter(planted.values())):
        meant = pd.Series({sha: each[name] for sha, each in planted.items()})
        seen = found[name].reindex(meant.index, fill_value=0).astype("int64")
        right = meant.where(meant < seen, seen)  # of each change as many as both have
        yield Recovery(f"lines {name}", int(meant.sum()), int(seen.sum()), int(right.sum()))


def _causes(con: duckdb.DuckDBPyConnection, planted: dict[str, tuple[str | None, str]]) -> Iterator[Recovery]:
    """By what each cause could be known: whether that change, and no other, is called the cause; and who is falsely accused."""
    named: dict[str, set[str]] = {}
    accused: dict[str, set[str]] = {}
    for incident, method, sha in con.execute(_CAUSES).fetchall():
        ident = _own_name(incident)
        if sha is not None:
            named.setdefault(ident, set()).add(sha)
        accused.setdefault(method, set()).add(ident)
    for method in sorted({how for _, how in planted.values()} - set(NO_CAUSE)):
        asked = {incident: sha for incident, (sha, how) in planted.items() if how == method}
        found = {incident: named[incident] for incident in asked if incident in named}
        right = sum(shas == {asked[incident]} for incident, shas in found.items())
        yield Recovery(f"causes by {method}", len(asked), len(found), right)
    innocent, told = ({one for one, (_, how) in planted.items() if how == own} for own in NO_CAUSE)
    for method in METHODS if innocent else ():
        yield Recovery(f"accused by {method}", len(innocent), len(innocent & accused.get(method, set())), 0)
    anybody = set().union(*accused.values())
    if innocent:
        yield Recovery("accused by any", len(innocent), len(innocent & anybody), 0)
    yield Recovery("accused against their word", len(told), len(told & anybody), 0)


def _own_name(incident: str) -> str:
    return incident.rpartition(":")[2]


def _deployed(
    con: duckdb.DuckDBPyConnection, causes: dict[str, tuple[str | None, str]], planted: dict[str, str]
) -> Iterator[Recovery]:
    """The deployment with which a cause went live, by what was known of the cause."""
    named: dict[str, set[str]] = {}
    for incident, deployment in con.execute(_FAILED).fetchall():
        named.setdefault(_own_name(incident), set()).add(_own_name(deployment))
    for method in sorted({causes[incident][1] for incident in planted}):
        asked = {incident: own for incident, own in planted.items() if causes[incident][1] == method}
        found = {incident: named[incident] for incident in asked if incident in named}
        right = sum(each == {asked[incident]} for incident, each in found.items())
        yield Recovery(f"deployments by {method}", len(asked), len(found), right)


def _bounded(con: duckdb.DuckDBPyConnection, truth: Truth) -> Recovery:
    """For each metric whose writers are known: whether the ratio among true writers lies within the sharp bounds."""
    asked = held = 0
    for metric in METRICS:
        written = truth["written"].get(metric.key)
        if written is None or min(written[0][1], written[1][1]) == 0:
            continue
        cells = measure.by(measure.cells(con, metric, window(truth)), "cohort")
        unknown = measure.unknown(con, metric, window(truth))
        times = unknown["units"].to_numpy("int64")
        n, d = (unknown[name].to_numpy("float64").repeat(times) for name in ("n", "d"))
        found = bounds.sharp(cells.get("ai", Cell()), cells.get("human", Cell()), n, d)
        if found is None:
            continue
        ai, people = written
        asked += 1
        held += found.low * (1 - 1e-9) <= (ai[1] / ai[2]) / (people[1] / people[2]) <= found.high * (1 + 1e-9)
    return Recovery("ratios among true writers within the sharp bounds", asked, asked, held)
