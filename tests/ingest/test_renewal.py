"""Connections that are renewed while they live: nothing lost, no hole, and never dark."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from ingest.live import LiveFeed
from ingest.session import FeedSession
from ingest.simulator import LocalExchange
from ingest.simulator.rules import Rules
from services.clock import SystemClock
from tests.fakes import wait_until
from tests.ingest.feeding import holes, ids, running
from tests.ingest.scripted import Peer, scripted

CLOCK = SystemClock()
PAIR = ("BTCUSDT", "ETHUSDT")


@contextmanager
def watched_state(feed: LiveFeed) -> Iterator[set[str]]:
    """Every state that the feed shows meanwhile, asked every few milliseconds."""
    seen: set[str] = set()
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.002):
            seen.add(feed.link.state)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join(5)


def test_renewals_before_the_exchanges_cut_lose_nothing_and_are_never_seen() -> None:
    with LocalExchange(seed=5, rules=Rules(connection_life_s=3.0)) as exchange:
        feed = LiveFeed(exchange.market_ws_url, FeedSession({}), CLOCK, PAIR, renew_after_s=1.0)
        with running(feed) as events:
            wait_until(lambda: feed.link.state == "LIVE" and len(ids(events, PAIR[0])), what="live")
            first = feed.links()[0].opened_ms
            assert first is not None
            with watched_state(feed) as states:
                # Two lives of the exchange's connections.
                wait_until(lambda: (feed.links()[0].opened_ms or 0) > first + 6_000, what="renewed again and again")
            assert states == {"LIVE"}
            wait_until(lambda: exchange.connections() == 1, what="one connection left")
        assert feed.links()[0].reconnects == 0
        assert holes(events) == []
        for symbol in PAIR:
            got = ids(events, symbol)
            np.testing.assert_array_equal(got, np.arange(got[0], got[-1] + 1))


def announce(peer: Peer) -> None:
    """The first connection is told that its server goes; it stays until the client leaves."""
    peer.heartbeat()
    if peer.number == 0:
        peer.trade(1)
        peer.tell({"e": "serverShutdown", "E": 1})
    peer.beat_until_gone()


def test_a_server_that_announces_its_end_is_left_for_a_new_connection_at_once() -> None:
    with scripted(announce) as server:
        feed = LiveFeed(server.url, FeedSession({}), CLOCK, ["BTCUSDT"])
        with running(feed):
            wait_until(lambda: len(server.calls) == 2 and server.open_now == {1}, what="moved", within_s=5)
            assert feed.link.state == "LIVE"
            assert feed.links()[0].reconnects == 0


def test_what_the_new_connection_delivers_ahead_of_the_old_one_opens_no_hole() -> None:
    may_go_on = threading.Event()

    def script(peer: Peer) -> None:
        if peer.number == 0:
            peer.heartbeat(time_ms=CLOCK.now_ms())
            peer.trade(1)
            peer.tell({"e": "serverShutdown", "E": 1})
            # The old connection lags: it delivers what lies between only later.
            may_go_on.wait(5)
            for number in (2, 3, 4, 5):
                peer.trade(number)
            peer.beat_until_gone()
        else:
            for number in (5, 6):
                peer.trade(number)
            may_go_on.set()
            peer.beat_until_gone()

    with scripted(script) as server:
        feed = LiveFeed(server.url, FeedSession({}), CLOCK, ["BTCUSDT"])
        with running(feed) as events:
            wait_until(lambda: len(ids(events, "BTCUSDT")) == 6, what="all six", within_s=5)
            wait_until(lambda: server.open_now == {1}, what="one connection left")
        assert ids(events, "BTCUSDT").tolist() == [1, 2, 3, 4, 5, 6]
        assert holes(events) == []


def test_a_renewal_that_fails_keeps_the_old_connection_and_is_tried_again() -> None:
    def script(peer: Peer) -> None:
        if peer.number == 0:
            peer.heartbeat()
            peer.tell({"e": "serverShutdown", "E": 1})
        elif peer.number < 3:
            return  # dropped without a word
        peer.beat_until_gone()

    with scripted(script) as server:
        feed = LiveFeed(server.url, FeedSession({}), CLOCK, ["BTCUSDT"])
        with running(feed), watched_state(feed) as states:
            wait_until(lambda: feed.link.state == "LIVE", what="live")
            states.clear()
            wait_until(lambda: server.open_now == {3}, what="moved at the third try", within_s=15)
            assert states == {"LIVE"}


def test_when_the_old_connection_dies_during_a_renewal_the_new_one_takes_over_with_what_it_has() -> None:
    new_has_delivered = threading.Event()

    def script(peer: Peer) -> None:
        if peer.number == 0:
            # Of ETHUSDT only the old one tells, so that the handover cannot be complete.
            peer.heartbeat("BTCUSDT", "ETHUSDT")
            peer.trade(1)
            peer.tell({"e": "serverShutdown", "E": 1})
            new_has_delivered.wait(5)
        else:
            peer.trade(2)
            peer.trade(3)
            new_has_delivered.set()
            peer.beat_until_gone("BTCUSDT")

    with scripted(script) as server:
        feed = LiveFeed(server.url, FeedSession({}), CLOCK, PAIR)
        with running(feed) as events:
            wait_until(lambda: len(ids(events, "BTCUSDT")) == 3, what="what was held back", within_s=5)
            assert feed.link.state == "LIVE"
        assert holes(events) == []
