"""The long-run variance of a series by Bartlett's weights: its variance, and what one value tells of the next.

Autocovariances are weighted down in a straight line, to 0 just beyond the bandwidth (Newey and West, 1987, "A simple,
positive semi-definite, heteroskedasticity and autocorrelation consistent covariance matrix"). The tests of Kwiatkowski
et al. and of Phillips and Ouliaris are defined with it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analytics.market import FloatArray


@dataclass(frozen=True, slots=True)
class BartlettVariance:
    """short_run: the plain variance.  one_sided: weighted sum of the autocovariances at lags above 0."""

    short_run: float
    one_sided: float

    @property
    def total(self) -> float:
        """The long-run variance itself, both sides counted."""
        return self.short_run + 2.0 * self.one_sided


def bartlett_variance(values: FloatArray, bandwidth: float) -> BartlettVariance:
    """Weighted autocovariances of `values` (about 0, not about their mean) at lags up to the whole part of `bandwidth`.

    values: (n,) finite.  The weight of lag j is 1 - j / (bandwidth + 1).

    >>> bartlett_variance(np.array([1.0, 1.0, -1.0, -1.0]), 1.0)
    BartlettVariance(short_run=1.0, one_sided=0.125)
    """
    covariances = _autocovariances(values, int(bandwidth))
    weights = 1.0 - np.arange(1, len(covariances)) / (bandwidth + 1.0)
    return BartlettVariance(float(covariances[0]), float(weights @ covariances[1:]))


def newey_west_bandwidth(values: FloatArray, *, pilot_lags: int) -> float:
    """The bandwidth that suits the autocorrelation seen at the first `pilot_lags` lags, in bars, at most n - 1.

    1.1447 (n (sum j c_j / sum c_j)^2)^(1/3) with c_j the autocovariances, each lag counted on both sides. Where they
    cancel, as in a series that swings from bar to bar, it is the longest.
    Source: Newey and West (1994), "Automatic lag selection in covariance matrix estimation".
    """
    covariances = _autocovariances(values, pilot_lags)
    covariances[1:] *= 2.0
    level, slope = float(covariances.sum()), float(np.arange(pilot_lags + 1) @ covariances)
    ratio = slope / level if level else math.inf
    return min(1.1447 * math.cbrt(len(values) * ratio * ratio), len(values) - 1.0)


def _autocovariances(values: FloatArray, most: int) -> FloatArray:
    n = len(values)
    return np.array([values[lag:] @ values[: n - lag] for lag in range(most + 1)]) / n
