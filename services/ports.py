"""What the services need from outside, as structural types. Adapters do not import this file."""

from __future__ import annotations

from typing import Protocol

from analytics.market import Bars, Gap, Ticks, Timeframe
from analytics.status import StoredSymbol


class Clock(Protocol):
    """Where `now` comes from. `SystemClock` in the product, `FakeClock` in tests."""

    def now_ms(self) -> int:
        """Wall time, milliseconds UTC: for stamps that people read."""
        ...

    def monotonic_ms(self) -> int:
        """Never steps back: for ages and timeouts."""
        ...


class TickStore(Protocol):
    """Where trades live for good. `SqlStore` and `MemoryStore` pass the same contract suite (tests/contracts)."""

    def append(self, symbol: str, ticks: Ticks, *, backfilled: bool = False) -> None:
        """Queue trades for writing; returns at once. A trade already stored is ignored. If the queue is full, the id
        range becomes an OPEN gap instead of blocking.
        """
        ...

    def open_gap(self, gap: Gap) -> None:
        """Queue a hole for the ledger (after the trades queued before it)."""
        ...

    def lose_gap(self, symbol: str, first_id: int, last_id: int, cause: str, at_ms: int) -> None:
        """Queue: what is still open of this range can never be filled."""
        ...

    def flush(self, timeout_s: float = 10.0) -> None:
        """Wait until everything queued before this call is committed. Raises StoreError on time-out."""
        ...

    def ticks(self, symbol: str, *, limit: int) -> Ticks:
        """The newest `limit` trades, ascending by id."""
        ...

    def bars(self, symbol: str, timeframe: Timeframe, *, start_ms: int, end_ms: int) -> Bars:
        """Bars with start_ms <= start < end_ms (committed trades only). Not for `TICK`."""
        ...

    def gaps(self, symbol: str | None = None) -> tuple[Gap, ...]:
        """The ledger, oldest first."""
        ...

    def summary(self) -> dict[str, StoredSymbol]:
        """What is committed, by symbol. Cheap: kept up to date by the writer, not counted."""
        ...

    def queue_depth(self) -> int:
        """Trades waiting to be written."""
        ...

    def close(self) -> None:
        """Flush, stop the writer, close. Idempotent."""
        ...
