"""The request budget: so much weight a minute, as the exchange counts it."""

from __future__ import annotations

_MINUTE_MS = 60_000


class WeightBudget:
    """Weight used in the current minute by everybody on this machine."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._minute = 0
        self.used = 0

    def charge(self, weight: int, now_ms: int) -> bool:
        """Count a request; False when it is over the limit (it counts all the same)."""
        if now_ms // _MINUTE_MS != self._minute:
            self._minute = now_ms // _MINUTE_MS
            self.used = 0
        self.used += weight
        return self.used <= self._limit

    def retry_after_s(self, now_ms: int) -> int:
        """Seconds until the budget is fresh, at least 1."""
        return max(1, -(-(_MINUTE_MS - now_ms % _MINUTE_MS) // 1000))
