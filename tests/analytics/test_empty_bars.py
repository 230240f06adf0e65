"""Empty bars: the warning, and the loss of correlation that it speaks of, simulated."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analytics.empty_bars import empty_bars_warning
from analytics.market import FloatArray

TRUE = 0.8
STEPS = 20  # moments inside a bar at which a leg may trade


def closes(prices: FloatArray, trades_a_bar: float, rng: np.random.Generator) -> tuple[FloatArray, float]:
    """The price of the last trade at each bar's end, and the share of bars without a trade."""
    traded = rng.random(len(prices)) < -np.expm1(-trades_a_bar / STEPS)
    newest = np.maximum.accumulate(np.where(traded, np.arange(len(prices)), 0))
    return prices[newest][STEPS - 1 :: STEPS], 1 - traded.reshape(-1, STEPS).any(axis=1).mean()


@pytest.mark.parametrize(("empty", "seen"), [(0.007, 0.64), (0.10, 0.49), (0.135, 0.44), (0.37, 0.29)])
def test_how_much_correlation_empty_bars_cost(empty: float, seen: float) -> None:
    rng = np.random.default_rng(4)
    shared, *own = rng.normal(0, 1, (3, 30_000 * STEPS))
    prices = [(math.sqrt(TRUE) * shared + math.sqrt(1 - TRUE) * noise).cumsum() for noise in own]
    (y, y_empty), (x, x_empty) = (closes(leg, -math.log(empty), rng) for leg in prices)
    assert (y_empty, x_empty) == pytest.approx((empty, empty), rel=0.1)
    assert np.corrcoef(np.diff(y), np.diff(x))[0, 1] == pytest.approx(seen, abs=0.02)


def test_a_leg_with_more_than_a_tenth_of_empty_bars_is_named_with_its_share() -> None:
    rest = "of the bars: returns on them correlate far less than the legs do; choose longer bars."
    assert empty_bars_warning(0.37, 0.10) == f"Leg y did not trade in 37% {rest}"
    assert empty_bars_warning(0.0, 0.104) == f"Leg x did not trade in 10% {rest}"
    assert empty_bars_warning(0.82, 0.2) == f"Leg y did not trade in 82%, leg x did not trade in 20% {rest}"


def test_few_empty_bars_or_no_bars_at_all_are_no_warning() -> None:
    assert empty_bars_warning(0.10, 0.0) is None
    assert empty_bars_warning(None, None) is None
