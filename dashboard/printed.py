"""Both ledgers as text, JSON or CSV, for `twinledger metrics`."""

import json
from difflib import get_close_matches

import duckdb
from typer import BadParameter

from dashboard import spreadsheet, summary, wording
from dashboard.facts import Facts
from dashboard.summary import Headline, View
from dashboard.terminal import printable
from metrics.registry import BY_KEY, partner
from metrics.values import BEGIN

_REPOS = "select repo from repos order by repo"
_TEAMS = """
    select distinct team from (select team from landed_changes union all select shown_team from team_weeks)
    where team != 'suppressed' order by team
"""
SPLITS = ("team", "repo", "cohort", "stratum")
ESTIMATED = ("value", "low", "high", "units", "numerator", "denominator", "events")
WHOSE = ("metric", "version", "ledger", "title", "cohort", "since", "until")
COLUMNS = (*WHOSE, "by", "of", *ESTIMATED, "was", "revised")


def metrics(con: duckdb.DuckDBPyConnection, view: View, keys: list[str], by: str | None, form: str) -> str:
    """The headlines of the metrics named, each with one of the other ledger; all when none is named.

    `form` is text, json or csv.
    """
    if by is not None and by not in SPLITS:
        raise BadParameter(f"{by!r} is not a split. Use one of: {', '.join(SPLITS)}.")
    check(con, view, keys)
    facts = Facts(con)
    shown = [summary.headline(facts, BY_KEY[key], view) for key in _with_pairs(keys)]
    if form == "json":
        rows = [summary.as_json(each) | ({"by": {by: summary.table(each, by)}} if by else {}) for each in shown]
        return json.dumps(rows, indent=2)
    if form == "csv":
        return spreadsheet.as_csv(COLUMNS, [row for each in shown for row in _rows(each, by)])
    return "\n".join(line for each in shown for line in lines(each, by))


def statements(con: duckdb.DuckDBPyConnection, view: View, keys: list[str], file: str) -> str:
    """The statement of each metric named, with the dates of its window in it: ready for the duckdb shell, and by itself."""
    check(con, view, keys)
    facts = Facts(con)
    return "\n\n".join(_statement(summary.headline(facts, BY_KEY[key], view), file) for key in keys or BY_KEY)


def _statement(shown: Headline, file: str) -> str:
    metric, window = shown.metric, shown.window
    head = f"-- {metric.key}, version {metric.version}: {metric.title}"
    if window is None:
        return f"{head}: no data: {wording.missing(list(shown.missing))}"
    since = BEGIN if metric.is_state else window.since
    sql = metric.sql.strip().replace("$since", f"date '{since}'").replace("$until", f"date '{window.until}'")
    which = ["team != 'suppressed'", *([f"cohort = '{metric.speaks_of}'"] if metric.speaks_of else [])]
    last = ", of the last row of each repository" if metric.is_state else ""
    return "\n".join((
        f"{head}, {wording.weeks(window)}, the whole organisation",
        f"-- duckdb -readonly {file}",
        f"-- Its value is sum(numerator) / sum(denominator) where {' and '.join(which)}{last}.",
        f"{sql};",
    ))  # fmt: skip


def check(con: duckdb.DuckDBPyConnection, view: View, keys: list[str]) -> None:
    """A name that is misspelt would select nothing, and nothing looks like too few."""
    for key in keys:
        if key not in BY_KEY:
            near = get_close_matches(key, BY_KEY, 1)
            raise BadParameter(
                f"{key!r} is no metric. " + (f"Did you mean {near[0]}?" if near else f"Known: {', '.join(BY_KEY)}.")
            )
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
    return list(dict.fromkeys(each for key in keys or BY_KEY for each in (key, partner(BY_KEY[key]).key)))


def _rows(shown: Headline, by: str | None) -> list[list[object]]:
    """The rows of a table: one, or one for each value of a split."""
    told = summary.as_json(shown)
    whose = [told.get(name) for name in WHOSE]
    revised = [told.get("revised", {}).get("was"), shown.revised or None]
    rows = [("", "", told)]
    if by and shown.window:
        rows = [(by, row[by], row) for row in summary.table(shown, by)]
    made = []
    for split, of, row in rows:
        made.append([*whose, split, of, *(row.get(name) for name in ESTIMATED), *([None, None] if split else revised)])
    return made


def lines(shown: Headline, by: str | None) -> list[str]:
    """A metric as text: its value with interval, change, sample and weeks, and a line for each value of a split."""
    metric, movement = shown.metric, shown.movement
    name = f"{metric.ledger:8}  {metric.key:24}"
    if movement is None or shown.window is None:
        return [f"{name}  no data: {wording.missing(list(shown.missing))}"]
    estimate = movement.estimate
    value = wording.value(metric, estimate.value) if estimate else wording.TOO_FEW
    interval = f" ({wording.interval(metric, estimate)})" if estimate else ""
    lines = [
        f"{name}  {value}{interval}, {wording.change(movement)}; {wording.sample(movement)}, {wording.weeks(shown.window)}"
        + (f"; {shown.revised}" if shown.revised else "")
    ]
    if by:
        for row in summary.table(shown, by):
            part = wording.value(metric, row["value"]) if row["value"] is not None else wording.TOO_FEW
            counted = wording.counted(row["units"], "person" if metric.is_repeated else metric.unit)
            lines.append(f"{'':34}  {printable(str(row[by]))}: {part}; {counted}")
    return lines
