"""The tests that the verdict rests on; cheap enough to be made anew with every bar."""

from __future__ import annotations

from typing import NamedTuple

from analytics.attempt import attempt
from analytics.cointegration import engle_granger
from analytics.evidence import Stability
from analytics.half_life import half_life
from analytics.hedge import ols_hedge_ratio
from analytics.hedging import MOVING, Hedged
from analytics.market import FloatArray, HedgeMethod, Int64Array, PairParams
from analytics.results import Cointegration, HalfLife, Unavailable, UnitRootTest
from analytics.spread import spread
from analytics.stability import stability
from analytics.unit_root import adf_test

_SPREAD_OF: dict[HedgeMethod, str] = {"rolling_ols": "rolling OLS", "kalman": "Kalman"}


class PairTests(NamedTuple):
    """adf, half_life: of the spread that is shown.  engle_granger, reverse, stability: of the two legs.

    tested_half_life: of the spread that Engle-Granger tests, which for a moving hedge is not the one shown.
    """

    adf: UnitRootTest | Unavailable
    engle_granger: Cointegration | Unavailable
    reverse: Cointegration | Unavailable
    half_life: HalfLife | Unavailable
    tested_half_life: HalfLife | Unavailable
    stability: Stability | Unavailable


def tested(
    hedge: Hedged | Unavailable, y: FloatArray, x: FloatArray, time_ms: Int64Array, params: PairParams
) -> PairTests:
    """y, x: (n,) on the price scale in use; time_ms: (n,) of the rows."""
    if isinstance(hedge, Unavailable):
        return PairTests(hedge, hedge, hedge, hedge, hedge, hedge)
    intercept = params.include_intercept
    moving = not_applicable(params.hedge)
    shown = attempt(lambda: half_life(hedge.path.spread), barred=moving)
    return PairTests(
        adf=attempt(lambda: adf_test(hedge.path.spread), barred=moving),
        engle_granger=attempt(lambda: engle_granger(y, x, include_intercept=intercept)),
        reverse=attempt(lambda: engle_granger(x, y, include_intercept=intercept)),
        half_life=shown,
        tested_half_life=attempt(lambda: half_life(spread(y, x, ols_hedge_ratio(y, x)))) if moving else shown,
        stability=attempt(lambda: stability(time_ms, y, x)),
    )


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
