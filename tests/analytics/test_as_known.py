"""The z-score as known at each row: row by row the plain computation on what was there, and never a later value."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from analytics.as_known import zscore_as_known
from analytics.errors import BadInput, DegenerateData
from analytics.hedge import ols_hedge_ratio
from analytics.market import FloatArray, HedgeMethod
from analytics.results import HedgeFit
from analytics.spread import spread
from analytics.total_least_squares import total_least_squares
from analytics.zscore import zscore
from tests.analytics.markets import bound_pair, law, random_walks

SEEDS = st.integers(0, 2**32 - 1)
WINDOWS = st.integers(2, 40)
FITS = st.integers(3, 90)
WHOLE: list[HedgeMethod] = ["ols", "tls"]
METHODS = st.sampled_from(WHOLE)
INTERCEPTS = st.booleans()


def fit_of(y: FloatArray, x: FloatArray, method: HedgeMethod, include_intercept: bool) -> HedgeFit:
    fitted = total_least_squares if method == "tls" else ols_hedge_ratio
    return fitted(y, x, include_intercept=include_intercept)


def literal(
    y: FloatArray, x: FloatArray, fit_bars: int, window: int, method: HedgeMethod, include_intercept: bool
) -> FloatArray:
    scores = np.full(len(y), np.nan)
    for row in range(2, len(y)):
        fitted, seen = slice(max(row - fit_bars + 1, 0), row + 1), slice(max(row - window + 1, 0), row + 1)
        try:
            fit = fit_of(y[fitted], x[fitted], method, include_intercept)
        except DegenerateData:
            continue
        scores[row] = zscore(spread(y[seen], x[seen], fit), window)[-1]
    return scores


@law
@given(SEEDS, st.integers(3, 90), FITS, WINDOWS, METHODS, INTERCEPTS)
def test_each_row_is_fitted_and_scored_by_itself(
    seed: int, n: int, fit_bars: int, window: int, method: HedgeMethod, include_intercept: bool
) -> None:
    y, x = bound_pair(seed, n)
    mine = zscore_as_known(
        y, x, fit_bars=fit_bars, window_bars=window, include_intercept=include_intercept, method=method
    )
    expected = literal(y, x, fit_bars, window, method, include_intercept)
    assert_array_equal(np.isnan(mine), np.isnan(expected))
    assert_allclose(mine, expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("price_scale", [1e-8, 1.0, 1e6])
@pytest.mark.parametrize("include_intercept", [True, False])
@pytest.mark.parametrize("method", WHOLE)
def test_the_newest_value_is_the_displayed_one(
    method: HedgeMethod, include_intercept: bool, price_scale: float
) -> None:
    y, x = (leg * price_scale for leg in bound_pair(2, 1_000))
    for n in (50, 301, 600, 1_000):
        fit = fit_of(y[:n], x[:n], method, include_intercept)
        displayed = zscore(spread(y[:n], x[:n], fit), 120)[-1]
        known = zscore_as_known(
            y, x, fit_bars=1_000, window_bars=120, include_intercept=include_intercept, method=method
        )
        assert known[n - 1] == pytest.approx(displayed, abs=1e-9)


@law
@given(SEEDS, st.integers(0, 120), FITS, WINDOWS, st.integers(0, 120), METHODS, INTERCEPTS)
def test_a_longer_series_never_changes_an_earlier_value(
    seed: int, n: int, fit_bars: int, window: int, cut: int, method: HedgeMethod, include_intercept: bool
) -> None:
    y, x = random_walks(seed, n)
    for one in (y, 2 * x + 1e-7 * y, np.round(y), 3 * x):
        whole, early = (
            zscore_as_known(
                one[:end],
                x[:end],
                fit_bars=fit_bars,
                window_bars=window,
                include_intercept=include_intercept,
                method=method,
            )
            for end in (n, min(cut, n))
        )
        assert_array_equal(whole[:cut], early)


@pytest.mark.parametrize("method", ["ols", "tls", "fixed"])
def test_a_pair_that_degenerates_later_has_the_past_it_had(method: HedgeMethod) -> None:
    """What happens later decides which windows are looked at closely, and must not decide what they say."""
    y, x = random_walks(4, 200)
    for later in (3 * x[120:], np.full(80, 1e9), y[120:] * 1e-12):
        ended = np.concatenate((y[:120], later))
        whole, early = (
            zscore_as_known(
                ended[:end],
                x[:end],
                fit_bars=50,
                window_bars=15,
                include_intercept=True,
                method=method,
                fixed_ratio=3.0,
            )
            for end in (200, 120)
        )
        assert_array_equal(whole[:120], early)


@law
@given(SEEDS, WINDOWS, st.sampled_from([1e-8, 3.0, 1e6]), st.sampled_from([1e-8, 3.0, 1e6]))
def test_units_of_price_change_nothing(seed: int, window: int, y_unit: float, x_unit: float) -> None:
    y, x = bound_pair(seed, 90)
    for include_intercept in (True, False):
        plain, scaled = (
            zscore_as_known(
                y * y_by,
                x * x_by,
                fit_bars=60,
                window_bars=window,
                include_intercept=include_intercept,
                method="ols",
            )
            for y_by, x_by in ((1.0, 1.0), (y_unit, x_unit))
        )
        assert_allclose(scaled, plain, rtol=1e-6, atol=1e-7)


def exactly(y: FloatArray, x: FloatArray, window: int, row: int) -> float:
    """Fit on all rows up to `row` and score its window, in rational arithmetic until the last root."""
    ys, xs = ([Fraction(float(value)) for value in leg[: row + 1]] for leg in (y, x))
    y_off, x_off = ([value - sum(leg) / len(leg) for value in leg] for leg in (ys, xs))
    slope = sum(a * b for a, b in zip(y_off, x_off, strict=True)) / sum(b * b for b in x_off)
    left = [a - slope * b for a, b in zip(ys[-window:], xs[-window:], strict=True)]
    mean = sum(left) / len(left)
    variance = sum((value - mean) ** 2 for value in left) / (len(left) - 1)
    return float(left[-1] - mean) / math.sqrt(variance)


@pytest.mark.parametrize(("noise", "tolerance"), [(1.0, 1e-10), (1e-2, 1e-9), (1e-4, 1e-9), (1e-6, 1e-8), (1e-8, 1e-6)])
def test_a_close_fit_keeps_its_digits(noise: float, tolerance: float) -> None:
    rng = np.random.default_rng(8)
    x = 100 + rng.normal(0, 0.1, 400).cumsum()
    y = 10 + 1.7 * x + noise * rng.normal(0, 1, 400)
    known = zscore_as_known(y, x, fit_bars=400, window_bars=60, include_intercept=True, method="ols")
    for row in (4, 9, 30, 58, 59, 60, 61, 119, 120, 250, 399):
        assert known[row] == pytest.approx(exactly(y, x, 60, row), abs=tolerance)


def test_a_residual_of_rounding_alone_has_no_score() -> None:
    x = random_walks(1, 200)[1]
    for method in WHOLE:
        known = zscore_as_known(3 * x, x, fit_bars=100, window_bars=20, include_intercept=True, method=method)
        assert np.isnan(known).all()


@law
@given(SEEDS, WINDOWS, st.sampled_from([-2.0, 0.7, 1.5]))
def test_with_a_fixed_ratio_it_is_the_plain_zscore(seed: int, window: int, ratio: float) -> None:
    y, x = bound_pair(seed, 90)
    known = zscore_as_known(
        y, x, fit_bars=50, window_bars=window, include_intercept=False, method="fixed", fixed_ratio=ratio
    )
    assert_allclose(known, zscore(y - ratio * x, window), rtol=0, atol=1e-9)


def test_what_was_known_is_not_what_is_displayed_now() -> None:
    """The relation moves at row 300. Today's ratio makes the first half look far off; at the time nobody saw that."""
    rng = np.random.default_rng(3)
    x = 100 + rng.normal(0, 0.1, 600).cumsum()
    y = np.where(np.arange(600) < 300, 1.0, 2.0) * x + rng.normal(0, 0.05, 600)
    now = zscore(spread(y, x, ols_hedge_ratio(y, x)), 50)
    known = zscore_as_known(y, x, fit_bars=600, window_bars=50, include_intercept=True, method="ols")
    before = zscore(spread(y[:300], x[:300], ols_hedge_ratio(y[:300], x[:300])), 50)
    assert known[299] == pytest.approx(before[299], abs=1e-9)
    assert np.abs(now[:300] - before)[50:].mean() > 0.5


