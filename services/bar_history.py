"""Bars of a symbol up to this moment: closed ones from the store, with their quality, the running ones from the ring,
and the exchange's own candles where we hold no trades.

Closed bars are read once and then only extended; a back-fill or a gap (seen by the store's history version) makes
them be read anew. The seam is the start of a second before the first trade that is not yet committed, so no trade is
missed or counted twice, however long the running bar is.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from analytics.bars import bars_from_ticks, roll_up, with_candles
from analytics.market import Bars, Ticks, Timeframe
from services.ports import TickStore
from storage.ring import Rings, RingSnapshot

_Key = tuple[str, Timeframe]
_KEPT = 256
# 88 bytes each: whoever asks for the long history of every symbol must not fill the memory with it for good.
_KEPT_ROWS = 1_000_000
_SECOND_MS = 1_000
_END_OF_TIME_MS = 1 << 62
# Trades of two symbols' seconds may be told a moment out of order; what is older than this stays as it is.
_SETTLING_MS = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class _Closed:
    """Bars of all trades before `until_ms`, the last one perhaps unfinished. They hold for one history version."""

    bars: Bars
    until_ms: int
    history_version: int
    limit: int


@dataclass(frozen=True, slots=True, eq=False)
class _Candles:
    """The exchange's bars from `from_ms` on. They hold for one history version."""

    bars: Bars
    from_ms: int
    history_version: int


class BarHistory:
    """Thread-safe; its lock guards the cache alone and is never held while the store is read.

    kept_rows: so many closed bars are remembered, of all symbols together, and as many candles.
    """

    def __init__(self, rings: Rings, store: TickStore, *, kept_rows: int = _KEPT_ROWS) -> None:
        self._rings = rings
        self._store = store
        self._kept_rows = kept_rows
        self._lock = threading.Lock()
        self._closed: OrderedDict[_Key, _Closed] = OrderedDict()
        self._candles: OrderedDict[_Key, _Candles] = OrderedDict()

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
        own = self._own(symbol, timeframe, limit)
        if timeframe.milliseconds < Timeframe.M1.milliseconds:
            return own
        stored = self._store.stored(symbol)
        first_trade_id = stored.first_id if stored is not None else None
        candles = self._candles_beside(symbol, timeframe, own, limit)
        return with_candles(own, candles, first_trade_id=first_trade_id).rows(slice(-limit, None))

    def _own(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        """The newest `limit` bars that our trades make."""
        ring = self._rings.of(symbol).snapshot()
        if not len(ring.ticks):
            return self._store.newest_bars(symbol, timeframe, limit)
        until_ms = self._first_open_ms(symbol, ring)
        running = bars_from_ticks(ring.ticks.rows(ring.ticks.time_ms >= until_ms), Timeframe.S1)
        closed = self._closed_until(symbol, timeframe, until_ms, limit)
        return roll_up(closed.joined(running), timeframe).rows(slice(-limit, None))

    def _holds_all(self, symbol: str, snapshot: RingSnapshot) -> bool:
        stored = self._store.stored(symbol)
        if stored is None or stored.first_id is None:
            return True
        return bool(len(snapshot.ticks)) and int(snapshot.ticks.trade_id[0]) <= stored.first_id

    def _first_open_ms(self, symbol: str, ring: RingSnapshot) -> int:
        """Start of a second before which every trade is committed; the ring holds all trades from there on.

        Seconds, whatever the timeframe: a running day is longer than any ring.
        """
        stored = self._store.stored(symbol)
        committed = stored.last_id if stored is not None and stored.last_id is not None else -1
        times = ring.ticks.time_ms
        waiting = times[ring.ticks.trade_id > committed]
        first_ms = int(waiting.min()) if len(waiting) else int(times[-1])
        settled_ms = first_ms - first_ms % _SECOND_MS - _SETTLING_MS
        if self._holds_all(symbol, ring):
            return settled_ms
        # Its first second may have begun before the ring does.
        whole_from_ms = (int(times[0]) // _SECOND_MS + 1) * _SECOND_MS
        return max(settled_ms, min(whole_from_ms, first_ms - first_ms % _SECOND_MS))

    def _closed_until(self, symbol: str, timeframe: Timeframe, until_ms: int, limit: int) -> Bars:
        key = (symbol, timeframe)
        # Read before the bars: if history changes meanwhile, the next call sees an old version and reads again.
        version = self._store.history_version(symbol)
        with self._lock:
            known = self._closed.get(key)
        if known is not None and known.history_version == version and known.limit >= limit:
            if known.until_ms == until_ms:
                return known.bars
            if known.until_ms < until_ms:
                fresh = self._store.bars(symbol, Timeframe.S1, start_ms=known.until_ms, end_ms=until_ms)
                limit = known.limit
                bars = roll_up(known.bars.joined(fresh), timeframe).rows(slice(-limit - 1, None))
                return self._remembered(key, _Closed(bars, until_ms, version, limit))
        # Whole bars up to the running one, then the seconds of the running one.
        start_ms = until_ms - until_ms % timeframe.milliseconds
        newest = self._store.newest_bars(symbol, timeframe, limit + 2)
        whole = newest.rows(newest.start_ms < start_ms)
        seconds = self._store.bars(symbol, Timeframe.S1, start_ms=start_ms, end_ms=until_ms)
        bars = roll_up(whole.joined(seconds), timeframe)
        return self._remembered(key, _Closed(bars, until_ms, version, limit))

    def _candles_beside(self, symbol: str, timeframe: Timeframe, own: Bars, limit: int) -> Bars:
        """The candles of the newest `limit` spans, and perhaps more; read once for each change of history."""
        key = (symbol, timeframe)
        from_ms = int(own.start_ms[-1]) - limit * timeframe.milliseconds if len(own) else 0
        version = self._store.history_version(symbol)
        with self._lock:
            known = self._candles.get(key)
        if known is None or known.history_version != version or known.from_ms > from_ms:
            bars = self._store.candles(symbol, timeframe, start_ms=from_ms, end_ms=_END_OF_TIME_MS)
            known = _Candles(bars, from_ms, version)
            with self._lock:
                self._candles[key] = known
                self._candles.move_to_end(key)
                self._shrink(self._candles)
        return known.bars

    def _remembered(self, key: _Key, closed: _Closed) -> Bars:
        with self._lock:
            self._closed[key] = closed
            self._closed.move_to_end(key)
            self._shrink(self._closed)
        return closed.bars

    def _shrink(self, kept: OrderedDict[_Key, _Closed] | OrderedDict[_Key, _Candles]) -> None:
        """Forget the oldest ones, never the newest."""
        rows = sum(len(one.bars) for one in kept.values())
        while len(kept) > 1 and (len(kept) > _KEPT or rows > self._kept_rows):
            _, oldest = kept.popitem(last=False)
            rows -= len(oldest.bars)
