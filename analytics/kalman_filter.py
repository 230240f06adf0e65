"""The Kalman filter of a line whose slope and level walk at random. Which matrices it uses is `kalman.py`'s choice."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analytics.market import FloatArray


class LineState(NamedTuple):
    """What is known of a line y = level + slope x: the two estimates and their covariance."""

    slope: float
    level: float
    slope_variance: float
    covariance: float
    level_variance: float


class StateNoise(NamedTuple):
    """Covariance of the step that slope and level take before each row is seen. All (n,)."""

    slope: FloatArray
    cross: FloatArray
    level: FloatArray


class FilteredLine(NamedTuple):
    """The line after each row, with its variances, and what the row brought. All (n,).

    innovation: y minus its prediction from the rows before.  innovation_variance: of that difference.
    """

    slope: FloatArray
    level: FloatArray
    slope_variance: FloatArray
    level_variance: FloatArray
    innovation: FloatArray
    innovation_variance: FloatArray


def filtered_line(
    y: FloatArray, x: FloatArray, start: LineState, noise: StateNoise, observation_variance: float
) -> FilteredLine:
    """The filtered path of slope and level.

    y, x: (n,) finite, best measured from a near origin.  start: before the first row.  noise: (n,) each; zeros in the
    first row mean that the state takes no step before it.  The arithmetic of a row depends on that row and the state
    before it alone, so a longer series never changes an earlier value.

    With R the predicted covariance, h = (x, 1), V the observation variance and Q = h'Rh + V, the updated covariance is
    written as (V R + det(R) gg') / Q with g = (1, -x), which equals R - Rhh'R / Q for two states. Both parts are
    positive semidefinite, nothing is subtracted, and so it stays symmetric and positive however long the path is.
    Source: Kalman (1960); Harvey, *Forecasting, Structural Time Series Models and the Kalman Filter* (1989), ch. 3.

    >>> still = np.zeros(3)
    >>> path = filtered_line(
    ...     np.array([1.0, 3.0, 2.0]), still, LineState(0, 0, 0, 0, 1e9), StateNoise(still, still, still), 1.0
    ... )
    >>> path.level.round(6).tolist(), path.level_variance.round(6).tolist()
    ([1.0, 2.0, 2.0], [1.0, 0.5, 0.333333])
    """
    slope, level, p11, p12, p22 = start
    slopes, levels, slope_variances, level_variances, innovations, variances = [], [], [], [], [], []
    columns = (y, x, noise.slope, noise.cross, noise.level)
    for price, h, q11, q12, q22 in zip(*[column.tolist() for column in columns], strict=True):
        r11 = p11 + q11
        r12 = p12 + q12
        r22 = p22 + q22
        g1 = r11 * h + r12
        g2 = r12 * h + r22
        variance = g1 * h + g2 + observation_variance
        determinant = r11 * r22 - r12 * r12
        if determinant < 0.0:  # noqa: PLR1730  # 0 but for rounding; max() is slower here
            determinant = 0.0
        v = observation_variance / variance
        d = determinant / variance
        p11 = r11 * v + d
        p12 = r12 * v - h * d
        p22 = r22 * v + h * h * d
        innovation = price - slope * h - level
        slope += g1 / variance * innovation
        level += g2 / variance * innovation
        slopes.append(slope)
        levels.append(level)
        slope_variances.append(p11)
        level_variances.append(p22)
        innovations.append(innovation)
        variances.append(variance)
    return FilteredLine(
        np.array(slopes),
        np.array(levels),
        np.array(slope_variances),
        np.array(level_variances),
        np.array(innovations),
        np.array(variances),
    )
