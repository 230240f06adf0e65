"""Huber's M-estimator: least squares for the many rows, and a bounded say for the few wild ones."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from analytics.definition import Definition
from analytics.errors import DegenerateData
from analytics.hedge import NO_INTERCEPT, require_moving_legs
from analytics.line import line_quality
from analytics.market import FloatArray
from analytics.results import HedgeFit
from analytics.samples import centred, require_sample, rounding_of

MINIMUM_BARS = 10
TUNING = 1.345  # 95 % as precise as least squares where the residual is normal
_MAD_OF_NORMAL = 0.6744897501960817  # 75 % quantile of the standard normal
_NORMAL_REACH = 1.959963984540054  # its 97.5 % quantile
_ROUNDS = 500
_SETTLED = 1e-12

HUBER = Definition(
    name="Hedge ratio (Huber)",
    line="Units of x against one unit of y, fitted so that bars far off the line pull only a little.",
    formula=(
        "Minimises the sum of rho(e / s): quadratic up to 1.345 and linear beyond; s = median of abs(e) / 0.6745 "
        "of the same line."
    ),
    conventions=(
        "Starts from OLS, reweights until the line stands still; n >= 10. Standard error by Huber's first form "
        "with his small-sample factor; t, p and interval by the normal distribution, as the theory is asymptotic. "
        "r is of the legs, R2 of this line over all rows."
    ),
    source="Huber, *Robust Statistics* (1981), 7.6 and 7.8; 1.345 and the MAD as in R `MASS::rlm`.",
    checked_against=(
        "statsmodels `RLM` with `HuberT`, run to convergence: slope, intercept, standard errors, z and p to 1e-8, "
        "with and without intercept, prices 1e-8 to 1e6."
    ),
    limits=(
        "Robust against wild prices of y, not of x: one far print of x pulls the line to itself (Theil-Sen stands "
        "that). Like OLS, the standard error takes the residuals for independent and is too small where the "
        "spread reverts slowly."
    ),
)


def huber_hedge_ratio(y: FloatArray, x: FloatArray, *, include_intercept: bool = True) -> HedgeFit:
    """Huber's M-estimator of y on x, tuning 1.345, scale by the median absolute residual.

    y, x: (n,) prices or log prices, finite, n >= 10.  The scale is never put below the rounding of y: where more than
    half of the rows lie on one line exactly, that line is the answer, with a tiny standard error.  Raises
    NotEnoughData; DegenerateData when a leg does not move (with an intercept) or is 0 throughout (without), or when
    the reweighting does not settle.  Source: see `HUBER`.

    >>> x = np.arange(20.0)
    >>> y = 2 * x + np.tile([0.1, -0.1], 10)
    >>> y[7] = 500.0
    >>> round(huber_hedge_ratio(y, x).slope, 2)
    2.0
    """
    require_sample(y, x, needed=MINIMUM_BARS)
    require_moving_legs(y, x, include_intercept=include_intercept)
    y_origin, x_origin = (float(y[0]), float(x[0])) if include_intercept else (0.0, 0.0)
    line = _settled(y - y_origin, x - x_origin, rounding_of(y), include_intercept=include_intercept)
    intercept = y_origin + line.level - line.slope * x_origin
    quality = line_quality(y, x, line.slope, intercept, include_intercept=include_intercept)
    slope_unit, intercept_unit = _units(x, include_intercept=include_intercept)
    deviation = _deviation(line, len(y) - (2 if include_intercept else 1), rounding_of(y))
    stderr = deviation * slope_unit
    tvalue = line.slope / stderr
    return HedgeFit(
        method="huber",
        slope=line.slope,
        intercept=intercept,
        rvalue=quality.rvalue,
        r_squared=quality.r_squared,
        r_squared_kind=quality.r_squared_kind,
        stderr=stderr,
        interval=(line.slope - _NORMAL_REACH * stderr, line.slope + _NORMAL_REACH * stderr),
        intercept_stderr=deviation * intercept_unit if include_intercept else NO_INTERCEPT,
        tvalue=tvalue,
        pvalue=math.erfc(abs(tvalue) / math.sqrt(2)),
        residual_deviation=quality.residual_deviation,
        observations=len(y),
    )


class _Line(NamedTuple):
    """slope, level, and the residuals over their scale."""

    slope: float
    level: float
    scale: float
    standardised: FloatArray


def _settled(y: FloatArray, x: FloatArray, rounding: float, *, include_intercept: bool) -> _Line:
    """Iteratively reweighted least squares, until no fitted value moves by a visible part of the scale."""
    weights = np.ones(len(y))
    fitted = np.full(len(y), np.inf)
    for _ in range(_ROUNDS):
        slope, level = _weighted(y, x, weights, include_intercept=include_intercept)
        before, fitted = fitted, level + slope * x
        distance = np.abs(y - fitted)
        scale = max(float(np.median(distance)) / _MAD_OF_NORMAL, rounding)
        if np.abs(fitted - before).max() <= _SETTLED * scale + rounding / 16:
            return _Line(slope, level, scale, (y - fitted) / scale)
        weights = TUNING * scale / np.maximum(distance, TUNING * scale)
    raise DegenerateData(f"Huber's line did not settle in {_ROUNDS} rounds; take another hedge method")


def _weighted(y: FloatArray, x: FloatArray, weights: FloatArray, *, include_intercept: bool) -> tuple[float, float]:
    if not include_intercept:
        weighted = weights * x
        return float(weighted @ y) / float(weighted @ x), 0.0
    total = float(weights.sum())
    x_mean, y_mean = float(weights @ x) / total, float(weights @ y) / total
    offset = x - x_mean
    weighted = weights * offset
    slope = float(weighted @ (y - y_mean)) / float(weighted @ offset)
    return slope, y_mean - slope * x_mean


def _deviation(line: _Line, freedom: int, rounding: float) -> float:
    """What stands for the residual deviation in the standard errors (Huber 1981, 7.6, first form)."""
    n = len(line.standardised)
    inside = float(np.mean(np.abs(line.standardised) <= TUNING))
    pull = np.clip(line.standardised, -TUNING, TUNING)
    correction = 1 + (n - freedom) / n * (1 - inside) / inside
    return max(correction * line.scale * math.sqrt(float(pull @ pull) / freedom) / inside, rounding)


def _units(x: FloatArray, *, include_intercept: bool) -> tuple[float, float]:
    """Standard errors of slope and intercept for a residual deviation of 1."""
    if not include_intercept:
        return 1 / math.sqrt(float(x @ x)), 0.0
    offset = centred(x)
    sxx = float(offset @ offset)
    return 1 / math.sqrt(sxx), math.sqrt(1 / len(x) + float(x.mean()) ** 2 / sxx)
