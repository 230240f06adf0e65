"""What the screen says when the exchange is away, comes, goes, or falls silent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ingest.simulator import LocalExchange
from layouts import ids
from tests.e2e.product import Product
from tests.fakes import wait_until
from tests.ports import free_port

pytestmark = pytest.mark.browser


def test_without_the_exchange_the_demo_opens_with_its_reason(watched_page: Page, tmp_path: Path) -> None:
    nowhere = free_port()
    addresses = {
        "PAIRWATCH_MARKET_WS_URL": f"ws://127.0.0.1:{nowhere}/market",
        "PAIRWATCH_REST_URL": f"http://127.0.0.1:{nowhere}",
    }
    with Product(data_dir=tmp_path, environment=addresses) as product:
        watched_page.goto(product.url)
        banner = watched_page.locator(f"#{ids.BANNER}")
        expect(banner).to_contain_text(re.compile("demo market", re.IGNORECASE))
        expect(banner).to_contain_text("127.0.0.1 refuses the connection")
        expect(watched_page.locator(f"#{ids.BADGE}")).to_contain_text("DEMO")
        expect(watched_page.locator(f"#{ids.ZSCORE_CARD} .card__value")).to_have_text(re.compile(r"^[+−]\d+\.\d\d$"))
        with LocalExchange(seed=2, port=nowhere):
            expect(watched_page.locator(f"#{ids.BADGE}")).to_contain_text("LIVE")
            expect(banner).not_to_contain_text(re.compile("demo market", re.IGNORECASE))
            watched_page.goto("about:blank")


def test_when_the_exchange_goes_the_screen_says_so_and_recovers(watched_page: Page, tmp_path: Path) -> None:
    port = free_port()
    addresses = {
        "PAIRWATCH_MARKET_WS_URL": f"ws://127.0.0.1:{port}/market",
        "PAIRWATCH_REST_URL": f"http://127.0.0.1:{port}",
    }
    exchange = LocalExchange(seed=2, port=port)
    exchange.start()
    try:
        with Product("--source", "live", data_dir=tmp_path, environment=addresses) as product:
            watched_page.goto(product.url)
            badge = watched_page.locator(f"#{ids.BADGE}")
            expect(badge).to_contain_text("LIVE")
            exchange.stop()
            expect(badge).to_contain_text("OFFLINE")
            exchange = LocalExchange(seed=2, port=port)
            exchange.start()
            expect(badge).to_contain_text("LIVE")

            def whole() -> bool:
                bitcoin = product.health()["symbols"]["BTCUSDT"]
                held = bitcoin["last_id"] - bitcoin["first_id"] + 1
                return bool(bitcoin["ticks_stored"] == held and bitcoin["gaps_open"] == bitcoin["gaps_lost"] == 0)

            wait_until(whole, what="the hole of the outage is filled")
            watched_page.goto("about:blank")
    finally:
        exchange.stop()


def test_when_pairwatch_itself_is_gone_the_page_says_so(lonely_page: Page, tmp_path: Path) -> None:
    with Product("--source", "demo", data_dir=tmp_path) as product:
        lonely_page.goto(product.url)
        expect(lonely_page.locator(f"#{ids.BADGE}")).to_contain_text("DEMO")
        product.stop()
        lost = lonely_page.locator(f"#{ids.LOST}")
        expect(lost).to_be_visible()


def test_when_pairwatch_comes_back_on_its_port_the_open_page_goes_on_by_itself(
    lonely_page: Page, tmp_path: Path
) -> None:
    badge, lost = lonely_page.locator(f"#{ids.BADGE}"), lonely_page.locator(f"#{ids.LOST}")
    with Product("--source", "demo", data_dir=tmp_path) as product:
        lonely_page.goto(product.url)
        expect(badge).to_contain_text("DEMO")
        product.stop()
        expect(lost).to_contain_text("No answer from Pairwatch")
        expect(lonely_page).to_have_title(re.compile("NO ANSWER$"))
    with Product("--source", "demo", data_dir=tmp_path, port=product.port):
        expect(lost).to_be_hidden()
        expect(badge).to_be_visible()
        expect(lonely_page).to_have_title(re.compile(r"^(\(\d+\) )?z [+−].* · DEMO"), timeout=90_000)
        lonely_page.goto("about:blank")
