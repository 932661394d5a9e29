"""The sentences of the pages and the report: one wording for both, and never "more" where noise would do."""

from collections.abc import Sequence
from datetime import date, datetime
from math import isnan
from typing import Protocol

from dashboard.scales import scale
from metrics.divergence import Movement, Verdict
from metrics.measure import WEEK, Window, monday
from metrics.metric import Metric
from metrics.stats import Estimate


class Point(Protocol):
    """A week of a series."""

    @property
    def week(self) -> date:
        """Its Monday."""

    @property
    def estimate(self) -> Estimate | None:
        """Its value, None where too little was counted."""


TOO_FEW = "too few to say"
SOURCES = {
    "git": "git history",
    "incidents": "incidents",
    "deployments": "deployments",
    "usage_days": "usage logs",
    "seats": "seats",
    "findings": "scans",
    "people": "a roster",
    "targets": "a target for weekly_active",
    "work_logs": "work logs",
    "weeks": "settled weeks from the first one asked for on",
    "group": "a group of at least privacy.minimum_group people",
}
COHORTS = {
    "ai": "AI-marked",
    "human": "Attested human",
    "unknown": "Unknown",
    "bot": "Bots",
    "baseline": "Before AI tools",
    "rest": "The rest",
}


def week_name(monday: date) -> str:
    """The ISO week that begins on a Monday.

    >>> week_name(date(2026, 11, 9))
    '2026-W46'
    """
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02d}"


def monday_of(text: str) -> date:
    """The Monday of an ISO week, or of the week that a day lies in.

    >>> monday_of("2026-W46"), monday_of("2026-11-11")
    (datetime.date(2026, 11, 9), datetime.date(2026, 11, 9))
    """
    try:
        return monday(date.fromisoformat(text)) if "W" not in text.upper() else week_monday(text)
    except ValueError:
        message = f"{text!r} is neither an ISO week nor a day. Write it as 2026-W46, or as 2026-11-09."
        raise ValueError(message) from None


def week_monday(name: str) -> date:
    """The Monday of a week like 2026-W46. Raises ValueError, saying how to write one.

    >>> week_monday("2026-W46")
    datetime.date(2026, 11, 9)
    """
    year, _, week = name.upper().partition("-W")
    try:
        return date.fromisocalendar(int(year), int(week), 1)
    except ValueError:
        message = f"{name!r} is not an ISO week. Write it as 2026-W46."
        raise ValueError(message) from None


def value(metric: Metric, number: float) -> str:
    """A value as people read it.

    >>> from metrics.registry import BY_KEY
    >>> value(BY_KEY["revert_rate"], 0.0791), value(BY_KEY["incident_rate"], 0.031), value(BY_KEY["recovery_time"], 135)
    ('7.9 %', '3.1', '2 h 15 min')
    """
    if metric.shown_as == "minutes":
        return minutes(number)
    shown = scale(metric)
    scaled = number * shown.factor
    if _is_small(metric, scaled):
        return _small(scaled)
    text = f"{scaled:,.0f}" if scaled >= 20 or (metric.is_repeated and metric.shown_as == "share") else f"{scaled:.1f}"
    return f"{shown.prefix}{text}{shown.suffix}"


def _is_small(metric: Metric, scaled: float) -> bool:
    """Whether one digit behind the point would hide what there is: of a thousand lines few have anything."""
    return metric.shown_as in ("per_1000", "per_10000") and 0 < scaled < 1


def _small(scaled: float) -> str:
    return f"{scaled:.2f}" if scaled >= 0.1 else f"{scaled:.3f}"


def minutes(number: float) -> str:
    """A duration.

    >>> minutes(42), minutes(135), minutes(3000)
    ('42 min', '2 h 15 min', '50 h')
    """
    whole = round(number)
    if whole < 60:
        return f"{whole} min"
    hours, rest = divmod(whole, 60)
    return f"{hours} h {rest} min" if rest and hours < 24 else f"{round(whole / 60)} h"


def quartiles(metric: Metric, found: tuple[float, float, float]) -> str:
    """The median with the quartiles around it.

    >>> from metrics.registry import BY_KEY
    >>> quartiles(BY_KEY["recovery_time"], (25.0, 60.0, 300.0))
    'median 1 h, half between 25 min and 5 h'
    """
    low, median, high = (value(metric, each) for each in found)
    return f"median {median}, half between {low.removesuffix(' %')} and {high}"


def interval(metric: Metric, estimate: Estimate) -> str:
    """The 95 % interval.

    >>> from metrics.registry import BY_KEY
    >>> interval(BY_KEY["revert_rate"], Estimate(0.08, 0.07, 0.089))
    '7.0 to 8.9 %'
    """
    if metric.is_state:
        return "counted in full"
    low, high = value(metric, estimate.low), value(metric, estimate.high)
    return f"{low.removesuffix(' %')} to {high}" if metric.shown_as == "share" else f"{low} to {high}"


def size(metric: Metric, change: float, beside: float) -> str:
    """How far a value moved, as finely as the value beside it is told."""
    if metric.shown_as == "minutes":
        return minutes(abs(change))
    shown = scale(metric)
    moved = abs(change) * shown.factor
    if _is_small(metric, beside * shown.factor):
        return _small(moved)
    points = f"{moved:,.0f}" if moved >= 10 else f"{moved:.1f}"
    if metric.shown_as != "share":
        return f"{shown.prefix}{points}"
    return f"{points} point" if points in ("1", "1.0") else f"{points} points"


