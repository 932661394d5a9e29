"""The rows behind a value, for `twinledger units`: what was counted, one by one, until it adds up."""

import json
from typing import Any

import duckdb
import pandas as pd
from typer import BadParameter

from dashboard import printed, spreadsheet, summary, wording
from dashboard.facts import Facts
from dashboard.summary import Headline, View
from dashboard.terminal import printable
from metrics import measure
from metrics.comparison import COMPARED
from metrics.measure import Window
from metrics.metric import Metric
from metrics.registry import BY_KEY
from metrics.values import BEGIN

COLUMNS = ("metric", "week", "repo", "team", "cohort", "unit", "numerator", "denominator")
FEW = 20  # rows of a text; a file has all of them
_ALL = 2**62


def units(
    con: duckdb.DuckDBPyConnection, view: View, key: str, cohort: str | None, form: str, limit: int | None
) -> str:
    """The units of a metric in a window, the largest numerator first; about one person there are none.

    An adoption metric brings the rows of its paired quality, over the same selection, with it: they leave together or not
    at all. `form` is text, json or csv.
    """
    printed.check(con, view, [key])
    if not BY_KEY[key].lists_units:
        remedy = f"Use `twinledger metrics {key} --by team`."
        raise BadParameter(
            f"{key} counts people or their time, and rows about one person are shown to nobody. {remedy}"
        )
    if cohort is not None and cohort not in COMPARED:
        raise BadParameter(f"{cohort!r} is no cohort. Use one of: {', '.join(COMPARED)}.")
    facts = Facts(con)
    paired = BY_KEY[key].paired_quality
    tables = [_table(con, facts, BY_KEY[each], view, cohort) for each in (key, paired) if each]
    if form == "json":
        return json.dumps([_as_json(shown, rows.head(limit or _ALL)) for shown, rows in tables], indent=2)
    if form == "csv":
        every = [row for shown, rows in tables for row in _cells(shown.metric, rows.head(limit or _ALL))]
        return spreadsheet.as_csv(COLUMNS, every)
    return "\n".join(line for shown, rows in tables for line in _lines(shown, rows, limit or FEW))


def _table(
    con: duckdb.DuckDBPyConnection, facts: Facts, metric: Metric, view: View, cohort: str | None
) -> tuple[Headline, pd.DataFrame]:
    """A metric and its rows: of the cohort that its number is about, where none is named."""
    shown = summary.headline(facts, metric, view)
    if shown.window is None:
        return shown, pd.DataFrame(columns=COLUMNS[1:])
    # A state holds until the next one: the last of each repository may be older than the window.
    window = Window(BEGIN, shown.window.until) if metric.is_state else shown.window
    rows = measure.units(con, metric, window, view.selection, _ALL)
    if metric.is_state:
        rows = measure.latest(rows, window.until)
    wanted = metric.speaks_of if cohort is None else cohort
    return shown, rows if wanted is None else rows[rows["cohort"].isin((wanted, "*"))]


def _cells(metric: Metric, rows: pd.DataFrame) -> list[list[Any]]:
    return [[metric.key, f"{row[0]:%Y-%m-%d}", *row[1:]] for row in rows.to_numpy(object).tolist()]


def _as_json(shown: Headline, rows: pd.DataFrame) -> dict[str, Any]:
    units = [dict(zip(COLUMNS[1:], row[1:], strict=True)) for row in _cells(shown.metric, rows)]
    return summary.as_json(shown) | {"rows": units}


def _lines(shown: Headline, rows: pd.DataFrame, limit: int) -> list[str]:
    """The value, what the rows add up to, and as many of them as were asked for."""
    metric = shown.metric
    lines = printed.lines(shown, None)
    if shown.window is None:
        return lines
    n, d = rows["numerator"].sum(), rows["denominator"].sum()
    of = f"{min(limit, len(rows)):,} of {wording.counted(len(rows), metric.unit)}"
    lines.append(
        f"  {of}; all of them: {n:,.6g} / {d:,.6g}. Numerator: {metric.numerator}. Denominator: {metric.denominator}."
    )
    for _, week, repo, team, cohort, unit, over, under in _cells(metric, rows.head(limit)):
        place = "  ".join(printable(text) for text in (f"{repo:16}", f"{team:14}", f"{cohort:8}", f"{unit:40}"))
        lines.append(f"  {week}  {place}  {over:,.6g} / {under:,.6g}")
    return lines
