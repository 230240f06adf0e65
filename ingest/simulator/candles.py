"""Klines, computed from the very trades that are published."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from ingest.simulator.calendar import BLOCK_MS, DAY_MS, HOUR_MS, MINUTE_MS, block_at, block_start_ms
from ingest.simulator.market import Market
from ingest.simulator.recent import Recent
from ingest.simulator.trades import Int64Array, Trades

_MONDAY_MS = 4 * DAY_MS  # 1970-01-05, the first Monday: weeks are counted from here
_REMEMBERED_BLOCKS = 60_000  # minute bars of about 30 days of every symbol, below 60 MB

INTERVALS: dict[str, int] = {
    "1m": MINUTE_MS,
    "3m": 3 * MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": HOUR_MS,
    "2h": 2 * HOUR_MS,
    "4h": 4 * HOUR_MS,
    "6h": 6 * HOUR_MS,
    "8h": 8 * HOUR_MS,
    "12h": 12 * HOUR_MS,
    "1d": DAY_MS,
    "3d": 3 * DAY_MS,
    "1w": 7 * DAY_MS,
    "1M": 0,
}

# Columns of the bar tables below.
START, OPEN, HIGH, LOW, CLOSE, VOLUME, QUOTE, TRADES, BUY_VOLUME, BUY_QUOTE, FIRST_FILL, LAST_FILL = range(12)


@dataclass(frozen=True, slots=True)
class Candle:
    """One kline in whole units. quote_units: 10**-(price_decimals + quantity_decimals) USDT."""

    start_ms: int
    open_units: int
    high_units: int
    low_units: int
    close_units: int
    volume_units: int
    quote_units: int
    trades: int
    buy_volume_units: int
    buy_quote_units: int
    first_fill: int
    last_fill: int


def interval_start_ms(interval: str, time_ms: int) -> int:
    """Start of the bar that holds this moment: weeks begin on Monday, months on their first day, all in UTC."""
    if interval == "1M":
        moment = datetime.fromtimestamp(time_ms / 1000, UTC)
        return round(datetime(moment.year, moment.month, 1, tzinfo=UTC).timestamp()) * 1000
    shift = _MONDAY_MS if interval == "1w" else 0
    return (time_ms - shift) // INTERVALS[interval] * INTERVALS[interval] + shift


def interval_end_ms(interval: str, start_ms: int) -> int:
    """First millisecond after the bar that begins at `start_ms`."""
    if interval == "1M":
        return interval_start_ms(interval, start_ms + 32 * DAY_MS)
    return start_ms + INTERVALS[interval]


def bars(trades: Trades, starts_ms: Int64Array) -> Int64Array:
    """(m, 12) bars of trades (n,), given the start of the bar of each trade, (n,) ascending. No trade, no bar."""
    if not len(trades):
        return np.empty((0, 12), np.int64)
    first = np.flatnonzero(np.diff(starts_ms, prepend=starts_ms[0] - 1))
    last = np.append(first[1:], len(trades)) - 1
    quote = trades.price_units * trades.quantity_units
    buys = ~trades.buyer_is_maker
    fills = trades.last_fill - trades.first_fill + 1
    table = np.empty((len(first), 12), np.int64)
    table[:, START] = starts_ms[first]
    table[:, OPEN] = trades.price_units[first]
    table[:, HIGH] = np.maximum.reduceat(trades.price_units, first)
    table[:, LOW] = np.minimum.reduceat(trades.price_units, first)
    table[:, CLOSE] = trades.price_units[last]
    table[:, VOLUME] = np.add.reduceat(trades.quantity_units, first)
    table[:, QUOTE] = np.add.reduceat(quote, first)
    table[:, TRADES] = np.add.reduceat(fills, first)
    table[:, BUY_VOLUME] = np.add.reduceat(trades.quantity_units * buys, first)
    table[:, BUY_QUOTE] = np.add.reduceat(quote * buys, first)
    table[:, FIRST_FILL] = trades.first_fill[first]
    table[:, LAST_FILL] = trades.last_fill[last]
    return table


def merged(table: Int64Array) -> Candle:
    """One candle of consecutive bars, (m >= 1, 12)."""
    sums = table.sum(axis=0)
    return Candle(
        start_ms=int(table[0, START]),
        open_units=int(table[0, OPEN]),
        high_units=int(table[:, HIGH].max()),
        low_units=int(table[:, LOW].min()),
        close_units=int(table[-1, CLOSE]),
        volume_units=int(sums[VOLUME]),
        quote_units=int(sums[QUOTE]),
        trades=int(sums[TRADES]),
        buy_volume_units=int(sums[BUY_VOLUME]),
        buy_quote_units=int(sums[BUY_QUOTE]),
        first_fill=int(table[0, FIRST_FILL]),
        last_fill=int(table[-1, LAST_FILL]),
    )


class Candles:
    """Klines of every symbol and interval, remembered by the minute."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._minutes: Recent[tuple[str, int], Int64Array] = Recent(_REMEMBERED_BLOCKS)

    def _block_minutes(self, symbol: str, block: int) -> Int64Array:
        """(10, 12) one-minute bars of a whole block."""
        return self._minutes.value((symbol, block), lambda: _minute_bars(self._market.block(symbol, block)))

    async def minutes(self, symbol: str, start_ms: int, end_ms: int, last_id: int) -> Int64Array:
        """(m, 12) one-minute bars of the trades up to `last_id` with start_ms <= T < end_ms (both on whole minutes).

        Days of trades may have to be made for this; the event loop gets its turn after every block.
        """
        newest = self._market.block_of(symbol, last_id) if last_id else -1
        parts = [np.empty((0, 12), np.int64)]
        for block in range(max(0, block_at(start_ms)), min(newest, block_at(end_ms - 1)) + 1):
            if block == newest:
                trades = self._market.block(symbol, block)
                table = _minute_bars(trades.rows(0, last_id - int(trades.trade_id[0]) + 1))
            else:
                if (symbol, block) not in self._minutes:
                    await asyncio.sleep(0)
                table = self._block_minutes(symbol, block)
            within = (table[:, START] >= start_ms) & (table[:, START] < end_ms)
            parts.append(table if within.all() else table[within])
        return np.concatenate(parts)

    async def candles(self, symbol: str, interval: str, start_ms: int, end_ms: int, last_id: int) -> list[Candle]:
        """The klines that begin in [start_ms, end_ms), the running one included, ascending."""
        first = interval_start_ms(interval, start_ms)
        if first < start_ms:
            first = interval_end_ms(interval, first)
        edges = [first]
        while edges[-1] < end_ms and edges[-1] <= block_start_ms(self._market.block_of(symbol, last_id)) + BLOCK_MS:
            edges.append(interval_end_ms(interval, edges[-1]))
        if len(edges) == 1:
            return []
        table = await self.minutes(symbol, edges[0], edges[-1], last_id)
        cuts = np.searchsorted(table[:, START], np.array(edges))
        return [
            replace(merged(table[a:z]), start_ms=start)
            for start, a, z in zip(edges, cuts, cuts[1:], strict=False)
            if z > a
        ]


def _minute_bars(trades: Trades) -> Int64Array:
    return bars(trades, trades.time_ms // MINUTE_MS * MINUTE_MS)
