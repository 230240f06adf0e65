"""From the socket to ids and prices: our read path beside websocket-client as it is plainly used, on the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import numpy as np
import websocket

from analytics.market import FloatArray, Int64Array, Ticks
from benchmarks.loopback import SYMBOL, serving, written
from benchmarks.measure import Row, compared
from ingest.binance import combined_url, decode, trade_stream
from ingest.frames import FrameSplitter

Received = tuple[Int64Array, FloatArray]

_READ_BYTES = 256 * 1024


def by_splitter(url: str) -> Received:
    """Whole reads, cut by us, each decoded in one go and checked number by number."""
    connection = websocket.create_connection(url, timeout=10, skip_utf8_validation=True)
    assert connection.sock is not None
    splitter, buffer = FrameSplitter(), bytearray(_READ_BYTES)
    parts: list[Ticks] = []
    ended = False
    while not ended:
        size = connection.sock.recv_into(buffer)
        received = splitter.feed(bytes(memoryview(buffer)[:size]))
        parts += [trades.ticks for trades in decode(received.messages).trades]
        ended = bool(received.controls) or not size
    connection.shutdown()
    return np.concatenate([part.trade_id for part in parts]), np.concatenate([part.price for part in parts])


def by_callback(url: str, *, skip_utf8_validation: bool) -> Received:
    """`WebSocketApp.on_message` and `json.loads`."""
    ids: list[int] = []
    prices: list[float] = []

    def on_message(_: websocket.WebSocketApp, message: str | bytes) -> None:
        trade = json.loads(message)["data"]
        ids.append(trade["a"])
        prices.append(float(trade["p"]))

    app = websocket.WebSocketApp(url, on_message=on_message)
    app.run_forever(skip_utf8_validation=skip_utf8_validation)
    return np.array(ids), np.array(prices)


def by_recv_data(url: str) -> Received:
    """`WebSocket.recv_data` and `json.loads`."""
    ids: list[int] = []
    prices: list[float] = []
    connection = websocket.create_connection(url, timeout=10, skip_utf8_validation=True)
    while True:
        opcode, message = connection.recv_data()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            break
        trade = json.loads(message)["data"]
        ids.append(trade["a"])
        prices.append(float(trade["p"]))
    connection.shutdown()
    return np.array(ids), np.array(prices)


def measured(
    name: str, peer: Callable[[str], Received], *, number: int, burst: int = 1_000, pause_s: float = 0.0
) -> Row:
    """One row; the run ends with an error unless both sides received exactly what was sent."""
    sent, pieces = written(number, burst=burst)
    with serving(pieces, pause_s=pause_s) as base:
        url = combined_url(base, [trade_stream(SYMBOL)])
        for side in (by_splitter, peer):
            ids, prices = side(url)
            np.testing.assert_array_equal(ids, sent.trade_id)
            np.testing.assert_array_equal(prices, sent.price)
        return compared(name, partial(by_splitter, url), partial(peer, url), items=number, unit="us/message")


def run() -> list[Row]:
    checking = partial(by_callback, skip_utf8_validation=False)
    trusting = partial(by_callback, skip_utf8_validation=True)
    return [
        measured("whole reads / WebSocketApp + json, as installed", checking, number=10_000),
        measured("whole reads / WebSocketApp + json, no UTF-8 check", trusting, number=20_000),
        measured("whole reads / recv_data + json, no UTF-8 check", by_recv_data, number=20_000),
        measured(
            "10 messages each ms / WebSocketApp + json, no UTF-8 check",
            trusting,
            number=3_000,
            burst=10,
            pause_s=0.001,
        ),
    ]
