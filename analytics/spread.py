"""The spread: what is left of y once x is hedged away."""

from __future__ import annotations

import math

import numpy as np

from analytics.definition import Definition
from analytics.errors import DegenerateData
from analytics.market import FloatArray, PriceScale
from analytics.results import HedgeFit
from analytics.samples import rounding_bound, rounding_of

SPREAD = Definition(
    name="Spread",
    line="What is left of y once the line through x is taken off, in the units of y (or in log units).",
    formula="e = y - slope x - intercept.",
    conventions="With the newest line throughout for methods that fit the whole sample, with the line of each row for "
    "rolling OLS, and for Kalman with the line of the row before. A spread within the rounding of its prices is 0.",
    source="By definition.",
    checked_against="The laws of least squares: mean 0 and no correlation with x (1e-9); 0 throughout for legs that "
    "are exact multiples.",
    limits="A fit makes its own residual look tame. With a fit of the whole sample, earlier rows rest on later prices; "
    "with a moving line, changes of the spread are partly changes of the line, which nobody can earn.",
)


def on_scale(prices: FloatArray, scale: PriceScale) -> FloatArray:
    """Prices as they are, or their natural logs. Raises DegenerateData where a log does not exist.

    >>> on_scale(np.array([1.0, np.e]), "log").tolist()
    [0.0, 1.0]
    """
    if scale == "level":
        return prices
    if not np.all(prices > 0):
        raise DegenerateData("a price is not positive, so it has no logarithm")
    return np.log(prices)


def spread(y: FloatArray, x: FloatArray, fit: HedgeFit) -> FloatArray:
    """What the fit leaves over: y - slope x - intercept, (n,), in the units of y.

    A spread that is nothing but rounding, as of two legs that are exact multiples, is 0: its digits are noise and must
    not be standardised into a signal.

    >>> from analytics.hedge import ols_hedge_ratio
    >>> x = np.array([0.1, 0.2, 0.3, 0.7])
    >>> spread(3 * x + 1, x, ols_hedge_ratio(3 * x + 1, x)).tolist()
    [0.0, 0.0, 0.0, 0.0]
    """
    residual: FloatArray = x * -fit.slope
    residual += y
    residual -= fit.intercept
    # The largest is at least the root of the mean square and at most that of the sum: enough for most spreads.
    largest = math.sqrt(np.vdot(residual, residual) / max(len(residual), 1))
    if largest > rounding_bound(0.0, float(np.vdot(y, y))) + abs(fit.slope) * rounding_bound(0.0, float(np.vdot(x, x))):
        return residual
    if len(residual) and np.abs(residual).max() <= rounding_of(y) + abs(fit.slope) * rounding_of(x):
        return np.zeros_like(residual)
    return residual
