"""The symbol search in real Chromium: opened from anywhere, answered in the browser, by keys, mouse and finger."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from analytics.market import Listing
from layouts import ids
from tests.e2e.faked import Faked, on_the_clock, served
from tests.screen_fake import LISTINGS

pytestmark = pytest.mark.browser

COINS = ("AVAX", "1000SHIB", "1000PEPE", "BCH", "BNB", "DOGE", "ETHW", "ETC", "LINK", "LTC", "1MBABYDOGE", "WBETH")


@pytest.fixture(scope="module")
def faked() -> Iterator[Faked]:
    desk = on_the_clock()
    more = [Listing(f"{coin}USDT", coin, "USDT", 0.001, 0.1, 3) for coin in COINS]
    dollars = [Listing(f"{coin}USDC", coin, "USDC", 0.1, 0.1, 1) for coin in ("BTC", "ETH")]
    desk.listed = (*LISTINGS[:3], *more, *dollars, *LISTINGS[4:])
    with served(desk) as running:
        yield running


def opened(page: Page, faked: Faked, search: str = "?pair=BTCUSDT-ETHUSDT") -> Page:
    page.goto(f"{faked.url}/{search}")
    expect(page).to_have_title(re.compile(r"z "), timeout=90_000)
    return page


def searched(page: Page, typed: str) -> Locator:
    """The options for what is typed, the dialog being opened by its key."""
    page.keyboard.press("/")
    page.keyboard.type(typed)
    return page.locator(f"#{ids.SEARCH_LIST}").get_by_role("option")


def pairs(options: Locator) -> list[str]:
    return [str(one.get_attribute("data-pair")) for one in options.all()]


@pytest.mark.parametrize(
    "typed", ["sol avax", "SOL/AVAX", "SOLUSDT-AVAXUSDT", "sol,avax", "SOL/USDT AVAX/USDT", "solavax"]
)
def test_a_pair_is_found_however_it_is_written(watched_page: Page, faked: Faked, typed: str) -> None:
    page = opened(watched_page, faked)
    expect(searched(page, typed).first).to_have_attribute("data-pair", "SOLUSDT-AVAXUSDT")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?pair=SOLUSDT-AVAXUSDT&tf=1s&window=300&intercept=1$"))
    expect(page.locator(f"#{ids.PAIR}")).to_have_text(re.compile("SOLUSDT / AVAXUSDT"))
    expect(page).to_have_title(re.compile("SOL/AVAX"))


def test_the_whole_name_comes_first_then_its_beginning_then_a_part_and_tether_before_others(
    watched_page: Page, faked: Faked
) -> None:
    page = opened(watched_page, faked, "?pair=SOLUSDT-AVAXUSDT")
    options = searched(page, "eth")
    expect(options.first).to_be_visible()
    firsts = [
        pair.split("-")[0]
        for pair in pairs(
            page.locator(f"#{ids.SEARCH_LIST}").get_by_role("group", name="Other symbols").get_by_role("option")
        )
    ]
    assert pairs(options)[:2] == ["ETHUSDT-AVAXUSDT", "SOLUSDT-ETHUSDT"]
    assert firsts == ["ETHUSDC", "ETHWUSDT", "WBETHUSDT"]


def test_both_quotes_of_a_pair_are_alike_before_they_are_mixed(watched_page: Page, faked: Faked) -> None:
    options = searched(opened(watched_page, faked), "btc eth")
    expect(options.first).to_be_visible()
    found = pairs(options)
    assert found[0] == "BTCUSDT-ETHUSDT"
    assert found.index("BTCUSDC-ETHUSDC") < found.index("BTCUSDT-ETHUSDC")


def test_a_coin_that_is_listed_by_the_thousand_is_found_by_its_name(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    expect(searched(page, "shib").first).to_have_attribute("data-pair", "1000SHIBUSDT-ETHUSDT")
    page.locator("#search-input").fill("babydoge")
    expect(page.locator(f"#{ids.SEARCH_LIST}").get_by_role("option").first).to_have_attribute(
        "data-pair", "1MBABYDOGEUSDT-ETHUSDT"
    )


def test_one_symbol_is_offered_with_each_leg_shown(watched_page: Page, faked: Faked) -> None:
    options = searched(opened(watched_page, faked), "sol")
    expect(options.first).to_be_visible()
    assert pairs(options)[:2] == ["SOLUSDT-ETHUSDT", "BTCUSDT-SOLUSDT"]


def test_an_unknown_symbol_is_told_with_the_nearest_ones(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    options = searched(page, "bnbb")
    expect(page.locator(f"#{ids.SEARCH_TOLD}")).to_have_text("No symbol is called “BNBB”. Did you mean one of these?")
    expect(options.first).to_have_attribute("data-pair", "BNBUSDT-ETHUSDT")
    page.locator("#search-input").fill("zzqqxxyy")
    expect(page.locator(f"#{ids.SEARCH_TOLD}")).to_have_text("No symbol is called “ZZQQXXYY”.")
    expect(options).to_have_count(0)
    page.locator("#search-input").fill("btc btc")
    expect(page.locator(f"#{ids.SEARCH_TOLD}")).to_have_text("A pair needs two different symbols.")


def test_arrows_choose_enter_opens_escape_closes_and_gives_the_focus_back(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    page.locator(f"#{ids.PAIR}").click()
    box = page.get_by_role("combobox", name="Symbols of the pair")
    expect(box).to_be_focused()
    page.keyboard.type("sol")
    options = page.locator(f"#{ids.SEARCH_LIST}").get_by_role("option")
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", str(options.nth(1).get_attribute("id")))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator(f"#{ids.SEARCH}")).to_be_hidden()
    expect(page.locator(f"#{ids.PAIR}")).to_be_focused()
    expect(page).to_have_url(re.compile("BTCUSDT-ETHUSDT"))


def test_a_fixed_ratio_stays_with_the_pair_that_it_was_fixed_for(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked, "?pair=BTCUSDT-ETHUSDT&tf=5s&window=120&intercept=0&hedge=fixed&ratio=15.2")
    searched(page, "sol avax")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?pair=SOLUSDT-AVAXUSDT&tf=5s&window=120&intercept=0$"))


def test_recent_pairs_are_offered_before_anything_is_typed(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    searched(page, "sol avax")
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("SOL/AVAX"))
    page.keyboard.press("/")
    recent = page.locator(f"#{ids.SEARCH_LIST}").get_by_role("group", name="Recent").get_by_role("option")
    expect(recent.first).to_have_attribute("data-pair", "BTCUSDT-ETHUSDT")
    expect(recent.first).to_contain_text("live")
    recent.first.click()
    expect(page).to_have_url(re.compile("BTCUSDT-ETHUSDT"))


def test_the_search_works_with_a_finger_on_a_phone(watched_page: Page, faked: Faked) -> None:
    watched_page.set_viewport_size({"width": 390, "height": 844})
    page = opened(watched_page, faked)
    page.locator(f"#{ids.PAIR}").click()
    page.keyboard.type("sol avax")
    option = page.locator(f"#{ids.SEARCH_LIST}").get_by_role("option").first
    box = option.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    option.click()
    expect(page).to_have_url(re.compile("SOLUSDT-AVAXUSDT"))