@pytest.mark.parametrize("method", ["huber", "theil_sen", "rolling_ols", "kalman"])
def test_other_methods_have_none(method: HedgeMethod) -> None:
    y, x = bound_pair(1, 50)
    known = zscore_as_known(y, x, fit_bars=50, window_bars=10, include_intercept=True, method=method)
    assert np.isnan(known).all()
    assert len(known) == 50


def test_a_leg_that_stands_still_leaves_a_gap() -> None:
    y, x = random_walks(2, 60)
    x[:20] = x[0]
    known = zscore_as_known(y, x, fit_bars=60, window_bars=10, include_intercept=True, method="ols")
    assert_array_equal(np.flatnonzero(np.isnan(known)), np.arange(20))


def test_input_that_cannot_be_used_is_refused() -> None:
    y, x = random_walks(3, 10)
    with pytest.raises(BadInput, match="at least 2 bars, not 1"):
        zscore_as_known(y, x, fit_bars=10, window_bars=1, include_intercept=True, method="ols")
    with pytest.raises(BadInput, match="at least 3 bars, not 2"):
        zscore_as_known(y, x, fit_bars=2, window_bars=5, include_intercept=True, method="ols")
    with pytest.raises(BadInput, match="needs its number"):
        zscore_as_known(y, x, fit_bars=10, window_bars=5, include_intercept=True, method="fixed")
    with pytest.raises(DegenerateData, match="not a finite number"):
        zscore_as_known(
            np.append(y, np.inf), np.append(x, 1.0), fit_bars=10, window_bars=5, include_intercept=True, method="ols"
        )
