"""How much of the exchange's REST allowance may be used now, and since when not at all. The time is given.

The exchange counts weight per address and clock minute and tells its own count in a header, so that other programs
behind the same address are counted too. We keep to half of it. A little of that half is left to the light calls (time,
listings), so that they never wait for a long back-fill.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random

_MINUTE_MS = 60_000
_CAUTION_MS = 10 * _MINUTE_MS
_LIGHT_RESERVE = 20
# The longest ban that the exchange knows.
LONGEST_SILENCE_MS = 3 * 86_400_000
_FIRST_PAUSE_MS = 500
_LONGEST_PAUSE_MS = 30_000
_NO_CALLBACK: Callable[[int, str], None] = lambda _until_ms, _reason: None  # noqa: E731  typed once, here


class WeightBudget:
    """The allowance at one address, shared by everybody who asks there. Thread-safe.

    per_minute: weight we allow ourselves in a clock minute.  silent_until_ms, reason: a ban from before (wall time).
    on_silence: told each new deadline and its reason, outside the lock.  monotonic_ms: what a ban told in this run is
    counted by, because a wall clock may be set; None: the wall time that is given.  door: held during a request, so
    that there is one at a time, and none on its way when a ban is told.
    """

    def __init__(
        self,
        per_minute: int = 1200,
        *,
        silent_until_ms: int = 0,
        reason: str = "",
        on_silence: Callable[[int, str], None] = _NO_CALLBACK,
        rng: Random | None = None,
        monotonic_ms: Callable[[], int] | None = None,
    ) -> None:
        self.door = threading.Lock()
        self._lock = threading.Lock()
        self._per_minute = per_minute
        self._on_silence = on_silence
        # Not a secret: jitter only.
        self._rng = rng or Random()
        self._minute = 0
        self._used = 0
        self._silent_until_ms = silent_until_ms
        self._reason = reason
        self._monotonic_ms = monotonic_ms
        self._silent_until_monotonic_ms: int | None = None
        self._cautious_until_ms = silent_until_ms + _CAUTION_MS if silent_until_ms else 0
        self._failures = 0
        self._paused_until_ms = 0

    @property
    def silent_until_ms(self) -> int:
        """No request before this moment (a ban or a Retry-After); 0 when there was none."""
        return self._silent_until_ms

    @property
    def reason(self) -> str:
        """Why there is silence, as a sentence."""
        return self._reason

    def silence_ms(self, now_ms: int) -> int:
        """Milliseconds for which nothing at all may be sent; 0 when there is no ban."""
        if self._monotonic_ms is not None and self._silent_until_monotonic_ms is not None:
            return max(self._silent_until_monotonic_ms - self._monotonic_ms(), 0)
        return max(self._silent_until_ms - now_ms, 0)

    def used(self, now_ms: int) -> int:
        """Weight of this clock minute, other programs included."""
        with self._lock:
            self._turn(now_ms)
            return self._used

    def allowed(self, now_ms: int) -> int:
        """Weight that this clock minute may cost: less for a while after a ban."""
        return self._per_minute // 2 if now_ms < self._cautious_until_ms else self._per_minute

    def take(self, weight: int, now_ms: int, *, light: bool = False) -> int:
        """0 when a request of this weight may be sent now, and it is counted; else the milliseconds to wait.

        light: time and listings, which do not wait for the others.
        """
        with self._lock:
            silence_ms = self.silence_ms(now_ms)
            if silence_ms:
                return silence_ms
            pause_ms = self._paused_until_ms - now_ms
            # No pause is longer than the longest: then the clock was set back, by an hour perhaps.
            if not light and 0 < pause_ms <= _LONGEST_PAUSE_MS:
                return pause_ms
            self._turn(now_ms)
            allowed = self.allowed(now_ms)
            limit = allowed * 3 // 2 if light else allowed - _LIGHT_RESERVE
            if self._used + weight > limit and self._used > 0:
                return (self._minute + 1) * _MINUTE_MS - now_ms
            self._used += weight
            return 0

    def told(self, used: int, now_ms: int) -> None:
        """The exchange's own count for this minute."""
        with self._lock:
            self._turn(now_ms)
            self._used = max(self._used, used)

    def silenced(self, for_ms: int, now_ms: int, reason: str = "") -> None:
        """The exchange asked for silence: nothing until then, and half the allowance for ten minutes after."""
        with self._lock:
            for_ms = min(for_ms, LONGEST_SILENCE_MS)
            if for_ms <= self.silence_ms(now_ms):
                return
            until_ms = now_ms + for_ms
            if self._monotonic_ms is not None:
                self._silent_until_monotonic_ms = self._monotonic_ms() + for_ms
            self._silent_until_ms, self._reason = until_ms, reason
            self._cautious_until_ms = until_ms + _CAUTION_MS
        self._on_silence(until_ms, reason)

    def failed(self, now_ms: int) -> None:
        """A request was not answered, or with a 5xx: the next heavy one waits, longer each time, with jitter."""
        with self._lock:
            longest_ms = min(_FIRST_PAUSE_MS * 2**self._failures, _LONGEST_PAUSE_MS)
            self._failures = min(self._failures + 1, 16)
            self._paused_until_ms = now_ms + round(self._rng.uniform(0.5, 1.0) * longest_ms)

    def answered(self) -> None:
        """A request was answered."""
        with self._lock:
            self._failures, self._paused_until_ms = 0, 0

    def _turn(self, now_ms: int) -> None:
        minute = now_ms // _MINUTE_MS
        if minute != self._minute:
            self._minute, self._used = minute, 0
