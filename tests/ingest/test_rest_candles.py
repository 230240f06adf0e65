"""Candles as the exchange tells them: read strictly, closed ones only, equal to the bars of the trades."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.bars import bars_from_ticks
from analytics.errors import BadInput, MalformedFrame, SourceUnavailable
from analytics.market import Quality, Ticks, Timeframe
from ingest.binance_rest import decode_candles
from ingest.rest import RestClient
from ingest.simulator import LocalExchange
from ingest.weight import WeightBudget
from services.clock import SystemClock
from tests.fakes import FakeClock
from tests.ingest.http_door import Answer, Door, http_door

MINUTE = 60_000
CLOCK = SystemClock()
Row = list[object]


def row(start_ms: int, *, length_ms: int = MINUTE, **changes: object) -> Row:
    """One candle as the exchange writes it."""
    columns: dict[str, object] = {
        "start": start_ms,
        "open": "2.50",
        "high": "3.00",
        "low": "2.00",
        "close": "2.75",
        "volume": "10.5",
        "end": start_ms + length_ms - 1,
        "quote": "27.3",
        "trades": 7,
        "bought": "4.25",
        "bought_quote": "11.0",
        "unused": "0",
    }
    return list((columns | changes).values())


@pytest.fixture
def door() -> Iterator[Door]:
    with http_door() as running:
        yield running


def test_a_candle_is_read_column_by_column_and_nothing_traded_is_no_candle() -> None:
    body = json.dumps([row(0), row(MINUTE, trades=0, volume="0", bought="0"), row(3 * MINUTE)]).encode()
    bars = decode_candles(body, MINUTE)
    assert bars.start_ms.tolist() == [0, 3 * MINUTE]
    first = bars.rows(slice(0, 1))
    columns = (first.open, first.high, first.low, first.close, first.volume, first.taker_buy_volume)
    assert [column[0] for column in columns] == [2.5, 3.0, 2.0, 2.75, 10.5, 4.25]
    assert (first.trades[0], first.first_id[0], first.last_id[0]) == (7, 0, 0)
    assert bars.quality.tolist() == [Quality.BACKFILLED] * 2


@pytest.mark.parametrize(
    "rows",
    [
        [row(1)],
        [row(0, length_ms=5 * MINUTE)],
        [row(MINUTE), row(0)],
        [row(0), row(0)],
        [row(0, high="2.60")],
        [row(0, low="2.60")],
        [row(0, low="0.00", open="0.00")],
        [row(0, bought="10.6")],
        [row(0, trades=-1)],
        [row(0, trades=1.5)],
        [row(0, open=2.5)],
        [row(0, close="NaN")],
        [row(0, close="2e0")],
        [row(0, close="1_0")],
        [row(0, close=" 2.75")],
        [row(0, volume="-1")],
        [row(0)[:9]],
        {"code": 0},
        [{"start": 0}],
    ],
)
def test_a_candle_that_contradicts_itself_is_not_read(rows: object) -> None:
    with pytest.raises(MalformedFrame, match="candle"):
        decode_candles(json.dumps(rows).encode(), MINUTE)


@given(st.binary(max_size=200))
def test_any_bytes_are_candles_or_refused(body: bytes) -> None:
    try:
        bars = decode_candles(body, MINUTE)
    except MalformedFrame:
        return
    assert len(bars) == 0 or bars.start_ms[0] % MINUTE == 0


@pytest.mark.parametrize(("wanted", "limit"), [(1, 1), (99, 99), (1_500, 1_500), (4_000, 1_500)])
def test_one_page_is_asked_for_and_the_running_candle_is_left_out(door: Door, wanted: int, limit: int) -> None:
    clock = FakeClock()
    newest = clock.now_ms() // MINUTE * MINUTE
    start = newest - (wanted - 1) * MINUTE
    rows = [row(start + n * MINUTE) for n in range(min(wanted, limit))]

    def answer(path: str) -> Answer:
        if path.startswith("/fapi/v1/time"):
            return Answer(body=b'{"serverTime":%d}' % clock.now_ms())
        return Answer(body=json.dumps(rows).encode())

    door.answer = answer
    rest = RestClient(door.url, clock, WeightBudget())
    bars = rest.candles("BTCUSDT", Timeframe.M1, start_ms=start, end_ms=newest + MINUTE)
    expected = [one[0] for one in rows if one[0] != newest]
    assert bars.start_ms.tolist() == expected
    query = parse_qs(urlsplit(door.asked[-1]).query)
    assert query == {
        "symbol": ["BTCUSDT"],
        "interval": ["1m"],
        "startTime": [str(start)],
        "endTime": [str(newest + MINUTE - 1)],
        "limit": [str(limit)],
    }
    clock.pass_ms(MINUTE)
    later = rest.candles("BTCUSDT", Timeframe.M1, start_ms=start, end_ms=newest + MINUTE)
    assert later.start_ms.tolist() == [one[0] for one in rows]
    with pytest.raises(BadInput, match="1m or longer"):
        rest.candles("BTCUSDT", Timeframe.S15, start_ms=0, end_ms=MINUTE)
    assert len(rest.candles("BTCUSDT", Timeframe.M1, start_ms=MINUTE, end_ms=MINUTE)) == 0


def test_after_the_machine_slept_the_exchanges_clock_is_asked_again(door: Door) -> None:
    clock = FakeClock()
    start = clock.now_ms() // MINUTE * MINUTE
    door.answer = lambda path: Answer(
        body=b'{"serverTime":%d}' % clock.now_ms()
        if path.startswith("/fapi/v1/time")
        else json.dumps([row(start)]).encode()
    )
    rest = RestClient(door.url, clock, WeightBudget())
    assert len(rest.candles("BTCUSDT", Timeframe.M1, start_ms=start, end_ms=start + MINUTE)) == 0
    clock.wall_ms += 10 * MINUTE
    assert len(rest.candles("BTCUSDT", Timeframe.M1, start_ms=start, end_ms=start + MINUTE)) == 1


def test_an_answer_that_is_malformed_is_a_sentence(door: Door) -> None:
    def answer(path: str) -> Answer:
        return Answer(body=b'{"serverTime":1}' if "time" in path else json.dumps([row(1)]).encode())

    door.answer = answer
    rest = RestClient(door.url, FakeClock(), WeightBudget())
    with pytest.raises(SourceUnavailable, match="a candle begins off the grid"):
        rest.candles("BTCUSDT", Timeframe.M1, start_ms=0, end_ms=MINUTE)


def test_candles_are_the_bars_of_the_trades() -> None:
    with LocalExchange(seed=3) as exchange:
        rest = RestClient(exchange.rest_url, CLOCK, WeightBudget())
        end_ms = (CLOCK.now_ms() // MINUTE - 1) * MINUTE
        told = rest.candles("ETHUSDT", Timeframe.M1, start_ms=end_ms - 5 * MINUTE, end_ms=end_ms)
        rest.close()
        newest = exchange.newest_id("ETHUSDT")
        truth = exchange.truth("ETHUSDT", newest - 20_000, newest)
    ticks = Ticks(truth.trade_id, truth.time_ms, truth.price, truth.quantity, truth.buyer_is_maker)
    own = bars_from_ticks(ticks, Timeframe.M1)
    own = own.rows(np.isin(own.start_ms, told.start_ms))
    assert len(own) == len(told) == 5
    for name in ("start_ms", "open", "high", "low", "close"):
        np.testing.assert_array_equal(getattr(told, name), getattr(own, name))
    np.testing.assert_allclose(told.volume, own.volume)
    np.testing.assert_allclose(told.taker_buy_volume, own.taker_buy_volume)
