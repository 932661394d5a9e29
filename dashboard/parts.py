"""The pieces a page is made of, as HTML that the pages and the report share. Everything from outside is escaped."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dashboard import svg, theme, verdicts, wording
from dashboard.sides import Sides
from dashboard.summary import Headline, series
from dashboard.theme import Palette
from metrics.measure import WEEK
from metrics.metric import Metric
from metrics.registry import ADOPTION

Html = Markup
_MARKDOWN = re.compile(r"([\\`*_\[\]|#])")


@cache
def environment() -> Environment:
    """The templates; what a template does not know is an error, and every value is escaped."""
    made = Environment(
        autoescape=True,
        loader=PackageLoader("dashboard"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Markdown lets HTML through, so that is escaped too; quotes may stay, and with them no # of an entity is in the way.
    made.filters["md"] = lambda text: Markup(_MARKDOWN.sub(r"\\\1", escape(text, quote=False)).replace("\n", " "))  # noqa: S704
    # A number and its % stand in one line however narrow the page is.
    made.filters["unbroken"] = lambda text: text.replace(" %", "\N{NO-BREAK SPACE}%")
    made.filters["zip"] = lambda left, right: zip(left, right, strict=True)
    return made


def style() -> Html:
    """The style sheet of all pieces."""
    source, *_ = environment().loader.get_source(environment(), "style.css")  # type: ignore[union-attr]
    return Markup(f"<style>{theme.css_variables()}{source}</style>")  # noqa: S704 - a file of ours


def _part(name: str, *values: Any) -> Html:
    module = environment().get_template("parts.html").module
    return Markup(f'<div class="tl">{getattr(module, name)(*values)}</div>')  # noqa: S704 - escaped by the template


def verdict(sides: Sides, known: int, changes: int) -> Html:
    """The first sentence of a page, and how sure it is."""
    sentence, detail = verdicts.texts(sides, known, changes)
    return _part("verdict", {"tone": verdicts.tone(sides), "sentence": sentence, "detail": detail})


def said(sentence: str, detail: str) -> Html:
    """The first sentence of a page that raises no alarm, and its small print."""
    return _part("verdict", {"tone": "calm", "sentence": sentence, "detail": detail})


def legend(colours: Mapping[str, tuple[str, bool]]) -> Html:
    """What each colour means; a colour may be hatched."""
    kinds = [{"name": name, "colour": each, "hatched": hatched} for name, (each, hatched) in colours.items()]
    return _part("legend", kinds)


def tile(shown: Headline, coverage: str, palette: Palette, target: float | None = None) -> dict[str, Any]:
    """What a tile says: the value, its change, and below it the interval, the sample, the week and the coverage."""
    metric, movement = shown.metric, shown.movement
    made: dict[str, Any] = {"key": metric.key, "title": metric.title, "is_words": True, "exact": ""}
    made |= {"change": "", "tone": "flat", "spark": "", "alt": ""}
    if movement is None or shown.window is None:
        return made | {"value": "no data", "note": wording.capital(wording.missing(list(shown.missing)))}
    points = series(shown)
    week = wording.week_name(shown.window.until - WEEK)
    estimate = movement.estimate
    notes = [wording.interval(metric, estimate)] if estimate else []
    if shown.quartiles and estimate:
        notes.append(wording.quartiles(metric, shown.quartiles))
    notes += [wording.sample(movement), f"settled to {week}", *([shown.revised] if shown.revised else [])]
    notes += [f"target {wording.value(metric, target)} dashed"] if target is not None else []
    made |= {"note": " · ".join([*notes, *([coverage] if coverage else [])])}
    if any(point.estimate for point in points):
        made |= {
            "spark": svg.data_uri(svg.spark(points, palette.ledger(metric.ledger), palette, target)),
            "alt": wording.series(metric, points),
        }
    if estimate is None:
        return made | {"value": wording.TOO_FEW}
    made |= {"value": wording.value(metric, estimate.value), "exact": repr(estimate.value), "is_words": False}
    return made | {"change": wording.change(movement), "tone": wording.tone(movement)}


def ledgers(
    adoption: Sequence[dict[str, Any]], quality: Sequence[dict[str, Any]], heads: Sequence[dict[str, Any]] = ()
) -> Html:
    """Both ledgers at equal size; on a phone the two numbers of the first sentence stand side by side above them."""
    module = environment().get_template("parts.html").module
    firsts = Markup("").join(getattr(module, "head")(each) for each in heads)  # noqa: B009 - a macro
    body = getattr(module, "ledgers")(adoption, quality)  # noqa: B009 - a macro
    above = Markup('<div class="heads">{}</div>').format(firsts) if heads else ""
    return Markup(f'<div class="tl">{above}{body}</div>')  # noqa: S704 - escaped by the template


def ledger_row(name: str, title: str, tiles: Sequence[dict[str, Any]]) -> Html:
    """A ledger in one row, for the head of a page that is about the other."""
    return _part("ledger_row", name, title, tiles)


def ledger(name: str, title: str, sub: str) -> Html:
    """The heading of a ledger whose metrics follow one by one."""
    return _part("head_of_ledger", name, title, sub)


def small(tile: dict[str, Any], figure: dict[str, Any] | None, said: str) -> Html:
    """A metric with its small multiple; `said` tells those who cannot see it what is drawn."""
    return _part("small", tile, figure, said)


def number(tile: dict[str, Any], title: str = "") -> Html:
    """What a tile says, in a line: for the head of a figure that is about it, or with a title where it is about another."""
    return _part("number", tile, title)


def comparison(table: dict[str, Any]) -> Html:
    """AI-marked against the rest that landed in the same period, one row a metric that has cohorts."""
    return _part("comparison", table)


def grid(title: str, sub: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Html:
    """A table; a head that begins with `<` stands left, with `<<` it also wraps."""
    return _part("grid", title, sub, headed(heads), [list(row) for row in rows])


def headed(heads: Sequence[str]) -> list[dict[str, Any]]:
    """How the columns under these heads stand."""
    return [{"title": head.lstrip("<"), "left": head.startswith("<"), "wrap": head.startswith("<<")} for head in heads]


def strip(chips: Sequence[tuple[str, str, str]]) -> Html:
    """Chips of (mark, name, text); the mark is ok, failed or nothing."""
    return _part("strip", [{"mark": mark, "name": name, "text": text} for mark, name, text in chips])


def heading(title: str, sub: str = "") -> Html:
    """The heading of a card, or of some."""
    return _part("heading", title, sub)


def _too_few(metric: Metric) -> str:
    if metric.is_state:
        return "never: it is counted in full"
    return f"below {metric.minimum_units} units; a ratio of cohorts also below {metric.minimum_events} events in either"


def facts(title: str, sentence: str, rows: Sequence[tuple[str, str]], name: str = "") -> Html:
    """What is known of something, by name; links of the page may lead to `name`."""
    return _part("definition", title, sentence, rows, name)


def definition(metric: Metric) -> Html:
    """Everything a sceptic may ask of a metric."""
    pair = metric.paired_quality or "; ".join(each.key for each in ADOPTION if each.paired_quality == metric.key)
    rows = [
        ("Known limits", metric.limits),
        ("Key", f"{metric.key}, version {metric.version}"),
        ("Unit", metric.unit),
        ("Numerator", metric.numerator),
        ("Denominator", metric.denominator),
        ("Split by", metric.stratum),
        ("Better", metric.better),
        ("Counts when", metric.settlement),
        ("Needs", " and ".join(wording.SOURCES[source] for source in metric.sources)),
        ("Too few", _too_few(metric)),
        ("Shown with", pair or "both ledgers"),
    ]
    return facts(metric.title, metric.definition, rows, metric.key)
