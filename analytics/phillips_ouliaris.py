"""The test of Phillips and Ouliaris: Engle-Granger's question, with a correction where that one adds lags."""

from __future__ import annotations

import math

from analytics.bartlett import bartlett_variance, newey_west_bandwidth
from analytics.definition import Definition
from analytics.errors import DegenerateData
from analytics.evidence import PhillipsOuliaris
from analytics.mackinnon import critical_values, pvalue
from analytics.market import FloatArray
from analytics.residual import fitted_residual

MINIMUM_BARS = 30
_EXACT = 1e-24

PHILLIPS_OULIARIS = Definition(
    name="Phillips-Ouliaris",
    line="Engle-Granger's question asked anew. A small p: the spread reverts, or prices bounce, which fools it.",
    formula="Z_t = ((rho - 1) - n c / sum u[t-1]^2) / sqrt(w^2 / sum u[t-1]^2), rho the slope of the residual u[t] on "
    "u[t-1], c the weighted autocovariances (one side) and w^2 the long-run variance of what that leaves over.",
    conventions="y on x with intercept. Bartlett's weights, bandwidth by Newey and West (1994), a fraction. p-value "
    "and critical values are MacKinnon's for N = 2, as for Engle-Granger.",
    source='Phillips and Ouliaris (1990), "Asymptotic properties of residual based tests for cointegration".',
    checked_against='arch `phillips_ouliaris(test_type="Zt", trend="c")`: statistic and bandwidth to 1e-8. Its p comes '
    "from a simulation of its own: up to p = 0.25 within 0.001 of ours, above within 0.03; its critical values are "
    "within 0.015 at 300 bars. R has no Z_t (`tseries::po.test` gives Z_alpha, with a bandwidth of n / 100).",
    limits='Bounce fools it: unrelated legs with noise of half a bar\'s return pass in 8 to 12 % at "5 %", of one '
    "bar's return in 17 to 36 %, of two in 48 to 83 %, where Engle-Granger with lags by AIC stays at 8 %. Without "
    "bounce 5 to 6 %.",
)


def phillips_ouliaris(y: FloatArray, x: FloatArray) -> PhillipsOuliaris:
    """Phillips-Ouliaris Z_t in the direction y on x. Null hypothesis: the legs are not cointegrated.

    y, x: (n,) prices or log prices, finite, n >= 30. y is regressed on x with an intercept, each residual u[t] on the
    one before; Z_t is the t-value of (that slope - 1), corrected for autocorrelation of what is left over. Bartlett's
    weights; the bandwidth (a fraction, as in arch) by Newey and West (1994) from the first 4 (n / 100)^(2/9) lags.
    The limit distribution is that of Engle-Granger, so p-value and critical values are MacKinnon's, N = 2.
    observations: n.
    Raises NotEnoughData; DegenerateData where `engle_granger` does, and where the residual repeats itself so exactly,
    or swings so regularly from bar to bar, that no long-run variance is left.
    Source: Phillips and Ouliaris (1990), "Asymptotic properties of residual based tests for cointegration".
    """
    residual, _ = fitted_residual(y, x, needed=MINIMUM_BARS)
    n, before, now = len(residual), residual[:-1], residual[1:]
    energy = float(before @ before)
    kept = float(before @ now) / energy
    shocks = now - kept * before
    if float(shocks @ shocks) <= _EXACT * energy:
        raise DegenerateData("the residual repeats itself so exactly that nothing is left to test")
    rows = n - 1
    bandwidth = newey_west_bandwidth(shocks, pilot_lags=math.ceil(4.0 * (rows / 100.0) ** (2 / 9)))
    variance = bartlett_variance(shocks, bandwidth)
    if variance.total <= 0.0:
        raise DegenerateData("the residual swings so regularly from bar to bar that there is no long-run variance")
    statistic = (energy * (kept - 1.0) - rows * variance.one_sided) / math.sqrt(rows / n * variance.total * energy)
    return PhillipsOuliaris(
        statistic=statistic,
        pvalue=pvalue(statistic, legs=2),
        bandwidth=bandwidth,
        observations=n,
        critical_values=critical_values(legs=2, observations=n),
    )
