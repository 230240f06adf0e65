"""The store without a disk: the twin of `SqlStore` for tests and tiny demos. Every change is done at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from analytics.bars import bars_from_ticks, roll_up
from analytics.errors import StoreError
from analytics.market import Bars, Gap, Quality, Ticks, Timeframe, Uint8Array
from analytics.status import StoredSymbol, StoreFacts
from storage import ledger
from storage.bar_pages import length_ms
from storage.holes import with_holes
from storage.rows import as_told


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """One symbol. quality: (n,) what each trade gives to its bar."""

    ticks: Ticks = field(default_factory=Ticks.empty)
    quality: Uint8Array = field(default_factory=lambda: np.empty(0, np.uint8))
    gaps: ledger.Ledger = ()
    candles: Mapping[Timeframe, Bars] = field(default_factory=dict)
    history_version: int = 0


class MemoryStore:
    """Trades and the ledger of holes in memory; bars are cut when asked for. Safe to use from any thread."""

    trouble: str | None = None

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._changing = threading.Lock()
        self._held: dict[str, _Held] = {}
        self._closed = False

    def append(self, symbol: str, ticks: Ticks, *, backfilled: bool = False) -> None:
        """Store trades. Known ids are ignored."""
        at_ms = self._now_ms()
        with self._changing:
            held = self._held.get(symbol, _Held())
            is_new = ~np.isin(ticks.trade_id, held.ticks.trade_id)
            fresh = ticks.rows(is_new)
            if not len(fresh):
                return
            is_forward = not len(held.ticks) or bool(
                fresh.trade_id[0] > held.ticks.trade_id[-1]
                and fresh.time_ms.min() // 1_000 >= held.ticks.time_ms.max() // 1_000
            )
            arrived = np.full(len(fresh), Quality.BACKFILLED if backfilled else Quality.COMPLETE, np.uint8)
            both = held.ticks.joined(fresh)
            order = np.argsort(both.trade_id)
            gaps = ledger.stored(held.gaps, ledger.runs(fresh.trade_id), at_ms)
            self._held[symbol] = replace(
                held,
                ticks=both.rows(order),
                quality=np.concatenate((held.quality, arrived))[order],
                gaps=gaps,
                history_version=held.history_version + (backfilled or not is_forward or gaps != held.gaps),
            )

    def open_gap(self, gap: Gap) -> None:
        """Enter a hole, without the ids of it that are stored or already in the ledger."""
        with self._changing:
            held = self._held.get(gap.symbol, _Held())
            self._relist(gap.symbol, held, ledger.opened(held.gaps, gap, ledger.runs(held.ticks.trade_id)))

    def lose_gap(self, symbol: str, first_id: int, last_id: int, cause: str, at_ms: int) -> None:
        """What is still OPEN of these ids is LOST."""
        with self._changing:
            held = self._held.get(symbol, _Held())
            self._relist(symbol, held, ledger.lost(held.gaps, first_id, last_id, cause, at_ms))

    def keep_candles(self, symbol: str, timeframe: Timeframe, candles: Bars) -> None:
        """Store closed bars as the exchange tells them. Raises BadInput for `TICK`."""
        length_ms(timeframe)
        if not len(candles):
            return
        with self._changing:
            held = self._held.get(symbol, _Held())
            before = held.candles.get(timeframe, Bars.empty())
            both = before.rows(~np.isin(before.start_ms, candles.start_ms)).joined(as_told(candles))
            told = {**held.candles, timeframe: both.rows(np.argsort(both.start_ms))}
            self._held[symbol] = replace(held, candles=told, history_version=held.history_version + 1)

    def flush(self, timeout_s: float = 10.0) -> None:
        """Return: everything is done already."""

    def ticks(self, symbol: str, *, limit: int) -> Ticks:
        """The newest `limit` trades, ascending by id."""
        held = self._of(symbol).ticks
        return held.rows(slice(max(0, len(held) - limit), None))

    def ticks_between(self, symbol: str, first_id: int, last_id: int, *, limit: int | None = None) -> Ticks:
        """Trades with first_id <= id <= last_id, ascending; at most the lowest `limit` of them."""
        held = self._of(symbol).ticks
        return held.rows((held.trade_id >= first_id) & (held.trade_id <= last_id)).rows(slice(None, limit))

    def bars(self, symbol: str, timeframe: Timeframe, *, start_ms: int, end_ms: int) -> Bars:
        """Bars with start_ms <= start < end_ms. Raises BadInput for `TICK`."""
        bars = self._bars(symbol, timeframe)
        return bars.rows((bars.start_ms >= start_ms) & (bars.start_ms < end_ms))

    def newest_bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        """The newest `limit` bars, ascending, the running one included. Raises BadInput for `TICK`."""
        bars = self._bars(symbol, timeframe)
        return bars.rows(slice(max(0, len(bars) - limit), None))

    def candles(self, symbol: str, timeframe: Timeframe, *, start_ms: int, end_ms: int) -> Bars:
        """The exchange's own bars with start_ms <= start < end_ms. Raises BadInput for `TICK`."""
        length_ms(timeframe)
        told = self._of(symbol).candles.get(timeframe, Bars.empty())
        return told.rows((told.start_ms >= start_ms) & (told.start_ms < end_ms))

    def gaps(self, symbol: str | None = None) -> tuple[Gap, ...]:
        """The ledger, oldest first."""
        wanted = self.symbols() if symbol is None else (symbol,)
        return ledger.in_time_order(gap for name in wanted for gap in self._of(name).gaps)

    def summary(self) -> dict[str, StoredSymbol]:
        """What is stored, by symbol."""
        return {symbol: _told(self._of(symbol)) for symbol in self.symbols()}

    def stored(self, symbol: str) -> StoredSymbol | None:
        """What is stored of one symbol; None of one that it does not know."""
        with self._changing:
            known = symbol in self._held
        return _told(self._of(symbol)) if known else None

    def symbols(self) -> tuple[str, ...]:
        """Every symbol that the store knows, in alphabetical order."""
        with self._changing:
            return tuple(sorted(self._held))

    def history_version(self, symbol: str) -> int:
        """Grows whenever something other than newer trades was stored: older trades, or a change of the ledger."""
        return self._of(symbol).history_version

    def queue_depth(self) -> int:
        """Trades waiting to be written: none."""
        return 0

    def facts(self) -> StoreFacts:
        """Nothing but what it is: there is no file."""
        return StoreFacts(engine="memory")

    def close(self) -> None:
        """Forget nothing, but answer no more. Idempotent."""
        self._closed = True

    def _bars(self, symbol: str, timeframe: Timeframe) -> Bars:
        length_ms(timeframe)
        held = self._of(symbol)
        if not len(held.ticks):
            return Bars.empty()
        seconds = bars_from_ticks(held.ticks, Timeframe.S1, tick_quality=held.quality)
        holes = [(gap.first_id, gap.last_id) for gap in ledger.unresolved(held.gaps)]
        seconds = with_holes(seconds, holes, int(held.ticks.trade_id[0]))
        return seconds if timeframe is Timeframe.S1 else roll_up(seconds, timeframe)

    def _relist(self, symbol: str, held: _Held, gaps: ledger.Ledger) -> None:
        changed = gaps != held.gaps
        self._held[symbol] = replace(held, gaps=gaps, history_version=held.history_version + changed)

    def _of(self, symbol: str) -> _Held:
        if self._closed:
            raise StoreError("the store is closed")
        with self._changing:
            return self._held.get(symbol, _Held())


def _told(held: _Held) -> StoredSymbol:
    ids = held.ticks.trade_id
    states = [gap.state for gap in held.gaps]
    return StoredSymbol(
        ticks_stored=len(ids),
        first_id=int(ids[0]) if len(ids) else None,
        last_id=int(ids[-1]) if len(ids) else None,
        gaps_open=states.count("OPEN"),
        gaps_lost=states.count("LOST"),
    )
