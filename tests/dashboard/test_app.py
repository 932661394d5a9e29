"""Every page runs on whatever has been ingested, says what is missing, and shows no ledger without the other."""

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import streamlit as st
from markupsafe import escape
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard import accounts, commits, published, wording
from dashboard.answers import Plain
from dashboard.summary import FIRST_ADOPTION, FIRST_QUALITY, View
from metrics.adoption.quota_last_day import QUOTA_LAST_DAY
from metrics.adoption.target_distance import TARGET_DISTANCE
from metrics.metric import Metric
from metrics.quality.churn import CHURN
from metrics.registry import ADOPTION, ADOPTION_BY_HEADING, BY_KEY, METRICS, QUALITY
from tests.dashboard.conftest import Site

APP = Path(dashboard.__file__).parent / "app.py"
# The first one opens by itself, the others are switched to.
PAGES = sorted(
    (file.stem for file in (APP.parent / "app_pages").glob("*.py")), key=lambda page: (page != "overview", page)
)
WITH_LEDGERS = [page for page in PAGES if page not in ("explain", "health", "definitions", "wrong")]


@pytest.fixture(autouse=True)
def _nothing_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Caches outlive an AppTest, and the script that it makes `__main__`, which every process that is spawned would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


@dataclass(frozen=True)
class Shown:
    """What stood on a page."""

    text: str  # all that is HTML
    infos: list[str]
    code: list[str]
    figures: list[str]  # what each says it shows

    @property
    def tiles(self) -> dict[str, str]:
        return dict(re.findall(r'data-metric="(\w+)" data-value="([^"]*)"', self.text))

    @property
    def ledgers(self) -> set[str]:
        return {BY_KEY[key].ledger for key in self.tiles}


Run = Callable[..., dict[str, Shown]]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Opens the dashboard of a warehouse; the address's filters are keywords."""

    def on(warehouse: Path, **filters: str) -> AppTest:
        monkeypatch.setenv("TWINLEDGER_WAREHOUSE", str(warehouse))
        app = AppTest.from_file(str(APP), default_timeout=60)
        for name, value in filters.items():
            app.query_params[name] = value
        return app.run()

    return on


@pytest.fixture
def run(opened: Callable[..., AppTest]) -> Run:
    """Runs pages on a warehouse, one after the other."""

    def on(warehouse: Path, *pages: str, **filters: str) -> dict[str, Shown]:
        app = opened(warehouse, **filters)
        return {
            page: shown(app if page == "overview" else app.switch_page(f"app_pages/{page}.py").run()) for page in pages
        }

    return on


def shown(app: AppTest) -> Shown:
    assert not app.exception, app.exception
    return Shown(
        "\n".join(part.proto.body for part in app.get("html")),
        [info.value for info in app.info],
        [code.value for code in app.code],
        [figure.proto.alt for figure in app.get("plotly_chart")],
    )


def test_every_page_runs_on_the_sample(run: Run, shop: Site) -> None:
    seen = run(shop.warehouse, *PAGES)

    assert {page for page in PAGES if seen[page].ledgers == {"adoption", "quality"}} == set(WITH_LEDGERS)
    # Two columns of equal weight; every number has a card on the page of its ledger.
    assert set(seen["overview"].tiles) == {metric.key for metric in FIRST_ADOPTION + FIRST_QUALITY}
    assert set(seen["quality"].tiles) >= {metric.key for metric in QUALITY}
    assert set(seen["adoption"].tiles) >= {metric.key for metric in ADOPTION}
    assert "Diverging since 2026-W32: " in seen["overview"].text
    assert [page for page in PAGES if seen[page].figures] == ["overview", "coverage", "quality"]
    for metric in METRICS:
        assert str(escape(metric.definition)) in seen["definitions"].text
        assert str(escape(metric.limits)) in seen["definitions"].text
    assert seen["definitions"].code == [metric.sql.strip() for metric in METRICS]


