"""The top bar in real Chromium: favourites."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from layouts import ids
from tests.e2e.faked import Faked, on_the_clock, served

pytestmark = pytest.mark.browser


@pytest.fixture
def faked() -> Iterator[Faked]:
    with served(on_the_clock()) as running:
        yield running


def opened(page: Page, faked: Faked, search: str = "") -> Page:
    page.goto(f"{faked.url}/{search}")
    expect(page).to_have_title(re.compile(r"z [+−]\d\.\d\d BTC/ETH · LIVE"), timeout=90_000)
    return page


def test_a_star_makes_a_favourite_that_the_search_offers_first(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    page.keyboard.press("/")
    page.keyboard.type("sol")
    expect(page.locator(f"#{ids.SEARCH_LIST}").get_by_role("option").first).to_have_attribute(
        "data-pair", "SOLUSDT-ETHUSDT"
    )
    page.keyboard.press("*")
    expect(
        page.locator(f"#{ids.SEARCH_LIST}").get_by_role("option", name=re.compile("^SOLUSDT . ETHUSDT.*favourite"))
    ).to_be_visible()
    page.locator("#search-input").fill("")
    favourites = page.locator(f"#{ids.SEARCH_LIST}").get_by_role("group", name="Favourites").get_by_role("option")
    expect(favourites.first).to_have_attribute("data-pair", "SOLUSDT-ETHUSDT")
    page.keyboard.press("Escape")
    assert any(one.pinned and one.query.y_symbol == "SOLUSDT" for one in faked.desk.keeping.watchlists()[0].pairs)
    page.keyboard.press("f")
    expect(page.locator(f"#{ids.STAR_TOLD}")).to_have_text("BTCUSDT / ETHUSDT is a favourite now.")
    page.keyboard.press("f")
    expect(page.locator(f"#{ids.STAR_TOLD}")).to_have_text(re.compile("is no favourite any more"))
