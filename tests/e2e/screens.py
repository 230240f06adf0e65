"""Takes the screenshots of docs/screens anew: `make screens`. The demo market, as a visitor sees it."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect

from layouts import ids
from tests.e2e.chromium import launched
from tests.e2e.product import HOME, Product
from tests.fakes import wait_until

_SIZES = {"1366x768": (1366, 768), "390": (390, 844)}


def main() -> None:
    """Write one picture a page and width."""
    folder = HOME / "docs" / "screens"
    folder.mkdir(exist_ok=True)
    own = HOME / "data"
    own.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="screens-", dir=own) as data,
        Product("--source", "demo", data_dir=Path(data).relative_to(HOME)) as product,
    ):
        wait_until(lambda: product.snapshot()["bars_held"] == 1500, what="a full window", within_s=90)
        with launched() as browser:
            for name, (width, height) in _SIZES.items():
                for page_name, show in (("pair", _pair), ("data", _data), ("diagnostics", _diagnostics)):
                    page = browser.new_page(viewport={"width": width, "height": height})
                    show(page, product.url)
                    page.mouse.move(5, height - 5)
                    page.screenshot(path=folder / f"{page_name}-{name}-dark.png", full_page=width < 500)
                    page.close()


def _pair(page: Page, url: str) -> None:
    page.goto(url)
    expect(page).to_have_title(re.compile(r"^z [+−]"), timeout=20_000)
    page.locator(f"#{ids.CHART} path.js-line").nth(3).wait_for()
    expect(page.locator(f"#{ids.COSTS_CARD} .ledger__sum").last).to_contain_text("bp")


def _data(page: Page, url: str) -> None:
    page.goto(f"{url}/data")
    expect(page.locator(f"#{ids.SYMBOLS} tbody tr").first).to_be_visible(timeout=20_000)
    expect(page.locator(f"#{ids.STORE}")).to_contain_text("SQLite")


def _diagnostics(page: Page, url: str) -> None:
    page.goto(f"{url}/diagnostics")
    expect(page.locator(f"#{ids.RELATION_TABLE} tbody tr").first).to_be_visible(timeout=30_000)
    page.locator(f"#{ids.QQ_PLOT} .trace").first.wait_for()


if __name__ == "__main__":
    main()