def test_before_the_first_ingest_every_page_says_what_to_do(run: Run, tmp_path: Path) -> None:
    for page in run(tmp_path / "nothing", *PAGES).values():
        assert page.infos == ["Nothing has been ingested yet. Run `twinledger ingest`, then reload this page."]


def test_with_git_alone_every_page_says_what_the_rest_needs(run: Run, site: Callable[..., Site]) -> None:
    small = site()
    small.ingest()
    seen = run(small.warehouse, *PAGES)

    for page in WITH_LEDGERS:
        assert seen[page].ledgers == {"adoption", "quality"}
    overview = seen["overview"]
    assert {key for key, value in overview.tiles.items() if value} == {
        metric.key for metric in FIRST_ADOPTION + FIRST_QUALITY if metric.sources == ("git",)
    }
    assert set(re.findall(r"Needs [a-z ]+", overview.text)) == {
        "Needs a roster and usage logs", "Needs incidents", "Needs a roster and seats and usage logs",
        "Needs incidents and work logs", "Needs deployments", "Needs deployments and incidents", "Needs scans",
    }  # fmt: skip
    _assert_no_figure_stands_alone(seen)


def test_no_figure_shows_adoption_without_a_word_on_quality(run: Run, shop: Site) -> None:
    _assert_no_figure_stands_alone(run(shop.warehouse, "overview", "quality"))


def test_every_adoption_metric_is_drawn_above_the_quality_it_is_paired_with(run: Run, shop: Site) -> None:
    text = run(shop.warehouse, "adoption")["adoption"].text

    small = re.findall(
        r'<div class="small" data-metric="(\w+)".*?aria-label="([^"]*)".*?<p class="n">(.*?)</p>', text, re.DOTALL
    )
    assert [key for key, _, _ in small] == [metric.key for metric in ADOPTION]
    for key, said, note in small:
        pair = BY_KEY[key], BY_KEY[str(BY_KEY[key].paired_quality)]
        assert {metric for metric in METRICS if str(escape(metric.title)) in said} == set(pair)
        assert "settled to 2026-W" in note
    notes = {key: note for key, _, note in small}
    assert "2 of 3 tools tell what was rejected" in notes["acceptance"]
    assert "2 of 3 tools tell what they cost" in notes["spend"]
    headings = re.findall(r"<h3[^>]*>([^<]+)</h3>", text)
    assert [heading for heading in headings if heading in ADOPTION_BY_HEADING] == list(ADOPTION_BY_HEADING)


def test_a_team_that_games_its_quota_is_told_beside_the_harm_of_the_same_team(run: Run, shop: Site) -> None:
    text = run(shop.warehouse, "adoption")["adoption"].text

    table = text.partition("Who meets a target for its own sake")[2]
    rows = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in table.split("</tr>")[1:]]
    told = {cells[0]: [float(cell.partition(" ")[0]) for cell in cells[1:]] for cells in rows if cells}
    assert set(told) == {"payments", "search", "small teams"}
    assert re.search(r"\d % \(\d+ to \d+ %\), n 5<", table)
    for column in (1, 2, 4):  # just met, on the last day, and incidents
        assert told["payments"][column] > 3 * told["search"][column]


@pytest.mark.parametrize(
    ("metric", "behind"),
    [(QUOTA_LAST_DAY, "Counts people or their time: "), (TARGET_DISTANCE, "Counts people or their time: ")],
    ids=lambda each: getattr(each, "key", ""),
)
def test_what_is_behind_an_adoption_metric_is_told_by_team_and_week_and_never_by_person(
    metric: Metric, behind: str, opened: Callable[..., AppTest], shop: Site
) -> None:
    app = opened(shop.warehouse).switch_page("app_pages/adoption.py").run()
    app.session_state[f"details-{metric.key}"] = True
    app = app.run()
    seen = shown(app)

    assert seen.code == [metric.sql.strip()]
    assert behind in seen.text + " ".join(caption.value for caption in app.caption)
    assert "Team by team" in seen.text
    assert str(escape(metric.definition)) in seen.text
    with published.connect(shop.generation) as con:
        people = {person for (person,) in con.execute("select person from people").fetchall()}
    assert people
    assert not [person for person in people if person in seen.text]
    _assert_no_figure_stands_alone({"adoption": seen})


