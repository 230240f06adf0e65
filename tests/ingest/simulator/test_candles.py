"""Klines equal bars that are computed here, from the truth, in another way."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from ingest.simulator import LocalExchange, Rules
from ingest.simulator.candles import interval_end_ms, interval_start_ms
from tests.ingest.simulator.conftest import NOON_MS, HandClock, RestClient, wait_until

MINUTE_MS = 60_000
DAY_MS = 86_400_000


def bar_of(exchange: LocalExchange, symbol: str, rest: RestClient, start_ms: int, end_ms: int) -> list[Any]:
    """The kline row of the trades with start <= T < end, by Decimal arithmetic over REST pages."""
    rows: list[Any] = []
    page = rest.rows(f"/fapi/v1/aggTrades?symbol={symbol}&startTime={start_ms}&endTime={end_ms - 1}&limit=1000")
    while page and page[-1]["T"] < end_ms:
        rows += page
        page = rest.rows(f"/fapi/v1/aggTrades?symbol={symbol}&fromId={page[-1]['a'] + 1}&limit=1000")
    rows += [r for r in page if r["T"] < end_ms]
    prices = [Decimal(r["p"]) for r in rows]
    sizes = [Decimal(r["q"]) for r in rows]
    bought = [0 if r["m"] else 1 for r in rows]
    return [
        start_ms,
        prices[0],
        max(prices),
        min(prices),
        prices[-1],
        sum(sizes),
        end_ms - 1,
        sum(p * q for p, q in zip(prices, sizes, strict=True)),
        sum(r["l"] - r["f"] + 1 for r in rows),
        sum(q * b for q, b in zip(sizes, bought, strict=True)),
        sum(p * q * b for p, q, b in zip(prices, sizes, bought, strict=True)),
        0,
    ]


def numbers(row: list[Any]) -> list[Any]:
    return [Decimal(v) if isinstance(v, str) else v for v in row]


@pytest.mark.parametrize(("interval", "length_ms"), [("1m", MINUTE_MS), ("15m", 15 * MINUTE_MS)])
@pytest.mark.parametrize("symbol", ["BTCUSDT", "1000SHIBUSDT"])
def test_a_kline_is_the_bar_of_its_trades(
    exchange: LocalExchange, rest: RestClient, symbol: str, interval: str, length_ms: int
) -> None:
    start = NOON_MS - 2 * length_ms
    (row,) = rest.rows(f"/fapi/v1/klines?symbol={symbol}&interval={interval}&startTime={start}&limit=1")
    assert numbers(row) == bar_of(exchange, symbol, rest, start, start + length_ms)


def test_the_running_kline_holds_what_was_published_so_far(
    exchange: LocalExchange, clock: HandClock, rest: RestClient
) -> None:
    clock.advance(23_456)
    wait_until(lambda: rest.rows("/fapi/v1/ticker/bookTicker?symbol=LTCUSDT")["time"] == clock.now_ms)
    row = rest.rows("/fapi/v1/klines?symbol=LTCUSDT&interval=1h&limit=1")[0]
    assert numbers(row)[:6] == bar_of(exchange, "LTCUSDT", rest, NOON_MS, NOON_MS + 23_457)[:6]
    assert row[6] == NOON_MS + 60 * MINUTE_MS - 1


def test_long_klines_are_made_of_short_ones(rest: RestClient) -> None:
    start = NOON_MS - 12 * 60 * MINUTE_MS
    path = f"/fapi/v1/klines?symbol=DOTUSDT&startTime={start}&endTime={NOON_MS - 1}&limit=1500&interval="
    minutes = [numbers(r) for r in rest.rows(path + "1m")]
    assert len(minutes) == 720
    for interval, count in (("3m", 3), ("1h", 60), ("12h", 720)):
        longer = [numbers(r) for r in rest.rows(path + interval)]
        assert len(longer) == 720 // count
        for k, row in enumerate(longer):
            part = minutes[k * count : (k + 1) * count]
            assert row[0] == part[0][0]
            assert row[1] == part[0][1]
            assert row[2] == max(p[2] for p in part)
            assert row[3] == min(p[3] for p in part)
            assert row[4:5] == part[-1][4:5]
            for column in (5, 7, 8, 9, 10):
                assert row[column] == sum(p[column] for p in part)


def test_without_times_the_newest_klines_come_ascending(rest: RestClient) -> None:
    rows = rest.rows("/fapi/v1/klines?symbol=DOTUSDT&interval=5m")
    assert len(rows) == 500
    assert set(np.diff([r[0] for r in rows])) == {5 * MINUTE_MS}
    earlier = rest.rows(f"/fapi/v1/klines?symbol=DOTUSDT&interval=5m&endTime={rows[-10][0]}&limit=3")
    assert earlier == rows[-12:-9]


def test_klines_reach_back_as_far_as_the_rules_say(clock: HandClock) -> None:
    with LocalExchange(seed=7, now_ms=clock, rules=Rules(klines_days=3)) as exchange:
        rest = RestClient(exchange.rest_url)
        for bounds in ("", "&startTime=0"):
            days = rest.rows("/fapi/v1/klines?symbol=LTCUSDT&interval=1d&limit=1500" + bounds)
            assert [r[0] - NOON_MS // DAY_MS * DAY_MS for r in days] == [-2 * DAY_MS, -DAY_MS, 0]
        rest.connection.close()


@pytest.mark.parametrize(
    ("interval", "moment", "start", "end"),
    [
        ("1w", "2026-03-05T12:00", "2026-03-02T00:00", "2026-03-09T00:00"),
        ("1M", "2026-02-28T23:59", "2026-02-01T00:00", "2026-03-01T00:00"),
        ("1M", "2026-12-31T00:00", "2026-12-01T00:00", "2027-01-01T00:00"),
        ("4h", "2026-03-05T15:59", "2026-03-05T12:00", "2026-03-05T16:00"),
        ("1d", "2026-03-05T00:00", "2026-03-05T00:00", "2026-03-06T00:00"),
    ],
)
def test_weeks_begin_on_monday_and_months_on_the_first(interval: str, moment: str, start: str, end: str) -> None:
    at, begins, ends = (int(np.datetime64(t, "ms").astype(np.int64)) for t in (moment, start, end))
    assert interval_start_ms(interval, at) == begins
    assert interval_end_ms(interval, begins) == ends
