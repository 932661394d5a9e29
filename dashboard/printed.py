"""Both ledgers as text or JSON, for `twinledger metrics`."""

import json
from difflib import get_close_matches

import duckdb
from typer import BadParameter

from dashboard import summary, wording
from dashboard.facts import Facts
from dashboard.summary import Headline, View
from metrics.registry import ADOPTION, BY_KEY, METRICS

_REPOS = "select repo from repos order by repo"
_TEAMS = """
    select distinct team from (select team from landed_changes union all select shown_team from team_weeks)
    where team != 'suppressed' order by team
"""
SPLITS = ("team", "repo", "cohort", "stratum")


def metrics(con: duckdb.DuckDBPyConnection, view: View, keys: list[str], by: str | None, *, as_json: bool) -> str:
    """The headlines of the metrics named, each with one of the other ledger; all when none is named."""
    if by is not None and by not in SPLITS:
        raise BadParameter(f"{by!r} is not a split. Use one of: {', '.join(SPLITS)}.")
    _check(con, view)
    facts = Facts(con)
    shown = [summary.headline(facts, BY_KEY[key], view) for key in _with_pairs(keys)]
    if as_json:
        rows = [summary.as_json(each) | ({"by": {by: summary.table(each, by)}} if by else {}) for each in shown]
        return json.dumps(rows, indent=2)
    return "\n".join(line for each in shown for line in _lines(each, by))


def _check(con: duckdb.DuckDBPyConnection, view: View) -> None:
    """A name that is misspelt would select nothing, and nothing looks like too few."""
    for kind, chosen, statement in (
        ("repository", view.selection.repos, _REPOS),
        ("team", view.selection.teams, _TEAMS),
    ):
        known = [name for (name,) in con.execute(statement).fetchall()]
        for name in chosen:
            if name not in known:
                raise BadParameter(f"{name!r} is no {kind}. Known: {', '.join(known)}.")


def _with_pairs(keys: list[str]) -> list[str]:
    """The keys, and after each the metric of the other ledger it is never printed without."""
    for key in keys:
        if key not in BY_KEY:
            near = get_close_matches(key, BY_KEY, 1)
            raise BadParameter(
                f"{key!r} is no metric. " + (f"Did you mean {near[0]}?" if near else f"Known: {', '.join(BY_KEY)}.")
            )
    wanted = keys or [metric.key for metric in METRICS]
    return list(dict.fromkeys(each for key in wanted for each in (key, _partner(key))))


def _partner(key: str) -> str:
    """What a metric is never printed without: its paired quality, or an adoption metric that it is paired with."""
    paired = BY_KEY[key].paired_quality
    return paired or next((each.key for each in ADOPTION if each.paired_quality == key), "ai_change_share")


def _lines(shown: Headline, by: str | None) -> list[str]:
    metric, movement = shown.metric, shown.movement
    name = f"{metric.ledger:8}  {metric.key:16}"
    if movement is None or shown.window is None:
        return [f"{name}  no data: {wording.missing(list(shown.missing))}"]
    estimate = movement.estimate
    value = wording.value(metric, estimate.value) if estimate else wording.TOO_FEW
    interval = f" ({wording.interval(metric, estimate)})" if estimate else ""
    lines = [
        f"{name}  {value}{interval}, {wording.change(movement)}; {wording.sample(movement)}, {wording.weeks(shown.window)}"
    ]
    if by:
        for row in summary.table(shown, by):
            part = wording.value(metric, row["value"]) if row["value"] is not None else wording.TOO_FEW
            lines.append(
                f"{'':26}  {row[by]}: {part}; {wording.counted(row['units'], 'person' if metric.is_repeated else metric.unit)}"
            )
    return lines
