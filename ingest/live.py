"""The connection to the exchange: a dull loop that reads, decodes, asks the session, and hands events on.

websocket-client opens the connection (handshake, TLS, proxy) and writes. The read path is ours: large timed reads into
`FrameSplitter`, one decode a read. A silent or half-dead connection is seen by the age of its data, because the timed
reads go on whatever the peer does; the one-second mark prices make silence abnormal.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Protocol

import websocket

from analytics.errors import MalformedFrame
from analytics.status import FeedLink, FeedState
from ingest.backoff import Backoff
from ingest.binance import combined_url, decode, heartbeat_stream, subscribe_request, trade_stream
from ingest.events import FeedEvent
from ingest.frames import Control, FrameSplitter, Opcode
from ingest.reasons import BLOCKING_STATUS, ProxyError, failure_reason, host_of, status_reason
from ingest.session import FeedSession

_CONNECT_TIMEOUT_S = 10.0
_READ_TIMEOUT_S = 0.25
_READ_BYTES = 256 * 1024
_SILENT_AFTER_MS = 10_000
_STREAMS_PER_REQUEST = 100
_LOOPBACK = ["localhost", "127.0.0.1", "::1"]


class _Clock(Protocol):
    def now_ms(self) -> int: ...
    def monotonic_ms(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Link:
    """The state of the connection: CONNECTING, LIVE, OFFLINE or BLOCKED. delivered: data arrived on this connection."""

    state: FeedState
    reason: str | None
    since_ms: int
    delivered: bool = False


class LiveFeed:
    """Aggregate trades and mark prices of a set of symbols over the market route.

    `run` is lent a thread by the caller. `watch` may be called from any thread; `link` and `session.facts` may be read
    from any thread.
    """

    def __init__(self, market_ws_url: str, session: FeedSession, clock: _Clock, symbols: Iterable[str]) -> None:
        self._url = market_ws_url
        self.session = session
        self._clock = clock
        self._symbols = list(dict.fromkeys(symbols))
        self._lock = threading.Lock()
        self._changes: list[tuple[str, bool]] = []
        self._requests = 0
        # Not a secret: jitter only.
        self._backoff = Backoff(Random())
        self._buffer = bytearray(_READ_BYTES)
        self.link = Link("CONNECTING", None, clock.monotonic_ms())

    def watch(self, symbols: Iterable[str]) -> None:
        """Subscribe to more symbols; done by the feed thread within a read time-out."""
        with self._lock:
            self._changes += [(symbol, True) for symbol in symbols]

    def unwatch(self, symbols: Iterable[str]) -> None:
        """Unsubscribe from symbols; done by the feed thread within a read time-out."""
        with self._lock:
            self._changes += [(symbol, False) for symbol in symbols]

    def link_of(self, symbol: str) -> Link:  # noqa: ARG002  one connection carries every symbol
        """The state of the connection that carries a symbol."""
        return self.link

    def links(self) -> tuple[FeedLink, ...]:
        """The one connection."""
        return (FeedLink("market", self.link.state, len(self._symbols), reason=self.link.reason),)

    def run(self, emit: Callable[[FeedEvent], None], stopping: threading.Event) -> None:
        """Connect, read, reconnect, until `stopping` is set."""
        while not stopping.is_set():
            opened_ms = self._clock.monotonic_ms()
            self.link = Link("CONNECTING", self.link.reason, opened_ms)
            reason, state = self._one_connection(emit, stopping)
            if stopping.is_set():
                return
            if self.link.delivered:
                wait_s = self._backoff.after_data((self._clock.monotonic_ms() - opened_ms) / 1000)
            else:
                wait_s = self._backoff.after_failure()
            self.link = Link(state, reason, self._clock.monotonic_ms())
            self.session.dropped(reason)
            stopping.wait(wait_s)

    def _one_connection(self, emit: Callable[[FeedEvent], None], stopping: threading.Event) -> tuple[str, FeedState]:
        self._take_changes()
        self.session.requested(self._symbols, self._clock.monotonic_ms())
        try:
            connection, sock = self._connect()
        except websocket.WebSocketBadStatusException as error:
            state: FeedState = "BLOCKED" if error.status_code in BLOCKING_STATUS else "OFFLINE"
            return status_reason(error.status_code, self._url), state
        except (OSError, websocket.WebSocketException, ProxyError, ValueError) as error:
            return failure_reason(error, self._url), "OFFLINE"
        try:
            return self._read(connection, sock, emit, stopping), "OFFLINE"
        except MalformedFrame as error:
            return f"{host_of(self._url)} broke the WebSocket protocol: {error.reason}", "OFFLINE"
        except (OSError, websocket.WebSocketException) as error:
            return failure_reason(error, self._url), "OFFLINE"
        finally:
            connection.shutdown()

    def _connect(self) -> tuple[websocket.WebSocket, socket.socket]:
        connection = websocket.WebSocket(skip_utf8_validation=True, enable_multithread=False)
        connection.settimeout(_CONNECT_TIMEOUT_S)
        streams = [stream for s in self._symbols for stream in (trade_stream(s), heartbeat_stream(s))]
        # None leaves NO_PROXY to the environment; a proxy variable must never swallow the local exchange.
        no_proxy = _LOOPBACK if host_of(self._url) in _LOOPBACK else None
        connection.connect(combined_url(self._url, streams), http_no_proxy=no_proxy)
        if connection.sock is None:
            raise websocket.WebSocketConnectionClosedException("closed during the handshake")
        connection.sock.settimeout(_READ_TIMEOUT_S)
        return connection, connection.sock

    def _read(
        self,
        connection: websocket.WebSocket,
        sock: socket.socket,
        emit: Callable[[FeedEvent], None],
        stopping: threading.Event,
    ) -> str:
        splitter = FrameSplitter()
        heard_ms = self._clock.monotonic_ms()
        while not stopping.is_set():
            self._subscribe_changes(connection)
            data = self._timed_read(sock)
            now_ms = self._clock.monotonic_ms()
            if data == b"":
                return f"{host_of(self._url)} closed the connection"
            received = splitter.feed(data or b"")
            if received.messages and self._deliver(received.messages, now_ms, emit):
                heard_ms = now_ms
            for control in received.controls:
                ended = self._answer(connection, control)
                if ended:
                    return ended
            if now_ms - heard_ms > _SILENT_AFTER_MS:
                return f"{host_of(self._url)} has sent no data for {_SILENT_AFTER_MS // 1000} s"
        return "stopped"

    def _deliver(self, messages: list[bytes], now_ms: int, emit: Callable[[FeedEvent], None]) -> bool:
        batch = decode(messages)
        for event in self.session.received(batch, arrival_ms=now_ms, wall_ms=self._clock.now_ms()):
            emit(event)
        has_data = bool(batch.trades or batch.marks)
        if has_data and not self.link.delivered:
            self.link = Link("LIVE", None, now_ms, delivered=True)
        return has_data

    def _timed_read(self, sock: socket.socket) -> bytes | None:
        """What the socket has, b"" at its end, None when nothing came in time."""
        try:
            size = sock.recv_into(self._buffer)
        except TimeoutError:
            return None
        return bytes(memoryview(self._buffer)[:size])

    def _answer(self, connection: websocket.WebSocket, control: Control) -> str | None:
        if control.opcode is Opcode.PING:
            connection.pong(control.payload)
        elif control.opcode is Opcode.CLOSE:
            code = control.close_code if control.close_code is not None else 1005
            text = control.payload[:120].decode("utf-8", "replace")
            return f"{host_of(self._url)} closed the connection ({code}{' ' + text if text else ''})"
        return None

    def _take_changes(self) -> tuple[list[str], list[str]]:
        """The symbols to add and those to leave, after which `_symbols` is what is wanted."""
        with self._lock:
            changes, self._changes = dict(self._changes), []
        added = [symbol for symbol, wanted in changes.items() if wanted and symbol not in self._symbols]
        removed = [symbol for symbol, wanted in changes.items() if not wanted and symbol in self._symbols]
        self._symbols = [symbol for symbol in self._symbols if symbol not in removed] + added
        self.session.forget(removed)
        return added, removed

    def _subscribe_changes(self, connection: websocket.WebSocket) -> None:
        if not self._changes:
            return
        added, removed = self._take_changes()
        self.session.requested(added, self._clock.monotonic_ms())
        self._ask(connection, added)
        self._ask(connection, removed, unsubscribe=True)

    def _ask(self, connection: websocket.WebSocket, symbols: list[str], *, unsubscribe: bool = False) -> None:
        streams = [stream for s in symbols for stream in (trade_stream(s), heartbeat_stream(s))]
        for start in range(0, len(streams), _STREAMS_PER_REQUEST):
            self._requests += 1
            part = streams[start : start + _STREAMS_PER_REQUEST]
            connection.send(subscribe_request(part, self._requests, unsubscribe=unsubscribe))
