"""The limits of the exchange, in one place, so that a test can make a day as short as a second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

OlderAnswer = Literal["rows", "empty", "error"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the exchange allows. The defaults are the documented limits of Binance USD-M, where there is one.

    send_buffer_bytes: what one connection may leave unread (beyond the kernel's own buffers) before it is dropped.
    older_answer: what REST says to an id beyond the horizon: the oldest rows it has, an empty list, or an error.
    klines_days: how far back klines are served; this limit is the local exchange's own.
    """

    ping_interval_s: float = 180.0
    pong_timeout_s: float = 600.0
    connection_life_s: float = 86_400.0
    messages_per_second: int = 10
    streams_per_connection: int = 1_024
    message_bytes: int = 65_536
    send_buffer_bytes: int = 4 * 1024 * 1024
    weight_per_minute: int = 2_400
    trades_horizon_ms: int = 48 * 3_600_000
    older_answer: OlderAnswer = "empty"
    klines_days: int = 30
