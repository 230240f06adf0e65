"""How well any line fits: the figures that every hedge method shows beside its slope."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from analytics.market import FloatArray
from analytics.samples import centred, rounding_of


class LineQuality(NamedTuple):
    """rvalue, r_squared, r_squared_kind, residual_deviation: as in `HedgeFit`."""

    rvalue: float
    r_squared: float
    r_squared_kind: Literal["centred", "uncentred"]
    residual_deviation: float


def line_quality(
    y: FloatArray, x: FloatArray, slope: float, intercept: float, *, include_intercept: bool
) -> LineQuality:
    """How well y = intercept + slope x describes these rows.

    y, x: (n,) finite, n >= 3, both moving.  The correlation is of the legs, whatever the line; R2 is 1 - SSR / SST of
    this very line, so it is below 0 where the line is worse than the mean of y. As with OLS, the residual deviation
    (n - 2 or n - 1 degrees of freedom) is never put below the rounding of y.

    >>> import numpy as np
    >>> y, x = np.array([1.0, 2.0, 3.0, 4.5]), np.array([1.0, 2.0, 3.0, 4.0])
    >>> quality = line_quality(y, x, 1.0, 0.0, include_intercept=True)
    >>> round(quality.rvalue, 6), round(quality.r_squared, 6), round(quality.residual_deviation, 6)
    (0.994377, 0.962617, 0.353553)
    """
    y_off, x_off = (centred(y), centred(x)) if include_intercept else (y, x)
    residual = y - slope * x - intercept
    ssr, syy = float(residual @ residual), float(y_off @ y_off)
    correlation = float(y_off @ x_off) / math.sqrt(syy * float(x_off @ x_off))
    freedom = len(y) - (2 if include_intercept else 1)
    return LineQuality(
        rvalue=min(max(correlation, -1.0), 1.0),
        r_squared=1.0 - ssr / syy,
        r_squared_kind="centred" if include_intercept else "uncentred",
        residual_deviation=max(math.sqrt(ssr / freedom), rounding_of(y)),
    )
