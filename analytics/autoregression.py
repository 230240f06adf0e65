"""The AR(1) map of a spread, e[t+1] = mean + slope (e[t] - mean) + shock: what half-life and process are read from."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analytics.errors import DegenerateData
from analytics.market import FloatArray
from analytics.samples import centred, is_flat, require_sample

MINIMUM_BARS = 20


@dataclass(frozen=True, slots=True)
class Autoregression:
    """Least squares of e[t+1] on e[t] with a constant.

    reversion: slope of the steps on the level, -1 times the part of a deviation that is gone a bar later.
    centre: mean of the regressor.  drift: mean step, so that the process comes back to centre - drift / reversion.
    square_sum: of the regressor about its mean.
    residual_square_sum: what is not explained.  rows: steps, one fewer than values.
    """

    reversion: float
    centre: float
    drift: float
    square_sum: float
    residual_square_sum: float
    rows: int

    @property
    def slope(self) -> float:
        """Part of a deviation that is left a bar later."""
        return 1.0 + self.reversion

    @property
    def stderr(self) -> float:
        """Standard error of the slope by the textbook formula, with rows - 2 degrees of freedom."""
        return math.sqrt(self.residual_square_sum / (self.rows - 2) / self.square_sum)


def autoregression(spread: FloatArray) -> Autoregression:
    """Fit the AR(1) map.

    spread: (n,) finite, n >= 20, any units. Steps are regressed, not values, so that a slow reversion keeps its digits.
    Raises NotEnoughData; DegenerateData when the spread does not move.

    >>> autoregression(0.5 ** np.arange(20.0)).slope
    0.5
    """
    require_sample(spread, needed=MINIMUM_BARS)
    if is_flat(spread) or is_flat(spread[:-1]):
        raise DegenerateData("the spread does not move, so it has nothing to come back from")
    steps = np.diff(spread)
    before, moved = centred(spread[:-1]), centred(steps)
    square_sum = float(before @ before)
    reversion = float(before @ moved) / square_sum
    residual = moved - reversion * before
    return Autoregression(
        reversion=reversion,
        centre=float(spread[0]) + float((spread[:-1] - spread[0]).mean()),
        drift=(float(spread[-1]) - float(spread[0])) / len(steps),
        square_sum=square_sum,
        residual_square_sum=float(residual @ residual),
        rows=len(steps),
    )
