"""One TCP connection: HTTP requests one after the other, until one of them asks for a WebSocket."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

import h11
from wsproto.utilities import RemoteProtocolError

from ingest.simulator.faults.endpoint import PREFIX, ControlEndpoint
from ingest.simulator.faults.handshakes import Handshakes, refusal
from ingest.simulator.faults.orders import Door
from ingest.simulator.faults.rest import ScriptedRest
from ingest.simulator.publisher import Publisher
from ingest.simulator.replies import Refusal, Reply
from ingest.simulator.rules import Rules
from ingest.simulator.streams import parse_endpoint
from ingest.simulator.websocket import Peer, reset

_FAREWELL_S = 2.0
_KNOWN = frozenset(HTTPStatus)
_BODY_BYTES = 8 * 1024 * 1024  # of a fault


@dataclass(frozen=True, slots=True)
class Rooms:
    """Where a request can lead."""

    rules: Rules
    publisher: Publisher
    rest: ScriptedRest
    handshakes: Handshakes
    control: ControlEndpoint


class Connection:
    """Serves one client until it leaves."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rooms: Rooms) -> None:
        self._reader = reader
        self._writer = writer
        self._rooms = rooms
        self._http = h11.Connection(h11.SERVER)

    async def serve(self) -> None:
        """Answer requests; ends when the client is gone or broke the protocol."""
        try:
            while await self._request():
                self._http.start_next_cycle()
        except h11.RemoteProtocolError as wrong:
            if self._http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
                await self._respond(Refusal(-1000, str(wrong), wrong.error_status_hint).reply())
        except OSError:
            return  # the client is gone, which is its good right
        finally:
            await self._close()

    async def _close(self) -> None:
        """Close in peace, or cut it off when the client does not take what is left for it."""
        self._writer.close()
        try:
            async with asyncio.timeout(_FAREWELL_S):
                await self._writer.wait_closed()
        except OSError:  # which a TimeoutError is
            self.drop()

    def drop(self) -> None:
        """Cut it off."""
        self._writer.transport.abort()

    async def _event(self) -> h11.Event:
        """The next event; one that cannot come (a pause inside a request) counts as the end."""
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._reader.read(65_536))
        return event if isinstance(event, h11.Event) else h11.ConnectionClosed()

    async def _request(self) -> bool:
        """Serve one request; False when the connection is over."""
        request = await self._event()
        if not isinstance(request, h11.Request):
            return False
        body = await self._body()
        method, target = request.method.decode("ascii"), request.target.decode("ascii", "replace")
        asks = {bytes(name).lower(): bytes(value) for name, value in request.headers}
        if asks.get(b"upgrade", b"").lower() == b"websocket":
            await self._handshake(request, target)
            return False
        if target.startswith(PREFIX):
            reply = self._rooms.control.reply(method, target, asks, body)
        else:
            reply = await self._rooms.rest.reply(method, target)
        await self._respond(reply, head=request.method == b"HEAD")
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _body(self) -> bytes:
        """What comes with the request; only the beginning of it when it is far too much."""
        parts, size = [], 0
        while not isinstance(event := await self._event(), h11.EndOfMessage):
            if isinstance(event, h11.Data) and size <= _BODY_BYTES:
                parts.append(bytes(event.data))
                size += len(event.data)
            elif not isinstance(event, h11.Data):
                break  # the client is gone; the answer will meet a closed socket
        return b"".join(parts)

    async def _respond(self, reply: Reply, *, head: bool = False) -> None:
        if reply.sent == "nothing":
            return
        headers = [("Content-Type", reply.content_type), ("Content-Length", str(len(reply.body))), *reply.headers]
        reason = HTTPStatus(reply.status).phrase if reply.status in _KNOWN else "Unknown"
        sent = self._http.send(h11.Response(status_code=reply.status, reason=reason.encode(), headers=headers))
        parts = [sent or b""]
        if reply.sent == "half":
            parts.append(self._http.send(h11.Data(data=reply.body[: len(reply.body) // 2])) or b"")
        else:
            if not head:
                parts.append(self._http.send(h11.Data(data=reply.body)) or b"")
            parts.append(self._http.send(h11.EndOfMessage()) or b"")
        self._writer.write(b"".join(parts))
        await self._writer.drain()

    async def _handshake(self, request: h11.Request, target: str) -> None:
        met = self._rooms.handshakes.next(asyncio.get_running_loop().time())
        if met is None:
            await self._websocket(request, target)
        else:
            await self._refuse(met)

    async def _refuse(self, met: Door) -> None:
        if met.how == "refuse":
            reset(self._writer)
        elif met.how == "hang":
            while await self._reader.read(65_536):
                pass
        else:
            await self._respond(refusal(met))

    async def _websocket(self, request: h11.Request, target: str) -> None:
        endpoint = parse_endpoint(target)
        if endpoint is None or len(endpoint.names) > self._rooms.rules.streams_per_connection:
            await self._respond(Refusal(-1000, "No such WebSocket path, or too many streams.", 404).reply())
            return
        peer = Peer(self._rooms.publisher.next_number(), endpoint, self._writer, self._rooms.rules)
        try:
            peer.accept(request.target, request.headers)
        except RemoteProtocolError as wrong:
            await self._respond(Refusal(-1000, str(wrong)).reply())
            return
        self._rooms.publisher.joined(peer)
        try:
            await peer.serve(self._reader, self._http.trailing_data[0], self._rooms.publisher.subscriptions_changed)
        finally:
            self._rooms.publisher.left(peer)
