"""The hedge ratio that treats both legs alike: orthogonal regression, the line nearest to the points in the plane."""

from __future__ import annotations

import math

import numpy as np

from analytics.definition import Definition
from analytics.errors import DegenerateData
from analytics.hedge import MINIMUM_BARS, NO_INTERCEPT, require_moving_legs
from analytics.market import FloatArray
from analytics.results import HedgeFit, Unavailable
from analytics.samples import centred, require_sample, rounding_of

TOTAL_LEAST_SQUARES = Definition(
    name="Total least squares",
    line="The line nearest to the points at a right angle: both legs may be off, so swapping them gives the same line.",
    formula="slope = (Syy - Sxx + sqrt((Syy - Sxx)^2 + 4 Sxy^2)) / (2 Sxy): the first principal axis of (x, y); "
    "intercept = mean y - slope mean x. Standard error (1 + slope^2) sqrt(l1 l2 / (n - 2)) / (l1 - l2), with l1 > l2 "
    "the squares along and across the line.",
    conventions="On the prices as they are, not standardised, as the method is meant in statistics and used for pairs; "
    "without intercept the same through the origin, with n - 1. The interval turns the axis until the rotated legs are "
    "correlated at 5 %; it is not given where a vertical line cannot be ruled out. slope(y, x) slope(x, y) = 1. "
    "R2 is that of the vertical residual, at most the one of OLS. t and p belong to OLS.",
    source="Pearson (1901), Philosophical Magazine 2, 559-572; Creasy (1956) for the interval; Fuller, *Measurement "
    "Error Models* (1987), 1.3, for the standard errors; Teetor (2011) for pairs.",
    checked_against="Pearson's published example; singular vectors from LAPACK (1e-9); `scipy.odr` for the line (1e-6) "
    "and its standard errors, which are ours times 1 - l2 / l1 (1e-5); the ends of the interval against `pearsonr` "
    "(1e-8); 95 % coverage by simulation.",
    limits="It takes for granted that both legs err by the same amount in the units of price. Where one leg costs a "
    "thousand times the other, the dearer leg's errors decide and the line is the inverse of OLS of x on y; on the log "
    "scale both legs count alike. Standard error and interval assume independent residuals, which spreads are not.",
)

_NO_TEST = Unavailable("an orthogonal line has no t-test of its own; whether the legs move together is told by OLS")
_ANY_DIRECTION = Unavailable("the legs move too independently in this sample to rule out a vertical line")


def total_least_squares(y: FloatArray, x: FloatArray, *, include_intercept: bool = True) -> HedgeFit:
    """The line that makes the sum of squared distances at right angles least, in the units of the prices given.

    y, x: (n,) prices or log prices, finite, n >= 3. The same factor on both legs changes nothing; different ones change
    what "nearest" means, and the line. stderr, interval and intercept_stderr are `Unavailable` where the data leave a
    vertical line possible (at 95 %).  Raises NotEnoughData; DegenerateData when a leg does not move (without an
    intercept: is 0 throughout), or when no direction is preferred or the nearest line is vertical.
    Source: Pearson (1901).

    >>> y, x = np.array([1.0, 2.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0, 2.0])
    >>> fit = total_least_squares(y, x)
    >>> round(fit.slope, 6), round(1 / total_least_squares(x, y).slope, 6)
    (1.618034, 1.618034)
    """
    require_sample(y, x, needed=MINIMUM_BARS)
    require_moving_legs(y, x, include_intercept=include_intercept)
    n = len(y)
    y_mean, x_mean = (float(y.mean()), float(x.mean())) if include_intercept else (0.0, 0.0)
    y_off, x_off = (centred(y), centred(x)) if include_intercept else (y, x)
    syy, sxx, sxy = float(y_off @ y_off), float(x_off @ x_off), float(y_off @ x_off)
    slope = float(orthogonal_slope(*np.array([[syy], [sxx], [sxy]]))[0])
    if not math.isfinite(slope):
        raise DegenerateData("the nearest line is vertical or has no direction, so there is no hedge ratio")
    residual = y_off - slope * x_off
    ssr = float(residual @ residual)
    freedom = n - (2 if include_intercept else 1)
    deviation = max(math.sqrt(ssr / freedom), rounding_of(y))
    across = deviation**2 * freedom / (1 + slope**2)
    errors = _errors(slope, syy + sxx - across, across, freedom)
    intercept_stderr: float | Unavailable = NO_INTERCEPT
    if include_intercept:
        intercept_stderr = _ANY_DIRECTION
        if errors is not None:
            intercept_stderr = math.hypot(deviation / math.sqrt(n), x_mean * errors[0])
    return HedgeFit(
        method="tls",
        slope=slope,
        intercept=y_mean - slope * x_mean,
        rvalue=min(max(sxy / math.sqrt(sxx) / math.sqrt(syy), -1.0), 1.0),
        r_squared=1.0 - ssr / syy,
        r_squared_kind="centred" if include_intercept else "uncentred",
        stderr=errors[0] if errors else _ANY_DIRECTION,
        interval=errors[1] if errors else _ANY_DIRECTION,
        intercept_stderr=intercept_stderr,
        tvalue=_NO_TEST,
        pvalue=_NO_TEST,
        residual_deviation=deviation,
        observations=n,
    )


def orthogonal_slope(syy: FloatArray, sxx: FloatArray, sxy: FloatArray) -> FloatArray:
    """Slope of the first principal axis from the sums of squares and products, any shape; not finite where vertical.

    Of the two ways to write it the one without cancellation is taken on either side of 45 degrees.

    >>> orthogonal_slope(np.array([4.0, 1.0, 1.0]), np.array([1.0, 4.0, 1.0]), np.array([2.0, 2.0, 0.0])).tolist()
    [2.0, 0.5, nan]
    """
    ahead = syy - sxx
    length = np.hypot(ahead, 2 * sxy)
    with np.errstate(divide="ignore", invalid="ignore"):
        steep, flat = (ahead + length) / (2 * sxy), 2 * sxy / (length - ahead)
    return np.where(ahead >= 0, steep, flat)


def _errors(slope: float, along: float, across: float, freedom: int) -> tuple[float, tuple[float, float]] | None:
    """Standard error and 95 % interval of the slope; None where a vertical line is inside.

    The true axis, seen in the rotated legs, leaves them uncorrelated. Turned by an angle a from ours, their correlation
    has t^2 / freedom = sin(2 a)^2 (along - across)^2 / (4 along across), so the angles that a t-test keeps are known.
    """
    from scipy.special import stdtrit

    if across >= along:
        return None
    sine = 2 * float(stdtrit(freedom, 0.975)) * math.sqrt(along * across / freedom) / (along - across)
    if sine >= 1:
        return None
    turn = math.tan(math.asin(sine) / 2)
    if abs(slope) * turn >= 1:
        return None
    stderr = (1 + slope**2) * math.sqrt(along * across / freedom) / (along - across)
    return stderr, ((slope - turn) / (1 + slope * turn), (slope + turn) / (1 - slope * turn))
