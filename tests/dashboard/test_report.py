"""The weekly report: one file that needs nothing else, with the numbers of the command line."""

import difflib
import json
import os
import re
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from dashboard import published, summary, wording
from dashboard.facts import Facts
from dashboard.report import weekly
from dashboard.summary import FIRST_ADOPTION, FIRST_QUALITY, View
from dashboard.theme import LIGHT
from metrics.comparison import inapplicable
from metrics.registry import ADOPTION_BY_HEADING, BY_KEY, METRICS, QUALITY, QUALITY_BY_HEADING
from tests.conftest import Warehouse
from tests.dashboard.conftest import Site, told

WEEK = date(2026, 11, 9)
EXPECTED = Path(__file__).with_name("weekly.md")
LOADING = {"src", "href", "srcset", "poster", "data", "action", "background", "xlink:href"}
HOSTILE = "<script>alert(1)</script> | `x` [a](http://evil.example) <img src=x onerror=alert(2)>"


class Html(HTMLParser):
    """What a report holds: its tags, what they load, its tiles and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.loads: set[str] = set()
        self.handlers: set[str] = set()
        self.tiles: dict[str, str] = {}
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.loads |= {value for name, value in held.items() if name in LOADING}
        self.handlers |= {name for name in held if name.startswith("on")}
        if "data-metric" in held:
            self.tiles[held["data-metric"]] = held["data-value"]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def written(shop: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The sample organisation's report of WEEK, written by the real command, by ending."""
    folder = tmp_path_factory.mktemp("report")
    said = told("report", "--week", "2026-W46", "--out", folder, "--settings", shop.settings)
    assert said.split("\n")[:-1] == [
        f"Wrote {folder / name}" for name in ("twinledger-2026-W46.html", "twinledger-2026-W46.md")
    ]
    assert sorted(file.name for file in folder.iterdir()) == ["twinledger-2026-W46.html", "twinledger-2026-W46.md"]
    return {ending: (folder / f"twinledger-2026-W46.{ending}").read_text("utf-8") for ending in ("html", "md")}


def report(warehouse: Warehouse, folder: Path, week: date = WEEK) -> tuple[Html, str]:
    """Both forms of the report of a warehouse that was filled by hand."""
    if not warehouse.rows("select * from organisation"):
        warehouse.add("organisation", name="Acme")
    html, markdown = weekly.write(warehouse.con, folder, week)
    return Html(html.read_text("utf-8")), markdown.read_text("utf-8")


def tiles(values: dict[str, float | None]) -> dict[str, str]:
    """The values of those metrics that have a tile."""
    first = (metric.key for metric in FIRST_ADOPTION + FIRST_QUALITY)
    return {key: "" if values[key] is None else repr(values[key]) for key in first}


def tables(markdown: str) -> list[list[str]]:
    """The cells of every row of every table."""
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]


def test_the_html_is_one_file_that_loads_nothing_and_runs_nothing(written: dict[str, str]) -> None:
    page = Html(written["html"])

    assert page.tags.isdisjoint({"script", "link", "iframe", "object", "embed", "base", "form", "video", "audio"})
    assert {address.partition(",")[0] for address in page.loads} == {"data:image/svg+xml"}
    assert page.handlers == set()
    assert re.findall(r"@import|@font-face|url\(", written["html"]) == []
    assert len(written["html"].encode()) < 200_000


def test_the_charts_mark_the_weeks_of_an_alarm_and_say_so(written: dict[str, str]) -> None:
    page = Html(written["html"])

    assert "Amber: diverging since 2026-W32." in page.text
    assert written["html"].count(f'fill="{LIGHT.warn_ground}"') == 2  # a band in each ledger


def test_both_forms_hold_both_ledgers_as_the_command_line_prints_them(written: dict[str, str], shop: Site) -> None:
    rows = json.loads(told("metrics", "--json", "--until", "2026-W46", "--settings", shop.settings))

    page = Html(written["html"])
    assert page.tiles == tiles({row["metric"]: row["value"] for row in rows})
    values = {cells[0].strip(): cells[1].strip() for cells in tables(written["md"]) if len(cells) == 4}
    for row in rows:
        metric = BY_KEY[row["metric"]]
        assert values[metric.title] == wording.value(metric, row["value"])
        assert f"{metric.title}{wording.value(metric, row['value'])}" in page.text.replace("\n", "")
    for metric in METRICS:
        assert metric.definition in written["md"].replace("\\", "")
        assert f"Known limits: {metric.limits}" in written["md"].replace("\\", "")


def test_each_number_stands_once_with_a_tile_or_below_its_heading(written: dict[str, str]) -> None:
    rows = [cells[0].strip() for cells in tables(written["md"]) if len(cells) == 4]
    first = [metric.title for metric in FIRST_ADOPTION + FIRST_QUALITY]
    groups = {"Adoption": ADOPTION_BY_HEADING, "Quality": QUALITY_BY_HEADING}

    below = []
    for ledger, headings in groups.items():
        for heading, metrics in headings.items():
            titles = [metric.title for metric in metrics if metric.title not in first]
            below += [f"**{ledger}: {heading}**", *titles] if titles else []
    assert [row for row in rows if row and set(row) != {"-"}] == first + below
    page = Html(written["html"]).text
    for row in below:
        assert row.strip("*") in page


