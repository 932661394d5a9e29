"""The sample organisation's pages in a real browser, held against the numbers of the command line."""

import functools
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

import dashboard
from dashboard.theme import DARK, LIGHT
from metrics.registry import METRICS
from tests.dashboard.conftest import Site, Visit, told

PAGES = sorted(file.stem for file in (Path(dashboard.__file__).parent / "app_pages").glob("*.py"))
WITHOUT_LEDGERS = {"explain", "health", "definitions", "wrong"}
HOSTILE = ("Checkout shows <script>alert(1)</script> in the coupon field", '=HYPERLINK("http://refunds.example.com"')

Open = Callable[..., Visit]


@functools.cache
def numbers(shop: Site, *filters: str) -> dict[str, str]:
    """What the real command says of every metric, as the tiles write it."""
    rows = json.loads(told("metrics", "--json", *filters, "--settings", shop.settings))
    return {row["metric"]: "" if row["value"] is None else repr(row["value"]) for row in rows}


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"


def address(server: str, page: str) -> str:
    return f"{server}/{'' if page == 'overview' else page}"


def test_the_first_screen_leads_to_every_page_and_has_words_for_all_that_is_drawn(server: str, visit: Open) -> None:
    window = visit(server)
    page = window.page

    paths = window.read("[...document.querySelectorAll('[data-testid=stTopNavLink]')].map(link => link.pathname)")
    assert sorted(path.strip("/") or "overview" for path in paths) == PAGES
    expect(page.get_by_test_id("stPlotlyChart").first).to_have_attribute("aria-label", re.compile("week by week: from"))
    assert page.locator('.tl img:not([alt]), .tl img[alt=""]').count() == 0


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_the_numbers_of_the_command_line_in_both_ledgers_and_fits_a_phone(
    page: str, server: str, shop: Site, visit: Open
) -> None:
    window = visit(address(server, page))
    shown, printed = window.numbers(), numbers(shop)

    assert shown == {key: printed[key] for key in shown}
    if page not in WITHOUT_LEDGERS:
        assert {metric.ledger for metric in METRICS if metric.key in shown} == {"adoption", "quality"}
    if page == "quality":
        assert set(shown) >= {metric.key for metric in METRICS if metric.ledger == "quality"}

    window.page.set_viewport_size({"width": 390, "height": 844})
    window.page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollWidth <= 390")


