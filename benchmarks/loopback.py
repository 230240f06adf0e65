"""Trades of the local exchange's market as bytes, and a server on another core that only sends them."""

from __future__ import annotations

import base64
import hashlib
import multiprocessing
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from analytics.market import Ticks
from ingest.simulator.calendar import block_start_ms
from ingest.simulator.frames import combined_frames
from ingest.simulator.market import Market
from ingest.simulator.payloads import agg_trades
from ingest.simulator.published import PublishedTrades

SYMBOL = "BTCUSDT"
_ACCEPT_SALT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_NORMAL_CLOSE = b"\x88\x02\x03\xe8"
_PATIENCE_S = 5.0


def trades(market: Market, symbol: str, first_id: int, last_id: int) -> Ticks:
    """What the market trades under these ids."""
    rows = PublishedTrades.of(market.instruments[symbol], market.trades(symbol, first_id, last_id))
    return Ticks(rows.trade_id, rows.time_ms, rows.price, rows.quantity, rows.buyer_is_maker)


def written(number: int, *, burst: int) -> tuple[Ticks, list[bytes]]:
    """The first `number` trades of an afternoon, and the frames that carry them, `burst` messages a piece."""
    market = Market(seed=7)
    before = market.newest_id(SYMBOL, block_start_ms(100))
    pieces = []
    for start in range(before + 1, before + number + 1, burst):
        rows = market.trades(SYMBOL, start, min(start + burst - 1, before + number))
        messages = agg_trades(market.instruments[SYMBOL], rows, int(rows.time_ms[-1]) + 3)
        pieces.append(combined_frames(f"{SYMBOL.lower()}@aggTrade", messages))
    return trades(market, SYMBOL, before + 1, before + number), pieces


@contextmanager
def serving(pieces: list[bytes], *, pause_s: float = 0.0) -> Iterator[str]:
    """A child process that sends all pieces to whoever connects, then a close frame. Gives the base of its address.

    pause_s: between two pieces; without it the server is always ahead of its client. Where the system allows, the
    server runs on one core and this process on another.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    apart = len(cores) > 1
    with socket.create_server(("127.0.0.1", 0)) as listener:
        core = cores[-1] if apart else None
        context = multiprocessing.get_context("spawn")
        server = context.Process(target=_serve, args=(listener, pieces, pause_s, core), daemon=True)
        server.start()
        try:
            if apart:
                os.sched_setaffinity(0, cores[:1])
            yield f"ws://127.0.0.1:{listener.getsockname()[1]}/market"
        finally:
            if apart:
                os.sched_setaffinity(0, cores)
            server.terminate()
            server.join()


def _serve(listener: socket.socket, pieces: list[bytes], pause_s: float, core: int | None) -> None:
    if core is not None:
        os.sched_setaffinity(0, {core})
    while True:
        connection, _ = listener.accept()
        # A client that leaves early is its own business; the next one is waiting.
        with connection, suppress(ConnectionError, TimeoutError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(_agreement(connection))
            for piece in pieces:
                connection.sendall(piece)
                if pause_s:
                    time.sleep(pause_s)
            connection.sendall(_NORMAL_CLOSE)
            # Either its own close frame or its end; not both, for one client keeps its socket until it is collected.
            connection.settimeout(_PATIENCE_S)
            connection.recv(4096)


def _agreement(connection: socket.socket) -> bytes:
    """The answer to the client's upgrade request."""
    request = b""
    while b"\r\n\r\n" not in request:
        request += connection.recv(4096)
    found = re.search(rb"(?i)sec-websocket-key: *(\S+)", request)
    key = found[1] if found is not None else b""
    accept = base64.b64encode(hashlib.sha1(key + _ACCEPT_SALT).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + accept
        + b"\r\n\r\n"
    )
