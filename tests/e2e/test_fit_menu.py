"""The menu of the fit and the definitions of the words, in real Chromium on the real product."""

from __future__ import annotations

import re
from functools import partial

import pytest
from playwright.sync_api import Locator, Page, expect

from layouts import ids, terms
from tests.e2e.conftest import Running
from tests.e2e.test_page import card, drawn, opened
from tests.fakes import wait_until

pytestmark = pytest.mark.browser

_TIP = """() => [...document.querySelectorAll('.tip:popover-open')].map((tip) => tip.getBoundingClientRect())
  .map((at) => [at.left, at.top, at.right, at.bottom])"""


def method(page: Page, name: str) -> Locator:
    return page.locator(f"#{ids.HEDGE} label", has_text=re.compile(f"^{name}"))


def open_menu(page: Page) -> None:
    page.locator(".topbar .fit__summary").click()
    expect(page.locator(".topbar .fit__panel")).to_be_visible()


def spread_of(page: Page) -> object:
    return next(y for name, _, y, *_ in drawn(page) if name == "spread")


def test_choosing_kalman_changes_chart_card_and_address(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running)
    before = card(page, ids.HEDGE_CARD).inner_text()
    open_menu(page)
    method(page, "Kalman").click()
    expect(page).to_have_url(re.compile(r"&hedge=kalman$"))
    expect(page.locator(f"#{ids.FIT_LABEL}")).to_have_text("Kalman · price")
    expect(page.locator(f"#{ids.HEDGE_CARD}")).to_contain_text("Kalman")
    expect(page.locator(f"#{ids.READOUTS['zscore']}")).to_contain_text("standardised innovation")
    expect(page.locator(f"#{ids.ADF_CARD}")).to_contain_text("not applicable")
    expect(card(page, ids.HEDGE_CARD)).not_to_have_text(before)
    wait_until(lambda: spread_of(page) is not None, what="the Kalman spread is drawn")
    page.keyboard.press("Escape")
    expect(page.locator(".topbar .fit__panel")).to_be_hidden()
    page.go_back()
    expect(page.locator(f"#{ids.HEDGE_CARD}")).to_contain_text("OLS")


def test_the_menu_works_without_a_pointer(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running)
    page.locator(".topbar .fit__summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.locator(f"#{ids.FIT_LABEL}")).to_have_text("Rolling OLS · price")
    expect(page).to_have_url(re.compile("hedge=rolling_ols"))


def test_the_ratio_in_force_can_be_kept_and_another_one_typed(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running)
    open_menu(page)
    method(page, "Fixed ratio").click()
    box = page.locator(f"#{ids.RATIO}")
    expect(box).to_have_value(re.compile(r"^\d+(\.\d+)?$"))
    kept = float(box.input_value())
    shown = float(card(page, ids.HEDGE_CARD).inner_text().replace(",", ""))
    assert kept == pytest.approx(shown, rel=0.01)
    box.fill("15.2")
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"hedge=fixed&ratio=15\.2$"))
    expect(card(page, ids.HEDGE_CARD)).to_have_text("15.20")


def test_a_bad_ratio_says_its_sentence_and_changes_nothing(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running, "?hedge=fixed&ratio=15.2")
    open_menu(page)
    box = page.locator(f"#{ids.RATIO}")
    box.fill("fifteen")
    box.press("Enter")
    expect(page.locator(f"#{ids.NOTICE}")).to_contain_text("“fifteen” is not")
    expect(box).to_have_class(re.compile("is-invalid"))
    expect(card(page, ids.HEDGE_CARD)).to_have_text("15.20")
    box.fill("16")
    box.press("Enter")
    expect(page.locator(f"#{ids.NOTICE}")).to_be_empty()


def tip(page: Page) -> Locator:
    return page.locator(".tip:popover-open")


def test_a_definition_is_reached_by_the_keyboard_and_outlives_the_next_answer(
    watched_page: Page, running: Running
) -> None:
    page = opened(watched_page, running)
    word = page.locator(f"#{ids.SPREAD_CARD} .defined", has_text="half-life")
    word.focus()
    expect(tip(page)).to_have_text(terms.HALF_LIFE.line)
    assert word.get_attribute("aria-describedby") == tip(page).get_attribute("id")
    value = card(page, ids.SPREAD_CARD)
    for _ in range(2):
        expect(value).not_to_have_text(value.inner_text())
    expect(tip(page)).to_have_text(terms.HALF_LIFE.line)
    expect(word).to_be_focused()
    page.keyboard.press("Escape")
    expect(tip(page)).to_have_count(0)
    page.keyboard.press("Tab")
    expect(tip(page)).to_have_count(1)


def is_shown_under_the_pointer(word: Locator) -> bool:
    """One definition. Numbers that come in may have moved the word away, so the pointer goes to it anew."""
    word.hover()
    return len(word.page.evaluate(_TIP)) == 1


def test_a_definition_shows_under_the_pointer_and_within_the_screen(watched_page: Page, running: Running) -> None:
    watched_page.set_viewport_size({"width": 390, "height": 844})
    page = opened(watched_page, running)
    words = page.locator(f"#{ids.CARDS} .defined:visible")
    for at in range(words.count()):
        page.mouse.move(2, 2)  # off the word before, whose definition may lie over this one
        expect(tip(page)).to_have_count(0)
        wait_until(partial(is_shown_under_the_pointer, words.nth(at)), what="one definition is shown")
        ((left, top, right, bottom),) = page.evaluate(_TIP)
        assert 0 <= left < right <= 390
        assert 0 <= top < bottom <= 844
    page.mouse.move(2, 2)
    expect(tip(page)).to_have_count(0)


def test_the_open_menu_fits_a_phone(watched_page: Page, running: Running) -> None:
    watched_page.set_viewport_size({"width": 390, "height": 844})
    page = opened(watched_page, running)
    open_menu(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    box = page.locator(".topbar .fit__panel").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
