"""How fast a spread comes back."""

from __future__ import annotations

import math

import numpy as np

from analytics.errors import DegenerateData
from analytics.market import FloatArray
from analytics.samples import centred, is_flat, require_sample

MINIMUM_BARS = 20


def half_life_bars(spread: FloatArray) -> float:
    """Bars until half of a deviation is expected to be gone; infinite where the spread does not revert.

    spread: (n,) finite, n >= 20. With lambda the slope of diff(e)[t] on e[t-1] (with a constant), deviations shrink by
    1 + lambda a bar, so the exact half-life is -ln 2 / ln(1 + lambda). The short form -ln 2 / lambda (Chan, Algorithmic
    Trading, 2013, ch. 2) is 1 % longer at 29 bars and 30 % longer at 1.3. For lambda >= 0 or <= -2 it is infinite;
    between -2 and -1 the spread swings about its mean and the half-life is that of the swings' size.
    On the residual of a fit it is biased towards reversion: pure random walks show about n / 11 bars.
    Raises NotEnoughData, DegenerateData (the spread does not move).

    >>> spread = np.sign(np.sin(np.arange(40.0))) * 0.5 ** (np.arange(40) % 5)
    >>> 0.0 < half_life_bars(spread) < 2.0, half_life_bars(1.1 ** np.arange(40.0))
    (True, inf)
    """
    require_sample(spread, needed=MINIMUM_BARS)
    if is_flat(spread) or is_flat(spread[:-1]):
        raise DegenerateData("the spread does not move, so it has no half-life")
    before = centred(spread[:-1])
    reversion = float(before @ np.diff(spread)) / float(before @ before)
    kept = abs(1.0 + reversion)
    if kept >= 1.0:
        return math.inf
    return -math.log(2.0) / math.log(kept) if kept > 0.0 else 0.0
