"""One WebSocket connection: handshake, control messages, pings, limits, and a bounded way out."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable, Iterable

from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Message,
    Ping,
    Pong,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from ingest.simulator.control import Subscriptions
from ingest.simulator.frames import text_frame
from ingest.simulator.rules import Rules
from ingest.simulator.streams import Endpoint

_GOING_AWAY, _PROTOCOL_ERROR, _POLICY, _TOO_BIG = 1001, 1002, 1008, 1009


class Peer:
    """A client on a WebSocket. Its coroutine reads; everybody else on the event loop may `send`.

    number: its id, from 1.  stalled: it gets nothing, not even a pong, and keeps its connection all the same.
    """

    def __init__(self, number: int, endpoint: Endpoint, writer: asyncio.StreamWriter, rules: Rules) -> None:
        self.number = number
        self.route = endpoint.route
        self.stalled = False
        self._owed = b""  # the rest of a frame that a stall broke off
        self.subscriptions = Subscriptions(
            endpoint.names, combined=endpoint.combined, limit=rules.streams_per_connection
        )
        self._writer = writer
        self._rules = rules
        self._protocol = WSConnection(ConnectionType.SERVER)
        self._waiting: list[bytes] = []
        self._text: list[str] = []
        self._arrivals: deque[float] = deque()
        self._opened_s = self._pinged_s = self._ponged_s = asyncio.get_running_loop().time()

    def accept(self, target: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Answer the upgrade request. Raises RemoteProtocolError when it is not a proper one."""
        self._protocol.initiate_upgrade_connection(list(headers), target.decode("ascii"))
        for _ in self._protocol.events():
            self._emit(AcceptConnection())

    async def serve(self, reader: asyncio.StreamReader, first: bytes, changed: Callable[[], None]) -> None:
        """Read until either side ends it. `first`: bytes that came with the request. `changed`: subscriptions did."""
        data = first or await reader.read(65_536)
        while data:
            try:
                if self._protocol.state is ConnectionState.OPEN:
                    self._protocol.receive_data(data)
                    for event in self._protocol.events():
                        self._take(event, changed)
            except RemoteProtocolError as wrong:
                self.close(_PROTOCOL_ERROR, str(wrong))
            if self.is_over():
                break
            data = await reader.read(65_536)

    def _take(self, event: Event, changed: Callable[[], None]) -> None:
        if isinstance(event, CloseConnection):
            self._emit(event.response())
            return
        if not isinstance(event, Message) or event.message_finished:
            self._count()
        if isinstance(event, Ping):
            self._emit(event.response())
        elif isinstance(event, Pong):
            self._ponged_s = asyncio.get_running_loop().time()
        elif isinstance(event, TextMessage):
            self._text.append(event.data)
            if sum(map(len, self._text)) > self._rules.message_bytes:
                self.close(_TOO_BIG, "message too big")
            elif event.message_finished:
                self._answer(changed)
        elif isinstance(event, BytesMessage):
            self.close(_POLICY, "binary messages are not accepted")

    def _answer(self, changed: Callable[[], None]) -> None:
        text = "".join(self._text)
        self._text.clear()
        reply = self.subscriptions.reply(text)
        changed()
        self.send(text_frame(reply))
        self.flush()

    def _count(self) -> None:
        now_s = asyncio.get_running_loop().time()
        self._arrivals.append(now_s)
        while self._arrivals[0] <= now_s - 1:
            self._arrivals.popleft()
        if len(self._arrivals) > self._rules.messages_per_second:
            self.close(_POLICY, "Too many requests")

    def send(self, frames: bytes) -> None:
        """Queue whole frames until the next `flush`."""
        self._waiting.append(frames)

    def flush(self) -> None:
        """Hand what is queued to the socket. A client that does not read is dropped, not buffered for ever."""
        if not self._waiting:
            return
        data = b"".join(self._waiting)
        self._waiting.clear()
        if self.stalled or self._protocol.state is not ConnectionState.OPEN or self._writer.is_closing():
            return
        if self._writer.transport.get_write_buffer_size() + len(data) > self._rules.send_buffer_bytes:
            self.drop()
            return
        self._writer.write(data)

    def age_s(self, now_s: float) -> float:
        """How long it has been connected."""
        return now_s - self._opened_s

    def is_over(self) -> bool:
        """Whether it ends, or has ended. A stalled connection does not end by anything the client says."""
        return self._writer.is_closing() or (not self.stalled and self._protocol.state is not ConnectionState.OPEN)

    def keep_alive(self, now_s: float, life_s: float) -> None:
        """Ping when it is time; end a connection that is older than `life_s` or has not answered for too long."""
        if self.stalled:
            return
        if now_s - self._opened_s >= life_s:
            self.close(_GOING_AWAY, "connection life is over")
        elif now_s - self._ponged_s >= self._rules.pong_timeout_s:
            self.drop()
        elif now_s - self._pinged_s >= self._rules.ping_interval_s:
            self._pinged_s = now_s
            self._emit(Ping())

    def close(self, code: int, reason: str) -> None:
        """End it with a close frame."""
        if self.stalled:
            return
        if self._protocol.state is ConnectionState.OPEN:
            self._emit(CloseConnection(code, reason[:100]))
        self._writer.close()

    def end(self, last: bytes = b"") -> None:
        """End it as TCP does (FIN), with these bytes before."""
        if last:
            self._writer.write(last)
        self._writer.close()

    def reset(self) -> None:
        """End it with a TCP reset; what the client has not read yet is lost."""
        reset(self._writer)

    async def pour(self, data: bytes) -> bool:
        """Hand bytes to the socket as fast as the client reads, past everything that waits; False when it is over."""
        if self.is_over():
            return False
        self._writer.write(data)
        try:
            await self._writer.drain()
        except OSError:
            return False  # the client is gone, which is its good right
        return True

    def stall(self, last: bytes = b"", owed: bytes = b"") -> None:
        """Say nothing more from now on. last: said before that.  owed: said first when it goes on."""
        self._writer.write(last)
        self._owed = owed
        self.stalled = True

    def go_on(self) -> None:
        """Speak again; what was not said in the stall is lost."""
        if not self.stalled or self._writer.is_closing():
            return
        self.stalled = False
        self._ponged_s = asyncio.get_running_loop().time()
        self._writer.write(self._owed)
        if self._protocol.state is not ConnectionState.OPEN:
            self._writer.close()  # the client said goodbye meanwhile

    def drop(self) -> None:
        """End it at once and without a word, as a dying network does."""
        self._writer.transport.abort()

    def _emit(self, event: Event) -> None:
        """Send a control frame (data frames are built in `frames`, once for all clients)."""
        if not self._writer.is_closing() and not self.stalled:
            try:
                self._writer.write(self._protocol.send(event))
            except LocalProtocolError:
                self.drop()  # the other side closed in the meantime; there is nobody left to tell


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with a TCP reset."""
    wire: socket.socket = writer.get_extra_info("socket")
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
