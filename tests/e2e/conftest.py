"""A live exchange on loopback, the product on top of it, and a browser page that reports every misbehaviour."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from ingest.simulator import LocalExchange
from tests.e2e.chromium import begun, begun_profile
from tests.e2e.product import Product
from tests.fakes import wait_until

# What the page's security policy has refused, whoever tried it.
_REPORT_BREACHES = """document.addEventListener('securitypolicyviolation', (breach) => {
  window.breachReported(`${breach.effectiveDirective} ${breach.blockedURI}`);
});"""


Wrongs = list[str]


@dataclass(frozen=True)
class Running:
    """Both ends of the wire."""

    product: Product
    exchange: LocalExchange

    def settled(self) -> bool:
        """The window is full and no hole is open."""
        symbols = self.product.health()["symbols"].values()
        whole = all(one["state"] == "LIVE" and one["gaps_open"] == 0 for one in symbols)
        return whole and self.product.snapshot()["bars_held"] == 1500


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder: Path = tmp_path_factory.mktemp("live")
    with LocalExchange(seed=11) as exchange:
        addresses = {
            "PAIRWATCH_MARKET_WS_URL": exchange.market_ws_url,
            "PAIRWATCH_PUBLIC_WS_URL": exchange.public_ws_url,
            "PAIRWATCH_REST_URL": exchange.rest_url,
        }
        with Product("--source", "live", data_dir=folder, environment=addresses) as product:
            both = Running(product, exchange)
            wait_until(both.settled, what="a full window of history", within_s=90)
            yield both


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Ends with this package: while it runs, no other test could have an event loop."""
    # Other tests run beside these; the time-out only ends what has failed already.
    expect.set_options(timeout=60_000)
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The system's browser, for whoever needs a fresh profile or another screen."""
    browser = begun(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def profile(
    playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[BrowserContext, Wrongs]]:
    """One browser for all tests of this process, and the list of everything that goes wrong in it."""
    context = begun_profile(playwright, tmp_path_factory.mktemp("profile"))
    yield context, judged(context)
    context.close()


@pytest.fixture
def watched_page(profile: tuple[BrowserContext, Wrongs]) -> Iterator[Page]:
    """A page without a past, far from UTC, whose console, requests and answers are judged when the test is over."""
    context, wrong = profile
    with _fresh_tab(context) as page:
        wrong.clear()  # a tab of the module before may have outlived its server
        yield page
    assert _told(wrong) == []


@pytest.fixture(scope="module")
def one_tab(profile: tuple[BrowserContext, Wrongs]) -> Iterator[Page]:
    with _fresh_tab(profile[0]) as page:
        profile[1].clear()
        yield page


@pytest.fixture
def same_page(one_tab: Page, profile: tuple[BrowserContext, Wrongs]) -> Iterator[Page]:
    """The page of the test before, judged after each: a page that is loaded once is seconds cheaper than one a test."""
    yield one_tab
    assert _told(profile[1]) == []


@pytest.fixture
def lonely_page(profile: tuple[BrowserContext, Wrongs]) -> Iterator[Page]:
    """A page whose server may go away: the browser itself then writes errors to the console."""
    context, wrong = profile
    with _fresh_tab(context) as page:
        yield page
    assert [one for one in _told(wrong) if one.startswith("foreign")] == []


@contextmanager
def opened_page(chromium: Browser) -> Iterator[tuple[Page, Wrongs]]:
    """A page of a profile of its own, and the list of everything that went wrong in it."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, timezone_id="America/New_York")
    wrong = judged(context)
    yield context.new_page(), wrong
    context.close()


def judged(context: BrowserContext) -> Wrongs:
    """Grows with everything that goes wrong from now on, in every tab."""
    wrong: Wrongs = []
    context.on("console", lambda m: wrong.append(f"console: {m.text}") if m.type in {"error", "warning"} else None)
    context.on("weberror", lambda one: wrong.append(f"page error: {one.error}"))
    context.on("request", lambda r: wrong.append(f"foreign: {r.url}") if _is_foreign(r.url) else None)
    context.on("response", lambda r: wrong.append(f"{r.status}: {r.url}") if r.status >= 400 else None)
    context.expose_binding("breachReported", lambda _page, told: wrong.append(f"CSP: {told}"))
    context.add_init_script(_REPORT_BREACHES)
    return wrong


@contextmanager
def _fresh_tab(context: BrowserContext) -> Iterator[Page]:
    """A tab in front of nothing that other pages have left behind; it ends with every tab that it opened."""
    before = list(context.pages)
    page = context.new_page()
    tab = context.new_cdp_session(page)
    tab.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "local_storage,cookies,indexeddb"})
    yield page
    for one in context.pages:
        if one not in before:
            one.close()


def _told(wrong: Wrongs) -> Wrongs:
    """What went wrong since it was asked last."""
    told = wrong.copy()
    wrong.clear()
    return told


def _is_foreign(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != "127.0.0.1"
