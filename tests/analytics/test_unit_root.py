"""Dickey-Fuller and Engle-Granger against statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from statsmodels.tsa.stattools import adfuller, coint

from analytics.cointegration import engle_granger
from analytics.errors import DegenerateData, NotEnoughData
from analytics.hedge import ols_hedge_ratio
from analytics.market import FloatArray
from analytics.spread import spread
from analytics.unit_root import adf_test
from tests.analytics.markets import bound_pair, law, random_walks, reverting_noise

SEEDS = st.integers(0, 2**32 - 1)
SIZES = [30, 31, 47, 100, 300, 1_000]


def assert_equals_adfuller(series: FloatArray, tolerance: float = 1e-10) -> None:
    mine, theirs = adf_test(series), adfuller(series, result_object=True)
    assert (mine.lags, mine.observations) == (theirs.lags, theirs.nobs)
    assert mine.statistic == pytest.approx(theirs.statistic, abs=tolerance)
    assert mine.pvalue == pytest.approx(theirs.pvalue, abs=tolerance)
    assert mine.critical_values == pytest.approx(theirs.critical_values, abs=1e-12)


def assert_equals_coint(y: FloatArray, x: FloatArray, tolerance: float = 1e-10) -> None:
    """The reference sees centred legs: it is the same test, without what its own solver loses on raw price levels."""
    mine = engle_granger(y, x)
    statistic, pvalue, critical_values = coint(y - y.mean(), x - x.mean())
    assert mine.statistic == pytest.approx(statistic, abs=tolerance)
    assert mine.pvalue == pytest.approx(pvalue, abs=tolerance)
    assert_allclose(list(mine.critical_values.values()), critical_values, atol=1e-12)
    assert mine.observations == len(y)


def long_memory_of_shocks(seed: int, n: int) -> FloatArray:
    """A walk whose steps echo 12 bars later: the best order is long."""
    shocks = np.random.default_rng(seed).normal(0, 1, n + 12)
    steps = shocks[12:] + 0.7 * shocks[:-12]
    return np.cumsum(steps) + 50


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("seed", range(3))
def test_adf_equals_statsmodels(n: int, seed: int) -> None:
    assert_equals_adfuller(random_walks(seed, n)[0])
    assert_equals_adfuller(reverting_noise(seed, n, 5.0))


@pytest.mark.parametrize("level", [1e-5, 1.0, 6e4])
def test_adf_equals_statsmodels_at_raw_prices_and_long_lags(level: float) -> None:
    series = long_memory_of_shocks(3, 900)
    assert_equals_adfuller(series, 1e-9)
    assert adf_test(series).lags >= 12
    price = random_walks(5, 600)[0] / 100 * level
    assert_equals_adfuller(price, 1e-9)
    coarse = np.round(price / level, 3)  # ten or so distinct prices
    assert_equals_adfuller(coarse, 1e-9)


def test_a_high_level_costs_no_digits() -> None:
    """Quarter steps are exact at both levels, so only the method can lose anything."""
    steps = np.random.default_rng(2).integers(-4, 5, 400).cumsum() / 4
    assert adf_test(steps + 2**40).statistic == pytest.approx(adf_test(steps).statistic, abs=1e-9)
    far_y, far_x = steps + 2**40, steps[::-1] - 2**40
    assert engle_granger(far_y, far_x).statistic == pytest.approx(engle_granger(steps, steps[::-1]).statistic, abs=1e-9)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("seed", range(3))
def test_engle_granger_equals_statsmodels(n: int, seed: int) -> None:
    assert_equals_coint(*random_walks(seed, n))
    assert_equals_coint(*bound_pair(seed, n))


@pytest.mark.parametrize(("y_level", "x_level"), [(6e4, 1e-5), (1e-5, 6e4), (1.0, 1.0)])
def test_engle_granger_equals_statsmodels_at_raw_prices_and_coarse_ticks(y_level: float, x_level: float) -> None:
    y, x = bound_pair(11, 800)
    assert_equals_coint(y / 100 * y_level, x / 100 * x_level, 1e-9)
    assert_equals_coint(np.round(y, 1) * y_level, np.round(x, 1) * x_level, 1e-9)
    assert_allclose(engle_granger(y, x).statistic, coint(y, x)[0], atol=1e-8)  # raw levels on both sides


def test_engle_granger_is_dickey_fuller_without_a_constant_on_the_residual() -> None:
    y, x = random_walks(8, 400)
    residual = spread(y, x, ols_hedge_ratio(y, x))
    theirs = adfuller(residual, regression="n", result_object=True)
    mine = engle_granger(y, x)
    assert mine.lags == theirs.lags
    assert mine.statistic == pytest.approx(theirs.statistic, abs=1e-10)
    assert mine.pvalue > theirs.pvalue  # the tables for N = 2 allow for the fit


@law
@given(SEEDS, st.sampled_from([1e-7, 3.0, 1e5]), st.sampled_from([1e-7, 3.0, 1e5]))
def test_units_of_price_do_not_change_the_evidence(seed: int, y_unit: float, x_unit: float) -> None:
    y, x = bound_pair(seed, 120)
    plain, scaled = engle_granger(y, x), engle_granger(y * y_unit, x * x_unit)
    assert scaled.lags == plain.lags
    assert scaled.statistic == pytest.approx(plain.statistic, abs=1e-7)
    plain_adf, scaled_adf = adf_test(y), adf_test(y * y_unit + 10 * y_unit)
    assert scaled_adf.lags == plain_adf.lags
    assert scaled_adf.statistic == pytest.approx(plain_adf.statistic, abs=1e-7)


def test_lines_that_are_almost_one_are_refused_where_statsmodels_answers_minus_infinity() -> None:
    _, x = random_walks(1, 300)
    noise = np.random.default_rng(1).normal(0, 1, 300) * x.std()
    for share, refused in ((0.9e-6, True), (2.5e-6, False)):
        y = 2 * (x + math.sqrt(share) * noise)
        if refused:
            with pytest.raises(DegenerateData, match="almost one line"):
                engle_granger(y, x)
        else:
            assert math.isfinite(engle_granger(y, x).statistic)


def test_without_an_intercept_there_is_no_engle_granger() -> None:
    with pytest.raises(DegenerateData, match="needs the intercept"):
        engle_granger(*random_walks(1, 300), include_intercept=False)


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        (np.full(100, 0.1), "does not move"),
        (np.arange(100.0), "repeats itself"),
        (np.tile([1.0, 2.0], 50), "repeats itself"),
        (np.array([1.0] * 99 + [2.0]), "repeats itself"),
        (np.array([1.0] * 99 + [np.nan]), "not a finite number"),
    ],
)
def test_a_series_without_chance_in_it_is_refused(series: FloatArray, reason: str) -> None:
    with pytest.raises(DegenerateData, match=reason):
        adf_test(series)


def test_too_few_bars_say_how_many_are_needed() -> None:
    y, x = random_walks(1, 29)
    for ask in (lambda: adf_test(y), lambda: engle_granger(y, x)):
        with pytest.raises(NotEnoughData) as caught:
            ask()
        assert (caught.value.needed, caught.value.got) == (30, 29)


def test_size_one_unrelated_pair_in_twenty_passes_engle_granger_and_three_pass_plain_adf() -> None:
    """2000 pairs of independent walks, 300 bars: 5 to 6 % within four standard errors; plain ADF far above."""
    passed = fooled = 0
    for seed in range(2_000):
        y, x = random_walks(10_000 + seed, 300)
        passed += engle_granger(y, x).pvalue < 0.05
        fooled += adf_test(spread(y, x, ols_hedge_ratio(y, x))).pvalue < 0.05
    assert 0.035 <= passed / 2_000 <= 0.08
    assert 0.13 <= fooled / 2_000 <= 0.20


def test_size_under_bounce_the_lags_by_aic_keep_false_alarms_below_twelve_percent() -> None:
    """Noise of twice the size of a step on both legs, 1000 bars; one fixed lag would pass 60 % of these."""
    passed = 0
    for seed in range(600):
        noise = np.random.default_rng([seed, 9]).normal(0, 0.2, (2, 1_000))
        y, x = (walk + added for walk, added in zip(random_walks(seed, 1_000), noise, strict=True))
        passed += engle_granger(y, x).pvalue < 0.05
    assert 0.04 <= passed / 600 <= 0.12


def test_power_a_pair_that_reverts_within_ten_bars_is_nearly_always_found_in_a_thousand() -> None:
    found = sum(engle_granger(*bound_pair(seed, 1_000)).pvalue < 0.05 for seed in range(40))
    assert found >= 38
