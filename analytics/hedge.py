"""The hedge ratio: how much x offsets one unit of y."""

from __future__ import annotations

import math

from analytics.errors import DegenerateData
from analytics.market import FloatArray
from analytics.results import HedgeFit, Unavailable
from analytics.samples import centred, is_flat, require_sample, rounding_of

MINIMUM_BARS = 3
NO_INTERCEPT = Unavailable("the line was fitted without an intercept")


def ols_hedge_ratio(y: FloatArray, x: FloatArray, *, include_intercept: bool = True) -> HedgeFit:
    """Ordinary least squares of y on x.

    y, x: (n,) prices or log prices, finite, n >= 3. Both are centred before any product is taken, so that prices of
    1e-8 and of 1e6 lose no digits. Without an intercept nothing is centred: r and R2 are then the uncentred ones, which
    are near 1 for any two prices and say little.

    A perfect fit keeps finite numbers: the residuals cannot be known better than y is rounded, so the residual
    deviation is never put below that.  Raises NotEnoughData; DegenerateData when a leg does not move (with an
    intercept) or is 0 throughout (without).  Source: any textbook; the same as R `lm`.

    >>> import numpy as np
    >>> fit = ols_hedge_ratio(np.array([3.0, 5.0, 7.0, 9.5]), np.array([1.0, 2.0, 3.0, 4.0]))
    >>> round(fit.slope, 12), round(fit.intercept, 12), round(fit.stderr, 6)
    (2.15, 0.75, 0.08660...)
    """
    require_sample(y, x, needed=MINIMUM_BARS)
    require_moving_legs(y, x, include_intercept=include_intercept)
    n = len(y)
    y_mean, x_mean = (float(y.mean()), float(x.mean())) if include_intercept else (0.0, 0.0)
    y_off, x_off = (centred(y), centred(x)) if include_intercept else (y, x)
    syy, sxx, sxy = float(y_off @ y_off), float(x_off @ x_off), float(y_off @ x_off)
    slope = sxy / sxx
    residual = y_off - slope * x_off
    ssr = float(residual @ residual)
    freedom = n - (2 if include_intercept else 1)
    deviation = max(math.sqrt(ssr / freedom), rounding_of(y))
    stderr = deviation / math.sqrt(sxx)
    tvalue = slope / stderr
    reach = _quantile(0.975, freedom) * stderr
    return HedgeFit(
        method="ols",
        slope=slope,
        intercept=y_mean - slope * x_mean,
        rvalue=min(max(sxy / math.sqrt(sxx * syy), -1.0), 1.0),
        r_squared=min(max(1.0 - ssr / syy, 0.0), 1.0),
        r_squared_kind="centred" if include_intercept else "uncentred",
        stderr=stderr,
        interval=(slope - reach, slope + reach),
        intercept_stderr=deviation * math.sqrt(1 / n + x_mean**2 / sxx) if include_intercept else NO_INTERCEPT,
        tvalue=tvalue,
        pvalue=_two_sided_pvalue(tvalue, freedom),
        residual_deviation=deviation,
        observations=n,
    )


def require_moving_legs(y: FloatArray, x: FloatArray, *, include_intercept: bool) -> None:
    """Check that a line through the legs means something. Raises DegenerateData, naming the leg that stands still."""
    for name, leg in (("x", x), ("y", y)):
        if include_intercept and is_flat(leg):
            raise DegenerateData(f"the price of leg {name} did not move in the sample")
        if not leg.any():
            raise DegenerateData(f"leg {name} is 0 throughout the sample")


def _two_sided_pvalue(tvalue: float, freedom: int) -> float:
    from scipy.special import stdtr

    return float(2 * stdtr(freedom, -abs(tvalue)))


def _quantile(share: float, freedom: int) -> float:
    """Of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, share))
