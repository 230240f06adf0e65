"""Reading the chart: one cursor through all panes, by mouse, finger and keys; and nothing where nothing is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from layouts import ids, numbers
from tests.e2e.chart_page import HELD, HOLE, Chart, HoledDesk, opened
from tests.e2e.faked import Faked, served
from tests.screen_fake import QUERY, FakeDesk

pytestmark = pytest.mark.browser

_PANES = ("prices", "spread", "zscore")


@pytest.fixture(scope="module")
def faked() -> Iterator[Faked]:
    with served(FakeDesk(HELD)) as one:
        yield one


@pytest.fixture(scope="module")
def holed() -> Iterator[Faked]:
    with served(HoledDesk(HELD)) as one:
        yield one


def shown(chart: Chart) -> bool:
    return bool(chart.page.evaluate("() => document.getElementById('chart-over').matches('.chart__over--cursor')"))


def time_of(chart: Chart, row: int) -> str:
    """How the time label writes a row of the view."""
    return str(
        chart.page.evaluate(
            "(ms) => new Date(ms).toISOString().slice(11, 19)",
            int(chart.faked.desk.live(QUERY).time_ms[row]),
        )
    )


def test_one_line_runs_through_all_panes_and_each_header_says_the_values_of_that_very_bar(
    same_page: Page, faked: Faked
) -> None:
    chart = opened(same_page, faked)
    chart.point(700 / 1499, 0.85)
    seen = faked.desk.live(QUERY)
    expect(chart.time_label).to_have_text(re.compile(rf"^\d+ \w\w\w {time_of(chart, 700)} UTC$"))
    expect(chart.header("prices")).to_contain_text(numbers.fixed(float(seen.y[700]), 1))
    expect(chart.header("prices")).to_contain_text(numbers.fixed(float(seen.x[700]), 2))
    expect(chart.header("spread")).to_contain_text(numbers.signed(float(seen.spread[700]), 1))
    expect(chart.header("zscore")).to_contain_text(numbers.zscore(float(seen.zscore[700])))
    line, surface = (chart.page.locator(one).bounding_box() for one in (".cross", f"#{ids.CHART_SURFACE}"))
    assert line is not None
    assert surface is not None
    assert line["height"] == pytest.approx(surface["height"], abs=1)
    assert same_page.locator("#chart .hoverlayer *").count() == 0
    for aside in same_page.locator(".pane__header--cursor .pane__aside").all():
        assert aside.evaluate("(one) => one.scrollWidth <= one.clientWidth")  # nothing of it is cut


def test_the_newest_values_are_back_when_the_pointer_leaves(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    chart.point(0.4)
    for pane in _PANES:
        expect(chart.header(pane)).to_be_visible()
    same_page.mouse.move(5, 5)
    for pane in _PANES:
        expect(chart.header(pane)).to_be_hidden()
    assert not shown(chart)


def test_the_height_of_the_hand_is_told_in_the_unit_of_its_pane(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    low, high = chart.heights("zscore")
    chart.point(0.5, 0.9)
    level = same_page.locator(".cross__level")
    expect(level).to_have_attribute("data-value", re.compile(r"^[+−]?\d\.\d\d$"))
    told = float((level.get_attribute("data-value") or "").replace("−", "-"))
    assert low < told < high


def test_keys_move_the_cursor_by_bars_and_a_screen_reader_is_told(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    seen = faked.desk.live(QUERY)
    said = same_page.locator(f"#{ids.CHART_SAID}")
    chart.surface.focus()
    chart.surface.press("End")
    expect(chart.time_label).to_contain_text(time_of(chart, -1))
    chart.surface.press("ArrowLeft")
    chart.surface.press("ArrowLeft")
    expect(chart.time_label).to_contain_text(time_of(chart, -3))
    expect(said).to_contain_text(time_of(chart, -3))
    expect(said).to_contain_text(numbers.zscore(float(seen.zscore[-3])))
    expect(said).to_have_attribute("aria-live", "polite")
    chart.surface.press("Home")
    expect(chart.time_label).to_contain_text(time_of(chart, 0))
    chart.surface.press("Shift+ArrowRight")
    expect(chart.time_label).to_contain_text(time_of(chart, 10))
    chart.surface.press("Escape")
    expect(chart.time_label).to_be_hidden()


def test_the_time_is_told_in_the_zone_of_the_screen(watched_page: Page, faked: Faked) -> None:
    chart = opened(watched_page, faked)
    look = {"theme": "dark", "colours": "safe", "zone": "America/New_York", "offset": -300}
    watched_page.evaluate("(look) => dash_clientside.set_props('look', {data: look})", look)
    expect(watched_page.locator(".chart__tags [data-name=zone]", has_text="UTC−5")).to_be_attached()
    first_ms = int(faked.desk.live(QUERY).time_ms[0]) - 5 * 3_600_000
    local = watched_page.evaluate("(ms) => new Date(ms).toISOString().slice(11, 19)", first_ms)
    chart.surface.focus()
    chart.surface.press("Home")
    expect(chart.time_label).to_have_text(re.compile(rf"{local} UTC−5$"))
    chart.drag(0.3, 0.6)
    expect(watched_page).to_have_url(re.compile("from=.*Z&to=.*Z"))
    start_ms = watched_page.evaluate("() => Date.parse(new URLSearchParams(location.search).get('from'))")
    assert start_ms - 5 * 3_600_000 == pytest.approx(chart.range_ms()[0], abs=2_000)


def test_the_focus_on_the_chart_is_seen_and_its_keys_are_described(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    same_page.keyboard.press("Tab")
    chart.surface.focus()
    chart.surface.press("End")
    outline = chart.surface.evaluate("(one) => getComputedStyle(one).outlineStyle")
    assert outline == "solid"
    expect(chart.surface).to_have_attribute("aria-description", re.compile("Arrow keys"))


def test_in_a_hole_it_says_no_data_and_never_the_nearest_value(same_page: Page, holed: Faked) -> None:
    chart = opened(same_page, holed)
    middle = 1 + (HOLE.start + HOLE.stop) / 2 / 1500
    chart.point(middle)
    for pane in _PANES:
        expect(chart.header(pane)).to_contain_text("no data")
        expect(chart.header(pane)).not_to_contain_text(re.compile(r"\d\.\d"))
    chart.point(middle + 0.1)
    for pane in _PANES:
        expect(chart.header(pane)).to_contain_text(re.compile(r"\d\.\d"))


def test_keys_step_over_a_hole(same_page: Page, holed: Faked) -> None:
    chart = opened(same_page, holed)
    before = HOLE.start + 1500 - 1  # the last row before the hole, of those that are held
    same_page.evaluate(
        "(ms) => dash_clientside.pairwatch.chart.hover(ms, null)", int(holed.desk.live(QUERY).time_ms[before])
    )
    expect(chart.time_label).to_contain_text(time_of(chart, before))
    chart.surface.focus()
    chart.surface.press("ArrowRight")
    expect(chart.time_label).to_contain_text(time_of(chart, before + 1))
    for pane in _PANES:
        expect(chart.header(pane)).not_to_contain_text("no data")
    chart.surface.press("ArrowLeft")
    expect(chart.time_label).to_contain_text(time_of(chart, before))


@contextmanager
def fingered(chromium: Browser, faked: Faked) -> Iterator[tuple[Chart, CDPSession]]:
    """The page on a phone, and its fingers."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    try:
        chart = opened(context.new_page(), faked)
        chart.surface.scroll_into_view_if_needed()
        yield chart, context.new_cdp_session(chart.page)
    finally:
        context.close()


