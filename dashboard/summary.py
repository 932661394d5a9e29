"""What the pages, the report and the command line say about a metric, made once for all of them.

Knows nothing of screens: a summary is read from a published generation and drawn elsewhere.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

import pandas as pd

from dashboard import wording
from dashboard.facts import Facts
from metrics import measure, values
from metrics.comparison import Comparison, compare, inapplicable
from metrics.divergence import Movement
from metrics.measure import WEEK, Selection, Window
from metrics.metric import Metric
from metrics.registry import BY_KEY, METRICS
from metrics.stats import Cell, Estimate
from metrics.values import BEGIN

WEEKS = 12
TRAILING = 4  # weeks behind each point of a weekly series of changes: one week holds too few
SHOWN = 26  # weeks a series reaches back at least
# The ledgers at equal size: four of each. The others stand in tables and on their page.
FIRST_ADOPTION = tuple(BY_KEY[key] for key in ("weekly_active", "ai_line_share", "ai_change_share", "seat_use"))
FIRST_QUALITY = tuple(BY_KEY[key] for key in ("churn", "incident_rate", "refactor_ratio", "copy_paste"))


@dataclass(frozen=True)
class View:
    """What a reader looks at: repositories, teams, and `weeks` weeks up to `until` or as far as the data are settled.

    With `since` the weeks from there on, however many they are.
    """

    selection: Selection = field(default_factory=Selection)
    weeks: int = WEEKS
    until: date | None = None  # the Monday of the last week wanted
    since: date | None = None  # that of the first


@dataclass(frozen=True)
class Headline:
    """A metric over a view. Without its sources, or before anything is settled, there is a reason and no movement."""

    metric: Metric
    view: View
    missing: tuple[str, ...]
    window: Window | None
    cells: pd.DataFrame  # week by week, as far back as the data go
    now: pd.DataFrame  # the sums of the window: cells, or people where they are seen week after week
    then: pd.DataFrame  # those of the window before
    minimum_group: int = 1
    quartiles: tuple[float, float, float] | None = None
    revision: "Revision | None" = None

    @cached_property
    def movement(self) -> Movement | None:
        """The window against the one before."""
        if self.window is None:
            return None
        return Movement(self.metric, self._sum(self.spoken(self.now)), self._sum(self.spoken(self.then)))

    @property
    def revised(self) -> str:
        """What the value was when its weeks settled, and why it is another now, in words; '' where it reads the same."""
        if self.revision is None or self.movement is None:
            return ""
        return wording.revised(self.metric, self.movement.estimate, self.revision.was, self.revision.reasons)

    @cached_property
    def teams(self) -> dict[str, Movement]:
        """The movement of each team."""
        now, then = (self._shown(self.spoken(rows), "team") for rows in (self.now, self.then))
        return {
            str(team): Movement(self.metric, self._sum(now[now["team"] == team]), self._sum(then[then["team"] == team]))
            for team in sorted({*now["team"], *then["team"]})
        }

    def split(self, column: str) -> dict[str, Cell]:
        """The window's sums for each value of a split."""
        rows = self.now if column == "cohort" else self.spoken(self.now)
        return {str(value): self._sum(part) for value, part in self._shown(rows, column).groupby(column, sort=True)}

    def spoken(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows that a single number is about: all, or those of one cohort where a unit has a row for each."""
        cohort = self.metric.speaks_of
        return rows if cohort is None else rows[rows["cohort"] == cohort]

    def _shown(self, rows: pd.DataFrame, column: str) -> pd.DataFrame:
        """The rows with small groups of people shown together, or left out where even they are too few.

        The next smallest joins a group that is too small, so that the total less the rest gives nobody away.
        """
        if not self.metric.is_repeated or rows.empty:
            return rows
        people = {str(name): int(count) for name, count in rows.groupby(column)["person"].nunique().items()}
        together: list[str] = []
        for name in sorted(people, key=lambda name: (people[name], name)):
            if people[name] < self.minimum_group or 0 < sum(people[each] for each in together) < self.minimum_group:
                together.append(name)
        is_together = rows[column].isin(together)
        if rows[is_together]["person"].nunique() < self.minimum_group:
            return rows[~is_together]
        return rows.assign(**{column: rows[column].where(~is_together, "small groups")})

    def _sum(self, rows: pd.DataFrame) -> Cell:
        return measure.total_of_clusters(rows) if self.metric.is_repeated else measure.total(rows)


@dataclass(frozen=True)
class Revision:
    """The weeks of a window as they were stored when each of them settled, where any of their cells is another now.

    The rule: a window's value is the ratio of its sums; what it was is the ratio of the sums that were stored when its weeks
    settled. It is shown as revised where the two read differently as printed (`wording.revised`), and only where there was
    enough to tell a value then. Whatever happened in between and was undone is in `metric_values`, and not said.
    """

    was: Estimate | None  # None: there was too little to say
    reasons: tuple[tuple[str, datetime], ...]  # each with when it last changed a cell of the window, newest first


@dataclass(frozen=True)
class Point:
    """A week of a series; no estimate where too little was counted: a gap is drawn as a gap."""

    week: date
    estimate: Estimate | None
    cell: Cell


def headline(facts: Facts, metric: Metric, view: View, last: date | None = None) -> Headline:
    """The metric over the view; `last` holds it back to an earlier week than its own last settled one."""
    missing = tuple(measure.missing(metric, facts.horizon))
    settled = measure.last_settled_week(metric, facts.horizon)
    wanted = [week for week in (settled, view.until, last) if week is not None]
    nothing = pd.DataFrame(columns=[*measure.SPLITS, *measure.SUMS])
    if missing or settled is None:
        return Headline(metric, view, missing, None, nothing, nothing, nothing)
    window = Window.ending(min(wanted), view.weeks)
    if view.since is not None:
        window = Window(view.since, window.until)
    if window.weeks <= 0:
        return Headline(metric, view, ("weeks",), None, nothing, nothing, nothing)
    cells = measure.within(view.selection.of(metric, facts.cells(metric)), Window(BEGIN, window.until))
    if cells.empty and facts.is_hidden(metric):
        return Headline(metric, view, ("group",), None, cells, cells, cells)
    if metric.is_state:
        now, then = (measure.latest(cells, until) for until in (window.until, window.since))
    elif metric.is_repeated:
        people = view.selection.of(metric, facts.people(metric))
        cells = cells[cells["week"].isin(_weeks_of_enough(people, facts.minimum_group))]
        now, then = (measure.within(people, each) for each in (window, window.before))
        if 0 < now["person"].nunique() < facts.minimum_group:
            return Headline(metric, view, ("group",), None, cells[:0], now[:0], then[:0])
        if then["person"].nunique() < facts.minimum_group:
            then = then[:0]
    else:
        now, then = (measure.within(cells, each) for each in (window, window.before))
    units = view.selection.of(metric, facts.sizes(metric)) if metric.has_quartiles else None
    middle = None if units is None else measure.quartiles(measure.within(units, window))
    shown = Headline(metric, view, (), window, cells, now, then, facts.minimum_group, middle)
    return replace(shown, revision=_revision(shown, view.selection.of(metric, facts.revised(metric))))


def _weeks_of_enough(people: pd.DataFrame, minimum_group: int) -> pd.Series:
    """The weeks with a group that is large enough to show."""
    each = people.groupby("week")["person"].nunique()
    return each.index[each >= minimum_group].to_series()


def _revision(shown: Headline, revised: pd.DataFrame) -> Revision | None:
    """What the window was when its weeks settled, None where it is what it was; `revised` as `values.revised` gives it."""
    assert shown.window is not None  # noqa: S101 - asked of what has a window only
    before = measure.within(shown.spoken(revised), Window(BEGIN, shown.window.until))
    of_window = before if shown.metric.is_state else measure.within(before, shown.window)
    if of_window.empty:
        return None
    was = values.as_settled(shown.spoken(shown.cells), before)
    rows = measure.latest(was, shown.window.until) if shown.metric.is_state else measure.within(was, shown.window)
    last = of_window.groupby("reason")["revised_at"].max().sort_values(ascending=False)
    reasons = tuple((str(reason), pd.Timestamp(at).to_pydatetime()) for reason, at in last.items())
    return Revision(measure.estimate(shown.metric, measure.total(rows)), reasons)


def headlines(facts: Facts, view: View) -> dict[str, Headline]:
    """Every metric over the view."""
    return {metric.key: headline(facts, metric, view) for metric in METRICS}


def comparison(facts: Facts, shown: Headline) -> Comparison | None:
    """AI-marked against the rest over the window of a headline; None where there is no window, or no cohorts to compare."""
    if shown.window is None or inapplicable(shown.metric):
        return None
    unknown = shown.view.selection.of(shown.metric, facts.unknown(shown.metric))
    return compare(shown.metric, shown.now, measure.within(unknown, shown.window))


def series(shown: Headline, cells: pd.DataFrame | None = None, weeks: int | None = None) -> list[Point]:
    """The metric week by week: the week itself where people repeat, a state at its end, else the TRAILING weeks' sum."""
    if shown.window is None:
        return []
    frame = shown.spoken(shown.cells) if cells is None else cells
    length = weeks or max(SHOWN, 2 * shown.window.weeks)
    every = [shown.window.until - WEEK * (back + 1) for back in range(length - 1, -1, -1)]
    if shown.metric.is_state:
        sums = measure.states(frame, every)
    else:
        sums = measure.trailing(frame, every, 1 if shown.metric.is_repeated else TRAILING)
    return [Point(week, measure.estimate(shown.metric, cell), cell) for week, cell in zip(every, sums, strict=True)]


def as_json(shown: Headline) -> dict[str, Any]:
    """What `twinledger metrics --json` prints of a metric."""
    metric, movement = shown.metric, shown.movement
    answer: dict[str, Any] = {
        "metric": metric.key,
        "version": metric.version,
        "ledger": metric.ledger,
        "title": metric.title,
    }
    answer |= {"paired_quality": metric.paired_quality} if metric.paired_quality else {}
    answer |= {"cohort": metric.speaks_of} if metric.speaks_of else {}
    if movement is None or shown.window is None:
        return answer | {"value": None, "missing": list(shown.missing)}
    answer |= {"since": shown.window.since.isoformat(), "until": shown.window.until.isoformat(), "missing": []}
    answer |= _estimated(movement.estimate, movement.now)
    change = movement.change
    if shown.revision and shown.revision.was and shown.revised:
        reasons = [{"reason": reason, "on": f"{at:%Y-%m-%d}"} for reason, at in shown.revision.reasons]
        answer["revised"] = {"was": shown.revision.was.value, "reasons": reasons}
    if shown.quartiles and movement.estimate:
        answer["quartiles"] = list(shown.quartiles)
    answer["change"] = None if change is None else {"value": change.value, "low": change.low, "high": change.high}
    return answer | {"before": _estimated(movement.before, movement.then)}


def _estimated(estimate: Estimate | None, cell: Cell) -> dict[str, Any]:
    counts = {"units": cell.units, "numerator": cell.n, "denominator": cell.d, "events": cell.events}
    if estimate is None:
        return {"value": None, "low": None, "high": None, **counts}
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high, **counts}


def table(shown: Headline, split: str) -> list[dict[str, Any]]:
    """A row for each value of a split, with its estimate and counts."""
    rows = []
    for name, cell in shown.split(split).items():
        rows.append({split: name, **_estimated(measure.estimate(shown.metric, cell), cell)})
    return rows
