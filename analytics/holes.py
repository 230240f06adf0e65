"""How much of a sample's time is missing at a stretch."""

from __future__ import annotations

import numpy as np

from analytics.market import Int64Array, Timeframe

SHORTEST_HOLE_BARS = 10
TIMES_USUAL = 10
TIMES_NEIGHBOURS = 20
_NEIGHBOURS = 10
_SHORTEST_HOLE_ON_TICK_MS = 10_000


def hole_share(time_ms: Int64Array, timeframe: Timeframe) -> float:
    """Part of the time from the first row to the last that lies in holes, 0.0 to 1.0.

    time_ms: (n,) of the rows, ascending. A bar in which neither leg traded has no row, so a thin market's rows stand
    apart without anything being lost. A hole is a distance between two rows of more than 10 bars (10 s on `tick`), of
    more than 10 times the distance that nine of ten rows keep, and of more than 20 times the median of the ten
    distances on either side of it, which are long too in a market that has gone quiet.

    >>> seconds = np.concatenate((np.arange(500), np.arange(800, 1_300))) * 1_000
    >>> hole_share(seconds, Timeframe.S1)
    0.23...
    """
    if len(time_ms) < 2:
        return 0.0
    apart = np.diff(time_ms)
    shortest = SHORTEST_HOLE_BARS * timeframe.milliseconds or _SHORTEST_HOLE_ON_TICK_MS
    usual = float(np.quantile(apart, 0.9))
    missing = 0
    for row in np.flatnonzero(apart > max(shortest, TIMES_USUAL * usual)):
        around = apart[max(row - _NEIGHBOURS, 0) : row + _NEIGHBOURS + 1]
        if apart[row] > TIMES_NEIGHBOURS * float(np.median(around)):
            missing += int(apart[row]) - timeframe.milliseconds
    return missing / (int(time_ms[-1]) - int(time_ms[0]) + timeframe.milliseconds) if missing else 0.0
