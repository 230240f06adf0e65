"""What is to be fetched over REST, ordered by urgency: holes, then what the screen waits for, then older trades.

Inside one urgency the errands take turns, so that no symbol waits for another. One that failed waits by itself.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from random import Random

_RETRY_S = (1.0, 2.0, 5.0, 10.0, 30.0)
# Holes come first, but what the screen waits for is one request: it must not wait for the hour that a long hole takes.
_IN_A_ROW = 8


class Urgency(IntEnum):
    """Which errand goes first; a lower number is more urgent."""

    HOLE = 0
    SCREEN = 1
    OLDER = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is left of an errand after one page. go_on: can continue at once.  wait: was not answered yet, and why."""

    go_on: tuple[Errand, ...] = ()
    wait: tuple[Errand, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Errand(ABC):
    """One thing to fetch. failures: how often in a row it was not answered."""

    symbol: str
    urgency: Urgency
    failures: int = 0

    @abstractmethod
    def page(self) -> Outcome:
        """Do one request. Raises SourceUnavailable and StoreError, which mean "later"."""


class Errands:
    """Thread-safe. rng: for the jitter of the back-off."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._ready: dict[Urgency, deque[Errand]] = {urgency: deque() for urgency in Urgency}
        self._later: list[tuple[int, Errand]] = []
        self._in_a_row = 0
        self._changed = threading.Condition()
        self._closed = False

    def add(self, errands: Iterable[Errand]) -> None:
        """To be done as soon as it is their turn."""
        with self._changed:
            for errand in errands:
                self._ready[errand.urgency].append(errand)
            self._changed.notify_all()

    def add_at(self, due_ms: int, errand: Errand) -> None:
        """To be done from a moment on, by the clock that `take` is told."""
        with self._changed:
            self._later.append((due_ms, errand))

    def put_off(self, errands: Iterable[Errand], now_ms: int, *, not_before_ms: int = 0) -> None:
        """To be done later: after a pause that grows with the failures, with jitter, and not before a moment."""
        with self._changed:
            for errand in errands:
                longest_s = _RETRY_S[min(errand.failures, len(_RETRY_S) - 1)]
                pause_ms = round(self._rng.uniform(0.5, 1.0) * longest_s * 1000)
                due_ms = max(now_ms + pause_ms, not_before_ms)
                self._later.append((due_ms, replace(errand, failures=errand.failures + 1)))

    def wait(self, timeout_s: float) -> bool:
        """Wait until something is ready; False when the time is over or `close` was called."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or any(self._ready.values()), timeout_s)
            return not self._closed and any(self._ready.values())

    def pause(self, seconds: float) -> None:
        """Wait a while, or until `close`."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed, seconds)

    def take(self, now_ms: int) -> Errand | None:
        """The most urgent one whose time has come; it belongs to the caller from now on."""
        with self._changed:
            due = [errand for due_ms, errand in self._later if due_ms <= now_ms]
            self._later = [(due_ms, errand) for due_ms, errand in self._later if due_ms > now_ms]
            for errand in due:
                self._ready[errand.urgency].append(errand)
            return self._first()

    def known(self) -> tuple[Errand, ...]:
        """All that wait, ready or put off."""
        with self._changed:
            return (*(one for lane in self._ready.values() for one in lane), *(one for _, one in self._later))

    def claim(self, is_wanted: Callable[[Errand], bool]) -> tuple[Errand, ...]:
        """Take all that are wanted, also those put off; they belong to the caller from now on."""
        with self._changed:
            claimed = [one for lane in self._ready.values() for one in lane if is_wanted(one)]
            claimed += [one for _, one in self._later if is_wanted(one)]
            if claimed:
                for urgency, lane in self._ready.items():
                    self._ready[urgency] = deque(one for one in lane if not is_wanted(one))
                self._later = [(due_ms, one) for due_ms, one in self._later if not is_wanted(one)]
            return tuple(claimed)

    def close(self) -> None:
        """Nobody waits any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def _first(self) -> Errand | None:
        lanes = list(Urgency)
        if self._in_a_row >= _IN_A_ROW and self._ready[Urgency.SCREEN]:
            lanes = [Urgency.SCREEN, *lanes]
        for urgency in lanes:
            if self._ready[urgency]:
                self._in_a_row = self._in_a_row + 1 if urgency is Urgency.HOLE else 0
                return self._ready[urgency].popleft()
        return None
