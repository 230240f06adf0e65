"""Bars of a symbol up to this moment: closed ones from the store, with their quality, the running ones from the ring.

Closed bars are read once and then only extended; a back-fill or a gap (seen by the store's history version) makes
them be read anew. The seam lies before the first trade that is not yet committed, so no trade is missed or counted
twice.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from analytics.bars import bars_from_ticks
from analytics.market import Bars, Ticks, Timeframe
from services.ports import TickStore
from storage.ring import Rings, RingSnapshot

_KEPT = 256


@dataclass(frozen=True, slots=True, eq=False)
class _Closed:
    """Bars that start before `until_ms` and can no longer change while the store's history version stays."""

    bars: Bars
    until_ms: int
    history_version: int
    limit: int


class BarHistory:
    """Thread-safe; its lock guards the cache alone and is never held while the store is read."""

    def __init__(self, rings: Rings, store: TickStore) -> None:
        self._rings = rings
        self._store = store
        self._lock = threading.Lock()
        self._closed: OrderedDict[tuple[str, Timeframe], _Closed] = OrderedDict()

    def version(self, symbol: str) -> tuple[int, int]:
        """Changes whenever `newest` may answer differently."""
        return self._rings.of(symbol).version, self._store.history_version(symbol)

    def newest_ticks(self, symbol: str, limit: int) -> Ticks:
        """The newest `limit` trades, ascending by id."""
        snapshot = self._rings.of(symbol).snapshot(limit)
        if len(snapshot.ticks) >= limit or self._holds_all(symbol, snapshot):
            return snapshot.ticks
        stored = self._store.ticks(symbol, limit=limit)
        if not len(snapshot.ticks):
            return stored
        older = stored.rows(stored.trade_id < snapshot.ticks.trade_id[0])
        return older.joined(snapshot.ticks).rows(slice(-limit, None))

    def newest(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        """The newest `limit` bars, ascending, the running one included."""
        if timeframe is Timeframe.TICK:
            return bars_from_ticks(self.newest_ticks(symbol, limit), timeframe)
        ring = self._rings.of(symbol).snapshot()
        if not len(ring.ticks):
            return self._store.newest_bars(symbol, timeframe, limit)
        until_ms = self._first_open_ms(symbol, ring, timeframe)
        running = bars_from_ticks(ring.ticks.rows(ring.ticks.time_ms >= until_ms), timeframe)
        return self._closed_until(symbol, timeframe, until_ms, limit).joined(running).rows(slice(-limit, None))

    def _holds_all(self, symbol: str, snapshot: RingSnapshot) -> bool:
        stored = self._store.summary().get(symbol)
        if stored is None or stored.first_id is None:
            return True
        return bool(len(snapshot.ticks)) and int(snapshot.ticks.trade_id[0]) <= stored.first_id

    def _first_open_ms(self, symbol: str, ring: RingSnapshot, timeframe: Timeframe) -> int:
        """Start of the bar in which the first uncommitted trade, or else the newest trade, lies."""
        stored = self._store.summary().get(symbol)
        committed = stored.last_id if stored is not None and stored.last_id is not None else -1
        waiting = ring.ticks.time_ms[ring.ticks.trade_id > committed]
        first_ms = int(waiting.min()) if len(waiting) else int(ring.ticks.time_ms[-1])
        return first_ms - first_ms % timeframe.milliseconds

    def _closed_until(self, symbol: str, timeframe: Timeframe, until_ms: int, limit: int) -> Bars:
        key = (symbol, timeframe)
        # Read before the bars: if history changes meanwhile, the next call sees an old version and reads again.
        version = self._store.history_version(symbol)
        with self._lock:
            known = self._closed.get(key)
        if known is not None and known.history_version == version and known.limit >= limit:
            if known.until_ms > until_ms:
                return known.bars.rows(known.bars.start_ms < until_ms)
            if known.until_ms == until_ms:
                return known.bars
            fresh = self._store.bars(symbol, timeframe, start_ms=known.until_ms, end_ms=until_ms)
            bars, limit = known.bars.joined(fresh).rows(slice(-known.limit, None)), known.limit
        else:
            newest = self._store.newest_bars(symbol, timeframe, limit + 1)
            bars = newest.rows(newest.start_ms < until_ms)
        with self._lock:
            self._closed[key] = _Closed(bars, until_ms, version, limit)
            self._closed.move_to_end(key)
            while len(self._closed) > _KEPT:
                self._closed.popitem(last=False)
        return bars
