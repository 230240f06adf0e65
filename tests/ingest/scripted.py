"""A WebSocket server that does what a test tells it to, on plain sockets, so that it can break every rule."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import parse_qs, urlsplit

from tests.ingest.wire import agg_trade, combined, mark_price

_ACCEPT_SALT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def frame(payload: bytes, first: int = 0x81) -> bytes:
    """One unmasked frame."""
    size = len(payload)
    if size < 126:
        return bytes([first, size]) + payload
    if size < 1 << 16:
        return bytes([first, 126]) + struct.pack("!H", size) + payload
    return bytes([first, 127]) + struct.pack("!Q", size) + payload


def closing(code: int, text: bytes = b"") -> bytes:
    return frame(struct.pack("!H", code) + text, 0x88)


class Peer:
    """The server's end of one connection. number counts from 0; symbols: those that its address names."""

    def __init__(self, sock: socket.socket, number: int, target: str, ended: threading.Event) -> None:
        self.sock = sock
        self.number = number
        self.target = target
        self.ended = ended
        names = parse_qs(urlsplit(target).query).get("streams", [""])[0].split("/")
        self.symbols = list(dict.fromkeys(name.partition("@")[0].upper() for name in names))

    def tell(self, *events: dict[str, object]) -> None:
        """Send events, each as a combined message."""
        self.sock.sendall(b"".join(frame(message) for message in combined(*events)))

    def send(self, data: bytes) -> None:
        """Send raw bytes."""
        self.sock.sendall(data)

    def heartbeat(self, *symbols: str, time_ms: int | None = None) -> None:
        """A mark price of these symbols (default: all in the address)."""
        stamp = time.time_ns() // 1_000_000 if time_ms is None else time_ms
        self.tell(*(mark_price("63943", symbol=symbol, time_ms=stamp) for symbol in symbols or self.symbols))

    def trade(self, trade_id: int, symbol: str = "BTCUSDT") -> None:
        """One trade now."""
        self.tell(agg_trade(trade_id, symbol=symbol, time_ms=time.time_ns() // 1_000_000))

    def beat_until_gone(self, *symbols: str, every_s: float = 0.05) -> None:
        """Heartbeats until the client leaves or the test ends."""
        while not self.ended.wait(every_s):
            self.heartbeat(*symbols)

    def wait_gone(self) -> None:
        """Until the client leaves or the test ends."""
        self.sock.settimeout(0.05)
        while not self.ended.is_set():
            with suppress(TimeoutError):
                if not self.sock.recv(65_536):
                    return


class ScriptedServer:
    """calls: when each handshake was asked for, monotonic seconds. peers: who is connected now."""

    def __init__(self, script: Callable[[Peer], None], context: ssl.SSLContext | None = None) -> None:
        self.calls: list[float] = []
        self.targets: list[str] = []
        self.open_now: set[int] = set()
        self._script = script
        self._context = context
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        """Base of the market route."""
        return f"{'ws' if self._context is None else 'wss'}://127.0.0.1:{self.port}/market"

    def accept(self) -> None:
        """Serve until the end."""
        self._listener.settimeout(0.02)
        while not self._ended.is_set():
            with suppress(TimeoutError):
                sock, _ = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(sock, len(self.calls)))
                self.calls.append(time.monotonic())
                self._threads.append(thread)
                thread.start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        with suppress(OSError, ValueError):
            sock.settimeout(5)
            if self._context is not None:
                sock = self._context.wrap_socket(sock, server_side=True)
            with sock:
                request = b""
                while b"\r\n\r\n" not in request:
                    request += sock.recv(4096)
                target = request.split(b" ")[1].decode()
                self.targets.append(target)
                key = re.search(rb"(?i)sec-websocket-key: *(\S+)", request)
                accept = base64.b64encode(hashlib.sha1((key[1] if key else b"") + _ACCEPT_SALT).digest())
                sock.sendall(
                    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
                )
                self.open_now.add(number)
                try:
                    self._script(Peer(sock, number, target, self._ended))
                finally:
                    self.open_now.discard(number)
        sock.close()

    def end(self) -> None:
        """End every thread."""
        self._ended.set()
        self._listener.close()
        for thread in self._threads:
            thread.join(5)


@contextmanager
def scripted(script: Callable[[Peer], None], context: ssl.SSLContext | None = None) -> Iterator[ScriptedServer]:
    """A running server."""
    server = ScriptedServer(script, context)
    thread = threading.Thread(target=server.accept)
    thread.start()
    try:
        yield server
    finally:
        server._ended.set()
        thread.join(5)
        server.end()
