"""A moment until which all the steps of something must be done together."""

from __future__ import annotations

from collections.abc import Callable


class Deadline:
    """`within_s` from now on; monotonic_ms tells the time."""

    def __init__(self, monotonic_ms: Callable[[], int], within_s: float) -> None:
        self._monotonic_ms = monotonic_ms
        self._at_ms = monotonic_ms() + round(within_s * 1000)

    def left_s(self) -> float:
        """Seconds that are left, above zero, as a socket wants them. Raises TimeoutError when there are none."""
        left_ms = self._at_ms - self._monotonic_ms()
        if left_ms <= 0:
            raise TimeoutError("timed out")
        return left_ms / 1000
