"""One open WebSocket as the feed thread sees it: whatever has arrived, without ever waiting for more."""

from __future__ import annotations

import socket
import ssl
import struct
from dataclasses import dataclass

import websocket

from ingest.binance import heartbeat_stream, subscribe_request, trade_stream
from ingest.events import Decoded
from ingest.frames import Control, FrameSplitter, Opcode, Received

READ_BYTES = 256 * 1024
# The exchange counts pongs among the ten messages that it takes a second.
_PONG_EVERY_MS = 250
_HELD_MESSAGES = 200_000


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A batch that waits until its connection carries the symbols."""

    batch: Decoded
    arrival_ms: int
    wall_ms: int


class Connection:
    """Owns its socket. on_probation: keep what it delivers until `released`."""

    def __init__(self, number: int, opened: websocket.WebSocket, *, on_probation: bool) -> None:
        if opened.sock is None:
            raise websocket.WebSocketConnectionClosedException("closed during the handshake")
        self.number = number
        self.sock: socket.socket = opened.sock
        self.sock.settimeout(0)
        self._held: list[Held] | None = [] if on_probation else None
        self._held_messages = 0
        self._opened = opened
        self._splitter = FrameSplitter()
        self._requests = 0
        self._owed_pong: bytes | None = None
        self._pong_at_ms = 0

    def receive(self, buffer: bytearray) -> Received | None:
        """What has arrived, None at the end of the stream. Raises OSError."""
        size, ended = self._read_into(memoryview(buffer))
        if ended and not size:
            return None
        # An end behind some data shows again at the next read.
        return self._splitter.feed(bytes(memoryview(buffer)[:size]))

    def _read_into(self, room: memoryview) -> tuple[int, bool]:
        """Bytes read, and whether the stream has ended. One read, but of TLS as many records as are there."""
        size, one_read = 0, not isinstance(self.sock, ssl.SSLSocket)
        try:
            while size < len(room):
                read = self.sock.recv_into(room[size:])
                size += read
                if one_read or not read:
                    return size, not read
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return size, False
        return size, False

    def has_more(self) -> bool:
        """Tell whether TLS has read more from the socket than it has given: the selector cannot see that."""
        return isinstance(self.sock, ssl.SSLSocket) and self.sock.pending() > 0

    def hold(self, held: Held) -> bool:
        """Keep a batch for later; False when nothing is to be kept. Raises ConnectionError when there is no room."""
        if self._held is None:
            return False
        self._held.append(held)
        self._held_messages += held.batch.messages
        if self._held_messages > _HELD_MESSAGES:
            raise ConnectionError("too much arrived before it could take over")
        return True

    def released(self) -> list[Held]:
        """It carries its symbols now: what was held, oldest first. From now on nothing is."""
        held, self._held = self._held or [], None
        return held

    def answer(self, control: Control) -> str | None:
        """Note a ping; of a close, why the server says that it left."""
        if control.opcode is Opcode.PING:
            # RFC 6455, 5.5.3: of several pings only the newest needs its pong.
            self._owed_pong = control.payload
        elif control.opcode is Opcode.CLOSE:
            code = control.close_code if control.close_code is not None else 1005
            text = control.payload[:120].decode("utf-8", "replace")
            return f"closed the connection ({code}{' ' + text if text else ''})"
        return None

    def pay_pong(self, now_ms: int) -> None:
        """Answer the newest ping, not more often than the exchange allows. Raises OSError."""
        if self._owed_pong is not None and now_ms >= self._pong_at_ms:
            self._opened.pong(self._owed_pong)
            self._owed_pong = None
            self._pong_at_ms = now_ms + _PONG_EVERY_MS

    def ask(self, symbols: tuple[str, ...], *, wanted: bool) -> None:
        """SUBSCRIBE these symbols, or UNSUBSCRIBE them. Raises OSError."""
        streams = [stream for symbol in symbols for stream in (trade_stream(symbol), heartbeat_stream(symbol))]
        self._requests += 1
        self._opened.send(subscribe_request(streams, self._requests, unsubscribe=not wanted))

    def close(self, code: int = 1000) -> None:
        """Say goodbye, as far as the peer still listens, and close the socket."""
        try:
            self._opened.send(struct.pack("!H", code), websocket.ABNF.OPCODE_CLOSE)
        except (OSError, websocket.WebSocketException):
            return  # it has left already
        finally:
            self._opened.shutdown()
