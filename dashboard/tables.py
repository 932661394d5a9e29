"""Tables of the pages and the report: both ledgers in the same rows."""

from collections.abc import Sequence

import pandas as pd

from dashboard import links, wording
from dashboard.summary import Headline
from metrics.divergence import Movement

_TOGETHER = "Teams of fewer people than privacy.minimum_group are shown together."
Table = tuple[str, str, Sequence[str], Sequence[Sequence[object]]]  # title, small print, heads, rows


def side_by_side(adoption: Headline, quality: Headline) -> Table:
    """Both metrics team by team: an adoption figure never stands without the quality of the same team."""
    using, breaking = adoption.teams, quality.teams
    heads = ["<Team", adoption.metric.title, "95 %", "Change", quality.metric.title, "95 %", "Change", "n"]
    rows = []
    for team in sorted({*using, *breaking}):
        used, broke = using.get(team), breaking.get(team)
        counts = " / ".join(f"{each.now.units:,.0f}" if each else "0" for each in (used, broke))
        rows.append(["all" if team == "*" else team, *_cells(used), *_cells(broke), counts])
    return "Team by team", _weeks(adoption, quality), heads, rows


def teams(title: str, sub: str, shown: Sequence[Headline]) -> Table:
    """Several metrics team by team, with the weeks of each in the small print."""
    rows = [
        ["all" if team == "*" else team, *(_told(each.teams.get(team)) for each in shown)]
        for team in sorted({team for each in shown for team in each.teams})
    ]
    return title, f"{sub} {_spans(shown)}", ["<Team", *(each.metric.title for each in shown)], rows


def _spans(shown: Sequence[Headline]) -> str:
    """The weeks of several metrics and what is counted in them, those that are alike together."""
    titles: dict[str, list[str]] = {}
    for each in shown:
        span = (
            f"{wording.weeks(each.window)}, n in {_counted(each)}"
            if each.window
            else wording.missing(list(each.missing))
        )
        titles.setdefault(span, []).append(each.metric.title)
    said = [f"{wording.capital(span)}: {'; '.join(alike)}." for span, alike in titles.items()]
    return " ".join([*said, _TOGETHER])


def _told(movement: Movement | None) -> str:
    """A value with its interval and how many were counted."""
    value, interval, _ = _cells(movement)
    return f"{value} ({interval}), n {movement.now.units:,.0f}" if movement and interval else value


def units(shown: Headline, found: pd.DataFrame) -> Table:
    """The units that weigh most, by name: a number can be followed to what it counts."""
    metric = shown.metric
    rows = [
        [
            wording.week_name(week),
            repo,
            team,
            wording.COHORTS.get(cohort, ""),
            _unit(metric.unit, repo, unit),
            f"{n:,.6g}",
            f"{d:,.6g}",
        ]
        for week, repo, team, cohort, unit, n, d in found.to_numpy().tolist()
    ]
    sub = f"The {len(rows)} with the largest numerator: {metric.numerator}. Denominator: {metric.denominator}."
    heads = ["<Week", "<Repository", "<Team", "<Cohort", "<Unit", "Numerator", "Denominator"]
    return f"{wording.capital(metric.unit)}s of these weeks", sub, heads, rows


def _unit(kind: str, repo: str, name: str) -> str:
    """A change's name leads to what is known of it; that of a team's week is short enough."""
    if kind == "team-week":
        return name
    return links.commit(repo, name) if kind == "landed change" else name[: links.SHORT]


def _cells(movement: Movement | None) -> tuple[str, str, str]:
    """The value, its interval and its change."""
    if movement is None or not movement.now.units:
        return "none", "", ""
    estimate = movement.estimate
    if estimate is None:
        return wording.TOO_FEW, "", ""
    metric = movement.metric
    return wording.value(metric, estimate.value), wording.interval(metric, estimate), wording.change(movement)


def _counted(shown: Headline) -> str:
    """What the n of a metric is a number of."""
    return wording.counted(2, "person" if shown.metric.is_repeated else shown.metric.unit).removeprefix("2 ")


def _weeks(adoption: Headline, quality: Headline) -> str:
    said = []
    for shown in (adoption, quality):
        if shown.window:
            span = f"{wording.weeks(shown.window)}, against the {shown.window.weeks} before"
            said.append(f"{shown.metric.title}: {span}, n in {_counted(shown)}")
        else:
            said.append(f"{shown.metric.title}: {wording.missing(list(shown.missing))}")
    return ". ".join([*said, _TOGETHER])
