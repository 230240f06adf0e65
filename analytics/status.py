"""What the feed says about itself: frozen snapshots for the badge, the cards and `/api/health`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

SourceName = Literal["live", "demo", "replay"]

FeedState = Literal[
    "CONNECTING",  # no data yet, and not long enough to complain
    "LIVE",  # data arrives
    "DELAYED",  # data arrives, but late
    "STALE",  # data used to arrive and has stopped
    "MUTE",  # acknowledged, but never any data: wrong route or unknown symbol
    "BACKFILLING",  # live, and a hole behind it is being filled
    "BLOCKED",  # the exchange refuses this place or this address (451, 403)
    "OFFLINE",  # the exchange cannot be reached
    "HALTED",  # the ids went backwards: nothing is mixed, this symbol stands still
    "FINISHED",  # a replay has come to its end
]


@dataclass(frozen=True, slots=True)
class StoredSymbol:
    """What the store has committed of one symbol. gaps_open, gaps_lost: rows of the ledger in that state."""

    ticks_stored: int = 0
    first_id: int | None = None
    last_id: int | None = None
    gaps_open: int = 0
    gaps_lost: int = 0


@dataclass(frozen=True, slots=True)
class SymbolStatus:
    """One symbol's feed.

    reason: a sentence when the state is not LIVE.  ticks_stored, first_id, last_id: committed rows.  age_ms: since the
    newest data (trade or heartbeat) arrived.  lag_ms: arrival minus the exchange's event time, clock offset removed.
    last_price, last_trade_ms: the newest trade.
    """

    symbol: str
    state: FeedState
    reason: str | None = None
    ticks_stored: int = 0
    first_id: int | None = None
    last_id: int | None = None
    age_ms: int | None = None
    lag_ms: int | None = None
    messages_per_s: float = 0.0
    gaps_open: int = 0
    gaps_lost: int = 0
    quarantined: int = 0
    last_price: float | None = None
    last_trade_ms: int | None = None


@dataclass(frozen=True, slots=True)
class MarketStatus:
    """The whole feed.

    source_reason: why this source and not the live exchange, as a sentence, or None.  state: the worst that concerns
    everything, such as OFFLINE; else that of the symbols.  finished: only of a replay, else None.
    """

    source: SourceName
    state: FeedState
    now_ms: int
    source_reason: str | None = None
    finished: bool | None = None
    queue_depth: int = 0
    messages_per_s: float = 0.0
    symbols: dict[str, SymbolStatus] = field(default_factory=dict)
