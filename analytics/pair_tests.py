"""The tests that the verdict rests on; cheap enough to be made anew with every bar."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from analytics.attempt import attempt
from analytics.cointegration import engle_granger
from analytics.evidence import Stability
from analytics.half_life import half_life
from analytics.hedging import MOVING, Hedged, newest_line
from analytics.lone_prints import lone_prints
from analytics.market import FloatArray, HedgeMethod, Int64Array, PairParams, frozen_array
from analytics.results import Cointegration, HalfLife, Unavailable, UnitRootTest
from analytics.spread import spread
from analytics.stability import stability
from analytics.unit_root import adf_test

_NOT_NEEDED = Unavailable("no bar stands far off")
_SPREAD_OF: dict[HedgeMethod, str] = {"rolling_ols": "rolling OLS", "kalman": "Kalman"}


class PairTests(NamedTuple):
    """adf, half_life: of the spread that is shown.  engle_granger, reverse, stability: of the two legs.

    tested_half_life: of the spread that makes the headline: the OLS line's, or a fixed ratio's own.
    lone_prints: its rows that stand far off; without_them: the test that makes the headline, of the other rows.
    """

    adf: UnitRootTest | Unavailable
    engle_granger: Cointegration | Unavailable
    reverse: Cointegration | Unavailable
    half_life: HalfLife | Unavailable
    tested_half_life: HalfLife | Unavailable
    lone_prints: Int64Array
    without_them: Cointegration | UnitRootTest | Unavailable
    stability: Stability | Unavailable


def tested(
    hedge: Hedged | Unavailable, y: FloatArray, x: FloatArray, time_ms: Int64Array, params: PairParams
) -> PairTests:
    """The legs are tested whatever became of the hedge.

    y, x: (n,) on the price scale in use; time_ms: (n,) of the rows.
    """
    intercept = params.include_intercept
    barred = hedge if isinstance(hedge, Unavailable) else not_applicable(params.hedge)
    shown = np.empty(0) if isinstance(hedge, Unavailable) else hedge.path.spread
    behind = attempt(lambda: _tested_spread(y, x, params))
    prints = np.empty(0, np.int64) if isinstance(behind, Unavailable) else lone_prints(behind)
    return PairTests(
        adf=attempt(lambda: adf_test(shown), barred=barred),
        engle_granger=attempt(lambda: engle_granger(y, x, include_intercept=intercept)),
        reverse=attempt(lambda: engle_granger(x, y, include_intercept=intercept)),
        half_life=attempt(lambda: half_life(shown), barred=barred),
        tested_half_life=behind if isinstance(behind, Unavailable) else attempt(lambda: half_life(behind)),
        lone_prints=prints,
        without_them=_without(prints, behind, y, x, params) if len(prints) else _NOT_NEEDED,
        stability=attempt(lambda: _stability(prints, time_ms, y, x)),
    )


def untested(why: Unavailable) -> PairTests:
    """No test, for one reason."""
    return PairTests(why, why, why, why, why, np.empty(0, np.int64), why, why)


def _tested_spread(y: FloatArray, x: FloatArray, params: PairParams) -> FloatArray:
    """The spread that makes the headline."""
    method: HedgeMethod = "fixed" if params.hedge == "fixed" else "ols"
    return spread(y, x, newest_line(y, x, replace(params, hedge=method, include_intercept=True)))


def _without(
    rows: Int64Array, tested: FloatArray | Unavailable, y: FloatArray, x: FloatArray, params: PairParams
) -> Cointegration | UnitRootTest | Unavailable:
    if isinstance(tested, Unavailable):
        return tested
    if params.hedge == "fixed":
        return attempt(lambda: adf_test(np.delete(tested, rows)))
    return attempt(lambda: engle_granger(np.delete(y, rows), np.delete(x, rows)))


def _stability(prints: Int64Array, time_ms: Int64Array, y: FloatArray, x: FloatArray) -> Stability:
    """Of the rows that do not stand far off: one wild print would pass for a change there and back."""
    if not len(prints):
        return stability(time_ms, y, x)
    kept = np.ones(len(y), np.bool_)
    kept[prints] = False
    found = stability(time_ms[kept], y[kept], x[kept])
    cusum, bound = np.full(len(y), np.nan), np.full(len(y), np.nan)
    cusum[kept], bound[kept] = found.cusum, found.bound
    return replace(found, cusum=frozen_array(cusum), bound=frozen_array(bound))


def not_applicable(method: HedgeMethod) -> Unavailable | None:
    """Why tests of the spread of a moving hedge say nothing, or None for a hedge that stands still.

    A ratio that is fitted anew at each row follows the prices, and its spread looks stationary whatever the pair is:
    on unrelated walks ADF passes 50 to 100 % of such spreads.
    """
    if method not in MOVING:
        return None
    return Unavailable(
        f"not applicable: a {_SPREAD_OF[method]} spread follows the prices and looks stationary whatever the pair is"
    )
