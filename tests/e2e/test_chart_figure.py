"""What the chart shows: options of its row, shading, levels, marks, and what can be taken away, in a real browser."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from analytics.stretches import Stretch
from layouts import ids
from tests.e2e.faked import Faked, served
from tests.screen_fake import START_MS, FakeDesk

pytestmark = pytest.mark.browser

HELD = 1_800
SHOWN_MS = START_MS + 301_000  # of the first of the 1 500 rows


@pytest.fixture(scope="module")
def server() -> Iterator[Faked]:
    desk = FakeDesk(HELD)
    desk.stretched = (
        Stretch("BTCUSDT", "lost", SHOWN_MS + 300_000, SHOWN_MS + 360_000, 1_204, SHOWN_MS + 361_000),
        Stretch("ETHUSDT", "backfilled", SHOWN_MS + 700_000, SHOWN_MS + 720_000, 412, SHOWN_MS + 725_000),
    )
    with served(desk) as one:
        yield one


def opened(page: Page, faked: Faked, search: str = "") -> None:
    page.goto(f"{faked.url}/{search}")
    expect(header(page, "zscore")).to_contain_text(re.compile(r"[+−]\d"))
    expect(page.locator(f"#{ids.CHART} .xaxislayer-above text").first).to_be_attached()


def header(page: Page, pane: str) -> Locator:
    return page.locator(f"#{ids.READOUTS[pane]}")


def told(page: Page, words: str) -> Locator:
    return page.locator(".chart__tags span", has_text=words)


def pressed(page: Page, option_id: str, *, on: bool) -> None:
    expect(page.locator(f"#{option_id}")).to_have_attribute("aria-pressed", str(on).lower())


def test_candles_replace_the_line_and_the_address_keeps_them(watched_page: Page, server: Faked) -> None:
    opened(watched_page, server)
    candles = watched_page.locator(f"#{ids.CHART} .boxes path, #{ids.CHART} .candlestick path, #{ids.CHART} path.box")
    expect(candles).to_have_count(0)
    watched_page.locator(f"#{ids.CHART_CANDLES}").click()
    expect(candles.nth(200)).to_be_attached()
    expect(watched_page).to_have_url(re.compile("style=candles"))
    expect(header(watched_page, "prices")).to_contain_text("candles of 5 × 1s")
    watched_page.reload()
    expect(candles.nth(200)).to_be_attached()
    pressed(watched_page, ids.CHART_CANDLES, on=True)
    watched_page.locator(f"#{ids.CHART_CANDLES}").click()
    expect(candles).to_have_count(0)
    expect(watched_page).not_to_have_url(re.compile("style="))


def test_on_trades_candles_say_why_there_are_none(watched_page: Page, server: Faked) -> None:
    opened(watched_page, server, "?pair=BTCUSDT-ETHUSDT&tf=tick&window=300&intercept=1&style=candles")
    expect(header(watched_page, "prices")).to_contain_text("candles need bars, not ticks")


def test_panes_come_and_go_and_the_others_make_room(watched_page: Page, server: Faked) -> None:
    opened(watched_page, server)
    spread = watched_page.locator(f"#{ids.HEADERS['spread']}")
    before = spread.bounding_box()
    expect(watched_page.locator(f"#{ids.HEADERS['hedge']}")).to_be_hidden()
    watched_page.locator(f"#{ids.CHART_HEDGE}").click()
    watched_page.locator(f"#{ids.CHART_CORRELATION}").click()
    expect(header(watched_page, "hedge")).to_contain_text("OLS, ETH per BTC")
    expect(header(watched_page, "correlation")).to_contain_text(re.compile(r"prices\s*0\.\d{3}"))
    expect(watched_page).to_have_url(re.compile("panes=correlation%2Chedge"))
    after = spread.bounding_box()
    assert before is not None
    assert after is not None
    assert after["y"] < before["y"]
    watched_page.go_back()
    expect(watched_page.locator(f"#{ids.HEADERS['correlation']}")).to_be_hidden()
    pressed(watched_page, ids.CHART_HEDGE, on=True)


def test_rebased_prices_share_an_axis_in_percent(watched_page: Page, server: Faked) -> None:
    opened(watched_page, server)
    watched_page.locator(f"#{ids.CHART_REBASED}").click()
    expect(watched_page.locator(f"#{ids.CHART} .y2tick text").first).to_contain_text("%")
    expect(watched_page.locator(f"#{ids.CHART} .y3tick")).to_have_count(0)
    expect(header(watched_page, "prices")).to_contain_text(re.compile(r"[+−]\d\.\d\d %"))


def test_holes_and_fills_are_shaded_and_named(watched_page: Page, server: Faked) -> None:
    opened(watched_page, server)
    expect(told(watched_page, "BTC: lost, seen 09:04:22, 1,204 trades")).to_be_visible()
    expect(told(watched_page, "ETH: back-filled 09:10:26, 412 trades")).to_be_visible()
    expect(watched_page.locator(f"#{ids.CHART} pattern")).not_to_have_count(0)  # the hole is hatched


def test_levels_of_the_address_stand_at_both_signs(watched_page: Page, server: Faked) -> None:
    opened(watched_page, server, "?pair=BTCUSDT-ETHUSDT&tf=1s&window=300&intercept=1&entry=2.25&exit=0.5&stop=3")
    for words in ("entry +2.25", "entry −2.25", "exit +0.50", "exit −0.50", "stop +3.00", "stop −3.00"):
        expect(told(watched_page, words)).to_have_count(1)


def test_marks_of_crossings_can_be_hidden(watched_page: Page, server: Faked) -> None:
    opened(watched_page, server)
    marks = watched_page.locator(f"#{ids.CHART} .points path")
    expect(marks.nth(3)).to_be_attached()
    watched_page.locator(f"#{ids.CHART_MARKS}").click()
    expect(marks).to_have_count(0)
    expect(watched_page).to_have_url(re.compile("marks=0"))


def test_presets_that_make_no_sense_for_the_bars_are_not_offered(watched_page: Page, server: Faked) -> None:
    opened(watched_page, server)
    presets = watched_page.locator(f'#{ids.CHART_CONTROLS} [data-chart^="span:"]:visible')
    expect(presets).to_have_text(["1m", "5m", "15m", "all"])
    watched_page.goto(f"{server.url}/?pair=BTCUSDT-ETHUSDT&tf=5m&window=300&intercept=1")
    expect(presets).to_have_text(["4h", "1d", "all"])


def test_options_are_reached_and_pressed_by_keys_alone(watched_page: Page, server: Faked) -> None:
    opened(watched_page, server)
    watched_page.locator(f'#{ids.CHART_CONTROLS} [data-chart="span:all"]').focus()
    watched_page.keyboard.press("Tab")
    expect(watched_page.locator(f"#{ids.CHART_CANDLES}")).to_be_focused()
    watched_page.keyboard.press("Enter")
    expect(watched_page).to_have_url(re.compile("style=candles"))


def test_the_table_holds_what_is_seen_to_the_last_bit(watched_page: Page, server: Faked, tmp_path: Path) -> None:
    opened(watched_page, server)
    watched_page.locator(f'#{ids.CHART_CONTROLS} [data-chart="span:5m"]').click()
    expect(watched_page).to_have_url(re.compile("span=5m"))
    with watched_page.expect_download() as coming:
        watched_page.locator(f"#{ids.CHART_CSV}").click()
    coming.value.save_as(tmp_path / "seen.csv")
    lines = (tmp_path / "seen.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(io.StringIO("\n".join(line for line in lines if not line.startswith("#")))))
    seen = server.desk.live(server.desk.default_query())
    assert 300 <= len(rows) <= 302
    assert int(rows[-1]["time_ms"]) == seen.time_ms[-1]
    assert np.array_equal([float(row["zscore"]) for row in rows], seen.zscore[-len(rows) :])


def test_the_picture_is_a_png_of_the_chart(watched_page: Page, server: Faked, tmp_path: Path) -> None:
    opened(watched_page, server, "?pair=BTCUSDT-ETHUSDT&tf=1s&window=300&intercept=1")
    with watched_page.expect_download() as coming:
        watched_page.locator(f"#{ids.CHART_PNG}").click()
    assert re.fullmatch(r"pairwatch-BTCUSDT-ETHUSDT-\d{8}T\d{6}Z\.png", coming.value.suggested_filename)
    coming.value.save_as(tmp_path / "chart.png")
    content = (tmp_path / "chart.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert int.from_bytes(content[16:20], "big") > 1_000  # twice as fine as the screen


def test_on_a_phone_every_control_of_the_chart_is_a_fingers_breadth_high(watched_page: Page, server: Faked) -> None:
    watched_page.set_viewport_size({"width": 390, "height": 844})
    opened(watched_page, server)
    buttons = watched_page.locator(f"#{ids.CHART_CONTROLS} button:visible")
    assert all((one.bounding_box() or {"height": 0})["height"] >= 40 for one in buttons.all())
    assert watched_page.evaluate("document.documentElement.scrollWidth") <= 390
