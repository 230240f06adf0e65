"""Takes the screenshots of docs/screens anew: `make screens`. The demo market, as a visitor sees it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from playwright.sync_api import Browser, Page, expect

from layouts import ids
from layouts.navigation import PAGES
from layouts.navigation import Page as Place
from tests.e2e.chromium import launched
from tests.e2e.product import HOME, Product
from tests.fakes import wait_until

FOLDER: Final = HOME / "docs" / "screens"
SIZES: Final[Mapping[str, tuple[int, int]]] = MappingProxyType({"1366x768": (1366, 768), "390": (390, 844)})
THEMES: Final[tuple[Literal["dark", "light"], ...]] = ("dark", "light")
_PAIR: Final = {"symbols": ["BTCUSDT", "ETHUSDT"], "timeframe": "1s", "window": 300}
RULES: Final[tuple[dict[str, object], ...]] = (
    {"name": "Far out", "metric": "zscore", "operator": "abs>=", "threshold": 2.0, "leave": 0.5, **_PAIR},
    {"name": "Swings", "metric": "zscore", "operator": "abs>=", "threshold": 0.6, "leave": 0.3, **_PAIR, "window": 20},
    {"name": "Breaks", "metric": "correlation", "operator": "<", "threshold": 0.5, "leave": 0.6, **_PAIR},
    {"name": "Feed", "metric": "tick_age", "operator": ">", "threshold": 5_000, **_PAIR},
)
_PATIENCE_MS: Final = 60_000  # a busy machine draws slowly, and a picture of nothing is worth nothing


def main() -> None:
    """Write one picture a page, width and theme, and remove those of pages that are no more."""
    FOLDER.mkdir(exist_ok=True)
    expect.set_options(timeout=_PATIENCE_MS)
    own = HOME / "data"
    own.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="screens-", dir=own) as data,
        Product("--source", "demo", data_dir=Path(data).relative_to(HOME)) as product,
    ):
        wait_until(lambda: product.snapshot()["bars_held"] == 1500, what="a full window", within_s=90)
        for rule in RULES:
            product.ask("/api/alerts/", rule)
        wait_until(lambda: len(product.ask("/api/alerts/history?kind=all")["events"]) > 4, what="some history")
        with launched() as browser:
            made = {
                _taken(browser, product.url, place, size, theme)
                for place in PAGES
                for size in SIZES
                for theme in THEMES
            }
    for picture in set(FOLDER.glob("*.png")) - made:
        picture.unlink()


def _taken(browser: Browser, url: str, place: Place, size: str, theme: Literal["dark", "light"]) -> Path:
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)
    page.goto(f"{url}{place.path}")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
    expect(page.locator(f".page--{place.name}")).to_be_visible()
    _READY.get(place.name, _drawn)(page)
    page.mouse.move(5, height - 5)
    picture = FOLDER / f"{place.name}-{size}-{theme}.png"
    if width < 500:  # as tall as the page: a bar at the foot of the window would stand in the midst of a longer picture
        page.set_viewport_size({"width": width, "height": page.evaluate("() => document.documentElement.scrollHeight")})
    page.screenshot(path=picture)
    page.close()
    return picture


def _drawn(page: Page) -> None:
    """Fonts are there; nothing else is waited for."""
    page.evaluate("() => document.fonts.ready")


def _pair(page: Page) -> None:
    expect(page).to_have_title(re.compile(r"\bz [+−]"))
    page.locator(f"#{ids.CHART} path.js-line").nth(3).wait_for()
    expect(page.locator(f"#{ids.COSTS_CARD}")).not_to_contain_text("waiting")
    expect(page.locator(f"#{ids.LIST_ROWS} canvas, #{ids.LIST_ROWS} svg").first).to_be_visible()
    _drawn(page)


def _watchlist(page: Page) -> None:
    expect(page.locator(f"#{ids.GRID} .ag-row").nth(3)).to_be_visible()
    _drawn(page)


def _alerts(page: Page) -> None:
    expect(page.locator(f"#{ids.ALERT_ROWS} tbody tr")).to_have_count(len(RULES))
    expect(page.locator(f"#{ids.ALERT_HISTORY} tbody tr").nth(3)).to_be_visible()
    _drawn(page)


def _data(page: Page) -> None:
    expect(page.locator(f"#{ids.SYMBOLS} tbody tr").first).to_be_visible()
    expect(page.locator(f"#{ids.STORE}")).to_contain_text("SQLite")
    _drawn(page)


def _diagnostics(page: Page) -> None:
    expect(page.locator(f"#{ids.RELATION_TABLE} tbody tr").first).to_be_visible()
    page.locator(f"#{ids.QQ_PLOT} .trace").first.wait_for()
    _drawn(page)


_READY: Final[Mapping[str, Callable[[Page], None]]] = MappingProxyType(
    {"pair": _pair, "watchlist": _watchlist, "alerts": _alerts, "data": _data, "diagnostics": _diagnostics}
)


if __name__ == "__main__":
    main()
