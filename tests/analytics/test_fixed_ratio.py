"""A ratio that was given: the line is what was said, and nothing pretends to have been estimated."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from analytics.errors import BadInput, DegenerateData, NotEnoughData
from analytics.fixed_ratio import fixed_hedge_ratio
from analytics.hedge import ols_hedge_ratio
from analytics.results import Unavailable
from analytics.spread import spread
from tests.analytics.markets import law, random_walks

SEEDS = st.integers(0, 2**32 - 1)
RATIOS = st.floats(-50, 50).filter(bool)


@law
@given(SEEDS, RATIOS)
def test_the_line_is_the_one_given_and_judged_by_its_own_residual(seed: int, ratio: float) -> None:
    y, x = random_walks(seed, 60)
    fit = fixed_hedge_ratio(y, x, ratio)
    assert (fit.method, fit.slope, fit.intercept, fit.observations) == ("fixed", ratio, 0.0, 60)
    ssr = math.fsum((one - ratio * other) ** 2 for one, other in zip(y, x, strict=True))
    syy, sxx = (math.fsum(value * value for value in leg) for leg in (y, x))
    sxy = math.fsum(one * other for one, other in zip(y, x, strict=True))
    assert fit.r_squared == pytest.approx(1 - ssr / syy, rel=1e-12, abs=1e-12)
    assert fit.rvalue == pytest.approx(sxy / math.sqrt(syy * sxx), rel=1e-12)
    assert fit.residual_deviation == pytest.approx(math.sqrt(ssr / 60), rel=1e-12)
    assert fit.r_squared_kind == "uncentred"
    for unknown in (fit.stderr, fit.interval, fit.intercept_stderr, fit.tvalue, fit.pvalue):
        assert unknown == Unavailable("the ratio was given, not estimated")


@law
@given(SEEDS, RATIOS, st.integers(3, 60))
def test_the_past_of_its_spread_never_changes(seed: int, ratio: float, cut: int) -> None:
    y, x = random_walks(seed, 60)
    whole = spread(y, x, fixed_hedge_ratio(y, x, ratio))
    assert_array_equal(whole[:cut], spread(y[:cut], x[:cut], fixed_hedge_ratio(y[:cut], x[:cut], ratio)))


@law
@given(SEEDS)
def test_no_ratio_describes_the_rows_better_than_least_squares(seed: int) -> None:
    y, x = random_walks(seed, 60)
    best = ols_hedge_ratio(y, x, include_intercept=False)
    same = fixed_hedge_ratio(y, x, best.slope)
    assert (same.r_squared, same.rvalue) == pytest.approx((best.r_squared, best.rvalue), rel=1e-12)
    for other in (0.9 * best.slope, 1.1 * best.slope):
        assert fixed_hedge_ratio(y, x, other).r_squared < best.r_squared
    assert fixed_hedge_ratio(y, x, -best.slope).r_squared < 0


@pytest.mark.parametrize(("y_unit", "x_unit"), [(1e-8, 1e6), (1e6, 1e-8), (1e-8, 1e-8), (1e6, 1e6)])
def test_units_of_price_change_nothing_but_the_ratio(y_unit: float, x_unit: float) -> None:
    y, x = random_walks(4, 100)
    plain, scaled = fixed_hedge_ratio(y, x, 0.8), fixed_hedge_ratio(y * y_unit, x * x_unit, 0.8 * y_unit / x_unit)
    assert (scaled.rvalue, scaled.r_squared) == pytest.approx((plain.rvalue, plain.r_squared), rel=1e-12)
    assert scaled.residual_deviation == pytest.approx(plain.residual_deviation * y_unit, rel=1e-12)


def test_a_negative_ratio_holds_both_legs_on_one_side() -> None:
    y, x = np.array([5.0, 4.0, 3.0]), np.array([1.0, 2.0, 3.0])
    fit = fixed_hedge_ratio(y, x, -1.0)
    assert_array_equal(spread(y, x, fit), [6.0, 6.0, 6.0])
    assert fit.r_squared == pytest.approx(1 - 108 / 50)


@pytest.mark.parametrize("ratio", [math.nan, math.inf, -math.inf, 0.0])
def test_a_ratio_that_hedges_nothing_is_refused(ratio: float) -> None:
    with pytest.raises(BadInput, match="fixed hedge ratio"):
        fixed_hedge_ratio(*random_walks(1, 10), ratio)


def test_degenerate_rows_say_what_is_wrong() -> None:
    y, x = random_walks(1, 10)
    with pytest.raises(NotEnoughData, match="need 3 bars, got 2"):
        fixed_hedge_ratio(y[:2], x[:2], 1.0)
    with pytest.raises(DegenerateData, match="leg x is 0 throughout"):
        fixed_hedge_ratio(y, np.zeros(10), 1.0)
    with pytest.raises(DegenerateData, match="leg y is 0 throughout"):
        fixed_hedge_ratio(np.zeros(10), x, 1.0)
    with pytest.raises(DegenerateData, match="not a finite number"):
        fixed_hedge_ratio(np.append(y, np.inf), np.append(x, 1.0), 1.0)


@pytest.mark.parametrize("ratio", [1e30, -1e77, 1e150, 1e308])
def test_a_ratio_that_leaves_nothing_of_y_is_refused(ratio: float) -> None:
    y, x = random_walks(3, 50)
    with pytest.raises(DegenerateData, match="nothing of y"):
        fixed_hedge_ratio(y, x, ratio)
