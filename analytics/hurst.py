"""The Hurst exponent of a spread: how the size of its moves grows with the time they are given."""

from __future__ import annotations

import math

import numpy as np

from analytics.definition import Definition
from analytics.errors import DegenerateData
from analytics.evidence import Hurst
from analytics.market import FloatArray
from analytics.samples import centred, require_sample, rounding_of

MINIMUM_BARS = 100
SHORTEST_BARS, LONGEST_BARS = 2, 20

_LAGS = np.arange(SHORTEST_BARS, LONGEST_BARS + 1)
_LOGS = np.log(_LAGS) - np.log(_LAGS).mean()
_WEIGHTS = _LOGS / (_LOGS @ _LOGS)  # of the log deviations in the slope
_TRUTHS = np.linspace(0.0, 1.0, 201)
_NORMAL_975 = 1.959963984540054

HURST = Definition(
    name="Hurst exponent",
    line="0.5 for a random walk, lower for what comes back, higher for what runs on: read the interval, not the value.",
    formula=(
        "Least-squares slope of ln deviation(e[t+k] - e[t]) on ln k, k = 2 ... 20. Interval: the exponents of "
        "fractional Brownian motion under which the slope found lies within 1.96 of its deviations from its mean."
    ),
    conventions=(
        "Of levels, not of returns; mean move removed; n >= 100; kept within 0 and 1. The slope's mean is "
        "H - 5.5 H / m - m^(2H-2) sum(w k^(2-2H)) / 2 and its deviation a(H) / sqrt(m), with m = n - 20 and w the "
        "weights of the regression; a from the covariances of Gaussian moves."
    ),
    source="Mandelbrot and Van Ness, SIAM Review 10 (1968).",
    checked_against=(
        "`numpy.polyfit` of log deviations (1e-10); the exact covariances of the moves (3 % up to 0.5, 9 % at 0.7); "
        "exact fractional Brownian motion (Davies-Harte): the interval covers 92 to 98 % for H from 0.1 to 0.8 and n "
        "from 100 to 3600."
    ),
    limits=(
        "Too low in short samples: 0.48 on average for a walk of 300 bars, deviation 0.06. Bounce between bid and ask "
        "looks like reversion: a walk with bounce as large as its moves shows 0.36. Slow reversion looks like a walk: "
        "half-life 30 shows 0.44 in 300 bars. Where volatility clusters the interval covers some 90 %. So 'below 0.5' "
        "does not mean that a spread comes back."
    ),
)


def hurst(series: FloatArray) -> Hurst:
    """Hurst exponent by the growth of moves over 2 to 20 bars, with a 95 % interval.

    series: (n,) levels (a spread or log prices, not returns), finite, n >= 100, any units. The deviation of the moves
    over k bars grows like k^H; H is the slope in logarithms. The interval turns the slope's distribution under
    fractional Brownian motion around, so it knows the bias of short samples; for anything else it is that of the motion
    with the same slope. Kept within [0, 1].
    Raises NotEnoughData; DegenerateData where the moves over some number of bars are all the same.

    >>> found = hurst(np.random.default_rng(1).normal(size=1000).cumsum())
    >>> round(found.exponent, 2), round(found.low, 2), round(found.high, 2)
    (0.5, 0.44, 0.59)
    """
    require_sample(series, needed=MINIMUM_BARS)
    n = len(series)
    offsets = centred(series)
    deviations = np.array([(offsets[lag:] - offsets[:-lag]).std() for lag in _LAGS])
    if deviations.min() <= rounding_of(series):
        raise DegenerateData("the moves over some number of bars are all the same, so they do not grow like a power")
    slope = float(_WEIGHTS @ np.log(deviations))
    mean, reach = slope_mean(_TRUTHS, n), _NORMAL_975 * slope_deviation(_TRUTHS, n)
    low, high = (float(np.interp(slope, np.maximum.accumulate(mean + side), _TRUTHS)) for side in (reach, -reach))
    exponent = min(max(slope, 0.0), 1.0)
    return Hurst(
        exponent=exponent,
        low=min(low, exponent),
        high=max(high, exponent),
        shortest_bars=SHORTEST_BARS,
        longest_bars=LONGEST_BARS,
        observations=n,
    )


def slope_deviation(exponent: FloatArray, n: int) -> FloatArray:
    """Deviation of the slope found in n values of fractional Brownian motion; within 3 % up to 0.5, 9 % at 0.7.

    A polynomial through the values that the covariances of the moves give (see tests/analytics/test_hurst.py). Above
    0.7 the moves' memory is so long that the mean, which is removed, takes most of it along: the value stays.
    """
    h = np.minimum(exponent, 0.7)
    scale: FloatArray = 0.1831 + h * (4.318 + h * (-5.2666 + h * (-2.6732 + h * 6.7772)))
    return scale / math.sqrt(n - LONGEST_BARS)


def slope_mean(exponent: FloatArray, n: int) -> FloatArray:
    """Mean of the slope, with what logarithms of few values lose and what removing the mean move takes from long lags.

    At 100 bars within 0.016 of the simulated mean, an eighth of a deviation.
    """
    moves = n - LONGEST_BARS
    removed = (_LAGS ** (2.0 - 2.0 * exponent[:, None])) @ _WEIGHTS
    mean: FloatArray = exponent - 5.5 * exponent / moves - moves ** (2.0 * exponent - 2.0) * removed / 2.0
    return mean
