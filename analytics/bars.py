"""Trades to bars, and bars to longer bars."""

from __future__ import annotations

import numpy as np

from analytics.errors import BadInput
from analytics.market import Bars, Int64Array, Quality, Ticks, Timeframe, Uint8Array


def bars_from_ticks(ticks: Ticks, timeframe: Timeframe, *, tick_quality: Uint8Array | None = None) -> Bars:
    """The bars that these trades make, ascending by start; a span without a trade has no row.

    A trade belongs to the bar that its time `T` falls into; inside a bar the order is the id order, so open and close
    are the prices of the lowest and the highest id, also where `T` runs backwards against the ids. `TICK` gives one bar
    a trade, ordered by `T`, then by id.  tick_quality: (n,) a `Quality` for each trade, of which a bar keeps the worst;
    without it every bar is COMPLETE.

    >>> ticks = Ticks(
    ...     trade_id=np.array([7, 8, 9]),
    ...     time_ms=np.array([1_000, 1_999, 2_000]),
    ...     price=np.array([10.0, 11.0, 12.0]),
    ...     quantity=np.array([1.0, 2.0, 4.0]),
    ...     buyer_is_maker=np.array([False, True, False]),
    ... )
    >>> bars = bars_from_ticks(ticks, Timeframe.S1)
    >>> bars.start_ms.tolist(), bars.close.tolist(), bars.volume.tolist(), bars.taker_buy_volume.tolist()
    ([1000, 2000], [11.0, 12.0], [3.0, 4.0], [1.0, 4.0])
    """
    if not len(ticks):
        return Bars.empty()
    if tick_quality is None:
        tick_quality = np.full(len(ticks), Quality.COMPLETE, np.uint8)
    single = _one_bar_a_trade(ticks, tick_quality)
    if timeframe is Timeframe.TICK:
        return single.rows(np.argsort(ticks.time_ms, kind="stable"))
    return _grouped(single, timeframe.milliseconds)


def roll_up(bars: Bars, timeframe: Timeframe) -> Bars:
    """Bars of a finer timeframe (trades too, as `TICK` bars) joined into bars of `timeframe`.

    The same bars as `bars_from_ticks` would cut from the trades themselves: exactly so for prices, counts and ids, to
    rounding for volumes. quality: the worst of the parts.  Raises BadInput for `TICK`.
    """
    if timeframe is Timeframe.TICK:
        raise BadInput("bars do not hold their trades; ask for a timeframe of 1s or longer")
    if not len(bars):
        return bars
    return _grouped(bars, timeframe.milliseconds)


def with_candles(own: Bars, candles: Bars, *, first_trade_id: int | None) -> Bars:
    """Our own bars, and the exchange's where we hold none. Both of one timeframe, ascending; so is the result.

    A bar of our own trades wins, even a PARTIAL one, because the holes of those are listed. The bar of the first trade
    we hold is the exception: while it is PARTIAL, what is missing from it came before us and is in no list.
    first_trade_id: the lowest id we hold, None when there is none.
    """
    if not len(candles):
        return own
    kept = np.ones(len(own), np.bool_)
    if len(own) and own.first_id[0] == first_trade_id and own.quality[0] >= Quality.PARTIAL:
        kept[0] = own.start_ms[0] not in candles.start_ms
    own = own.rows(kept) if not kept.all() else own
    added = candles.rows(~np.isin(candles.start_ms, own.start_ms, assume_unique=True))
    both = added.joined(own)
    return both.rows(np.argsort(both.start_ms, kind="stable")) if len(added) else own


def _one_bar_a_trade(ticks: Ticks, quality: Uint8Array) -> Bars:
    return Bars(
        start_ms=ticks.time_ms,
        open=ticks.price,
        high=ticks.price,
        low=ticks.price,
        close=ticks.price,
        volume=ticks.quantity,
        trades=np.ones(len(ticks), np.int64),
        taker_buy_volume=np.where(ticks.buyer_is_maker, 0.0, ticks.quantity),
        first_id=ticks.trade_id,
        last_id=ticks.trade_id,
        quality=quality,
    )


def _grouped(parts: Bars, length_ms: int) -> Bars:
    """Parts joined by the span they start in. Open and close go by id: parts that overlap in ids are rare but real."""
    span = parts.start_ms // length_ms
    by_opening = _in_order(span, parts.first_id)
    by_closing = _in_order(span, parts.last_id)
    if by_opening is not None:
        span = span[by_opening]
    firsts = np.flatnonzero(np.concatenate(([True], span[1:] != span[:-1])))
    lasts = np.append(firsts[1:], len(span)) - 1
    opening = parts if by_opening is None else parts.rows(by_opening)
    closing = lasts if by_closing is None else by_closing[lasts]
    return Bars(
        start_ms=span[firsts] * length_ms,
        open=opening.open[firsts],
        high=np.maximum.reduceat(opening.high, firsts),
        low=np.minimum.reduceat(opening.low, firsts),
        close=parts.close[closing],
        volume=np.add.reduceat(opening.volume, firsts),
        trades=np.add.reduceat(opening.trades, firsts),
        taker_buy_volume=np.add.reduceat(opening.taker_buy_volume, firsts),
        first_id=opening.first_id[firsts],
        last_id=parts.last_id[closing],
        quality=np.maximum.reduceat(opening.quality, firsts),
    )


def _in_order(span: Int64Array, trade_id: Int64Array) -> Int64Array | None:
    """The index that sorts by span, then by id; None where the rows already stand so, as they nearly always do."""
    ahead = span[1:] - span[:-1]
    if np.all((ahead > 0) | ((ahead == 0) & (trade_id[1:] > trade_id[:-1]))):
        return None
    return np.lexsort((trade_id, span))