def touch(fingers: CDPSession, kind: str, *at: tuple[float, float]) -> None:
    points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(at)]
    fingers.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})


def test_a_finger_reads_by_dragging_and_a_tap_lets_go(chromium: Browser, faked: Faked) -> None:
    with fingered(chromium, faked) as (chart, fingers):
        x, y = chart.at(0.3, 0.5)
        touch(fingers, "Start", (x, y))
        for step in range(1, 8):
            touch(fingers, "Move", (x + 15 * step, y))
        expect(chart.time_label).to_be_visible()
        expect(chart.header("zscore")).to_contain_text(re.compile(r"\d\.\d\d"))
        touch(fingers, "End")
        expect(chart.time_label).to_be_visible()
        touch(fingers, "Start", (x, y))
        touch(fingers, "End")
        expect(chart.time_label).to_be_hidden()


def test_two_fingers_zoom(chromium: Browser, faked: Faked) -> None:
    with fingered(chromium, faked) as (chart, fingers):
        start, end = chart.range_ms()
        x, y = chart.at(0.5, 0.5)
        touch(fingers, "Start", (x - 20, y), (x + 20, y))
        for step in range(1, 6):
            touch(fingers, "Move", (x - 20 - 8 * step, y), (x + 20 + 8 * step, y))
        touch(fingers, "End")
        expect(chart.page).to_have_url(re.compile("from="))
        nearer_start, nearer_end = chart.range_ms()
        assert nearer_end - nearer_start < 0.7 * (end - start)


def test_a_long_press_opens_the_menu(chromium: Browser, faked: Faked) -> None:
    with fingered(chromium, faked) as (chart, fingers):
        touch(fingers, "Start", chart.at(0.5, 0.5))
        expect(chart.page.locator(f"#{ids.CHART_MENU}")).to_be_visible()
        touch(fingers, "End")
        expect(chart.page.locator(f"#{ids.CHART_MENU}")).to_be_visible()