def test_every_quality_metric_is_drawn_by_cohort_below_adoption_and_says_what_it_counts(run: Run, shop: Site) -> None:
    text = run(shop.warehouse, "quality")["quality"].text

    small = re.findall(
        r'<div class="small" data-metric="(\w+)".*?aria-label="([^"]*)".*?<p class="n">(.*?)</p>', text, re.DOTALL
    )
    assert [key for key, _, _ in small] == [metric.key for metric in QUALITY]
    for key, said, note in small:
        titles = {metric for metric in METRICS if str(escape(metric.title)) in said}
        assert {metric.ledger for metric in titles} == {"adoption", "quality"}
        assert BY_KEY[key] in titles
        assert "settled to 2026-W" in note
        assert f" {BY_KEY[key].unit}s · " in note
    drawn = dict(re.findall(r'data-metric="(\w+)"(.*?)(?=<div class="small"|\Z)', text, re.DOTALL))
    by_cohort = {key for key, part in drawn.items() if "AI-marked" in part and "The rest" in part}
    # A snapshot is of no cohort, and incidents with a cause are too few to tell their recovery and reach by cohort.
    too_few = {"recovery_time", "blast_users", "blast_minutes", "blast_incident_services"}
    assert by_cohort >= {metric.key for metric in QUALITY} - {"duplication"} - too_few
    # Those that wait for lines to grow old are provisional for the longest.
    assert {key for key, part in drawn.items() if 'class="open"' in part} >= {"churn", "churn_90", "incident_rate"}


def test_a_drawer_is_empty_until_it_is_opened_and_then_holds_all_that_may_be_asked(
    opened: Callable[..., AppTest], shop: Site
) -> None:
    app = opened(shop.warehouse).switch_page("app_pages/quality.py").run()
    closed = shown(app)
    app.session_state["details-churn"] = True
    seen = shown(app.run())

    assert (closed.code, len(closed.figures)) == ([], 1)
    assert seen.code == [CHURN.sql.strip()]
    assert len(seen.figures) == 2
    more = seen.text.replace(closed.text, "")
    for part in (
        CHURN.definition,
        CHURN.settlement,
        CHURN.limits,
        CHURN.denominator,
        "Team by team",
        "Landed changes of these weeks",
    ):
        assert str(escape(part)) in more
    _assert_no_figure_stands_alone({"quality": seen})


def _assert_no_figure_stands_alone(seen: dict[str, Shown]) -> None:
    figures = [(name, said) for name, page in seen.items() for said in page.figures]
    assert figures
    for name, said in figures:
        # What is known of who wrote what stands where adoption does elsewhere.
        above = {"adoption"} if name != "coverage" else set()
        assert {metric.ledger for metric in METRICS if metric.title in said} == {*above, "quality"}, said


def test_a_source_that_failed_is_named_with_its_last_good_run(run: Run, site: Callable[..., Site]) -> None:
    small = site(
        "people.csv", "usage_days.csv", more='\n[[repositories]]\nname = "gone"\nlocation = "nowhere/gone.git"\n'
    )
    first = {outcome.source: outcome for outcome in small.ingest()}
    shutil.rmtree(small.folder / "drop")
    small.ingest()
    seen = run(small.warehouse, "overview", "health")

    good_at = f"last good run {first['people'].started_at:%Y-%m-%d %H:%M}"
    for page in seen.values():
        chips = dict(re.findall(r'<i class="dot failed"></i>([^<]+) <b>([^<]+)</b>', page.text))
        assert chips["git gone"] == "never read"
        assert chips["seats"] == "never read"
        assert (chips["people"], chips["usage_days"]) == (good_at, good_at)
        assert "git shop-search" not in chips
    assert "nowhere/gone.git does not exist" in seen["health"].text
    # What the failed source gave before stays.
    assert seen["overview"].tiles["weekly_active"] != ""


