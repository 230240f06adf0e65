"""The judge of every browser test sees what it is there to see."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import opened_page
from tests.e2e.product import Product
from tests.fakes import wait_until

pytestmark = pytest.mark.browser

_INLINE = """() => {
  const script = document.createElement('script');
  script.textContent = 'window.ran = true';
  document.body.append(script);
}"""


def test_a_breach_of_the_policy_in_any_tab_is_reported(chromium: Browser, tmp_path: Path) -> None:
    with Product("--source", "demo", data_dir=tmp_path) as product, opened_page(chromium) as (page, wrong):
        page.goto(f"{product.url}/help")
        second = page.context.new_page()
        second.goto(f"{product.url}/help")
        assert wrong == []
        second.evaluate(_INLINE)

        def seen() -> bool:
            second.wait_for_timeout(50)
            return "CSP: script-src-elem inline" in wrong

        wait_until(seen, what="the breach is reported", within_s=30)
        assert second.evaluate("() => window.ran === undefined")
        second.evaluate("() => console.warn('of the second tab')")
        wait_until(lambda: "console: of the second tab" in wrong, what="its console is heard", within_s=30)
