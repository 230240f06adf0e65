"""Many symbols, few connections: added, left, spread, and failing one by one."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress

from ingest.live import LiveFeed
from ingest.session import FeedSession, SymbolFacts
from ingest.simulator import LocalExchange
from services.clock import SystemClock
from tests.fakes import wait_until
from tests.ingest.feeding import ids, running
from tests.ingest.scripted import Peer, scripted

CLOCK = SystemClock()


def test_where_nothing_is_watched_nothing_is_connected() -> None:
    with LocalExchange(seed=3) as exchange:
        feed = LiveFeed(exchange.market_ws_url, FeedSession({}), CLOCK, ["BTCUSDT"])
        with running(feed) as events:
            wait_until(lambda: len(ids(events, "BTCUSDT")), what="first trade")
            assert exchange.connections() == 1
            feed.unwatch(["BTCUSDT"])
            wait_until(lambda: exchange.connections() == 0, what="disconnected")
            assert feed.links() == ()
            feed.watch(["ETHUSDT"])
            wait_until(lambda: len(ids(events, "ETHUSDT")), what="connected again")


def test_two_hundred_symbols_share_two_connections_and_one_of_them_may_fail_alone() -> None:
    names = [f"COIN{number}USDT" for number in range(200)]
    first_may_go = threading.Event()
    asked: dict[int, set[str]] = {}

    def script(peer: Peer) -> None:
        control = threading.Thread(target=note_requests, args=(peer, asked))
        control.start()
        while not peer.ended.wait(0.05):
            peer.heartbeat(*{*peer.symbols, *asked.get(peer.number, set())})
            if peer.number == 0 and first_may_go.is_set():
                break
        peer.sock.shutdown(socket.SHUT_RDWR)
        control.join(5)

    with scripted(script) as server:
        feed = LiveFeed(server.url, FeedSession({}), CLOCK, names)
        with running(feed):
            wait_until(lambda: all(one.last_arrival_ms for one in facts_of(feed, names)), what="all 200 symbols")
            assert len(server.calls) == 2
            assert all(len(target) <= 4_100 for target in server.targets)
            assert [link.symbols for link in feed.links()] == [100, 100]
            assert feed.link.state == "LIVE"
            first_may_go.set()
            wait_until(lambda: len(server.calls) == 3, what="one of them again")
            wait_until(lambda: {link.state for link in feed.links()} == {"LIVE"}, what="both live")
            assert sorted(link.reconnects for link in feed.links()) == [0, 1]


def facts_of(feed: LiveFeed, names: list[str]) -> list[SymbolFacts]:
    return [feed.session.facts.get(name, SymbolFacts(0)) for name in names]


def note_requests(peer: Peer, asked: dict[int, set[str]]) -> None:
    """Read the client's frames, and note the symbols that it subscribes to."""
    buffer = b""
    with suppress(OSError):
        while more := peer.sock.recv(65_536):
            buffer += more
            while len(buffer) > 8:
                size, body = buffer[1] & 0x7F, 2
                if size == 126:
                    size, body = int.from_bytes(buffer[2:4], "big"), 4
                if len(buffer) < body + 4 + size:
                    break
                key, masked = buffer[body : body + 4], buffer[body + 4 : body + 4 + size]
                text = bytes(byte ^ key[at % 4] for at, byte in enumerate(masked))
                if buffer[0] == 0x81:
                    names = {stream.partition("@")[0].upper() for stream in json.loads(text)["params"]}
                    asked[peer.number] = asked.get(peer.number, set()) | names
                buffer = buffer[body + 4 + size :]
