"""What can be done at a point of the chart: by the right button, by keys, by a long press."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from layouts import ids
from tests.e2e.chart_page import HELD, Chart, opened
from tests.e2e.faked import Faked, served
from tests.screen_fake import FakeDesk

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def faked() -> Iterator[Faked]:
    with served(FakeDesk(HELD)) as one:
        yield one


def menu(chart: Chart) -> list[str]:
    box = chart.page.locator(f"#{ids.CHART_MENU}")
    expect(box).to_be_visible()
    return box.get_by_role("menuitem").all_inner_texts()


def press(chart: Chart, words: str) -> None:
    chart.page.locator(f"#{ids.CHART_MENU}").get_by_role("menuitem", name=re.compile(words)).click()


def test_the_right_button_sets_the_entry_level_where_it_points(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    same_page.mouse.click(chart.at(0.5, 0)[0], chart.height_of(1.4), button="right")
    assert any(re.match("Set entry level here, ±1.[34]", one) for one in menu(chart))
    press(chart, "Set entry level")
    expect(same_page).to_have_url(re.compile(r"entry=1\.[34]"))


def test_only_what_can_be_done_there_now_is_offered(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    same_page.mouse.click(*chart.at(0.5, 0.3), button="right")
    words = menu(chart)
    assert not [one for one in words if "Reset" in one]
    assert [one for one in words if one.startswith("Copy BTCUSDT")]
    same_page.keyboard.press("Escape")
    expect(same_page.locator(f"#{ids.CHART_MENU}")).to_be_hidden()
    chart.drag(0.3, 0.6)
    expect(same_page).to_have_url(re.compile("from="))
    same_page.mouse.click(*chart.at(0.5, 0.3), button="right")
    press(chart, "Reset zoom")
    expect(same_page).not_to_have_url(re.compile("from="))


def test_a_value_and_the_link_to_the_view_can_be_copied(same_page: Page, faked: Faked) -> None:
    same_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chart = opened(same_page, faked, "?pair=BTCUSDT-ETHUSDT&span=5m")
    same_page.mouse.click(*chart.at(0.5, 0.3), button="right")
    copied = next(one for one in menu(chart) if one.startswith("Copy BTCUSDT")).split()[-1]
    press(chart, "Copy BTCUSDT")
    expect(same_page.locator(f"#{ids.CHART_TOLD}")).to_contain_text("clipboard")
    assert same_page.evaluate("() => navigator.clipboard.readText()") == copied.replace(",", "")
    same_page.mouse.click(*chart.at(0.5, 0.3), button="right")
    press(chart, "Copy link")
    expect(same_page.locator(f"#{ids.CHART_TOLD}")).to_contain_text("link")
    assert same_page.evaluate("() => navigator.clipboard.readText()") == same_page.url


def test_shift_f10_opens_the_menu_at_the_cursor_and_arrows_walk_it(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    chart.surface.focus()
    chart.surface.press("End")
    chart.surface.press("Shift+F10")
    items = same_page.locator(f"#{ids.CHART_MENU} [role=menuitem]")
    expect(items.first).to_be_focused()
    same_page.keyboard.press("ArrowDown")
    expect(items.nth(1)).to_be_focused()
    same_page.keyboard.press("End")
    expect(items.last).to_be_focused()
    same_page.keyboard.press("ArrowDown")
    expect(items.first).to_be_focused()
    same_page.keyboard.press("Escape")
    expect(chart.surface).to_be_focused()


def test_a_click_elsewhere_closes_the_menu(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    same_page.mouse.click(*chart.at(0.5, 0.3), button="right")
    menu(chart)
    same_page.mouse.click(*chart.at(0.2, 0.3))
    expect(same_page.locator(f"#{ids.CHART_MENU}")).to_be_hidden()
