"""The evidence beyond the live numbers, of the rows and the hedge that the live numbers rest on."""

from __future__ import annotations

import numpy as np

from analytics.attempt import attempt
from analytics.errors import NotEnoughData
from analytics.evidence import Evidence, PvalueTrail, RatioTrail, ResidualShape
from analytics.exit_time import expected_exit
from analytics.hedge import MINIMUM_BARS
from analytics.hedging import Hedged, newest_line
from analytics.hurst import hurst
from analytics.johansen import johansen
from analytics.kpss import kpss
from analytics.market import FloatArray, Int64Array, PairParams
from analytics.ornstein_uhlenbeck import ornstein_uhlenbeck
from analytics.pair_tests import not_applicable
from analytics.phillips_ouliaris import phillips_ouliaris
from analytics.pvalue_trail import pvalue_trail, trail_windows
from analytics.ratio_trail import ratio_trail
from analytics.residual_shape import residual_shape
from analytics.results import HedgeFit, Unavailable
from analytics.variance_ratio import variance_ratio

# With one lag the bounce between bid and ask passes for a relation: 16 % of unrelated pairs at q = 1, 70 % at q = 2.
JOHANSEN_LAGS = 5


def gathered(
    hedge: Hedged | Unavailable,
    legs: tuple[FloatArray, FloatArray] | Unavailable,
    time_ms: Int64Array,
    params: PairParams,
) -> Evidence:
    """Everything in `Evidence`; the legs are tested whatever became of the hedge.

    legs: y and x, (n,) on the price scale in use.  time_ms: (n,) of the rows.
    """
    if isinstance(legs, Unavailable):
        return Evidence(*(legs,) * 11)
    y, x = legs
    values = np.empty(0) if isinstance(hedge, Unavailable) else hedge.path.spread
    barred = hedge if isinstance(hedge, Unavailable) else not_applicable(params.hedge)
    process = attempt(lambda: ornstein_uhlenbeck(values), barred=barred)
    return Evidence(
        reverse_hedge=_reverse(y, x, params),
        johansen=attempt(lambda: johansen(y, x, lags=JOHANSEN_LAGS)),
        phillips_ouliaris=attempt(lambda: phillips_ouliaris(y, x)),
        kpss=attempt(lambda: kpss(values, fitted=params.hedge == "ols"), barred=barred or _no_kpss(params)),
        variance_ratio=attempt(lambda: variance_ratio(values), barred=barred),
        hurst=attempt(lambda: hurst(values), barred=barred),
        ornstein_uhlenbeck=process,
        exit_time=process
        if isinstance(process, Unavailable)
        else attempt(lambda: expected_exit(process, values, params)),
        pvalue_trail=attempt(lambda: _trail(time_ms, y, x)),
        ratio_trail=attempt(lambda: _ratio_trail(y, x, params)),
        residual=attempt(lambda: _shape(values), barred=hedge if isinstance(hedge, Unavailable) else None),
    )


def _reverse(y: FloatArray, x: FloatArray, params: PairParams) -> HedgeFit | Unavailable:
    if params.hedge == "fixed":
        return Unavailable("the ratio was given for one direction")
    return attempt(lambda: newest_line(x, y, params))


def _no_kpss(params: PairParams) -> Unavailable | None:
    """There are tables for an observed series, and for the residual of least squares with an intercept."""
    if params.hedge == "fixed" or (params.hedge == "ols" and params.include_intercept):
        return None
    return Unavailable("there is no table for the residual of this fit: take OLS with intercept, or a given ratio")


def _ratio_trail(y: FloatArray, x: FloatArray, params: PairParams) -> RatioTrail:
    if params.window_bars < MINIMUM_BARS:
        raise NotEnoughData(needed=MINIMUM_BARS, got=params.window_bars, what="bars in the window")
    return ratio_trail(y, x, window_bars=params.window_bars, include_intercept=params.include_intercept)


def _trail(time_ms: Int64Array, y: FloatArray, x: FloatArray) -> PvalueTrail:
    window, step = trail_windows(len(y))
    return pvalue_trail(time_ms, y, x, window_bars=window, step_bars=step)


def _shape(values: FloatArray) -> ResidualShape:
    return residual_shape(values[np.isfinite(values)])
