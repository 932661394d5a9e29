"""The alarm as text or JSON, for `twinledger divergence`: every pair at its newest look, and every time one diverged."""

import json
from typing import Any

import duckdb

from dashboard import sides, verdicts, wording
from dashboard.facts import Facts
from dashboard.summary import View
from dashboard.terminal import printable
from metrics.divergence import PAIRS, SUCCESSIVE, Look, Pair
from metrics.episodes import Episode, Told
from metrics.trend import WEEKS, Trend

HEAD = (
    f"Trends over {WEEKS} settled weeks, at 95 %, of quality widened by what the weeks before show of wandering. Adoption that "
    f"rises while its quality worsens, both beyond noise at {SUCCESSIVE} weekly looks in a row, is an alarm."
)


def as_text(con: duckdb.DuckDBPyConnection) -> str:
    """What there is to say of each pair, and the episodes."""
    facts, view = Facts(con), View()
    lines = [HEAD, ""]
    for pair in PAIRS:
        lines += _pair(pair, sides.latest_looks(facts, pair, view))
    lines += ["", "Episodes" if facts.episodes else "No alarm has fired."]
    return "\n".join([*lines, *(line for each in facts.episodes for line in _episode(each))])


def as_json(con: duckdb.DuckDBPyConnection) -> str:
    """The same, to the last digit."""
    facts, view = Facts(con), View()
    looks = [_looked(pair, sides.latest_looks(facts, pair, view)) for pair in PAIRS]
    return json.dumps({"looks": looks, "episodes": [_stored(each) for each in facts.episodes]}, indent=2)


def _pair(pair: Pair, looks: list[Look]) -> list[str]:
    name = f"{pair.adoption.key} / {pair.quality.key}"
    if not looks or not looks[-1].is_enough:
        return [f"{name:36}  not enough data"]
    newest, row = looks[-1], sides.in_a_row(looks)
    said = f"diverges at {'1 look' if row == 1 else f'{row} looks in a row'}" if row else "does not diverge"
    heads = [f"{name:36}  {wording.week_name(newest.week)}: {said}"]
    return heads + [f"    {_trend(each)}" for each in (newest.adoption, newest.quality)]


def _trend(trend: Trend) -> str:
    assert trend.rise is not None  # noqa: S101 - there is enough
    metric, beside = trend.metric, trend.cell.n / trend.cell.d
    value, low, high = (_signed(each, wording.size(metric, each, beside)) for each in vars(trend.rise).values())
    sample = wording.counted(trend.cell.units, "person" if metric.is_repeated else metric.unit)
    return f"{metric.phrase}: {value} ({low.removesuffix(' points')} to {high}; {sample})"


def _signed(number: float, size: str) -> str:
    return f"{'-' if number < 0 else '+'}{size}"


def _episode(episode: Episode) -> list[str]:
    weeks = f"{wording.week_name(episode.first)} to {wording.week_name(episode.last)}"
    state = "goes on" if episode.closed is None else f"over in {wording.week_name(episode.closed)}"
    name = f"{episode.pair.adoption.key} / {episode.pair.quality.key}"
    lines = [
        f"{name:36}  {weeks}, {state}",
        f"    {verdicts.fired(episode)}",
        f"    {printable(verdicts.contributors(episode))}",
    ]
    if episode.revised_at is not None:
        lines.append(f"    Revised on {episode.revised_at:%Y-%m-%d}: the data as they are now would not have fired it.")
    return lines


def _looked(pair: Pair, looks: list[Look]) -> dict[str, Any]:
    told: dict[str, Any] = {"adoption": pair.adoption.key, "quality": pair.quality.key}
    if not looks:
        return told | {"week": None, "enough_data": False}
    newest = looks[-1]
    told |= {"week": newest.week.isoformat(), "enough_data": newest.is_enough, "in_a_row": sides.in_a_row(looks)}
    return told | {
        f"{side}_trend": _of(each) for side, each in (("adoption", newest.adoption), ("quality", newest.quality))
    }


def _of(trend: Trend) -> dict[str, float | None]:
    counts: dict[str, float | None] = {
        "units": trend.cell.units, "numerator": trend.cell.n, "denominator": trend.cell.d
    }  # fmt: skip
    if trend.rise is None:
        # Of people there may be fewer than may be shown.
        shown = dict.fromkeys(counts) if trend.metric.is_of_people else counts
        return {"rise": None, "low": None, "high": None, **shown}
    return {"rise": trend.rise.value, "low": trend.rise.low, "high": trend.rise.high, **counts}


def _stored(episode: Episode) -> dict[str, Any]:
    weeks = {"first": episode.first, "fired": episode.fired, "last": episode.last, "closed": episode.closed}
    return {
        "adoption": episode.pair.adoption.key,
        "quality": episode.pair.quality.key,
        **{name: week.isoformat() if week else None for name, week in weeks.items()},
        "adoption_trend": _said(episode.used),
        "quality_trend": _said(episode.broke),
        "contributors": [{"repo": repo, "share": share} for repo, share in episode.contributors],
        "revised_on": episode.revised_at and f"{episode.revised_at:%Y-%m-%d}",
    }


def _said(told: Told) -> dict[str, float]:
    rise = told.rise
    counts = {"units": told.units, "numerator": told.n, "denominator": told.d}
    return {"rise": rise.value, "low": rise.low, "high": rise.high, **counts}
