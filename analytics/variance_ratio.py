"""The variance ratio of Lo and MacKinlay: do changes add up, or are they taken back?"""

from __future__ import annotations

import math

import numpy as np

from analytics.definition import Definition
from analytics.errors import BadInput, DegenerateData
from analytics.evidence import VarianceRatio
from analytics.market import FloatArray
from analytics.samples import require_sample, rounding_of

MINIMUM_BARS = 30
_CHANGES_A_HORIZON = 10
HORIZONS = (2, 4, 8, 16)

VARIANCE_RATIO = Definition(
    name="Variance ratio",
    line="Spread of q-bar moves against q one-bar moves: 1 for a random walk, less when moves are taken back.",
    formula="VR(q) = variance of q-bar changes / (q times the variance of one-bar changes); "
    "z = sqrt(n) (VR - 1) / sqrt(theta), theta = sum over k < q of (2 (1 - k / q))^2 d[k], "
    "d[k] = n sum e[t]^2 e[t-k]^2 / (sum e[t]^2)^2, e the one-bar changes minus their mean.",
    conventions="Of the changes of the spread's level, their mean taken out, overlapping, both variances unbiased; z "
    "allows for changing volatility; p two-sided, each horizon by itself. Horizons that do not fit ten times into the "
    "sample are left out.",
    source='Lo and MacKinlay (1988), "Stock market prices do not follow random walks: evidence from a simple '
    'specification test".',
    checked_against="arch `VarianceRatio` (robust, overlapping, debiased, trend c): ratio, z and p to 1e-10; the known "
    "ratios of white noise, of an AR(1) and of a walk with bounce, by simulation.",
    limits="Below 1 is no proof of reversion that can be traded: bounce between bid and ask alone takes VR(q) towards "
    "1 / (1 + 2 b^2), b its deviation over that of a bar's return. A slow spread looks like a walk: with a half-life "
    "of 30 bars VR(16) is 0.85. Four horizons are four looks.",
)


def variance_ratio(series: FloatArray, horizons: tuple[int, ...] = HORIZONS) -> VarianceRatio:
    """Variance of q-bar changes over q times that of one-bar changes, for each horizon q. Null: a random walk.

    series: (n,) levels, not changes, finite, any units, n >= 30.  horizons: in bars, each at least 2. Those that do not
    fit ten times end to end into the sample are left out of the answer.
    Overlapping changes about their mean, both variances unbiased; z allows for volatility that changes; p two-sided.
    observations: one-bar changes.
    Raises BadInput for a horizon below 2; NotEnoughData when none fits; DegenerateData when the series changes by the
    same amount in every bar.
    Source: Lo and MacKinlay (1988), "Stock market prices do not follow random walks".
    """
    if not horizons or min(horizons) < 2:
        raise BadInput(f"horizons must be 2 bars or more, got {horizons}")
    require_sample(series, needed=max(MINIMUM_BARS, _CHANGES_A_HORIZON * min(horizons) + 1))
    fitting = tuple(q for q in horizons if _CHANGES_A_HORIZON * q < len(series))
    n = len(series) - 1
    drift = float(series[-1] - series[0]) / n
    changes = np.diff(series) - drift
    if np.abs(changes).max() <= rounding_of(series):
        raise DegenerateData("the series changes by the same amount in every bar, so there is nothing to compare")
    squares = np.square(changes)
    energy = float(squares.sum())
    shares = squares / energy
    clustering = n * np.array([shares[lag:] @ shares[:-lag] for lag in range(1, max(fitting))])
    ratios = tuple(_unbiased(series, q, drift) / (energy / (n - 1)) for q in fitting)
    zscores = tuple(_zscore(ratio, q, n, clustering) for ratio, q in zip(ratios, fitting, strict=True))
    pvalues = tuple(math.erfc(abs(z) / math.sqrt(2.0)) for z in zscores)
    return VarianceRatio(fitting, ratios, zscores, pvalues, n)


def _unbiased(series: FloatArray, horizon: int, drift: float) -> float:
    """Variance of a change over `horizon` bars, for each bar of it."""
    n = len(series) - 1
    changes = series[horizon:] - series[:-horizon] - horizon * drift
    return float(changes @ changes) / (horizon * (n - horizon + 1) * (1.0 - horizon / n))


def _zscore(ratio: float, horizon: int, n: int, clustering: FloatArray) -> float:
    """clustering: covariances of squared changes at lags 1, 2, ...; 1 / n where volatility is constant."""
    weights = 2.0 * (1.0 - np.arange(1, horizon) / horizon)
    variance = float(np.square(weights) @ clustering[: horizon - 1])
    if variance <= 0.0:
        raise DegenerateData("the series moves in too few bars to say how much the ratio may vary by chance")
    return math.sqrt(n) * (ratio - 1.0) / math.sqrt(variance)
