"""The Theil-Sen line against scipy, and what wild prints do to it, to Huber's line and to OLS."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analytics.errors import DegenerateData, NotEnoughData
from analytics.hedge import ols_hedge_ratio
from analytics.huber import huber_hedge_ratio
from analytics.market import FloatArray
from analytics.results import Unavailable
from analytics.theil_sen import MAXIMUM_BARS, _between, _ranks, theil_sen_hedge_ratio
from tests.analytics.markets import bound_pair, law, random_walks

SEEDS = st.integers(0, 2**32 - 1)


def assert_equals_scipy(y: FloatArray, x: FloatArray) -> None:
    fit, reference = theil_sen_hedge_ratio(y, x), stats.theilslopes(y, x, 0.95, method="separate")
    assert fit.slope == pytest.approx(reference.slope, rel=1e-10, abs=1e-300)
    assert fit.intercept == pytest.approx(reference.intercept, rel=1e-10)
    assert fit.interval == pytest.approx((reference.low_slope, reference.high_slope), rel=1e-10, abs=1e-300)


@pytest.mark.parametrize("n", [10, 11, 60, 283, 284, 700])  # from 284 bars on not all slopes are kept
@pytest.mark.parametrize("decimals", [9, 2, 1, 0])
@pytest.mark.parametrize("seed", range(3))
def test_the_line_equals_scipy_also_where_prices_repeat(n: int, decimals: int, seed: int) -> None:
    y, x = (np.round(5 * leg, decimals) for leg in bound_pair(seed, n))
    assert_equals_scipy(y, x)


@pytest.mark.parametrize(("y_level", "x_level"), [(1e-8, 1e6), (6e4, 1e-5)])
def test_the_line_equals_scipy_at_any_price(y_level: float, x_level: float) -> None:
    y, x = random_walks(4, 500)
    assert_equals_scipy(y * y_level, x * x_level)
    assert_equals_scipy(np.round(y, 1) * y_level, np.round(x, 1) * x_level)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_the_line_equals_scipy_where_a_leg_seldom_trades(share: float) -> None:
    """Carried prices: most slopes between rows are exactly 0, or the same number again and again."""
    y, x = random_walks(9, 600)
    rng = np.random.default_rng(9)
    carried_y, carried_x = (np.maximum.accumulate(np.where(rng.random(600) < share, 0, np.arange(600))) for _ in "yx")
    assert_equals_scipy(y[carried_y], x)
    assert_equals_scipy(y, x[carried_x])
    assert_equals_scipy(y[carried_y], x[carried_x])


@law
@given(SEEDS, st.sampled_from([2**-20, 0.5, 2**18]), st.sampled_from([2**-20, 0.5, 2**18]))
def test_units_change_the_slope_and_nothing_else(seed: int, y_unit: float, x_unit: float) -> None:
    y, x = bound_pair(seed, 60)
    plain, scaled = theil_sen_hedge_ratio(y, x), theil_sen_hedge_ratio(y * y_unit, x * x_unit)
    assert scaled.slope == plain.slope * y_unit / x_unit  # powers of two: to the last bit
    assert isinstance(plain.interval, tuple)
    assert scaled.interval == tuple(end * y_unit / x_unit for end in plain.interval)
    assert scaled.rvalue == plain.rvalue


@law
@given(SEEDS, st.sampled_from([-90.0, 64.0, 1e4]), st.sampled_from([-90.0, 64.0, 1e4]))
def test_a_shift_of_price_changes_the_intercept_alone(seed: int, y_shift: float, x_shift: float) -> None:
    y, x = bound_pair(seed, 60)
    plain, moved = theil_sen_hedge_ratio(y, x), theil_sen_hedge_ratio(y + y_shift, x + x_shift)
    assert moved.slope == pytest.approx(plain.slope, rel=1e-8)
    assert moved.intercept == pytest.approx(plain.intercept + y_shift - plain.slope * x_shift, rel=1e-7, abs=1e-5)


@law
@given(SEEDS, st.sampled_from([60, 400]))
def test_the_order_of_bars_does_not_matter_to_the_last_bit(seed: int, n: int) -> None:
    y, x = (np.round(leg, 2) for leg in bound_pair(seed, n))
    order = np.random.default_rng(seed).permutation(n)
    one, other = theil_sen_hedge_ratio(y, x), theil_sen_hedge_ratio(y[order], x[order])
    assert (one.slope, one.intercept, one.interval) == (other.slope, other.intercept, other.interval)


@law
@given(SEEDS)
def test_half_of_the_slopes_lie_on_either_side(seed: int) -> None:
    y, x = bound_pair(seed, 300)
    fit = theil_sen_hedge_ratio(y, x)
    rising = np.subtract.outer(y - fit.slope * x, y - fit.slope * x) * np.sign(np.subtract.outer(x, x))
    above, below = np.count_nonzero(rising > 1e-12), np.count_nonzero(rising < -1e-12)
    assert abs(above - below) <= 4
    assert fit.interval[0] < fit.slope < fit.interval[1] if isinstance(fit.interval, tuple) else False


def test_a_tenth_of_wild_prints_in_either_leg_is_shrugged_off_where_others_are_carried_away() -> None:
    for seed in range(5):
        rng = np.random.default_rng([seed, 5])
        x = 100 + rng.normal(0, 1, 400)
        y = 10 + 1.5 * x + rng.normal(0, 0.1, 400)
        high = np.argsort(x)[200:]
        wild = rng.choice(high, 40, replace=False)
        for leg, huber_stands in ((y, True), (x, False)):
            kept = leg.copy()
            leg[wild] += rng.uniform(20, 40, 40)
            assert abs(theil_sen_hedge_ratio(y, x).slope - 1.5) < 0.12
            assert abs(ols_hedge_ratio(y, x).slope - 1.5) > 1
            assert (abs(huber_hedge_ratio(y, x).slope - 1.5) < 0.12) == huber_stands
            leg[:] = kept


def test_one_wild_print_may_be_as_wild_as_it_likes() -> None:
    y, x = bound_pair(3, 300)
    clean = theil_sen_hedge_ratio(y, x)
    assert isinstance(clean.interval, tuple)
    for leg in (y, x):
        kept = leg[150]
        leg[150] = 1e9
        moved = theil_sen_hedge_ratio(y, x).slope
        assert abs(moved - clean.slope) < 0.2 * (clean.interval[1] - clean.interval[0])
        assert abs(ols_hedge_ratio(y, x).slope - clean.slope) > 1
        leg[150] = kept


def test_the_interval_holds_the_slope_in_95_percent_of_independent_samples() -> None:
    rng = np.random.default_rng(11)
    inside = []
    for _ in range(800):
        x = rng.normal(0, 1, 60)
        interval = theil_sen_hedge_ratio(0.5 * x + rng.standard_t(3, 60), x).interval
        assert isinstance(interval, tuple)
        inside.append(interval[0] <= 0.5 <= interval[1])
    assert 0.93 < np.mean(inside) < 0.97


def test_bounds_that_miss_a_wanted_slope_are_noticed() -> None:
    """A sample of pairs may mislead: then no answer is made up, and the search goes on more widely."""
    y, x = bound_pair(1, 400)
    order = np.argsort(x)
    y, x = y[order], x[order]
    ranks = _ranks(x, 1_000.0)
    fit = theil_sen_hedge_ratio(y, x)
    assert _between(y, x, ranks, fit.slope + 1, fit.slope + 2) is None
    assert _between(y, x, ranks, fit.slope - 2, fit.slope - 1) is None
    assert _between(y, x, ranks, fit.slope, fit.slope + 1) is None
    found = _between(y, x, ranks, -math.inf, math.inf)
    assert found is not None
    assert (found[ranks.lower_middle] + found[ranks.upper_middle]) / 2 == fit.slope


def test_what_theil_sen_does_not_have_says_why() -> None:
    y, x = bound_pair(6, 100)
    fit = theil_sen_hedge_ratio(y, x)
    reason = Unavailable("Theil-Sen counts ranks: it has an interval, and neither standard error nor t-test")
    assert fit.stderr == fit.tvalue == fit.pvalue == fit.intercept_stderr == reason
    assert fit.rvalue == pytest.approx(np.corrcoef(y, x)[0, 1], rel=1e-9)
    residual = y - fit.slope * x - fit.intercept
    assert fit.r_squared == pytest.approx(1 - (residual**2).sum() / ((y - y.mean()) ** 2).sum(), rel=1e-9)


def test_prices_that_hardly_ever_differ_have_a_slope_and_no_interval() -> None:
    y, x = np.zeros(60), np.zeros(60)
    y[30], x[30] = 2.0, 1.0
    fit = theil_sen_hedge_ratio(y, x)
    assert fit.slope == 2.0
    assert isinstance(fit.interval, Unavailable)
    assert "same price" in fit.interval.reason


def test_what_cannot_be_fitted_is_refused_with_its_reason() -> None:
    y, x = random_walks(1, 60)
    with pytest.raises(NotEnoughData) as caught:
        theil_sen_hedge_ratio(y[:9], x[:9])
    assert (caught.value.needed, caught.value.got) == (10, 9)
    with pytest.raises(DegenerateData, match="leg x did not move"):
        theil_sen_hedge_ratio(y, np.full(60, 0.1))
    with pytest.raises(DegenerateData, match="leg y did not move"):
        theil_sen_hedge_ratio(np.full(60, 0.1), x)
    with pytest.raises(DegenerateData, match="not a finite number"):
        theil_sen_hedge_ratio(np.where(np.arange(60) == 7, np.nan, y), x)
    with pytest.raises(DegenerateData, match="needs an intercept"):
        theil_sen_hedge_ratio(y, x, include_intercept=False)
    with pytest.raises(DegenerateData, match="at most 10000 bars, got 10001; choose a shorter fit sample"):
        theil_sen_hedge_ratio(*random_walks(1, MAXIMUM_BARS + 1))
