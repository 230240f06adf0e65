"""Hurst exponent on exact fractional Brownian motion; its interval against the exact theory and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lfilter

from analytics.errors import DegenerateData, NotEnoughData
from analytics.hurst import LONGEST_BARS, MINIMUM_BARS, hurst, slope_deviation, slope_mean
from analytics.market import FloatArray
from tests.analytics.markets import law, random_walks

LAGS = np.arange(2, 21)
SEEDS = st.integers(0, 2**32 - 1)


def fractional_motions(rng: np.random.Generator, exponent: float, n: int, samples: int) -> FloatArray:
    """Exact fractional Brownian motions, (samples, n): circulant embedding of the noise (Davies and Harte 1987)."""
    k = np.arange(n, dtype=float)
    covariance = ((k + 1) ** (2 * exponent) - 2 * k ** (2 * exponent) + np.abs(k - 1) ** (2 * exponent)) / 2
    around = np.concatenate([covariance, covariance[-2:0:-1]])
    powers = np.fft.fft(around).real
    assert powers.min() > -1e-9
    shape = (samples, len(around))
    noise = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    steps = np.fft.fft(noise * np.sqrt(np.maximum(powers, 0) / len(around)), axis=1).real[:, : n - 1]
    return np.concatenate([np.zeros((samples, 1)), steps.cumsum(axis=1)], axis=1)


def exponents(paths: FloatArray) -> FloatArray:
    return np.array([hurst(path).exponent for path in paths])


def theoretical_deviation(exponent: float, n: int) -> float:
    """Of the slope: the delta method on the covariances of the mean squares of Gaussian moves, all lags against all."""
    power = 2 * exponent

    def spread(at: FloatArray) -> FloatArray:
        return np.abs(at) ** power

    covariance = np.empty((len(LAGS), len(LAGS)))
    for row, k in enumerate(LAGS):
        for column, m in enumerate(LAGS[: row + 1]):
            apart = np.arange(-(n - k - 1), n - m, dtype=float)
            pairs = np.minimum(np.minimum(n - k + np.minimum(apart, 0), n - m - np.maximum(apart, 0)), n - k)
            moves = (spread(apart + m) + spread(apart - k) - spread(apart) - spread(apart + m - k)) / 2
            shared = 2 * (pairs * moves**2).sum() / ((n - k) * (n - m))
            covariance[row, column] = covariance[column, row] = shared / (k**power * m**power)
    logs = np.log(LAGS) - np.log(LAGS).mean()
    weights = logs / (logs @ logs)
    return float(np.sqrt(weights @ covariance @ weights)) / 2


def test_the_generator_makes_exact_fractional_noise() -> None:
    steps = np.diff(fractional_motions(np.random.default_rng(1), 0.3, 64, 20_000), axis=1)
    lagged = (steps[:, :-1] * steps[:, 1:]).mean()
    assert np.square(steps).mean() == pytest.approx(1.0, abs=0.01)
    assert lagged == pytest.approx((2**0.6 - 2) / 2, abs=0.005)


@law
@given(SEEDS, st.integers(100, 400))
def test_it_is_the_line_that_polyfit_draws_through_the_log_deviations(seed: int, n: int) -> None:
    walk = random_walks(seed, n)[0]
    deviations = [np.std(walk[lag:] - walk[:-lag]) for lag in LAGS]
    slope = np.polyfit(np.log(LAGS), np.log(deviations), 1)[0]
    assert hurst(walk).exponent == pytest.approx(min(max(slope, 0), 1), abs=1e-10)


@pytest.mark.parametrize(
    ("exponent", "n", "mean", "deviation"),
    [
        (0.3, 300, 0.297, 0.055),
        (0.5, 300, 0.479, 0.064),
        (0.7, 300, 0.649, 0.066),
        (0.3, 3_600, 0.299, 0.018),
        (0.5, 3_600, 0.499, 0.020),
        (0.7, 3_600, 0.690, 0.021),
    ],
)
def test_on_fractional_motion_mean_and_deviation_are_those_measured_elsewhere(
    exponent: float, n: int, mean: float, deviation: float
) -> None:
    """An independent implementation's 200 runs, so its mean is known to a tenth of the deviation or so."""
    found = exponents(fractional_motions(np.random.default_rng(n), exponent, n, 250))
    assert found.mean() == pytest.approx(mean, abs=0.3 * deviation)
    assert found.std() == pytest.approx(deviation, rel=0.25)


