"""Does a route of the exchange deliver data? An open connection and an acknowledgement prove nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import websocket

from analytics.errors import SourceUnavailable
from ingest.binance import combined_url, decode
from ingest.deadline import Deadline
from ingest.events import Decoded
from ingest.opening import OPENING_ERRORS, Opening, failure_of
from ingest.reasons import failure_reason, host_of


@dataclass(frozen=True, slots=True)
class Heard:
    """Milliseconds from the first step: until the connection was open, and until data came."""

    opened_ms: int
    data_ms: int


def hear(
    route_url: str,
    stream: str,
    is_data: Callable[[Decoded], object],
    monotonic_ms: Callable[[], int],
    *,
    within_s: float,
) -> Heard:
    """Listen to one stream of a route until it delivers. is_data: whether a decoded message is what is waited for.

    A name server that does not answer is waited for without end: call it on a thread that may be left behind. Raises
    SourceUnavailable with the reason, silence on an open connection among them.
    """
    url = combined_url(route_url, [stream])
    began_ms, deadline = monotonic_ms(), Deadline(monotonic_ms, within_s)
    try:
        connection = Opening(url, monotonic_ms, within_s).open()
    except OPENING_ERRORS as error:
        raise SourceUnavailable(failure_of(error, url).reason) from error
    opened_ms = monotonic_ms() - began_ms
    try:
        while True:
            connection.settimeout(deadline.left_s())
            message = connection.recv()
            if is_data(decode([message if isinstance(message, bytes) else message.encode()])):
                return Heard(opened_ms, monotonic_ms() - began_ms)
    except (TimeoutError, websocket.WebSocketTimeoutException) as error:
        raise SourceUnavailable(
            f"{host_of(url)} is connected but mute: no {stream} within {within_s:g} s (wrong route, or unknown symbol)"
        ) from error
    except (OSError, websocket.WebSocketException) as error:
        raise SourceUnavailable(failure_reason(error, url)) from error
    finally:
        connection.shutdown()


def book_stream(symbol: str) -> str:
    """Name of the stream of best bid and ask (public route)."""
    return f"{symbol.lower()}@bookTicker"
