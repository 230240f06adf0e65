"""How long until a spread is expected to have come back to the exit level."""

from __future__ import annotations

import math

from analytics.definition import Definition
from analytics.errors import DegenerateData, NotEnoughData
from analytics.evidence import ExitTime, OrnsteinUhlenbeck
from analytics.market import FloatArray, PairParams

# Mean and variance of how far a normal random walk has overshot a line that it crosses, in steps (Siegmund, Sequential
# Analysis, 1985, ch. X): the mean is -zeta(1/2) / sqrt(2 pi).
_OVERSHOOT = 0.5825971579390107
_OVERSHOOT_VARIANCE = 0.25

EXIT_TIME = Definition(
    name="Expected time to the exit",
    line="Bars until the spread is expected to reach the exit level, looked at when bars end, by the fitted process.",
    formula=(
        "(1 / reversion) sqrt(pi / 2) times the integral of erfcx(u / sqrt 2) from the level to the spread, both as "
        "deviations from the mean of the fitted Ornstein-Uhlenbeck process. At bar ends: the same to a level 0.5826 "
        "volatilities further, and a quarter of a bar."
    ),
    conventions=(
        "First passage from where the spread is now, on whichever side of the level and of the process's mean it lies. "
        "The exit level is a z-score of the newest window; 0 bars where the z-score has reached it. Both numbers are "
        "given: of the continuous process, and as seen at bar ends."
    ),
    source=(
        "Ricciardi and Sato, Journal of Applied Probability 25 (1988); bar ends: Siegmund, Sequential Analysis (1985), "
        "and Broadie, Glasserman and Kou, Mathematical Finance 7 (1997)."
    ),
    checked_against=(
        "Published constants (Finch 2004; OEIS A249417, A249418, A250719; 1e-12), Finch's series in 150 digits "
        "(1e-10), the backward equation on a grid (1e-4), simulation; bar ends: integral equation of the AR(1) (2 %)."
    ),
    limits=(
        "An average: most exits come sooner and some take many times as long. Rests on the fitted process, so it is "
        "too short on the residual of a fit, and finite even for a random walk. At bar ends up to 21 % too short when "
        "the spread is within one bar's move of the level. Knows nothing of a relation that breaks."
    ),
)


def exit_time(process: OrnsteinUhlenbeck, spread_now: float, exit_level: float) -> ExitTime:
    """Expected bars until the fitted process first reaches `exit_level`, from `spread_now`; both in its units.

    0.0 where it is there. The level may lie on the spread's way to the mean, at the mean, beyond it, or on the other
    side of the spread, away from the mean: that takes longest.
    With z and l the two as deviations from the mean, z > l, the scale and speed of the process give
    (1 / reversion) times the integral over u from l to z of exp(u^2 / 2) times that of exp(-v^2 / 2) over v > u; the
    inner one is sqrt(pi / 2) erfcx(u / sqrt 2) exp(-u^2 / 2), so the product neither overflows nor cancels.
    A crossing is noticed when a bar ends, on average some way beyond the level: `seen_bars` allows for that.
    Raises DegenerateData where an argument is not finite, or the level lies so far beyond the mean that the time to it
    has no sensible number.

    >>> process = OrnsteinUhlenbeck(0.0, 0.1, 0.1, 0.01, 0.447, 0.01, 1.0, 0.1)
    >>> found = exit_time(process, 2.0, 0.0)
    >>> round(found.bars, 2), round(found.seen_bars, 1), exit_time(process, 0.5, 0.5).bars
    (14.25, 18.1, 0.0)
    """
    now = (spread_now - process.mean) / process.deviation
    level = (exit_level - process.mean) / process.deviation
    if not (math.isfinite(now) and math.isfinite(level)):
        raise DegenerateData("the spread or the exit level is not a finite number")
    if now == level:
        return ExitTime(level=exit_level, bars=0.0, seen_bars=0.0)
    if now < level:
        now, level = -now, -level
    beyond = _OVERSHOOT * math.sqrt(2.0 * process.reversion)
    bars = _passage(now, level) / process.reversion
    seen_bars = _passage(now, level - beyond) / process.reversion + _OVERSHOOT_VARIANCE
    return ExitTime(level=exit_level, bars=bars, seen_bars=seen_bars)


def expected_exit(process: OrnsteinUhlenbeck, spread: FloatArray, params: PairParams) -> ExitTime:
    """`exit_time` from the newest spread to the exit level, a z-score of the newest window, on this side of its mean.

    spread: (n,) finite.  Raises NotEnoughData, DegenerateData.
    """
    window = spread[-params.window_bars :]
    if len(window) < 2:
        raise NotEnoughData(needed=2, got=len(window))
    now, mean, deviation = float(spread[-1]), float(window.mean()), float(window.std(ddof=1))
    side = 1.0 if now >= mean else -1.0
    level = mean + side * params.exit_zscore * deviation
    if side * (now - level) <= 0:
        return ExitTime(level=level, bars=0.0, seen_bars=0.0)
    return exit_time(process, now, level)


_FURTHEST_BEYOND = -25.0  # deviations beyond the mean: some 1e135 relaxation times away


def _passage(start: float, level: float) -> float:
    """Expected time from start down to level < start, in deviations from the mean and units of 1 / reversion."""
    from scipy.integrate import quad
    from scipy.special import erfcx

    if level < _FURTHEST_BEYOND:
        raise DegenerateData("the exit level lies so far beyond the mean that the spread is not expected to get there")

    def waiting(t: float) -> float:  # u = sinh t: a start many deviations away costs no more than a near one
        return float(erfcx(math.sinh(t) / math.sqrt(2.0))) * math.cosh(t)

    integral, _ = quad(waiting, math.asinh(level), math.asinh(start), epsabs=0.0, epsrel=1e-11, limit=200)
    return math.sqrt(math.pi / 2.0) * float(integral)
