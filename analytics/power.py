"""How often Engle-Granger finds a relation that is there, by how fast it reverts and how long the sample is."""

from __future__ import annotations

import math
from bisect import bisect_right

from analytics.definition import Definition
from analytics.errors import BadInput, NotEnoughData

MINIMUM_BARS = 100
USUAL_POWER = 0.8

# Share of simulated pairs with p < 0.05: a row for each length of the sample in bars, a column for each number of
# half-lives in it. 4 000 pairs a cell up to 1 000 bars, 2 000 above, so that a cell is right to 0.02 (95 %). Made by
# tests/analytics/golden/power_table.py.
HALF_LIVES = (2.5, 5.0, 7.5, 10.0, 15.0, 20.0, 25.0, 30.0, 36.0, 45.0, 60.0, 90.0)
FOUND = {
    100: (0.094, 0.107, 0.142, 0.194, 0.295, 0.409, 0.536, 0.669, 0.790, 0.889, 0.944, 0.966),
    200: (0.075, 0.098, 0.129, 0.167, 0.263, 0.403, 0.555, 0.691, 0.809, 0.921, 0.976, 0.987),
    300: (0.073, 0.084, 0.124, 0.154, 0.262, 0.375, 0.533, 0.676, 0.821, 0.941, 0.986, 0.996),
    500: (0.062, 0.081, 0.107, 0.144, 0.246, 0.378, 0.545, 0.695, 0.837, 0.945, 0.990, 0.998),
    1000: (0.065, 0.074, 0.108, 0.139, 0.251, 0.387, 0.533, 0.696, 0.846, 0.960, 0.996, 1.000),
    2000: (0.059, 0.072, 0.105, 0.150, 0.243, 0.369, 0.544, 0.687, 0.868, 0.956, 1.000, 1.000),
    3600: (0.059, 0.071, 0.091, 0.146, 0.229, 0.376, 0.537, 0.688, 0.867, 0.971, 1.000, 1.000),
}

POWER = Definition(
    name="Power of the test",
    line="How often the test would find a real relation that reverts this fast in a sample of this length.",
    formula="Share of simulated pairs with Engle-Granger p < 0.05, linear between the cells of a table.",
    conventions=(
        "y = 1.5 x + s; x a random walk, s a stationary AR(1), both with standard normal shocks; 100 to 3 600 bars, "
        "2.5 to 90 half-lives a sample, beyond which the nearest cell holds. What counts is half-lives in the sample: "
        "10 give 0.15, 20 give 0.38, 34 give 0.8, at any length."
    ),
    source="Own simulation, `tests/analytics/golden/power_table.py`; seeded.",
    checked_against="A second simulation with other seeds, between the cells too, to 0.05.",
    limits=(
        "It takes the half-life as known. The one that a sample shows is biased towards fast: unrelated walks of n "
        "bars show some n / 11."
    ),
)


def power(half_life_bars: float, observations: int) -> float:
    """Share of real relations of this half-life that Engle-Granger at 5 % finds in so many bars, right to 0.03.

    half_life_bars: > 0.  observations: >= 100; the table ends at 3 600 bars, from where on only the number of
    half-lives counts.  Raises NotEnoughData; BadInput for a half-life that is not positive.

    >>> round(power(30, 300), 2), round(power(30, 1000), 2), round(power(30, 3600), 2)
    (0.15, 0.78, 1.0)
    """
    if not half_life_bars > 0.0:
        raise BadInput(f"a half-life is longer than 0 bars, not {half_life_bars}")
    return _between(observations / half_life_bars, HALF_LIVES, _row(observations))


def detectable_half_life(observations: int, power: float = USUAL_POWER) -> float:
    """The longest half-life, in bars, that is found with this power (0.2 to 0.95) in so many bars (>= 100).

    Raises NotEnoughData; BadInput for another power.

    >>> round(detectable_half_life(300), 1), round(detectable_half_life(3600), 1)
    (8.5, 106.7)
    """
    if not 0.2 <= power <= 0.95:
        raise BadInput(f"the table tells half-lives for a power of 0.2 to 0.95, not {power}")
    return observations / _between(power, _row(observations), HALF_LIVES)


def observations_needed(half_life_bars: float, power: float = USUAL_POWER) -> int:
    """Bars (at least 100) in which a relation of this half-life is found with this power.

    Raises BadInput as `power` and `detectable_half_life` do.

    >>> observations_needed(27), observations_needed(1)
    (924, 100)
    """
    if not half_life_bars > 0.0:
        raise BadInput(f"a half-life is longer than 0 bars, not {half_life_bars}")
    bars = MINIMUM_BARS
    for _ in range(8):  # the number of half-lives needed hardly depends on the length, so this settles at once
        bars = max(math.ceil(half_life_bars * bars / detectable_half_life(bars, power)), MINIMUM_BARS)
    return bars


def _row(observations: int) -> tuple[float, ...]:
    """The table's row for this length, between two lengths on the scale of logarithms."""
    if observations < MINIMUM_BARS:
        raise NotEnoughData(needed=MINIMUM_BARS, got=observations)
    lengths = tuple(math.log(length) for length in FOUND)
    columns = zip(*FOUND.values(), strict=True)
    return tuple(_between(math.log(observations), lengths, column) for column in columns)


def _between(at: float, grid: tuple[float, ...], values: tuple[float, ...]) -> float:
    """Linear between the points of an ascending grid, the nearest value outside."""
    right = bisect_right(grid, at)
    if right == 0 or right == len(grid):
        return values[0 if right == 0 else -1]
    low, high = grid[right - 1], grid[right]
    return values[right - 1] + (at - low) / (high - low) * (values[right] - values[right - 1])
