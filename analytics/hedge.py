"""The hedge ratio: how much x offsets one unit of y."""

from __future__ import annotations

import math

from analytics.definition import Definition
from analytics.errors import DegenerateData
from analytics.market import FloatArray
from analytics.results import HedgeFit, Unavailable
from analytics.samples import centred, is_flat, require_sample, rounding_bound, rounding_of

OLS = Definition(
    name="OLS",
    line="Least squares of y on x over the whole sample: the line whose misses of y have the smallest squares.",
    formula="slope = Sxy / Sxx, intercept = mean y - slope mean x, S about the means; without intercept "
    "slope = sum xy / sum x^2.",
    conventions="y on x, on prices or natural logs, n >= 3. Legs are centred before products, so prices of 1e-8 and of "
    "1e6 lose no digits. A perfect fit has no residual to judge it by: the residual deviation is then put at 16 units "
    "in the last place of y. A leg that does not move is refused.",
    source="Any textbook; the same as R `lm`.",
    checked_against="NIST's certified Norris, NoInt1 and NoInt2 (1e-10); `scipy.stats.linregress` (1e-9) at prices of "
    "1e-8 to 1e6; LAPACK least squares (1e-10), with and without intercept; statsmodels `OLS.conf_int` (1e-9).",
    limits="All misses are blamed on y, so the direction matters: slope(y, x) slope(x, y) is R2, not 1. It sees the "
    "whole sample, so earlier rows of the spread know later prices; see the z-score as known.",
)

HEDGE_RATIO = Definition(
    name="Hedge ratio",
    line="Units of x to hold short against one unit of y, so that what is left is the spread: the slope of the line.",
    formula="The slope in y = intercept + slope x + residual.",
    conventions="By the method chosen: OLS, rolling OLS, total least squares, Huber, Theil-Sen, Kalman, or a number "
    "given. On the log scale it is an elasticity: dollars of x against one dollar of y.",
    source="See the method.",
    checked_against="See the method.",
    limits="It is an estimate with an error, and another direction or method gives another number. Where the methods "
    "are far apart, the relation is weak.",
)

INTERCEPT = Definition(
    name="Intercept",
    line="The constant of the line, in the units of y. One that stands still cancels in the z-score.",
    formula="mean y - slope mean x.",
    conventions="0 where the line was fitted or given without one. Its standard error is sqrt(1/n + mean x^2 / Sxx) "
    "times the residual deviation.",
    source="Any textbook.",
    checked_against="As OLS.",
    limits="x = 0 is far from any price, so its standard error is large and its value means nothing by itself.",
)

R_SQUARED = Definition(
    name="R² and r",
    line="R²: the part of y's squares that this very line explains. r: how closely both legs follow any line, signed.",
    formula="R2 = 1 - sum (y - intercept - slope x)^2 / Syy; r = Sxy / sqrt(Sxx Syy).",
    conventions="Centred with an intercept. Without one both are **uncentred** (sums about 0) and labelled so. For OLS "
    "R2 = r^2; it is smaller for every other line, and below 0 for a line worse than none.",
    source="Any textbook.",
    checked_against="As OLS: NIST's certified R2 of both kinds (1e-10).",
    limits="Uncentred, it is near 1 for any two prices. Centred, unrelated walks of 300 bars have a median of 0.17, "
    "and nearly one pair in ten is above 0.6.",
)

HEDGE_STDERR = Definition(
    name="Standard error",
    line="How far off the hedge ratio may be if residuals were independent. On prices they are not: it is too small.",
    formula="sqrt(SSR / (n - 2) / Sxx); t = slope / stderr, p two-sided Student t; interval slope +- t(0.975) stderr. "
    "Without intercept n - 1, and sum x^2 for Sxx.",
    conventions="t, p and interval take residuals for independent and normal.",
    source="Any textbook; Granger and Newbold (1974), Journal of Econometrics 2, 111-120.",
    checked_against="As OLS.",
    limits="On prices that wander t and p are **spurious**: of unrelated pairs of walks, 86 % at 300 bars and 92 % at "
    "1000 have p < 0.05. Judge the relation by the cointegration test, never by this p.",
)

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
    n = len(y)
    y_off, x_off = (centred(y), centred(x)) if include_intercept else (y, x)
    y_mean, x_mean = float(y[0] - y_off[0]), float(x[0] - x_off[0])
    syy, sxx, sxy = float(y_off @ y_off), float(x_off @ x_off), float(y_off @ x_off)
    rounding = rounding_bound(y_mean, syy)
    # Values range at least as far as they deviate, so most samples need not be looked through for a leg that stands.
    if not (include_intercept and syy > n * rounding**2 and sxx > n * rounding_bound(x_mean, sxx) ** 2):
        require_moving_legs(y, x, include_intercept=include_intercept)
    slope = sxy / sxx
    residual = x_off * -slope
    residual += y_off
    ssr = float(residual @ residual)
    freedom = n - (2 if include_intercept else 1)
    deviation = math.sqrt(ssr / freedom)
    if deviation < rounding:
        deviation = max(deviation, rounding_of(y))
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
        if not include_intercept and not leg.any():
            raise DegenerateData(f"leg {name} is 0 throughout the sample")


def _two_sided_pvalue(tvalue: float, freedom: int) -> float:
    from scipy.special import stdtr

    return float(2 * stdtr(freedom, -abs(tvalue)))


def _quantile(share: float, freedom: int) -> float:
    """Of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, share))
