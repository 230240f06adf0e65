"""What the wire says, in our own words: the frozen pieces that go from the decoder to the session and beyond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from analytics.market import Gap, Int64Array, Ticks

TradeKind = Literal["aggTrade", "trade"]


@dataclass(frozen=True, slots=True, eq=False)
class Trades:
    """Trades of one symbol out of one read, in the order of arrival (not yet sorted or deduplicated).

    event_ms: the newest `E`.  excluded_id: ids of prints that are no market trades (insurance fund, auto-deleveraging):
    they count in the id sequence and nowhere else.
    """

    symbol: str
    kind: TradeKind
    ticks: Ticks
    event_ms: int
    excluded_id: Int64Array


@dataclass(frozen=True, slots=True)
class MarkPrice:
    """The periodic heartbeat of a symbol. funding_rate: per interval, as a fraction; next_funding_ms: `T`."""

    symbol: str
    event_ms: int
    mark_price: float
    index_price: float
    funding_rate: float
    next_funding_ms: int


@dataclass(frozen=True, slots=True)
class BookTop:
    """Best bid and ask."""

    symbol: str
    event_ms: int
    update_id: int
    bid: float
    bid_quantity: float
    ask: float
    ask_quantity: float


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An answer to a request of ours. `streams` is set for LIST_SUBSCRIPTIONS. It proves nothing about data."""

    request_id: int | None
    streams: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """An error object of the exchange."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A message or a row that is set aside. `sample` is at most 200 bytes of it."""

    reason: str
    sample: bytes
    symbol: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """Everything that one read held. The newest book top and mark price of a symbol win.

    ending: the server announces that it will close this connection soon.  ill_formed: a message is not UTF-8, which
    breaks the WebSocket protocol.
    """

    trades: tuple[Trades, ...] = ()
    marks: tuple[MarkPrice, ...] = ()
    books: tuple[BookTop, ...] = ()
    answers: tuple[Acknowledged | Complaint, ...] = ()
    refused: tuple[Refused, ...] = ()
    messages: int = 0
    ending: bool = False
    ill_formed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class NewTicks:
    """Trades fit to be kept: sorted by id, no id twice, none seen before. late: they fill a hole behind the newest."""

    symbol: str
    ticks: Ticks
    late: bool = False


@dataclass(frozen=True, slots=True)
class GapSeen:
    """Ids were skipped: the ledger must know before anything else happens."""

    gap: Gap


@dataclass(frozen=True, slots=True)
class Halted:
    """The ids of a symbol went backwards in newer time: another history. The symbol stands still."""

    symbol: str
    reason: str


FeedEvent = NewTicks | GapSeen | Halted
