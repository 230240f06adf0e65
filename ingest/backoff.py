"""How long to wait before the next connection. Pure: the randomness is given."""

from __future__ import annotations

from random import Random

_FIRST_S = 0.5
_LONGEST_S = 30.0
# A server that accepts and drops at once must not be called hundreds of times a second.
_SETTLED_AFTER_S = 5.0


class Backoff:
    """Immediate after a connection that worked; 0.5 to 30 s with full jitter for failures in a row."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._failures = 0

    def after_data(self, lived_s: float) -> float:
        """Seconds to wait after a connection that delivered data and lived `lived_s`."""
        self._failures = 0
        return 0.0 if lived_s >= _SETTLED_AFTER_S else _FIRST_S

    def after_failure(self) -> float:
        """Seconds to wait after a connection that delivered nothing."""
        ceiling = min(_FIRST_S * 2.0**self._failures, _LONGEST_S)
        self._failures += 1
        # The floor keeps the jitter from drawing "at once" ten times in a row.
        return max(self._rng.uniform(0.0, ceiling), _FIRST_S / 2)
