"""The chart in a browser, on the fake Desk: where it stands, what it shows, and hands to move it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
from playwright.sync_api import Locator, Page, expect

from analytics.market import PairQuery, PairSeries
from layouts import ids
from tests.e2e.faked import Faked
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
  return Date.parse(`${String(x[x.length - 1]).replace(' ', 'T')}Z`);
}"""
_ZSCORE_PANE = """() => {
  const { panes } = dash_clientside.pairwatch.chart.placeNow();
  const { top, bottom } = panes.find((pane) => pane.name === 'zscore');
  return [top, bottom];
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


def opened(page: Page, faked: Faked, search: str = "", drawn: bool = True) -> Chart:
    """The pair's page, its first picture drawn."""
    page.goto(f"{faked.url}/{search}")
    expect(page.locator(f"#{ids.ZSCORE_CARD} .card__value")).to_have_text(re.compile(r"\d"))
    if drawn:
        expect(page.locator(f"#{ids.CHART} path.js-line").nth(3)).to_be_attached()
    expect(page.locator('.level--entry[data-sign="+"]')).to_have_attribute("aria-valuenow", re.compile(r"\d"))
    return Chart(page, faked)
