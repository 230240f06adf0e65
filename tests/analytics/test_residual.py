"""The residual that tests are run on: that of the hedge ratio's line, refused where next to nothing is left."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from analytics.errors import DegenerateData, NotEnoughData
from analytics.hedge import ols_hedge_ratio
from analytics.residual import COLLINEAR_SHARE, fitted_residual
from analytics.spread import spread
from tests.analytics.markets import bound_pair, law, random_walks


@law
@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-8, 1.0, 1e6]), st.sampled_from([1e-8, 1.0, 1e6]))
def test_it_is_the_spread_of_the_least_squares_line(seed: int, y_unit: float, x_unit: float) -> None:
    y, x = bound_pair(seed, 60)
    y, x = y * y_unit, x * x_unit
    fit, line = fitted_residual(y, x, needed=30), ols_hedge_ratio(y, x)
    assert fit.slope == pytest.approx(line.slope, rel=1e-12)
    assert_allclose(fit.residual, spread(y, x, line), atol=1e-11 * y_unit * 100)
    assert float(fit.residual.mean()) == pytest.approx(0.0, abs=1e-12 * y_unit)


def test_legs_are_one_line_at_a_hundred_roots_of_the_machines_precision_and_below() -> None:
    assert pytest.approx(1.49e-6, rel=1e-3) == COLLINEAR_SHARE
    x = random_walks(1, 300)[1]
    noise = np.random.default_rng(1).normal(0, 1, 300) * x.std()
    with pytest.raises(DegenerateData, match="almost one line"):
        fitted_residual(2 * (x + math.sqrt(0.9e-6) * noise), x, needed=30)
    assert fitted_residual(2 * (x + math.sqrt(2.5e-6) * noise), x, needed=30).slope == pytest.approx(2.0, abs=0.01)


def test_still_legs_and_short_samples_are_refused() -> None:
    y, x = random_walks(1, 40)
    with pytest.raises(DegenerateData, match="leg x did not move"):
        fitted_residual(y, np.full(40, 0.1), needed=30)
    with pytest.raises(DegenerateData, match="leg y did not move"):
        fitted_residual(np.full(40, 0.1), x, needed=30)
    with pytest.raises(NotEnoughData) as caught:
        fitted_residual(y, x, needed=41)
    assert (caught.value.needed, caught.value.got) == (41, 40)
