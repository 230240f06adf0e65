"""What the delivery needs from outside, as structural types. Adapters do not import this file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from analytics.alert_channels import Channel, OutboxRow
from services.delivery.letters import Letter
from services.delivery.outcome import Outcome


class Outbox(Protocol):
    """Where messages wait until they are sent. Every method may raise StoreError."""

    def channels(self) -> tuple[Channel, ...]:
        """Every receiver."""
        ...

    def waiting_channels(self) -> tuple[str, ...]:
        """The names that something waits for, also of channels that are there no longer."""
        ...

    def due(self, now_ms: int, limit: int, channel: str | None = None) -> tuple[OutboxRow, ...]:
        """Waiting rows with `next_ms` <= now_ms, oldest first, of one channel where it is named."""
        ...

    def sent(self, rows: Sequence[int], receipt: str) -> None:
        """These have arrived: one transaction."""
        ...

    def failed(self, rows: Sequence[int], reason: str, retry_at_ms: int | None) -> None:
        """These have not: tried again at that time, or given up where it is None. One transaction."""
        ...


class Notifier(Protocol):
    """One way to tell somebody. Blocking, for seconds at most; used by many threads at once."""

    def check(self, channel: Channel) -> None:
        """Raises BadInput, with the cure and without the secret, for a channel that cannot work."""
        ...

    def send(self, channel: Channel, letter: Letter, attempt: int) -> Outcome:
        """One attempt. What goes wrong on the way is an Outcome, not an error. attempt: 1 for the first."""
        ...
