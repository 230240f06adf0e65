"""How fast a spread comes back."""

from __future__ import annotations

import math

import numpy as np

from analytics.errors import DegenerateData
from analytics.market import FloatArray
from analytics.results import HalfLife
from analytics.samples import centred, is_flat, require_sample

MINIMUM_BARS = 20
_NORMAL_975 = 1.959963984540054


def half_life(spread: FloatArray) -> HalfLife:
    """Bars until half of a deviation is expected to be gone, with a 95 % interval.

    spread: (n,) finite, n >= 20. With lambda the slope of diff(e)[t] on e[t-1] (with a constant), deviations shrink by
    1 + lambda a bar, so the exact half-life is -ln 2 / ln(1 + lambda). The short form -ln 2 / lambda (Chan, Algorithmic
    Trading, 2013, ch. 2) is 1 % longer at 29 bars and 30 % longer at 1.3. Between -2 and -1 the spread swings about its
    mean and the half-life is that of the swings' size.
    The interval is that of lambda, put through the same formula.
    On the residual of a fit it is biased towards reversion: pure random walks show about n / 11 bars.
    Raises NotEnoughData; DegenerateData where the spread does not move, or is not expected to come back (lambda >= 0 or
    <= -2).

    >>> found = half_life(np.cos(np.arange(60.0)) * 0.5 ** (np.arange(60) / 5.0))
    >>> 0.0 < found.low_bars < found.bars < found.high_bars
    True
    """
    require_sample(spread, needed=MINIMUM_BARS)
    if is_flat(spread) or is_flat(spread[:-1]):
        raise DegenerateData("the spread does not move, so it has no half-life")
    before, steps = centred(spread[:-1]), centred(np.diff(spread))
    squares = float(before @ before)
    reversion = float(before @ steps) / squares
    if abs(1.0 + reversion) >= 1.0:
        raise DegenerateData("no reversion: deviations of the spread are not expected to shrink")
    residual = steps - reversion * before
    stderr = math.sqrt(float(residual @ residual) / (len(steps) - 2) / squares)
    ends = (_bars(reversion - _NORMAL_975 * stderr), _bars(reversion + _NORMAL_975 * stderr))
    bars = _bars(reversion)
    return HalfLife(
        bars=bars,
        low_bars=min(bars, *ends),
        high_bars=None if math.inf in ends else max(bars, *ends),
        chan_bars=-math.log(2.0) / reversion,
        reversion=reversion,
        stderr=stderr,
    )


def _bars(reversion: float) -> float:
    kept = abs(1.0 + reversion)
    if kept >= 1.0:
        return math.inf
    return -math.log(2.0) / math.log(kept) if kept > 0.0 else 0.0
