"""The hedge ratio against independent least squares, and the laws that any regression of y on x obeys."""

from __future__ import annotations

import math
from dataclasses import astuple

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from analytics.errors import DegenerateData, NotEnoughData
from analytics.hedge import ols_hedge_ratio
from analytics.market import FloatArray
from analytics.results import Unavailable
from analytics.spread import on_scale, spread
from tests.analytics.markets import bound_pair, law, random_walks

SEEDS = st.integers(0, 2**32 - 1)
LEVELS = [1e-8, 1e-5, 1.0, 6e4, 1e6]


def pair_at(seed: int, n: int, y_level: float, x_level: float) -> tuple[FloatArray, FloatArray]:
    """Two walks that move by some 0.1 % a bar around the given levels."""
    y, x = random_walks(seed, n)
    return y / 100 * y_level, x / 100 * x_level


# NIST Statistical Reference Datasets, linear regression, https://www.itl.nist.gov/div898/strd/lls/lls.shtml:
# data and certified values to 15 digits.
NORRIS_Y = """0.1 338.8 118.1 888.0 9.2 228.1 668.5 998.5 449.1 778.9 559.2 0.3 0.1 778.1 668.8 339.3 448.9 10.8 557.7
228.3 998.0 888.8 119.6 0.3 0.6 557.6 339.3 888.0 998.5 778.9 10.2 117.6 228.9 668.4 449.2 0.2"""
NORRIS_X = """0.2 337.4 118.2 884.6 10.1 226.5 666.3 996.3 448.6 777.0 558.2 0.4 0.6 775.5 666.9 338.0 447.5 11.6 556.0
228.1 995.8 887.6 120.2 0.3 0.3 556.8 339.1 887.2 999.0 779.0 11.1 118.3 229.2 669.1 448.9 0.5"""


def test_norris_as_certified_by_nist() -> None:
    fit = ols_hedge_ratio(np.array(NORRIS_Y.split(), float), np.array(NORRIS_X.split(), float))
    assert (fit.observations, fit.r_squared_kind) == (36, "centred")
    assert fit.slope == pytest.approx(1.00211681802045, rel=1e-12)
    assert fit.stderr == pytest.approx(0.429796848199937e-3, rel=1e-10)
    assert fit.intercept == pytest.approx(-0.262323073774029, rel=1e-10)
    assert fit.intercept_stderr == pytest.approx(0.232818234301152, rel=1e-10)
    assert fit.r_squared == pytest.approx(0.999993745883712, rel=1e-12)
    assert fit.residual_deviation == pytest.approx(0.884796396144373, rel=1e-10)


@pytest.mark.parametrize(
    ("y", "x", "slope", "stderr", "deviation", "r_squared"),
    [
        (
            np.arange(130.0, 141.0),
            np.arange(60.0, 71.0),
            2.07438016528926,
            0.165289256198347e-1,
            3.56753034006338,
            0.999365492298663,
        ),
        (
            np.array([3.0, 4.0, 4.0]),
            np.array([4.0, 5.0, 6.0]),
            0.727272727272727,
            0.420827318078432e-1,
            0.369274472937998,
            0.993348115299335,
        ),
    ],
    ids=["NoInt1", "NoInt2"],
)
def test_lines_through_the_origin_as_certified_by_nist(
    y: FloatArray, x: FloatArray, slope: float, stderr: float, deviation: float, r_squared: float
) -> None:
    fit = ols_hedge_ratio(y, x, include_intercept=False)
    assert (fit.slope, fit.stderr) == pytest.approx((slope, stderr), rel=1e-10)
    assert (fit.residual_deviation, fit.r_squared) == pytest.approx((deviation, r_squared), rel=1e-10)


@pytest.mark.parametrize("include_intercept", [True, False])
def test_t_p_and_interval_are_those_of_statsmodels(include_intercept: bool) -> None:
    y, x = random_walks(11, 120)
    fit = ols_hedge_ratio(y, x, include_intercept=include_intercept)
    theirs = sm.OLS(y, np.column_stack([x, np.ones_like(x)] if include_intercept else [x])).fit()
    assert fit.interval == pytest.approx(tuple(theirs.conf_int()[0]), rel=1e-9)
    assert (fit.tvalue, fit.pvalue) == pytest.approx((theirs.tvalues[0], theirs.pvalues[0]), rel=1e-9)


