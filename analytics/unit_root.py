"""The augmented Dickey-Fuller test, and the regression that it shares with the test of Engle and Granger.

For p lags the regression is

    diff(s)[t] = (constant) + rho s[t-1] + g1 diff(s)[t-1] + ... + gp diff(s)[t-p] + error,

and the statistic is the t-value of rho. p minimises Akaike's criterion over 0 ... ceil(12 (n / 100)^(1/4)) on the rows
that all of them share, and the chosen regression is then estimated again on every row it can use. These conventions,
and so the numbers, are those of statsmodels `adfuller(autolag="AIC")`. One table of sums of products holds all orders
(`lag_sums`), where a fit for each takes a hundred times as long; where such sums would lose too many digits, a
triangular factor of [regressors, response] holds them instead.
"""

from __future__ import annotations

import math
from contextlib import suppress

import numpy as np

from analytics.definition import Definition
from analytics.errors import DegenerateData, NotEnoughData
from analytics.lag_sums import DickeyFuller, fits_by_sums
from analytics.mackinnon import critical_values, pvalue
from analytics.market import FloatArray
from analytics.results import UnitRootTest
from analytics.samples import centred, is_flat, require_sample
from analytics.triangular import triangular_factor

MINIMUM_BARS = 30  # below, the longest lag order leaves next to no degrees of freedom
_DEPENDENT = 1e-12


ADF = Definition(
    name="ADF",
    line="Does the spread come back? A small p says yes, but a fitted spread passes too easily: see Engle-Granger.",
    formula="t-value of rho in diff(e)[t] = c + rho e[t-1] + sum over k = 1 ... p of g_k diff(e)[t-k].",
    conventions=(
        "With a constant, no trend; p from 0 to ceil(12 (n/100)^(1/4)) by AIC on the rows that all orders share, then "
        "estimated again on every row that p lags can use; n >= 30. p-value by MacKinnon's surface for one series "
        "(N = 1), critical values for the rows used. The table ends at -18.83; below, p is 0. Not given on a spread "
        "whose hedge ratio moves."
    ),
    source=(
        "Said and Dickey, Biometrika 71 (1984); MacKinnon, JBES 12 (1994), and Queen's Economics Department working "
        "paper 1227 (2010)."
    ),
    checked_against=(
        "statsmodels `adfuller` (lags equal, statistic and p to 1e-10: walks, reverting, bounce, GARCH, fat tails, "
        "coarse ticks, prices from 1e-8 to 1e6), arch `ADF` (1e-9), R `urca::ur.df` at the same lags (1e-9), 80-bit "
        "arithmetic (1e-10; 1e-8 where the prices themselves are known no better)."
    ),
    limits=(
        "On the residual of a fit it rejects a true null about 15 % of the time at 5 %, at any sample size. With "
        "volatility that clusters, 6 to 8 % even of observed walks pass. A failure to reject says little in fewer than "
        "30 half-lives of bars."
    ),
)


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
    lags = longest_order(len(series))
    levels, steps = _levels_and_steps(series, with_constant=with_constant)
    [fit] = fits_by_sums(levels[None], steps[None], lags, with_constant=with_constant)
    return fit or _by_factor(levels, steps, lags, constants=1 if with_constant else 0)


def dickey_fuller_of_rows(series: FloatArray, *, with_constant: bool) -> list[DickeyFuller | None]:
    """The statistic of each row of (k, n), finite, n >= 30; None where a row is degenerate. Raises NotEnoughData."""
    n = series.shape[1]
    if n < MINIMUM_BARS:
        raise NotEnoughData(needed=MINIMUM_BARS, got=n)
    levels, steps = _levels_and_steps(series, with_constant=with_constant)
    found = fits_by_sums(levels, steps, longest_order(n), with_constant=with_constant)
    for row in [row for row, fit in enumerate(found) if fit is None]:
        with suppress(DegenerateData):
            found[row] = dickey_fuller(series[row], with_constant=with_constant)
    return found


def _levels_and_steps(series: FloatArray, *, with_constant: bool) -> tuple[FloatArray, FloatArray]:
    """Along the last axis. The constant absorbs both means; a high level or a strong drift would only cost digits."""
    steps: FloatArray = series[..., 1:] - series[..., :-1]
    if not with_constant:
        return series, steps
    steps -= (series[..., -1:] - series[..., :1]) / steps.shape[-1]
    return centred(series), steps


def longest_order(n: int) -> int:
    """The Schwert bound, ceil(12 (n / 100)^(1/4))."""
    return math.ceil(12.0 * math.pow(n / 100.0, 0.25))


def _by_factor(levels: FloatArray, steps: FloatArray, most: int, constants: int) -> DickeyFuller:
    """Without sums of products, so that near-collinear regressors cost half as many digits; several times slower."""
    lags = _best_lags(levels, steps, most, constants)
    design = _regression(levels, steps, lags, constants, level_last=True)
    corner = _triangular(design)[-2:, -2:]
    freedom = len(design) - design.shape[1] + 1
    statistic = corner[0, 1] * math.copysign(1.0, corner[0, 0]) / (abs(corner[1, 1]) / math.sqrt(freedom))
    return DickeyFuller(float(statistic), lags, len(design))


def _best_lags(levels: FloatArray, steps: FloatArray, most: int, constants: int) -> int:
    """Lags with the least AIC on the rows that all orders up to `most` share; of equals the fewest."""
    design = _regression(levels, steps, most, constants, level_last=False)
    unexplained = np.square(_triangular(design)[:, -1])[::-1].cumsum()[::-1]
    fewest = constants + 1
    ssr = unexplained[fewest : fewest + most + 1]
    n = len(design)
    return int(np.argmin(n * np.log(ssr / n) + 2 * np.arange(most + 1)))


def _regression(levels: FloatArray, steps: FloatArray, lags: int, constants: int, *, level_last: bool) -> FloatArray:
    """[constant, level, lagged differences, response] as columns; the level after the differences if asked."""
    n = len(steps) - lags
    design = np.empty((n, constants + lags + 2))
    if constants:
        design[:, 0] = 1.0
    first_lag = constants + (0 if level_last else 1)
    design[:, constants + (lags if level_last else 0)] = levels[lags:-1]
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
