"""The chart held still while one looks at it, and no more pictures than an eye can take."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from layouts import ids
from tests.e2e.chart_page import HELD, Chart, opened
from tests.e2e.faked import Faked, served
from tests.fakes import wait_until
from tests.screen_fake import FakeDesk

pytestmark = pytest.mark.browser

_MOST_A_SECOND = 5
_PAINTS = """async () => {
  const gd = document.querySelector('#chart .js-plotly-plot');
  const { drawing, began } = { drawing: dash_clientside.pairwatch.chart, began: performance.now() };
  const at = [];
  gd.on('plotly_afterplot', () => at.push(performance.now() - began));
  while (performance.now() - began < 3000) {
    drawing.repaint('data');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return at;
}"""


@pytest.fixture(scope="module")
def server() -> Iterator[Faked]:
    with served(FakeDesk(HELD)) as one:
        yield one


@pytest.fixture
def faked(server: Faked) -> Faked:
    server.desk.held = HELD
    return server


def newest(chart: Chart) -> int:
    chart.page.wait_for_timeout(30)
    return chart.newest_ms()


def cards_follow(chart: Chart, seconds: int) -> None:
    """The market goes on, and the cards with it."""
    card = chart.page.locator(f"#{ids.ZSCORE_CARD} .card__value")
    before = card.inner_text()
    chart.faked.desk.held += seconds
    expect(card).not_to_have_text(before)


def test_space_holds_chart_and_readouts_while_the_cards_go_on_and_space_again_catches_up(
    same_page: Page, faked: Faked
) -> None:
    chart = opened(same_page, faked)
    sign = same_page.locator(f"#{ids.CHART_PAUSED}")
    expect(sign).to_be_empty()
    chart.surface.focus()
    same_page.keyboard.press("Space")
    expect(sign).to_contain_text(re.compile(r"PAUSED\s*\d+ s ago"))
    held, header = chart.newest_ms(), same_page.locator('.pane__header[data-pane="zscore"]').inner_text()
    for _ in range(3):
        cards_follow(chart, 11)
    assert chart.newest_ms() == held
    assert same_page.locator('.pane__header[data-pane="zscore"]').inner_text() == header
    expect(sign).to_contain_text(re.compile(r"[1-9]\d* s ago|min"))
    same_page.keyboard.press("Space")
    wait_until(lambda: newest(chart) == held + 33_000, what="it has caught up")
    expect(sign).to_be_empty()


def test_a_paused_chart_can_still_be_zoomed_and_read(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    whole = chart.range_ms()
    same_page.evaluate("() => dash_clientside.pairwatch.togglePause()")
    expect(same_page.locator(f"#{ids.CHART_PAUSED}")).to_contain_text("PAUSED")
    chart.drag(0.3, 0.6)
    wait_until(lambda: newest(chart) and chart.range_ms() != whole, what="the zoom")
    chart.point(0.5)
    expect(chart.header("zscore")).to_contain_text(re.compile(r"\d\.\d\d"))
    same_page.evaluate("() => dash_clientside.pairwatch.togglePause()")
    expect(same_page.locator(f"#{ids.CHART_PAUSED}")).to_be_empty()


def test_nothing_moves_under_a_hand_that_drags_and_the_news_come_when_it_lets_go(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    held = chart.newest_ms()
    chart.point(0.3)
    same_page.mouse.down()
    chart.point(0.5)
    for _ in range(2):
        cards_follow(chart, 11)
    assert chart.newest_ms() == held
    expect(same_page.locator(f"#{ids.CHART_PAUSED}")).to_contain_text("PAUSED")
    same_page.mouse.up()
    wait_until(lambda: newest(chart) == held + 22_000, what="the news")
    expect(same_page.locator(f"#{ids.CHART_PAUSED}")).to_be_empty()


def test_new_data_are_painted_at_most_five_times_a_second(same_page: Page, faked: Faked) -> None:
    opened(same_page, faked)
    at = same_page.evaluate(_PAINTS)
    assert len(at) > 2
    for start in at:
        assert sum(start <= one < start + 1000 for one in at) <= _MOST_A_SECOND + 1  # of its own jitter
