"""How much of what landed has a record of who wrote it, and of what kind: over time, by repository and by team."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from markupsafe import Markup

from dashboard import svg, wording
from dashboard.answers import Answers
from dashboard.figures import Line, Panel
from dashboard.summary import TRAILING, Headline, Point
from dashboard.tables import Table
from dashboard.theme import Palette, mixed
from metrics import measure
from metrics.adoption.ai_change_share import AI_CHANGE_SHARE
from metrics.adoption.ai_line_share import AI_LINE_SHARE
from metrics.measure import WEEK, Window
from metrics.metric import Metric
from metrics.stats import Cell, level

_WEEKS = """
    select week, cohort, basis, sum(changes)::bigint as changes, sum(lines)::bigint as lines from coverage
    where week >= $since and week < $until and team != 'suppressed'
      and (len($repos) = 0 or list_contains($repos, repo)) and (len($teams) = 0 or list_contains($teams, team))
    group by all order by all
"""
_SPLIT = """
    select repo, team, cohort, basis, sum(changes)::bigint as changes, sum(lines)::bigint as lines from coverage
    where week >= $since and week < $until and team != 'suppressed'
      and (len($repos) = 0 or list_contains($repos, repo)) and (len($teams) = 0 or list_contains($teams, team))
    group by all order by all
"""
# What leads nowhere is of no repository and no team.
_LOGGED = """
    select coalesce(sum(minutes) filter (where item is not null), 0) as traced, coalesce(sum(minutes), 0) as logged
    from logged_minutes where started_at >= $since and started_at < $until and not is_effort