def test_a_file_that_was_never_there_is_not_said_to_be_read(run: Run, site: Callable[..., Site]) -> None:
    small = site("people.csv")
    small.ingest()

    health = run(small.warehouse, "health")["health"].text
    assert re.findall(r'<i class="dot (\w*)"></i>([^<]+) <b>', health) == [
        ("ok", "attribution shop-search"), ("ok", "git shop-search"), ("ok", "people"),
    ]  # fmt: skip


def test_filters_of_the_address_that_nothing_offers_are_left_aside(
    run: Run, opened: Callable[..., AppTest], shop: Site
) -> None:
    app = opened(shop.warehouse, repo="<script>", team="nobody", weeks="7", until="yesterday")

    assert [box.value for box in app.multiselect] == [[], []]
    assert [box.value for box in app.selectbox] == [12, "newest settled"]
    everything = shown(app).tiles
    assert everything == run(shop.warehouse, "overview")["overview"].tiles
    # And those that it does offer reach every number.
    narrowed = run(shop.warehouse, "overview", team="payments", weeks="26")["overview"].tiles
    assert {key for key in everything if everything[key] == narrowed[key]} == set()


def test_a_page_follows_to_the_next_generation(opened: Callable[..., AppTest], site: Callable[..., Site]) -> None:
    small = site("people.csv")
    small.ingest()
    app = opened(small.warehouse)
    before = shown(app).text
    small.settings.write_text(small.settings.read_text().replace("shop-search", "shop-found", 1))
    small.ingest()  # the connection to the old generation is still open, and blocks nothing

    after = shown(app.run()).text
    assert "git shop-search" in before
    assert "git shop-found" in after
    assert "git shop-search" not in after


# The page that explains


@pytest.fixture
def explained(opened: Callable[..., AppTest]) -> Callable[..., Shown]:
    """What the page says to a reader who follows a link."""

    def on(site: Site, **asked: str) -> Shown:
        return shown(opened(site.warehouse, **asked).switch_page("app_pages/explain.py").run())

    return on


def test_a_commit_is_explained_on_a_page_in_the_words_of_the_command(
    explained: Callable[..., Shown], shop: Site
) -> None:
    with published.connect(shop.generation) as con:
        query = "select sha from commit_cohorts where repo = 'shop-web' and cohort = $cohort order by sha limit 1"
        shas = {cohort: con.execute(query, {"cohort": cohort}).fetchall()[0][0] for cohort in ("ai", "bot", "unknown")}
        found = {cohort: commits.find(Plain(con, View()), "shop-web", sha) for cohort, sha in shas.items()}

    for cohort, about in found.items():
        seen = explained(shop, of="shop-web", what=shas[cohort][:10])
        assert str(escape(accounts.verdict(about))) in seen.text
        for _, said in accounts.paragraphs(about):
            assert str(escape(said)) in seen.text
        for row in accounts.evidence(about):
            for said in row[1:]:
                assert str(escape(wording.capital(said))) in seen.text
        assert seen.code == []


def test_before_anything_is_asked_the_newest_changes_are_on_offer(explained: Callable[..., Shown], shop: Site) -> None:
    text = explained(shop, of="shop-search").text

    found = re.findall(
        r'<a href="explain\?of=shop-search&amp;what=([0-9a-f]{40})" target="_self">([0-9a-f]{12})</a>', text
    )
    assert len(found) == 20
    assert all(sha.startswith(short) for sha, short in found)
    assert "Choose a repository" in explained(shop).text


def test_what_is_asked_for_and_is_not_there_is_told_and_never_shown_as_markup(
    explained: Callable[..., Shown], shop: Site
) -> None:
    problems = {
        "0000000": "shop-web has no commit 0000000, and no evidence about one.",
        "commit:<b>": "&#39;&lt;b&gt;&#39; is no commit&#39;s name.",
        "--help": "&#39;--help&#39; is no commit&#39;s name.",
    }
    for what, said in problems.items():
        seen = explained(shop, of="shop-web", what=what)
        assert said in seen.text
        assert "<b>&#39;" not in seen.text
