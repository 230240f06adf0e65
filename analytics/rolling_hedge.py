"""The hedge ratio of the last rows alone, at every row: rolling least squares."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analytics.definition import Definition
from analytics.errors import BadInput, DegenerateData
from analytics.hedge import MINIMUM_BARS, ols_hedge_ratio
from analytics.market import FloatArray
from analytics.results import HedgeFit, HedgePath
from analytics.rolling_legs import RollingLegs, rolling_legs, rolling_rounding
from analytics.rolling_residual import rolling_residual
from analytics.samples import is_flat, require_sample, rounding_of

ROLLING_OLS = Definition(
    name="Rolling OLS",
    line="Least squares fitted again at each bar on the last w bars alone, so the hedge ratio follows the market.",
    formula="At each t: slope and intercept of `ols_hedge_ratio` on rows t - w + 1 to t; spread = y - slope x - "
    "intercept with the line of t; slope deviation = the slope's standard error in that window.",
    conventions="The current bar is inside the window. Given from the third row on, before the window is full; NaN "
    "where a leg does not move in the window. Linear time; a longer series never changes an earlier value.",
    source="Any textbook for the fit; Chan, Golub and LeVeque (1983) for the window sums.",
    checked_against="statsmodels `RollingOLS(expanding=True)`: slope, intercept and standard error to 1e-8, with and "
    "without intercept; `ols_hedge_ratio` on each window to 1e-9; exact rational arithmetic for fits as close as a "
    "residual of 1e-10 of the price.",
    limits="The line follows the spread away: ADF with p < 0.05 comes up on every second to every unrelated pair, and "
    "the half-life shrinks, so neither is given for this spread. Gains from a displayed spread with a moving ratio "
    "cannot be earned: the position was taken at the old ratio.",
)


def rolling_ols(y: FloatArray, x: FloatArray, window_bars: int, *, include_intercept: bool = True) -> HedgePath:
    """Least squares of y on x over the last `window_bars` rows, the current one included, at each row.

    y, x: (n,) prices or log prices, finite, n >= 3.  window_bars: >= 3; windows hold fewer rows until there are that
    many. All columns are NaN in the first two rows and wherever a leg does not move inside the window (without an
    intercept: is 0 throughout). A spread that is nothing but rounding is 0, and the residual deviation behind
    `slope_deviation` is never below the rounding of y, both as in the fit of one sample. A longer series never changes
    an earlier value, to the last bit.  Raises BadInput, NotEnoughData, DegenerateData (not finite).

    >>> path = rolling_ols(np.array([1.0, 2.0, 4.0, 3.0]), np.array([1.0, 2.0, 3.0, 5.0]), 3)
    >>> path.slope.round(6).tolist(), path.spread.round(6).tolist()
    ([nan, nan, 1.5, 0.214286], [nan, nan, 0.166667, -0.357143])
    """
    if window_bars < MINIMUM_BARS:
        raise BadInput(f"a rolling hedge ratio needs a window of at least {MINIMUM_BARS} bars, not {window_bars}")
    require_sample(y, x, needed=MINIMUM_BARS)
    legs = rolling_legs(y, x, window_bars)
    known = legs.lines(include_intercept=include_intercept)
    _, squares, products = legs.sums(include_intercept=include_intercept)
    slope = np.full(len(y), np.nan)
    slope[known] = products[known] / squares[known]
    newest, ssr, intercept = _left_over(legs, slope, include_intercept=include_intercept)
    freedom = np.maximum(legs.lengths - (2 if include_intercept else 1), 1)
    deviation = np.sqrt(ssr / freedom)
    if not (deviation[known] > rounding_of(y)).all():
        deviation = np.maximum(deviation, rolling_rounding(y, window_bars)[0])
    slope_deviation = np.full(len(y), np.nan)
    slope_deviation[known] = deviation[known] / np.sqrt(squares[known])
    return HedgePath(
        slope=slope,
        intercept=intercept,
        slope_deviation=slope_deviation,
        spread=np.where(known & ~legs.resolves(np.sqrt(ssr), slope), 0.0, newest),
        zscore=None,
    )


def rolling_fit(y: FloatArray, x: FloatArray, window_bars: int, *, include_intercept: bool = True) -> HedgeFit:
    """The newest line of `rolling_ols`: least squares of the last `window_bars` rows, with everything known about it.

    Raises as `rolling_ols`, and DegenerateData where a leg does not move in these rows.
    """
    if window_bars < MINIMUM_BARS:
        raise BadInput(f"a rolling hedge ratio needs a window of at least {MINIMUM_BARS} bars, not {window_bars}")
    y, x = y[-window_bars:], x[-window_bars:]
    if include_intercept and len(y) >= MINIMUM_BARS:
        for name, leg in (("y", y), ("x", x)):
            if is_flat(leg):
                raise DegenerateData(f"the price of leg {name} did not move in the last {window_bars} bars")
    fit = ols_hedge_ratio(y, x, include_intercept=include_intercept)
    return replace(fit, method="rolling_ols")


def _left_over(
    legs: RollingLegs, slope: FloatArray, *, include_intercept: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The newest residual of each window, the sum of its squared residuals, and the intercept."""
    left = rolling_residual(legs, slope)
    mean = legs.y_mean - slope * legs.x_mean
    if include_intercept:
        return left.offset, left.squares, mean
    return legs.y - slope * legs.x, left.squares + legs.lengths * mean**2, np.where(np.isnan(slope), np.nan, 0.0)
