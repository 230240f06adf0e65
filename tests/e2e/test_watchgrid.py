"""The Watchlist page in real Chromium: the grid, on the product itself and under its content policy."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from layouts import ids, numbers
from tests.e2e.conftest import Running
from tests.fakes import wait_until

pytestmark = pytest.mark.browser


def opened(page: Page, running: Running) -> Page:
    page.goto(f"{running.product.url}/watchlist")
    expect(page.locator(f"#{ids.GRID} .ag-center-cols-container .ag-row")).not_to_have_count(0, timeout=60_000)
    expect(cell(page, "BTC/ETH", "z")).to_have_text(re.compile(r"\d"), timeout=60_000)
    return page


def pairs(page: Page) -> list[str]:
    """As they are seen from above to below; the grid keeps its elements in another order."""
    shown: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('#watch-grid .ag-pinned-left-cols-container .ag-row')]
        .sort((a, b) => a.getAttribute('row-index') - b.getAttribute('row-index'))
        .map(row => row.querySelector('.watchgrid__pair').firstChild.textContent)"""
    )
    return shown


def row_id(page: Page, pair: str) -> str:
    named = page.locator(f"#{ids.GRID} .ag-pinned-left-cols-container .ag-row").filter(has_text=pair)
    return str(named.get_attribute("row-id"))


def cell(page: Page, pair: str, column: str) -> Locator:
    named = page.locator(f"#{ids.GRID} .ag-row[row-id*='{symbols(pair)}'] [col-id='{column}']")
    return named.first


def symbols(pair: str) -> str:
    y, x = pair.split("/")
    return f"{y}USDT-{x}USDT"


def test_every_pair_of_the_list_stands_in_the_grid_with_its_numbers(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running)
    assert pairs(page)[0] == "BTC/ETH"
    assert len(pairs(page)) == 7
    for column in ("q", "p", "half_life", "correlation", "beta", "clean", "verdict", "state"):
        expect(cell(page, "BTC/ETH", column)).to_have_text(re.compile(r"\w"))
    expect(cell(page, "BTC/ETH", "spark").locator("path")).to_have_attribute("d", re.compile("^M"))


def test_a_row_is_what_the_snapshot_of_the_api_says(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running)
    running.exchange.pause()
    try:
        newest = {name: running.exchange.newest_id(name) for name in ("BTCUSDT", "ETHUSDT")}

        def at_rest() -> bool:
            return {name.upper(): one for name, one in running.product.snapshot()["last_ids"].items()} == newest

        wait_until(at_rest, what="everything published has arrived")
        want = running.product.snapshot()
        expect(cell(page, "BTC/ETH", "z")).to_have_text(numbers.zscore(want["latest_zscore"]))
        expect(cell(page, "BTC/ETH", "correlation")).to_have_text(numbers.correlation(want["rolling_correlation"]))
        expect(cell(page, "BTC/ETH", "beta")).to_have_text(numbers.significant(want["hedge_ratio"]["beta"]))
    finally:
        running.exchange.resume()


def test_sort_filter_and_selection_stay_while_numbers_move(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running)
    page.locator(f"#{ids.GRID} .ag-header-cell[col-id='pair']").click()
    expect(page.locator(f"#{ids.GRID} .ag-header-cell[col-id='pair']")).to_have_attribute("aria-sort", "ascending")
    in_order = pairs(page)
    assert in_order == sorted(in_order)
    page.locator(f"#{ids.GRID_FILTER}").fill("eth")
    wait_until(lambda: pairs(page) == ["BNB/ETH", "BTC/ETH"], what="the filter holds")
    element = page.locator(f"#{ids.GRID} .ag-center-cols-container .ag-row").first
    page.evaluate("element => { element.wasHere = true; }", element.element_handle())
    before = cell(page, "BTC/ETH", "z").inner_text()
    expect(cell(page, "BTC/ETH", "z")).not_to_have_text(before)
    assert pairs(page) == ["BNB/ETH", "BTC/ETH"]
    assert page.evaluate("element => element.wasHere === true", element.element_handle())
    expect(page.locator(f"#{ids.GRID} .ag-header-cell[col-id='pair']")).to_have_attribute("aria-sort", "ascending")


def test_a_click_opens_the_pair(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running)
    cell(page, "LTC/BCH", "verdict").click()
    expect(page).to_have_url(re.compile(r"/\?pair=LTCUSDT-BCHUSDT&tf=1s&window=300"))
    expect(page.locator(f"#{ids.CHART}")).to_be_visible()


def test_the_grid_is_taken_away_as_a_file(watched_page: Page, running: Running, tmp_path: Path) -> None:
    page = opened(watched_page, running)
    with page.expect_download() as waiting:
        page.locator(f"#{ids.GRID_CSV}").click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.DictReader(file))
    assert path.name == "pairwatch-watchlist.csv"
    assert {one["Symbols"] for one in told} >= {"BTCUSDT-ETHUSDT", "LTCUSDT-BCHUSDT"}
    assert float(next(one for one in told if one["Symbols"] == "BTCUSDT-ETHUSDT")["z"]) != 0


def test_a_phone_shows_the_columns_that_fit(watched_page: Page, running: Running) -> None:
    watched_page.set_viewport_size({"width": 390, "height": 844})
    page = opened(watched_page, running)
    shown = page.locator(f"#{ids.GRID} .ag-header-cell")
    expect(shown).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
