"""The test of Engle and Granger: does a fixed combination of two prices revert?"""

from __future__ import annotations

import math

import numpy as np

from analytics.errors import DegenerateData
from analytics.hedge import ols_hedge_ratio
from analytics.mackinnon import critical_values, pvalue
from analytics.market import FloatArray
from analytics.results import Cointegration
from analytics.samples import centred, require_sample
from analytics.unit_root import MINIMUM_BARS, dickey_fuller

COLLINEAR_SHARE = 100 * math.sqrt(float(np.finfo(np.float64).eps))


def engle_granger(y: FloatArray, x: FloatArray, *, include_intercept: bool = True) -> Cointegration:
    """Engle-Granger in the direction y on x. Null hypothesis: the legs are not cointegrated.

    y, x: (n,) prices or log prices, finite, n >= 30. First y is regressed on x with an intercept; then Dickey-Fuller
    without a constant runs on the residual, and MacKinnon's tables for N = 2 allow for its having been fitted. The
    numbers are those of statsmodels `coint(y, x, trend="c", autolag="aic")`. observations: n.

    Raises NotEnoughData, and DegenerateData
    - without an intercept: R2 is then uncentred and near 1 for any two prices, the tables do not hold, and a test on
      two liquid legs would answer p = 0 for nothing;
    - where 1 - R2 is at or below 1.5e-6 (100 sqrt(machine epsilon), the rule of statsmodels, which answers minus
      infinity there): the legs are one line and the residual is mostly rounding of prices;
    - where a leg does not move.
    Source: Engle and Granger (1987); MacKinnon (2010), "Critical values for cointegration tests".
    """
    if not include_intercept:
        raise DegenerateData("the Engle-Granger test needs the intercept; switch it on to see the test")
    require_sample(y, x, needed=MINIMUM_BARS)
    fit = ols_hedge_ratio(y, x)
    y_off = centred(y)
    residual = y_off - fit.slope * centred(x)
    unexplained = float(residual @ residual) / float(y_off @ y_off)
    if unexplained <= COLLINEAR_SHARE:
        raise DegenerateData(
            f"the legs are almost one line (1 - R2 = {unexplained:.1e}, at most {COLLINEAR_SHARE:.1e}), "
            "so what is left is too small to test"
        )
    stage = dickey_fuller(residual, with_constant=False)
    return Cointegration(
        statistic=stage.statistic,
        pvalue=pvalue(stage.statistic, legs=2),
        lags=stage.lags,
        observations=len(y),
        critical_values=critical_values(legs=2, observations=len(y) - 1),
    )
