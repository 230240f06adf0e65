"""axe-core finds no serious violation on any page, in either theme, at either width; and it would find one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from layouts import ids
from layouts.navigation import ALERTS, DATA, DIAGNOSTICS, HELP, PAGES, PAIR, SETTINGS, WATCHLIST
from layouts.navigation import Page as Place
from tests.e2e.accessibility import grave_violations
from tests.e2e.faked import Faked, on_the_clock, served
from tests.screen_fake import LEDGER

pytestmark = pytest.mark.browser

# What is on each page once it has its numbers.
_FILLED: Final = {
    PAIR: f"#{ids.VERDICT_CARD} .card__value",
    WATCHLIST: f"#{ids.GRID} .ag-row",
    ALERTS: f"#{ids.ALERT_NOTE}",
    DIAGNOSTICS: f"#{ids.RELATION_TABLE} tbody tr",
    DATA: f"#{ids.HOLES} tbody tr",
    SETTINGS: f"#{ids.COLOURS} label",
    HELP: ".glossary__entry",
}
# What opens over the page of the pair, by the key or the control that opens it.
_OPENED: Final = {
    "the search": ("/", f"#{ids.SEARCH}"),
    "the keys": ("?", f"#{ids.KEYS_SHEET}"),
    "the badge": (f"#{ids.BADGE}", f"#{ids.BADGE_PANEL}"),
    "the fit": (".topbar .fit__summary", ".topbar .fit__panel"),
    "the workspaces": (".views__summary", ".views__panel"),
    "the unit-root test": (f"#{ids.ADF_RUN}", f"#{ids.ADF_RESULT} table"),
    "the chart's menu": (f"#{ids.CHART_SURFACE}", f"#{ids.CHART_MENU}"),
}


@pytest.fixture(scope="module")
def faked() -> Iterator[Faked]:
    desk = on_the_clock()
    desk.ledger = LEDGER
    with served(desk) as running:
        yield running


@pytest.mark.parametrize("width", [1366, 390])
@pytest.mark.parametrize("shown", PAGES, ids=lambda page: page.name)
def test_no_serious_violation(watched_page: Page, faked: Faked, shown: Place, width: int) -> None:
    watched_page.set_viewport_size({"width": width, "height": 768 if width > 1000 else 844})
    watched_page.goto(f"{faked.url}{shown.path}")
    expect(watched_page.locator(f".page--{shown.name}").locator(_FILLED[shown]).first).to_be_visible()
    for theme in ("dark", "light"):
        watched_page.emulate_media(color_scheme=theme)
        expect(watched_page.locator("html")).to_have_attribute("data-bs-theme", theme)
        assert grave_violations(watched_page) == [], theme


def test_no_serious_violation_in_what_opens_over_the_page(watched_page: Page, faked: Faked) -> None:
    watched_page.goto(faked.url)
    expect(watched_page.locator(_FILLED[PAIR]).first).to_be_visible()
    found = {}
    for name, (opener, opened) in _OPENED.items():
        if len(opener) == 1:
            watched_page.keyboard.press(opener)
        else:
            watched_page.locator(opener).click(button="right" if opener == f"#{ids.CHART_SURFACE}" else "left")
        expect(watched_page.locator(opened).first).to_be_visible()
        found[name] = grave_violations(watched_page)
        watched_page.keyboard.press("Escape")
        expect(watched_page.locator(opened).first).to_be_hidden()
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_a_button_without_a_name_would_be_found(watched_page: Page, faked: Faked) -> None:
    watched_page.goto(faked.url)
    watched_page.evaluate("() => document.body.appendChild(document.createElement('button'))")
    assert any(one.startswith("button-name") for one in grave_violations(watched_page))
