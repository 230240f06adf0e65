"""What one leg leaves of the other: the residual that the tests of cointegration are run on."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from analytics.errors import DegenerateData
from analytics.hedge import require_moving_legs
from analytics.market import FloatArray
from analytics.samples import centred, require_sample

COLLINEAR_SHARE = 100 * math.sqrt(float(np.finfo(np.float64).eps))


class FittedResidual(NamedTuple):
    """residual: (n,) of mean 0, in the units of y.  slope: of the fit that it is left from."""

    residual: FloatArray
    slope: float


def fitted_residual(y: FloatArray, x: FloatArray, *, needed: int) -> FittedResidual:
    """The residual of y on x by least squares with an intercept.

    y, x: (n,) prices or log prices, finite, n >= `needed`.
    Raises NotEnoughData, and DegenerateData where a leg does not move, or where 1 - R2 is at or below 1.5e-6
    (100 sqrt(machine epsilon), the rule of statsmodels `coint`): the legs are then one line, and what is left of them
    is mostly rounding of prices.

    >>> fit = fitted_residual(np.array([1.0, 3.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0, 4.0]), needed=3)
    >>> fit.residual.round(6).tolist(), round(fit.slope, 6)
    ([-0.3, 0.9, -0.9, 0.3], 0.8)
    """
    require_sample(y, x, needed=needed)
    require_moving_legs(y, x, include_intercept=True)
    y_off, x_off = centred(y), centred(x)
    slope = float(y_off @ x_off) / float(x_off @ x_off)
    residual = y_off - slope * x_off
    unexplained = float(residual @ residual) / float(y_off @ y_off)
    if unexplained <= COLLINEAR_SHARE:
        raise DegenerateData(
            f"the legs are almost one line (1 - R2 = {unexplained:.1e}; from {COLLINEAR_SHARE:.1e} down the rule of "
            "statsmodels refuses a fitted line); give the ratio, and its spread is tested by itself"
        )
    return FittedResidual(residual, slope)
