"""One running market: a source, its rings and its store, and the threads between them.

The feed thread hands each event over here; nothing in this path blocks. A demo, a replay and the live exchange are the
same class with other parts, each with a store of its own, so that their trades never meet.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from analytics.errors import BadInput, SourceUnavailable, UnknownSymbol
from analytics.market import Gap, Listing, Ticks, Timeframe
from analytics.quotes import LegTerms, untold
from analytics.status import Diagnostics, FeedState, MarketStatus
from ingest.events import FeedEvent, GapSeen, NewTicks
from services.arrivals import Arrivals
from services.backfill import Backfill
from services.catch_up import CatchUp
from services.diagnosis import diagnose
from services.health import Knowledge, market_status
from services.history import History
from services.parts import MarketParts
from services.ports import TickStore, TradeArchive
from services.quotes import Quotes
from storage.ring import Rings

_CLOCK_CHECK_S = 3600.0
_LOOK_EVERY_S = 1.0
_SLEPT_MS = 2_000
_PATIENCE_MS = 1_200
MOST_SYMBOLS = 200
_FEWEST_SYMBOLS = 2


class Market:
    """Starts, runs and stops the parts. on_change is called on the feed thread with the symbol that changed."""

    def __init__(self, parts: MarketParts, on_change: Callable[[str], None]) -> None:
        self.parts = parts
        self._stopping = threading.Event()
        self._since_ms = dict.fromkeys(parts.symbols, parts.clock.monotonic_ms())
        self._lock = threading.Lock()
        self._watched = list(parts.symbols)
        self._extended: set[str] = set()
        self._listings: tuple[Listing, ...] = ()
        self._clock_offset_ms: int | None = None
        self._arrivals = Arrivals(parts.rings, parts.store, parts.clock, self._fill, on_change)
        self._backfill: Backfill | None = None
        self._catch_up: CatchUp | None = None
        self._history: History | None = None
        self._quotes = Quotes(parts.quotes, parts.clock) if parts.quotes is not None else None
        if parts.archive is not None:
            self._backfill = Backfill(parts.archive, parts.store, parts.clock, self._arrivals.fetched)
            self._catch_up = self._catching_up(parts.archive)
            self._history = History(self._backfill, parts.archive, parts.store, parts.clock)
        self._threads = [threading.Thread(target=self._feed, name="feed", daemon=True)]
        if parts.archive is not None:
            self._threads.append(threading.Thread(target=self._know_exchange, name="exchange-info", daemon=True))

    def start(self) -> None:
        """Start the threads; returns at once."""
        for thread in self._threads:
            thread.start()
        for worker in self._workers():
            worker.start()

    def stop(self) -> None:
        """End the threads, write everything down, close the store."""
        self._stopping.set()
        if self.parts.archive is not None:
            self.parts.archive.close()
        for worker in self._workers():
            worker.stop()
        # Together, not one after the other: a request in flight may outlast its welcome, the user does not wait for it.
        deadline_ms = self.parts.clock.monotonic_ms() + _PATIENCE_MS
        for join in [one.join for one in (*self._threads, *self._workers())]:
            join(max(deadline_ms - self.parts.clock.monotonic_ms(), 1) / 1000)
        self.parts.stop_extra()
        self.parts.store.close()

    @property
    def rings(self) -> Rings:
        """The newest trades, by symbol."""
        return self.parts.rings

    @property
    def store(self) -> TickStore:
        """Where the trades are kept."""
        return self.parts.store

    def listings(self) -> tuple[Listing, ...]:
        """Every symbol that can be watched. Until the exchange has told, and in a recording: those that are."""
        seen = dict.fromkeys([*self._watched, *self.parts.feed.session.facts])
        return self._listings or tuple(_bare_listing(symbol) for symbol in sorted(seen))

    def why_unknown(self, symbol: str) -> str:
        """Why this symbol cannot be watched, as a sentence: the exchange or the recording does not have it."""
        if self.parts.source == "replay":
            return f"{symbol} is not in this recording"
        return f"{symbol} is not listed" if self._listings else f"waiting for the exchange's list to look up {symbol}"

    def watched(self) -> tuple[str, ...]:
        """The symbols whose trades are collected, in order; in a recording those that it has shown so far."""
        shown = self.parts.feed.session.facts if self.parts.source == "replay" else ()
        return tuple(dict.fromkeys([*self._watched, *shown]))

    def watch(self, symbols: Iterable[str]) -> None:
        """Collect these too. Raises UnknownSymbol for what the exchange does not list, BadInput for too many."""
        wanted, watched = list(symbols), self.watched()
        known = {listing.symbol for listing in self.listings()} | set(watched)
        for symbol in wanted:
            if symbol not in known:
                raise UnknownSymbol(symbol)
        if len({*watched, *wanted}) > MOST_SYMBOLS:
            raise BadInput(f"at most {MOST_SYMBOLS} symbols can be watched; remove one first")
        with self._lock:
            added = [symbol for symbol in wanted if symbol not in self._watched]
            self._watched += added
            self._since_ms |= dict.fromkeys(added, self.parts.clock.monotonic_ms())
            # In the same order as the list, or a symbol that another page removes now is listed and never carried.
            self.parts.feed.watch(wanted)

    def unwatch(self, symbols: Iterable[str]) -> None:
        """Collect these no longer; what is stored stays. Raises UnknownSymbol, and BadInput for the last two."""
        unwanted = list(symbols)
        left = [symbol for symbol in self.watched() if symbol not in unwanted]
        for symbol in unwanted:
            if symbol not in self.watched():
                raise UnknownSymbol(symbol)
        if self.parts.source == "replay":
            raise BadInput("a recording has the symbols that it has; none can be removed")
        if len(left) < _FEWEST_SYMBOLS:
            raise BadInput("a pair needs two symbols; add another one before you remove this one")
        with self._lock:
            # Not `left`: a page may have begun to watch another one meanwhile.
            self._watched = [symbol for symbol in self._watched if symbol not in unwanted]
            self.parts.feed.unwatch(unwanted)

    def want(self, symbol: str, timeframe: Timeframe, bars: int) -> None:
        """Somebody looks at so many bars: what is missing of them is fetched. Cheap; a recording has what it has."""
        if self._history is not None:
            self._history.want(symbol, timeframe, bars)

    def terms(self, symbol: str) -> LegTerms:
        """Quote and funding of a symbol, kept fresh while somebody asks; a recording has none. Never waits."""
        if self._quotes is None:
            return untold("a recording holds no quotes and no funding")
        return self._quotes.terms(symbol)

    def diagnostics(self) -> Diagnostics:
        """Connections, allowance, disk, and what was set aside."""
        return diagnose(self.parts, clock_offset_ms=self._clock_offset_ms)

    def status(self) -> MarketStatus:
        """What the screen and `/api/health` say about this market."""
        return market_status(self.parts, self.watched(), self._knowledge())

    def states(self, symbols: tuple[str, ...]) -> tuple[FeedState, ...]:
        """The state of each of these symbols; cheaper than the whole status."""
        found = market_status(self.parts, symbols, self._knowledge())
        return tuple(found.symbols[symbol].state for symbol in symbols)

    def quiet_ms(self, symbol: str) -> int | None:
        """How long ago, by the exchange's clock, the newest trade held was; None where that is not known."""
        newest_ms, now_ms = self.rings.of(symbol).last_time_ms, self.exchange_now_ms()
        return None if newest_ms is None or now_ms is None else now_ms - newest_ms

    def _knowledge(self) -> Knowledge:
        catch_up, rest = self._catch_up, self.parts.archive.facts() if self.parts.archive is not None else None
        return Knowledge(
            clock_offset_ms=self._clock_offset_ms,
            listed={one.symbol for one in self._listings},
            undelivered=catch_up.undelivered() if catch_up is not None else (),
            unsettled=catch_up.unsettled() if catch_up is not None else (),
            rest_silence=rest.trouble if rest is not None and rest.silent_until_ms is not None else None,
            fault=self._fault(),
        )

    def _fault(self) -> str | None:
        """Which thread has ended although nobody asked it to, as a sentence: what it did is not done any more."""
        played_out = self.parts.source == "replay" and self.parts.feed.link.state != "LIVE"
        if self._stopping.is_set() or played_out:
            return None
        ended = [thread.name for thread in self._threads if thread.ident is not None and not thread.is_alive()]
        ended += [worker.name for worker in self._workers() if worker.has_ended]
        return f"the {ended[0]} thread stopped on a fault of its own; restart Pairwatch" if ended else None

    def _workers(self) -> tuple[Backfill | CatchUp | Quotes, ...]:
        return tuple(one for one in (self._backfill, self._catch_up, self._quotes) if one is not None)

    def _catching_up(self, archive: TradeArchive) -> CatchUp:
        return CatchUp(
            archive,
            self.parts.clock,
            facts=lambda: dict(self.parts.feed.session.facts),
            newest_id=self._newest_id,
            arrivals=self._arrivals,
            exchange_now_ms=self.exchange_now_ms,
        )

    def _feed(self) -> None:
        self.parts.feed.run(self._received, self._stopping)

    def _received(self, event: FeedEvent) -> None:
        if isinstance(event, NewTicks):
            self._arrivals.streamed(event.symbol, event.ticks, late=event.late)
            self._extend_once(event.symbol, event.ticks)
        elif isinstance(event, GapSeen):
            self._arrivals.hole(event.gap)

    def _fill(self, gap: Gap) -> None:
        if self._backfill is not None:
            self._backfill.fill(gap)
        else:
            # A recording cannot be asked again.
            self.parts.store.lose_gap(gap.symbol, gap.first_id, gap.last_id, "not in the recording", gap.opened_at_ms)

    def _extend_once(self, symbol: str, ticks: Ticks) -> None:
        if self._backfill is None or symbol in self._extended:
            return
        self._extended.add(symbol)
        stored = self.parts.store.stored(symbol)
        first_id = stored.first_id if stored is not None and stored.first_id is not None else int(ticks.trade_id[0])
        # Back to the wish for it at least: what was traded while the exchange could not be reached is owed as well.
        now_ms = self.parts.clock.monotonic_ms()
        waited_ms = now_ms - self._since_ms.get(symbol, now_ms)
        self._backfill.extend(symbol, first_id, int(ticks.time_ms[0]) - max(self.parts.history_ms, waited_ms))

    def _newest_id(self, symbol: str) -> int | None:
        stored = self.parts.store.stored(symbol)
        known = [self.rings.of(symbol).last_id, stored.last_id if stored is not None else None]
        return max((one for one in known if one is not None), default=None)

    def exchange_now_ms(self) -> int | None:
        """The exchange's clock, None while it is not known."""
        return None if self._clock_offset_ms is None else self._clock_offset_ms + self.parts.clock.monotonic_ms()

    def _know_exchange(self) -> None:
        """Learn the list of symbols and, every hour, how far its clock is from our monotonic one."""
        archive = self.parts.archive
        wait_s = 1.0
        while archive is not None and not self._stopping.is_set():
            try:
                # The clock first: it is the lighter one, and the lag needs it.
                self._clock_offset_ms = archive.clock_offset_ms()
                self._listings = archive.listings()
                wait_s = _CLOCK_CHECK_S
            except SourceUnavailable:
                # The feed's own state tells the user; here it only means "ask again".
                wait_s = min(wait_s * 2, 60.0)
            self._wait_awake(wait_s)

    def _wait_awake(self, seconds: float) -> None:
        """Wait so long, or until this machine has slept: its monotonic clock stood still, and the offset is void."""
        clock = self.parts.clock
        until_ms, skew_ms = clock.monotonic_ms() + seconds * 1000, clock.now_ms() - clock.monotonic_ms()
        while not self._stopping.wait(min(seconds, _LOOK_EVERY_S)):
            if clock.monotonic_ms() >= until_ms or abs(clock.now_ms() - clock.monotonic_ms() - skew_ms) > _SLEPT_MS:
                return


def _bare_listing(symbol: str) -> Listing:
    for quote in ("USDT", "USDC", "BUSD", "BTC"):
        if symbol.endswith(quote) and len(symbol) > len(quote):
            return Listing(symbol, symbol.removesuffix(quote), quote, 0.01, 0.001, 2)
    return Listing(symbol, symbol, "", 0.01, 0.001, 2)
