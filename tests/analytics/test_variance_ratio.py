"""The variance ratio against arch, against ratios that are known, and the size that it really has."""

from __future__ import annotations

import math

import numpy as np
import pytest
from arch.unitroot import VarianceRatio as Reference
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from analytics.errors import BadInput, DegenerateData, NotEnoughData
from analytics.market import FloatArray
from analytics.residual import fitted_residual
from analytics.variance_ratio import HORIZONS, variance_ratio
from tests.analytics.markets import law, random_walks, reverting_noise

SEEDS = st.integers(0, 2**32 - 1)


def assert_equals_arch(series: FloatArray, horizons: tuple[int, ...]) -> None:
    mine = variance_ratio(series, horizons)
    theirs = [Reference(series, q, trend="c", debiased=True, robust=True, overlap=True) for q in horizons]
    assert mine.horizons == horizons
    assert_allclose(mine.ratios, [test.vr for test in theirs], atol=1e-10)
    assert_allclose(mine.zscores, [test.stat for test in theirs], atol=1e-10)
    assert_allclose(mine.pvalues, [test.pvalue for test in theirs], atol=1e-10)
    assert mine.observations == len(series) - 1


@pytest.mark.parametrize("n", [300, 1_000, 3_600])
@pytest.mark.parametrize("seed", range(3))
def test_ratio_z_and_p_equal_arch(n: int, seed: int) -> None:
    assert_equals_arch(random_walks(seed, n)[0], HORIZONS)
    assert_equals_arch(reverting_noise(seed, n, 5.0), (2, 3, 5, 29))
    assert_equals_arch(np.round(random_walks(seed, n)[0], 1), (4, 2))


def test_the_ratio_of_white_noise_is_one_over_the_horizon() -> None:
    """Levels without memory: a change over q bars is no larger than one over a single bar."""
    found = variance_ratio(np.random.default_rng(1).normal(0, 1, 40_000))
    assert_allclose(found.ratios, [1 / q for q in HORIZONS], atol=0.01)
    assert max(found.zscores) < -10


@pytest.mark.parametrize("half_life_bars", [1.0, 10.0, 30.0])
def test_the_ratio_of_a_reverting_spread_is_that_of_its_autoregression(half_life_bars: float) -> None:
    keep = 0.5 ** (1 / half_life_bars)
    found = variance_ratio(reverting_noise(3, 60_000, half_life_bars))
    assert_allclose(found.ratios, [(1 - keep**q) / (q * (1 - keep)) for q in HORIZONS], atol=0.03)


@pytest.mark.parametrize("bounce", [0.3, 1.0, 2.0])
def test_bounce_alone_lowers_the_ratio(bounce: float) -> None:
    """Its autocorrelation is -b^2 / (1 + 2 b^2) at lag 1 and 0 beyond, so VR(q) = 1 + 2 (1 - 1 / q) of that."""
    rng = np.random.default_rng(5)
    series = rng.normal(0, 1, 60_000).cumsum() + bounce * rng.normal(0, 1, 60_000)
    echo = -(bounce**2) / (1 + 2 * bounce**2)
    found = variance_ratio(series)
    assert found.ratios[0] == pytest.approx(1 + echo, abs=0.01)
    assert_allclose(found.ratios, [1 + 2 * (1 - 1 / q) * echo for q in HORIZONS], atol=0.03)
    assert max(found.pvalues) < 1e-6


def test_size_one_walk_in_twenty_is_taken_for_something_else_also_when_it_was_fitted() -> None:
    walks = [random_walks(40_000 + seed, 300) for seed in range(1_500)]
    plain = np.array([variance_ratio(y).pvalues for y, _ in walks])
    fitted = np.array([variance_ratio(fitted_residual(y, x, needed=30).residual).pvalues for y, x in walks])
    for pvalues in (plain, fitted):
        share = np.mean(pvalues < 0.05, axis=0)
        assert share.min() >= 0.03
        assert share.max() <= 0.075


def test_size_holds_when_volatility_comes_in_clusters() -> None:
    """GARCH(0.10, 0.88). With the formula for a constant volatility 9 % and more are taken for something else."""
    rng = np.random.default_rng(9)
    shocks = rng.normal(0, 1, (1_000, 1_200))
    steps, variance = np.empty_like(shocks), np.ones(1_000)
    for at in range(1_200):
        steps[:, at] = np.sqrt(variance) * shocks[:, at]
        variance = 0.02 + 0.10 * steps[:, at] ** 2 + 0.88 * variance
    walks = steps[:, 200:].cumsum(axis=1)
    found = [variance_ratio(walk, (2,)) for walk in walks]
    assert 0.03 <= np.mean([test.pvalues[0] < 0.05 for test in found]) <= 0.07
    constant = [abs(math.sqrt(test.observations) * (test.ratios[0] - 1)) > 1.96 for test in found]
    assert np.mean(constant) >= 0.09


def test_power_a_spread_that_reverts_within_five_bars_is_found_in_a_thousand() -> None:
    assert np.mean([variance_ratio(reverting_noise(seed, 1_000, 5.0)).pvalues[3] < 0.05 for seed in range(100)]) >= 0.9


@law
@given(SEEDS, st.sampled_from([1e-8, -2.0, 1e6]), st.sampled_from([0.0, 7.0]), st.sampled_from([0.0, 0.3]))
def test_units_level_drift_and_direction_of_time_do_not_matter(
    seed: int, scale: float, shift: float, drift: float
) -> None:
    series = reverting_noise(seed, 200, 4.0)
    plain = variance_ratio(series)
    moved = variance_ratio(scale * (series + shift + drift * np.arange(200)))
    for other in (moved, variance_ratio(series[::-1])):
        assert_allclose(other.ratios, plain.ratios, rtol=1e-7)
        assert_allclose(other.zscores, plain.zscores, atol=1e-6)


def test_horizons_that_do_not_fit_ten_times_are_left_out() -> None:
    series = random_walks(2, 81)[0]
    assert variance_ratio(series).horizons == (2, 4, 8)
    assert variance_ratio(series[:-1]).horizons == (2, 4)
    with pytest.raises(NotEnoughData) as caught:
        variance_ratio(series, (50, 16))
    assert (caught.value.needed, caught.value.got) == (161, 81)
    with pytest.raises(NotEnoughData) as caught:
        variance_ratio(series[:29])
    assert (caught.value.needed, caught.value.got) == (30, 29)


@pytest.mark.parametrize("horizons", [(), (2, 1), (0,)])
def test_a_horizon_of_less_than_two_bars_is_refused(horizons: tuple[int, ...]) -> None:
    with pytest.raises(BadInput, match="2 bars or more"):
        variance_ratio(random_walks(2, 300)[0], horizons)


def test_a_series_that_moves_twice_says_nothing_about_chance() -> None:
    with pytest.raises(DegenerateData, match="too few bars"):
        variance_ratio(np.repeat([0.0, 1.0, 0.0], 30), (2,))


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        (np.full(100, 0.1), "same amount in every bar"),
        (0.1 * np.arange(100.0), "same amount in every bar"),
        (np.array([1.0] * 99 + [np.nan]), "not a finite number"),
    ],
)
def test_a_series_without_chance_in_it_is_refused(series: FloatArray, reason: str) -> None:
    with pytest.raises(DegenerateData, match=reason):
        variance_ratio(series)
