"""The Data page in real Chromium, on the real product and the local exchange."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from layouts import ids
from tests.e2e.conftest import Running

pytestmark = pytest.mark.browser


def opened(page: Page, running: Running, query: str = "") -> Page:
    page.goto(f"{running.product.url}/data{query}")
    expect(page.locator(f"#{ids.SYMBOLS} tbody tr").first).to_be_visible()
    return page


def row(page: Page, symbol: str) -> str:
    return page.locator(f"#{ids.SYMBOLS} tbody tr", has_text=symbol).inner_text()


def test_it_tells_what_health_tells(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running)
    expect(page).to_have_title(re.compile("^Data · "))
    expect(page.locator(f"#{ids.SYMBOLS} tbody tr", has_text="BTCUSDT")).to_contain_text("LIVE")
    first_id = running.product.health()["symbols"]["BTCUSDT"]["first_id"]
    assert str(first_id) in row(page, "BTCUSDT")
    expect(page.locator(f"#{ids.LINKS} tbody tr").first).to_contain_text("LIVE")
    expect(page.locator(f"#{ids.ALLOWANCE}")).to_contain_text("127.0.0.1")
    expect(page.locator(f"#{ids.STORE}")).to_contain_text(".db")
    expect(page.locator(f"#{ids.STORE}")).to_contain_text("SQLite")
    as_of = page.locator(f"#{ids.AS_OF}")
    expect(as_of).not_to_have_text(as_of.inner_text())


def test_a_symbol_is_added_and_removed_by_hand(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running)
    box, told = page.locator(f"#{ids.WATCH_INPUT}"), page.locator(f"#{ids.WATCH_TOLD}")
    box.fill("nopeusdt")
    page.locator(f"#{ids.WATCH_ADD}").click()
    expect(told).to_contain_text("NOPEUSDT is not a symbol known here")
    added = page.locator(f"#{ids.SYMBOLS} tbody tr", has_text="DOGEUSDT")
    box.fill("doge/usdt")  # the watchlist may have taken it up already
    box.press("Enter")
    expect(told).to_have_text(re.compile(r"^DOGEUSDT is watched (from now on|already)\.$"))
    page.get_by_role("button", name="Remove DOGEUSDT").press("Enter")
    expect(told).to_contain_text("DOGEUSDT is no longer watched")
    expect(added).to_have_count(0)
    assert "DOGEUSDT" not in running.product.health()["symbols"]
    box.fill("doge/usdt")
    box.press("Enter")
    expect(told).to_have_text("DOGEUSDT is watched from now on.")
    expect(added).to_be_visible()
    assert "DOGEUSDT" in running.product.health()["symbols"]
    page.get_by_role("button", name="Remove ETHUSDT").click()
    expect(told).to_contain_text("ETHUSDT is a leg of the pair shown")


def test_what_is_downloaded_is_what_the_exchange_published(
    watched_page: Page, running: Running, tmp_path: Path
) -> None:
    page = opened(watched_page, running)
    page.locator(f"#{ids.EXPORT_TIMEFRAME}").select_option("tick")
    page.locator(f"#{ids.EXPORT_LIMIT}").fill("500")
    page.locator(f"#{ids.EXPORT_LIMIT}").press("Tab")
    expect(page.locator(f"#{ids.EXPORT_LINK}")).to_have_attribute("href", re.compile("timeframe=tick&limit=500$"))
    with page.expect_download() as waiting:
        page.locator(f"#{ids.EXPORT_LINK}").click()
    name = waiting.value.suggested_filename
    assert re.fullmatch(r"pairwatch-btcusdt-tick-\d{8}T\d{6}Z\.csv", name)
    waiting.value.save_as(tmp_path / name)
    with (tmp_path / name).open(newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    truth = running.exchange.truth("BTCUSDT", int(rows[0]["trade_id"]), int(rows[-1]["trade_id"]))
    assert [int(one["trade_id"]) for one in rows] == list(truth.trade_id)
    assert [float(one["price"]) for one in rows] == list(truth.price)
    assert [float(one["size"]) for one in rows] == list(truth.quantity)
    assert len(rows) == 500


def test_the_ledger_can_be_taken_away_as_json(watched_page: Page, running: Running, tmp_path: Path) -> None:
    page = opened(watched_page, running)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="All as JSON").click()
    waiting.value.save_as(tmp_path / "gaps.json")
    assert json.loads((tmp_path / "gaps.json").read_text()) == running.product.ask("/api/data/gaps")


def test_the_way_there_and_back_keeps_the_view(watched_page: Page, running: Running) -> None:
    page = opened(watched_page, running, "?pair=ETHUSDT-BTCUSDT&tf=5s&window=120&intercept=0")
    expect(page.locator(f"#{ids.CHART}")).to_be_hidden()
    expect(page.locator(".rail [aria-current=page]")).to_have_text("Data")
    page.locator(f"#{ids.TO_PAIR}").click()
    expect(page).to_have_url(re.compile(r"/\?pair=ETHUSDT-BTCUSDT&tf=5s"))
    expect(page).to_have_title(re.compile(r"^(\(\d+\) )?z [+−]\d+\.\d\d ETH/BTC · "))
    page.locator(f"#{ids.CHART} path.js-line").nth(3).wait_for()
    chart = page.locator(f"#{ids.CHART} .main-svg").first.bounding_box()
    frame = page.locator(".charts").bounding_box()
    assert chart is not None
    assert frame is not None
    assert abs(chart["width"] - frame["width"]) < 2
    page.locator(f"#{ids.TO_DATA}").click()
    expect(page).to_have_url(re.compile(r"/data\?pair=ETHUSDT-BTCUSDT&tf=5s"))
    expect(page.locator(f"#{ids.SYMBOLS}")).to_be_visible()
    page.go_back()
    expect(page.locator(f"#{ids.CHART}")).to_be_visible()


@pytest.mark.parametrize("width", [1366, 390])
def test_nothing_sticks_out_sideways(watched_page: Page, running: Running, width: int) -> None:
    watched_page.set_viewport_size({"width": width, "height": 768 if width > 1000 else 844})
    page = opened(watched_page, running)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    sides = page.evaluate(
        "() => [...document.querySelectorAll('.panel')].map((p) => [p.scrollWidth - p.clientWidth,"
        " p.getBoundingClientRect().right])"
    )
    assert all(over <= 0 and right <= width for over, right in sides)
