"""A hedge ratio that the trader gives: nothing is estimated, so nothing can look ahead."""

from __future__ import annotations

import math

import numpy as np

from analytics.definition import Definition
from analytics.errors import BadInput, DegenerateData
from analytics.hedge import MINIMUM_BARS
from analytics.market import FloatArray
from analytics.results import HedgeFit, Unavailable
from analytics.samples import require_sample, rounding_of

FIXED_RATIO = Definition(
    name="Fixed ratio",
    line="The hedge ratio that you gave. Nothing is fitted, so the spread and its z-score never change afterwards.",
    formula="spread = y - ratio x.",
    conventions="No intercept; r and R2 are those of the line through the origin (uncentred), and R2 is below 0 where "
    "the ratio is worse than no hedge at all. Negative ratios are taken (both legs on the same side), 0 is refused. On "
    "the log scale the ratio is one of log prices. No standard error, t or p: they belong to estimates.",
    source="By definition.",
    checked_against="The residual of the given line and its sums by hand (1e-12); at the least-squares ratio, "
    "`ols_hedge_ratio` without intercept.",
    limits="A ratio that was right last month may not be today's: compare it with the fitted one. Uncentred r and R2 "
    "are near 1 for any two prices in proportion.",
)

_GIVEN = Unavailable("the ratio was given, not estimated")


def fixed_hedge_ratio(y: FloatArray, x: FloatArray, ratio: float) -> HedgeFit:
    """The line y = ratio x through the origin, and how well it describes these rows.

    y, x: (n,) prices or log prices, finite, n >= 3.  ratio: finite, not 0; negative where the legs are held on the same
    side. R2 = 1 - sum (y - ratio x)^2 / sum y^2, below 0 for a ratio that leaves more than it takes away; r is the
    uncentred correlation of the legs, whatever the ratio.  residual_deviation: sqrt(sum (y - ratio x)^2 / n).
    Raises BadInput for the ratio, NotEnoughData, DegenerateData (a leg is 0 throughout, a value is not finite, or the
    ratio is so large that rounding alone exceeds y).

    >>> import numpy as np
    >>> fit = fixed_hedge_ratio(np.array([2.0, 4.0, 7.0]), np.array([1.0, 2.0, 3.0]), 2.0)
    >>> fit.slope, round(fit.r_squared, 6), fit.stderr
    (2.0, 0.985507, Unavailable(reason='the ratio was given, not estimated', needed=None, got=None))
    """
    if not math.isfinite(ratio):
        raise BadInput("a fixed hedge ratio must be a finite number")
    if ratio == 0:
        raise BadInput("a fixed hedge ratio of 0 hedges nothing: the spread would be y alone; give another number")
    require_sample(y, x, needed=MINIMUM_BARS)
    syy, sxx, sxy = float(y @ y), float(x @ x), float(y @ x)
    for name, squares in (("x", sxx), ("y", syy)):
        if squares == 0:
            raise DegenerateData(f"leg {name} is 0 throughout the sample")
    if abs(ratio) * rounding_of(x) > float(np.abs(y).max()):
        raise DegenerateData(f"a ratio of {ratio:.3g} is so large that nothing of y is left in the spread")
    residual = y - ratio * x
    ssr = float(residual @ residual)
    return HedgeFit(
        method="fixed",
        slope=float(ratio),
        intercept=0.0,
        rvalue=min(max(sxy / math.sqrt(sxx) / math.sqrt(syy), -1.0), 1.0),
        r_squared=1.0 - ssr / syy,
        r_squared_kind="uncentred",
        stderr=_GIVEN,
        interval=_GIVEN,
        intercept_stderr=_GIVEN,
        tvalue=_GIVEN,
        pvalue=_GIVEN,
        residual_deviation=math.sqrt(ssr / len(y)),
        observations=len(y),
    )
