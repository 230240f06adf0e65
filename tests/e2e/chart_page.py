"""The chart in a browser, on the fake Desk: where it stands, what it shows, and hands to move it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Locator, Page, expect

from analytics.market import PairQuery, PairSeries
from layouts import ids
from layouts.address import charted, levelled, parsed, written
from tests.e2e.faked import Faked
from tests.fakes import wait_until
from tests.screen_fake import START_MS, FakeDesk

HELD = 1_800  # seconds of the market at first, of which the view holds the newest 1 500
FIRST_MS = START_MS + 300_000 + 1_000
LAST_MS = START_MS + HELD * 1_000
HOLE = slice(-900, -780)  # rows of the view that are missing in a `HoledDesk`

_RANGE = """() => {
  const { range } = document.querySelector('#chart .js-plotly-plot')._fullLayout.xaxis;
  return range.map((text) => Date.parse(`${String(text).replace(' ', 'T')}Z`));
}"""
_LAST_TIME = """() => {
  const lines = document.querySelector('#chart .js-plotly-plot')._fullData;
  const { x } = lines.find((line) => line.meta && line.meta.pane === 'prices');
  return x[x.length - 1].getTime(); // of a zone or not, these are the moments that the axis shows
}"""
_ZSCORE_PANE = """() => {
  const { panes } = dash_clientside.pairwatch.chart.placeNow();
  const { top, bottom } = panes.find((pane) => pane.name === 'zscore');
  return [top, bottom];
}"""
_LET_GO = """() => {
  if (document.activeElement) document.activeElement.blur();
  if (dash_component_api.getLayout('paused').props.data) dash_clientside.pairwatch.togglePause();
}"""
_VIEWS = "() => ['query', 'drawn'].map((id) => dash_component_api.getLayout(id).props.data)"
# Whether the picture on the screen is the newest one that the server has sent, in the range that is chosen.
_AT_REST = """([last, levels]) => {
  const { chart } = dash_clientside.pairwatch;
  const [model, gd] = [chart.modelNow(), document.querySelector('#chart .js-plotly-plot')];
  if (!model || !gd || !gd._fullLayout || !chart.placeNow()) return false;
  const range = gd._fullLayout.xaxis.range.map((text) => Date.parse(`${String(text).replace(' ', 'T')}Z`));
  const sent = dash_component_api.getLayout('drawing').props.data.layout.meta;
  if (JSON.stringify(gd._fullLayout.meta) !== JSON.stringify(sent) || model.last - model.offset !== last) return false;
  for (const [name, value] of Object.entries(levels)) {
    const handle = document.querySelector(`.level--${name}[data-sign="+"]`);
    if (model.levels[name] !== value || handle.getAttribute('aria-valuenow') !== value.toFixed(2)) return false;
  }
  return chart.seen(model).every((ms, i) => Math.abs(ms - range[i]) <= 1);
}"""
_HEIGHT = """(name) => {
  const gd = document.querySelector('#chart .js-plotly-plot');
  const line = gd._fullData.find((one) => one.meta && one.meta.pane === name && one.meta.read !== false);
  return gd._fullLayout[`yaxis${line.yaxis.slice(1)}`].range;
}"""


class HoledDesk(FakeDesk):
    """A market of which two minutes are missing, in the middle of the view."""

    def _rows(self, query: PairQuery) -> PairSeries:
        rows = super()._rows(query)
        kept = np.ones(len(rows), bool)
        kept[HOLE] = False
        time_ms = rows.time_ms[kept]
        return replace(
            rows,
            time_ms=time_ms,
            y=rows.y[kept],
            x=rows.x[kept],
            clean=rows.clean[kept],
            y_traded_ms=time_ms,
            x_traded_ms=time_ms,
        )


@dataclass(frozen=True)
class Chart:
    """The open page. Places on the chart are fractions of its plotting area, from left and top."""

    page: Page
    faked: Faked

    @property
    def surface(self) -> Locator:
        return self.page.locator(f"#{ids.CHART_SURFACE}")

    @property
    def time_label(self) -> Locator:
        return self.page.locator(".cross__time")

    def header(self, pane: str) -> Locator:
        return self.page.locator(f'.pane__header[data-pane="{pane}"] .pane__cursor')

    def handle(self, level: str) -> Locator:
        return self.page.locator(f'.level--{level}[data-sign="+"]')

    def at(self, across: float, down: float) -> tuple[float, float]:
        box = self.surface.bounding_box()
        assert box is not None
        return box["x"] + box["width"] * across, box["y"] + box["height"] * down

    def point(self, across: float, down: float = 0.3) -> None:
        self.page.mouse.move(*self.at(across, down))

    def drag(self, start: float, end: float, down: float = 0.3) -> None:
        self.point(start, down)
        self.page.mouse.down()
        self.page.mouse.move(*self.at(end, down), steps=6)
        self.page.mouse.up()

    def range_ms(self) -> list[int]:
        """What is drawn, from and to."""
        shown: list[int] = self.page.evaluate(_RANGE)
        return shown

    def newest_ms(self) -> int:
        """The time of the newest point that is drawn."""
        newest: int = self.page.evaluate(_LAST_TIME)
        return newest

    def heights(self, pane: str) -> list[float]:
        """What the value axis of a pane reaches from and to."""
        reached: list[float] = self.page.evaluate(_HEIGHT, pane)
        return reached

    def height_of(self, zscore: float) -> float:
        """Where a z-score stands on the page, in px from its top."""
        low, high = self.heights("zscore")
        top, bottom = self.page.evaluate(_ZSCORE_PANE)
        box = self.page.locator(f"#{ids.CHART_OVER}").bounding_box()
        assert box is not None
        return float(box["y"] + top + (high - zscore) / (high - low) * (bottom - top))


def opened(page: Page, faked: Faked, search: str = "") -> Chart:
    """The pair's page, its picture at rest. A page that is there already goes on to this address."""
    if page.url.startswith(f"{faked.url}/"):
        page.mouse.up()
        page.mouse.move(5, 5)
        page.keyboard.press("Escape")
        page.evaluate(_LET_GO)
    faked.visit(page, f"/{search}")
    chart = Chart(page, faked)
    at_rest(chart, search)
    return chart


def at_rest(chart: Chart, search: str) -> None:
    """Wait until the page shows what this address asks for, with the newest data."""
    page, desk = chart.page, chart.faked.desk
    expect(page.locator('.level--entry[data-sign="+"]')).to_have_attribute("aria-valuenow", re.compile(r"\d"))
    address = levelled(f"?{urlsplit(search).query}", desk.keeping.preferences())
    query = parsed(address, desk.default_query())
    shown = charted(address)
    view, last_ms = written(query, shown), int(desk.live(query).time_ms[-1])
    levels = {"entry": shown.entry_zscore, "exit": query.params.exit_zscore, "stop": shown.stop_zscore}

    def there() -> bool:
        page.wait_for_timeout(30)
        held, drawn = page.evaluate(_VIEWS)
        return held == view and (drawn or {}).get("view") == view and bool(page.evaluate(_AT_REST, [last_ms, levels]))

    wait_until(there, what=f"the picture of {view}", within_s=60)
