"""What is done to connections: cut, stalled, fed with anything, flooded, told that it is time to go."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ingest.simulator.faults.flood import Floods
from ingest.simulator.faults.orders import Cut, FaultRefused, Flood, Route, ShutdownNotice, Stall
from ingest.simulator.frames import close_frame, frame_head, text_frame
from ingest.simulator.websocket import Peer

Later = Callable[[float, Callable[[], None]], None]
_GOING_AWAY = 1_001
_MIB = 1_048_576
_ANNOUNCED, _DELIVERED = 1_000, 10
_CUT_MESSAGE = (b'{"e":"' + b"~" * _ANNOUNCED)[: _ANNOUNCED - 2] + b'"}'  # whole, it would be JSON that means nothing


class Links:
    """Does it to the connected clients. Belongs to the exchange's event loop.

    peers: the connected clients.
    """

    def __init__(self, peers: Iterable[Peer]) -> None:
        self._peers = peers
        self._floods = Floods()

    def chosen(self, route: Route | None, connection: int | None = None) -> list[Peer]:
        """The connections of a route, or the one with this id. Raises FaultRefused when there is none such."""
        chosen = [
            peer
            for peer in self._peers
            if route in {None, peer.route} and connection in {None, peer.number} and not peer.is_over()
        ]
        if connection is not None and not chosen:
            raise FaultRefused(f"There is no connection {connection}{'' if route is None else f' on {route}'}.")
        return chosen

    def cut(self, order: Cut) -> int:
        """End connections; how many."""
        peers = self.chosen(order.route, order.connection)
        ends: dict[str, Callable[[Peer], None]] = {
            "fin": lambda peer: peer.end(),
            "rst": lambda peer: peer.reset(),
            "mid_frame": lambda peer: peer.end(_BEGUN),
            "close": lambda peer: peer.end(close_frame(order.code, order.text)),
        }
        for peer in peers:
            ends[order.how](peer)
        return len(peers)

    def stall(self, order: Stall, later: Later) -> int:
        """Say nothing more on these connections, for ever or for some seconds; how many they are.

        later: calls a function after so many seconds.
        """
        peers = [peer for peer in self.chosen(order.route, order.connection) if not peer.stalled]
        rest = b""
        if order.how == "mid_frame":
            rest = _CUT_MESSAGE[_DELIVERED:]
        for peer in peers:
            peer.stall(_BEGUN if rest else b"", rest)
        if order.for_s is not None:
            later(order.for_s, lambda: self.go_on(peers))
        return len(peers)

    def go_on(self, peers: Iterable[Peer]) -> None:
        """End the stall of these connections; what was not said in it is lost."""
        for peer in peers:
            peer.go_on()

    def put(self, data: bytes, route: Route | None) -> int:
        """Put bytes on the wire of these connections; how many they are."""
        peers = [peer for peer in self.chosen(route) if not peer.stalled]
        for peer in peers:
            peer.send(data)
            peer.flush()
        return len(peers)

    def flood(self, order: Flood) -> int:
        """Begin a flood on these connections; how many they are."""
        peers = [peer for peer in self.chosen(order.route, order.connection) if not peer.stalled]
        for peer in peers:
            self._floods.start(peer, max(1, round(order.mib * _MIB)), fragments=order.fragments)
        return len(peers)

    def warn(self, order: ShutdownNotice, now_ms: int, later: Later) -> int:
        """Announce the end to everybody who is connected, and end it after that time; how many they are."""
        peers = self.chosen(None)
        self.put(text_frame(b'{"e":"serverShutdown","E":%d}' % now_ms), None)

        def close() -> None:
            for peer in peers:
                peer.close(_GOING_AWAY, "server shutdown")

        later(order.after_s, close)
        return len(peers)

    def clear(self) -> None:
        """End all floods and stalls."""
        self._floods.stop()
        self.go_on(self.stalled())

    def cancel_floods(self) -> None:
        """Pour no more."""
        self._floods.cancel()

    def stalled(self) -> list[Peer]:
        """The connections that say nothing."""
        return [peer for peer in self._peers if peer.stalled]


_BEGUN = frame_head(0x81, _ANNOUNCED) + _CUT_MESSAGE[:_DELIVERED]
