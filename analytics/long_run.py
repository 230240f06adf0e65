"""How many independent observations an autocorrelated series is worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

import numpy as np

from analytics.errors import DegenerateData
from analytics.market import FloatArray


@dataclass(frozen=True, slots=True)
class LongRun:
    """variance: the long-run variance, n times the variance of a mean of n values.

    effective: independent observations that the sample is worth. Its numerator is the autocovariance at lag 1 and not
    the variance, so that noise of one row (bounce between bid and ask) does not count as reversion.
    """

    variance: float
    effective: float


def long_run(pieces: Sequence[FloatArray]) -> LongRun:
    """Long-run variance of a series of mean 0 that is known in pieces, by an autoregression.

    pieces: (m,) each; autocovariances never reach across from one piece to another. The Yule-Walker equations are
    solved for every order up to ceil(12 (n / 100)^(1/4)) (Levinson's recursion); the variance is the larger one of
    that at the order of the least AIC and that at half the longest order, because AIC misses the slow part of a series
    under noise.  Raises DegenerateData where nothing moves.
    Source: Berk (1974), "Consistent autoregressive spectral estimates"; den Haan and Levin (1997).

    >>> found = long_run([np.tile([1.0, 1.0, -1.0, -1.0], 100)])
    >>> found.variance < 0.1
    True
    """
    rows = sum(len(piece) for piece in pieces)
    most = min(math.ceil(12.0 * (rows / 100.0) ** 0.25), rows // 8)
    covariances = np.zeros(most + 1)
    for piece in pieces:
        for lag in range(min(most, len(piece) - 1) + 1):
            covariances[lag] += piece[lag:] @ piece[: len(piece) - lag]
    if not covariances[0] > 0.0:
        raise DegenerateData("the residual does not move, so its variance cannot be told")
    variance = _variance((covariances / covariances[0]).tolist(), rows) * float(covariances[0]) / rows
    return LongRun(variance, max(float(covariances[1]), 0.0) / variance)


def _variance(correlations: list[float], rows: int) -> float:
    """Long-run variance over variance. Plain numbers: there are too few of them for numpy to pay."""
    coefficients: list[float] = []
    unexplained, least, chosen, half = 1.0, 0.0, 1.0, 1.0
    for order in range(1, len(correlations)):
        told = sum(map(mul, coefficients, correlations[order - 1 : 0 : -1]))
        reflection = (correlations[order] - told) / unexplained
        unexplained *= 1.0 - reflection * reflection
        if unexplained <= 0.0:
            break
        coefficients = [a - reflection * b for a, b in zip(coefficients, reversed(coefficients), strict=True)]
        coefficients.append(reflection)
        now = unexplained / (1.0 - sum(coefficients)) ** 2
        criterion = rows * math.log(unexplained) + 2 * order
        if criterion < least:
            least, chosen = criterion, now
        if order == (len(correlations) - 1) // 2:
            half = now
    return max(chosen, half)
