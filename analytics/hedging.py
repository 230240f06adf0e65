"""Every hedge method behind one door: the newest line, and the line, spread and z-score at each row."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analytics.as_known import zscore_as_known
from analytics.errors import BadInput
from analytics.fixed_ratio import fixed_hedge_ratio
from analytics.hedge import ols_hedge_ratio
from analytics.huber import huber_hedge_ratio
from analytics.kalman import kalman_fit, kalman_hedge
from analytics.market import FloatArray, HedgeMethod, PairParams
from analytics.results import HedgeFit, HedgePath
from analytics.rolling_hedge import rolling_fit, rolling_ols
from analytics.spread import spread
from analytics.theil_sen import theil_sen_hedge_ratio
from analytics.total_least_squares import total_least_squares
from analytics.zscore import zscore

MOVING: frozenset[HedgeMethod] = frozenset({"rolling_ols", "kalman"})


class Hedged(NamedTuple):
    """A pair hedged. fit: the newest line.  path: the line at each row.  scores: (n,) z-score of the spread.

    scores_as_known: (n,) the z-score as it stood at each row, all NaN where the method cannot give it.
    """

    fit: HedgeFit
    path: HedgePath
    scores: FloatArray
    scores_as_known: FloatArray


def hedged(y: FloatArray, x: FloatArray, params: PairParams) -> Hedged:
    """The pair hedged by `params.hedge`.

    y, x: (n,) on the price scale in use.  A method that fits the sample as a whole has the same line in every row; one
    that moves (`MOVING`) knows at each row only that row and earlier ones.  Raises NotEnoughData, DegenerateData;
    BadInput for `fixed` without its ratio.
    """
    if params.hedge in MOVING:
        return _moving(y, x, params)
    fit = newest_line(y, x, params)
    path = _still(fit, spread(y, x, fit))
    as_known = zscore_as_known(
        y,
        x,
        fit_bars=params.sample_bars,
        window_bars=params.window_bars,
        include_intercept=params.include_intercept,
        method=params.hedge,
        fixed_ratio=params.fixed_ratio,
    )
    return Hedged(fit, path, zscore(path.spread, params.window_bars), as_known)


def newest_line(y: FloatArray, x: FloatArray, params: PairParams) -> HedgeFit:
    """The newest line of a method. Raises as `hedged` does."""
    intercept = params.include_intercept
    match params.hedge:
        case "ols":
            return ols_hedge_ratio(y, x, include_intercept=intercept)
        case "tls":
            return total_least_squares(y, x, include_intercept=intercept)
        case "huber":
            return huber_hedge_ratio(y, x, include_intercept=intercept)
        case "theil_sen":
            return theil_sen_hedge_ratio(y, x, include_intercept=intercept)
        case "rolling_ols":
            return rolling_fit(y, x, params.window_bars, include_intercept=intercept)
        case "kalman":
            return kalman_fit(kalman_hedge(y, x, include_intercept=intercept), y, x, include_intercept=intercept)
        case "fixed":
            if params.fixed_ratio is None:
                raise BadInput("a fixed hedge ratio needs its number: give fixed_ratio")
            return fixed_hedge_ratio(y, x, params.fixed_ratio)


def _moving(y: FloatArray, x: FloatArray, params: PairParams) -> Hedged:
    if params.hedge == "kalman":
        path = kalman_hedge(y, x, include_intercept=params.include_intercept)
        fit = kalman_fit(path, y, x, include_intercept=params.include_intercept)
    else:
        path = rolling_ols(y, x, params.window_bars, include_intercept=params.include_intercept)
        fit = rolling_fit(y, x, params.window_bars, include_intercept=params.include_intercept)
    scores = path.zscore if path.zscore is not None else _scores(path.spread, params.window_bars)
    return Hedged(fit, path, scores, scores)


def _scores(values: FloatArray, window_bars: int) -> FloatArray:
    """The rolling z-score of the rows that have a spread; a fit may have none in a window where a leg stands still."""
    known = np.isfinite(values)
    scores = np.full(len(values), np.nan)
    scores[known] = zscore(values[known], window_bars)
    return scores


def _still(fit: HedgeFit, values: FloatArray) -> HedgePath:
    n = len(values)
    deviation = fit.stderr if isinstance(fit.stderr, float) else np.nan
    return HedgePath(np.full(n, fit.slope), np.full(n, fit.intercept), np.full(n, deviation), values, None)
