"""The z-score as it stood at each row: with the hedge ratio that could be known then."""

from __future__ import annotations

import numpy as np

from analytics.definition import Definition
from analytics.errors import BadInput
from analytics.hedge import MINIMUM_BARS
from analytics.market import FloatArray, HedgeMethod
from analytics.rolling_legs import RollingLegs, rolling_legs
from analytics.rolling_residual import rolling_residual
from analytics.samples import require_sample
from analytics.total_least_squares import orthogonal_slope

ZSCORE_AS_KNOWN = Definition(
    name="z-score as known",
    line="The z-score that you would have seen at that very bar, with the hedge ratio fitted on the bars up to then.",
    formula="z[t] = (e[t] - mean) / deviation of the last w values of e = y - slope[t] x, where slope[t] is fitted on "
    "rows up to t, at most as many as the fit sample holds.",
    conventions="For OLS and total least squares, with and without intercept (which cancels in z), and a fixed ratio. "
    "Current bar inside the window, ddof 1, from the third row on. NaN where a leg of the fit does not move, or where "
    "the residual is within the rounding of the prices. The newest value is that of the z-score on the screen.",
    source="By definition; the way of summing is in `rolling_residual`.",
    checked_against="Fit and z-score of each row computed by themselves (1e-8); the newest value against the displayed "
    "z-score (1e-9); rational arithmetic for close fits (1e-6 at a residual of 1e-10 of the price).",
    limits="The z-score on the screen judges earlier bars by today's hedge ratio, which nobody had then: this one is "
    "what a rule could have traded on. Huber and Theil-Sen would need a new search at each bar and have none; rolling "
    "OLS and Kalman need none, their z-score is as known already.",
)


def zscore_as_known(
    y: FloatArray,
    x: FloatArray,
    *,
    fit_bars: int,
    window_bars: int,
    include_intercept: bool,
    method: HedgeMethod,
    fixed_ratio: float | None = None,
) -> FloatArray:
    """The z-score of the last `window_bars` values of y - slope x, at each row with the slope known there, (n,).

    y, x: (n,) prices or log prices, finite.  fit_bars: the slope at t rests on rows up to t, at most this many, >= 3.
    window_bars: >= 2.  method: "ols", "tls", or "fixed" with its `fixed_ratio`; for any other one all is NaN. NaN also
    in the first two rows, where the fit has no line, and where the window's residual does not move beyond the rounding
    of its prices. A longer series never changes an earlier value, to the last bit.  Linear time.
    Raises BadInput, DegenerateData (not finite).

    >>> y, x = np.array([1.0, 2.0, 4.0, 3.0]), np.array([1.0, 2.0, 3.0, 5.0])
    >>> zscore_as_known(y, x, fit_bars=10, window_bars=3, include_intercept=True, method="ols").round(6).tolist()
    [nan, nan, 0.57735, -0.816194]
    """
    if window_bars < 2:
        raise BadInput(f"a rolling window needs at least 2 bars, not {window_bars}")
    if fit_bars < MINIMUM_BARS:
        raise BadInput(f"a fit sample needs at least {MINIMUM_BARS} bars, not {fit_bars}")
    if method == "fixed" and fixed_ratio is None:
        raise BadInput("a fixed hedge ratio needs its number: give fixed_ratio")
    require_sample(y, x, needed=0)
    n = len(y)
    scores = np.full(n, np.nan)
    if not n or method not in {"ols", "tls", "fixed"}:
        return scores
    legs = rolling_legs(y, x, window_bars)
    if fixed_ratio is not None and method == "fixed":
        slope = np.full(n, float(fixed_ratio))
    else:
        fitted = legs if fit_bars == window_bars else rolling_legs(y, x, fit_bars)
        slope = _slopes(fitted, method, include_intercept=include_intercept)
    left = rolling_residual(legs, slope)
    deviation = np.sqrt(left.squares / np.maximum(legs.lengths - 1, 1))
    moving = legs.resolves(deviation, slope)
    scores[moving] = left.offset[moving] / deviation[moving]
    return scores


def _slopes(legs: RollingLegs, method: HedgeMethod, *, include_intercept: bool) -> FloatArray:
    """The hedge ratio of the rows up to each one, NaN where they have none."""
    known = legs.lines(include_intercept=include_intercept)
    syy, sxx, sxy = (sums[known] for sums in legs.sums(include_intercept=include_intercept))
    slope = np.full(len(known), np.nan)
    slope[known] = orthogonal_slope(syy, sxx, sxy) if method == "tls" else sxy / sxx
    return np.where(np.isfinite(slope), slope, np.nan)