def test_only_what_differs_beyond_noise_is_compared_beside_the_first_four(written: dict[str, str], shop: Site) -> None:
    with published.connect(shop.generation) as con:
        facts, view = Facts(con), View(until=WEEK)
        shown = [summary.headline(facts, metric, view) for metric in QUALITY if not inapplicable(metric)]
        found = {each.metric.title: summary.comparison(facts, each) for each in shown}
    told = {cells[0].strip(): cells[4].strip() for cells in tables(written["md"]) if len(cells) == 7}
    [quiet] = re.findall(r"^Within noise, or too few to say: (.*?)\. At 95 %", written["md"], re.MULTILINE)

    for title, comparison in found.items():
        is_loud = comparison is not None and comparison.is_beyond_noise
        is_first = title in {metric.title for metric in FIRST_QUALITY}
        assert (title in told) == (is_loud or is_first)
        assert (title in quiet.split("; ")) == (title not in told)


def test_every_part_of_a_page_is_in_both_forms(written: dict[str, str]) -> None:
    page, markdown = Html(written["html"]), written["md"]

    [sentence] = re.findall(r"^\*\*(.+)\*\*$", markdown, re.MULTILINE)
    assert sentence.startswith("Diverging since 2026-W32: ")
    assert sentence.replace(" %", "\N{NO-BREAK SPACE}%") in page.text
    for heading in (
        "AI-marked against the rest landed in the same period",
        "Incidents that began in 2026-W46",
        "What the numbers mean",
    ):
        assert heading in page.text
        assert f"## {heading}" in markdown
    assert page.tags >= {"svg", "polyline", "polygon", "table"}


def test_what_came_from_outside_is_text_in_both_forms(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.add("organisation", name=HOSTILE)
    warehouse.repo()
    warehouse.state("incidents")
    warehouse.incident(
        "INC-1", "2026-11-11", title=HOSTILE + "\n# heading\n", severity="<b>", service='"><svg onload=alert(3)>'
    )
    warehouse.incident('=HYPERLINK("http://evil.example")', "2026-11-12")
    warehouse.derive()
    page, markdown = report(warehouse, tmp_path)

    assert page.tags.isdisjoint({"script", "b><", "a"})
    assert page.handlers == set()
    assert page.text.count(HOSTILE) >= 3  # title, heading and incident
    assert {address for address in page.loads if not address.startswith("data:image/svg+xml,")} == set()
    # No mark-up of HTML or Markdown is left, and no cell was split.
    assert re.findall(r"<(?!/?$)\w", markdown) == []
    assert re.findall(r"(?<!\\)`|(?<!\\)\[|^# heading", markdown, re.MULTILINE) == []
    incidents = [cells for cells in tables(markdown) if len(cells) == 9][2:]
    assert [cells[0].strip() for cells in incidents] == ['=HYPERLINK("http://evil.example")', "INC-1"]


def test_a_week_without_any_data_says_so(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.derive()
    page, markdown = report(warehouse, tmp_path)

    assert set(page.tiles.values()) == {""}
    assert {cells[1].strip() for cells in tables(markdown) if len(cells) == 4} == {"value", "no data", "--:", ""}
    assert "Not enough data" in markdown
    assert "Needs usage logs" in markdown or "Needs a roster and usage logs" in markdown
    assert "Incidents: needs incidents" in markdown


def test_a_week_before_the_data_and_one_in_which_they_begin_print(shop: Site, tmp_path: Path) -> None:
    with published.connect(shop.generation) as con:
        for week in (date(2024, 1, 1), date(2025, 6, 2)):
            html, markdown = (file.read_text("utf-8") for file in weekly.write(con, tmp_path, week))
            shown = summary.headlines(Facts(con), View(until=week))
            expected = {key: summary.as_json(each)["value"] for key, each in shown.items()}
            assert Html(html).tiles == tiles(expected)
            assert f"both ledgers, {wording.week_name(week)}" in markdown
        assert "too few to say" in (tmp_path / "twinledger-2024-W01.md").read_text("utf-8")


def test_a_week_that_the_data_have_not_reached_is_not_reported(shop: Site, tmp_path: Path) -> None:
    told("report", "--week", "2031-W01", "--out", tmp_path, "--settings", shop.settings, code=1)

    assert list(tmp_path.iterdir()) == []


def test_the_report_prints_on_five_pages_at_most(
    written: dict[str, str], contexts: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(written["html"], "utf-8")
    asked: list[str] = []
    page = contexts(width=1100, scheme="dark", is_fresh=False).new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    printed = page.pdf(prefer_css_page_size=True)
    # Whatever ground the reader has, paper is white.
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.close()

    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 5
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_the_weekly_report_of_the_sample_is_as_it_was(written: dict[str, str]) -> None:
    # When a difference is wanted: RENEW=1 python -m pytest tests/dashboard/test_report.py, and read the diff.
    ingested_at = re.compile(r"(?<=: )[A-Z][a-z]{2} \d{2}, \d{2}:\d{2}$", re.MULTILINE)
    now = ingested_at.sub("(just now)", written["md"])
    if os.environ.get("RENEW"):
        EXPECTED.write_text(now, "utf-8")

    then = EXPECTED.read_text("utf-8")
    assert now == then, "\n".join(
        difflib.unified_diff(then.splitlines(), now.splitlines(), "weekly.md", "now", lineterm="")
    )
