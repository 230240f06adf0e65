"""One TCP connection: HTTP requests one after the other, until one of them asks for a WebSocket."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import h11
from wsproto.utilities import RemoteProtocolError

from ingest.simulator.publisher import Publisher
from ingest.simulator.replies import Refusal, Reply
from ingest.simulator.rest import Rest
from ingest.simulator.rules import Rules
from ingest.simulator.streams import parse_endpoint
from ingest.simulator.websocket import Peer

_FAREWELL_S = 2.0


class Connection:
    """Serves one client until it leaves."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rest: Rest, publisher: Publisher, rules: Rules
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._rest = rest
        self._publisher = publisher
        self._rules = rules
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
        while not isinstance(await self._event(), h11.EndOfMessage):
            pass
        target = request.target.decode("ascii", "replace")
        asks = {bytes(name).lower(): bytes(value).lower() for name, value in request.headers}
        if asks.get(b"upgrade") == b"websocket":
            await self._websocket(request, target)
            return False
        await self._respond(
            await self._rest.reply(request.method.decode("ascii"), target), head=request.method == b"HEAD"
        )
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _respond(self, reply: Reply, *, head: bool = False) -> None:
        headers = [
            ("Content-Type", "application/json;charset=UTF-8"),
            ("Content-Length", str(len(reply.body))),
            *reply.headers,
        ]
        reason = HTTPStatus(reply.status).phrase.encode()
        parts = [self._http.send(h11.Response(status_code=reply.status, reason=reason, headers=headers))]
        if not head:
            parts.append(self._http.send(h11.Data(data=reply.body)))
        parts.append(self._http.send(h11.EndOfMessage()))
        self._writer.write(b"".join(p for p in parts if p))
        await self._writer.drain()

    async def _websocket(self, request: h11.Request, target: str) -> None:
        endpoint = parse_endpoint(target)
        if endpoint is None or len(endpoint.names) > self._rules.streams_per_connection:
            await self._respond(Refusal(-1000, "No such WebSocket path, or too many streams.", 404).reply())
            return
        peer = Peer(endpoint, self._writer, self._rules)
        try:
            peer.accept(request.target, request.headers)
        except RemoteProtocolError as wrong:
            await self._respond(Refusal(-1000, str(wrong)).reply())
            return
        self._publisher.joined(peer)
        try:
            await peer.serve(self._reader, self._http.trailing_data[0], self._publisher.subscriptions_changed)
        finally:
            self._publisher.left(peer)
