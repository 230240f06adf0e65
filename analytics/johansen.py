"""Johansen's test: how many relations hold the two legs together, and which?

The model is

    diff(p)[t] = constant + A p[t-1] + G1 diff(p)[t-1] + ... + Gk diff(p)[t-k] + error,   p = (y, x),

and the number of relations is the rank of A. The eigenvalues are the squared canonical correlations of diff(p)[t] and
p[t-1], both after the constant and the lagged differences have been taken out. One triangular factor of [constant,
lagged differences, differences, levels] holds all of them; no product of prices is ever formed.
"""

from __future__ import annotations

import math

import numpy as np

from analytics.definition import Definition
from analytics.errors import BadInput, DegenerateData
from analytics.evidence import Johansen
from analytics.market import FloatArray
from analytics.residual import fitted_residual
from analytics.samples import centred, require_sample
from analytics.triangular import triangular_factor

MINIMUM_BARS = 30
_DEPENDENT = 1e-12

# Osterwald-Lenum (1992), constant in the data and no drift; for two relations left to find, and for one.
_TRACE = ({"10%": 15.66, "5%": 17.95, "1%": 23.52}, {"10%": 6.50, "5%": 8.18, "1%": 11.65})
_LARGEST = ({"10%": 12.91, "5%": 14.90, "1%": 19.19}, {"10%": 6.50, "5%": 8.18, "1%": 11.65})

_CONVENTIONS = (
    "Constant in the data, none in the relation; five lagged differences on the screen and over REST, one if not "
    "said. Vectors are normalised on y. Critical values for legs without drift; where there is a drift they are on the "
    "careful side."
)
_SOURCE = (
    'Johansen (1991), "Estimation and hypothesis testing of cointegration vectors in Gaussian vector autoregressive '
    'models"; critical values: Osterwald-Lenum (1992), "A note with quantiles of the asymptotic distribution of the '
    'maximum likelihood cointegration rank test statistics".'
)
_CHECKED = (
    "statsmodels `coint_johansen(det_order=0)`: statistics, eigenvalues and vectors to 1e-8; R `urca::ca.jo` "
    '(`ecdet="none"`): the same statistics to 1e-8, and the critical values. On 1 500 unrelated pairs the trace test '
    "finds a relation in 3.5 to 7 %."
)
_LIMITS = (
    "The critical values of statsmodels suppose legs with a drift; on walks without one they find a relation in 11 % "
    "of unrelated pairs. One lag is too few under bounce: with noise of one bar's return in each leg 16 % of unrelated "
    "pairs pass, with twice that 70 %; with five lags 4 to 9 %, at some loss of power. A rank "
    "of 2 says that each leg reverts by itself, which prices hardly do; about 5 % of true pairs get it by chance."
)
JOHANSEN_TRACE = Definition(
    name="Johansen trace",
    line="Does a mix of the two legs revert, with neither leg put first? Above the critical value: a relation.",
    formula="trace(r) = -T sum ln(1 - eigenvalue i) over i > r, r = 0 or 1 relations under the null hypothesis; the "
    "eigenvalues are the squared canonical correlations of diff(p)[t] and p[t-1], p = (y, x), lagged differences and a "
    "constant taken out. The rank is the first r that 5 % does not reject.",
    conventions=_CONVENTIONS,
    source=_SOURCE,
    checked_against=_CHECKED,
    limits=_LIMITS,
)
JOHANSEN_EIGENVALUE = Definition(
    name="Johansen largest eigenvalue",
    line="Johansen's second statistic: tests r relations against just one more. Above the critical value: one more.",
    formula="-T ln(1 - the eigenvalue number r + 1), r relations under the null; eigenvalues as for the trace.",
    conventions=_CONVENTIONS,
    source=_SOURCE,
    checked_against=_CHECKED,
    limits=_LIMITS,
)


def johansen(y: FloatArray, x: FloatArray, *, lags: int = 1) -> Johansen:
    """Johansen's trace and maximum eigenvalue test of two legs, constant in the data and none in the relation.

    y, x: (n,) prices or log prices, finite, n >= 30 + 3 lags.  lags: lagged differences, 1 or more. The statistics are
    those of statsmodels `coint_johansen(det_order=0, k_ar_diff=lags)` and of R `urca::ca.jo(ecdet="none", K=lags+1)`.
    The critical values are for legs without drift, as R's are: those of statsmodels suppose a drift, and on walks
    without one their trace test rejects 11 % at "5 %".  observations: rows of the regression, n - 1 - lags.

    Raises BadInput for fewer lags than 1; NotEnoughData; DegenerateData where `engle_granger` does, and where the legs
    repeat themselves so exactly that nothing is left over.
    Source: Johansen (1991), "Estimation and hypothesis testing of cointegration vectors"; Osterwald-Lenum (1992).
    """
    if lags < 1:
        raise BadInput(f"lags must be 1 or more, got {lags}")
    require_sample(y, x, needed=MINIMUM_BARS + 3 * lags)
    # Any two combinations of the legs give the same test; these two have nothing in common, so no digit is lost.
    fit = fitted_residual(y, x, needed=MINIMUM_BARS)
    units = float(np.ptp(fit.residual)), float(np.ptp(x))
    combinations = np.column_stack([fit.residual / units[0], centred(x) / units[1]])
    eigenvalues, weights = _canonical(_factor(combinations, lags))
    rows = len(y) - 1 - lags
    first, second = (-rows * math.log1p(-value) for value in eigenvalues)
    trace = (first + second, second)
    rank = 0 if trace[0] <= _TRACE[0]["5%"] else 1 if trace[1] <= _TRACE[1]["5%"] else 2
    if not weights[0].all():
        raise DegenerateData("one relation leaves leg y out, so it cannot be told as a hedge ratio")
    slopes = fit.slope - weights[1] / weights[0] * (units[0] / units[1])
    return Johansen(
        trace=trace,
        trace_critical=(dict(_TRACE[0]), dict(_TRACE[1])),
        largest=(first, second),
        largest_critical=(dict(_LARGEST[0]), dict(_LARGEST[1])),
        eigenvalues=(float(eigenvalues[0]), float(eigenvalues[1])),
        vectors=((1.0, -float(slopes[0])), (1.0, -float(slopes[1]))),
        rank=rank,
        lags=lags,
        observations=rows,
    )


def _factor(legs: FloatArray, lags: int) -> FloatArray:
    """Triangular factor of differences and levels, (4, 4), the constant and the lagged differences taken out."""
    steps = np.diff(legs, axis=0)
    rows = len(steps) - lags
    lagged = [steps[lags - lag : len(steps) - lag] for lag in range(1, lags + 1)]
    columns = np.hstack([np.ones((rows, 1)), *lagged, steps[lags:], legs[lags:-1]])
    triangular = triangular_factor(columns)
    if np.any(np.abs(np.diagonal(triangular)) <= _DEPENDENT * np.sqrt(np.square(columns).sum(axis=0))):
        raise DegenerateData("the legs repeat themselves so exactly that nothing is left to test")
    return triangular[-4:, -4:]


def _canonical(factor: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Squared canonical correlations, descending, and beside each, as columns, the weights of the levels."""
    unscaled = np.linalg.inv(triangular_factor(factor[:, 2:]))
    _, correlations, directions = np.linalg.svd(factor[:2, 2:] @ unscaled)
    return np.square(correlations), unscaled @ directions.T
