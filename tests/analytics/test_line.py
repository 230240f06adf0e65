"""The quality of a line against least squares, whose own line is the best there is."""

from __future__ import annotations

import pytest

from analytics.hedge import ols_hedge_ratio
from analytics.line import line_quality
from tests.analytics.markets import bound_pair


@pytest.mark.parametrize("level", [1e-8, 1.0, 1e6])
@pytest.mark.parametrize("include_intercept", [True, False])
def test_the_quality_of_the_ols_line_is_what_ols_says(level: float, include_intercept: bool) -> None:
    y, x = bound_pair(1, 300)
    y, x = y * level, x / level
    fit = ols_hedge_ratio(y, x, include_intercept=include_intercept)
    quality = line_quality(y, x, fit.slope, fit.intercept, include_intercept=include_intercept)
    assert quality.rvalue == pytest.approx(fit.rvalue, rel=1e-9)
    assert quality.r_squared == pytest.approx(fit.r_squared, rel=1e-9)
    assert quality.r_squared_kind == fit.r_squared_kind
    assert quality.residual_deviation == pytest.approx(fit.residual_deviation, rel=1e-9)


def test_a_line_worse_than_the_mean_has_an_r_squared_below_zero_and_keeps_r() -> None:
    y, x = bound_pair(2, 300)
    fit = ols_hedge_ratio(y, x)
    quality = line_quality(y, x, -fit.slope, float(y.mean() + fit.slope * x.mean()), include_intercept=True)
    assert quality.r_squared < 0
    assert quality.rvalue == pytest.approx(fit.rvalue, rel=1e-9)
