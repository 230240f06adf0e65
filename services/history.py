"""What lies before our own trades and inside their holes, fetched when somebody looks at it.

From 1m up these are the exchange's own candles, one request for up to 1500; below, they do not exist, and the trades
themselves are fetched further back. Each span of candles is asked for once; a hole that shows later is a new span.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace

from analytics.market import Bars, Timeframe
from ingest.rest import CANDLES_LIMIT, Refusal
from services.backfill import Backfill
from services.errands import Errand, Outcome, Urgency
from services.ports import Clock, TickStore, TradeArchive
from storage.ledger import Run, united, without

# A question may ask for more; what nobody has looked at yet is not worth an hour of the allowance.
_MOST_CANDLES = 20_000
_MOST_SHORT_BARS = 10_000
_LOOK_AGAIN_MS = 5_000
_SETTLED_MS = 2_000
_CLOCK_CHECK_MS = 3_600_000
_FIRST_EVER = 1
_Key = tuple[str, Timeframe]


@dataclass(frozen=True, slots=True)
class _Need:
    """bars: how many are wanted.  asked: spans that the exchange has told (inclusive milliseconds).  looked_ms: when it
    was last compared with what we hold (monotonic), at that history_version.  again_ms: when it must be compared again.
    """

    bars: int = 0
    asked: tuple[Run, ...] = ()
    looked_ms: int | None = None
    history_version: int = 0
    again_ms: int | None = None
    queued: bool = False


@dataclass(frozen=True, kw_only=True)
class CandleLook(Errand):
    """Compare what is wanted with what is held, and fetch one page of what is missing."""

    urgency: Urgency = Urgency.SCREEN
    history: History
    timeframe: Timeframe

    def page(self) -> Outcome:
        """Fetch it."""
        return self.history.page(self)


class History:
    """`want` is for any thread; the fetching is done on the back-fill's."""

    def __init__(self, backfill: Backfill, archive: TradeArchive, store: TickStore, clock: Clock) -> None:
        self._backfill = backfill
        self._archive = archive
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._needs: dict[_Key, _Need] = {}
        self._offset_ms = 0
        self._skew_ms = 0
        self._offset_known_ms: int | None = None

    def want(self, symbol: str, timeframe: Timeframe, bars: int) -> None:
        """Somebody looks at the newest `bars` bars (trades, for `TICK`). Returns at once, and may be called often."""
        if timeframe.milliseconds < Timeframe.M1.milliseconds:
            self._backfill.deepen(symbol, timeframe, min(bars, _MOST_SHORT_BARS))
            return
        key, now_ms = (symbol, timeframe), self._clock.monotonic_ms()
        version = self._store.history_version(symbol)
        with self._lock:
            need = self._needs.get(key, _Need())
            need = replace(need, bars=max(need.bars, min(bars, _MOST_CANDLES)))
            is_due = not need.queued and (need != self._needs.get(key) or _is_due(need, version, now_ms))
            self._needs[key] = replace(need, queued=need.queued or is_due)
        if is_due:
            self._backfill.add(CandleLook(symbol=symbol, history=self, timeframe=timeframe))

    def page(self, look: CandleLook) -> Outcome:
        """One look, with one request at most."""
        key, length_ms = (look.symbol, look.timeframe), look.timeframe.milliseconds
        version = self._store.history_version(look.symbol)
        exchange_ms = self._exchange_ms()
        end_ms = exchange_ms - exchange_ms % length_ms
        with self._lock:
            need = self._needs[key]
        start_ms = max(end_ms - need.bars * length_ms, 0)
        missing = self._missing(look, need, start_ms, end_ms)
        if not missing:
            self._looked(key, version, self._first_bar_end_ms(look, exchange_ms) - exchange_ms)
            return Outcome()
        # From the newest end, and neighbouring spans in one request.
        last_ms = missing[-1][1]
        first_ms = max(missing[0][0], last_ms + 1 - CANDLES_LIMIT * length_ms)
        first_ms = max(first_ms, min(first for first, last in missing if last >= first_ms))
        candles = self._candles(look, first_ms, last_ms + 1)
        self._store.keep_candles(look.symbol, look.timeframe, candles)
        with self._lock:
            need = self._needs[key]
            self._needs[key] = replace(need, asked=united([*need.asked, (first_ms, last_ms)]))
        return Outcome((replace(look, failures=0),))

    def _candles(self, look: CandleLook, start_ms: int, end_ms: int) -> Bars:
        try:
            return self._archive.candles(look.symbol, look.timeframe, start_ms=start_ms, end_ms=end_ms)
        except Refusal as refusal:
            if not refusal.about_request:
                raise
            return Bars.empty()

    def _missing(self, look: CandleLook, need: _Need, start_ms: int, end_ms: int) -> list[Run]:
        """The spans of [start, end) that nothing of ours covers and that were not asked for, ascending."""
        length_ms = look.timeframe.milliseconds
        held = self._store.candles(look.symbol, look.timeframe, start_ms=start_ms, end_ms=end_ms)
        covered = united([*need.asked, *((start, start + length_ms - 1) for start in held.start_ms.tolist())])
        spans = united(
            (max(first, start_ms), min(last, end_ms - 1))
            for first, last in self._without_trades(look.symbol, length_ms, end_ms)
            if first < end_ms and last >= start_ms
        )
        return [piece for span in spans for piece in without(span, covered)]

    def _without_trades(self, symbol: str, length_ms: int, end_ms: int) -> Iterable[Run]:
        """The spans on the grid in which we hold no whole bar: before our first trade, and in the holes."""
        stored = self._store.stored(symbol)
        if stored is None or stored.first_id is None:
            yield 0, end_ms - 1
            return
        began_ms = self._time_ms(symbol, stored.first_id)
        if began_ms is None:
            return
        # The bar that our first trade falls into began without us, unless nobody ever traded before.
        bucket_ms = began_ms - began_ms % length_ms
        yield 0, bucket_ms - 1 + (length_ms if stored.first_id > _FIRST_EVER else 0)
        if not stored.gaps_open and not stored.gaps_lost:
            return
        gaps = [gap for gap in self._store.gaps(symbol) if gap.state != "FILLED"]
        for first, last in united((gap.first_id, gap.last_id) for gap in gaps):
            before_ms, after_ms = self._time_ms(symbol, first - 1), self._time_ms(symbol, last + 1)
            if before_ms is None:
                continue
            empty_from_ms = before_ms - before_ms % length_ms + length_ms
            empty_to_ms = end_ms if after_ms is None else after_ms - after_ms % length_ms
            if empty_from_ms < empty_to_ms:
                yield empty_from_ms, empty_to_ms - 1

    def _first_bar_end_ms(self, look: CandleLook, exchange_ms: int) -> int:
        """When the bar of our first trade is over: then the exchange tells it whole. Soon, while there is no trade."""
        stored = self._store.stored(look.symbol)
        first_id = stored.first_id if stored is not None else None
        began_ms = self._time_ms(look.symbol, first_id) if first_id is not None else None
        length_ms = look.timeframe.milliseconds
        return exchange_ms + _LOOK_AGAIN_MS if began_ms is None else began_ms - began_ms % length_ms + length_ms

    def _time_ms(self, symbol: str, trade_id: int) -> int | None:
        ticks = self._store.ticks_between(symbol, trade_id, trade_id)
        return int(ticks.time_ms[0]) if len(ticks) else None

    def _looked(self, key: _Key, version: int, closes_in_ms: int) -> None:
        now_ms = self._clock.monotonic_ms()
        again_ms = now_ms + closes_in_ms + _SETTLED_MS if closes_in_ms > -_SETTLED_MS else None
        with self._lock:
            self._needs[key] = replace(
                self._needs[key], looked_ms=now_ms, history_version=version, again_ms=again_ms, queued=False
            )

    def _exchange_ms(self) -> int:
        now_ms = self._clock.monotonic_ms()
        skew_ms = self._clock.now_ms() - now_ms
        is_old = self._offset_known_ms is None or now_ms - self._offset_known_ms > _CLOCK_CHECK_MS
        # The monotonic clock stands still while the machine sleeps.
        if is_old or abs(skew_ms - self._skew_ms) > _SETTLED_MS:
            self._offset_ms = self._archive.clock_offset_ms()
            self._offset_known_ms, self._skew_ms = now_ms, skew_ms
        # A little behind, so that whoever answers agrees on what is over.
        return now_ms + self._offset_ms - _SETTLED_MS


def _is_due(need: _Need, history_version: int, now_ms: int) -> bool:
    if need.looked_ms is None:
        return True
    if need.again_ms is not None and now_ms >= need.again_ms:
        return True
    return history_version != need.history_version and now_ms - need.looked_ms >= _LOOK_AGAIN_MS
