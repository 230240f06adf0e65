"""What the feed says about itself: frozen snapshots for the badge, the cards and `/api/health`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from analytics.datasets import dataset_of

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
FLOWING: Final[frozenset[FeedState]] = frozenset({"LIVE", "BACKFILLING"})  # numbers can be relied on
OLD_MS: Final = 2_000  # a number that rests on older data is greyed, and no alert is judged by it
# A pair is as good as its worse leg.
WORST_FIRST: Final[tuple[FeedState, ...]] = (
    "HALTED",
    "BLOCKED",
    "OFFLINE",
    "MUTE",
    "STALE",
    "CONNECTING",
    "DELAYED",
    "FINISHED",
    "BACKFILLING",
    "LIVE",
)
# Said of the whole feed, these hold for every symbol.
CONCERN_ALL: Final[frozenset[FeedState]] = frozenset({"BLOCKED", "OFFLINE", "FINISHED"})


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
    last_price, last_trade_ms: the newest trade.  trade_age_ms: since it arrived, which a heartbeat does not shorten.
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
    trade_age_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """When the data of a dataset begin and end."""

    first_ms: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class MarketStatus:
    """The whole feed.

    source_reason: why this source and not the live exchange, as a sentence, or None.  state: the worst that concerns
    everything, such as OFFLINE; else that of the symbols.  finished: only of a replay, else None.  datasets: those that
    somebody looks at, by name.
    """

    source: SourceName
    state: FeedState
    now_ms: int
    source_reason: str | None = None
    finished: bool | None = None
    queue_depth: int = 0
    messages_per_s: float = 0.0
    symbols: dict[str, SymbolStatus] = field(default_factory=dict)
    datasets: dict[str, Recorded] = field(default_factory=dict)


def pair_state(status: MarketStatus, *symbols: str) -> FeedState:
    """The worst state among these symbols and what is said of the whole feed; an unknown symbol is connecting.

    Of datasets nothing is live and nothing can fail: they are finished.
    """
    if any(dataset_of(symbol) is not None for symbol in symbols):
        return "FINISHED"
    legs = (status.symbols.get(symbol) for symbol in symbols)
    states: list[FeedState] = ["CONNECTING" if leg is None else leg.state for leg in legs]
    if status.state in CONCERN_ALL:
        states.append(status.state)
    return min(states, key=WORST_FIRST.index)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """One connection to the exchange.

    route: such as "market".  opened_ms: wall time of the handshake, None before it.  renewed_at_ms: wall time at which
    a new connection takes its place.  reconnects: connections before this one that ended unplanned.  reason: why the
    last one ended, as a sentence.
    """

    route: str
    state: FeedState
    symbols: int
    opened_ms: int | None = None
    renewed_at_ms: int | None = None
    reconnects: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RestFacts:
    """The REST allowance. used, allowed: weight in this clock minute.  silent_until_ms: wall time before which no
    request is sent (a ban or a Retry-After), None when there is none.  trouble: why the last request failed.
    """

    host: str
    used: int
    allowed: int
    silent_until_ms: int | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """The database on disk, in bytes. log_bytes: its write-ahead log.  free_bytes: left on the disk.  trouble: why
    nothing can be written now.  None where there is no file.
    """

    path: str | None = None
    database_bytes: int | None = None
    log_bytes: int | None = None
    free_bytes: int | None = None
    engine: str | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message or a row that was counted and kept out of the data. sample: the beginning of it, as text."""

    reason: str
    sample: str
    symbol: str | None = None


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """What the Diagnostics page shows beside `MarketStatus` and the ledger of holes.

    set_aside: the newest ones; set_aside_total counts all.  complaints: error answers of the exchange.
    exchange_clock_ms: the exchange's clock minus this machine's wall clock, None while unknown.
    """

    links: tuple[FeedLink, ...] = ()
    rest: RestFacts | None = None
    store: StoreFacts = StoreFacts()
    set_aside: tuple[SetAside, ...] = ()
    set_aside_total: int = 0
    complaints: tuple[str, ...] = ()
    exchange_clock_ms: int | None = None
    threads: int = 0
