"""What the residual of a fit looks like: its memory, its quantiles, its tails."""

from __future__ import annotations

import math

import numpy as np

from analytics.definition import Definition
from analytics.errors import DegenerateData
from analytics.evidence import ResidualShape
from analytics.market import FloatArray, Int64Array
from analytics.samples import centred, is_flat, require_sample

MINIMUM_BARS = 20
LONGEST_LAG = 40
MOST_POINTS = 200
_TAIL_POINTS = 30  # at each end every value keeps its point
_NORMAL_975 = 1.959963984540054

AUTOCORRELATION = Definition(
    name="Autocorrelation of the residual",
    line="How much of the residual is left k bars later; bars outside the band are more than chance.",
    formula="sum (e[t] - m)(e[t+k] - m) over sum (e[t] - m)^2, m the mean; band +- 1.96 / sqrt(n).",
    conventions="Divided by n at every lag; lags up to n / 4, at most 40; n >= 20.",
    source="Bartlett, Journal of the Royal Statistical Society, Supplement 8 (1946), for the band.",
    checked_against="statsmodels `acf` (1e-10).",
    limits=(
        "The band is that of white noise, one lag at a time: of 40 lags two leave it by chance. A spread that comes "
        "back slowly has, and must have, long autocorrelation. Too low in short samples, and on the residual of a fit."
    ),
)
QUANTILES = Definition(
    name="Quantiles of the residual",
    line="Each value of the residual against the value that a normal one would have; a straight line means normal.",
    formula="i-th smallest (e - mean) / deviation against the normal quantile of (i - 0.5) / n.",
    conventions=(
        "n - 1 in the deviation; n >= 20. At most 200 points: the 30 lowest and the 30 highest values all, those "
        "between evenly along the normal axis."
    ),
    source="Hazen's plotting position, as R `ppoints` for n > 10.",
    checked_against="R `qqnorm` (1e-10); `scipy.stats.norm` (1e-12).",
    limits="Values that hang together are fewer than they look: a slow spread leaves the line without fat tails.",
)
SKEWNESS = Definition(
    name="Skewness",
    line="Whether the residual strays further up (above 0) or down (below 0).",
    formula="m3 / m2^(3/2), mk the mean k-th power about the mean.",
    conventions="Moments divided by n.",
    source="Any textbook.",
    checked_against="`scipy.stats.skew` (1e-10).",
    limits="Its usual error sqrt(6 / n) is that of independent values; a slow spread's is many times as large.",
)
EXCESS_KURTOSIS = Definition(
    name="Excess kurtosis",
    line="How heavy the tails of the residual are: 0 for a normal one, above 0 for more far values.",
    formula="m4 / m2^2 - 3, mk the mean k-th power about the mean.",
    conventions="Moments divided by n.",
    source="Any textbook.",
    checked_against="`scipy.stats.kurtosis` (1e-10).",
    limits="A single print far off makes it large; a slow spread's is below 0 in most samples.",
)


def residual_shape(residual: FloatArray) -> ResidualShape:
    """Autocorrelation, quantiles against the normal ones, skewness and excess kurtosis.

    residual: (n,) finite, n >= 20, any units. Moments and autocovariances are divided by n, the deviation that
    standardises the quantiles by n - 1. The quantiles are thinned to 200 points of the ordered sample itself, without
    losing one of the 30 at either end.
    Raises NotEnoughData; DegenerateData when the residual does not move.

    >>> shape = residual_shape(np.tile([1.0, 2.0, 3.0], 8))
    >>> shape.autocorrelation[:4].round(6).tolist(), abs(round(shape.skewness, 6)), round(shape.excess_kurtosis, 6)
    ([1.0, -0.437..., -0.5, 0.875], 0.0, -1.5)
    """
    require_sample(residual, needed=MINIMUM_BARS)
    if is_flat(residual):
        raise DegenerateData("the residual does not move, so it has no shape")
    n = len(residual)
    offsets = centred(residual)
    standard = offsets / math.sqrt(float(offsets @ offsets) / n)
    kept = _kept(n)
    return ResidualShape(
        autocorrelation=_autocorrelation(standard, min(LONGEST_LAG, n // 4)),
        band=_NORMAL_975 / math.sqrt(n),
        normal_quantiles=_normal_quantiles(kept, n),
        quantiles=np.sort(standard)[kept] * math.sqrt((n - 1) / n),
        skewness=float((standard**3).mean()),
        excess_kurtosis=float((standard**4).mean()) - 3.0,
    )


def _autocorrelation(standard: FloatArray, lags: int) -> FloatArray:
    n = len(standard)
    return np.array([1.0] + [float(standard[lag:] @ standard[:-lag]) / n for lag in range(1, lags + 1)])


def _normal_quantiles(ranks: Int64Array, n: int) -> FloatArray:
    from scipy.special import ndtri

    quantiles: FloatArray = ndtri((ranks + 0.5) / n)
    return quantiles


def _kept(n: int) -> Int64Array:
    """Ranks (from 0) that keep their point: all, or both tails whole and even steps along the normal axis between."""
    if n <= MOST_POINTS:
        return np.arange(n)
    from scipy.special import ndtr

    first, last = _normal_quantiles(np.array([_TAIL_POINTS, n - 1 - _TAIL_POINTS]), n)
    even = np.linspace(first, last, MOST_POINTS - 2 * _TAIL_POINTS)
    between = np.unique(np.rint(ndtr(even) * n - 0.5).astype(np.int64))
    return np.concatenate((np.arange(_TAIL_POINTS), between, np.arange(n - _TAIL_POINTS, n)))