def change(movement: Movement) -> str:
    """How a value moved against the window before, and whether that is beyond noise."""
    moved = movement.change
    if moved is None:
        return "too few before to compare" if movement.estimate else "too few to compare"
    arrow = "▲" if moved.value > 0 else "▼" if moved.value < 0 else "="
    assert movement.estimate is not None  # noqa: S101 - what moved has a value
    text = f"{arrow} {size(movement.metric, moved.value, movement.estimate.value)}"
    if movement.metric.is_state:
        return text
    if not moved.excludes_zero:
        return f"{text}, within noise"
    if movement.metric.better == "neither":
        return text
    return f"{text}, {'worse' if movement.is_worse else 'better'}"


def tone(movement: Movement) -> str:
    """How the change is coloured: bad, good, moved (adoption judges nothing) or flat."""
    moved = movement.change
    if moved is None or not moved.excludes_zero or movement.metric.is_state:
        return "flat"
    if movement.metric.better == "neither":
        return "moved"
    return "bad" if movement.is_worse else "good"


def counted(number: float, noun: str) -> str:
    """A count with its noun.

    >>> counted(1, "landed change"), counted(1412, "landed change"), counted(16, "person")
    ('1 landed change', '1,412 landed changes', '16 people')
    """
    if noun == "person" and round(number) != 1:
        return f"{number:,.0f} people"
    return f"{number:,.0f} {noun}" if round(number) == 1 else f"{number:,.0f} {noun}s"


def sample(movement: Movement) -> str:
    """What was counted: people where the same ones are seen every week, else units."""
    metric = movement.metric
    return counted(movement.now.units, "person" if metric.is_repeated else metric.unit)


def revised(metric: Metric, now: Estimate | None, was: Estimate | None, reasons: Sequence[tuple[str, datetime]]) -> str:
    """Both values of what is another number than it was when it settled, with the reasons; '' where they read the same.

    >>> from metrics.registry import BY_KEY
    >>> values = [Estimate(each, each, each) for each in (0.079, 0.074)]
    >>> revised(BY_KEY["revert_rate"], *values, [("late evidence", datetime(2026, 11, 20))])
    'revised: 7.9 % was 7.4 % (late evidence, 2026-11-20)'
    """
    texts = [value(metric, each.value) if each else TOO_FEW for each in (now, was)]
    if was is None or texts[0] == texts[1]:
        return ""
    return f"revised: {texts[0]} was {texts[1]} ({'; '.join(f'{reason}, {at:%Y-%m-%d}' for reason, at in reasons)})"


def missing(sources: list[str]) -> str:
    """Why there is no number.

    >>> missing(["usage_days", "people"])
    'needs usage logs and a roster'
    """
    return "needs " + " and ".join(SOURCES.get(source, source) for source in sources)


def was_to(movement: Movement) -> str:
    """The two values of a movement, "rose from 41 % to 79 %"; "went from" where it is within noise."""
    now, then, moved = movement.estimate, movement.before, movement.change
    if now is None or then is None or moved is None:
        return TOO_FEW
    old, new = value(movement.metric, then.value), value(movement.metric, now.value)
    if not moved.excludes_zero:
        return f"went from {old} to {new}, within noise"
    return f"{'rose' if moved.value > 0 else 'fell'} from {old} to {new}"


def share(part: float, whole: float) -> str:
    """A share with nothing hidden: no whole, no share.

    >>> share(31, 100), share(0, 0)
    ('31 %', 'none counted')
    """
    return "none counted" if not whole or isnan(whole) else f"{100 * part / whole:.0f} %"


def weeks(window: Window) -> str:
    """A window in words.

    >>> weeks(Window(date(2026, 8, 24), date(2026, 11, 16)))
    'the 12 weeks to 2026-W46'
    """
    last = week_name(window.until - WEEK)
    return f"the {window.weeks} weeks to {last}" if window.weeks > 1 else last


def verdict(said: Verdict, adoption: Movement, quality: Movement) -> str:
    """The first sentence of a page without an alarm: both ledgers, each with its own movement, neither netted."""
    used = f"{adoption.metric.phrase} {was_to(adoption)}"
    broke = f"{quality.metric.phrase} {was_to(quality)}"
    if said == "worse":
        return f"Quality worsened: {broke}; {used}."
    return f"{capital(used)}; {broke}."


def not_enough(adoption: Metric, quality: Metric, missing_sources: list[str]) -> str:
    """The first sentence where the ledgers cannot be laid side by side yet."""
    if missing_sources:
        return f"Not enough data to lay the ledgers side by side: that {missing(missing_sources)}."
    return f"Not enough data yet to compare {adoption.phrase} with {quality.phrase}."


def capital(text: str) -> str:
    """The text with a capital at its head, the rest as it is."""
    return text[:1].upper() + text[1:]


def listed(names: list[str]) -> str:
    """Names in a row.

    >>> listed(["search"]), listed(["search", "web", "ops"])
    ('search', 'search, web and ops')
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def series(metric: Metric, points: Sequence[Point]) -> str:
    """A series for those who cannot see it."""
    known = [point for point in points if point.estimate]
    if not known:
        return f"{metric.title}: {TOO_FEW} in any week."
    first, last = known[0], known[-1]
    ends = [f"{value(metric, p.estimate.value)} in {week_name(p.week)}" for p in (first, last) if p.estimate]
    return f"{metric.title}, week by week: from {ends[0]} to {ends[1]}."
