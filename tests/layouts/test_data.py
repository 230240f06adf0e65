"""The parts of the Diagnostics page: what each of them says, and what it says when it knows nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analytics.market import Timeframe
from analytics.status import Diagnostics, RestFacts, StoreFacts
from layouts import machinery, moments, numbers, symbols
from layouts.numbers import DASH
from tests.layouts.reading import components, text
from tests.layouts.test_holes import NOON, cells
from tests.screen_fake import MACHINERY, START_MS, FakeDesk

STATUS = FakeDesk().status()


def test_a_symbols_row_tells_state_reason_flow_ids_and_holes() -> None:
    bitcoin = replace(
        STATUS.symbols["BTCUSDT"], state="BACKFILLING", reason="2 holes being filled", first_id=7, last_id=428_311,
        gaps_open=2, gaps_lost=1, quarantined=4,
    )  # fmt: skip
    (row,) = cells(symbols.symbols_table(replace(STATUS, symbols={"BTCUSDT": bitcoin})))
    assert row == [
        "BTCUSDT", "BACKFILLING 2 holes being filled", "0.1 s", "38 ms", "84.2", "7", "428311", "428,303",
        "2", "1", "4", "trades 1s bars", "×",
    ]  # fmt: skip


def test_unknown_is_a_dash() -> None:
    (row,) = cells(
        symbols.symbols_table(
            replace(STATUS, symbols={"A": replace(STATUS.symbols["BTCUSDT"], age_ms=None, lag_ms=None)})
        )
    )
    assert row[2:4] == [DASH, DASH]
    assert row[5:7] == [DASH, DASH]


def test_a_row_offers_its_files_and_its_removal_to_those_who_listen_too() -> None:
    tree = symbols.symbols_table(STATUS)
    links = [part for part in components(tree) if hasattr(part, "href")]
    assert [link.href for link in links[:2]] == [
        symbols.export_address("BTCUSDT", Timeframe.TICK),
        "/api/data/export?symbol=BTCUSDT&timeframe=1s",
    ]
    buttons = [part for part in components(tree) if hasattr(part, "data-unwatch")]
    assert [getattr(button, "data-unwatch") for button in buttons] == list(STATUS.symbols)
    assert [getattr(button, "aria-label") for button in buttons] == [f"Remove {name}" for name in STATUS.symbols]


def test_a_connection_tells_state_age_and_why_it_was_lost() -> None:
    first, second = cells(machinery.links_table(MACHINERY, START_MS))
    assert first[:3] == ["market", "LIVE no data for 15 s", "3"]
    assert first[-1] == "2"
    assert second[0] == "public"
    assert text(machinery.links_table(Diagnostics(), START_MS)).startswith("No connection.")


def test_the_allowance_tells_a_ban_and_its_end() -> None:
    assert text(machinery.allowance(MACHINERY, START_MS)).startswith("412 of 1,200 in this minute Host fapi.example")
    assert "no ban" in text(machinery.allowance(MACHINERY, START_MS))
    banned = RestFacts("fapi.example", 1_200, 1_200, silent_until_ms=NOON + 60_000, trouble="banned (HTTP 418)")
    told = text(machinery.allowance(replace(MACHINERY, rest=banned), NOON))
    assert "Silent until 12:01:00 UTC" in told
    assert "banned (HTTP 418)" in told
    assert "no ban" in text(machinery.allowance(replace(MACHINERY, rest=banned), NOON + 60_001))
    assert text(machinery.allowance(Diagnostics(), NOON)).startswith("Nothing is asked.")


@pytest.mark.parametrize(
    ("clock_ms", "told"), [(-38, "−38 ms against"), (90_500, "+90.5 s against"), (None, "not known yet")]
)
def test_a_clock_that_is_off_is_told(clock_ms: int | None, told: str) -> None:
    assert told in text(machinery.allowance(replace(MACHINERY, exchange_clock_ms=clock_ms), NOON))


def test_the_store_tells_sizes_disk_and_trouble() -> None:
    told = text(machinery.store(MACHINERY, STATUS))
    assert "700 MiB · log 4.0 MiB" in told
    assert "Free disk 20 GiB" in told
    full = replace(MACHINERY, store=StoreFacts(trouble="the disk is full"))
    assert "Trouble the disk is full" in text(machinery.store(full, STATUS))
    assert f"Free disk {DASH}" in text(machinery.store(full, STATUS))


def test_what_was_set_aside_is_counted_and_shown_newest_first() -> None:
    told = text(machinery.set_aside(MACHINERY))
    assert told.startswith("17 messages set aside since the start, the newest 1 here")
    assert 'price is not a number ETHUSDT {"e":"aggTrade","p":"NaN"}' in told
    assert "2: Invalid request" in told
    assert text(machinery.set_aside(Diagnostics())) == "Nothing: every message was what it should be."


@pytest.mark.parametrize(
    ("later_ms", "told"),
    [(0, "12:00:00"), (86_400_000, "31 Jan 12:00:00"), (366 * 86_400_000, "31 Jan 2026 12:00:00")],
)
def test_a_moment_names_its_day_only_when_it_is_another(later_ms: int, told: str) -> None:
    assert moments.clock_time(NOON, NOON + later_ms) == told


@pytest.mark.parametrize(
    ("amount", "told"),
    [(0, "0 B"), (1_023, "1,023 B"), (1_536, "1.5 KiB"), (10 * 2**20, "10 MiB"), (5 * 2**40, "5.0 TiB"), (None, DASH)],
)
def test_sizes_are_written_in_binary_units(amount: int | None, told: str) -> None:
    assert numbers.size(amount) == told
