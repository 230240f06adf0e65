"""Makes the table in `analytics/power.py`: how often Engle-Granger finds a relation that is there.

    python -m tests.analytics.golden.power_table        (about ten minutes on one core)

Each cell: seeded pairs x = a random walk with standard normal steps, y = 1.5 x + s, s a stationary AR(1) with standard
normal shocks whose deviations halve in `observations / half_lives` bars; the share of them with p < 0.05.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy.signal import lfilter

from analytics.cointegration import engle_granger
from analytics.market import FloatArray

OBSERVATIONS = (100, 200, 300, 500, 1000, 2000, 3600)
HALF_LIVES = (2.5, 5, 7.5, 10, 15, 20, 25, 30, 36, 45, 60, 90)
SEED = 20_250_301


def reverting_pair(rng: np.random.Generator, observations: int, half_life_bars: float) -> tuple[FloatArray, FloatArray]:
    """y and x, cointegrated by construction."""
    keep = 0.5 ** (1 / half_life_bars)
    shocks = rng.standard_normal(observations)
    shocks[0] /= np.sqrt(1 - keep * keep)  # stationary from the first bar on
    x = rng.standard_normal(observations).cumsum()
    return 1.5 * x + lfilter([1.0], [1.0, -keep], shocks), x


def found_share(observations: int, half_life_bars: float, pairs: int, seed: int) -> float:
    """Share of pairs that the test calls cointegrated at 5 %."""
    rng = np.random.default_rng([seed, observations, round(1000 * half_life_bars)])
    found = 0
    for _ in range(pairs):
        found += engle_granger(*reverting_pair(rng, observations, half_life_bars)).pvalue < 0.05
    return found / pairs


def main() -> None:
    """Print the rows of the table."""
    for observations in OBSERVATIONS:
        pairs = 4_000 if observations <= 1000 else 2_000
        row = [found_share(observations, observations / half_lives, pairs, SEED) for half_lives in HALF_LIVES]
        sys.stdout.write(f"    {observations}: ({', '.join(f'{share:.3f}' for share in row)}),\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
