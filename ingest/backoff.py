"""How long to wait before the next connection. Pure: the randomness is given."""

from __future__ import annotations

from random import Random

_FIRST_S = 0.5
_LONGEST_S = 30.0
# What a refusal costs when the exchange names no time of its own: asking on only makes it worse.
_REFUSED_S = {403: 300.0, 418: 120.0, 429: 60.0, 451: 300.0}
_LONGEST_BAN_S = 3 * 86_400.0


class Backoff:
    """Immediate after a connection that worked; 0.5 to 30 s with full jitter for failures in a row."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._failures = 0

    def after_data(self, lived_s: float) -> float:
        """Seconds to wait after a connection that delivered data and lived `lived_s`, its opening included.

        At once; but a server that accepts, sends and drops in a loop is called at most twice a second.
        """
        self._failures = 0
        return max(_FIRST_S - lived_s, 0.0)

    def after_failure(self) -> float:
        """Seconds to wait after a connection that delivered nothing."""
        ceiling = min(_FIRST_S * 2.0**self._failures, _LONGEST_S)
        # Beyond the cap the count means nothing, and 2**1100 is no float.
        self._failures = min(self._failures + 1, 32)
        # The floor keeps the jitter from drawing "at once" ten times in a row.
        return max(self._rng.uniform(0.0, ceiling), _FIRST_S / 2)

    def after_refusal(self, status: int, retry_after_s: float | None = None) -> float:
        """Seconds to wait after HTTP `status`: minutes for 403, 418, 429 and 451, never less than the exchange asks.

        A tenth of jitter on top, so that not everybody behind one address comes back in the same second.
        """
        floor_s = _REFUSED_S.get(status)
        if floor_s is None:
            return max(self.after_failure(), min(retry_after_s or 0.0, _LONGEST_BAN_S))
        self._failures = min(self._failures + 1, 32)
        return max(floor_s, min(retry_after_s or 0.0, _LONGEST_BAN_S)) * self._rng.uniform(1.0, 1.1)
