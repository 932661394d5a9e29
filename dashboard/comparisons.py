"""The comparison of cohorts as rows: a ratio with its interval, and in words what the unknown leaves open."""

from collections.abc import Sequence
from math import isinf
from typing import Any

from dashboard import svg, wording
from dashboard.summary import FIRST_QUALITY, Headline
from dashboard.theme import Palette
from metrics import measure
from metrics.bounds import Bounds
from metrics.comparison import Comparison, inapplicable
from metrics.metric import Metric
from metrics.stats import Cell, Estimate

TITLE = "AI-marked against the rest landed in the same period"
Pair = tuple[Headline, Comparison | None]


def table(shown: Sequence[Pair], palette: Palette) -> dict[str, Any]:
    """What the templates show: a row for each metric that compares cohorts, and why the others do not."""
    rows = [row(headline, found, palette) for headline, found in shown if not inapplicable(headline.metric)]
    return {"title": TITLE, "rows": rows, "left_out": left_out([headline.metric for headline, _ in shown])}


def short_table(shown: Sequence[Pair], palette: Palette) -> dict[str, Any]:
    """The metrics with a tile and those whose cohorts differ beyond noise; of the others, which they are."""
    told = [
        (headline, found)
        for headline, found in shown
        if headline.metric in FIRST_QUALITY or (found and found.is_beyond_noise)
    ]
    rest = [(headline, found) for headline, found in shown if (headline, found) not in told]
    titles: dict[str, list[str]] = {}  # by why they are not among the rows
    for headline, found in rest:
        if not inapplicable(headline.metric):
            why = "within noise, or too few to say" if found else wording.missing(list(headline.missing))
            titles.setdefault(why, []).append(headline.metric.title)
    said = [f"{why[0].upper()}{why[1:]}: {'; '.join(each)}." for why, each in titles.items()]
    said.append("At 95 %, one in twenty that are compared differs by chance.")
    return table(told, palette) | {
        "left_out": " ".join([*said, left_out([headline.metric for headline, _ in rest])]).strip()
    }


def left_out(metrics: Sequence[Metric]) -> str:
    """Why some of these metrics are not compared.

    >>> from metrics.registry import BY_KEY
    >>> left_out([BY_KEY["churn"], BY_KEY["duplication"]])
    'Not compared: Duplicated lines in the tree (a state of whole repositories, in which lines of every cohort stand together).'
    """
    reasons = [f"{metric.title} ({reason})" for metric in metrics if (reason := inapplicable(metric))]
    return f"Not compared: {'; '.join(reasons)}." if reasons else ""


def row(shown: Headline, found: Comparison | None, palette: Palette) -> dict[str, str]:
    """A metric's row; the rest is mostly what nobody knows the writer of, and the row says how much."""
    metric = shown.metric
    made = {"title": metric.title, "drawing": "", "ratio": "", "tone": "flat", "n": "", "detail": ""}
    if found is None:
        return made | {"ai": "", "rest": "", "human": "", "said": wording.missing(list(shown.missing))}
    said, tone = verdict(found)
    unknown = wording.share(found.unknown.units, found.rest.units)
    counts = f"{found.ai.units:,.0f} / {found.rest.units:,.0f} {metric.unit}s, {unknown} of the rest unknown"
    made |= {"said": said, "tone": tone, "n": counts, "detail": detail(found)}
    made |= {name: _rate(metric, getattr(found, name)) for name in ("ai", "rest", "human")}
    if found.crude:
        adjusted = found.adjusted.ratio.value if found.adjusted else None
        drawn = svg.interval(found.crude, palette.ai, palette, found.bounds, adjusted)
        made |= {"ratio": ratio(found.crude.value), "drawing": svg.data_uri(drawn)}
    return made


