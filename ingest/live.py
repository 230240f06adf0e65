"""The live feed: one thread that waits for all connections at once, decodes, asks the session, and hands events on.

The plan (`links.py`) decides what is to be connected, short-lived threads (`openings.py`) open it: the reading of the
living connections never waits for a name server, a proxy or a handshake. A silent or half-dead connection is seen by
the age of its data; the one-second mark prices make silence abnormal.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from random import Random
from typing import Protocol
from urllib.parse import urlsplit

from analytics.status import FeedLink
from ingest.binance import fitting_address
from ingest.events import FeedEvent
from ingest.link import Link
from ingest.links import Links
from ingest.openings import Doorbell
from ingest.reader import Reader
from ingest.reasons import host_of
from ingest.session import FeedSession
from ingest.shard import LinkRules

__all__ = ["Link", "LiveFeed"]

_RENEW_AFTER_S = 23 * 3600.0
_BEAT_MS = 50


class _Clock(Protocol):
    def now_ms(self) -> int: ...
    def monotonic_ms(self) -> int: ...


class LiveFeed:
    """Aggregate trades and mark prices of a set of symbols over the market route.

    renew_after_s: a connection is replaced, without loss, at 95 to 100 % of this age. `run` is lent a thread by the
    caller, once. Everything else may be used from any thread.
    """

    def __init__(
        self,
        market_ws_url: str,
        session: FeedSession,
        clock: _Clock,
        symbols: Iterable[str],
        *,
        renew_after_s: float = _RENEW_AFTER_S,
    ) -> None:
        self._url = market_ws_url
        self.session = session
        self._clock = clock
        rules = LinkRules(
            host=host_of(market_ws_url),
            route=urlsplit(market_ws_url).path or "/",
            renew_after_ms=round(renew_after_s * 1000),
            fitting=lambda names: fitting_address(market_ws_url, names),
        )
        # Not a secret: jitter only.
        self._plan = Links(rules, Random(), clock.monotonic_ms())
        self._wishes: queue.SimpleQueue[tuple[tuple[str, ...], bool]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._bell: Doorbell | None = None
        self._picture = self._plan.picture()
        self.link = self._plan.summary(self._picture)
        self.watch(symbols)

    def watch(self, symbols: Iterable[str]) -> None:
        """Subscribe to these symbols too; done by the feed thread at once."""
        self._wish(tuple(symbols), wanted=True)

    def unwatch(self, symbols: Iterable[str]) -> None:
        """Unsubscribe from these symbols and forget their facts; done by the feed thread at once."""
        self._wish(tuple(symbols), wanted=False)

    def link_of(self, symbol: str) -> Link:
        """The state of the connection that carries a symbol; of one that is not watched, that of the whole."""
        return next((one.link for one in self._picture if symbol in one.symbols), self.link)

    def links(self) -> tuple[FeedLink, ...]:
        """One row a connection. Times are wall time as it reads now."""
        ahead_ms = self._clock.now_ms() - self._clock.monotonic_ms()
        return tuple(
            FeedLink(
                route="market",
                state=one.link.state,
                symbols=len(one.symbols),
                opened_ms=None if one.opened_ms is None else one.opened_ms + ahead_ms,
                renewed_at_ms=None if one.renew_at_ms is None else one.renew_at_ms + ahead_ms,
                reconnects=one.reconnects,
                reason=one.reason,
            )
            for one in self._picture
        )

    def run(self, emit: Callable[[FeedEvent], None], stopping: threading.Event) -> None:
        """Connect, read, renew, reconnect, until `stopping` is set; ends within a tenth of a second of that."""
        bell = Doorbell()
        with self._lock:
            self._bell = bell
        reader = Reader(self._url, self._plan, self.session, self._clock, emit, bell)
        try:
            self._turns(reader, stopping)
        finally:
            reader.close()
            with self._lock:
                self._bell = None
            bell.close()

    def _turns(self, reader: Reader, stopping: threading.Event) -> None:
        next_beat_ms = 0
        while not stopping.is_set():
            # Judged by the time before the read: what arrived while this machine slept is read before it is missed.
            now_ms = self._clock.monotonic_ms()
            stirred = self._take_wishes(reader, now_ms)
            stirred |= reader.turn(_BEAT_MS / 1000)
            if stirred or now_ms >= next_beat_ms:
                next_beat_ms = now_ms + _BEAT_MS
                reader.carry_out(self._plan.due(now_ms))
                self._picture = self._plan.picture()
                self.link = self._plan.summary(self._picture)

    def _wish(self, symbols: tuple[str, ...], *, wanted: bool) -> None:
        self._wishes.put((symbols, wanted))
        with self._lock:
            if self._bell is not None:
                self._bell.ring()

    def _take_wishes(self, reader: Reader, now_ms: int) -> bool:
        any_taken = False
        while not self._wishes.empty():
            symbols, wanted = self._wishes.get()
            reader.carry_out(self._plan.watch(symbols, now_ms) if wanted else self._plan.unwatch(symbols))
            any_taken = True
        return any_taken
