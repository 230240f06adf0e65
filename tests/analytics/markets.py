"""Seeded markets and hypothesis strategies that the tests of the core share."""

from __future__ import annotations

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from analytics.market import FloatArray, Ticks

law = settings(deadline=None, max_examples=80)


@st.composite
def trades(draw: st.DrawFn, *, max_size: int = 60, min_size: int = 0, span_ms: int = 8_000) -> Ticks:
    """Trades with clustered times that now and then run backwards against the ids, and with holes in the ids."""
    n = draw(st.integers(min_size, max_size))
    seed = draw(st.integers(0, 2**32 - 1))
    disorder_ms = draw(st.sampled_from([0, 0, 3, 2_000]))
    rng = np.random.default_rng(seed)
    times = np.sort(rng.integers(0, span_ms, n)) + rng.integers(0, disorder_ms + 1, n)
    return Ticks(
        trade_id=np.cumsum(rng.integers(1, 4, n)),
        time_ms=1_700_000_000_000 + times,
        price=np.round(100 + rng.normal(0, 1, n).cumsum() * 0.5, 1),
        quantity=np.round(rng.uniform(0.001, 5, n), 3),
        buyer_is_maker=rng.random(n) < 0.5,
    )


def random_walks(seed: int, n: int) -> tuple[FloatArray, FloatArray]:
    """Two independent random walks around 100: no relation at all."""
    steps = np.random.default_rng(seed).normal(0, 0.1, (2, n)).cumsum(axis=1)
    return 100 + steps[0], 100 + steps[1]


def reverting_noise(seed: int, n: int, half_life_bars: float, step: float = 1.0) -> FloatArray:
    """A stationary AR(1) whose deviations halve in `half_life_bars`."""
    keep = 0.5 ** (1 / half_life_bars)
    shocks = np.random.default_rng(seed).normal(0, step, n)
    values = np.empty(n)
    value = shocks[0] / np.sqrt(1 - keep * keep)
    for i in range(n):
        value = keep * value + shocks[i]
        values[i] = value
    return values


def bound_pair(seed: int, n: int, *, slope: float = 1.5, half_life_bars: float = 10.0) -> tuple[FloatArray, FloatArray]:
    """A pair that is cointegrated by construction: y = 10 + slope x + a reverting spread."""
    x = 100 + np.random.default_rng([seed, 1]).normal(0, 0.1, n).cumsum()
    return 10 + slope * x + reverting_noise(seed, n, half_life_bars, 0.1), x
