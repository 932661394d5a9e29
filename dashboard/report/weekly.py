"""The weekly report: one HTML file that needs nothing else, and the same in Markdown, from what the pages say."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
from markupsafe import Markup

from dashboard import covered, health, incidents, parts, summary, svg, wording
from dashboard.answers import Plain
from dashboard.summary import Headline, View
from dashboard.theme import LIGHT
from metrics import measure
from metrics.measure import WEEK
from metrics.registry import ADOPTION, QUALITY


def newest(con: duckdb.DuckDBPyConnection) -> date | None:
    """The Monday of the newest week that every source has seen to its end."""
    horizon = measure.horizons(con)
    horizon.pop("people", None)  # a roster is valid until it says otherwise
    return measure.monday(min(through for _, through in horizon.values())) - WEEK if horizon else None


def catch_up(con: duckdb.DuckDBPyConnection, folder: Path) -> list[Path]:
    """The newest complete week's report, where it has not been written yet."""
    week = newest(con)
    if week is None or _file(folder, week, "html").exists():
        return []
    return write(con, folder, week)


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
    answers = Plain(con, view)
    sides = summary.sides(con, view)
    known, changes = covered.landed(con, sides.quality if sides.quality.window else sides.adoption)
    sentence, detail = parts.verdict_texts(sides, known, changes)
    shown = summary.headlines(con, view)
    targets = {row.metric: row.value for row in answers.answer("select * from targets")}
    tiles = {key: parts.tile(each, covered.sentence(con, each), LIGHT, targets.get(key)) for key, each in shown.items()}
    return {
        "organisation": answers.answer("select name from organisation")[0].name,
        "week": wording.week_name(week),
        "days": f"{week:%B} {week.day} to {sunday:%B} {sunday.day}, {sunday.year}",
        "style": parts.style(),
        "verdict": {"tone": parts.tone_of(sides), "sentence": sentence, "detail": detail},
        "adoption": [tiles[metric.key] for metric in ADOPTION],
        "quality": [tiles[metric.key] for metric in QUALITY],
        "charts": [_chart(sides.adoption, targets), _chart(sides.quality, targets)],
        "comparison": [parts.compared(shown[metric.key], LIGHT) for metric in QUALITY],
        "chips": [{"mark": mark, "name": name, "text": text} for mark, name, text in health.chips(answers)],
        "incidents": incidents.between(answers, week, week + WEEK),
        "incident_heads": parts.headed(incidents.COLUMNS),
        "definitions": [*ADOPTION, *QUALITY],
    }


def _chart(shown: Headline, targets: dict[str, float]) -> Markup:
    colour = LIGHT.adoption if shown.metric.ledger == "adoption" else LIGHT.quality
    points = summary.series(shown)
    drawn = svg.panel(points, shown.metric.title, colour, LIGHT, targets.get(shown.metric.key)) if points else ""
    return Markup(drawn)  # noqa: S704 - drawn by us, its texts escaped
