"""From bars to candles that can be told apart on a screen: merged where there are many, never thinned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.market import Bars, FloatArray, Int64Array, Timeframe

MOST_CANDLES: Final = 320  # two pixels each: fewer would waste the pane, more would run together
_EACH: Final = (
    1,
    2,
    3,
    4,
    5,
    6,
    10,
    12,
    15,
    20,
    30,
    60,
    120,
    240,
    300,
    600,
)  # bars, so that candles begin at round times


@dataclass(frozen=True, slots=True, eq=False)
class Candles:
    """centre_ms: the middle of the rows that a candle stands for.  open, high, low, close: of all its bars.

    bars_each: timeframes that a candle spans; those without a trade have no bar.
    """

    centre_ms: FloatArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    bars_each: int

    def __len__(self) -> int:
        return len(self.centre_ms)


def merged(bars: Bars, timeframe: Timeframe, *, within: Int64Array, most: int = MOST_CANDLES) -> Candles:
    """At most `most` candles of the bars from the first moment of `within` to the last, cut on absolute time.

    A candle has the first open, the last close, the highest high and the lowest low of its bars. timeframe: not `tick`.
    """
    if not len(within):
        return _candles(bars.rows(slice(0)), timeframe.milliseconds, 1)
    first, last = int(within[0]), int(within[-1])
    bars = bars.rows((bars.start_ms >= first) & (bars.start_ms <= last))
    spans = (last - first) // timeframe.milliseconds + 2
    each = next((one for one in _EACH if spans / one <= most - 1), -(-spans // (most - 1)))
    return _candles(bars, timeframe.milliseconds, each)


def _candles(bars: Bars, bar_ms: int, each: int) -> Candles:
    span = bars.start_ms // (each * bar_ms)
    firsts = np.flatnonzero(np.concatenate(([True], span[1:] != span[:-1]))) if len(bars) else np.empty(0, np.int64)
    lasts = np.append(firsts[1:], len(bars)) - 1 if len(bars) else firsts
    return Candles(
        centre_ms=(span[firsts] * each * bar_ms).astype(np.float64) + (each - 1) * bar_ms / 2,
        open=bars.open[firsts],
        high=np.maximum.reduceat(bars.high, firsts) if len(bars) else bars.high,
        low=np.minimum.reduceat(bars.low, firsts) if len(bars) else bars.low,
        close=bars.close[lasts],
        bars_each=each,
    )
