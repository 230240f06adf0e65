"""A client that sees bytes, and nothing of what a library would make of them."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from ingest.simulator import LocalExchange

TRADES = "/market/ws/btcusdt@aggTrade"


def port_of(exchange: LocalExchange) -> int:
    return int(exchange.rest_url.rsplit(":", 1)[1])


class Raw:
    """A WebSocket opened by hand: what is read is exactly what was on the wire."""

    def __init__(self, port: int, path: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self.rest = b""

    def shake(self) -> Raw:
        """Read the answer to the handshake."""
        while b"\r\n\r\n" not in self.rest:
            self.rest += self.socket.recv(65_536) or b"\r\n\r\n"
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head
        return self

    def take(self, size: int) -> bytes:
        """Exactly so many bytes; fewer when the connection ended before."""
        while len(self.rest) < size and (data := self.socket.recv(65_536)):
            self.rest += data
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def frame(self) -> tuple[int, bytes]:
        """(first byte, payload) of the next frame; (-1, b"") at the end of the connection."""
        head = self.take(2)
        if not head:
            return -1, b""
        size = head[1]
        if size >= 126:
            size = int.from_bytes(self.take(2 if size == 126 else 8), "big")
        return head[0], self.take(size)

    def events(self, count: int) -> list[Any]:
        """The next text messages."""
        found: list[Any] = []
        while len(found) < count:
            kind, payload = self.frame()
            assert kind == 0x81, (kind, payload)
            found.append(json.loads(payload))
        return found

    def is_silent(self, timeout_s: float = 0.3) -> bool:
        """Nothing comes, and the connection is open."""
        if self.rest:
            return False
        self.socket.settimeout(timeout_s)
        try:
            self.rest += self.socket.recv(65_536)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(10)
        return False

    def ping(self) -> None:
        """A masked ping with an empty payload."""
        self.socket.sendall(b"\x89\x80\x00\x00\x00\x00")


Knock = Callable[[str], Raw]


@pytest.fixture
def knock(exchange: LocalExchange) -> Iterator[Knock]:
    """Begins handshakes; closes the sockets at the end."""
    with ExitStack() as opened:

        def begin(path: str) -> Raw:
            raw = Raw(port_of(exchange), path)
            opened.callback(raw.socket.close)
            return raw

        yield begin


@pytest.fixture
def open_raw(knock: Knock) -> Knock:
    """Opens WebSockets."""
    return lambda path: knock(path).shake()
