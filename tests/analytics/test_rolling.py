"""Rolling z-score and correlation: the past alone, exactly; pandas and plain numpy as independent references."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from analytics.correlation import rolling_correlation, rolling_return_correlation
from analytics.errors import BadInput, DegenerateData
from analytics.market import FloatArray
from analytics.zscore import zscore
from tests.analytics.markets import law, random_walks

SEEDS = st.integers(0, 2**32 - 1)
WINDOWS = st.integers(2, 40)
SIZES = st.integers(0, 120)


def coarse_walk(seed: int, n: int) -> FloatArray:
    """A walk on coarse ticks that often stands still."""
    rng = np.random.default_rng(seed)
    return np.round(100 + (rng.normal(0, 1, n) * (rng.random(n) < 0.4)).cumsum(), 0)


def literal(statistic: Callable[[slice], float], n: int, window: int) -> FloatArray:
    """Window by window, two passes each, from the second value on."""
    values = np.full(n, np.nan)
    for i in range(1, n):
        values[i] = statistic(slice(max(0, i - window + 1), i + 1))
    return values


def literal_zscore(spread: FloatArray, window: int) -> FloatArray:
    def one(inside: slice) -> float:
        part = spread[inside]
        return (part[-1] - part.mean()) / part.std(ddof=1) if np.ptp(part) > 0 else np.nan

    return literal(one, len(spread), window)


def literal_correlation(y: FloatArray, x: FloatArray, window: int) -> FloatArray:
    def one(inside: slice) -> float:
        moving = np.ptp(y[inside]) > 0 and np.ptp(x[inside]) > 0
        return np.corrcoef(y[inside], x[inside])[0, 1] if moving else np.nan

    return literal(one, len(y), window)


@law
@given(SEEDS, SIZES, WINDOWS)
def test_zscore_is_what_a_literal_reading_says(seed: int, n: int, window: int) -> None:
    for spread in (coarse_walk(seed, n), random_walks(seed, n)[0] - 100):
        assert_allclose(zscore(spread, window), literal_zscore(spread, window), rtol=1e-9, atol=1e-12)


@law
@given(SEEDS, SIZES, WINDOWS)
def test_correlation_is_what_a_literal_reading_says(seed: int, n: int, window: int) -> None:
    for y, x in ((coarse_walk(seed, n), coarse_walk(seed + 1, n)), random_walks(seed, n)):
        assert_allclose(rolling_correlation(y, x, window), literal_correlation(y, x, window), atol=1e-9)


@pytest.mark.parametrize("window", [5, 60, 300])
def test_both_equal_pandas(window: int) -> None:
    y, x = (walk - 100 for walk in random_walks(4, 2_000))
    rolling = pd.Series(y).rolling(window, min_periods=2)
    assert_allclose(zscore(y, window), (pd.Series(y) - rolling.mean()) / rolling.std(), atol=1e-8)
    assert_allclose(rolling_correlation(y, x, window), rolling.corr(pd.Series(x)), atol=1e-8)
    prices = np.exp(y / 10), np.exp(x / 10)
    returns = [pd.Series(np.log(leg)).diff() for leg in prices]
    expected = returns[0].rolling(window, min_periods=2).corr(returns[1])
    assert_allclose(rolling_return_correlation(*prices, window), expected, atol=1e-8)


@law
@given(SEEDS, SIZES, WINDOWS, st.integers(0, 120))
def test_a_longer_series_never_changes_an_earlier_value(seed: int, n: int, window: int, cut: int) -> None:
    y, x = random_walks(seed, n)
    assert_array_equal(zscore(y, window)[:cut], zscore(y[:cut], window))
    whole, early = rolling_correlation(y, x, window), rolling_correlation(y[:cut], x[:cut], window)
    assert_array_equal(whole[:cut], early)
    whole, early = rolling_return_correlation(y, x, window), rolling_return_correlation(y[:cut], x[:cut], window)
    assert_array_equal(whole[:cut], early)


@law
@given(SEEDS, WINDOWS)
def test_values_that_left_the_window_are_forgotten(seed: int, window: int) -> None:
    y, x = random_walks(seed, 100)
    shocked = y.copy()
    shocked[:30] *= 1_000
    clear = 29 + window
    assert_allclose(zscore(shocked, window)[clear:], zscore(y, window)[clear:], rtol=1e-9, atol=1e-12)
    assert_allclose(
        rolling_correlation(shocked, x, window)[clear:], rolling_correlation(y, x, window)[clear:], atol=1e-9
    )


@pytest.mark.parametrize("window", [2, 7, 13])
def test_a_spike_anywhere_costs_no_digits_while_it_is_seen_and_none_after(window: int) -> None:
    """Also where it is the value that a whole block is measured from."""
    y, x = (walk - 100 for walk in random_walks(6, 45))
    for at in range(45):
        spiked = y.copy()
        spiked[at] += 1e7
        assert_allclose(zscore(spiked, window), literal_zscore(spiked, window), rtol=1e-7, atol=1e-9)
        assert_allclose(rolling_correlation(spiked, x, window), literal_correlation(spiked, x, window), atol=1e-8)
        assert_allclose(zscore(spiked, window)[at + window :], zscore(y, window)[at + window :], rtol=1e-11, atol=1e-13)


@law
@given(SEEDS, WINDOWS, st.sampled_from([1e-8, -1.0, 7.0, -1e6]), st.sampled_from([0.0, -3.0, 1e3]))
def test_shift_and_scale_change_nothing_but_the_sign(seed: int, window: int, scale: float, shift: float) -> None:
    y, x = random_walks(seed, 90)
    sign = np.sign(scale)
    moved = scale * (y + shift)
    assert_allclose(zscore(moved, window), sign * zscore(y, window), rtol=1e-6, atol=1e-8)
    assert_allclose(
        rolling_correlation(moved, x, window), sign * rolling_correlation(y, x, window), rtol=1e-6, atol=1e-8
    )


@law
@given(SEEDS, WINDOWS)
def test_zscore_stays_inside_its_bound_and_correlation_inside_one(seed: int, window: int) -> None:
    spike = coarse_walk(seed, 90)
    spike[50] += 1e6
    bound = (window - 1) / np.sqrt(window)
    assert np.nanmax(np.abs(zscore(spike, window))) <= bound * (1 + 1e-12)
    assert zscore(spike, window)[50] == pytest.approx(bound, rel=1e-3)
    y, x = random_walks(seed, 90)
    for other in (x, spike, y, -2 * y):
        assert np.nanmax(np.abs(rolling_correlation(y, other, window))) <= 1.0


@law
@given(SEEDS, WINDOWS)
def test_correlation_is_symmetric_and_one_with_itself(seed: int, window: int) -> None:
    y, x = random_walks(seed, 90)
    assert_allclose(rolling_correlation(y, x, window), rolling_correlation(x, y, window), atol=1e-12)
    assert_allclose(rolling_correlation(y, 3 * y + 1, window)[1:], 1.0, atol=1e-9)


def test_unrelated_walks_correlate_in_levels_and_not_in_returns() -> None:
    """What the definition warns of: four windows of ten beyond 0.5, by chance alone."""
    levels, returns = [], []
    for seed in range(600):
        y, x = random_walks(seed, 300)
        levels.append(rolling_correlation(y, x, 300)[-1])
        returns.append(rolling_return_correlation(y, x, 300)[-1])
    assert (np.abs(levels) > 0.5).mean() == pytest.approx(0.39, abs=0.06)
    assert np.std(returns) == pytest.approx(1 / np.sqrt(299), rel=0.1)


@pytest.mark.parametrize("level", [0.0, 0.1, 1e6, 1e-8])
def test_a_window_that_stands_still_has_no_score(level: float) -> None:
    still = np.full(50, level)
    assert np.isnan(zscore(still, 7)).all()
    assert np.isnan(rolling_correlation(still, np.arange(50.0), 7)).all()
    moves = still.copy()
    moves[:10] += np.arange(10.0, 0.0, -1.0) * max(level, 1.0)
    assert np.isfinite(zscore(moves, 7)[1:16]).all()
    assert np.isnan(zscore(moves, 7)[16:]).all()


def test_a_million_values_do_not_drift() -> None:
    y, x = random_walks(9, 1_000_000)
    z, r = zscore(y, 300), rolling_correlation(y, x, 300)
    for i in (1_000, 500_003, 999_999):
        inside = slice(i - 299, i + 1)
        part = y[inside] - y[i]
        assert z[i] == pytest.approx(-part.mean() / part.std(ddof=1), abs=1e-11)
        assert r[i] == pytest.approx(np.corrcoef(part, x[inside])[0, 1], abs=1e-11)


def test_a_high_level_costs_no_digits() -> None:
    """Quarter steps are exact at both levels, so only the method can lose anything."""
    steps = np.random.default_rng(2).integers(-4, 5, 1_000).cumsum() / 4
    assert_allclose(zscore(steps + 2**40, 60), zscore(steps, 60), rtol=1e-11, atol=1e-13)


def test_returns_need_positive_prices() -> None:
    with pytest.raises(DegenerateData, match="no log return"):
        rolling_return_correlation(np.array([1.0, 0.0]), np.array([1.0, 2.0]), 2)


def test_a_window_of_one_is_refused() -> None:
    with pytest.raises(BadInput, match="at least 2 bars"):
        zscore(np.arange(5.0), 1)
    with pytest.raises(BadInput, match="at least 2 bars"):
        rolling_correlation(np.arange(5.0), np.arange(5.0), 1)
