"""Rolling Spearman: scipy window by window, exact laws of ranks, and the past alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from analytics.correlation import rolling_correlation
from analytics.errors import BadInput, DegenerateData, NotEstimable
from analytics.market import FloatArray
from analytics.rank_correlation import rolling_rank_correlation, rolling_return_rank_correlation
from tests.analytics.markets import law, random_walks

SEEDS = st.integers(0, 2**32 - 1)
WINDOWS = st.integers(2, 90)


def coarse_pair(seed: int, n: int) -> tuple[FloatArray, FloatArray]:
    """Two walks on coarse ticks that often stand still: many ties."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 1, (2, n)) * (rng.random((2, n)) < 0.4)
    return np.round(100 + steps[0].cumsum()), np.round(50 + steps[1].cumsum())


def by_scipy(y: FloatArray, x: FloatArray, window: int) -> FloatArray:
    values = np.full(len(y), np.nan)
    for row in range(1, len(y)):
        inside = slice(max(row - window + 1, 0), row + 1)
        if np.ptp(y[inside]) > 0 and np.ptp(x[inside]) > 0:
            values[row] = stats.spearmanr(y[inside], x[inside]).statistic
    return values


@pytest.mark.parametrize(("n", "window"), [(1, 5), (2, 2), (150, 2), (150, 7), (150, 64), (200, 150), (90, 500)])
def test_it_is_scipy_spearmanr_of_each_window(n: int, window: int) -> None:
    for y, x in (random_walks(7, n), coarse_pair(7, n)):
        assert_allclose(rolling_rank_correlation(y, x, window), by_scipy(y, x, window), rtol=0, atol=1e-10)


@pytest.mark.parametrize("window", [20, 300])
def test_of_returns_it_is_scipy_spearmanr_of_log_returns(window: int) -> None:
    y, x = coarse_pair(3, 400)
    returns = by_scipy(np.log1p(np.diff(y) / y[:-1]), np.log1p(np.diff(x) / x[:-1]), window)
    mine = rolling_return_rank_correlation(y, x, window)
    assert_allclose(mine, np.concatenate(([np.nan], returns)), rtol=0, atol=1e-10)


def test_long_windows_and_many_rows_agree_too() -> None:
    y, x = coarse_pair(5, 33_000)
    mine = rolling_rank_correlation(y, x, 900)
    for row in (1, 63, 64, 899, 900, 20_000, 32_766, 32_767, 32_999):
        inside = slice(max(row - 899, 0), row + 1)
        assert mine[row] == pytest.approx(stats.spearmanr(y[inside], x[inside]).statistic, abs=1e-10)


@law
@given(SEEDS, st.integers(0, 200), WINDOWS, st.integers(0, 200))
def test_a_longer_series_never_changes_an_earlier_value(seed: int, n: int, window: int, cut: int) -> None:
    for y, x in (random_walks(seed, n), coarse_pair(seed, n)):
        whole, early = (rolling_rank_correlation(y[:end], x[:end], window) for end in (n, min(cut, n)))
        assert_array_equal(whole[:cut], early)
        whole, early = (rolling_return_rank_correlation(y[:end], x[:end], window) for end in (n, min(cut, n)))
        assert_array_equal(whole[:cut], early)


@law
@given(SEEDS, WINDOWS)
def test_only_the_order_counts(seed: int, window: int) -> None:
    """Any rising change of a leg changes nothing, to the last bit; a falling one changes the sign."""
    y, x = coarse_pair(seed, 120)
    plain = rolling_rank_correlation(y, x, window)
    assert_array_equal(rolling_rank_correlation(y**3 * 1e-8, np.exp(x / 50), window), plain)
    assert_array_equal(rolling_rank_correlation(-y, x, window), -plain)
    assert_array_equal(rolling_rank_correlation(x, y, window), plain)
    assert_array_equal(rolling_rank_correlation(y, y, window)[~np.isnan(plain)], 1.0)


@law
@given(SEEDS, WINDOWS)
def test_it_stays_inside_one_and_is_missing_where_pearson_is(seed: int, window: int) -> None:
    y, x = coarse_pair(seed, 120)
    mine = rolling_rank_correlation(y, x, window)
    assert_array_equal(np.isnan(mine), np.isnan(rolling_correlation(y, x, window)))
    assert not (np.abs(mine) > 1).any()


def test_one_wild_bar_cannot_decide() -> None:
    y = np.arange(100.0)
    x = y[::-1].copy()
    y[50] = x[50] = 1e9
    assert rolling_correlation(y, x, 100)[-1] > 0.99
    assert rolling_rank_correlation(y, x, 100)[-1] < -0.9


def test_input_that_cannot_be_used_is_refused() -> None:
    y, x = random_walks(1, 10)
    with pytest.raises(BadInput, match="at least 2 bars, not 1"):
        rolling_rank_correlation(y, x, 1)
    with pytest.raises(DegenerateData, match="not a finite number"):
        rolling_rank_correlation(np.append(y, np.nan), np.append(x, 1.0), 3)
    with pytest.raises(DegenerateData, match="no log return"):
        rolling_return_rank_correlation(y, x - x[0], 3)
    long = np.arange(40_000.0)
    with pytest.raises(NotEstimable, match="40000 rows in windows of 4000 bars would take too long"):
        rolling_rank_correlation(long, long, 4_000)
    assert rolling_rank_correlation(np.empty(0), np.empty(0), 5).size == 0
    assert rolling_return_rank_correlation(np.empty(0), np.empty(0), 5).size == 0
