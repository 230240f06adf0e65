"""The range of time that is seen: chosen by hand, held in the address, kept whatever the server sends."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from layouts import ids
from tests.e2e.chart_page import HELD, Chart, at_rest, opened
from tests.e2e.faked import Faked, served
from tests.fakes import wait_until
from tests.screen_fake import FakeDesk

pytestmark = pytest.mark.browser

_WINDOW = re.compile(r"from=\d{4}-\d\d-\d\dT[\d:]+Z&to=\d{4}-\d\d-\d\dT[\d:]+Z$")


@pytest.fixture(scope="module")
def server() -> Iterator[Faked]:
    with served(FakeDesk(HELD)) as one:
        yield one


@pytest.fixture
def faked(server: Faked) -> Faked:
    server.desk.held = HELD
    return server


def settled(chart: Chart, wanted: list[int], within_ms: int = 1_500) -> None:
    """The picture has come to this range."""

    def there() -> bool:
        chart.page.wait_for_timeout(30)
        return all(abs(a - b) <= within_ms for a, b in zip(chart.range_ms(), wanted, strict=True))

    wait_until(there, what=f"the range {wanted}, now {chart.range_ms()}")


def advance(chart: Chart, seconds: int) -> int:
    """The market goes on, and the picture with it."""
    before = chart.newest_ms()
    chart.faked.desk.held += seconds

    def arrived() -> bool:
        chart.page.wait_for_timeout(30)
        return chart.newest_ms() == before + seconds * 1_000

    wait_until(arrived, what="the new data are drawn")
    return before + seconds * 1_000


def zoomed(chart: Chart) -> list[int]:
    """A drag over a part in the middle of the chart."""
    start, end = chart.range_ms()
    chart.drag(0.3, 0.6)
    wanted = [round(start + (end - start) * part) for part in (0.3, 0.6)]
    settled(chart, wanted, within_ms=4_000)
    expect(chart.page).to_have_url(_WINDOW)
    return chart.range_ms()


def test_a_drag_zooms_all_panes_and_the_address_says_it_without_asking_the_server(
    same_page: Page, faked: Faked
) -> None:
    chart = opened(same_page, faked)
    asked: list[str] = []
    same_page.on("request", lambda one: asked.append(one.post_data or "") if one.method == "POST" else None)
    zoomed(chart)
    assert not [one for one in asked if f'"output":"..{ids.QUERY}.data' in one]
    assert same_page.evaluate("() => history.length") <= 2


def test_zoom_survives_updates_and_a_change_of_theme(watched_page: Page, faked: Faked) -> None:
    chart = opened(watched_page, faked)
    kept = zoomed(chart)
    for _ in range(3):
        advance(chart, 3)
        assert chart.range_ms() == kept
    drawn = watched_page.evaluate("() => document.querySelector('#chart .js-plotly-plot')._fullLayout.font.color")
    watched_page.evaluate(
        "() => dash_clientside.set_props('look', {data: {theme: 'dark', colours: 'classic', zone: 'UTC', offset: 0}})"
    )

    def redrawn() -> bool:
        watched_page.wait_for_timeout(30)
        colour = watched_page.evaluate("() => document.querySelector('#chart .js-plotly-plot')._fullLayout.font.color")
        return bool(colour != drawn)

    wait_until(redrawn, what="the other look")
    assert chart.range_ms() == kept


def test_the_address_brings_the_range_back_after_a_reload_and_in_another_tab(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    kept = zoomed(chart)
    address, chart = same_page.url, Chart(same_page, faked)
    same_page.reload()
    at_rest(chart, address)
    settled(chart, kept)
    same_page.goto("about:blank")
    same_page.goto(address)
    at_rest(chart, address)
    settled(chart, kept)
    expect(same_page).to_have_url(address)


def test_a_span_shows_the_newest_minutes_and_moves_on_with_them(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked, "?span=5m")
    newest = chart.newest_ms()
    settled(chart, [newest - 300_000, newest])
    newest = advance(chart, 20)
    settled(chart, [newest - 300_000, newest], within_ms=0)
    expect(same_page).to_have_url(re.compile(r"span=5m"))


def test_the_range_stays_when_another_view_is_chosen_and_back_works(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked, "?pair=BTCUSDT-ETHUSDT&tf=1s&window=300&intercept=1&span=5m")
    same_page.locator(f"#{ids.SWAP}").click()
    expect(same_page).to_have_url(re.compile(r"pair=ETHUSDT-BTCUSDT.*span=5m"))
    same_page.evaluate("() => dash_clientside.pairwatch.chartSpan('10m')")
    expect(same_page).to_have_url(re.compile(r"pair=ETHUSDT-BTCUSDT.*span=10m"))
    same_page.go_back()
    expect(same_page).to_have_url(re.compile(r"pair=BTCUSDT-ETHUSDT.*span=5m"))
    newest = chart.newest_ms()
    settled(chart, [newest - 300_000, newest])


def test_the_wheel_zooms_about_the_pointer_and_pans_sideways(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    start, end = chart.range_ms()
    chart.point(0.5)
    same_page.mouse.wheel(0, -400)

    def nearer() -> bool:
        same_page.wait_for_timeout(30)
        a, b = chart.range_ms()
        return b - a < 0.7 * (end - start)

    wait_until(nearer, what="a nearer look")
    near = chart.range_ms()
    assert sum(near) / 2 == pytest.approx((start + end) / 2, abs=5_000)
    same_page.mouse.wheel(-120, 0)

    def moved() -> bool:
        same_page.wait_for_timeout(30)
        return chart.range_ms()[0] < near[0]

    wait_until(moved, what="an earlier look")
    a, b = chart.range_ms()
    assert b - a == pytest.approx(near[1] - near[0], abs=2_000)


def test_shift_and_drag_pan_to_what_was_before(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    start, end = zoomed(chart)
    same_page.keyboard.down("Shift")
    chart.drag(0.4, 0.6)
    same_page.keyboard.up("Shift")
    by = (end - start) * 0.2
    settled(chart, [round(start - by), round(end - by)], within_ms=4_000)


@pytest.mark.parametrize("way", ["double click", "key", "function"])
def test_double_click_and_r_show_all_again(same_page: Page, faked: Faked, way: str) -> None:
    chart = opened(same_page, faked)
    whole = chart.range_ms()
    zoomed(chart)
    if way == "double click":
        same_page.mouse.dblclick(*chart.at(0.5, 0.3))
    elif way == "key":
        chart.surface.focus()
        same_page.keyboard.press("r")
    else:
        same_page.evaluate("() => dash_clientside.pairwatch.resetZoom()")
    settled(chart, whole)
    assert "from=" not in same_page.url


def test_a_chart_that_does_not_show_the_newest_says_so_and_leads_there(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    button = same_page.locator(f"#{ids.CHART_NEWEST}")
    expect(button).to_be_hidden()
    start, end = zoomed(chart)
    expect(button).to_be_visible()
    button.click()
    newest = chart.newest_ms()
    settled(chart, [newest - (end - start), newest])
    expect(button).to_be_hidden()
    newest = advance(chart, 7)
    settled(chart, [newest - (end - start), newest])


def test_a_drag_to_the_right_edge_goes_on_with_the_market(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    chart.drag(0.7, 1.0)
    expect(same_page).to_have_url(re.compile(r"span=\d+[sm]$"))
    newest = advance(chart, 5)
    assert chart.range_ms()[1] == newest


def test_value_axes_hold_what_is_seen(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    whole = chart.heights("prices")
    zoomed(chart)
    low, high = chart.heights("prices")
    assert high - low < whole[1] - whole[0]
    start, end = chart.range_ms()
    seen = faked.desk.live(faked.desk.default_query())
    inside = seen.y[(seen.time_ms >= start) & (seen.time_ms <= end)]
    assert low < inside.min()
    assert high > inside.max()
    assert high - low < 1.3 * (inside.max() - inside.min())


def test_a_range_without_data_says_what_is_held(same_page: Page, faked: Faked) -> None:
    opened(same_page, faked, "?from=2020-01-01T00:00:00Z&to=2020-01-01T01:00:00Z")
    expect(same_page.locator(".chart__empty")).to_contain_text(re.compile(r"No data in this range.*The chart holds"))
    same_page.locator(f"#{ids.CHART_NEWEST}").click()
    expect(same_page.locator(".chart__empty")).to_be_hidden()


@pytest.mark.parametrize(
    "search", ["?span=0m", "?span=never", "?from=yesterday&to=now", "?from=2026-01-02&to=2026-01-01"]
)
def test_a_range_that_cannot_be_read_shows_all(same_page: Page, faked: Faked, search: str) -> None:
    chart = opened(same_page, faked, search)
    newest = chart.newest_ms()
    settled(chart, [newest - 1_499_000, newest])
