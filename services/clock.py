"""The one place that reads the machine's clocks."""

from __future__ import annotations

import time


class SystemClock:
    """Wall time for stamps, monotonic time for ages."""

    def now_ms(self) -> int:
        """Milliseconds UTC."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        """Milliseconds since some moment, never stepping back."""
        return time.monotonic_ns() // 1_000_000
