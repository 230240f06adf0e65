"""Connections being opened, each on a short-lived thread, so that nobody who reads has to wait for it."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

import websocket

from ingest.link import Failure
from ingest.opening import OPENING_ERRORS, Opening, failure_of


class Doorbell:
    """Wakes a selector from other threads. `ear` is what the selector listens to."""

    def __init__(self) -> None:
        self._bell, self.ear = socket.socketpair()
        self._bell.settimeout(0)
        self.ear.settimeout(0)

    def ring(self) -> None:
        """Wake the selector. Never blocks: a bell that has rung a thousand times rings already."""
        try:
            self._bell.send(b"\0")
        except BlockingIOError:
            return

    def quiet(self) -> None:
        """Take note."""
        try:
            self.ear.recv(4096)
        except BlockingIOError:
            return

    def close(self) -> None:
        """Let go of both ends."""
        self._bell.close()
        self.ear.close()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the opening of a connection ended."""

    number: int
    result: websocket.WebSocket | Failure


class Openings:
    """Begins, collects and abandons attempts. All but the threads themselves belong to the feed thread.

    ring: called when an outcome waits to be taken.
    """

    def __init__(self, monotonic_ms: Callable[[], int], ring: Callable[[], None]) -> None:
        self._monotonic_ms = monotonic_ms
        self._ring = ring
        self._outcomes: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._attempts: dict[int, Opening] = {}
        self._lock = threading.Lock()
        self._closed = False

    def begin(self, number: int, url: str) -> None:
        """Start to open a connection; returns at once."""
        attempt = self._attempts[number] = Opening(url, self._monotonic_ms)
        name = f"open-{number}"
        threading.Thread(target=self._open, args=(number, attempt, url), name=name, daemon=True).start()

    def abandon(self, number: int) -> None:
        """Nobody waits for this one any longer."""
        attempt = self._attempts.pop(number, None)
        if attempt is not None:
            attempt.abandon()

    def outcomes(self) -> list[Outcome]:
        """What has come of the attempts since the last call; one that was abandoned is closed instead."""
        taken = []
        while not self._outcomes.empty():
            outcome = self._outcomes.get()
            if self._attempts.pop(outcome.number, None) is not None:
                taken.append(outcome)
            elif not isinstance(outcome.result, Failure):
                outcome.result.shutdown()
        return taken

    def close(self) -> None:
        """Abandon all; what opens later is closed by its own thread."""
        with self._lock:
            self._closed = True
        for number in list(self._attempts):
            self.abandon(number)
        self.outcomes()

    def _open(self, number: int, attempt: Opening, url: str) -> None:
        result: websocket.WebSocket | Failure
        try:
            result = attempt.open()
        except OPENING_ERRORS as error:
            result = failure_of(error, url)
        with self._lock:
            if not self._closed:
                self._outcomes.put(Outcome(number, result))
                self._ring()
            elif not isinstance(result, Failure):
                result.shutdown()
