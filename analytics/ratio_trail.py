"""How the hedge ratio moved through the sample."""

from __future__ import annotations

import numpy as np

from analytics.definition import Definition
from analytics.evidence import RatioTrail
from analytics.market import FloatArray, frozen_array
from analytics.rolling_hedge import rolling_ols
from analytics.samples import require_sample

RATIO_TRAIL = Definition(
    name="Trail of the hedge ratio",
    line="The hedge ratio fitted on a window that moves through the sample, with its 95 % interval.",
    formula="slope of y on x over the last w bars +- Student's t(97.5 %, w - 2) times its standard error.",
    conventions=(
        "At each bar from the last w bars; none until the window is full, or where a leg stands still in it. w - 1 "
        "degrees of freedom without an intercept."
    ),
    source="Any textbook.",
    checked_against="statsmodels `OLS.conf_int` on single windows (1e-8).",
    limits=(
        "The interval takes the residuals of a window for independent. Those of a spread are not, so the true slope "
        "lies outside it far more often than 5 %: six times in ten for legs that walk, a half-life of 10 bars and w = "
        "100. A slope that wanders is no proof that the relation changed."
    ),
)


def ratio_trail(y: FloatArray, x: FloatArray, *, window_bars: int, include_intercept: bool) -> RatioTrail:
    """Rolling least squares of y on x with the usual 95 % interval of the slope, from full windows only.

    y, x: (n,) prices or log prices, finite.  window_bars: >= 3. All columns are NaN until the window is full and where
    a leg does not move in it; a longer series never changes an earlier value.
    Raises NotEnoughData below one window, and as `rolling_ols` does.

    >>> trail = ratio_trail(np.array([1.0, 2, 4, 3]), np.array([1.0, 2, 3, 5]), window_bars=3, include_intercept=True)
    >>> trail.slope.round(3).tolist(), trail.low.round(3).tolist()
    ([nan, nan, 1.5, 0.214], [nan, nan, -2.168, -7.646])
    """
    from scipy.special import stdtrit

    require_sample(y, x, needed=window_bars)
    path = rolling_ols(y, x, window_bars, include_intercept=include_intercept)
    slope = np.where(np.arange(len(y)) >= window_bars - 1, path.slope, np.nan)
    reach = float(stdtrit(window_bars - (2 if include_intercept else 1), 0.975)) * path.slope_deviation
    return RatioTrail(
        slope=frozen_array(slope),
        low=frozen_array(slope - reach),
        high=frozen_array(slope + reach),
        window_bars=window_bars,
    )
