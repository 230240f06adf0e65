"""The Ornstein-Uhlenbeck process behind a spread, by exact maximum likelihood."""

from __future__ import annotations

import math

from analytics.autoregression import Autoregression, autoregression
from analytics.definition import Definition
from analytics.errors import DegenerateData
from analytics.evidence import OrnsteinUhlenbeck
from analytics.market import FloatArray

_MODEL = "de = reversion (mean - e) dt + volatility dW, time in bars: e[t+1] = mean + phi (e[t] - mean) + shock."
_CONVENTIONS = (
    "Maximum likelihood given the first value: phi and the shocks by least squares, the shocks' variance over n - 1. "
    "n >= 20; not given unless 0 < phi < 1."
)
_SOURCE = "Tang and Chen, Journal of Econometrics 149 (2009)."
_CHECKED = (
    "R: the likelihood maximised and its curvature taken numerically (`optim`, 1e-5); standard errors by simulation of "
    "100 half-lives: within 12 %."
)
_LIMITS = (
    "Standard errors are those of a long sample: value +- 1.96 of them holds the true mean in 93 of 100 samples of 100 "
    "half-lives, in 90 of 30 and in 73 of five; the true deviation in 92, 85 and 55. The residual of a fit comes back "
    "too fast, and so does a random walk."
)
_NO_CHANCE = 1e-24  # of the variance: what rounding leaves of an exact curve

OU_MEAN = Definition(
    name="Mean of the process",
    line="Where the spread is pulled to, by the fitted Ornstein-Uhlenbeck process.",
    formula=f"{_MODEL} mean = mean of e[t] + mean step / (1 - phi).",
    conventions=_CONVENTIONS,
    source=_SOURCE,
    checked_against=_CHECKED,
    limits=f"Far outside the sample where the reversion is hardly there. {_LIMITS}",
)
OU_REVERSION = Definition(
    name="Speed of reversion",
    line="How hard the spread is pulled back to its mean, per bar; the half-life in bars is ln 2 over it.",
    formula=f"{_MODEL} reversion = -ln phi.",
    conventions=_CONVENTIONS,
    source=_SOURCE,
    checked_against=_CHECKED,
    limits=f"Too large by (5 + 2 exp(reversion) + exp(2 reversion)) / 2n on average, near 4 / n. {_LIMITS}",
)
OU_VOLATILITY = Definition(
    name="Volatility of the spread",
    line="How far the spread is thrown in a bar, in its own units for a square root of a bar.",
    formula=f"{_MODEL} volatility^2 = shock variance x 2 reversion / (1 - phi^2).",
    conventions=_CONVENTIONS,
    source=_SOURCE,
    checked_against=_CHECKED,
    limits=f"Bounce between bid and ask counts as volatility. {_LIMITS}",
)
OU_DEVIATION = Definition(
    name="Deviation of the process",
    line="How far the spread lies from its mean in the long run: the standard deviation of the fitted process.",
    formula=f"{_MODEL} deviation^2 = shock variance / (1 - phi^2) = volatility^2 / (2 reversion).",
    conventions=_CONVENTIONS,
    source=_SOURCE,
    checked_against=_CHECKED,
    limits=f"Not the deviation in the sample, which is smaller where the sample holds few half-lives. {_LIMITS}",
)


def ornstein_uhlenbeck(spread: FloatArray) -> OrnsteinUhlenbeck:
    """The process de = reversion (mean - e) dt + volatility dW that makes this spread likeliest, given its first value.

    spread: (n,) finite, n >= 20, any units. Seen once a bar the process is an AR(1) with phi = exp(-reversion), so the
    likelihood is largest at the least-squares fit, with the shocks' variance over n - 1. The standard errors come from
    the curvature of the likelihood there: with n the reversion's goes to sqrt((phi^-2 - 1) / n), the deviation's to
    deviation sqrt((1 + phi^2) / (1 - phi^2) / 2n), a slow mean's to deviation sqrt(2 / (reversion n)).
    Raises NotEnoughData; DegenerateData when the spread does not move, is not pulled back (phi >= 1), swings past its
    mean within a bar (phi <= 0), as no process in continuous time does, or follows a curve without chance.

    >>> import numpy as np
    >>> found = ornstein_uhlenbeck(3.0 + 0.5 ** (np.arange(60) / 8.0) * np.cos(np.arange(60.0)))
    >>> abs(found.mean - 3.0) < 0.1, found.reversion > 0.0
    (True, True)
    """
    fit = autoregression(spread)
    if fit.slope >= 1.0:
        raise DegenerateData("no reversion: the spread is not pulled back to a mean, so the process does not exist")
    if fit.slope <= 0.0:
        raise DegenerateData("the spread swings to the other side of its mean faster than a bar; use shorter bars")
    if fit.residual_square_sum <= _NO_CHANCE * fit.square_sum:
        raise DegenerateData("the spread follows its own past exactly, so there is no chance in it to measure")
    return _process(fit)


def _process(fit: Autoregression) -> OrnsteinUhlenbeck:
    """The parameters as functions of shock variance, slope and mean step, and their errors by those functions' slopes.

    Shock variance and slope are independent; so are slope and mean step at the regressor's mean.
    """
    kept, gone = fit.slope, -fit.reversion
    speed = -math.log1p(fit.reversion)
    shock_variance = fit.residual_square_sum / fit.rows
    lost = gone * (1.0 + kept)  # 1 - phi^2, without the loss of digits
    slope_variance = shock_variance / fit.square_sum
    deviation = math.sqrt(shock_variance / lost)
    volatility = deviation * math.sqrt(2.0 * speed)
    relative_variance = 2.0 / fit.rows  # of the shock variance
    deviation_slope = 2.0 * kept / lost  # of ln deviation^2 in phi
    volatility_slope = deviation_slope - 1.0 / (kept * speed)  # of ln volatility^2 in phi
    offset = fit.drift / gone
    return OrnsteinUhlenbeck(
        mean=fit.centre + offset,
        mean_stderr=math.sqrt(shock_variance / fit.rows + offset**2 * slope_variance) / gone,
        reversion=speed,
        reversion_stderr=math.sqrt(slope_variance) / kept,
        volatility=volatility,
        volatility_stderr=volatility / 2.0 * math.sqrt(relative_variance + volatility_slope**2 * slope_variance),
        deviation=deviation,
        deviation_stderr=deviation / 2.0 * math.sqrt(relative_variance + deviation_slope**2 * slope_variance),
    )
