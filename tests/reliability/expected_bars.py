"""One-second bars recomputed from single trades, with nothing but the standard library."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tests.reliability.truth_log import Row

# start_ms open high low close volume trades taker_buy_volume first_id last_id
BarRow = tuple[int, float, float, float, float, float, int, float, int, int]
_NAMES = ("start_ms", "open", "high", "low", "close", "volume", "trades", "taker_buy_volume", "first_id", "last_id")
_SUMS = {"volume", "taker_buy_volume"}


@dataclass(slots=True)
class Bar:
    """The trades of one second so far, told in the order of their ids."""

    open: float
    high: float
    low: float
    close: float
    volume: float
    trades: int
    taker_buy_volume: float
    first_id: int
    last_id: int


def add_trade(bars: dict[int, Bar], row: Row) -> None:
    """Take one more trade; ids ascend."""
    trade_id, time_ms, price, quantity, buyer_is_maker = row
    start_ms = time_ms - time_ms % 1000
    bought = 0.0 if buyer_is_maker else quantity
    bar = bars.get(start_ms)
    if bar is None:
        bars[start_ms] = Bar(price, price, price, price, quantity, 1, bought, trade_id, trade_id)
        return
    bar.high = max(bar.high, price)
    bar.low = min(bar.low, price)
    bar.close = price
    bar.volume += quantity
    bar.trades += 1
    bar.taker_buy_volume += bought
    bar.last_id = trade_id


def difference(stored: BarRow, expected: Bar) -> str | None:
    """The first column that differs, as text; sums may differ by 1e-9 of themselves."""
    for name, held in zip(_NAMES[1:], stored[1:], strict=True):
        wanted = getattr(expected, name)
        same = math.isclose(held, wanted, rel_tol=1e-9, abs_tol=1e-12) if name in _SUMS else held == wanted
        if not same:
            return f"{name} is {held}, not {wanted}"
    return None