"""
KINDS = ("AI, recorded", "AI, declared", "AI, inferred", "Attested human", "Bots", "Assist only", "Unknown")
UNKNOWN = ("Assist only", "Unknown")
BASELINE = "Before AI tools"  # history: counted, and in no ratio
_OF_COHORT = {"human": "Attested human", "bot": "Bots", "baseline": BASELINE}


@dataclass
class Counts:
    """Of changes or of lines: how many have which kind of evidence."""

    by_kind: Counter[str] = field(default_factory=Counter)

    @property
    def whole(self) -> int:
        """All of the time of AI tools."""
        return sum(self.by_kind[kind] for kind in KINDS)

    @property
    def known(self) -> int:
        """Those with a record of who wrote them."""
        return self.whole - sum(self.by_kind[kind] for kind in UNKNOWN)


@dataclass
class Landed:
    """What landed somewhere, in changes and in code lines."""

    changes: Counts = field(default_factory=Counts)
    lines: Counts = field(default_factory=Counts)

    def add(self, row: Any) -> None:
        """Count a row of coverage."""
        self.changes.by_kind[kind(row.cohort, row.basis)] += row.changes
        self.lines.by_kind[kind(row.cohort, row.basis)] += row.lines


def kind(cohort: str, basis: str) -> str:
    """What a reader calls a cohort and what tells it.

    >>> kind("ai", "declared"), kind("human", "recorded"), kind("unknown", "assist"), kind("unknown", "none")
    ('AI, declared', 'Attested human', 'Assist only', 'Unknown')
    """
    if cohort == "ai":
        return f"AI, {basis}"
    if cohort == "unknown":
        return "Assist only" if basis == "assist" else "Unknown"
    return _OF_COHORT[cohort]


def by(rows: Iterable[Any], split: str) -> dict[Any, Landed]:
    """The counts for each value of a column of the rows."""
    found: dict[Any, Landed] = {}
    for row in rows:
        found.setdefault(getattr(row, split), Landed()).add(row)
    return found


def window_of(reading: Answers, window: Window) -> list[Any]:
    """What landed in the window, by repository, team and kind of evidence."""
    return reading.answer(_SPLIT, **_bound(reading, window))


def all_of(reading: Answers, window: Window) -> Landed:
    """What landed in the window, all together."""
    whole = Landed()
    for row in window_of(reading, window):
        whole.add(row)
    return whole


def panels(reading: Answers, until: date, weeks: int, palette: Palette) -> list[Panel]:
    """The share of changes and of lines by kind, week by week up to the Monday `until`: each the sum of the weeks behind it."""
    rows = reading.answer(_WEEKS, **_bound(reading, Window(until - WEEK * (weeks + TRAILING - 1), until)))
    landed = by(rows, "week")
    every = [until - WEEK * (back + 1) for back in range(weeks - 1, -1, -1)]
    changes = {week: each.changes for week, each in landed.items()}
    lines = {week: each.lines for week, each in landed.items()}
    # Counted in full, so that no interval stands where nothing was sampled.
    return [
        Panel(replace(AI_CHANGE_SHARE, title="Landed changes by what tells who wrote them", is_state=True),
              _lines(changes, every, palette), is_whole=True, has_legend=True),
        Panel(replace(AI_LINE_SHARE, title="Landed lines by what tells who wrote them", unit="landed line", is_state=True),
              _lines(lines, every, palette), is_whole=True, has_legend=True),
    ]  # fmt: skip


def _bound(reading: Answers, window: Window) -> dict[str, object]:
    chosen = reading.view.selection
    return {"since": window.since, "until": window.until, "repos": list(chosen.repos), "teams": list(chosen.teams)}


def _lines(counts: Mapping[date, Counts], every: list[date], palette: Palette) -> list[Line]:
    behind = [
        [counts[week - WEEK * back] for back in range(TRAILING) if week - WEEK * back in counts] for week in every
    ]
    colours = colours_of(palette)
    return [
        Line(name, [_point(week, name, found) for week, found in zip(every, behind, strict=True)], colours[name], name in UNKNOWN)
        for name in KINDS
        if any(each.by_kind[name] for found in behind for each in found)
    ]  # fmt: skip


def _point(week: date, name: str, found: list[Counts]) -> Point:
    n, d = sum(each.by_kind[name] for each in found), sum(each.whole for each in found)
    return Point(week, level(Cell(units=d, n=n, d=d)), Cell(units=n, n=n, d=d))


def colours_of(palette: Palette) -> dict[str, str]:
    """The colour of each kind: cohorts keep theirs, paler where what tells it is weaker."""
    pale = palette.panel
    colours = [palette.ai, mixed(palette.ai, pale, 0.6), mixed(palette.ai, pale, 0.35), palette.human, palette.rest]
    return dict(zip(KINDS, [*colours, mixed(palette.unknown, palette.ai, 0.6), palette.unknown], strict=True))


def legend(drawn: Iterable[Panel], palette: Palette) -> dict[str, tuple[str, bool]]:
    """The colour of each kind that is drawn, and whether it is hatched."""
    names = {line.name for panel in drawn for line in panel.lines}
    return {name: (colour, name in UNKNOWN) for name, colour in colours_of(palette).items() if name in names}


def sentence(landed: Landed) -> str:
    """The first sentence: how much has a record, counted both ways."""
    changes, lines = landed.changes, landed.lines
    if not changes.whole:
        return "Nothing landed in these weeks."
    return (
        f"{wording.share(changes.known, changes.whole)} of {changes.whole:,} landed changes, and "
        f"{wording.share(lines.known, lines.whole)} of {lines.whole:,} landed lines, have a record of who wrote them."
    )


def detail(landed: Landed, window: Window) -> str:
    """What tells it, kind by kind."""
    changes = landed.changes
    kinds = [f"{name} {changes.by_kind[name]:,}" for name in (*KINDS, BASELINE) if changes.by_kind[name]]
    return f"In {wording.weeks(window)}. Changes: {' · '.join(kinds)}. The unknown is in no cohort, and never human."


def logged(reading: Answers, window: Window) -> str:
    """How much of the time that people log leads to a change; nothing where nobody logs any."""
    [row] = reading.answer(_LOGGED, since=window.since, until=window.until)
    if not row.logged:
        return ""
    return (
        f"{wording.share(row.traced, row.logged)} of {row.logged / 60:,.0f} hours logged in these weeks, in all repositories, "
        "lead to a landed change through a ticket or an incident. Debug time is a share of these alone."
    )


def table(split: str, landed: Mapping[str, Landed], churn: Headline, palette: Palette) -> Table:
    """A row for each repository or team: how many changes have which kind of evidence, and the churn of the same ones.

    `split` is repo or team. An adoption figure never stands without one of quality.
    """
    cells, name_of = churn.split(split), {"repo": "Repository", "team": "Team"}[split]
    kinds = [kind for kind in (*KINDS, BASELINE) if any(each.changes.by_kind[kind] for each in landed.values())]
    heads = [f"<{name_of}", "Changes", "With a record", "<By evidence", *kinds, "Lines", "With a record", "Churn"]
    rows = []
    for name, each in sorted(landed.items(), key=lambda item: (-item[1].changes.by_kind["Unknown"], item[0])):
        changes, lines = each.changes, each.lines
        row = [name, f"{changes.whole:,}", wording.share(changes.known, changes.whole), _bar(changes, palette)]
        row += [f"{changes.by_kind[kind]:,}" for kind in kinds]
        row += [f"{lines.whole:,}", wording.share(lines.known, lines.whole)]
        rows.append([*row, _rate(churn.metric, cells.get(name, Cell()))])
    said = "The most unknown first. Bulk commits stay out; what landed before AI tools is in no share. Lines are code of source "
    said += "and tests."
    if churn.window:
        said += f" Churn: {churn.metric.title.lower()}, over {wording.weeks(churn.window)}."
    return f"By {name_of.lower()}", said, heads, rows


def _rate(metric: Metric, cell: Cell) -> str:
    estimate = measure.estimate(metric, cell)
    return f"{wording.value(metric, estimate.value)}, n {cell.units:,.0f}" if estimate else wording.TOO_FEW


def _bar(counts: Counts, palette: Palette) -> Markup:
    parts = [(counts.by_kind[name], colour, name in UNKNOWN) for name, colour in colours_of(palette).items()]
    said = ", ".join(f"{name} {counts.by_kind[name]:,}" for name in KINDS if counts.by_kind[name])
    return Markup('<img src="{}" alt="{}">').format(svg.data_uri(svg.shares(parts, palette)), said)
