"""Entry, exit and stop: moved on the chart by hand and by keys, said by the address, followed by the server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chart_page import HELD, Chart, opened
from tests.e2e.faked import Faked, served
from tests.fakes import wait_until
from tests.screen_fake import FakeDesk

pytestmark = pytest.mark.browser

# Both in one breath: a level that keys have moved is taken as meant after a moment.
_UP_AND_BACK = """(handle) => {
  for (const key of ['ArrowUp', 'Escape']) handle.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
}"""


@pytest.fixture(scope="module")
def faked() -> Iterator[Faked]:
    with served(FakeDesk(HELD)) as one:
        yield one


def take(chart: Chart, level: str, value: float, *, drop: bool = True, sign: str = "+") -> None:
    """Drag a level's line to a z-score."""
    handle = chart.page.locator(f'.level--{level}[data-sign="{sign}"]')
    box = handle.bounding_box()
    assert box is not None
    across = chart.at(0.9, 0)[0]
    chart.page.mouse.move(across, box["y"] + box["height"] / 2)
    chart.page.mouse.down()
    chart.page.mouse.move(across, chart.height_of(value), steps=5)
    if drop:
        chart.page.mouse.up()


def said(page: Page) -> dict[str, float]:
    fields = parse_qs(urlsplit(page.url).query)
    return {name: float(fields[name][0]) for name in ("entry", "exit", "stop") if name in fields}


def drawn(chart: Chart, level: str, value: float) -> None:
    """The server's picture has the level there."""

    def there() -> bool:
        chart.page.wait_for_timeout(30)
        levels = chart.page.evaluate("() => dash_clientside.pairwatch.chart.modelNow().levels")
        return bool(levels[level] == value)

    wait_until(there, what=f"{level} at {value}")


def test_a_dragged_entry_level_moves_both_lines_shows_its_value_and_is_in_the_address_on_release(
    same_page: Page, faked: Faked
) -> None:
    chart = opened(same_page, faked)
    take(chart, "entry", 2.62, drop=False)
    expect(same_page.locator(".level-tag")).to_have_text("entry ±2.60")
    moving = [same_page.locator(f'.level--entry[data-sign="{sign}"]').bounding_box() for sign in "+-"]
    middle = chart.height_of(0)
    above, below = (middle - (box["y"] + box["height"] / 2) for box in moving if box)
    assert above == pytest.approx(-below, abs=1.5)
    assert said(same_page).get("entry", 2.0) == 2.0
    same_page.mouse.up()
    expect(same_page).to_have_url(re.compile("entry=2.6"))
    expect(same_page.locator(".level-tag")).to_be_hidden()
    expect(chart.handle("entry")).to_have_attribute("aria-valuenow", "2.60")
    drawn(chart, "entry", 2.6)


def test_the_servers_numbers_follow_the_exit_level_and_back_takes_it_back(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    before = len(faked.desk.asked)
    take(chart, "exit", 0.5)
    expect(same_page).to_have_url(re.compile("exit=0.5"))
    drawn(chart, "exit", 0.5)
    assert len(faked.desk.asked) > before
    same_page.go_back()
    drawn(chart, "exit", 0)
    expect(chart.handle("exit")).to_have_attribute("aria-valuenow", "0.00")


def test_the_lower_line_of_a_level_can_be_dragged_as_well(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    take(chart, "entry", -1.5, sign="-")
    expect(same_page).to_have_url(re.compile("entry=1.5"))
    expect(chart.handle("entry")).to_have_attribute("aria-valuenow", "1.50")


def test_escape_takes_a_drag_back(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    take(chart, "stop", 2.5, drop=False)
    expect(same_page.locator(".level-tag")).to_have_text("stop ±2.50")
    same_page.keyboard.press("Escape")
    expect(same_page.locator(".level-tag")).to_be_hidden()
    same_page.mouse.up()
    expect(chart.handle("stop")).to_have_attribute("aria-valuenow", "3.50")
    assert said(same_page).get("stop", 3.5) == 3.5


def test_levels_keep_their_order_exit_below_entry_below_stop(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked, "?pair=BTCUSDT-ETHUSDT&exit=0.5&entry=2&stop=3")
    for level, value, bound in (
        ("entry", 3.6, "2.95"),
        ("entry", 0.1, "0.55"),
        ("exit", 2.9, "1.95"),
        ("stop", 0, "2.05"),
    ):
        take(chart, level, value, drop=False)
        expect(chart.handle(level)).to_have_attribute("aria-valuenow", bound)
        same_page.keyboard.press("Escape")
        same_page.mouse.up()


def test_keys_move_a_level_by_a_twentieth_and_with_shift_by_half(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked)
    handle = chart.handle("entry")
    expect(handle).to_have_attribute("role", "slider")
    handle.focus()
    handle.press("ArrowUp")
    handle.press("ArrowUp")
    expect(handle).to_have_attribute("aria-valuenow", "2.10")
    expect(handle).to_have_attribute("aria-valuetext", "2.10, lines at plus and minus 2.10")
    handle.press("Shift+ArrowDown")
    expect(handle).to_have_attribute("aria-valuenow", "1.60")
    expect(same_page).to_have_url(re.compile("entry=1.6"))
    expect(handle).to_be_focused()
    handle.evaluate(_UP_AND_BACK)
    expect(handle).to_have_attribute("aria-valuenow", "1.60")


def test_a_levels_new_place_survives_a_zoomed_range(same_page: Page, faked: Faked) -> None:
    chart = opened(same_page, faked, "?pair=BTCUSDT-ETHUSDT&span=5m")
    take(chart, "entry", 1.8)
    expect(same_page).to_have_url(re.compile(r"entry=1\.8.*span=5m|span=5m.*entry=1\.8"))


def test_the_newest_z_and_the_names_of_the_levels_do_not_cover_each_other(same_page: Page, faked: Faked) -> None:
    z = abs(float(str(faked.desk.live(faked.desk.default_query()).latest_zscore)))
    # There is room beside the newest z for the one; of the other the line stands alone.
    for exit_level, names in ((z - 0.1, 6), (z + 0.1, 5)):
        opened(same_page, faked, f"?pair=BTCUSDT-ETHUSDT&exit={exit_level:.2f}&entry=3.4&stop=4.5")
        tags = same_page.locator(".chart__tags span", has_text=re.compile(r"^(entry|exit|stop) [+−]\d\.\d\d$"))
        expect(tags).to_have_count(names)
        newest = same_page.locator(".chart__tags span", has_text=re.compile(r"^−\d\.\d\d$"))
        shown = [one.bounding_box() for one in (*tags.all(), newest)]
        boxes = sorted((box["y"], box["y"] + box["height"]) for box in shown if box)
        assert len(boxes) == names + 1
        assert all(above[1] <= below[0] + 1 for above, below in pairwise(boxes)), boxes
