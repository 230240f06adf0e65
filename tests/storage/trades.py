"""Trades made from their ids alone: the same id is always the same trade."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from analytics.market import Ticks

SYMBOL = "BTCUSDT"
DAY_MS = 1_763_769_600_000


def trades(ids: Iterable[int], *, ms_per_trade: int = 130) -> Ticks:
    """Trades with these ids. Every seventh is stamped 400 ms early, so that time runs backwards against the ids."""
    trade_id = np.array(sorted(set(ids)), np.int64)
    return Ticks(
        trade_id=trade_id,
        time_ms=DAY_MS + trade_id * ms_per_trade - np.where(trade_id % 7 == 0, 400, 0),
        price=100.0 + (trade_id * 37 % 101) / 8,
        quantity=(trade_id % 13 + 1) / 4,
        buyer_is_maker=trade_id % 3 == 0,
    )


def trade_at(time_ms: int) -> Ticks:
    """One trade of that moment."""
    return replace(trades([1]), time_ms=np.array([time_ms], np.int64))


def same(left: Ticks, right: Ticks) -> bool:
    """Whether both hold the same trades in every column."""
    return all(
        np.array_equal(getattr(left, name), getattr(right, name))
        for name in ("trade_id", "time_ms", "price", "quantity", "buyer_is_maker")
    )
