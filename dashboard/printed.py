"""Both ledgers as text or JSON, for `twinledger metrics`."""

import json
from difflib import get_close_matches

import duckdb
from typer import BadParameter

from dashboard import summary, wording
from dashboard.summary import Headline, View
from metrics.registry import BY_KEY, METRICS

SPLITS = ("team", "repo", "cohort", "stratum")


def metrics(con: duckdb.DuckDBPyConnection, view: View, keys: list[str], by: str | None, *, as_json: bool) -> str:
    """The headlines of the metrics named, each adoption metric with its paired quality; all when none is named."""
    if by is not None and by not in SPLITS:
        raise BadParameter(f"{by!r} is not a split. Use one of: {', '.join(SPLITS)}.")
    shown = [summary.headline(con, BY_KEY[key], view) for key in _with_pairs(keys)]
    if as_json:
        rows = [summary.as_json(each) | ({"by": {by: summary.table(each, by)}} if by else {}) for each in shown]
        return json.dumps(rows, indent=2)
    return "\n".join(line for each in shown for line in _lines(each, by))


def _with_pairs(keys: list[str]) -> list[str]:
    """The keys, and after an adoption metric the quality it is never shown without."""
    for key in keys:
        if key not in BY_KEY:
            near = get_close_matches(key, BY_KEY, 1)
            raise BadParameter(
                f"{key!r} is no metric. " + (f"Did you mean {near[0]}?" if near else f"Known: {', '.join(BY_KEY)}.")
            )
    wanted = keys or [metric.key for metric in METRICS]
    pairs = [each for key in wanted for each in (key, BY_KEY[key].paired_quality) if each]
    return list(dict.fromkeys(pairs))


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