def test_the_list_of_definitions_leads_to_each_of_them(server: str, visit: Open) -> None:
    window = visit(address(server, "definitions"))
    page = window.page
    card = page.locator(".st-key-definition-incident_rate h3")
    expect(card).not_to_be_in_viewport()

    page.get_by_role("link", name="Incidents per 100 changes, 30 days", exact=True).click()

    expect(card).to_be_in_viewport()
    links = "[...document.querySelectorAll('.tl td a[href^=\"#\"]')]"
    ends = window.read(f"{links}.map(link => document.querySelectorAll(link.hash + ' dl').length)")
    assert ends == [1] * len(METRICS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_first_screen_fits_and_follows_the_readers_ground(
    server: str, visit: Open, width: int, scheme: str
) -> None:
    window = visit(server, width=width, scheme=scheme)
    palette = DARK if scheme == "dark" else LIGHT

    # Waited for: a page under load may still be laying itself out.
    fits = """width => [document.documentElement, document.querySelector('[data-testid=stMain]')]
        .every(element => element.scrollWidth <= width)"""
    window.page.wait_for_function(fits, arg=width)
    expect(window.page.get_by_test_id("stApp")).to_have_css("background-color", rgb(palette.ground))
    expect(window.page.locator(".tl .tile").first).to_have_css("background-color", rgb(palette.panel))
    # The figure is drawn by the server, which learns of the ground from the page.
    expect(window.page.locator(f'.js-line[style*="stroke: {rgb(palette.adoption)}"]').first).to_be_visible()


def test_a_filter_changes_the_numbers_and_the_address_and_the_address_brings_them_back(
    server: str, shop: Site, visit: Open
) -> None:
    window = visit(server)
    page = window.page
    filters = page.locator(".st-key-filters")
    before = window.numbers()
    assert before

    filters.get_by_test_id("stMultiSelect").filter(has_text="Repositories").locator("input").click()
    page.get_by_role("option", name="shop-payments").click()
    filters.get_by_test_id("stSelectbox").filter(has_text="Weeks").locator("input").click()
    page.get_by_role("option", name="26").click()

    expected = numbers(shop, "--repo", "shop-payments", "--weeks", "26")
    for key in before:
        expect(page.locator(f'[data-metric="{key}"]')).to_have_attribute("data-value", expected[key])
    expect(page).to_have_url(re.compile(r"\?(repo=shop-payments&weeks=26|weeks=26&repo=shop-payments)$"))
    assert {key for key in before if expected[key] == before[key]} == set()

    # As somebody else would open the link, on every page that has numbers.
    assert visit(page.url, is_fresh=True).numbers() == {key: expected[key] for key in before}
    page.get_by_test_id("stTopNavLink").filter(has_text="Quality").click()
    expect(page).to_have_url(re.compile(r"/quality\?.*repo=shop-payments"))
    window.settle()
    expect(page.locator('[data-metric="revert_rate"]')).to_have_attribute("data-value", expected["revert_rate"])


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        ("team=payments", ["--team", "payments"]),
        ("repo=shop-search&repo=shop-web", ["--repo", "shop-search", "--repo", "shop-web"]),
        ("until=2026-W30&weeks=4", ["--until", "2026-W30", "--weeks", "4"]),
    ],
)
def test_a_deep_link_shows_what_the_command_prints_for_the_same_filters(
    query: str, filters: list[str], server: str, shop: Site, visit: Open
) -> None:
    window = visit(f"{server}/?{query}")

    shown, printed = window.numbers(), numbers(shop, *filters)
    assert shown == {key: printed[key] for key in shown}
    assert window.page.url.endswith(query)


def test_what_came_from_outside_is_shown_as_text(server: str, visit: Open) -> None:
    window = visit(f"{server}/incidents")

    for title in HOSTILE:
        expect(window.page.get_by_role("cell").filter(has_text=title)).to_have_count(1)
    assert window.page.locator('[data-testid="stMain"] script, a[href*="refunds.example.com"]').count() == 0


def test_the_filters_are_reached_and_set_with_the_keyboard(server: str, visit: Open) -> None:
    window = visit(server)
    page = window.page
    where = "document.activeElement.closest('[data-testid=stMultiSelect]')?.innerText ?? ''"
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate(where).startswith("Repositories"):
            break
    assert page.evaluate(where).startswith("Repositories")

    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"\?repo=shop-"))
    window.settle()


def test_a_change_is_explained_by_following_its_link_and_by_sending_the_address_on(server: str, visit: Open) -> None:
    window = visit(f"{server}/explain?of=shop-web")
    page = window.page
    link = page.locator('.tl a[href^="explain?"]').first
    name = link.inner_text()

    link.click()
    expect(page.locator(".tl .verdict p")).to_contain_text(f"{name} on main of shop-web")
    expect(page).to_have_url(re.compile(rf"/explain\?of=shop-web&what={name}[0-9a-f]{{28}}$"))
    phone = visit(page.url, width=390, scheme="dark", is_fresh=True).page
    expect(phone.locator(".tl .verdict p")).to_contain_text(f"{name} on main of shop-web")
    phone.wait_for_function("document.querySelector('[data-testid=stMain]').scrollWidth <= 390")
    phone.get_by_label("A commit, seven digits").fill("0000000")
    phone.keyboard.press("Enter")
    expect(phone.locator(".tl .verdict h1")).to_have_text("There is no answer.")