@pytest.mark.parametrize(("n", "passed"), [(300, 0.86), (1_000, 0.92)])
def test_p_is_spurious_on_prices_that_wander(n: int, passed: float) -> None:
    """Granger and Newbold (1974): what the definition warns of, at its own numbers."""
    pvalues = [ols_hedge_ratio(*random_walks(seed, n)).pvalue for seed in range(600)]
    assert np.mean([isinstance(p, float) and p < 0.05 for p in pvalues]) == pytest.approx(passed, abs=0.04)


def test_unrelated_walks_show_an_r_squared() -> None:
    r_squared = np.array([ols_hedge_ratio(*random_walks(seed, 300)).r_squared for seed in range(600)])
    assert np.median(r_squared) == pytest.approx(0.17, abs=0.03)
    assert (r_squared > 0.6).mean() == pytest.approx(0.094, abs=0.03)


@pytest.mark.parametrize("y_level", LEVELS)
@pytest.mark.parametrize("x_level", LEVELS)
def test_the_fit_equals_scipy_linregress_at_any_price(y_level: float, x_level: float) -> None:
    y, x = pair_at(7, 400, y_level, x_level)
    mine, theirs = ols_hedge_ratio(y, x), stats.linregress(x, y)
    for one, other in (
        (mine.slope, theirs.slope),
        (mine.intercept, theirs.intercept),
        (mine.rvalue, theirs.rvalue),
        (mine.pvalue, theirs.pvalue),
        (mine.stderr, theirs.stderr),
        (mine.intercept_stderr, theirs.intercept_stderr),
    ):
        assert one == pytest.approx(other, rel=1e-9)


@pytest.mark.parametrize("include_intercept", [True, False])
@pytest.mark.parametrize(("y_level", "x_level"), [(1.0, 1.0), (6e4, 1e-5), (1e-5, 6e4)])
def test_the_fit_equals_lapack_least_squares(include_intercept: bool, y_level: float, x_level: float) -> None:
    y, x = pair_at(3, 300, y_level, x_level)
    fit = ols_hedge_ratio(y, x, include_intercept=include_intercept)
    design = np.column_stack([x / x_level, np.ones_like(x)] if include_intercept else [x / x_level])
    solution, ssr, _, _ = np.linalg.lstsq(design, y / y_level)
    assert fit.slope == pytest.approx(solution[0] * y_level / x_level, rel=1e-10)
    assert fit.intercept == pytest.approx(solution[1] * y_level if include_intercept else 0.0, rel=1e-10)
    freedom = len(y) - design.shape[1]
    assert fit.residual_deviation == pytest.approx(math.sqrt(ssr[0] / freedom) * y_level, rel=1e-10)
    scaled_covariance = np.linalg.inv(design.T @ design)
    expected = math.sqrt(ssr[0] / freedom * scaled_covariance[0, 0]) * y_level / x_level
    assert fit.stderr == pytest.approx(expected, rel=1e-8)


def test_without_an_intercept_r_is_uncentred_and_labelled_so() -> None:
    y, x = random_walks(5, 200)
    fit = ols_hedge_ratio(y, x, include_intercept=False)
    assert (fit.intercept, fit.r_squared_kind) == (0.0, "uncentred")
    assert fit.intercept_stderr == Unavailable("the line was fitted without an intercept")
    assert fit.slope == pytest.approx((y * x).sum() / (x * x).sum(), rel=1e-12)
    assert fit.r_squared == pytest.approx(1 - ((y - fit.slope * x) ** 2).sum() / (y * y).sum(), rel=1e-12)
    assert ols_hedge_ratio(y, x).r_squared_kind == "centred"


