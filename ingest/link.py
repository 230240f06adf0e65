"""The nouns of the connections: what one of them has heard, and what the plan wants done."""

from __future__ import annotations

from dataclasses import dataclass, field

from analytics.market import Int64Array
from analytics.status import FeedState

_BLOCKING_STATUS = frozenset({403, 418, 451})


@dataclass(frozen=True, slots=True)
class Link:
    """The state of a connection: CONNECTING, LIVE, MUTE, OFFLINE or BLOCKED, with a sentence where it is not LIVE.

    since_ms: monotonic.  delivered: data arrive on it.
    """

    state: FeedState
    reason: str | None
    since_ms: int
    delivered: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a connection ended or could not be opened, as a sentence.

    status: of HTTP, where one was given.  retry_after_s: the wait that came with it.
    """

    reason: str
    status: int | None = None
    retry_after_s: float | None = None

    @property
    def blocked(self) -> bool:
        """The exchange refuses this place or this address."""
        return self.status in _BLOCKING_STATUS


@dataclass(slots=True)
class Heard:
    """What one connection has delivered of one symbol. Ids are those of trades, None before the first."""

    at_ms: int
    event_ms: int
    first_event_ms: int
    first_id: int | None = None
    last_id: int | None = None


@dataclass(slots=True)
class Wire:
    """One connection, from the first packet of its opening on. Times are monotonic milliseconds.

    opened_ms: None while it is being opened.  asked: the symbols subscribed to, and when.  heard_ms: newest data.
    ending: the server announced that it will close it.
    """

    number: int
    begun_ms: int
    opened_ms: int | None = None
    heard_ms: int | None = None
    ending: bool = False
    asked: dict[str, int] = field(default_factory=dict)
    heard: dict[str, Heard] = field(default_factory=dict)

    @property
    def delivered(self) -> bool:
        """Data have arrived on it."""
        return self.heard_ms is not None

    def hear(self, symbol: str, now_ms: int, event_ms: int, ids: Int64Array | None = None) -> None:
        """Data of a symbol arrived. What nobody asked for proves nothing."""
        if symbol not in self.asked:
            return
        self.heard_ms = now_ms
        known = self.heard.get(symbol)
        if known is None:
            known = self.heard[symbol] = Heard(now_ms, event_ms, event_ms)
        known.at_ms = now_ms
        known.event_ms = max(known.event_ms, event_ms)
        if ids is not None and len(ids):
            known.last_id = int(ids[-1])
            if known.first_id is None:
                known.first_id = int(ids.min())

    def goes_on_from(self, old: Wire, symbol: str) -> bool:
        """True when this connection lacks nothing of the symbol that `old` has not delivered already."""
        mine, theirs = self.heard.get(symbol), old.heard.get(symbol)
        if mine is None or theirs is None:
            return theirs is None
        if mine.first_id is not None and (theirs.last_id is None or theirs.last_id < mine.first_id - 1):
            return False
        return theirs.event_ms >= mine.first_event_ms


@dataclass(frozen=True, slots=True)
class Open:
    """Open a connection whose address names these symbols."""

    number: int
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Close:
    """End a connection, or the attempt to open it."""

    number: int


@dataclass(frozen=True, slots=True)
class Ask:
    """SUBSCRIBE these symbols on a connection, or UNSUBSCRIBE them."""

    number: int
    symbols: tuple[str, ...]
    wanted: bool


@dataclass(frozen=True, slots=True)
class Expect:
    """These symbols are asked for from now on; what came before proves nothing."""

    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missed:
    """The connection of these symbols ended: a hole that shows now has this cause."""

    symbols: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Forget:
    """These symbols are wanted no longer."""

    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """This connection carries its symbols now: what was held back of it counts."""

    number: int


Action = Open | Close | Ask | Expect | Missed | Forget | Release
