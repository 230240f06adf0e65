"""What the services need from outside, as structural types. Adapters do not import this file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Protocol

from analytics.kept import Kept
from analytics.market import Bars, Gap, Listing, Ticks, Timeframe
from analytics.quotes import Funding, Quote
from analytics.status import FeedLink, RestFacts, StoredSymbol, StoreFacts
from ingest.events import FeedEvent
from ingest.live import Link
from ingest.session import FeedSession


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

    def newest_bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        """The newest `limit` bars (committed trades only). Not for `TICK`."""
        ...

    def ticks_between(self, symbol: str, first_id: int, last_id: int, *, limit: int | None = None) -> Ticks:
        """Trades with first_id <= id <= last_id, ascending; at most the lowest `limit` of them."""
        ...

    def keep_candles(self, symbol: str, timeframe: Timeframe, candles: Bars) -> None:
        """Queue closed bars as the exchange itself tells them (klines). One already stored is replaced."""
        ...

    def candles(self, symbol: str, timeframe: Timeframe, *, start_ms: int, end_ms: int) -> Bars:
        """The exchange's own bars with start_ms <= start < end_ms: BACKFILLED, first_id and last_id are 0."""
        ...

    def facts(self) -> StoreFacts:
        """The file and the disk, for the diagnostics."""
        ...

    def history_version(self, symbol: str) -> int:
        """Grows whenever anything but a forward append changed the symbol: a back-fill, a gap, candles, retention."""
        ...

    def gaps(self, symbol: str | None = None) -> tuple[Gap, ...]:
        """The ledger, oldest first."""
        ...

    def summary(self) -> dict[str, StoredSymbol]:
        """What is committed, by symbol. Cheap: kept up to date by the writer, not counted."""
        ...

    def stored(self, symbol: str) -> StoredSymbol | None:
        """The same of one symbol, at a cost that does not grow with their number; None of one that it does not know."""
        ...

    def queue_depth(self) -> int:
        """Trades waiting to be written."""
        ...

    @property
    def trouble(self) -> str | None:
        """Why the store cannot write right now (disk full, locked), as a sentence, or None."""
        ...

    def close(self) -> None:
        """Flush, stop the writer, close. Idempotent."""
        ...


class KeptStore(Protocol):
    """Where lies what the user keeps. `SqlKeptStore` and `MemoryKeptStore` pass the same contract suite."""

    def read(self) -> Kept | None:
        """Everything, None when nothing has ever been kept. Raises StoreError."""
        ...

    def changed_elsewhere(self) -> bool:
        """Whether another process has changed it since this was asked last. Cheap. Raises StoreError."""
        ...

    def change(self, change: Callable[[Kept | None], Kept]) -> Kept:
        """Read, change and write in one transaction; when this returns it is safe from a kill and a power failure.

        What `change` raises goes through; then, and after a StoreError, nothing has changed.
        """
        ...

    def close(self) -> None:
        """Idempotent."""
        ...


class TickSource(Protocol):
    """Where trades come from: the live feed or a recording. Blocking; it knows no thread, the caller lends one."""

    session: FeedSession
    link: Link

    def run(self, emit: Callable[[FeedEvent], None], stopping: threading.Event) -> None:
        """Deliver events until `stopping` is set or the source has ended."""
        ...

    def watch(self, symbols: Iterable[str]) -> None:
        """Deliver these symbols too."""
        ...

    def unwatch(self, symbols: Iterable[str]) -> None:
        """Deliver these no longer. Taken up again later, a symbol goes on from its last id: between is a hole."""
        ...

    def link_of(self, symbol: str) -> Link:
        """The connection that carries a symbol."""
        ...

    def links(self) -> tuple[FeedLink, ...]:
        """The connections, for the diagnostics; none for a recording."""
        ...


class TradeArchive(Protocol):
    """Past trades by id, from the exchange. Every method raises SourceUnavailable and nothing else."""

    def listings(self) -> tuple[Listing, ...]:
        """Every symbol that trades now."""
        ...

    def clock_offset_ms(self) -> int:
        """The exchange's clock minus our monotonic one."""
        ...

    def close(self) -> None:
        """Let whoever waits for an answer go, and close the connections."""
        ...

    def trades_from(self, symbol: str, first_id: int, limit: int = ...) -> Ticks:
        """Up to `limit` trades with id >= first_id, ascending."""
        ...

    def newest_trades(self, symbol: str, limit: int = ...) -> Ticks:
        """The newest `limit` trades, ascending."""
        ...

    def candles(self, symbol: str, timeframe: Timeframe, *, start_ms: int, end_ms: int) -> Bars:
        """Closed bars as the exchange tells them (klines) with start_ms <= start < end_ms, at most one page: the oldest
        ones. BACKFILLED, first_id and last_id 0; spans without a trade have no row. `1m` and longer.
        """
        ...

    def facts(self) -> RestFacts:
        """The allowance, for the diagnostics."""
        ...


class QuoteSource(Protocol):
    """What the exchange asks of a trade now. Every method raises SourceUnavailable and nothing else."""

    def quotes(self, symbol: str | None = None) -> tuple[Quote, ...]:
        """Best bid and ask of a symbol, or of all; none for what is not quoted on both sides."""
        ...

    def fundings(self, symbol: str | None = None) -> tuple[Funding, ...]:
        """The funding to come of a symbol, or of all; none for what is never funded."""
        ...
