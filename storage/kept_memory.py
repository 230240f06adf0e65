"""What the user keeps, in memory: the twin of `SqlKeptStore` for tests and for a Desk that stands alone."""

from __future__ import annotations

import threading
from collections.abc import Callable

from analytics.kept import Kept


class MemoryKeptStore:
    """Thread-safe. Forgotten with the object."""

    def __init__(self, kept: Kept | None = None) -> None:
        self._kept = kept
        self._lock = threading.Lock()

    def read(self) -> Kept | None:
        """Everything, None when nothing has ever been kept."""
        with self._lock:
            return self._kept

    def changed_elsewhere(self) -> bool:
        """Never: nobody else can reach it."""
        return False

    def change(self, change: Callable[[Kept | None], Kept]) -> Kept:
        """Read, change and write, with nobody in between."""
        with self._lock:
            self._kept = change(self._kept)
            return self._kept

    def close(self) -> None:
        """Nothing to let go of."""
