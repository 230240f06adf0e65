"""Watches the browser's memory while tabs stay open: `python -m tests.e2e.heap --tabs 8 --minutes 10`.

The demo market in a process of its own, every tab on the pair's page. At each sample every tab is made to collect its
garbage first. Ends with 1 when the tabs together hold more than a tenth over what they held after the warm-up.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import CDPSession, Page, expect

from layouts import ids
from tests.e2e.chromium import launched
from tests.e2e.product import Product
from tests.fakes import wait_until

_ALLOWED = 1.10
_SAMPLES = 12
_PAINTS = """() => {
  const gd = document.querySelector('#chart .js-plotly-plot');
  gd.seen = 0;
  gd.on('plotly_afterplot', () => { gd.seen += 1; });
}"""
_SEEN = "() => document.querySelector('#chart .js-plotly-plot').seen"


def main(tabs: int, minutes: float) -> int:
    """Print a row a sample; the exit code."""
    with (
        tempfile.TemporaryDirectory(prefix="heap-") as data,
        Product("--source", "demo", data_dir=Path(data)) as product,
    ):
        wait_until(lambda: product.snapshot()["bars_held"] == 1500, what="a full window", within_s=300)
        with launched() as browser:
            context = browser.new_context(viewport={"width": 1366, "height": 768})
            pages = [_opened(context.new_page(), product.url) for _ in range(tabs)]
            sessions = [context.new_cdp_session(page) for page in pages]
            rows = _watched(pages, sessions, minutes)
            _say(f"pictures a tab: {sorted(page.evaluate(_SEEN) for page in pages)}")
    warm, last = statistics.median(rows[1:4]), statistics.median(rows[-3:])
    _say(f"after the warm-up {warm:.1f} MB, at the end {last:.1f} MB: {last / warm - 1:+.1%} in {minutes:g} min")
    return int(last > _ALLOWED * warm)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def _opened(page: Page, url: str) -> Page:
    page.goto(url)
    expect(page).to_have_title(re.compile(r"z [+−]"), timeout=120_000)
    page.locator(f"#{ids.CHART} path.js-line").nth(3).wait_for(state="attached", timeout=120_000)
    page.evaluate(_PAINTS)
    return page


def _watched(pages: list[Page], sessions: list[CDPSession], minutes: float) -> list[float]:
    """The heap of all tabs together, in MB, at each sample."""
    began, rows = time.monotonic(), []
    for sample in range(_SAMPLES + 1):
        wait_ms = began * 1000 + sample * minutes * 60_000 / _SAMPLES - time.monotonic() * 1000
        pages[0].wait_for_timeout(max(wait_ms, 0))
        heaps = [_heap_mb(session) for session in sessions]
        rows.append(sum(heaps))
        each = " ".join(f"{heap:6.1f}" for heap in heaps)
        _say(f"{time.monotonic() - began:6.0f} s  {rows[-1]:7.1f} MB   {each}")
    return rows


def _heap_mb(session: CDPSession) -> float:
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize")) / 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tabs", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=10)
    chosen = parser.parse_args()
    sys.exit(main(chosen.tabs, chosen.minutes))
