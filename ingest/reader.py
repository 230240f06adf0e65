"""The sockets of the live feed: reads whichever has something, and does what the plan says. It decides nothing."""

from __future__ import annotations

import selectors
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import websocket

from ingest.binance import combined_url, decode, heartbeat_stream, trade_stream
from ingest.connection import READ_BYTES, Connection, Held
from ingest.events import Decoded, FeedEvent
from ingest.frames import Received
from ingest.link import Action, Ask, Close, Expect, Failure, Forget, Missed, Open, Release
from ingest.links import Links
from ingest.openings import Doorbell, Openings
from ingest.reasons import failure_reason, host_of
from ingest.session import FeedSession

_CONNECTION_ERRORS = (OSError, websocket.WebSocketException)
_NO_TEXT = "1007, a message that is not UTF-8"


class _Clock(Protocol):
    def now_ms(self) -> int: ...
    def monotonic_ms(self) -> int: ...


class Reader:
    """Belongs to the feed thread. bell: rings when there is something to take up besides the sockets."""

    def __init__(
        self,
        market_ws_url: str,
        plan: Links,
        session: FeedSession,
        clock: _Clock,
        emit: Callable[[FeedEvent], None],
        bell: Doorbell,
    ) -> None:
        self._url = market_ws_url
        self._host = host_of(market_ws_url)
        self._plan = plan
        self._session = session
        self._clock = clock
        self._emit = emit
        self._bell = bell
        self._openings = Openings(clock.monotonic_ms, bell.ring)
        self._connections: dict[int, Connection] = {}
        self._buffer = bytearray(READ_BYTES)
        self._selector = selectors.DefaultSelector()
        self._selector.register(bell.ear, selectors.EVENT_READ)
        self._stirred = False

    def turn(self, patience_s: float) -> bool:
        """Wait so long for anything, take up what there is. True when the plan should be asked at once."""
        self._stirred = False
        waiting = [one for one in self._connections.values() if one.has_more()]
        for key, _ in self._selector.select(0 if waiting else patience_s):
            if isinstance(key.data, Connection):
                self._read(key.data)
            else:
                self._bell.quiet()
                self._take_openings()
        for connection in waiting:
            if connection.has_more():
                self._read(connection)
        self._pay_pongs()
        return self._stirred

    def carry_out(self, actions: list[Action]) -> None:
        """Do what the plan says."""
        for action in actions:
            match action:
                case Open():
                    streams = [name for s in action.symbols for name in (trade_stream(s), heartbeat_stream(s))]
                    self._openings.begin(action.number, combined_url(self._url, streams))
                case Close():
                    self._openings.abandon(action.number)
                    self._close(action.number)
                case Ask():
                    self._ask(action)
                case Expect():
                    self._session.requested(action.symbols, self._clock.monotonic_ms())
                case Missed():
                    self._session.dropped(action.reason, action.symbols)
                case Forget():
                    self._session.forget(action.symbols)
                case Release():
                    self._release(action.number)

    def close(self) -> None:
        """Close every connection and abandon every attempt."""
        self._openings.close()
        for number in list(self._connections):
            self._close(number)
        self._selector.close()

    def _take_openings(self) -> None:
        for outcome in self._openings.outcomes():
            now_ms = self._clock.monotonic_ms()
            self._stirred = True
            if isinstance(outcome.result, Failure):
                self.carry_out(self._plan.lost(outcome.number, outcome.result, now_ms))
                continue
            on_probation = not self._plan.serves(outcome.number)
            connection = Connection(outcome.number, outcome.result, on_probation=on_probation)
            self._connections[connection.number] = connection
            self._selector.register(connection.sock, selectors.EVENT_READ, connection)
            self._plan.opened(connection.number, now_ms)

    def _read(self, connection: Connection) -> None:
        if connection.number not in self._connections:
            return  # closed earlier in this turn
        try:
            received = connection.receive(self._buffer)
            if received is None:
                self._lose(connection, f"{self._host} closed the connection without a word (1006)")
                return
            self._take(connection, received)
        except _CONNECTION_ERRORS as error:
            self._lose(connection, failure_reason(error, self._url))

    def _take(self, connection: Connection, received: Received) -> None:
        if received.messages:
            batch = decode(received.messages)
            self._deliver(connection, batch)
            if batch.ill_formed:
                received = replace(received, broken=_NO_TEXT)
        for control in received.controls:
            left = connection.answer(control)
            if left is not None:
                self._lose(connection, f"{self._host} {left}")
                return
        if received.broken is not None:
            reason = f"{self._host} broke the WebSocket protocol ({received.broken})"
            self._lose(connection, reason, int(received.broken[:4]))

    def _deliver(self, connection: Connection, batch: Decoded) -> None:
        now_ms = self._clock.monotonic_ms()
        held = Held(batch, now_ms, self._clock.now_ms())
        if connection.hold(held):
            # Its heartbeats are those of the connection that still serves.
            held = replace(held, batch=Decoded(answers=batch.answers, refused=batch.refused))
        self._hand_on(held)
        self._stirred |= self._plan.heard(connection.number, batch, now_ms)
        if batch.ending:
            self._plan.ending(connection.number, now_ms)
            self._stirred = True

    def _hand_on(self, held: Held) -> None:
        for event in self._session.received(held.batch, arrival_ms=held.arrival_ms, wall_ms=held.wall_ms):
            self._emit(event)

    def _release(self, number: int) -> None:
        connection = self._connections.get(number)
        if connection is not None:
            for held in connection.released():
                self._hand_on(replace(held, batch=Decoded(trades=held.batch.trades)))

    def _ask(self, action: Ask) -> None:
        connection = self._connections.get(action.number)
        if connection is None:
            return
        try:
            connection.ask(action.symbols, wanted=action.wanted)
        except _CONNECTION_ERRORS as error:
            self._lose(connection, failure_reason(error, self._url))

    def _pay_pongs(self) -> None:
        now_ms = self._clock.monotonic_ms()
        for connection in list(self._connections.values()):
            try:
                connection.pay_pong(now_ms)
            except _CONNECTION_ERRORS as error:
                self._lose(connection, failure_reason(error, self._url))

    def _lose(self, connection: Connection, reason: str, code: int = 1000) -> None:
        self._stirred = True
        self._close(connection.number, code)
        self.carry_out(self._plan.lost(connection.number, Failure(reason), self._clock.monotonic_ms()))

    def _close(self, number: int, code: int = 1000) -> None:
        connection = self._connections.pop(number, None)
        if connection is not None:
            self._selector.unregister(connection.sock)
            connection.close(code)
