"""The machine's clocks, with a wall clock that can be set and a monotonic one that can leap."""

from __future__ import annotations

from services.clock import SystemClock


class SkewedClock:
    """Real time plus what a test adds to it."""

    def __init__(self) -> None:
        self._true = SystemClock()
        self.wall_ms = 0
        self.leapt_ms = 0

    def now_ms(self) -> int:
        return self._true.now_ms() + self.wall_ms

    def monotonic_ms(self) -> int:
        return self._true.monotonic_ms() + self.leapt_ms
