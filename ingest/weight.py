"""How much of the exchange's REST allowance may be used now. Pure: the time is given.

The exchange counts weight per address and clock minute and tells its own count in a header, so that other programs
behind the same address are counted too. We keep to half of it.
"""

from __future__ import annotations

_MINUTE_MS = 60_000
_CAUTION_MS = 10 * _MINUTE_MS


class WeightBudget:
    """per_minute: weight we allow ourselves in a clock minute."""

    def __init__(self, per_minute: int = 1200) -> None:
        self._per_minute = per_minute
        self._minute = 0
        self._used = 0
        self._silent_until_ms = 0
        self._cautious_until_ms = 0

    @property
    def silent_until_ms(self) -> int:
        """No request before this moment (a ban or a Retry-After); 0 when there is none."""
        return self._silent_until_ms

    def wait_ms(self, weight: int, now_ms: int) -> int:
        """Milliseconds until a request of this weight may be sent; 0 for now."""
        if now_ms < self._silent_until_ms:
            return self._silent_until_ms - now_ms
        self._turn(now_ms)
        allowed = self._per_minute // 2 if now_ms < self._cautious_until_ms else self._per_minute
        if self._used + weight <= allowed or self._used == 0:
            return 0
        return (self._minute + 1) * _MINUTE_MS - now_ms

    def spent(self, weight: int, now_ms: int) -> None:
        """A request was sent."""
        self._turn(now_ms)
        self._used += weight

    def told(self, used: int, now_ms: int) -> None:
        """The exchange's own count for this minute."""
        self._turn(now_ms)
        self._used = max(self._used, used)

    def silenced(self, for_ms: int, now_ms: int) -> None:
        """The exchange asked for silence: nothing until then, and half the allowance for ten minutes after."""
        self._silent_until_ms = max(self._silent_until_ms, now_ms + for_ms)
        self._cautious_until_ms = self._silent_until_ms + _CAUTION_MS

    def _turn(self, now_ms: int) -> None:
        minute = now_ms // _MINUTE_MS
        if minute != self._minute:
            self._minute, self._used = minute, 0
