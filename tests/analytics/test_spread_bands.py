"""The bands that the z-score is measured in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from analytics.market import HedgeMethod, PairParams
from analytics.pair import analyse_pair
from analytics.spread_bands import spread_bands
from tests.screen_fake import QUERY, series


@pytest.mark.parametrize("hedge", ["ols", "rolling_ols", "kalman", "huber"])
def test_the_zscore_is_the_place_of_the_spread_between_its_bands(hedge: HedgeMethod) -> None:
    seen = analyse_pair(replace(QUERY, params=PairParams(window_bars=60, hedge=hedge)), series(400))
    bands = spread_bands(seen)
    known = np.isfinite(seen.zscore)
    assert known.sum() > 200
    assert np.array_equal(np.isfinite(bands.deviation), known)
    assert_allclose((seen.spread - bands.mean)[known] / bands.deviation[known], seen.zscore[known], rtol=1e-9)


def test_bands_are_those_of_the_window() -> None:
    seen = analyse_pair(replace(QUERY, params=PairParams(window_bars=50)), series(250))
    window = seen.spread[-50:]
    bands = spread_bands(seen)
    assert_allclose([bands.mean[-1], bands.deviation[-1]], [window.mean(), window.std(ddof=1)], rtol=1e-9)


def test_without_a_line_there_are_no_bands() -> None:
    bands = spread_bands(analyse_pair(QUERY, series(2)))
    assert np.isnan(bands.mean).all()
    assert np.isnan(bands.deviation).all()
