"""Aggregate trades of one block: when they happen, on which side of the quote, how large, and of which fills."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ingest.simulator.calendar import BLOCK_MINUTES, GRID_MS, MINUTE_MS
from ingest.simulator.listing import Instrument
from ingest.simulator.noise import FloatArray

Int64Array = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_BINS_PER_MINUTE = 120  # arrivals cluster in half seconds
_SWEEP = 0.12  # part of the trades that continue the order before them, one tick deeper, in the same millisecond
_TURN = 0.28  # chance that the taker side changes from one trade to the next
_SIZE_SPREAD = 1.4  # standard deviation of the log size
_RETAIL = 0.04  # part of the trades in which retail orders take some of the quantity
_INSURANCE = 0.0004  # chance that an insurance-fund fill (never part of an aggregate trade) comes before a trade


@dataclass(frozen=True, slots=True, eq=False)
class Trades:
    """Aggregate trades of one symbol, ascending by id, as whole numbers.

    price_units: 10**-price_decimals USDT.  quantity_units, normal_units: 10**-quantity_decimals of the base asset,
    with and without retail (RPI) orders.  first_fill, last_fill: ids `f` and `l`.  buyer_is_maker: `m`.
    """

    trade_id: Int64Array
    time_ms: Int64Array
    price_units: Int64Array
    quantity_units: Int64Array
    normal_units: Int64Array
    first_fill: Int64Array
    last_fill: Int64Array
    buyer_is_maker: BoolArray

    def __len__(self) -> int:
        return len(self.trade_id)

    def rows(self, start: int, stop: int) -> Trades:
        """The rows [start, stop), as views."""
        return Trades(**{f.name: getattr(self, f.name)[start:stop] for f in fields(self)})

    def picked(self, index: Int64Array) -> Trades:
        """The rows with these numbers, in this order."""
        return Trades(**{f.name: getattr(self, f.name)[index] for f in fields(self)})

    def joined(self, *others: Trades) -> Trades:
        """These rows, then the others'."""
        if not others:
            return self
        parts = (self, *others)
        return Trades(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(self)})


def block_trades(
    instrument: Instrument,
    draw: np.random.Generator,
    *,
    start_ms: int,
    first_id: int,
    counts: Int64Array,
    mids: FloatArray,
) -> Trades:
    """All trades of one block.

    counts: (10,) trades in each minute, >= 1.  mids: (6000,) mid prices every 100 ms.  The quote is the tick below
    the mid and the tick above it; a taker buys at the upper and sells at the lower one.
    """
    n = int(counts.sum())
    within_ms = _arrivals(draw, counts)
    follows = draw.random(n) < _SWEEP
    follows[np.cumsum(counts) - counts] = False  # an order does not reach over a minute: bars stay self-contained
    leader = np.maximum.accumulate(np.where(follows, 0, np.arange(n)))
    within_ms = within_ms[leader]
    buys = (np.cumsum(draw.random(n) < _TURN) % 2 == int(draw.integers(2)))[leader]
    deeper = np.arange(n) - leader
    mid = mids[within_ms // GRID_MS]
    below = np.floor(mid / instrument.tick).astype(np.int64)
    ticks = np.where(buys, below + 1 + deeper, below - deeper)
    first_fill, fills = _fills(draw, n, first_id)
    quantity = np.maximum(_sizes(draw, instrument, mid), fills)
    retail = np.where(draw.random(n) < _RETAIL, quantity // 3, 0)
    return Trades(
        trade_id=np.arange(first_id, first_id + n),
        time_ms=start_ms + within_ms,
        price_units=np.maximum(ticks, 1) * instrument.tick_units,
        quantity_units=quantity,
        normal_units=quantity - retail,
        first_fill=first_fill,
        last_fill=first_fill + fills - 1,
        buyer_is_maker=~buys,
    )


def _arrivals(draw: np.random.Generator, counts: Int64Array) -> Int64Array:
    """(n,) milliseconds into the block, ascending, with exactly `counts` of them in each minute."""
    weights = draw.gamma(1.8, size=(BLOCK_MINUTES, _BINS_PER_MINUTE)) + 0.02
    cumulated = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    minutes = np.arange(BLOCK_MINUTES)
    passed = np.concatenate(([0.0], (minutes[:, None] + cumulated).ravel()))
    edges = np.arange(len(passed)) * (MINUTE_MS // _BINS_PER_MINUTE)
    minute = np.repeat(minutes, counts)
    when = np.interp(np.sort(minute + draw.random(len(minute))), passed, edges).astype(np.int64)
    return np.clip(when, minute * MINUTE_MS, (minute + 1) * MINUTE_MS - 1)


def _sizes(draw: np.random.Generator, instrument: Instrument, mid: FloatArray) -> Int64Array:
    centre = math.log(instrument.mean_notional) - _SIZE_SPREAD**2 / 2
    notional = np.exp(centre + _SIZE_SPREAD * draw.standard_normal(len(mid)))
    units = np.rint(notional / mid * 10**instrument.quantity_decimals).astype(np.int64)
    return np.asarray(np.maximum(units, 1), np.int64)


def _fills(draw: np.random.Generator, n: int, first_id: int) -> tuple[Int64Array, Int64Array]:
    """(first fill id, number of fills) of each trade. A block of n trades uses up exactly 2 n fill ids, so that the
    first one of any block is known without counting; ids left out belong to insurance-fund fills.
    """
    skipped = draw.random(n) < _INSURANCE
    extra = np.bincount(draw.integers(n, size=n - int(skipped.sum())), minlength=n)
    fills = 1 + extra.astype(np.int64)
    first = 2 * (first_id - 1) + 1 + np.cumsum(fills) - fills + np.cumsum(skipped)
    return first.astype(np.int64), fills
