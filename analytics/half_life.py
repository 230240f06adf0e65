"""How fast a spread comes back."""

from __future__ import annotations

import math

from analytics.autoregression import autoregression
from analytics.definition import Definition
from analytics.errors import DegenerateData
from analytics.market import FloatArray
from analytics.results import HalfLife
from analytics.slope_quantiles import slope_interval

HALF_LIFE = Definition(
    name="Half-life",
    line="Bars until half of a deviation of the spread is expected to be gone, with a 95 % interval.",
    formula=(
        "-ln 2 / ln(1 + lambda), lambda the least-squares slope of diff(e)[t] on e[t-1] with a constant. Interval: "
        "the true slopes under which the one found lies between its 2.5 % and 97.5 % quantiles, in the same formula."
    ),
    conventions=(
        "Exact AR(1) form; n >= 20. Not given where lambda >= 0 or <= -2 (no reversion). Between -2 and -1 it is the "
        "half-life of the swings' size. The interval has no upper end where a random walk is among the truths. Beside "
        "it stands the median-unbiased half-life, too long as often as too short."
    ),
    source="Andrews, Econometrica 61 (1993), for interval and unbiased value.",
    checked_against=(
        "R `lm(diff(e) ~ lag(e))` (1e-9), LAPACK least squares (1e-9); quantiles: exact values by Imhof's inversion "
        "(0.08 standard errors) and table 8.5.1 of Fuller (1976); coverage by simulation at half-lives from n / 100 to "
        "n / 10: within 93 and 97 %, where slope +- 1.96 standard errors falls below 91 %."
    ),
    limits=(
        "Biased towards reversion: a random walk shows about n / 6 bars, the residual of a fitted line n / 11, so a "
        "half-life is no evidence by itself. On the residual of a fit the interval covers about 92 % at half-lives of "
        "n / 10, and 90 % of pairs without any relation; the median-unbiased value is there too long in a third of "
        "samples. Where volatility clusters the interval covers about 90 %. "
        "Bounce between bid and ask shortens the half-life. Wrong for anything but one speed of reversion."
    ),
)

CHAN_HALF_LIFE = Definition(
    name="Half-life, short form",
    line="The half-life by the short formula of Chan's book: a little longer than the exact one.",
    formula="-ln 2 / lambda, lambda as for the half-life.",
    conventions="Shown beside the exact form, because traders know it.",
    source="Chan, Algorithmic Trading (2013), ch. 2.",
    checked_against="R `lm(diff(e) ~ lag(e))` (1e-9).",
    limits="Longer than the exact form by 1 % at 29 bars and by 30 % at 1.3.",
)


def half_life(spread: FloatArray) -> HalfLife:
    """Bars until half of a deviation is expected to be gone, with a 95 % interval.

    spread: (n,) finite, n >= 20. With lambda the slope of diff(e)[t] on e[t-1] (with a constant), deviations shrink by
    1 + lambda a bar, so the exact half-life is -ln 2 / ln(1 + lambda); the short form -ln 2 / lambda stands beside it.
    Between -2 and -1 the spread swings about its mean and the half-life is that of the swings' size.
    The interval is that of `slope_quantiles`: it holds its 95 % up to a random walk, for a spread that was observed; on
    the residual of a fit all of this is biased towards reversion (see `HALF_LIFE.limits`).
    Raises NotEnoughData; DegenerateData where the spread does not move, or is not expected to come back (lambda >= 0 or
    <= -2).

    >>> import numpy as np
    >>> found = half_life(np.cos(np.arange(60.0)) * 0.5 ** (np.arange(60) / 5.0))
    >>> 0.0 < found.low_bars < found.bars < found.high_bars
    True
    """
    fit = autoregression(spread)
    if abs(fit.slope) >= 1.0:
        raise DegenerateData("no reversion: deviations of the spread are not expected to shrink")
    truths = slope_interval(fit.slope, fit.rows)
    low, unbiased, high = (_bars(truth) for truth in truths)
    bars = _bars(fit.slope)
    gone_at_once = truths.low < 0.0 < truths.high
    return HalfLife(
        bars=bars,
        low_bars=0.0 if gone_at_once else min(bars, low, high),
        high_bars=None if math.inf in {low, high} else max(bars, low, high),
        unbiased_bars=None if math.isinf(unbiased) else unbiased,
        chan_bars=-math.log(2.0) / fit.reversion,
        reversion=fit.reversion,
        stderr=fit.stderr,
    )


def _bars(slope: float) -> float:
    """Bars in which deviations halve when this part of them is left a bar later; infinite where they do not shrink."""
    left = abs(slope)
    if left >= 1.0:
        return math.inf
    return -math.log(2.0) / math.log(left) if left > 0.0 else 0.0
