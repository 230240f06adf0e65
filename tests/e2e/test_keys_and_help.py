"""Keys, the sheet of keys, and the Help page in real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from analytics.definitions import SECTIONS
from layouts import ids, terms
from layouts.defined import slug
from layouts.keys import KEYS
from layouts.navigation import HELP
from tests.e2e.faked import Faked, on_the_clock, served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def faked() -> Iterator[Faked]:
    with served(on_the_clock()) as running:
        yield running


def opened(page: Page, faked: Faked, place: str = "/") -> Page:
    page.goto(f"{faked.url}{place}")
    expect(page.locator(f"#{ids.PAIR}")).to_contain_text("BTCUSDT")
    expect(page.locator(f"#{ids.BADGE}")).to_contain_text("LIVE", timeout=90_000)
    return page


def test_keys_swap_the_legs_and_choose_the_bars(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    page.keyboard.press("s")
    expect(page).to_have_url(re.compile("pair=ETHUSDT-BTCUSDT"))
    page.keyboard.press("2")
    expect(page).to_have_url(re.compile("tf=1m"))
    expect(page.get_by_role("radio", name="1m", exact=True)).to_be_checked()
    page.keyboard.press("1")
    expect(page).to_have_url(re.compile("tf=1s"))


def test_two_keys_lead_from_page_to_page_and_say_what_can_follow(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    for key, name in (("d", "data"), ("x", "diagnostics"), ("h", "help"), ("p", "pair")):
        page.keyboard.press("g")
        expect(page.locator(f"#{ids.KEY_HINT}")).to_contain_text("Go to Data")
        page.keyboard.press(key)
        expect(page.locator(f".page--{name}")).to_be_visible()
        expect(page.locator(f"#{ids.KEY_HINT}")).to_be_empty()
    expect(page).to_have_url(re.compile(r"/(\?|$)"))


def test_no_key_acts_while_something_is_typed(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked, "/?pair=BTCUSDT-ETHUSDT")
    box = page.locator(f"#{ids.WINDOW}")
    box.focus()
    page.keyboard.type("s2/?gd")
    expect(box).to_have_value(re.compile(r"s2/\?gd"))
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page).to_have_url(re.compile("pair=BTCUSDT-ETHUSDT$"))


def test_a_letter_that_is_no_key_begins_the_search_and_shift_does_with_any(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    page.keyboard.press("b")
    page.keyboard.type("tc")
    expect(page.locator("#search-input")).to_have_value("btc")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+S")
    page.keyboard.type("ol")
    expect(page.locator("#search-input")).to_have_value("sol")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("pair=SOLUSDT-ETHUSDT"))


def test_the_search_opens_a_pair_from_a_page_that_shows_none(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked, "/data")
    page.keyboard.press("s")  # there is nothing to swap here
    expect(page.locator("dialog[open]")).to_have_count(1)
    page.keyboard.type("ol")
    expect(page.locator("dialog[open]").get_by_role("option").first).to_contain_text("SOLUSDT")
    page.keyboard.press("Enter")
    expect(page.locator(".page--pair")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/\?pair=SOLUSDT-ETHUSDT"))


def test_the_sheet_of_keys_opens_and_closes(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    sheet = page.locator(f"#{ids.KEYS_SHEET}")
    page.keyboard.press("?")
    for key in KEYS:
        expect(sheet).to_contain_text(key.what)
    page.keyboard.press("s")  # the sheet is open: nothing happens behind it
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.get_by_role("button", name="Keys").click()
    expect(sheet).to_be_visible()
    sheet.get_by_role("button", name="Close").click()
    expect(sheet).to_be_hidden()
    expect(page.locator(f"#{ids.PAIR}")).to_contain_text("BTCUSDT / ETHUSDT")


def test_help_has_every_term_and_finds_one(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked, HELP.path)
    entries = page.locator(".glossary__entry")
    expect(entries).to_have_count(sum(len(section) for _, section in SECTIONS))
    page.locator(f"#{ids.GLOSSARY_FILTER}").fill("half of a deviation")
    expect(page.locator(f"#{ids.GLOSSARY_FOUND}")).to_have_text(re.compile(r"^\d+ of \d+ terms$"))
    expect(page.locator(f"#term-{slug(terms.HALF_LIFE)}")).to_be_visible()
    expect(page.locator(f"#term-{slug(terms.KPSS)}")).to_be_hidden()
    page.locator(f"#{ids.GLOSSARY_FILTER}").fill("nonsuch")
    expect(page.locator(f"#{ids.GLOSSARY_FOUND}")).to_have_text("Nothing holds “nonsuch”.")


def test_a_tooltip_leads_to_its_entry_by_pointer_and_by_key(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    entry = page.locator(f"#term-{slug(terms.HALF_LIFE)}")
    word = page.locator(f"#{ids.SPREAD_CARD} .defined[data-term={slug(terms.HALF_LIFE)}]")
    word.hover()
    page.locator(".tip:popover-open .tip__more").click()
    expect(page).to_have_url(re.compile(rf"/help.*#term-{slug(terms.HALF_LIFE)}$"))
    expect(entry).to_be_in_viewport()
    expect(entry).to_be_focused()
    page.go_back()
    expect(page.locator(".page--pair")).to_be_visible()
    word.focus()
    page.keyboard.press("Enter")
    expect(entry).to_be_focused()


def test_a_first_step_is_shown_and_ticked_and_stays_ticked(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked, HELP.path)
    page.get_by_role("checkbox").first.check()
    expect(page.locator(f"#{ids.STEPS_DONE}")).to_have_text("1 of 7 done")
    page.reload()
    expect(page.locator(f"#{ids.STEPS_DONE}")).to_have_text("1 of 7 done")
    page.locator(f"#{ids.STEPS} a").last.click()
    expect(page.locator(".page--data")).to_be_visible()


def test_help_fits_a_phone(watched_page: Page, faked: Faked) -> None:
    watched_page.set_viewport_size({"width": 390, "height": 844})
    page = opened_narrow(watched_page, faked)
    expect(page.locator(".glossary__entry").first).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    assert page.locator(".help").evaluate("one => one.scrollWidth <= one.clientWidth")


def opened_narrow(page: Page, faked: Faked) -> Page:
    page.goto(f"{faked.url}{HELP.path}")
    expect(page.locator(".page--help")).to_be_visible()
    return page
