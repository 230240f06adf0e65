"""The real connection against the local exchange: reading, reconnecting, subscribing while running, being refused."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from analytics.errors import SourceUnavailable
from ingest.events import FeedEvent, GapSeen, NewTicks
from ingest.live import LiveFeed
from ingest.probe import probe_exchange
from ingest.session import FeedSession
from ingest.simulator import LocalExchange
from ingest.weight import WeightBudget
from services.clock import SystemClock
from tests.fakes import wait_until
from tests.ingest.feeding import running
from tests.ports import free_port

CLOCK = SystemClock()


@pytest.fixture(scope="module")
def exchange() -> Iterator[LocalExchange]:
    with LocalExchange(seed=3) as running:
        yield running


def ticks(events: list[FeedEvent], symbol: str) -> list[NewTicks]:
    return [event for event in list(events) if isinstance(event, NewTicks) and event.symbol == symbol]


def test_trades_arrive_in_order_and_equal_the_truth(exchange: LocalExchange) -> None:
    feed = LiveFeed(exchange.market_ws_url, FeedSession({}), CLOCK, ["BTCUSDT", "ETHUSDT"])
    with running(feed) as events:
        wait_until(lambda: sum(len(e.ticks) for e in ticks(events, "BTCUSDT")) >= 10, what="ten trades")
    mine = [event.ticks for event in ticks(events, "BTCUSDT")]
    ids = np.concatenate([one.trade_id for one in mine])
    truth = exchange.truth("BTCUSDT", int(ids[0]), int(ids[-1]))
    np.testing.assert_array_equal(ids, np.arange(ids[0], ids[-1] + 1))
    np.testing.assert_array_equal(np.concatenate([one.price for one in mine]), truth.price)
    np.testing.assert_array_equal(np.concatenate([one.quantity for one in mine]), truth.quantity)
    np.testing.assert_array_equal(np.concatenate([one.time_ms for one in mine]), truth.time_ms)
    assert feed.link.state == "LIVE"
    assert feed.session.facts["BTCUSDT"].mark is not None or feed.session.facts["BTCUSDT"].trades >= 10


def test_after_a_drop_the_feed_is_back_and_the_hole_is_listed(exchange: LocalExchange) -> None:
    feed = LiveFeed(exchange.market_ws_url, FeedSession({}), CLOCK, ["BTCUSDT"])
    with running(feed) as events:
        wait_until(lambda: ticks(events, "BTCUSDT"), what="first trade")
        before = feed.link.since_ms
        assert exchange.disconnect() >= 1
        wait_until(lambda: feed.link.state == "LIVE" and feed.link.since_ms > before, what="reconnected")
        count = len(ticks(events, "BTCUSDT"))
        wait_until(lambda: len(ticks(events, "BTCUSDT")) > count, what="trades after the drop")
    held = np.concatenate([event.ticks.trade_id for event in ticks(events, "BTCUSDT")])
    listed = [e.gap for e in list(events) if isinstance(e, GapSeen)]
    missing = set(range(int(held[0]), int(held[-1]) + 1)) - set(held.tolist())
    assert missing == {one for gap in listed for one in range(gap.first_id, gap.last_id + 1)}


def test_a_symbol_can_be_added_while_running(exchange: LocalExchange) -> None:
    feed = LiveFeed(exchange.market_ws_url, FeedSession({}), CLOCK, ["BTCUSDT"])
    with running(feed) as events:
        wait_until(lambda: ticks(events, "BTCUSDT"), what="first symbol")
        feed.watch(["SOLUSDT"])
        wait_until(lambda: ticks(events, "SOLUSDT"), what="added symbol")


def test_the_probe_passes_only_where_data_arrive(exchange: LocalExchange) -> None:
    probe_exchange(exchange.rest_url, exchange.market_ws_url, "BTCUSDT", CLOCK, WeightBudget(), within_s=10)
    unrouted = exchange.market_ws_url.removesuffix("/market")
    with pytest.raises(SourceUnavailable, match="in time"):
        probe_exchange(exchange.rest_url, unrouted, "BTCUSDT", CLOCK, WeightBudget(), within_s=1.5)
    with pytest.raises(SourceUnavailable, match="refuses the connection"):
        probe_exchange(
            f"http://127.0.0.1:{free_port()}", exchange.market_ws_url, "BTCUSDT", CLOCK, WeightBudget(), within_s=5
        )


def test_a_probe_asks_nothing_while_a_ban_lasts(exchange: LocalExchange) -> None:
    budget = WeightBudget()
    budget.silenced(120_000, CLOCK.now_ms())
    with pytest.raises(SourceUnavailable, match="has asked for silence for"):
        probe_exchange(exchange.rest_url, exchange.market_ws_url, "BTCUSDT", CLOCK, budget, within_s=5)


def test_a_symbol_can_be_left_and_taken_up_again_while_running(exchange: LocalExchange) -> None:
    feed = LiveFeed(exchange.market_ws_url, FeedSession({}), CLOCK, ["BTCUSDT", "SOLUSDT"])
    with running(feed) as events:
        wait_until(lambda: ticks(events, "SOLUSDT"), what="both symbols")
        feed.unwatch(["SOLUSDT"])
        wait_until(lambda: "SOLUSDT" not in feed.session.facts, what="forgotten")
        left_at = exchange.newest_id("SOLUSDT")
        wait_until(lambda: exchange.newest_id("SOLUSDT") > left_at + 3, what="trades that nobody watches")
        count = len(ticks(events, "BTCUSDT"))
        wait_until(lambda: len(ticks(events, "BTCUSDT")) > count, what="the other symbol goes on")
        feed.watch(["SOLUSDT"])
        wait_until(lambda: "SOLUSDT" in feed.session.facts and feed.session.facts["SOLUSDT"].trades, what="back again")
    gaps = [event.gap for event in events if isinstance(event, GapSeen)]
    assert [(gap.symbol, gap.cause) for gap in gaps] == [("SOLUSDT", "not watched")]
    held = np.concatenate([event.ticks.trade_id for event in ticks(events, "SOLUSDT")])
    assert set(range(int(held[0]), int(held[-1]) + 1)) - set(held.tolist()) == set(
        range(gaps[0].first_id, gaps[0].last_id + 1)
    )
