"""The augmented Dickey-Fuller test, and the regression that it shares with the test of Engle and Granger.

For p lags the regression is

    diff(s)[t] = (constant) + rho s[t-1] + g1 diff(s)[t-1] + ... + gp diff(s)[t-p] + error,

and the statistic is the t-value of rho. p minimises Akaike's criterion over 0 ... ceil(12 (n / 100)^(1/4)) on the rows
that all of them share, and the chosen regression is then estimated again on every row it can use. These conventions,
and so the numbers, are those of statsmodels `adfuller(autolag="AIC")`. One triangular factor of [regressors, response]
holds the residual sums of all lag orders at once, where a fit for each order takes a hundred times as long.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analytics.errors import DegenerateData
from analytics.mackinnon import critical_values, pvalue
from analytics.market import FloatArray
from analytics.results import UnitRootTest
from analytics.samples import centred, is_flat, require_sample
from analytics.triangular import triangular_factor

MINIMUM_BARS = 30  # below, the longest lag order leaves next to no degrees of freedom
_DEPENDENT = 1e-12


@dataclass(frozen=True, slots=True)
class DickeyFuller:
    """The t-value of rho, the lags chosen, and the rows of the final regression."""

    statistic: float
    lags: int
    observations: int


def adf_test(series: FloatArray) -> UnitRootTest:
    """Augmented Dickey-Fuller with a constant. Null hypothesis: the series has a unit root (does not revert).

    series: (n,) finite, n >= 30, any units. p-value by MacKinnon (1994), critical values by MacKinnon (2010), N = 1:
    right for a series that was observed. **On the residual of a fit the p-value is optimistic**: at "5 %" it rejects a
    true null about 15 % of the time; use `engle_granger` there.
    Raises NotEnoughData; DegenerateData when the series does not move, or repeats so exactly that nothing is left over.
    """
    fit = dickey_fuller(series, with_constant=True)
    return UnitRootTest(
        statistic=fit.statistic,
        pvalue=pvalue(fit.statistic, legs=1),
        lags=fit.lags,
        observations=fit.observations,
        critical_values=critical_values(legs=1, observations=fit.observations),
    )


def dickey_fuller(series: FloatArray, *, with_constant: bool) -> DickeyFuller:
    """The statistic alone, with or without the constant; see the module's head. Raises as `adf_test` does."""
    require_sample(series, needed=MINIMUM_BARS)
    if is_flat(series):
        raise DegenerateData("the series does not move, so there is nothing to test")
    constants = 1 if with_constant else 0
    if with_constant:
        series = centred(series)  # the constant absorbs it; large levels would only cost digits
    lags = _best_lags(series, math.ceil(12.0 * (len(series) / 100.0) ** 0.25), constants)
    design = _regression(series, lags, constants, level_last=True)
    corner = _triangular(design)[-2:, -2:]
    freedom = len(design) - design.shape[1] + 1
    statistic = corner[0, 1] * math.copysign(1.0, corner[0, 0]) / (abs(corner[1, 1]) / math.sqrt(freedom))
    return DickeyFuller(float(statistic), lags, len(design))


def _best_lags(series: FloatArray, most: int, constants: int) -> int:
    """Lags with the least AIC on the rows that all orders up to `most` share; of equals the fewest."""
    design = _regression(series, most, constants, level_last=False)
    unexplained = np.square(_triangular(design)[:, -1])[::-1].cumsum()[::-1]
    fewest = constants + 1
    ssr = unexplained[fewest : fewest + most + 1]
    n = len(design)
    return int(np.argmin(n * np.log(ssr / n) + 2 * np.arange(most + 1)))


def _regression(series: FloatArray, lags: int, constants: int, *, level_last: bool) -> FloatArray:
    """[constant, level, lagged differences, response] as columns; the level after the differences if asked."""
    steps = np.diff(series)
    n = len(steps) - lags
    design = np.empty((n, constants + lags + 2))
    if constants:
        design[:, 0] = 1.0
    first_lag = constants + (0 if level_last else 1)
    design[:, constants + (lags if level_last else 0)] = series[lags:-1]
    for lag in range(1, lags + 1):
        design[:, first_lag + lag - 1] = steps[lags - lag : len(steps) - lag]
    design[:, -1] = steps[lags:]
    return design


def _triangular(design: FloatArray) -> FloatArray:
    """R of the QR factorisation. Raises DegenerateData when a column adds nothing to those before it."""
    triangular = triangular_factor(design)
    if np.any(np.abs(np.diagonal(triangular)) <= _DEPENDENT * np.sqrt(np.square(design).sum(axis=0))):
        raise DegenerateData("the series repeats itself so exactly that nothing is left to test")
    return triangular
