"""Fakes for the seams: a clock that stands still, and waiting for a condition instead of sleeping."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class FakeClock:
    """Moves only when told."""

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        self.wall_ms = now_ms
        self.mono_ms = 1_000_000

    def now_ms(self) -> int:
        return self.wall_ms

    def monotonic_ms(self) -> int:
        return self.mono_ms

    def pass_ms(self, milliseconds: int) -> None:
        self.wall_ms += milliseconds
        self.mono_ms += milliseconds


def wait_until(condition: Callable[[], object], *, what: str, within_s: float = 60.0) -> None:
    """Return as soon as the condition holds. The time-out only ends a test that has already failed."""
    pause = threading.Event()
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"never came true: {what}")
        pause.wait(0.01)
