"""The pulse: one thread that keeps the questions on the screens answered, at most so many times a second.

Ticks wake it; many ticks between two beats cost one computation. Pages, sockets and alerts read what it made.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


class Pulse:
    """refresh: what a beat does.  beats_per_s: the upper bound.  at_least_every_s: beats also while nobody wakes it."""

    def __init__(
        self,
        refresh: Callable[[], None],
        beats_per_s: float,
        *,
        name: str = "pulse",
        at_least_every_s: float | None = None,
    ) -> None:
        self._refresh = refresh
        self._rest_s = 1.0 / beats_per_s
        self._at_least_every_s = at_least_every_s
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.beats = 0

    @property
    def has_ended(self) -> bool:
        """Whether the thread has ended although nobody asked it to."""
        return self._thread.ident is not None and not self._thread.is_alive() and not self._stopping.is_set()

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self, _symbol: str = "") -> None:
        """Something changed. Cheap, never blocks: called on the feed thread."""
        self._woken.set()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.wait(self._at_least_every_s)
            self._woken.clear()
            self._refresh()
            self.beats += 1
            self._stopping.wait(self._rest_s)
