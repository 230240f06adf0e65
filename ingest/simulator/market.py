"""The market: a pure function of (seed, symbol, time), with lookup by time and by trade id at the same small cost."""

from __future__ import annotations

import numpy as np

from ingest.simulator.calendar import (
    BLOCK_MINUTES,
    BLOCKS_PER_DAY,
    GRID_MS,
    MINUTES_PER_DAY,
    block_at,
    block_start_ms,
    day_and_minute,
)
from ingest.simulator.listing import INSTRUMENTS, Instrument, decimal_text
from ingest.simulator.noise import Activity, Noise, Reversion
from ingest.simulator.prices import Prices
from ingest.simulator.recent import Recent
from ingest.simulator.trades import Int64Array, Trades, block_trades

_REMEMBERED_BLOCKS = 128


class Market:
    """Every trade since the opening. Ids start at 1 and step by 1; each symbol trades equally often every day, which
    makes the first id of any day a multiplication. Belongs to one thread.
    """

    def __init__(self, seed: int, instruments: tuple[Instrument, ...] = INSTRUMENTS) -> None:
        self.instruments = {i.symbol: i for i in instruments}
        self._activity = Activity(seed)
        self._prices = Prices(seed, instruments, self._activity)
        self._liveliness = {s: Reversion(seed, "liveliness of " + s, 300) for s in self.instruments}
        self._orders = {s: Noise(seed, "orders of " + s) for s in self.instruments}
        self._days: Recent[tuple[str, int], Int64Array] = Recent(3 * len(instruments))
        self._blocks: Recent[tuple[str, int], Trades] = Recent(_REMEMBERED_BLOCKS)

    def block(self, symbol: str, block: int) -> Trades:
        """The trades of one block (>= 0). Raises KeyError for a symbol that is not listed."""
        return self._blocks.value((symbol, block), lambda: self._make_block(symbol, block))

    def newest_id(self, symbol: str, time_ms: int) -> int:
        """Id of the last trade with T <= time_ms; 0 before the first one."""
        block = block_at(time_ms)
        if block < 0:
            return 0
        trades = self.block(symbol, block)
        return int(trades.trade_id[0]) - 1 + int(np.searchsorted(trades.time_ms, time_ms, side="right"))

    def block_of(self, symbol: str, trade_id: int) -> int:
        """The block in which this trade (id >= 1) happens."""
        day, within = divmod(trade_id - 1, self.instruments[symbol].trades_per_day)
        minute = int(np.searchsorted(self._day(symbol, day), within, side="right")) - 1
        return day * BLOCKS_PER_DAY + minute // BLOCK_MINUTES

    def trades(self, symbol: str, first_id: int, last_id: int) -> Trades:
        """The trades first_id..last_id, both included; none when the range is empty."""
        first_id = max(1, first_id)
        if last_id < first_id:
            return self.block(symbol, 0).rows(0, 0)
        parts = []
        for block in range(self.block_of(symbol, first_id), self.block_of(symbol, last_id) + 1):
            trades = self.block(symbol, block)
            zero = int(trades.trade_id[0])
            parts.append(trades.rows(max(0, first_id - zero), min(len(trades), last_id - zero + 1)))
        return parts[0].joined(*parts[1:])

    def bid_units(self, symbol: str, time_ms: int) -> int:
        """Best bid at a moment since the opening, in price units; the best ask is one tick higher."""
        block = block_at(time_ms)
        mid = self._prices.grid(symbol, block)[(time_ms - block_start_ms(block)) // GRID_MS]
        instrument = self.instruments[symbol]
        return int(mid // instrument.tick) * instrument.tick_units

    def mark_text(self, symbol: str, time_ms: int) -> str:
        """The mark price at a moment, as text: the middle of the quote, eight decimals as the exchange prints it."""
        instrument = self.instruments[symbol]
        middle = 2 * self.bid_units(symbol, time_ms) + instrument.tick_units
        return decimal_text(middle * 10 ** (8 - instrument.price_decimals) // 2, 8)

    def _day(self, symbol: str, day: int) -> Int64Array:
        """(1441,) trades of the day before each minute; the last one is the whole day's number."""
        return self._days.value((symbol, day), lambda: self._make_day(symbol, day))

    def _make_day(self, symbol: str, day: int) -> Int64Array:
        lively = self._activity.minutes(day) * np.exp(0.4 * self._liveliness[symbol].minutes(day)[:-1])
        share = np.cumsum(lively) / lively.sum()
        share[-1] = 1.0
        to_share_out = self.instruments[symbol].trades_per_day - MINUTES_PER_DAY  # one trade a minute is certain
        before = np.floor(share * to_share_out).astype(np.int64) + np.arange(1, MINUTES_PER_DAY + 1)
        return np.concatenate((np.zeros(1, np.int64), before))

    def _make_block(self, symbol: str, block: int) -> Trades:
        instrument = self.instruments[symbol]
        day, minute = day_and_minute(block)
        before = self._day(symbol, day)[minute : minute + BLOCK_MINUTES + 1]
        return block_trades(
            instrument,
            self._orders[symbol].at(block),
            start_ms=block_start_ms(block),
            first_id=day * instrument.trades_per_day + int(before[0]) + 1,
            counts=np.diff(before),
            mids=self._prices.grid(symbol, block),
        )
