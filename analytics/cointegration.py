"""The test of Engle and Granger: does a fixed combination of two prices revert?"""

from __future__ import annotations

from analytics.definition import Definition
from analytics.errors import DegenerateData
from analytics.mackinnon import critical_values, pvalue
from analytics.market import FloatArray
from analytics.residual import fitted_residual
from analytics.results import Cointegration
from analytics.unit_root import MINIMUM_BARS, dickey_fuller

ENGLE_GRANGER = Definition(
    name="Engle-Granger",
    line="Does the gap between the legs come back? A small p says yes; one unrelated pair in twenty passes at 5 %.",
    formula=(
        "Dickey-Fuller without a constant on the residual of y on x with an intercept; p from MacKinnon's surface for "
        "two series (N = 2), which allows for the residual having been fitted."
    ),
    conventions=(
        "y on x, price or natural log; lags 0 to ceil(12 (n/100)^(1/4)) by AIC as for ADF; n >= 30; `observations` is "
        "n. Refused without an intercept (the tables do not hold: on price levels the test would answer p = 0 for any "
        "two liquid legs), where 1 - R2 <= 1.5e-6 (one line; what is left is rounding) and where a leg does not move. "
        "The table ends at -18.86; below, p is 0."
    ),
    source=(
        "Engle and Granger, Econometrica 55 (1987); MacKinnon, JBES 12 (1994), and Queen's Economics Department "
        "working paper 1227 (2010)."
    ),
    checked_against=(
        'statsmodels `coint(trend="c", autolag="aic")` (statistic and p to 1e-10 on centred legs; 1e-8 on raw levels, '
        "where its own solver loses digits), arch `engle_granger` (lags, and statistic to 1e-9; its p rests on other "
        "tables), R `lm` and `urca::ur.df` at the same lags (1e-9); size and power by simulation."
    ),
    limits=(
        "The two directions may disagree; taking the better one passes 9 % of unrelated pairs. It needs some 30 "
        "half-lives of bars: in 10 it finds 15 % of real relations. Volatility that clusters lets 7 % of unrelated "
        "pairs pass. Over many pairs or many looks something always passes."
    ),
)


def engle_granger(y: FloatArray, x: FloatArray, *, include_intercept: bool = True) -> Cointegration:
    """Engle-Granger in the direction y on x. Null hypothesis: the legs are not cointegrated.

    y, x: (n,) prices or log prices, finite, n >= 30. First y is regressed on x with an intercept; then Dickey-Fuller
    without a constant runs on the residual, and MacKinnon's tables for N = 2 allow for its having been fitted. The
    numbers are those of statsmodels `coint(y, x, trend="c", autolag="aic")`. observations: n.

    Raises NotEnoughData, and DegenerateData
    - without an intercept: R2 is then uncentred and near 1 for any two prices, the tables do not hold, and a test on
      two liquid legs would answer p = 0 for nothing;
    - where the legs are one line or one does not move (`fitted_residual`).
    Source: Engle and Granger (1987); MacKinnon (2010), "Critical values for cointegration tests".
    """
    if not include_intercept:
        raise DegenerateData("the Engle-Granger test needs the intercept; switch it on to see the test")
    stage = dickey_fuller(fitted_residual(y, x, needed=MINIMUM_BARS).residual, with_constant=False)
    return Cointegration(
        statistic=stage.statistic,
        pvalue=pvalue(stage.statistic, legs=2),
        lags=stage.lags,
        observations=len(y),
        critical_values=critical_values(legs=2, observations=len(y) - 1),
    )
