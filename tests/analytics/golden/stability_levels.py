"""How often `stability` tells of a change where there is none: what the thresholds in it rest on.

    python -m tests.analytics.golden.stability_levels        (about four minutes on one core)

Pairs: y = 1.5 x + s with x a random walk of standard normal steps and s a stationary AR(1) of standard normal shocks
whose deviations halve in h bars ("y follows"), or x = (y - s) / 1.5 with y the walk ("x follows"), or s a random walk
of its own ("walks": no relation at all); with "noise" white noise of twice the shocks' deviation is added to y, as
bounce between bid and ask does. Each row: the share of pairs where a change is told, and of those where the CUSUM of
the residual leaves its bound.
"""

from __future__ import annotations

import math
import sys

import numpy as np
from scipy.signal import lfilter

from analytics.market import FloatArray
from analytics.stability import stability

HALF_LIVES = (3.0, 6.0, 10.0, 20.0, 30.0, 60.0, math.inf)
LENGTHS = ((300, 2_000), (600, 1_500), (1_500, 1_000), (3_600, 500))
SEED = 20_250_302


def deviations(rng: np.random.Generator, n: int, half_life_bars: float) -> FloatArray:
    """A stationary AR(1), or a random walk for an infinite half-life."""
    keep = 0.5 ** (1 / half_life_bars)
    shocks = rng.standard_normal(n)
    if keep < 1.0:
        shocks[0] /= math.sqrt(1 - keep * keep)
    return np.asarray(lfilter([1.0], [1.0, -keep], shocks), np.float64)


def pair(rng: np.random.Generator, n: int, half_life_bars: float, kind: str) -> tuple[FloatArray, FloatArray]:
    """y and x of one of the kinds above."""
    walk, s = rng.standard_normal(n).cumsum(), deviations(rng, n, half_life_bars)
    if kind == "x follows":
        return 1.5 * walk, walk - s / 1.5
    return 1.5 * walk + s + (2 * rng.standard_normal(n) if kind == "noise" else 0.0), walk


def shares(n: int, half_life_bars: float, kind: str, pairs: int, seed: int) -> tuple[float, float]:
    """Share of pairs with a change, and of pairs whose CUSUM leaves the bound."""
    rng = np.random.default_rng([seed, n, len(kind)])
    time_ms = np.arange(n)
    changed = outside = 0
    for _ in range(pairs):
        found = stability(time_ms, *pair(rng, n, half_life_bars, kind))
        changed += found.changed_at_ms is not None
        outside += found.statistic > found.critical_value
    return changed / pairs, outside / pairs


def main() -> None:
    """Print a row for each setting."""
    for n, pairs in LENGTHS:
        for half_life_bars in HALF_LIVES:
            for kind in ("y follows", "x follows", "noise"):
                changed, outside = shares(n, half_life_bars, kind, pairs, SEED)
                sys.stdout.write(f"{n:5} {half_life_bars:5.0f} {kind:10} {changed:.3f} {outside:.3f}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
