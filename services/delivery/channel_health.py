"""How each channel does: what it answered last, and whether it reaches anybody at all."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from services.delivery.outcome import Outcome

DEAD_AFTER: Final = 5


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """One channel. failures: attempts that failed in a row.  failing_since_ms: the first of them, wall time UTC.

    final: the last answer was one after which no other is worth trying.  receipt: the last answer, as a sentence.
    sent_ms: when something arrived last, in this run.  given_up: messages that were given up in this run.
    """

    name: str
    failures: int = 0
    failing_since_ms: int | None = None
    final: bool = False
    receipt: str | None = None
    sent_ms: int | None = None
    given_up: int = 0

    @property
    def dead(self) -> bool:
        """Whether nothing reaches it: many failures in a row, or an answer that was a final no."""
        return self.failures >= DEAD_AFTER or self.final

    @property
    def words(self) -> str | None:
        """What to tell of a dead channel, as a sentence; None for one that works."""
        if not self.dead:
            return None
        count = "the last attempt" if self.failures <= 1 else f"{self.failures} attempts in a row"
        since = "" if self.failing_since_ms is None else f" since {_utc(self.failing_since_ms)}"
        lost = f" {self.given_up} given up." if self.given_up else ""
        last = (self.receipt or "no answer").rstrip(".")
        return f"Alerts do not reach “{self.name}”: {count} failed{since}. The last answer: {last}.{lost}"


class HealthBoard:
    """Thread-safe. Written by whoever sends, read by the page."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, ChannelHealth] = {}
        self._version = 0

    @property
    def version(self) -> int:
        """Grows with every answer."""
        with self._lock:
            return self._version

    def of(self, name: str) -> ChannelHealth:
        """Of a channel; one that was never tried is well."""
        with self._lock:
            return self._known.get(name, ChannelHealth(name))

    def all(self) -> tuple[ChannelHealth, ...]:
        """Every channel that was tried, by name."""
        with self._lock:
            return tuple(self._known[name] for name in sorted(self._known))

    def banner(self) -> str | None:
        """One sentence for every channel that is dead; None while none is."""
        return " ".join(words for words in (one.words for one in self.all()) if words is not None) or None

    def heard(self, name: str, outcome: Outcome, now_ms: int) -> ChannelHealth:
        """Note what an attempt was answered."""
        if outcome.fate == "accepted":
            return self._note(
                name, {"failures": 0, "failing_since_ms": None, "final": False, "sent_ms": now_ms}, outcome
            )
        before = self.of(name)
        since_ms = before.failing_since_ms if before.failures else now_ms
        final = outcome.fate != "again"
        failed = {"failures": before.failures + 1, "failing_since_ms": since_ms, "final": final}
        return self._note(name, failed, outcome)

    def remember(self, name: str, failures: int, receipt: str | None) -> None:
        """Failures of a run before, as the outbox holds them."""
        with self._lock:
            held = self._known.get(name, ChannelHealth(name))
            if failures > held.failures:
                self._known[name] = replace(held, failures=failures, receipt=held.receipt or receipt)
                self._version += 1

    def gave_up(self, name: str, messages: int) -> None:
        """Note messages that will never be sent."""
        with self._lock:
            held = self._known.get(name, ChannelHealth(name))
            self._known[name] = replace(held, given_up=held.given_up + messages)
            self._version += 1

    def forget(self, names: Sequence[str]) -> None:
        """Channels that were removed, or changed and therefore start anew."""
        with self._lock:
            for name in names:
                if self._known.pop(name, None) is not None:
                    self._version += 1

    def _note(self, name: str, fields: Mapping[str, object], outcome: Outcome) -> ChannelHealth:
        with self._lock:
            held = self._known.get(name, ChannelHealth(name))
            self._known[name] = replace(held, receipt=outcome.receipt, **fields)  # type: ignore[arg-type]
            self._version += 1
            return self._known[name]


def _utc(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