def test_slow_reversion_and_bounce_read_as_the_limits_say() -> None:
    rng = np.random.default_rng(2)
    kept = 0.5 ** (1 / 30)
    reverting = lfilter([1.0], [1.0, -kept], rng.normal(size=(300, 400)), axis=1)[:, 100:]
    assert exponents(reverting).mean() == pytest.approx(0.437, abs=0.02)
    bouncing = rng.normal(size=(300, 300)).cumsum(axis=1) + rng.normal(size=(300, 300))
    assert exponents(bouncing).mean() == pytest.approx(0.358, abs=0.02)


@pytest.mark.parametrize("exponent", [0.02, 0.1, 0.3, 0.5, 0.7])
@pytest.mark.parametrize("n", [300, 1_500])
def test_the_deviation_of_the_slope_is_that_of_the_exact_covariances(exponent: float, n: int) -> None:
    stated = float(slope_deviation(np.array([exponent]), n)[0])
    # The curve is that of long samples; for long memory a short sample differs by a little more.
    allowed = 0.03 if exponent < 0.7 else 0.09
    assert stated == pytest.approx(theoretical_deviation(exponent, n), rel=allowed)


@pytest.mark.parametrize("exponent", [0.3, 0.5, 0.7])
def test_the_mean_of_the_slope_in_short_samples_is_the_one_stated(exponent: float) -> None:
    found = exponents(fractional_motions(np.random.default_rng(11), exponent, 100, 2_500))
    assert slope_mean(np.array([exponent]), 100)[0] == pytest.approx(
        found.mean(), abs=0.016
    )  # an eighth of its deviation


@pytest.mark.parametrize("n", [100, 300, 3_600])
@pytest.mark.parametrize("exponent", [0.1, 0.3, 0.5, 0.8])
def test_coverage_the_interval_holds_the_truth_in_95_of_100_motions(n: int, exponent: float) -> None:
    samples = 600 if n <= 300 else 300
    found = [hurst(path) for path in fractional_motions(np.random.default_rng([n, 7]), exponent, n, samples)]
    inside = sum(h.low <= exponent <= h.high for h in found)
    assert 0.92 <= inside / samples <= 0.98


def test_coverage_is_lower_where_volatility_clusters() -> None:
    """Walks with GARCH(.10, .88) steps: 87 to 92 %."""
    rng = np.random.default_rng(5)
    variance, steps = np.ones(400), np.empty((400, 1_000))
    for t in range(1_000):
        steps[:, t] = np.sqrt(variance) * rng.normal(size=400)
        variance = 0.02 + 0.1 * steps[:, t] ** 2 + 0.88 * variance
    found = [hurst(path) for path in steps.cumsum(axis=1)]
    assert 0.84 <= sum(h.low <= 0.5 <= h.high for h in found) / 400 <= 0.94


@law
@given(SEEDS, st.integers(100, 300), st.sampled_from([0.02, 0.9, 1.0]))
def test_bounds_and_what_it_was_read_from(seed: int, n: int, kept: float) -> None:
    found = hurst(lfilter([1.0], [1.0, -kept], np.random.default_rng(seed).normal(size=n)))
    assert 0.0 <= found.low <= found.exponent <= found.high <= 1.0
    assert (found.shortest_bars, found.longest_bars, found.observations) == (2, LONGEST_BARS, n)


@law
@given(SEEDS, st.sampled_from([1e-8, -3.0, 1e5]), st.sampled_from([0.0, 40.0]), st.sampled_from([0.0, 0.01]))
def test_units_levels_and_a_steady_drift_do_not_matter(seed: int, scale: float, shift: float, drift: float) -> None:
    walk = random_walks(seed, 150)[0] - 100
    plain, moved = hurst(walk), hurst(scale * (walk + shift + drift * np.arange(150)))
    assert moved.exponent == pytest.approx(plain.exponent, abs=1e-8)
    assert (moved.low, moved.high) == pytest.approx((plain.low, plain.high), abs=1e-8)


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        (np.full(200, 0.1), "all the same"),
        (np.arange(200.0) / 10, "all the same"),
        (np.tile([1.0, 2.0], 100), "all the same"),  # its moves over two bars are nil
        (np.array([1.0] * 199 + [np.nan]), "not a finite number"),
    ],
)
def test_moves_that_do_not_differ_are_refused(series: FloatArray, reason: str) -> None:
    with pytest.raises(DegenerateData, match=reason):
        hurst(series)


def test_too_few_bars_say_how_many_are_needed() -> None:
    with pytest.raises(NotEnoughData) as caught:
        hurst(random_walks(1, MINIMUM_BARS - 1)[0])
    assert (caught.value.needed, caught.value.got) == (100, 99)
