"""An uploaded file on the pair's page, in a real browser: drawn like any other, and never called live."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect

from api.table import TICK_HEADER, tick_rows
from layouts import ids
from tests.e2e.product import Product
from tests.services.scripted import PAIR, random_ticks

pytestmark = pytest.mark.browser
START_MS = 1_735_700_000_000


def test_a_dataset_is_drawn_under_its_name_and_never_called_live(watched_page: Page, tmp_path: Path) -> None:
    text = TICK_HEADER + "".join(
        tick_rows(symbol.lower(), random_ticks(seed, 3_000, price, start_ms=START_MS))
        for seed, (symbol, price) in enumerate(zip(PAIR, (60_000.0, 3_000.0), strict=True))
    )
    with Product("--source", "demo", data_dir=tmp_path) as product:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(
                f"{product.url}/api/data/upload",
                params={"dataset": "january"},
                files={"file": ("a.csv", text)},
                timeout=60,
            )
        assert answer.status_code == 200, answer.text
        watched_page.goto(f"{product.url}/?pair=BTCUSDT@JANUARY-ETHUSDT@JANUARY&tf=1s&window=60")
        expect(watched_page.locator(f"#{ids.BADGE}")).to_contain_text("DATASET")
        expect(watched_page.locator(f"#{ids.BANNER}")).to_contain_text("Dataset JANUARY, recorded 2025-01-01 02:53 to")
        expect(watched_page.locator(f"#{ids.PAIR}")).to_contain_text("BTCUSDT@JANUARY")
        expect(watched_page.locator(f"#{ids.CARDS}")).not_to_have_class("cards cards--stale")
        expect(watched_page.locator(f"#{ids.CARDS}")).to_contain_text("BTC")
        expect(watched_page.locator("#chart .scatterlayer .trace").first).to_be_attached()
        expect(watched_page).to_have_title(re.compile(r"^(\(\d+\) )?z .* BTC/ETH.*DATASET"))
        watched_page.goto(f"{product.url}/?pair=BTCUSDT@GONE-ETHUSDT@GONE&tf=1s&window=60")
        expect(watched_page.locator(f"#{ids.NOTICE}")).to_contain_text("there is no BTCUSDT in a dataset GONE")
        watched_page.goto("about:blank")  # before its server goes
