"""Does the exchange answer from here, on REST and with data on the market route? One honest try."""

from __future__ import annotations

import threading
from typing import Protocol

import websocket

from analytics.errors import SourceUnavailable
from ingest.binance import combined_url, decode, heartbeat_stream
from ingest.deadline import Deadline
from ingest.frames import FrameSplitter, Opcode
from ingest.opening import OPENING_ERRORS, Opening, failure_of
from ingest.reasons import failure_reason, host_of
from ingest.rest import RestClient
from ingest.weight import WeightBudget

_READ_BYTES = 64 * 1024


class _Clock(Protocol):
    def now_ms(self) -> int: ...
    def monotonic_ms(self) -> int: ...


def probe_exchange(
    rest_url: str, market_ws_url: str, symbol: str, clock: _Clock, budget: WeightBudget, *, within_s: float
) -> None:
    """Return when the exchange answers and data arrive. Raises SourceUnavailable with the reason.

    Asks nothing while the budget is silenced by a ban. Never longer than `within_s`: a name server that does not answer
    cannot be timed out from within, so the try runs on a thread of its own and is left behind.
    """
    failure: list[SourceUnavailable] = []
    answered: list[bool] = []
    done = threading.Event()

    def attempt() -> None:
        try:
            _ask_rest(rest_url, clock, budget)
            _hear_market(market_ws_url, symbol, clock, within_s)
            answered.append(True)
        except SourceUnavailable as error:
            failure.append(error)
        finally:
            done.set()

    threading.Thread(target=attempt, name="probe", daemon=True).start()
    if not done.wait(within_s):
        raise SourceUnavailable(f"{host_of(rest_url)} does not answer in time")
    if failure:
        raise failure[0]
    if not answered:
        raise SourceUnavailable(f"the try to reach {host_of(rest_url)} broke off; the log says why")


def _ask_rest(rest_url: str, clock: _Clock, budget: WeightBudget) -> None:
    silent_ms = budget.silence_ms(clock.now_ms())
    if silent_ms:
        raise SourceUnavailable(f"{host_of(rest_url)} has asked for silence for {silent_ms // 1000 + 1} s more")
    client = RestClient(rest_url, clock, budget)
    try:
        client.clock_offset_ms()
    finally:
        client.close()


def _hear_market(market_ws_url: str, symbol: str, clock: _Clock, within_s: float) -> None:
    url = combined_url(market_ws_url, [heartbeat_stream(symbol)])
    deadline = Deadline(clock.monotonic_ms, within_s)
    try:
        connection = Opening(url, clock.monotonic_ms, within_s).open()
    except OPENING_ERRORS as error:
        raise SourceUnavailable(failure_of(error, url).reason) from error
    try:
        message = _first_message(connection, deadline, host_of(url))
    except (OSError, websocket.WebSocketException) as error:
        raise SourceUnavailable(failure_reason(error, url)) from error
    finally:
        connection.shutdown()
    if not decode([message]).marks:
        raise SourceUnavailable(f"{host_of(url)} is connected but sends something other than market data")


def _first_message(connection: websocket.WebSocket, deadline: Deadline, host: str) -> bytes:
    splitter, sock = FrameSplitter(), connection.sock
    while sock is not None:
        sock.settimeout(deadline.left_s())
        data = sock.recv(_READ_BYTES)
        received = splitter.feed(data)
        if received.messages:
            return received.messages[0]
        if received.broken is not None:
            raise SourceUnavailable(f"{host} broke the WebSocket protocol ({received.broken})")
        if not data or any(control.opcode is Opcode.CLOSE for control in received.controls):
            raise SourceUnavailable(f"{host} closed the connection before it sent any data")
    raise SourceUnavailable(f"{host} closed the connection during the handshake")
