"""Half-life against R, exact distributions and a published table; its interval by simulation."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.signal import lfilter
from scipy.special import ndtri

from analytics.autoregression import autoregression
from analytics.errors import DegenerateData, NotEnoughData
from analytics.half_life import half_life
from analytics.hedge import ols_hedge_ratio
from analytics.market import FloatArray
from analytics.slope_quantiles import slope_interval, slope_quantile, surface_narrowness, surface_terms
from analytics.spread import spread
from tests.analytics.golden import ar1_quantiles
from tests.analytics.markets import law, random_walks, reverting_noise

SEEDS = st.integers(0, 2**32 - 1)
GOLDEN = Path(__file__).parent / "golden"
EXACT = json.loads((GOLDEN / "ar1_quantiles.json").read_text(encoding="utf-8"))
FROM_R = json.loads((GOLDEN / "half_life.json").read_text(encoding="utf-8"))
LEVELS = (0.025, 0.5, 0.975)

# Fuller, Introduction to Statistical Time Series (1976), table 8.5.1, n (slope - 1) of a random walk with the mean
# estimated, n values: 2.5 % and 97.5 %.
FULLER = [(25, -14.6, 0.65), (50, -15.7, 0.53), (100, -16.3, 0.47), (250, -16.6, 0.43), (500, -16.8, 0.42)]


def reverting(rng: np.random.Generator, n: int, kept: float) -> FloatArray:
    """A stationary Gaussian AR(1), or a random walk where kept is 1."""
    shocks = rng.normal(0, 1, n)
    if kept < 1:
        shocks[0] /= math.sqrt(1 - kept * kept)
    values: FloatArray = lfilter([1.0], [1.0, -kept], shocks)
    return values


@pytest.mark.parametrize("name", ["quick", "slow", "tiny"])
def test_both_forms_equal_the_regression_of_r(name: str) -> None:
    expected = FROM_R[name]
    found = half_life(np.array(expected["spread"]))
    assert found.reversion == pytest.approx(expected["reversion"], rel=1e-9)
    assert found.stderr == pytest.approx(expected["stderr"], rel=1e-9)
    assert found.bars == pytest.approx(expected["exact"], rel=1e-9)
    assert found.chan_bars == pytest.approx(expected["chan"], rel=1e-9)


def test_half_life_is_that_of_the_decay_it_is_given() -> None:
    for bars in (0.7, 3.0, 29.0, 1e3):
        decay = 0.5 ** (np.arange(200) / bars)
        assert half_life(decay).bars == pytest.approx(bars, rel=1e-9)


@pytest.mark.parametrize("bars", [2.0, 8.0, 25.0])
def test_half_life_finds_the_truth_in_a_long_sample(bars: float) -> None:
    assert half_life(reverting_noise(2, 60_000, bars)).bars == pytest.approx(bars, rel=0.06)


@law
@given(SEEDS, st.integers(20, 200))
def test_half_life_follows_from_the_autoregression_that_lstsq_fits(seed: int, n: int) -> None:
    series = reverting_noise(seed, n, 4.0)
    kept = np.linalg.lstsq(np.column_stack([series[:-1], np.ones(n - 1)]), series[1:])[0][0]
    assume(abs(kept) < 1)
    assert 0.5 ** (1 / half_life(series).bars) == pytest.approx(abs(kept), abs=1e-9)


@law
@given(SEEDS, st.sampled_from([1e-8, -2.0, 1e5]), st.sampled_from([0.0, 7.0]))
def test_half_life_has_no_unit_but_bars(seed: int, scale: float, shift: float) -> None:
    series = reverting_noise(seed, 60, 4.0)
    plain, scaled = half_life(series), half_life(scale * (series + shift))
    assert scaled.bars == pytest.approx(plain.bars, rel=1e-8)
    assert scaled.low_bars == pytest.approx(plain.low_bars, rel=1e-6, abs=1e-9)
    assert (scaled.high_bars is None) == (plain.high_bars is None)
    assert scaled.stderr == pytest.approx(plain.stderr, rel=1e-8)


@law
@given(SEEDS, st.integers(20, 400), st.floats(0.2, 200.0))
def test_the_interval_holds_the_estimate_and_the_unbiased_value(seed: int, n: int, bars: float) -> None:
    series = reverting_noise(seed, n, bars)
    assume(abs(np.polyfit(series[:-1], series[1:], 1)[0]) < 0.999)
    found = half_life(series)
    highest = math.inf if found.high_bars is None else found.high_bars
    unbiased = math.inf if found.unbiased_bars is None else found.unbiased_bars
    assert 0 <= found.low_bars <= found.bars <= highest
    assert found.low_bars <= unbiased <= highest
    assert found.chan_bars > 0


def test_near_a_random_walk_there_is_no_upper_end_and_no_unbiased_number() -> None:
    """The slope found lies above the one that a random walk gives in half of the samples: the best guess is "never"."""
    walk = next(
        w
        for seed in range(100)
        if 0.987 < autoregression(w := reverting(np.random.default_rng(seed), 300, 1.0)).slope < 0.9995
    )
    found = half_life(walk)
    assert (found.high_bars, found.unbiased_bars) == (None, None)
    assert 0 < found.low_bars < found.bars < math.inf


def test_a_slope_of_zero_is_a_half_life_of_zero_when_the_interval_spans_it() -> None:
    found = half_life(np.random.default_rng(4).normal(0, 1, 500))
    assert found.low_bars == 0.0
    assert found.high_bars is not None
    assert found.high_bars < 1.0


def test_a_spread_that_runs_away_never_comes_back() -> None:
    for away in (1.05 ** np.arange(60.0), (-1.0) ** np.arange(60.0) * 1.05 ** np.arange(60.0)):
        with pytest.raises(DegenerateData, match="no reversion"):
            half_life(away)


def test_a_spread_that_stands_still_has_no_half_life() -> None:
    with pytest.raises(DegenerateData, match="nothing to come back from"):
        half_life(np.full(30, 4.0))
    with pytest.raises(DegenerateData, match="nothing to come back from"):
        half_life(np.array([4.0] * 29 + [5.0]))


def test_what_cannot_be_used_is_said() -> None:
    with pytest.raises(NotEnoughData) as caught:
        half_life(np.arange(19.0))
    assert (caught.value.needed, caught.value.got) == (20, 19)
    with pytest.raises(DegenerateData, match="not a finite number"):
        half_life(np.array([1.0, 2.0] * 20 + [np.nan]))


@pytest.mark.parametrize("level", LEVELS)
def test_the_surface_lies_on_the_exact_quantiles(level: float) -> None:
    """In standard errors of the slope: 0.08 moves a tail of 2.5 % by less than half a percent."""
    for row in EXACT["table"]:
        kept, rows = np.array([row["kept"]]), row["n"] - 1
        off = (slope_quantile(kept, rows, level) - row[str(level)]) * rows * surface_narrowness(kept, rows)
        assert abs(off[0]) < (0.05 if row["kept"] >= 0 else 0.08), row


def test_the_surface_in_the_product_is_the_one_fitted_to_the_exact_quantiles() -> None:
    for level in LEVELS:
        fit = ar1_quantiles.coefficients(EXACT["table"], level)
        assert_allclose(fit, EXACT["surface"][str(level)], atol=2e-3)
        normal = float(ndtri(level))
        for rows, kept in ((19, 0.7), (300, 1.0), (5_000, -0.3)):
            truth = np.array([kept])
            r = surface_narrowness(truth, rows)
            value = (
                normal - (1 + (2 + normal**2) * truth) * r + surface_terms(truth, rows) @ EXACT["surface"][str(level)]
            )
            assert_allclose(slope_quantile(truth, rows, level), truth + value / r / rows, atol=1e-12)


@pytest.mark.parametrize(("n", "kept"), [(20, 0.9), (40, 0.5), (56, 1.0), (80, -0.4)])
def test_the_exact_quantiles_can_be_made_again(n: int, kept: float) -> None:
    """And are those of the sampling distribution: 20 000 simulated slopes lie where they say."""
    quantiles = [ar1_quantiles.quantile(n, kept, level) for level in LEVELS]
    rng = np.random.default_rng(n)
    shocks = rng.normal(0, 1, (20_000, n))
    if kept < 1:
        shocks[:, 0] /= math.sqrt(1 - kept * kept)
    values = lfilter([1.0], [1.0, -kept], shocks, axis=1)
    before = values[:, :-1] - values[:, :-1].mean(axis=1, keepdims=True)
    slopes = (before * values[:, 1:]).sum(axis=1) / np.square(before).sum(axis=1)
    assert_allclose([(slopes <= q).mean() for q in quantiles], LEVELS, atol=0.012)
    stored = [row for row in EXACT["table"] if row["n"] == n and row["kept"] == kept]
    for row in stored:
        assert_allclose(quantiles, [row[str(level)] for level in LEVELS], atol=2e-6)


@pytest.mark.parametrize(("n", "lowest", "highest"), FULLER)
def test_at_a_random_walk_the_quantiles_are_those_that_fuller_published(n: int, lowest: float, highest: float) -> None:
    for level, published in ((0.025, lowest), (0.975, highest)):
        assert n * (slope_quantile(np.ones(1), n - 1, level)[0] - 1) == pytest.approx(published, abs=0.17)


@pytest.mark.parametrize("rows", [19, 60, 299, 3_599, 86_399])
def test_the_quantiles_rise_with_the_truth_so_that_each_slope_has_one_answer(rows: int) -> None:
    truths = 1 - np.geomspace(2.0, 0.01 / rows, 500)
    for level in LEVELS:
        assert (np.diff(slope_quantile(truths, rows, level)) > 0).all()
    for slope in (-0.5, 0.0, 0.9, 0.999):
        low, unbiased, high = slope_interval(slope, rows)
        assert low <= slope <= high
        assert low < unbiased <= high


@pytest.mark.parametrize("n", [100, 300, 1_000])
@pytest.mark.parametrize("part", [100, 30, 10])
def test_coverage_the_interval_holds_the_truth_in_95_of_100_samples(n: int, part: int) -> None:
    """Half-lives from n / 100 to n / 10, 1000 samples each; and half of the unbiased values are too long."""
    bars = n / part
    rng = np.random.default_rng([n, part])
    inside = longer = 0
    for _ in range(1_000):
        found = half_life(reverting(rng, n, 0.5 ** (1 / bars)))
        inside += found.low_bars <= bars and (found.high_bars is None or bars <= found.high_bars)
        longer += found.unbiased_bars is None or found.unbiased_bars > bars
    assert 0.93 <= inside / 1_000 <= 0.97
    assert 0.45 <= longer / 1_000 <= 0.55


def test_coverage_the_plain_normal_interval_is_too_short_and_ours_is_why_it_is_not_used() -> None:
    kept, rng, inside = 0.5 ** (10 / 300), np.random.default_rng(7), 0
    for _ in range(1_000):
        found = half_life(reverting(rng, 300, kept))
        inside += abs(1 + found.reversion - kept) < 1.96 * found.stderr
    assert inside / 1_000 < 0.91


def test_coverage_is_about_90_in_100_where_volatility_clusters() -> None:
    """GARCH(.10, .88) shocks, half-life n / 30."""
    rng, kept, samples, n = np.random.default_rng(9), 0.5 ** (30 / 600), 600, 600
    variance, shocks = np.ones(samples), np.empty((samples, n + 200))
    for t in range(n + 200):
        shocks[:, t] = np.sqrt(variance) * rng.normal(size=samples)
        variance = 0.02 + 0.1 * shocks[:, t] ** 2 + 0.88 * variance
    inside = 0
    for series in lfilter([1.0], [1.0, -kept], shocks, axis=1)[:, 200:]:
        found = half_life(series)
        inside += found.low_bars <= n / 30 and (found.high_bars is None or n / 30 <= found.high_bars)
    assert 0.87 <= inside / samples <= 0.95


def test_coverage_on_the_residual_of_a_fit_is_lower_and_random_walks_look_like_a_half_life() -> None:
    """What HALF_LIFE.limits says: 92 % at n / 10; unrelated walks show n / 11 bars, one in ten without "never"."""
    n, rng = 300, np.random.default_rng(5)
    inside = 0
    for _ in range(600):
        x = rng.normal(0, 1, n).cumsum()
        y = 1.5 * x + reverting(rng, n, 0.5 ** (10 / n))
        found = half_life(spread(y, x, ols_hedge_ratio(y, x)))
        inside += found.low_bars <= n / 10 and (found.high_bars is None or n / 10 <= found.high_bars)
    assert 0.88 <= inside / 600 <= 0.95
    walks, ended = [], 0
    for seed in range(400):
        y, x = random_walks(50_000 + seed, n)
        residual = spread(y, x, ols_hedge_ratio(y, x))
        if autoregression(residual).reversion >= 0:
            walks.append(math.inf)
            continue
        found = half_life(residual)
        walks.append(found.bars)
        ended += found.high_bars is not None
    assert np.median(walks) == pytest.approx(n / 11, rel=0.15)
    assert 0.06 <= ended / 400 <= 0.15


def test_a_random_walk_that_was_observed_shows_a_sixth_of_the_sample_and_its_interval_reaches_never() -> None:
    n, never, bars = 300, 0, []
    rng = np.random.default_rng(6)
    for _ in range(600):
        walk = reverting(rng, n, 1.0)
        if autoregression(walk).reversion >= 0:
            never += 1
            bars.append(math.inf)
            continue
        found = half_life(walk)
        never += found.high_bars is None
        bars.append(found.bars)
    assert np.median(bars) == pytest.approx(n / 6.3, rel=0.12)
    assert never / 600 >= 0.95
