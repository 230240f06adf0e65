"""The pair screen in real Chromium, against the local exchange over the real wire protocol."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from layouts import ids, numbers
from tests.e2e.conftest import Running
from tests.e2e.reference import compute
from tests.fakes import wait_until

pytestmark = pytest.mark.browser

_LAST_POINTS = """() => {
  const last = column => column[column.length - 1];
  const { _fullData } = document.querySelector('#chart .js-plotly-plot');
  const lines = _fullData.filter(({ meta }) => meta && meta.read !== false);
  return lines.map(({ meta, x, y }) => [meta.label, last(x), last(y), x.length, meta.side]);
}"""
_TIME_RANGE = "() => document.querySelector('#chart .js-plotly-plot')._fullLayout.xaxis.range.map(String)"


def card(page: Page, name: str) -> Locator:
    return page.locator(f"#{name} .card__value")


def number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", "").replace("+", "").replace("<", ""))


def opened(page: Page, running: Running, query: str = "") -> Page:
    page.goto(running.product.url + "/" + query)
    expect(card(page, ids.ZSCORE_CARD)).to_have_text(re.compile(r"^[+−]\d+\.\d\d$"))
    page.locator(f"#{ids.CHART} path.js-line").nth(3).wait_for()
    return page


def drawn(page: Page) -> list[list[Any]]:
    """Of every line that can be read: its name, newest time and value, length, and which leg it is."""
    points: list[list[Any]] = page.evaluate(_LAST_POINTS)
    return points


def y_leg(page: Page) -> str:
    """The symbol whose price the chart draws as the y leg."""
    return str(next(name for name, *_, side in drawn(page) if side == "y"))


def changes(page: Page, before: list[list[Any]], names: set[str]) -> bool:
    page.wait_for_timeout(50)
    return {new[0] for old, new in zip(before, drawn(page), strict=True) if old[2] != new[2]} >= names


def test_cards_and_panes_move(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running)
    before = drawn(page)
    moving = {"BTCUSDT", "ETHUSDT", "spread", "z"}
    assert {one[0] for one in before} == {*moving, "mean", "as known then"}
    assert all(10 < one[3] <= 2_000 for one in before if one[0] in moving)
    first = {name: card(page, name).inner_text() for name in (ids.ZSCORE_CARD, ids.SPREAD_CARD)}
    for name, text in first.items():
        expect(card(page, name)).not_to_have_text(text)
    wait_until(lambda: changes(page, before, moving), what="all four lines move")
    expect(page).to_have_title(re.compile(r"^(\(\d+\) )?z [+−]\d\.\d\d BTC/ETH · LIVE"))
    expect(page.locator(f"#{ids.BADGE}")).to_contain_text("LIVE")


def test_the_numbers_are_those_of_the_api_and_of_an_independent_computation(
    watched_page: Page, running: Running
) -> None:
    page = opened(watched_page, running)
    running.exchange.pause()
    try:
        newest = {name: running.exchange.newest_id(name) for name in ("BTCUSDT", "ETHUSDT")}

        def at_rest() -> bool:
            return {name.upper(): one for name, one in running.product.snapshot()["last_ids"].items()} == newest

        wait_until(at_rest, what="everything published has arrived")
        snapshot = running.product.snapshot()
        want = compute(running.exchange, snapshot)
        shown = {
            ids.ZSCORE_CARD: f"{want.zscore:+.2f}",
            ids.CORRELATION_CARD: f"{want.correlation:.3f}",
            ids.SPREAD_CARD: f"{want.spread:+,.1f}",
        }
        for name, text in shown.items():
            expect(card(page, name)).to_have_text(text.replace("-", "−"))
        slope = number(card(page, ids.HEDGE_CARD).inner_text())
        pvalue = card(page, ids.ADF_CARD).inner_text()
        last = {name: y for name, _, y, *_ in drawn(page)}
    finally:
        running.exchange.resume()
    assert want.rows == snapshot["sample_bars"] == 1500
    fit = snapshot["hedge_ratio"]
    assert fit["beta"] == pytest.approx(want.slope, rel=1e-9)
    assert fit["intercept"] == pytest.approx(want.intercept, rel=1e-7)
    assert fit["r_squared"] == pytest.approx(want.r_squared, rel=1e-9)
    assert snapshot["latest_spread"] == pytest.approx(want.spread, abs=1e-6)
    assert snapshot["latest_zscore"] == pytest.approx(want.zscore, abs=1e-7)
    assert snapshot["rolling_correlation"] == pytest.approx(want.correlation, abs=1e-9)
    assert snapshot["adf"]["statistic"] == pytest.approx(want.adf_statistic, rel=1e-7)
    assert snapshot["adf"]["pvalue"] == pytest.approx(want.adf_pvalue, rel=1e-6)
    assert snapshot["engle_granger"]["statistic"] == pytest.approx(want.coint_statistic, rel=1e-7)
    assert snapshot["engle_granger"]["pvalue"] == pytest.approx(want.coint_pvalue, rel=1e-6)
    assert slope == pytest.approx(want.slope, rel=5e-4)
    assert pvalue == numbers.pvalue(want.adf_pvalue)
    assert last["z"] == pytest.approx(want.zscore, abs=1e-5)
    assert last["spread"] == pytest.approx(want.spread, abs=1e-3)


def test_zoom_survives_three_updates(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running)
    box = page.locator(f"#{ids.CHART_SURFACE}").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.7, steps=8)
    page.mouse.up()
    whole = drawn(page)
    zoomed = page.evaluate(_TIME_RANGE)
    for _ in range(3):
        before = drawn(page)
        wait_until(lambda before=before: changes(page, before, {"z"}), what="an update")  # type: ignore[misc]
    assert page.evaluate(_TIME_RANGE) == zoomed
    assert drawn(page) != whole


def test_the_address_reproduces_the_view_and_back_works(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running, "?pair=ETHUSDT-BTCUSDT&tf=5s&window=120&intercept=0")
    expect(page.locator(f"#{ids.WINDOW}")).to_have_value("120")
    assert y_leg(page) == "ETHUSDT"
    expect(page.locator(f"#{ids.HEDGE_CARD}")).to_contain_text("no intercept")
    page.locator(f"#{ids.SWAP}").click()
    expect(page).to_have_url(re.compile("pair=BTCUSDT-ETHUSDT"))
    wait_until(lambda: y_leg(page) == "BTCUSDT", what="the legs are swapped")
    page.go_back()
    expect(page).to_have_url(re.compile("pair=ETHUSDT-BTCUSDT"))
    wait_until(lambda: y_leg(page) == "ETHUSDT", what="back to the first view")


def test_any_listed_symbol_can_be_picked(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running)
    page.goto(running.product.url + "/?pair=SOLUSDT-AVAXUSDT&tf=1s&window=60&intercept=1")
    expect(page).to_have_title(re.compile("SOL/AVAX"))
    expect(card(page, ids.ZSCORE_CARD)).to_have_text(re.compile(r"^[+−]\d+\.\d\d$"))
    expect(page.locator(f"#{ids.BADGE_MORE}")).to_contain_text(re.compile(r"SOLUSDT\s*LIVE"))
    assert running.product.health()["symbols"]["SOLUSDT"]["ticks_stored"] > 0


def test_the_adf_test_is_run_on_demand_and_keeps_its_figures(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running)
    page.locator(f"#{ids.ADF_RUN}").click()
    result = page.locator(f"#{ids.ADF_RESULT}")
    for word in ("Statistic", "Lags", "1 %", "5 %", "10 %", "Engle-Granger"):
        expect(result).to_contain_text(re.compile(word, re.IGNORECASE))
    kept = result.inner_text()
    before = drawn(page)
    wait_until(lambda: changes(page, before, {"z"}), what="the page goes on")
    assert result.inner_text() == kept


def test_a_bad_window_is_told_and_changes_nothing(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running)
    window = page.locator(f"#{ids.WINDOW}")
    window.fill("1")
    window.press("Enter")
    expect(page.locator(f"#{ids.NOTICE}")).to_contain_text(re.compile("window", re.IGNORECASE))
    before = drawn(page)
    wait_until(lambda: changes(page, before, {"z"}), what="the page goes on")


@pytest.mark.parametrize("width", [1366, 390])
def test_nothing_sticks_out_sideways(watched_page: Page, running: Running, width: int) -> None:
    watched_page.set_viewport_size({"width": width, "height": 768 if width > 1000 else 844})
    page = opened(watched_page, running)
    wide, high = page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert wide <= width
    if width > 1000:
        assert high <= 768


def test_the_docs_page_works_without_a_network(watched_page: Page, running: Running) -> None:
    watched_page.goto(running.product.url + "/docs")
    expect(watched_page.locator(".opblock-summary-path").first).to_be_visible()
    expect(watched_page.locator("body")).to_contain_text("/api/analytics/snapshot")
