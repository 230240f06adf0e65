"""The trail of the hedge ratio against statsmodels on single windows, its causality, and how far its interval holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from statsmodels.regression.linear_model import OLS

from analytics.errors import BadInput, NotEnoughData
from analytics.ratio_trail import ratio_trail
from tests.analytics.markets import bound_pair, law, random_walks

SEEDS = st.integers(0, 2**32 - 1)


@law
@given(SEEDS, st.integers(5, 60), st.booleans())
def test_each_window_is_a_fit_of_its_own(seed: int, window: int, with_intercept: bool) -> None:
    y, x = bound_pair(seed, 70)
    trail = ratio_trail(y, x, window_bars=window, include_intercept=with_intercept)
    assert trail.window_bars == window
    for column in (trail.slope, trail.low, trail.high):
        assert np.isnan(column[: window - 1]).all()
        assert np.isfinite(column[window - 1 :]).all()
    for row in (window - 1, 69):
        legs = slice(row - window + 1, row + 1)
        design = np.column_stack([x[legs], np.ones(window)]) if with_intercept else x[legs, None]
        fit = OLS(y[legs], design).fit()
        assert trail.slope[row] == pytest.approx(fit.params[0], rel=1e-8)
        assert_allclose([trail.low[row], trail.high[row]], fit.conf_int(0.05)[0], rtol=1e-8, atol=1e-8)


@law
@given(SEEDS, st.integers(30, 120), st.booleans())
def test_the_past_never_changes(seed: int, cut: int, with_intercept: bool) -> None:
    y, x = random_walks(seed, 120)
    whole = ratio_trail(y, x, window_bars=25, include_intercept=with_intercept)
    part = ratio_trail(y[:cut], x[:cut], window_bars=25, include_intercept=with_intercept)
    for name in ("slope", "low", "high"):
        assert_array_equal(getattr(whole, name)[:cut], getattr(part, name))


def test_a_leg_that_stands_still_leaves_a_gap() -> None:
    y, x = bound_pair(3, 60)
    x[20:45] = x[20]
    trail = ratio_trail(y, x, window_bars=10, include_intercept=True)
    still = np.isnan(trail.slope)
    assert still[29:45].all()
    assert not still[9:20].any()
    assert_array_equal(np.isnan(trail.low), still)
    assert_array_equal(np.isnan(trail.high), still)


def test_the_interval_misses_the_true_slope_as_often_as_its_limits_say() -> None:
    missed = 0
    for seed in range(200):
        trail = ratio_trail(*bound_pair(seed, 100), window_bars=100, include_intercept=True)
        missed += not trail.low[-1] <= 1.5 <= trail.high[-1]
    assert missed / 200 == pytest.approx(0.6, abs=0.1)


def test_what_is_too_short_is_said() -> None:
    y, x = random_walks(1, 24)
    with pytest.raises(NotEnoughData) as caught:
        ratio_trail(y, x, window_bars=25, include_intercept=True)
    assert (caught.value.needed, caught.value.got) == (25, 24)
    with pytest.raises(BadInput, match="at least 3 bars"):
        ratio_trail(y, x, window_bars=2, include_intercept=True)
