"""Seeded series that try a unit-root test: what markets do, and what costs arithmetic its digits."""

from __future__ import annotations

import numpy as np

from analytics.market import FloatArray


def autoregressive(shocks: FloatArray, kept: float) -> FloatArray:
    values = np.empty_like(shocks)
    value = 0.0
    for i, shock in enumerate(shocks):
        value = kept * value + shock
        values[i] = value
    return values


def clustered(shocks: FloatArray) -> FloatArray:
    """Steps whose volatility comes in clusters (GARCH .10, .88)."""
    steps = np.empty_like(shocks)
    variance = 1.0
    for i, shock in enumerate(shocks):
        steps[i] = np.sqrt(variance) * shock
        variance = 0.02 + 0.10 * steps[i] ** 2 + 0.88 * variance
    return steps


def market_series(seed: int, n: int) -> dict[str, FloatArray]:
    """Walks, reverting spreads, bounce between bid and ask, clusters, fat tails, coarse ticks, extreme prices."""
    rng = np.random.default_rng([seed, n])
    shocks = rng.normal(0, 1, n)
    walk = shocks.cumsum()
    return {
        "walk": walk,
        "walk at 60 000": 60_000 + walk / 10,
        "price 1e-8": 1e-8 * (100 + walk / 10),
        "price 1e6, steps 1e-6": 1e6 + walk * 1e-6,
        "coarse ticks": np.round(100 + walk / 3),
        "mostly still": (shocks * (rng.random(n) < 0.15)).cumsum(),
        "bounce q = 1": walk + rng.normal(0, 1, n),
        "bounce q = 4": walk + 4 * rng.normal(0, 1, n),
        "reverts in 1 bar": autoregressive(shocks, 0.5),
        "reverts in 10 bars": autoregressive(shocks, 0.5**0.1),
        "reverts in 100 bars": autoregressive(shocks, 0.5**0.01),
        "clusters": clustered(shocks).cumsum(),
        "Student t3": rng.standard_t(3, n).cumsum(),
        "Cauchy": rng.standard_cauchy(n).cumsum(),
        "drift": walk + 0.5 * np.arange(n),
        "runs on": autoregressive(shocks, 0.9).cumsum(),
    }


def hostile_series(seed: int, n: int) -> dict[str, FloatArray]:
    """Regressors that nearly repeat each other, or one value that outweighs all others."""
    rng = np.random.default_rng([seed, n, 1])
    shocks = rng.normal(0, 1, n)
    walk = shocks.cumsum()
    at = np.arange(n)
    jump, spike, first = walk.copy(), walk.copy(), walk.copy()
    jump[5:] += 1e6
    spike[n // 2] += 1e6
    first[3] += 1e8
    return {
        "nearly a moving average with a unit root": walk + 20 * rng.normal(0, 1, n),
        "alternating": autoregressive(shocks, -0.9),
        "steps nearly a walk": autoregressive(shocks, 0.999).cumsum(),
        "steps a walk": walk.cumsum(),
        "steps of steps a walk": walk.cumsum().cumsum(),
        "strong drift": walk + 1e4 * at,
        "swing and some noise": np.sin(at / 9) + 0.1 * shocks,
        "swing and little noise": np.sin(at / 9) + 1e-3 * shocks,
        "season": 10 * np.tile(rng.normal(0, 1, 12), n // 12 + 1)[:n] + walk / 100,
        "jump near the start": jump,
        "spike": spike,
        "spike near the start": first,
    }
