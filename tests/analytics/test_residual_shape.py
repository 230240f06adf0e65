"""The residual's shape against statsmodels, scipy and R."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats
from statsmodels.tsa.stattools import acf

from analytics.errors import DegenerateData, NotEnoughData
from analytics.market import FloatArray
from analytics.residual_shape import residual_shape
from tests.analytics.markets import law, reverting_noise

SEEDS = st.integers(0, 2**32 - 1)
FROM_R = json.loads((Path(__file__).parent / "golden" / "qqnorm.json").read_text(encoding="utf-8"))


@law
@given(SEEDS, st.integers(20, 400), st.sampled_from([1e-8, 1.0, 1e5]))
def test_autocorrelation_and_moments_equal_statsmodels_and_scipy(seed: int, n: int, unit: float) -> None:
    residual = unit * (reverting_noise(seed, n, 3.0) + 2.0)
    shape = residual_shape(residual)
    lags = min(40, n // 4)
    assert_allclose(shape.autocorrelation, acf(residual, nlags=lags, fft=False), rtol=0, atol=1e-10)
    assert len(shape.autocorrelation) == lags + 1
    assert shape.skewness == pytest.approx(stats.skew(residual), abs=1e-10)
    assert shape.excess_kurtosis == pytest.approx(stats.kurtosis(residual), abs=1e-10)
    assert shape.band == pytest.approx(stats.norm.ppf(0.975) / np.sqrt(n), rel=1e-12)


def test_the_quantile_plot_is_the_one_that_r_draws() -> None:
    shape = residual_shape(np.array(FROM_R["sample"]))
    assert_allclose(shape.normal_quantiles, FROM_R["normal"], atol=1e-10)
    assert_allclose(shape.quantiles, FROM_R["quantiles"], atol=1e-10)


@law
@given(SEEDS, st.integers(20, 3_000))
def test_thinning_keeps_both_tails_and_invents_no_point(seed: int, n: int) -> None:
    residual = np.random.default_rng(seed).standard_t(3, n)
    shape = residual_shape(residual)
    ordered = np.sort((residual - residual.mean()) / residual.std(ddof=1))
    normal = stats.norm.ppf((np.arange(n) + 0.5) / n)
    assert min(n, 190) <= len(shape.quantiles) == len(shape.normal_quantiles) <= 200
    ranks = np.searchsorted(normal, shape.normal_quantiles - 1e-12)
    assert (np.diff(ranks) > 0).all()
    assert_allclose(shape.normal_quantiles, normal[ranks], atol=1e-12)
    assert_allclose(shape.quantiles, ordered[ranks], atol=1e-9)
    tail = min(30, n // 2)
    assert ranks[:tail].tolist() == list(range(tail))
    assert ranks[-tail:].tolist() == list(range(n - tail, n))
    assert np.diff(shape.normal_quantiles[tail:-tail]).max(initial=0) < 0.2


@law
@given(SEEDS, st.sampled_from([1e-8, 3.0, 1e5]), st.sampled_from([0.0, -70.0]))
def test_only_the_side_depends_on_units(seed: int, scale: float, shift: float) -> None:
    residual = reverting_noise(seed, 90, 5.0)
    plain, moved, turned = (residual_shape(v) for v in (residual, scale * (residual + shift), -residual))
    assert_allclose(moved.autocorrelation, plain.autocorrelation, atol=1e-9)
    assert_allclose(moved.quantiles, plain.quantiles, atol=1e-9)
    assert moved.skewness == pytest.approx(plain.skewness, abs=1e-8)
    assert turned.skewness == pytest.approx(-plain.skewness, abs=1e-10)
    assert turned.excess_kurtosis == pytest.approx(plain.excess_kurtosis, abs=1e-10)
    assert_allclose(turned.quantiles, -plain.quantiles[::-1], atol=1e-10)


def test_the_band_is_left_by_one_lag_in_twenty_of_white_noise_and_by_all_short_lags_of_a_slow_spread() -> None:
    outside = []
    for seed in range(200):
        shape = residual_shape(np.random.default_rng(seed).normal(size=400))
        outside.append((np.abs(shape.autocorrelation[1:]) > shape.band).mean())
    assert np.mean(outside) == pytest.approx(0.045, abs=0.012)
    slow = residual_shape(reverting_noise(1, 2_000, 30.0))
    assert (slow.autocorrelation[1:21] > slow.band).all()


@pytest.mark.parametrize(
    ("residual", "reason"),
    [(np.full(50, 0.1), "does not move"), (np.array([0.0] * 49 + [np.nan]), "not a finite number")],
)
def test_what_has_no_shape_is_refused(residual: FloatArray, reason: str) -> None:
    with pytest.raises(DegenerateData, match=reason):
        residual_shape(residual)


def test_too_few_bars_say_how_many_are_needed() -> None:
    with pytest.raises(NotEnoughData) as caught:
        residual_shape(np.arange(19.0))
    assert (caught.value.needed, caught.value.got) == (20, 19)
