"""What a new second costs the browser's main thread: the pair's page with three panes of 2 000 points, from one row to
the next, beside drawing its chart whole.

Everything that the page does in that time counts: requests, stores, cards, watchlist, chart. Runs only where Chromium
is installed. The market is made up; page, requests and charts are the product's own.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Final

import numpy as np
from playwright.sync_api import CDPSession, Page

from benchmarks.measure import Row
from layouts import ids
from tests.conftest import CHROMIUM
from tests.e2e.chromium import launched
from tests.e2e.faked import served
from tests.screen_fake import START_MS, FakeDesk

_WINDOW: Final = 400  # the sample is five windows: 2 000 rows
_UPDATES: Final = 50
_WARM_UP: Final = 5
_GRAPH: Final = f"document.querySelector('#{ids.CHART} .js-plotly-plot')"

# The promise is kept when the newest row of the server is on the screen; nothing is asked of the page meanwhile.
_RENEWED: Final = f"""(last) => new Promise((resolve) => {{
  const graph = {_GRAPH};
  const there = () => graph.layout.meta.last_ms >= last;
  if (there()) return resolve();
  const look = () => {{
    if (!there()) return;
    graph.removeListener('plotly_afterplot', look);
    resolve();
  }};
  graph.on('plotly_afterplot', look);
}})"""
_DRAWN_WHOLE: Final = f"""async () => {{
  const graph = {_GRAPH};
  const spare = document.createElement('div');
  spare.style.cssText = `position:fixed;left:0;top:0;width:${{graph.clientWidth}}px;height:${{graph.clientHeight}}px`;
  document.body.append(spare);
  await Plotly.newPlot(spare, graph.data, graph.layout, {{ staticPlot: true }});
  Plotly.purge(spare);
  spare.remove();
}}"""


def run() -> list[Row]:
    """One comparison, or none where there is no browser. ours, peer: 95th percentiles of the main thread's CPU time."""
    if not CHROMIUM:
        return []
    desk = FakeDesk(now=lambda: START_MS + 1_000 * desk.held)
    desk.held = 5 * _WINDOW + 200
    with served(desk) as faked, launched() as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(300_000)
        page.goto(f"{faked.url}/?pair=BTCUSDT-ETHUSDT&tf=1s&window={_WINDOW}&intercept=1")
        page.locator(f"#{ids.READOUTS['zscore']} .pane__newest").wait_for()
        page.locator(f"#{ids.CHART} .js-plotly-plot").wait_for()
        main_thread = page.context.new_cdp_session(page)
        main_thread.send("Performance.enable")
        renewed = [_spent_ms(main_thread, lambda: _renew(page, desk)) for _ in range(_UPDATES + _WARM_UP)][_WARM_UP:]
        whole = [_spent_ms(main_thread, lambda: page.evaluate(_DRAWN_WHOLE)) for _ in range(_UPDATES // 2)]
        page.close()
    ours, peer = (float(np.percentile(times, 95)) for times in (renewed, whole))
    ratios = sorted(one / statistics.median(renewed) for one in whole)
    name = f"pair page, 3 panes x 2 000 points: to the next row (p95 of {_UPDATES}); peer: its chart drawn whole"
    return [Row(name, ours, peer, statistics.median(ratios), ratios[0], ratios[-1], "ms main thread/update")]


def _renew(page: Page, desk: FakeDesk) -> None:
    desk.held += 1
    page.evaluate(_RENEWED, START_MS + 1_000 * desk.held)


def _spent_ms(main_thread: CDPSession, work: Callable[[], object]) -> float:
    before = _cpu_ms(main_thread)
    work()
    return _cpu_ms(main_thread) - before


def _cpu_ms(main_thread: CDPSession) -> float:
    """Not the wall clock: what others do on this machine does not count."""
    metrics = main_thread.send("Performance.getMetrics")["metrics"]
    return 1_000 * float(next(one["value"] for one in metrics if one["name"] == "ThreadTime"))