def verdict(found: Comparison) -> tuple[str, str]:
    """Whether AI-marked units fare worse, in a word, and the tone of that word.

    It is not said of a difference that goes once like is compared with like.
    """
    if found.crude is None:
        return wording.TOO_FEW, "flat"
    if not found.is_beyond_noise:
        return _undecided(found), "flat"
    is_worse = (found.crude.value > 1) == (found.metric.better == "lower")
    return ("worse", "bad") if is_worse else ("better", "good")


def _undecided(found: Comparison) -> str:
    """That a difference may be none, and what says so where the crude interval alone would have called it one."""
    if found.crude is None or found.crude.low <= 1 <= found.crude.high:
        return "within noise"
    if found.is_refuted:
        return "within noise, by the exact test"
    return "within noise, like with like" if found.adjusted else "no like to compare with"


def detail(found: Comparison) -> str:
    """What the ratio rests on: adjusted, if the unknown were this or that, and against attested humans."""
    if found.crude is None:
        return _attested(found)
    said = [_adjusted(found), *_unknown(found), _attested(found)]
    return " ".join(part for part in said if part)


def _adjusted(found: Comparison) -> str:
    like = f"Like with like ({found.metric.stratum} and repository)"
    if found.adjusted is None:
        return f"{like}: too few or too uneven to say."
    return f"{like}: {within(found.adjusted.ratio)}, n {found.adjusted.units:,.0f}."


def _unknown(found: Comparison) -> list[str]:
    if not found.unknown.units or found.crude is None:
        return ["Nothing is unknown."]
    number = f"{found.unknown.units:,.0f}"
    all_ai = within(found.all_unknown_ai) if found.all_unknown_ai else "too few attested human to say"
    said = [f"All {number} unknown human: {ratio(found.crude.value)}, as shown; all AI: {all_ai}."]
    if found.bounds:
        said.append(f"However they are shared out: {span(found.bounds)}.")
    return said


def _attested(found: Comparison) -> str:
    if found.attested is None:
        return ""
    counts = f"n {found.ai.units:,.0f} / {found.human.units:,.0f}"
    like = f", like with like {within(found.attested_adjusted.ratio)}" if found.attested_adjusted else ""
    return f"Against attested human: {within(found.attested)}{like}, {counts}."


_AS_GOOD_AS_ONE = 1e-6


def ratio(number: float) -> str:
    """A ratio as people read it, fine enough to tell on which side of one it lies.

    >>> ratio(1.438), ratio(0.0712), ratio(23.4), ratio(1.003), ratio(0.99996)
    ('1.44', '0.07', '23', '1.003', '0.99996')
    """
    if number >= 10:
        return f"{number:.0f}"
    digits = 2
    while float(f"{number:.{digits}f}") == 1 and abs(number - 1) > _AS_GOOD_AS_ONE:
        digits += 1
    return f"{number:.{digits}f}"


def within(estimate: Estimate) -> str:
    """A ratio with its interval.

    >>> within(Estimate(1.438, 1.2, 1.71))
    '1.44 (1.20 to 1.71)'
    """
    return f"{ratio(estimate.value)} ({ratio(estimate.low)} to {ratio(estimate.high)})"


def span(bounds: Bounds) -> str:
    """Every ratio that is possible.

    >>> span(Bounds(0.31, 3.9)), span(Bounds(0.0, 3.9)), span(Bounds(1.2, float("inf"))), span(Bounds(0.0, float("inf")))
    ('0.31 to 3.90', 'at most 3.90', '1.20 or more', 'any ratio')
    """
    has_low = bounds.low >= 0.005  # below that it would read 0.00
    if isinf(bounds.high):
        return f"{ratio(bounds.low)} or more" if has_low else "any ratio"
    return f"{ratio(bounds.low)} to {ratio(bounds.high)}" if has_low else f"at most {ratio(bounds.high)}"


def _rate(metric: Metric, cell: Cell) -> str:
    estimate = measure.estimate(metric, cell)
    return wording.value(metric, estimate.value) if estimate else ("none" if not cell.units else wording.TOO_FEW)