@law
@given(SEEDS)
def test_the_two_directions_multiply_to_r_squared(seed: int) -> None:
    y, x = random_walks(seed, 60)
    one, other = ols_hedge_ratio(y, x), ols_hedge_ratio(x, y)
    assert one.slope * other.slope == pytest.approx(one.r_squared, rel=1e-9)
    assert one.rvalue == pytest.approx(other.rvalue, rel=1e-12)
    assert one.rvalue**2 == pytest.approx(one.r_squared, rel=1e-9, abs=1e-14)


@law
@given(SEEDS, st.sampled_from([1e-6, 0.5, 3e5]), st.sampled_from([1e-6, 0.5, 3e5]))
def test_units_of_price_change_the_slope_and_never_the_evidence(seed: int, y_unit: float, x_unit: float) -> None:
    y, x = random_walks(seed, 60)
    plain, scaled = ols_hedge_ratio(y, x), ols_hedge_ratio(y * y_unit, x * x_unit)
    assert scaled.slope == pytest.approx(plain.slope * y_unit / x_unit, rel=1e-9)
    assert (scaled.tvalue, scaled.pvalue) == pytest.approx((plain.tvalue, plain.pvalue), rel=1e-8)


@law
@given(SEEDS)
def test_the_order_of_bars_does_not_matter(seed: int) -> None:
    y, x = random_walks(seed, 60)
    order = np.random.default_rng(seed).permutation(60)
    assert_allclose(ols_hedge_ratio(y[order], x[order]).slope, ols_hedge_ratio(y, x).slope, rtol=1e-10)


@law
@given(SEEDS)
def test_the_spread_is_centred_and_owes_nothing_to_x(seed: int) -> None:
    y, x = bound_pair(seed, 200)
    left = spread(y, x, ols_hedge_ratio(y, x))
    assert abs(left.mean()) < 1e-11
    assert abs(np.corrcoef(left, x)[0, 1]) < 1e-9


@pytest.mark.parametrize("level", LEVELS)
def test_a_perfect_fit_keeps_finite_numbers_and_an_empty_spread(level: float) -> None:
    x = random_walks(1, 100)[1] * level
    y = 3.0 * x + 2.0 * level
    fit = ols_hedge_ratio(y, x)
    assert fit.slope == pytest.approx(3.0, rel=1e-11)
    assert fit.intercept == pytest.approx(2.0 * level, rel=1e-8)
    assert fit.pvalue == 0.0
    assert fit.r_squared == pytest.approx(1.0)
    assert all(math.isfinite(value) for value in astuple(fit) if isinstance(value, float))
    assert not spread(y, x, fit).any()


@pytest.mark.parametrize("step", [0.1, 1e-4, 1e-8])
def test_the_smallest_price_step_is_not_taken_for_rounding(step: float) -> None:
    x: FloatArray = 60_000 + step * np.arange(50.0)
    y = 2 * x
    y[25] += step
    left = spread(y, x, ols_hedge_ratio(y, x))
    assert np.argmax(np.abs(left)) == 25
    assert np.abs(left).max() == pytest.approx(step, rel=0.05)


@pytest.mark.parametrize(("y", "x", "leg"), [([1, 2, 4], [0.1] * 3, "x"), ([0.1] * 3, [1, 2, 4], "y")])
def test_a_leg_that_stands_still_has_no_hedge_ratio(y: list[float], x: list[float], leg: str) -> None:
    with pytest.raises(DegenerateData, match=f"leg {leg} did not move"):
        ols_hedge_ratio(np.array(y, float), np.array(x, float))


def test_two_bars_are_too_few_and_say_so() -> None:
    with pytest.raises(NotEnoughData) as caught:
        ols_hedge_ratio(np.array([1.0, 2.0]), np.array([1.0, 3.0]))
    assert (caught.value.needed, caught.value.got) == (3, 2)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_value_that_is_no_number_is_refused(bad: float) -> None:
    with pytest.raises(DegenerateData, match="not a finite number"):
        ols_hedge_ratio(np.array([1.0, bad, 3.0]), np.array([1.0, 2.0, 4.0]))


def test_a_price_of_zero_has_no_log() -> None:
    with pytest.raises(DegenerateData, match="no logarithm"):
        on_scale(np.array([1.0, 0.0]), "log")
