"""The right column in real Chromium: all of it in one view, its reasons within reach, its age beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from layouts import ids
from layouts.numbers import DASH
from services.clock import SystemClock
from tests.e2e.conftest import Running
from tests.e2e.faked import Faked, served
from tests.e2e.product import Product
from tests.ingest.test_replay import capture
from tests.screen_fake import FakeDesk

pytestmark = pytest.mark.browser

_BP = re.compile(r"^[+−]?\d+\.\d bp$")
_CARDS = ".cards > .card:visible"


@pytest.fixture
def faked() -> Iterator[Faked]:
    desk = FakeDesk(now=SystemClock().now_ms)
    desk.costs(desk.default_query())  # as the Desk warms up: nothing is imported while the first page is drawn
    with served(desk) as running:
        yield running


def opened(page: Page, faked: Faked, query: str = "") -> Page:
    page.goto(f"{faked.url}/{query}")
    expect(page.locator(f"#{ids.COSTS_CARD} .ledger")).to_be_visible()
    expect(page.locator(f"#{ids.ZSCORE_CARD} .gauge")).to_be_visible()
    return page


def ledger(page: Page, row: int) -> Locator:
    """0 reversion, 1 fills, 2 funding, 3 net edge."""
    return page.locator(f"#{ids.COSTS_CARD} dd").nth(row)


def test_z_verdict_metrics_and_costs_fit_one_view_under_the_demo_banner(faked: Faked, watched_page: Page) -> None:
    faked.desk.feed = replace(faked.desk.feed, source="demo", source_reason="you asked for it (--source demo)")
    page = opened(watched_page, faked)
    expect(page.locator(f"#{ids.BANNER}")).to_contain_text("Demo market")
    foot = page.locator(f"#{ids.FOOT}").bounding_box()
    last = page.locator(_CARDS).last.bounding_box()
    assert foot is not None
    assert last is not None
    assert last["y"] + last["height"] <= foot["y"]
    over = page.locator(f"#{ids.CARDS}").evaluate("it => it.scrollHeight - it.clientHeight")
    assert over <= 0
    assert page.evaluate("() => document.documentElement.scrollHeight") <= 768


def test_the_costs_say_what_is_left_by_sign_word_and_shape(faked: Faked, watched_page: Page) -> None:
    page = opened(watched_page, faked)
    for row in range(4):
        expect(ledger(page, row)).to_have_text(_BP)
    card = page.locator(f"#{ids.COSTS_CARD}")
    expect(card).to_contain_text(re.compile(r"Net edge (pays|does not pay|even)"), use_inner_text=True)
    expect(card.locator(".ledger__sum .sign")).to_be_visible()
    expect(card).to_contain_text(re.compile(r"(short|long) BTC, (short|long) ETH"))
    expect(card).to_contain_text(re.compile(r"break-even \|z\| \d+\.\d\d"), use_inner_text=True)
    expect(card).to_contain_text("quotes 2 s old")
    faked.desk.quote_age_ms = 8_000
    expect(card).to_contain_text("quotes 8 s old")


def test_a_dash_tells_its_reason_to_pointer_and_keyboard_and_the_card_tells_it_in_sight(
    faked: Faked, watched_page: Page
) -> None:
    faked.desk.quote_age_ms = None
    page = opened(watched_page, faked)
    expect(ledger(page, 0)).to_have_text(_BP)
    dash = ledger(page, 1).locator(".defined--dash")
    expect(dash).to_contain_text(DASH)
    expect(page.locator(f"#{ids.COSTS_CARD} .card__detail")).to_have_text("a recording holds no quotes and no funding")
    dash.focus()
    expect(dash.get_by_role("tooltip")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dash.get_by_role("tooltip")).to_be_hidden()
    ledger(page, 3).locator(".defined--dash").hover()
    expect(ledger(page, 3).get_by_role("tooltip")).to_have_text("a recording holds no quotes and no funding")


def test_the_verdict_is_cut_short_and_can_be_read_whole_with_a_key(faked: Faked, watched_page: Page) -> None:
    page = opened(watched_page, faked)
    last = page.locator(f"#{ids.VERDICT_CARD} li").last
    unfold = page.get_by_role("button", name="Read all")
    expect(unfold).to_have_attribute("aria-expanded", "false")
    card = page.locator(".card--verdict")
    folded = card.bounding_box()
    unfold.focus()
    page.keyboard.press("Enter")
    fold = page.get_by_role("button", name="Fold")
    expect(fold).to_have_attribute("aria-expanded", "true")
    whole, end = card.bounding_box(), last.bounding_box()
    assert folded is not None
    assert whole is not None
    assert end is not None
    assert whole["height"] > folded["height"]
    assert end["y"] + end["height"] < whole["y"] + whole["height"]
    faked.desk.held += 7  # drawn anew, it stays open
    expect(page.locator(f"#{ids.VERDICT_CARD} li").last).to_be_visible()
    expect(fold).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Read all")).to_be_visible()


def test_adf_runs_into_a_dialog_that_escape_closes(faked: Faked, watched_page: Page) -> None:
    page = opened(watched_page, faked)
    run = page.get_by_role("button", name="Run ADF test")
    run.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="ADF test")
    expect(dialog).to_be_visible()
    for fact in ("Statistic", "p-value", "Lags, by AIC", "Observations", "Critical 5 %", "run at", "Engle-Granger"):
        expect(dialog).to_contain_text(fact)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(run).to_be_focused()
    run.click()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_a_number_too_old_is_grey_and_shows_its_age(faked: Faked, watched_page: Page) -> None:
    page = opened(watched_page, faked)
    label = page.locator(f"#{ids.SPREAD_CARD} .card__label")
    aged = "it => getComputedStyle(it, '::before').content"
    assert label.evaluate(aged) == "none"
    legs = {name: replace(leg, age_ms=12_400, state="STALE") for name, leg in faked.desk.feed.symbols.items()}
    faked.desk.feed = replace(faked.desk.feed, symbols=legs)
    expect(page.locator(f"#{ids.CARDS}")).to_have_class("cards cards--stale")
    expect(page.locator(f"#{ids.AGE}")).to_contain_text("12 s old")
    assert "12 s old" in label.evaluate(aged)
    expect(page.locator(f"#{ids.SPREAD_CARD} .card__value")).to_have_css("filter", "grayscale(1)")
    faked.desk.feed = FakeDesk().feed
    expect(page.locator(f"#{ids.CARDS}")).to_have_class("cards")
    assert label.evaluate(aged) == "none"


def test_a_warm_up_counts_bars_and_says_how_long_it_will_take(faked: Faked, watched_page: Page) -> None:
    faked.desk.held = 12
    watched_page.goto(faked.url)
    expect(watched_page.locator(f"#{ids.ADF_CARD}")).to_contain_text("warming up, 12 of 30 bars, about 18 s")
    expect(watched_page.locator(f"#{ids.ADF_CARD} .card__value")).to_have_text(DASH)
    expect(watched_page.locator(f"#{ids.ADF_CARD} .progress-line")).to_be_visible()


def test_the_gauge_has_the_levels_of_the_address(faked: Faked, watched_page: Page) -> None:
    page = opened(watched_page, faked, "?pair=BTCUSDT-ETHUSDT&tf=1s&window=300&intercept=1&entry=1.5&stop=3&exit=0.5")
    expect(page.locator(".gauge__scale span")).to_have_text(["−3", "−1.5", "−0.5", "+0.5", "+1.5", "+3"])


def test_on_a_phone_z_and_verdict_come_first_and_nothing_sticks_out(faked: Faked, watched_page: Page) -> None:
    watched_page.set_viewport_size({"width": 390, "height": 844})
    page = opened(watched_page, faked)
    tops = [box["y"] for card in page.locator(_CARDS).all() if (box := card.bounding_box())]
    names = [card.get_attribute("aria-label") for card in page.locator(_CARDS).all()]
    assert names[:2] == ["z-score", "Verdict"]
    assert tops[0] < tops[1] < min(tops[2:])
    chart = page.locator(f"#{ids.CHART}").bounding_box()
    assert chart is not None
    assert chart["y"] > max(tops)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Run ADF test").click()
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert box["width"] <= 390


def test_the_costs_are_of_the_exchanges_own_quotes_and_of_the_api(watched_page: Page, running: Running) -> None:
    watched_page.goto(running.product.url)
    fills = ledger(watched_page, 1)
    expect(fills).to_have_text("−10.0 bp")  # two times 5 bp, and spreads of a hundredth of a basis point
    expect(ledger(watched_page, 3)).to_have_text(_BP)
    expect(watched_page.locator(f"#{ids.COSTS_CARD}")).to_contain_text(re.compile(r"quotes \d+ s old"))


def test_a_recording_has_no_quotes_and_says_so(watched_page: Page, tmp_path: Path) -> None:
    path = capture("usdm_btc_eth_20240719.frames.gz")
    with Product("--source", "replay", "--replay", str(path), "--speed", "max", data_dir=tmp_path) as product:
        watched_page.goto(product.url)
        card = watched_page.locator(f"#{ids.COSTS_CARD}")
        expect(card).to_contain_text("a recording holds no quotes and no funding")
        expect(ledger(watched_page, 0)).to_have_text(_BP)
        watched_page.goto("about:blank")
