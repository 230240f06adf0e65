"""A client that nobody here wrote: ccxt meets the local exchange with nothing but its base URLs changed.

What ccxt 4.5 does (4.5.90 was read for this): REST goes to `urls["api"]["fapiPublic"]` plus the endpoint's name.
For streams it takes `urls["api"]["ws"]["linear"]`, and only when that ends in exactly `/ws` it inserts the route
itself: `/public/ws` for `trade` (the default of watch_trades), bookTicker and depth, `/market/ws` for everything else,
`aggTrade` included. It appends a connection number (`/market/ws/0`), which the exchange takes for the name of a stream
that does not exist, and then sends SUBSCRIBE. So `.../ws` is the right base for both streams. `fetchMarkets` of
`binanceusdm` asks for the linear markets alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import ccxt
import ccxt.pro
import pytest

from ingest.simulator import LocalExchange
from tests.ingest.simulator.conftest import wait_until

SYMBOL = "BTC/USDT:USDT"


@pytest.fixture
def exchange() -> Iterator[LocalExchange]:
    """On the wall clock: ccxt drops what is not recent."""
    with LocalExchange(seed=7) as running:
        yield running


def pointed_at(client: Any, exchange: LocalExchange) -> Any:
    """Only base URLs change."""
    client.urls["api"]["fapiPublic"] = exchange.rest_url + "/fapi/v1"
    client.urls["api"]["ws"] = {"linear": exchange.market_ws_url.removesuffix("/market") + "/ws"}
    return client


@pytest.fixture
def client(exchange: LocalExchange) -> Iterator[Any]:
    sync = pointed_at(ccxt.binanceusdm(), exchange)
    sync.session.trust_env = False  # a proxy in the environment must not swallow loopback
    yield sync
    sync.session.close()


def assert_true(exchange: LocalExchange, trades: list[dict[str, Any]]) -> None:
    """These aggregate trades of BTCUSDT are the exchange's own, in a row."""
    ids = [int(t["id"]) for t in trades]
    truth = exchange.truth("BTCUSDT", ids[0], ids[-1])
    assert ids == truth.trade_id.tolist()
    assert [t["timestamp"] for t in trades] == truth.time_ms.tolist()
    assert [t["price"] for t in trades] == truth.price.tolist()
    assert [t["amount"] for t in trades] == truth.quantity.tolist()
    assert [t["side"] == "sell" for t in trades] == truth.buyer_is_maker.tolist()


def test_ccxt_loads_the_markets_with_their_grids(client: Any) -> None:
    markets = client.load_markets()
    assert len(markets) == 13
    market = markets[SYMBOL]
    assert market["swap"]
    assert market["linear"]
    assert market["active"]
    assert market["precision"] == {"amount": 0.001, "price": 0.1, "base": 1e-8, "quote": 1e-8}
    assert markets["1000SHIB/USDT:USDT"]["precision"]["price"] == 1e-6


def test_ccxt_fetches_the_newest_trades_and_all_since_a_moment(exchange: LocalExchange, client: Any) -> None:
    client.load_markets()
    newest = client.fetch_trades(SYMBOL, limit=200)
    assert len(newest) == 200
    assert_true(exchange, newest)
    since = client.fetch_trades(SYMBOL, since=newest[0]["timestamp"], limit=50)
    assert since[0]["timestamp"] >= newest[0]["timestamp"]
    assert_true(exchange, since)


def test_ccxt_fetches_klines_that_its_trades_confirm(client: Any) -> None:
    client.load_markets()
    start, _, high, low, _, volume = client.fetch_ohlcv("LTC/USDT:USDT", "1m", limit=2)[0]
    trades = client.fetch_trades("LTC/USDT:USDT", since=start, limit=1000, params={"endTime": start + 59_999})
    assert high == max(t["price"] for t in trades)
    assert low == min(t["price"] for t in trades)
    assert volume == pytest.approx(sum(t["amount"] for t in trades))


def test_ccxt_reads_tickers_and_funding(client: Any) -> None:
    client.load_markets()
    ticker = client.fetch_ticker(SYMBOL)
    assert ticker["low"] <= ticker["last"] <= ticker["high"]
    quote = client.fetch_bids_asks([SYMBOL])[SYMBOL]
    assert quote["bid"] < quote["ask"]
    assert len(client.fetch_funding_rate_history(SYMBOL, limit=5)) == 5


async def watched(exchange: LocalExchange, name: str, count: int) -> list[dict[str, Any]]:
    """`count` trades or more from watch_trades, on the stream called `name`."""
    client = pointed_at(ccxt.pro.binanceusdm({"newUpdates": True}), exchange)
    try:
        trades: list[dict[str, Any]] = []
        while len(trades) < count:
            trades += await asyncio.wait_for(client.watch_trades(SYMBOL, params={"name": name}), 20)
        return trades
    finally:
        await client.close()


def test_ccxt_watches_aggregate_trades_without_missing_one(exchange: LocalExchange) -> None:
    trades = asyncio.run(watched(exchange, "aggTrade", 30))
    assert_true(exchange, trades)
    wait_until(lambda: exchange.connections() == 0)


def test_ccxt_watches_fills_and_among_them_prints_that_are_no_market_trades(exchange: LocalExchange) -> None:
    trades = asyncio.run(watched(exchange, "trade", 30))
    ids = [int(t["id"]) for t in trades]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    truth = exchange.truth("BTCUSDT", 1 + (ids[0] - 2_000) // 2, 1 + (ids[-1] + 2_000) // 2)
    prices = {
        i: p
        for f, last, p in zip(truth.first_fill, truth.last_fill, truth.price, strict=True)
        for i in range(int(f), int(last) + 1)
    }
    assert all(t["price"] == prices.get(int(t["id"]), t["price"]) for t in trades)
    assert sum(int(t["id"]) in prices for t in trades) >= len(trades) - 2
