"""How long a fault lasts: so many times, so many seconds, or until it is cleared."""

from __future__ import annotations


class Lease:
    """A right to be used.

    count: so many times (None: any number).  until_s: up to this moment of the event loop's clock (None: for ever).
    used: how often it was.
    """

    def __init__(self, count: int | None, until_s: float | None) -> None:
        self._count = count
        self._until_s = until_s
        self.used = 0

    @classmethod
    def starting(cls, now_s: float, *, count: int | None, for_s: float | None) -> Lease:
        """One that begins now."""
        return cls(count, None if for_s is None else now_s + for_s)

    def holds(self, now_s: float) -> bool:
        """Whether it can be used once more."""
        if self._count is not None and self.used >= self._count:
            return False
        return self._until_s is None or now_s < self._until_s

    def use(self) -> None:
        """Count one use."""
        self.used += 1
