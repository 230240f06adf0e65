"""The notice of what is lost, in real Chromium, over a scripted market: told once, closed once, told anew for more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from analytics.market import Gap
from callbacks.dashboard import create_dashboard
from layouts import ids
from tests.api.door import served
from tests.screen_fake import LEDGER, START_MS, FakeDesk

pytestmark = pytest.mark.browser


@pytest.fixture
def market() -> Iterator[tuple[FakeDesk, str]]:
    desk = FakeDesk()
    desk.live(desk.default_query())  # as the Desk warms up: nothing is imported while the first page is drawn
    desk.ledger = LEDGER
    lose(desk, 1)
    server = FastAPI()
    create_dashboard(server, desk)
    with served(server) as port:
        yield desk, f"http://127.0.0.1:{port}/"


def lose(desk: FakeDesk, holes: int) -> None:
    bitcoin = replace(desk.feed.symbols["BTCUSDT"], gaps_lost=holes)
    desk.feed = replace(desk.feed, symbols={**desk.feed.symbols, "BTCUSDT": bitcoin})
    desk.held += 1


def test_it_is_told_until_it_is_understood_and_again_when_more_is_lost(
    watched_page: Page, market: tuple[FakeDesk, str]
) -> None:
    desk, url = market
    page = watched_page
    page.goto(url)
    notice = page.locator(f"#{ids.LOSS}")
    expect(notice).to_contain_text("1 hole is lost for good (12,042 trades of BTCUSDT")
    page.locator(f"#{ids.LOSS_CLOSE}").press("Enter")
    expect(notice).to_be_hidden()
    page.reload()
    expect(page.locator(f"#{ids.LOSS_TOLD}")).to_contain_text("1 hole is lost")
    expect(notice).to_be_hidden()
    desk.ledger = (*LEDGER, Gap("BTCUSDT", 9, 9, "LOST", "beyond the horizon", START_MS, START_MS))
    lose(desk, 2)
    expect(notice).to_contain_text("2 holes are lost for good (12,043 trades of BTCUSDT")
    notice.get_by_role("link", name="Data").click()
    expect(page.locator(f"#{ids.HOLES}")).to_contain_text("5182010000")
    expect(notice).to_be_hidden()
    page.goto("about:blank")
