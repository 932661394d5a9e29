"""The weekly report: one HTML file that needs nothing else, and the same in Markdown, from what the pages say."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from markupsafe import Markup

from dashboard import bands, comparisons, covered, health, incidents, parts, sides, summary, svg, verdicts, wording
from dashboard.answers import Plain
from dashboard.bands import Band
from dashboard.facts import Facts
from dashboard.summary import FIRST_ADOPTION, FIRST_QUALITY, Headline, View
from dashboard.theme import LIGHT
from metrics import measure
from metrics.measure import WEEK
from metrics.registry import ADOPTION, ADOPTION_BY_HEADING, QUALITY, QUALITY_BY_HEADING

MISSED = 12  # weeks that are caught up at most


def newest(con: duckdb.DuckDBPyConnection) -> date | None:
    """The Monday of the newest complete week: seen to its end by every source, or by the others a week ago."""
    through = _through(con)
    # Nobody waits longer for a source that lags: its tiles name the week that they are settled for.
    return max(measure.monday(min(through)) - WEEK, measure.monday(max(through)) - 2 * WEEK) if through else None


def reach(con: duckdb.DuckDBPyConnection) -> tuple[date, date] | None:
    """The first and the last day of which any source speaks."""
    horizon = measure.horizons(con)
    if not horizon:
        return None
    return min(since.date() for since, _ in horizon.values()), max(through.date() for _, through in horizon.values())


def _through(con: duckdb.DuckDBPyConnection) -> list[datetime]:
    horizon = measure.horizons(con)
    horizon.pop("people", None)  # a roster is valid until it says otherwise
    return [through for _, through in horizon.values()]


def catch_up(con: duckdb.DuckDBPyConnection, folder: Path) -> list[Path]:
    """The reports of the complete weeks since the last one written; the newest alone where none is."""
    last = newest(con)
    if last is None:
        return []
    weeks = [last - WEEK * back for back in range(MISSED)]
    done = next((number for number, week in enumerate(weeks) if _file(folder, week, "html").exists()), 1)
    return [file for week in reversed(weeks[:done]) for file in write(con, folder, week)]


def write(con: duckdb.DuckDBPyConnection, folder: Path, week: date) -> list[Path]:
    """Write a week's report as HTML and Markdown; returns the files."""
    figures = contents(con, week)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for ending in ("html", "md"):
        file = _file(folder, week, ending)
        draft = file.with_name(f".{file.name}")
        draft.write_text(parts.environment().get_template(f"report.{ending}").render(figures), "utf-8")
        draft.replace(file)  # whoever mails the folder on never finds half a report
        files.append(file)
    return files


def _file(folder: Path, week: date, ending: str) -> Path:
    return folder / f"twinledger-{wording.week_name(week)}.{ending}"


def contents(con: duckdb.DuckDBPyConnection, week: date) -> dict[str, Any]:
    """Everything a report says, for both of its forms."""
    view, sunday = View(until=week), week + timedelta(days=6)
    answers, facts = Plain(con, view), Facts(con)
    both = sides.sides(facts, view)
    known, changes = covered.landed(con, both.quality if both.quality.window else both.adoption)
    sentence, detail = verdicts.texts(both, known, changes)
    episodes = sides.bands(facts, view, both.adoption.metric, both.quality.metric)
    shown = summary.headlines(facts, view)
    begun = incidents.between(answers, week, week + WEEK)
    targets = {row.metric: row.value for row in answers.answer("select * from targets")}
    tiles = {key: parts.tile(each, covered.sentence(con, each), LIGHT, targets.get(key)) for key, each in shown.items()}
    return {
        "organisation": answers.answer("select name from organisation")[0].name,
        "week": wording.week_name(week),
        "days": f"{week:%B} {week.day} to {sunday:%B} {sunday.day}, {sunday.year}",
        "style": parts.style(),
        "verdict": {"tone": verdicts.tone(both), "sentence": sentence, "detail": detail},
        "first_adoption": [tiles[metric.key] for metric in FIRST_ADOPTION],
        "first_quality": [tiles[metric.key] for metric in FIRST_QUALITY],
        "others": _others(tiles),
        "other_heads": parts.headed(["<Number", "Value", "<Change", "<"]),
        "charts": [_chart(side, targets, episodes) for side in (both.adoption, both.quality)],
        "episodes": [each.word for each in episodes],
        "comparison": comparisons.short_table(
            [(each, summary.comparison(facts, each)) for each in shown.values() if each.metric in QUALITY], LIGHT
        ),
        "chips": [{"mark": mark, "name": name, "text": text} for mark, name, text in health.chips(answers)],
        "incidents": begun,
        "incidents_title": f"Incidents that began in {wording.week_name(week)}: {len(begun)}"
        if "incidents" in facts.horizon
        else f"Incidents: {wording.missing(['incidents'])}",
        "incident_heads": parts.headed(incidents.COLUMNS),
        "definitions": [*ADOPTION, *QUALITY],
    }


def _others(tiles: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The metrics that have no tile, below the headings that they have on their pages."""
    groups = []
    for ledger, headings in (("Adoption", ADOPTION_BY_HEADING), ("Quality", QUALITY_BY_HEADING)):
        for heading, metrics in headings.items():
            rest = [tiles[metric.key] for metric in metrics if metric not in FIRST_ADOPTION + FIRST_QUALITY]
            rows = [[tile[name] for name in ("title", "value", "change", "note")] for tile in rest]
            groups += [{"title": f"{ledger}: {heading}", "rows": rows}] if rows else []
    return groups


def _chart(shown: Headline, targets: dict[str, float], episodes: Sequence[Band]) -> Markup:
    colour = LIGHT.ledger(shown.metric.ledger)
    points = summary.series(shown)
    known = [point.estimate for point in points if point.estimate]
    last = wording.value(shown.metric, known[-1].value) if known else wording.TOO_FEW
    if not points:
        return Markup()
    axis = points[0].week, points[-1].week
    spans = [bands.span(each, *axis) for each in bands.within(episodes, *axis)]
    drawn = svg.panel(points, shown.metric.title, colour, LIGHT, targets.get(shown.metric.key), last, spans=spans)
    return Markup(drawn)  # noqa: S704 - drawn by us, its texts escaped
