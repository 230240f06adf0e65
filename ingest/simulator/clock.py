"""The exchange's clock: one for all its parts, which can run late or fast and never steps back."""

from __future__ import annotations

import math
from collections.abc import Callable


class ExchangeClock:
    """Milliseconds UTC, from a wall clock. Belongs to one thread.

    behind_ms: how far in the past it begins.  A clock that began in the past catches up with the wall clock and never
    passes it; one that began in the present runs ahead of it when it is told to run fast.
    speed: exchange milliseconds in one of the wall clock.
    """

    def __init__(self, wall_ms: Callable[[], int], *, behind_ms: int = 0, speed: float = 1.0) -> None:
        self._wall_ms = wall_ms
        self._began_behind = behind_ms > 0
        self._wall_then_ms = wall_ms()
        self._then_ms = self._shown_ms = self._wall_then_ms - behind_ms
        self.speed = speed

    def __call__(self) -> int:
        """The time; never less than what it said before, whatever the wall clock does."""
        wall_ms = self._wall_ms()
        now_ms = self._then_ms + math.floor((wall_ms - self._wall_then_ms) * self.speed)
        if self._began_behind:
            now_ms = min(now_ms, wall_ms)
        self._shown_ms = max(self._shown_ms, now_ms)
        return self._shown_ms

    def run_at(self, speed: float) -> None:
        """From now on this many times as fast as the wall clock; > 0."""
        self._then_ms = self()
        self._wall_then_ms = self._wall_ms()
        self.speed = speed
