"""Rolling least squares: the same as a fit of each window, to the last digits, from the past alone."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from statsmodels.regression.rolling import RollingOLS

from analytics.errors import BadInput, DegenerateData, NotEnoughData
from analytics.hedge import ols_hedge_ratio
from analytics.market import FloatArray
from analytics.results import HedgePath
from analytics.rolling_hedge import rolling_fit, rolling_ols
from tests.analytics.markets import bound_pair, law, random_walks

SEEDS = st.integers(0, 2**32 - 1)
WINDOWS = st.integers(3, 40)
INTERCEPTS = st.booleans()


def columns(path: HedgePath) -> tuple[FloatArray, ...]:
    return path.slope, path.intercept, path.slope_deviation, path.spread


def coarse_pair(seed: int, n: int) -> tuple[FloatArray, FloatArray]:
    """Two walks on coarse ticks that often stand still, x through whole windows."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 1, (2, n)) * (rng.random((2, n)) < np.array([[0.5], [0.1]]))
    return np.round(100 + steps[0].cumsum()), np.round(50 + steps[1].cumsum())


@pytest.mark.parametrize("include_intercept", [True, False])
@pytest.mark.parametrize("window", [5, 60, 300])
def test_it_equals_statsmodels_rolling_ols(window: int, include_intercept: bool) -> None:
    y, x = bound_pair(3, 900)
    if include_intercept:  # its own sums of squares lose half of their digits at a level of 100
        y, x = y - 160, x - 100
    design = np.column_stack([x, np.ones_like(x)] if include_intercept else [x])
    theirs = RollingOLS(y, design, window=window, min_nobs=3, expanding=True).fit()
    mine = rolling_ols(y, x, window, include_intercept=include_intercept)
    assert_allclose(mine.slope[2:], theirs.params[2:, 0], rtol=1e-8)
    assert_allclose(mine.slope_deviation[2:], theirs.bse[2:, 0], rtol=1e-8)
    intercept = theirs.params[2:, 1] if include_intercept else np.zeros(len(y) - 2)
    assert_allclose(mine.intercept[2:], intercept, rtol=1e-8, atol=1e-8)
    assert_allclose(mine.spread[2:], y[2:] - theirs.params[2:, 0] * x[2:] - intercept, atol=1e-8)
    assert all(np.isnan(column[:2]).all() for column in columns(mine))
    assert mine.zscore is None


@law
@given(SEEDS, st.integers(3, 90), WINDOWS, INTERCEPTS)
def test_each_row_is_the_fit_of_its_window(seed: int, n: int, window: int, include_intercept: bool) -> None:
    for y, x in (bound_pair(seed, n), coarse_pair(seed, n)):
        path = rolling_ols(y, x, window, include_intercept=include_intercept)
        for row in range(2, n):
            inside = slice(max(row - window + 1, 0), row + 1)
            mine = tuple(column[row] for column in columns(path))
            try:
                fit = ols_hedge_ratio(y[inside], x[inside], include_intercept=include_intercept)
            except DegenerateData:
                assert np.isnan(mine).all()
                continue
            assert isinstance(fit.stderr, float)
            residual = y[row] - fit.slope * x[row] - fit.intercept
            assert_allclose(mine, [fit.slope, fit.intercept, fit.stderr, residual], rtol=1e-9, atol=1e-9)


@law
@given(SEEDS, st.integers(3, 120), WINDOWS, st.integers(3, 120), INTERCEPTS)
def test_a_longer_series_never_changes_an_earlier_value(
    seed: int, n: int, window: int, cut: int, include_intercept: bool
) -> None:
    cut = min(cut, n)
    y, x = random_walks(seed, n)
    for one, other in ((y, x), (2 * x + 1e-7 * y, x), coarse_pair(seed, n), (3 * x, x)):
        whole = rolling_ols(one, other, window, include_intercept=include_intercept)
        early = rolling_ols(one[:cut], other[:cut], window, include_intercept=include_intercept)
        for long, short in zip(columns(whole), columns(early), strict=True):
            assert_array_equal(long[:cut], short)


@pytest.mark.parametrize("include_intercept", [True, False])
def test_a_pair_that_degenerates_later_has_the_past_it_had(include_intercept: bool) -> None:
    """What happens later decides which windows are looked at closely, and must not decide what they say."""
    y, x = random_walks(4, 200)
    for later in (3 * x[120:], np.full(80, 1e9), y[120:] * 1e-12):
        ended = np.concatenate((y[:120], later))
        whole = rolling_ols(ended, x, 15, include_intercept=include_intercept)
        early = rolling_ols(y[:120], x[:120], 15, include_intercept=include_intercept)
        for long, short in zip(columns(whole), columns(early), strict=True):
            assert_array_equal(long[:120], short)


@law
@given(SEEDS, WINDOWS, st.sampled_from([1e-8, 0.5, 1e6]), st.sampled_from([1e-8, -2.0, 1e6]), INTERCEPTS)
def test_units_of_price_scale_the_line(
    seed: int, window: int, y_unit: float, x_unit: float, include_intercept: bool
) -> None:
    y, x = random_walks(seed, 90)
    plain = rolling_ols(y, x, window, include_intercept=include_intercept)
    scaled = rolling_ols(y * y_unit, x * x_unit, window, include_intercept=include_intercept)
    units = y_unit / x_unit, y_unit, y_unit / abs(x_unit), y_unit
    for one, other, unit in zip(columns(plain), columns(scaled), units, strict=True):
        assert_allclose(other / unit, one, rtol=1e-6, atol=1e-8)


