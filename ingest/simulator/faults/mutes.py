"""Streams that are acknowledged and mute although they exist."""

from __future__ import annotations

from ingest.simulator.faults.orders import Mute
from ingest.simulator.streams import Stream


class Mutes:
    """What is mute at the moment. Asked when audiences are found, never on the way of a trade."""

    def __init__(self) -> None:
        self.orders: list[Mute] = []

    def silence(self, stream: Stream) -> bool:
        """Whether nothing of this stream is sent."""
        return any(
            (not order.symbols or stream.symbol in order.symbols) and order.streams in {"all", stream.kind}
            for order in self.orders
        )
