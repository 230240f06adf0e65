"""Frames and messages of any size, really sent, without holding them in memory."""

from __future__ import annotations

import asyncio

from ingest.simulator.frames import frame_head
from ingest.simulator.websocket import Peer

_CHUNK = b"x" * 65_536
_FINAL_TEXT, _FIRST_OF_TEXT, _MORE = 0x81, 0x01, 0x00


class Floods:
    """The floods that run. Nothing else is sent on their connections meanwhile. Belongs to one event loop."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()
        self._peers: set[Peer] = set()  # also those that are left with half a message

    def start(self, peer: Peer, size: int, *, fragments: bool) -> None:
        """Pour so many bytes over a client: in one frame, or in fragments of a message that never ends."""
        peer.stall()
        task = asyncio.create_task(_fragments(peer, size) if fragments else _frame(peer, size))
        self._running.add(task)
        self._peers.add(peer)
        task.add_done_callback(self._running.discard)

    def cancel(self) -> None:
        """Pour no more."""
        for task in self._running:
            task.cancel()

    def stop(self) -> None:
        """End them, and the connections that would be left with half a message: it cannot be taken back."""
        self.cancel()
        for peer in self._peers:
            if peer.stalled and not peer.is_over():
                peer.reset()
        self._peers.clear()


async def _frame(peer: Peer, size: int) -> None:
    if await peer.pour(frame_head(_FINAL_TEXT, size)):
        for begins in range(0, size, len(_CHUNK)):
            if not await peer.pour(_CHUNK[: size - begins]):
                return
        peer.go_on()


async def _fragments(peer: Peer, size: int) -> None:
    for begins in range(0, size, len(_CHUNK)):
        part = _CHUNK[: size - begins]
        if not await peer.pour(frame_head(_MORE if begins else _FIRST_OF_TEXT, len(part)) + part):
            return
