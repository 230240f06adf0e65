"""What is done to connections: cut, stalled."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ingest.simulator.faults.orders import Cut, FaultRefused, Route, Stall
from ingest.simulator.frames import close_frame, frame_head
from ingest.simulator.websocket import Peer

_ANNOUNCED, _DELIVERED = 1_000, 10
_CUT_MESSAGE = (b'{"e":"' + b"~" * _ANNOUNCED)[: _ANNOUNCED - 2] + b'"}'  # whole, it would be JSON that means nothing


class Links:
    """Does it to the connected clients. Belongs to the exchange's event loop.

    peers: the connected clients.  later: calls a function after so many seconds, and can be told not to.
    """

    def __init__(self, peers: Iterable[Peer]) -> None:
        self._peers = peers

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

    def stall(self, order: Stall, later: Callable[[float, Callable[[], None]], None]) -> int:
        """Say nothing more on these connections, for ever or for some seconds; how many they are."""
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

    def stalled(self) -> list[Peer]:
        """The connections that say nothing."""
        return [peer for peer in self._peers if peer.stalled]


_BEGUN = frame_head(0x81, _ANNOUNCED) + _CUT_MESSAGE[:_DELIVERED]
