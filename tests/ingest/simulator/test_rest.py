"""The REST side: pages equal the stream, limits and refusals are the exchange's own."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from ingest.simulator import LocalExchange, Rules
from ingest.simulator.listing import INSTRUMENTS
from tests.ingest.simulator.conftest import NOON_MS, HandClock, RestClient, messages, wait_until

HOUR_MS = 3_600_000
HORIZON_MS = 48 * HOUR_MS
TRADES = "/fapi/v1/aggTrades?symbol=BTCUSDT"


def refusal(rest: RestClient, target: str, method: str = "GET") -> tuple[int, int]:
    status, _, body = rest.ask(target, method)
    return status, body["code"]


def test_pages_by_id_equal_the_stream(
    exchange: LocalExchange, clock: HandClock, rest: RestClient, dial: Callable[[str], ClientConnection]
) -> None:
    connection = dial(exchange.market_ws_url + "/ws/btcusdt@aggTrade")
    before = exchange.newest_id("BTCUSDT")
    clock.advance(60_000)
    wait_until(lambda: exchange.newest_id("BTCUSDT") >= before + 250)
    told = messages(connection, 250)
    rows: list[Any] = []
    while len(rows) < 250:
        rows += rest.rows(f"{TRADES}&fromId={before + 1 + len(rows)}&limit=100")
    for event, row in zip(told, rows, strict=False):
        assert {k: event[k] for k in ("a", "p", "q", "nq", "f", "l", "T", "m")} == row


def test_rest_knows_no_more_than_what_was_published(
    exchange: LocalExchange, clock: HandClock, rest: RestClient
) -> None:
    exchange.pause()
    newest = exchange.newest_id("BTCUSDT")
    clock.advance(HOUR_MS)
    assert rest.rows(TRADES + "&limit=1")[0]["a"] == newest
    assert rest.rows(f"{TRADES}&fromId={newest + 1}") == []
    assert rest.rows(f"{TRADES}&fromId={newest}")[0]["a"] == newest  # inclusive


def test_newest_trades_come_500_at_a_time_unless_asked_otherwise(exchange: LocalExchange, rest: RestClient) -> None:
    newest = exchange.newest_id("BTCUSDT")
    assert [r["a"] for r in rest.rows(TRADES)] == list(range(newest - 499, newest + 1))
    assert len(rest.rows(TRADES + "&limit=1000")) == 1000


def test_a_span_of_time_holds_exactly_its_trades(exchange: LocalExchange, rest: RestClient) -> None:
    start, end = NOON_MS - 90_000, NOON_MS - 60_000
    rows = rest.rows(f"{TRADES}&startTime={start}&endTime={end}&limit=1000")
    around = exchange.truth("BTCUSDT", rows[0]["a"] - 1, rows[-1]["a"] + 1)
    assert around.time_ms[0] < start <= around.time_ms[1]
    assert around.time_ms[-2] <= end < around.time_ms[-1]
    first_only = rest.rows(f"{TRADES}&startTime={start}&limit=7")
    assert first_only == rows[:7]
    last_only = rest.rows(f"{TRADES}&endTime={end}&limit=7")
    assert last_only == rows[-7:]


def test_the_horizon_is_48_hours(exchange: LocalExchange, rest: RestClient) -> None:
    edge = NOON_MS - HORIZON_MS
    first = rest.rows(f"{TRADES}&startTime={edge - 600_000}&limit=1")[0]
    assert first["T"] >= edge
    assert exchange.truth("BTCUSDT", first["a"] - 1, first["a"] - 1).time_ms[0] < edge
    assert rest.rows(f"{TRADES}&fromId={first['a']}&limit=1") == [first]
    assert rest.rows(f"{TRADES}&fromId={first['a'] - 1}&limit=1000") == []
    assert rest.rows(f"{TRADES}&fromId=1") == []
    assert rest.rows(f"{TRADES}&startTime={edge - 2 * HOUR_MS}&endTime={edge - 2 * HOUR_MS + 1000}") == []


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ("/fapi/v1/aggTrades", 400, -1102),
        ("/fapi/v1/aggTrades?symbol=", 400, -1102),
        ("/fapi/v1/aggTrades?symbol=NOSUCHUSDT", 400, -1121),
        ("/fapi/v1/aggTrades?symbol=btcusdt", 400, -1121),
        (TRADES + "&fromId=-1", 400, -1100),
        (TRADES + "&fromId=1e3", 400, -1100),
        (TRADES + "&limit=0", 400, -1130),
        (TRADES + "&limit=1001", 400, -1130),
        (TRADES + "&startTime=2&endTime=1", 400, -1023),
        (TRADES + f"&startTime={NOON_MS - HOUR_MS}&endTime={NOON_MS + 1}", 400, -1127),
        (TRADES + f"&fromId=1&startTime={NOON_MS}", 400, -1128),
        ("/fapi/v1/klines?symbol=BTCUSDT", 400, -1102),
        ("/fapi/v1/klines?symbol=BTCUSDT&interval=1s", 400, -1120),
        ("/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1501", 400, -1130),
        ("/fapi/v1/nothing", 404, -1000),
        ("/", 404, -1000),
    ],
)
def test_a_wrong_request_is_refused_with_its_code(rest: RestClient, target: str, status: int, code: int) -> None:
    assert refusal(rest, target) == (status, code)


@pytest.mark.parametrize("number", [0, 1, 10**15, 10**18, 9 * 10**18])
@pytest.mark.parametrize("name", ["fromId", "startTime", "endTime"])
def test_any_number_gets_an_answer(clock: HandClock, name: str, number: int) -> None:
    with LocalExchange(seed=7, now_ms=clock, rules=Rules(klines_days=1)) as exchange:
        rest = RestClient(exchange.rest_url)
        assert len(rest.rows(f"{TRADES}&{name}={number}&limit=3")) in {0, 3}
        if name != "fromId":
            for interval in ("1m", "1M"):
                rest.rows(f"/fapi/v1/klines?symbol=BTCUSDT&interval={interval}&{name}={number}&limit=2")
            rest.rows(f"/fapi/v1/fundingRate?symbol=BTCUSDT&{name}={number}&limit=2")
        rest.connection.close()


def test_only_get_is_served(rest: RestClient) -> None:
    assert refusal(rest, "/fapi/v1/time", "POST") == (405, -1000)
    status, headers, body = rest.ask("/fapi/v1/time", "HEAD")
    assert (status, headers["Allow"], body) == (405, "GET", None)
    assert rest.rows("/fapi/v1/ping") == {}  # the connection is still good


def test_bytes_that_are_no_http_are_refused(exchange: LocalExchange, rest: RestClient) -> None:
    rest.connection.connect()
    rest.connection.sock.sendall(b"\x16\x03\x01\x02\x00 not http\r\n\r\n")
    assert rest.connection.sock.recv(1024).startswith(b"HTTP/1.1 400")


def test_the_clock_is_the_exchanges_own(rest: RestClient, clock: HandClock) -> None:
    assert rest.rows("/fapi/v1/time") == {"serverTime": clock.now_ms}


@pytest.mark.parametrize(
    ("target", "weight"),
    [
        ("/fapi/v1/ping", 1),
        ("/fapi/v1/exchangeInfo", 1),
        (TRADES, 20),
        ("/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=99", 1),
        ("/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=100", 2),
        ("/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1000", 5),
        ("/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1001", 10),
    ],
)
def test_each_request_has_its_weight(rest: RestClient, target: str, weight: int) -> None:
    def used() -> int:
        _, headers, _ = rest.ask(target)
        return int(headers["X-MBX-USED-WEIGHT-1M"])

    first = used()
    assert used() - first == weight


def test_over_the_weight_everything_is_refused_until_the_minute_is_over(clock: HandClock) -> None:
    with LocalExchange(seed=7, now_ms=clock, rules=Rules(weight_per_minute=45)) as exchange:
        rest = RestClient(exchange.rest_url)
        rest.rows(TRADES)
        rest.rows(TRADES)
        clock.advance(20_000)
        status, headers, body = rest.ask(TRADES)
        assert (status, body["code"], headers["Retry-After"]) == (429, -1003, "40")
        assert int(headers["X-MBX-USED-WEIGHT-1M"]) == 60
        assert refusal(rest, "/fapi/v1/time") == (429, -1003)
        clock.advance(40_000)
        status, headers, _ = rest.ask(TRADES)
        assert (status, headers["X-MBX-USED-WEIGHT-1M"]) == (200, "20")
        rest.connection.close()


def test_exchange_info_lists_every_instrument_with_its_grids(exchange: LocalExchange, rest: RestClient) -> None:
    listed = {s["symbol"]: s for s in rest.rows("/fapi/v1/exchangeInfo")["symbols"]}
    assert tuple(listed) == exchange.symbols() == tuple(i.symbol for i in INSTRUMENTS)
    for instrument in INSTRUMENTS:
        symbol = listed[instrument.symbol]
        filters = {f["filterType"]: f for f in symbol["filters"]}
        price, _, _ = rest.ask(f"{TRADES.replace('BTCUSDT', instrument.symbol)}&limit=1")[2][0]["p"].partition(".")
        assert float(filters["PRICE_FILTER"]["tickSize"]) == pytest.approx(instrument.tick)
        assert float(filters["PRICE_FILTER"]["minPrice"]) <= float(price) + 1
        assert float(filters["LOT_SIZE"]["stepSize"]) == pytest.approx(10**-instrument.quantity_decimals)
        assert (symbol["status"], symbol["contractType"], symbol["quoteAsset"]) == ("TRADING", "PERPETUAL", "USDT")


def test_quotes_surround_the_mark_price(rest: RestClient) -> None:
    marks = {m["symbol"]: float(m["markPrice"]) for m in rest.rows("/fapi/v1/premiumIndex")}
    for quote in rest.rows("/fapi/v1/ticker/bookTicker"):
        assert float(quote["bidPrice"]) < marks[quote["symbol"]] < float(quote["askPrice"])


def test_funding_rates_ascend_by_eight_hours(rest: RestClient) -> None:
    rows = rest.rows("/fapi/v1/fundingRate?symbol=ETHUSDT&limit=30")
    assert len(rows) == 30
    assert {b["fundingTime"] - a["fundingTime"] for a, b in pairwise(rows)} == {8 * HOUR_MS}
    assert rows[-1]["fundingTime"] <= NOON_MS
    again = rest.rows(f"/fapi/v1/fundingRate?symbol=ETHUSDT&startTime={rows[10]['fundingTime']}&limit=5")
    assert again == rows[10:15]
