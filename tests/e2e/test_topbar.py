"""The top bar in real Chromium: badge, clock, theme, favourites, notice; and the main job by keys alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import pytest
from playwright.sync_api import Page, expect

from analytics.kept import Preferences
from layouts import ids
from tests.e2e.faked import Faked, on_the_clock, served
from tests.fakes import wait_until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def fake() -> Iterator[Faked]:
    with served(on_the_clock()) as running:
        yield running


@pytest.fixture
def faked(fake: Faked) -> Faked:
    """As on the first visit, whatever the test before has changed."""
    fake.desk.feed = on_the_clock().feed
    fake.desk.keeping.prefer(Preferences())
    return fake


def opened(page: Page, faked: Faked, search: str = "") -> Page:
    page.goto(f"{faked.url}/{search}")
    expect(page).to_have_title(re.compile(r"z [+−]\d\.\d\d BTC/ETH · LIVE"), timeout=90_000)
    return page


def test_the_badge_tells_of_both_legs_and_leads_to_the_data(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    panel = page.get_by_role("dialog", name="State of the data")
    badge = page.locator(f"#{ids.BADGE}")
    badge.focus()
    page.keyboard.press("Enter")
    expect(panel).to_contain_text(re.compile(r"BTCUSDT\s*LIVE\s*0\.1 s ago\s*—\s*38 ms\s*84 msg/s\s*none"))
    stale = replace(faked.desk.feed.symbols["ETHUSDT"], state="STALE", age_ms=12_400, reason="no data for 12 s")
    faked.desk.feed = replace(faked.desk.feed, symbols={**faked.desk.feed.symbols, "ETHUSDT": stale})
    expect(badge).to_contain_text("STALE")
    expect(panel).to_contain_text("ETHUSDT: no data for 12 s.")
    expect(page).to_have_title(re.compile("STALE$"))
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    badge.click()
    panel.get_by_role("link").click()
    expect(page.locator(".page--data")).to_be_visible()
    expect(panel).to_be_hidden()


def test_the_clock_and_its_key_change_the_zone_of_the_whole_screen(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    clock = page.locator(f"#{ids.CLOCK}")
    expect(clock).to_have_text(re.compile(r"^\d\d:\d\d:\d\d UTC$"))
    clock.click()
    expect(clock).to_have_text(re.compile(r"^\d\d:\d\d:\d\d UTC−[45]$"))  # the page lives in New York
    wait_until(lambda: faked.desk.keeping.preferences().zone == "local", what="the zone is kept")
    page.keyboard.press("u")
    expect(clock).to_have_text(re.compile(r"^\d\d:\d\d:\d\d UTC$"))


def test_the_theme_goes_round_by_button_and_key(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "system")
    page.get_by_role("button", name=re.compile("^Theme")).click()
    expect(root).to_have_attribute("data-bs-theme", "dark")
    page.keyboard.press("t")
    expect(root).to_have_attribute("data-bs-theme", "light")
    page.keyboard.press("t")
    expect(root).to_have_attribute("data-theme", "system")


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
    expect(page.locator(f"#{ids.SEARCH}")).to_be_hidden()
    expect(page.locator(f"#{ids.STAR_TOLD}")).to_contain_text("SOLUSDT / ETHUSDT is a favourite now")
    page.keyboard.press("f")
    expect(page.locator(f"#{ids.STAR_TOLD}")).to_have_text("BTCUSDT / ETHUSDT is a favourite now.")
    page.keyboard.press("f")
    expect(page.locator(f"#{ids.STAR_TOLD}")).to_have_text(re.compile("is no favourite any more"))


def test_an_address_that_cannot_be_shown_is_told_in_a_sentence(watched_page: Page, faked: Faked) -> None:
    notice = watched_page.locator(f"#{ids.NOTICE}")
    sentences = {
        "?pair=SOLUSTD-ETHUSDT": "SOLUSTD is not a symbol known here; did you mean SOLUSDT",
        "?pair=BTCUSDT-ETHUSDT&window=7": "The window must be a whole number of bars from 10 to 5,000; “7” is not.",
        "?pair=BTC": "“BTC” is not a pair; write it like BTCUSDT-ETHUSDT",
        "?tf=7s": "“7s” is not a timeframe",
    }
    for search, told in sentences.items():
        watched_page.goto(f"{faked.url}/{search}")
        expect(notice).to_contain_text(told)
        expect(notice).to_contain_text("Showing BTCUSDT and ETHUSDT instead.")


@pytest.mark.parametrize("width", [1366, 390])
def test_the_bar_fits_and_hides_nothing(watched_page: Page, faked: Faked, width: int) -> None:
    watched_page.set_viewport_size({"width": width, "height": 768 if width > 1000 else 844})
    page = opened(watched_page, faked)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    boxes = []
    for control in page.locator(".topbar :is(button, summary, input[type=text])").all():
        box = control.bounding_box()
        if box is None:  # folded away
            continue
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        boxes.append(box)
    for one, other in combinations(boxes, 2):
        apart = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
        assert apart or one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]


def test_the_main_job_is_done_by_keys_alone(watched_page: Page, faked: Faked) -> None:
    """Search a pair, set bars and window, read z, hold still, move the cursor, run ADF, see the tests, come back."""
    page = opened(watched_page, faked)
    keys = page.keyboard

    def tab_to(selector: str, *, back: bool = False) -> None:
        for _ in range(120):
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            keys.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"no way to {selector} by Tab")

    keys.press("/")
    keys.type("sol btc")
    keys.press("Enter")
    expect(page.locator(f"#{ids.PAIR}")).to_contain_text("SOLUSDT")
    keys.press("2")
    expect(page).to_have_url(re.compile("tf=1m"))
    tab_to(f"#{ids.WINDOW}")
    keys.press("Control+A")
    keys.type("120")
    keys.press("Enter")
    expect(page).to_have_url(re.compile("window=120"))
    zscore = page.get_by_role("region", name="z-score", exact=True)
    expect(zscore).to_contain_text(re.compile(r"[+−]\d\.\d\d"))
    tab_to("[role=application]")
    keys.press(" ")
    expect(page.locator("[data-chart=pause]")).to_have_attribute("aria-pressed", "true")
    keys.press("ArrowLeft")
    expect(page.locator(f"#{ids.CHART_SAID}")).not_to_be_empty()
    keys.press(" ")
    expect(page.locator("[data-chart=pause]")).to_have_attribute("aria-pressed", "false")
    tab_to(f"#{ids.ADF_RUN}")
    keys.press("Enter")
    expect(page.locator(f"#{ids.ADF_DIALOG}")).to_be_visible()
    expect(page.locator(f"#{ids.ADF_RESULT}")).to_contain_text("10 %")
    keys.press("Escape")
    keys.press("g")
    keys.press("x")
    expect(page.locator(f"#{ids.RELATION_TABLE} tbody tr").first).to_be_visible()
    keys.press("g")
    keys.press("p")
    expect(page.locator(".page--pair")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/\?pair=SOLUSDT-BTCUSDT&tf=1m&window=120"))