@law
@given(SEEDS, WINDOWS, st.sampled_from([-50.0, 3.0, 1e3]), st.sampled_from([-50.0, 3.0, 1e3]))
def test_a_shift_of_a_leg_moves_the_intercept_alone(seed: int, window: int, y_shift: float, x_shift: float) -> None:
    y, x = random_walks(seed, 90)
    plain, moved = rolling_ols(y, x, window), rolling_ols(y + y_shift, x + x_shift, window)
    assert_allclose(moved.slope, plain.slope, rtol=1e-8, atol=1e-10)
    assert_allclose(moved.slope_deviation, plain.slope_deviation, rtol=1e-6)
    assert_allclose(moved.spread, plain.spread, rtol=1e-6, atol=1e-8)
    assert_allclose(moved.intercept, plain.intercept + y_shift - plain.slope * x_shift, rtol=1e-7, atol=1e-6)


def exact_errors(y: FloatArray, x: FloatArray, window: int, row: int) -> tuple[float, float]:
    """Standard error and newest residual of one window in rational arithmetic, rounded only at the end."""
    inside = slice(max(row - window + 1, 0), row + 1)
    ys, xs = ([Fraction(float(value)) for value in leg[inside]] for leg in (y, x))
    n = len(ys)
    y_off, x_off = ([value - sum(leg) / n for value in leg] for leg in (ys, xs))
    sxx = sum(value * value for value in x_off)
    slope = sum(a * b for a, b in zip(y_off, x_off, strict=True)) / sxx
    left = [a - slope * b for a, b in zip(y_off, x_off, strict=True)]
    return float(sum(e * e for e in left) / (n - 2) / sxx) ** 0.5, float(left[-1])


@pytest.mark.parametrize(("noise", "tolerance"), [(1e-4, 1e-10), (1e-6, 1e-9), (1e-8, 1e-6)])
def test_a_close_fit_keeps_its_digits(noise: float, tolerance: float) -> None:
    """A residual of 1e-10 of the price leaves six digits to be known, and six are right."""
    rounding_of_the_price = 4e-14
    rng = np.random.default_rng(8)
    x = 100 + rng.normal(0, 0.1, 700).cumsum()
    y = 10 + 1.7 * x + noise * rng.normal(0, 1, 700)
    path = rolling_ols(y, x, 100)
    for row in (4, 9, 30, 98, 99, 100, 101, 199, 200, 431, 699):
        stderr, newest = exact_errors(y, x, 100, row)
        assert path.slope_deviation[row] == pytest.approx(stderr, rel=tolerance)
        assert path.spread[row] == pytest.approx(newest, rel=0, abs=rounding_of_the_price)


def test_a_close_fit_that_breaks_in_the_middle_keeps_its_digits() -> None:
    rng = np.random.default_rng(9)
    x = 100 + rng.normal(0, 0.1, 400).cumsum()
    y = np.where(np.arange(400) < 130, 2 * x, 3 * x - 50) + 1e-7 * rng.normal(0, 1, 400)
    path = rolling_ols(y, x, 60)
    for row in (100, 129, 131, 150, 188, 189, 190, 200, 239, 240, 399):
        stderr, newest = exact_errors(y, x, 60, row)
        assert path.slope_deviation[row] == pytest.approx(stderr, rel=1e-7)
        assert path.spread[row] == pytest.approx(newest, rel=0, abs=1e-13)


def test_a_line_without_a_residual_has_an_empty_spread() -> None:
    x = random_walks(1, 200)[1]
    for include_intercept in (True, False):
        path = rolling_ols(3 * x, x, 20, include_intercept=include_intercept)
        assert_allclose(path.slope[2:], 3.0, rtol=1e-10)
        assert not path.spread[2:].any()
        assert (path.slope_deviation[2:] > 0).all()


def test_a_leg_that_stands_still_through_a_window_has_no_line_there() -> None:
    y, x = random_walks(2, 60)
    x[20:40] = x[20]
    path = rolling_ols(y, x, 10)
    for column in columns(path):
        assert_array_equal(np.flatnonzero(np.isnan(column)), [0, 1, *range(29, 40)])
    assert np.isfinite(rolling_ols(y, x, 10, include_intercept=False).slope[2:]).all()


@pytest.mark.parametrize("include_intercept", [True, False])
def test_the_newest_fit_is_that_of_the_newest_window(include_intercept: bool) -> None:
    y, x = bound_pair(5, 200)
    fit = rolling_fit(y, x, 50, include_intercept=include_intercept)
    path = rolling_ols(y, x, 50, include_intercept=include_intercept)
    assert (fit.method, fit.observations) == ("rolling_ols", 50)
    newest = tuple(column[-1] for column in columns(path)[:3])
    assert newest[0] == pytest.approx(fit.slope, rel=1e-11)
    assert newest[1] == pytest.approx(fit.intercept, rel=1e-9)
    assert newest[2] == pytest.approx(fit.stderr, rel=1e-9)


def test_too_few_rows_and_too_small_a_window_say_so() -> None:
    y, x = random_walks(3, 10)
    for answer in (rolling_ols, rolling_fit):
        with pytest.raises(BadInput, match="window of at least 3 bars, not 2"):
            answer(y, x, 2)
        with pytest.raises(NotEnoughData, match="need 3 bars, got 2"):
            answer(y[:2], x[:2], 5)
        with pytest.raises(DegenerateData, match="not a finite number"):
            answer(np.append(y, np.nan), np.append(x, 1.0), 5)
    with pytest.raises(DegenerateData, match="leg x did not move"):
        rolling_fit(y, np.append(x[:5], np.full(5, 7.0)), 5)
