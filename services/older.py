"""Trades from before the first one we hold, fetched by id from the newest page downwards.

How far: back to a moment, and until the screen has as many short bars or trades as it asked for. Nothing before the
first stored id is a hole, but what an answer skips is, and goes into the ledger before the older trades do.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from analytics.market import Gap, Ticks, Timeframe
from services.errands import Errand, Outcome, Urgency
from services.holes import PAGE, answered, is_other_history, skipped
from services.ports import Clock, TickStore, TradeArchive

_TRIES = 3


@dataclass(frozen=True, kw_only=True)
class OlderPage(Errand):
    """The next page of a symbol. ticket: void when the symbol has got a newer one."""

    older: OlderTrades
    ticket: int

    def page(self) -> Outcome:
        """Fetch it."""
        return self.older.page(self)


@dataclass(frozen=True, slots=True)
class _Depth:
    """How deep a symbol is known and wanted.

    lowest_id: all from here on was fetched or is listed.  lowest_ms: its time, None before the first page.  until_ms:
    wanted back to this moment.  bars: wanted, by timeframe.  ended: the exchange has no older ones.
    """

    lowest_id: int | None = None
    lowest_ms: int | None = None
    until_ms: int | None = None
    bars: dict[Timeframe, int] = field(default_factory=dict)
    ended: bool = False
    ticket: int = 0


class OlderTrades:
    """`extend` and `want` are for any thread.

    keep: takes what was fetched.  hole: lists a hole and sees to its filling.  add: takes an errand up.
    """

    def __init__(
        self,
        archive: TradeArchive,
        store: TickStore,
        clock: Clock,
        keep: Callable[[str, Ticks], None],
        hole: Callable[[Gap], None],
        add: Callable[[Iterable[Errand]], None],
    ) -> None:
        self._archive = archive
        self._store = store
        self._clock = clock
        self._keep = keep
        self._hole = hole
        self._add = add
        self._lock = threading.Lock()
        self._depths: dict[str, _Depth] = {}

    def extend(self, symbol: str, before_id: int, until_ms: int) -> None:
        """Fetch trades before `before_id` back to the time `until_ms`."""
        with self._lock:
            depth = self._depths.get(symbol, _Depth())
            lowest_id = before_id if depth.lowest_id is None else min(before_id, depth.lowest_id)
            until_ms = until_ms if depth.until_ms is None else min(until_ms, depth.until_ms)
            errand = self._changed(symbol, replace(depth, lowest_id=lowest_id, until_ms=until_ms))
        self._add(errand)

    def want(self, symbol: str, timeframe: Timeframe, bars: int) -> None:
        """Fetch older trades until there are so many bars (trades, for `TICK`). Cheap where that was wanted before."""
        with self._lock:
            depth = self._depths.get(symbol, _Depth())
            if depth.bars.get(timeframe, 0) >= bars:
                return
            errand = self._changed(symbol, replace(depth, bars={**depth.bars, timeframe: bars}))
        self._add(errand)

    def page(self, errand: OlderPage) -> Outcome:
        """One request, and what is left to do after it."""
        symbol = errand.symbol
        with self._lock:
            depth = self._depths[symbol]
        lowest_id = depth.lowest_id
        if depth.ticket != errand.ticket or lowest_id is None or lowest_id <= 1 or depth.ended:
            return Outcome()
        self._store.flush()
        depth = self._dated(symbol, depth, lowest_id)
        if self._is_enough(symbol, depth) or self._is_pruned(symbol, lowest_id):
            return Outcome()
        last = lowest_id - 1
        first = max(1, last - PAGE + 1)
        rows = answered(self._archive, symbol, first, last)
        if rows is None and errand.failures < _TRIES:
            # Perhaps the end of what it keeps, perhaps a bad moment.
            return Outcome((), (errand,), f"the exchange has no answer yet for {symbol} id {first}")
        inside = rows.rows(rows.trade_id <= last) if rows is not None else Ticks.empty()
        if not len(inside) or is_other_history(inside, depth.lowest_ms):
            self._reached(symbol, ended=True)
            return Outcome()
        lowest_id = int(inside.trade_id[0])
        # Older trades must not make an unlisted hole: what the answer skips goes into the ledger before they do.
        for hole_first, hole_last in skipped(inside.trade_id, lowest_id, last):
            self._hole(Gap(symbol, hole_first, hole_last, "OPEN", "missing in the history", self._clock.now_ms()))
        self._keep(symbol, inside)
        self._reached(symbol, lowest_id=lowest_id, lowest_ms=int(inside.time_ms[0]))
        return Outcome((replace(errand, failures=0),))

    def _dated(self, symbol: str, depth: _Depth, lowest_id: int) -> _Depth:
        """With the time of the lowest trade, which the store knows after a restart."""
        if depth.lowest_ms is not None:
            return depth
        lowest = self._store.ticks_between(symbol, lowest_id, lowest_id)
        return replace(depth, lowest_ms=int(lowest.time_ms[0])) if len(lowest) else depth

    def _is_enough(self, symbol: str, depth: _Depth) -> bool:
        if depth.until_ms is not None and (depth.lowest_ms is None or depth.lowest_ms > depth.until_ms):
            return False
        for timeframe, wanted in depth.bars.items():
            stored = self._store.stored(symbol)
            if (0 if stored is None else stored.ticks_stored) < wanted:
                return False
            if timeframe is not Timeframe.TICK and len(self._store.newest_bars(symbol, timeframe, wanted)) < wanted:
                return False
        return True

    def _is_pruned(self, symbol: str, lowest_id: int) -> bool:
        """Whether old trades are being removed: fetching more of them would never end."""
        stored = self._store.stored(symbol)
        return stored is not None and stored.first_id is not None and stored.first_id > lowest_id

    def _reached(
        self, symbol: str, *, lowest_id: int | None = None, lowest_ms: int | None = None, ended: bool = False
    ) -> None:
        with self._lock:
            depth = self._depths[symbol]
            self._depths[symbol] = replace(
                depth,
                lowest_id=depth.lowest_id if lowest_id is None else lowest_id,
                lowest_ms=depth.lowest_ms if lowest_ms is None else lowest_ms,
                ended=ended,
            )

    def _changed(self, symbol: str, depth: _Depth) -> tuple[OlderPage, ...]:
        """Remember the depth; the errand that reaches it takes the place of the one before."""
        self._depths[symbol] = depth = replace(depth, ticket=depth.ticket + 1)
        if depth.lowest_id is None or depth.ended:
            return ()
        urgency = Urgency.SCREEN if depth.bars else Urgency.OLDER
        return (OlderPage(symbol=symbol, urgency=urgency, older=self, ticket=depth.ticket),)
