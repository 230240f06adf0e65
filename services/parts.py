"""What a market is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from analytics.status import SourceName
from services.ports import Clock, QuoteSource, TickSource, TickStore, TradeArchive
from storage.ring import Rings


@dataclass(frozen=True, slots=True)
class MarketParts:
    """archive, quotes: None for a recording.  stop_extra: ends what came with it (the local exchange).

    history_ms: how far behind the first trade to fetch.  source_reason: why this source, as a sentence, where that
    needs saying.
    """

    source: SourceName
    feed: TickSource
    rings: Rings
    store: TickStore
    archive: TradeArchive | None
    clock: Clock
    symbols: tuple[str, ...]
    history_ms: int = 0
    source_reason: str | None = None
    quotes: QuoteSource | None = None
    stop_extra: Callable[[], None] = field(default=lambda: None)
