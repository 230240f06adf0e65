"""The Relation page in real Chromium, on the real product and the local exchange."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from layouts import ids
from tests.e2e.conftest import Running
from tests.fakes import wait_until

pytestmark = pytest.mark.browser

_PLOTS = (ids.RESIDUAL_PLOT, ids.RATIO_PLOT, ids.PVALUE_PLOT, ids.SCATTER_PLOT, ids.ACF_PLOT, ids.QQ_PLOT)
_DRAWN = """(id) => {
  const plot = document.querySelector(`#${id} .js-plotly-plot`);
  return plot && plot._fullData ? plot._fullData.map(t => [t.x.length, t.x[t.x.length - 1], t.y[t.y.length - 1]]) : [];
}"""
_RANGE = "(id) => document.querySelector(`#${id} .js-plotly-plot`)._fullLayout.xaxis.range.map(String)"


def drawn(page: Page, plot: str) -> list[list[Any]]:
    found: list[list[Any]] = page.evaluate(_DRAWN, plot)
    return found


def opened(page: Page, running: Running, query: str = "") -> Page:
    page.goto(f"{running.product.url}/diagnostics{query}")
    expect(page.locator(f"#{ids.RELATION_TABLE} tbody tr").first).to_be_visible()
    return page


def test_every_plot_is_painted_and_every_test_is_told(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running)
    for plot in _PLOTS:
        wait_until(lambda plot=plot: bool(drawn(page, plot)), what=f"{plot} is drawn")  # type: ignore[misc]
        assert max(points for points, *_ in drawn(page, plot)) > 10
        page.locator(f"#{plot}").scroll_into_view_if_needed()
        box = page.locator(f"#{plot} .main-svg").first.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) > 150
    table = page.locator(f"#{ids.RELATION_TABLE}")
    for name in (
        *("Engle-Granger", "Phillips-Ouliaris", "Johansen trace", "ADF", "KPSS", "Variance ratio"),
        *("Half-life", "OU mean", "Hurst", "CUSUM", "Skewness"),
    ):
        expect(table).to_contain_text(name)
    assert "NaN" not in table.inner_text()


def test_it_renews_itself_and_keeps_the_zoom(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running)
    wait_until(lambda: bool(drawn(page, ids.RESIDUAL_PLOT)), what="the residual is drawn")
    box = page.locator(f"#{ids.RESIDUAL_PLOT} .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.7, steps=8)
    page.mouse.up()
    zoomed = page.evaluate(_RANGE, ids.RESIDUAL_PLOT)
    for _ in range(2):
        before = drawn(page, ids.RESIDUAL_PLOT)
        wait_until(lambda before=before: drawn(page, ids.RESIDUAL_PLOT) != before, what="it is renewed")  # type: ignore[misc]
    assert page.evaluate(_RANGE, ids.RESIDUAL_PLOT) == zoomed


def test_the_verdict_leads_here_and_rail_and_controls_keep_the_view(watched_page: Page, running: Running) -> None:
    page = watched_page
    page.goto(f"{running.product.url}/?pair=ETHUSDT-BTCUSDT&tf=5s&window=60&intercept=1")
    page.locator(f"#{ids.ALL_TESTS}").click()
    expect(page).to_have_url(re.compile(r"/diagnostics\?pair=ETHUSDT-BTCUSDT&tf=5s"))
    expect(page.locator(f"#{ids.RELATION_HEAD}")).to_contain_text("ETHUSDT on BTCUSDT")
    expect(page.locator(".rail [aria-current=page]")).to_have_text("Diagnostics")
    expect(page).to_have_title(re.compile("^Diagnostics · "))
    page.locator(f"#{ids.SWAP}").click()
    expect(page.locator(f"#{ids.RELATION_HEAD}")).to_contain_text("BTCUSDT on ETHUSDT")
    page.locator(f"#{ids.TO_DATA}").click()
    expect(page).to_have_url(re.compile(r"/data\?pair=BTCUSDT-ETHUSDT&tf=5s"))
    expect(page.locator(f"#{ids.SYMBOLS} tbody tr").first).to_be_visible()
    expect(page.locator(".page--diagnostics")).to_be_hidden()


@pytest.mark.parametrize("width", [1366, 390])
def test_nothing_sticks_out_sideways(watched_page: Page, running: Running, width: int) -> None:
    watched_page.set_viewport_size({"width": width, "height": 768 if width > 1000 else 844})
    page = opened(watched_page, running, "?pair=DOGEUSDT-1000SHIBUSDT")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    sides = page.evaluate(
        "() => [...document.querySelectorAll('.relation .panel')].map((p) => [p.scrollWidth - p.clientWidth,"
        " p.getBoundingClientRect().right])"
    )
    assert len(sides) == 7
    assert all(over <= 0 and right <= width for over, right in sides)
