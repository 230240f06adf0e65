"""What the slope of an autoregression can have been, given the one that least squares found.

Least squares finds too much reversion: near a random walk its slope lies below the truth by some 4 / rows, with a long
tail, so that "slope +- 1.96 standard errors" misses the truth several times too often. Andrews (Econometrica 61, 1993)
turns the distribution of the slope around: the truths under which the slope found would be neither in the lowest 2.5 %
nor in the highest are a 95 % interval, in samples of any size, up to and at the random walk; the truth under which it
would be the median is a median-unbiased estimate.

That distribution (Gaussian, mean estimated, stationary start) has no closed form. Its quantiles are held as a surface,
fitted to exact values by tests/analytics/golden/ar1_quantiles.py: with rows N, true slope k, normal quantile z and
r = (N (1 - k^2) + 10)^(-1/2),

    (quantile - k) N r = z - (1 + (2 + z^2) k) r + r^3 (a1 k + a2 k^2 + a3 k^3) + (b0 + b1 r + b2 k r) / N.

The first two terms are the normal law with its bias and skewness, the others what is left of it near a random walk and
in small samples.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analytics.market import FloatArray

_NORMAL = {0.025: -1.959963984540054, 0.5: 0.0, 0.975: 1.959963984540054}
_SURFACE = {
    0.025: (-61.516, -13.608, 36.888, 12.609, -17.359, 45.65),
    0.5: (-4.613, -7.472, -0.885, 0.118, -0.683, 5.088),
    0.975: (19.32, -8.449, 0.424, -13.845, 28.819, 18.959),
}
_NEAREST, _POINTS = 0.01, 300  # grid of truths: the one nearest to the random walk, in 1 / rows, and how many


class SlopeInterval(NamedTuple):
    """The truths that the slope found speaks for: 95 % interval and median-unbiased value, each within [-1, 1]."""

    low: float
    unbiased: float
    high: float


def slope_interval(slope: float, rows: int) -> SlopeInterval:
    """Interval and median-unbiased value for the slope that least squares found on `rows` >= 19 steps, slope < 1.

    An end of 1.0 means that a random walk is among the truths. On the residual of a fitted line the true coverage is
    lower than 95 %: about 92 % at half-lives of a tenth of the sample, 90 % near a random walk.

    >>> slope_interval(0.97, 299)
    SlopeInterval(low=0.950..., unbiased=0.981..., high=1.0)
    """
    truths = 1.0 - np.concatenate((np.geomspace(2.0, _NEAREST / rows, _POINTS), (0.0,)))
    return SlopeInterval(
        *(float(np.interp(slope, slope_quantile(truths, rows, level), truths)) for level in (0.975, 0.5, 0.025))
    )


def slope_quantile(truth: FloatArray, rows: int, level: float) -> FloatArray:
    """Quantile of the slope found, for each true slope in [-1, 1]; level 0.025, 0.5 or 0.975.

    Within 0.08 standard errors of the exact value, 0.05 for slopes >= 0, from 19 rows on.
    """
    normal = _NORMAL[level]
    narrowness = surface_narrowness(truth, rows)
    leading = normal - (1.0 + (2.0 + normal**2) * truth) * narrowness
    standardised = leading + surface_terms(truth, rows) @ np.array(_SURFACE[level])
    quantile: FloatArray = truth + standardised / (narrowness * rows)
    return quantile


def surface_narrowness(truth: FloatArray, rows: int | FloatArray) -> FloatArray:
    """The r of the module's head."""
    narrowness: FloatArray = 1.0 / np.sqrt(rows * (1.0 - truth**2) + 10.0)
    return narrowness


def surface_terms(truth: FloatArray, rows: int | FloatArray) -> FloatArray:
    """What the coefficients multiply, a row for each truth."""
    r = surface_narrowness(truth, rows)
    near = truth * r * r * r
    return np.stack([near, near * truth, near * truth * truth, 0 * r + 1 / rows, r / rows, truth * r / rows], axis=-1)
