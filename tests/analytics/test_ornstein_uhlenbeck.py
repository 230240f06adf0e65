"""The Ornstein-Uhlenbeck process against R's numerical likelihood, and its standard errors against simulation."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.signal import lfilter

from analytics.autoregression import autoregression
from analytics.errors import DegenerateData, NotEnoughData
from analytics.half_life import half_life
from analytics.market import FloatArray
from analytics.ornstein_uhlenbeck import ornstein_uhlenbeck
from tests.analytics.markets import law, random_walks, reverting_noise

FROM_R = json.loads((Path(__file__).parent / "golden" / "ornstein_uhlenbeck.json").read_text(encoding="utf-8"))
SEEDS = st.integers(0, 2**32 - 1)


def simulated(rng: np.random.Generator, n: int, mean: float, reversion: float, volatility: float) -> FloatArray:
    """Exact draws, one a bar, from the stationary start."""
    kept = math.exp(-reversion)
    shocks = rng.normal(0, volatility * math.sqrt((1 - kept * kept) / (2 * reversion)), n)
    shocks[0] /= math.sqrt(1 - kept * kept)
    values: FloatArray = mean + lfilter([1.0], [1.0, -kept], shocks)
    return values


@pytest.mark.parametrize("name", ["quick", "slow", "large"])
def test_estimates_and_errors_equal_the_likelihood_that_r_maximises(name: str) -> None:
    expected = dict(FROM_R[name])
    found = asdict(ornstein_uhlenbeck(np.array(expected.pop("spread"))))
    assert found == pytest.approx(expected, rel=1e-5)
    assert len(expected) == 8


@pytest.mark.parametrize(("reversion", "n"), [(0.07, 1_000), (0.7, 200)])
def test_standard_errors_are_the_deviations_of_the_estimates_over_100_half_lives(reversion: float, n: int) -> None:
    """1500 samples. The bias of the reversion is that of Tang and Chen (2009), near 4 / n where it is slow."""
    rng = np.random.default_rng(n)
    found = np.array(
        [list(asdict(ornstein_uhlenbeck(simulated(rng, n, 5, reversion, 2))).values()) for _ in range(1_500)]
    )
    estimates, errors = found[:, 0::2], found[:, 1::2]
    assert errors.mean(axis=0) == pytest.approx(estimates.std(axis=0), rel=0.12)
    mean, speed, volatility, deviation = estimates.mean(axis=0)
    truth = 2 / math.sqrt(2 * reversion)
    assert mean == pytest.approx(5, abs=4 * estimates[:, 0].std() / math.sqrt(1_500))
    bias = (5 + 2 * math.exp(reversion) + math.exp(2 * reversion)) / (2 * n)
    assert speed - reversion == pytest.approx(bias, abs=4 * estimates[:, 1].std() / math.sqrt(1_500))
    assert volatility == pytest.approx(2, rel=0.02)
    assert deviation == pytest.approx(truth, rel=0.03)


@pytest.mark.parametrize(("half_lives", "mean", "deviation"), [(5, 0.73, 0.55), (30, 0.90, 0.85), (100, 0.93, 0.92)])
def test_the_usual_interval_holds_as_rarely_as_the_limits_say(half_lives: int, mean: float, deviation: float) -> None:
    n, reversion, rng = 500, math.log(2) * half_lives / 500, np.random.default_rng(half_lives)
    truth, around_mean, around_deviation = 1 / math.sqrt(2 * reversion), 0, 0
    for _ in range(800):
        sample = simulated(rng, n, 0, reversion, 1)
        if autoregression(sample).reversion < 0:
            found = ornstein_uhlenbeck(sample)
            around_mean += abs(found.mean) < 1.96 * found.mean_stderr
            around_deviation += abs(found.deviation - truth) < 1.96 * found.deviation_stderr
    assert around_mean / 800 == pytest.approx(mean, abs=0.035)
    assert around_deviation / 800 == pytest.approx(deviation, abs=0.05)


def test_one_process_has_one_half_life_and_one_deviation() -> None:
    for seed in range(20):
        series = reverting_noise(seed, 200, 6.0)
        found = ornstein_uhlenbeck(series)
        assert half_life(series).bars == pytest.approx(math.log(2) / found.reversion, rel=1e-12)
        assert found.deviation == pytest.approx(found.volatility / math.sqrt(2 * found.reversion), rel=1e-12)


@law
@given(SEEDS, st.sampled_from([1e-8, -3.0, 1e5]), st.sampled_from([0.0, 50.0]))
def test_units_scale_with_the_spread_and_time_does_not(seed: int, scale: float, shift: float) -> None:
    series = reverting_noise(seed, 80, 5.0)
    assume(0 < autoregression(series).slope < 1)
    plain, scaled = ornstein_uhlenbeck(series), ornstein_uhlenbeck(scale * (series + shift))
    unit = abs(scale)
    assert scaled.mean == pytest.approx(scale * (plain.mean + shift), rel=1e-8, abs=1e-8 * unit)
    assert scaled.mean_stderr == pytest.approx(unit * plain.mean_stderr, rel=1e-7)
    assert (scaled.reversion, scaled.reversion_stderr) == pytest.approx(
        (plain.reversion, plain.reversion_stderr), rel=1e-7
    )
    assert (scaled.volatility, scaled.deviation_stderr) == pytest.approx(
        (unit * plain.volatility, unit * plain.deviation_stderr), rel=1e-7
    )


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        (1.05 ** np.arange(40.0), "no reversion"),
        (np.tile([1.0, -1.0], 20) * 0.9 ** np.arange(40.0), "faster than a bar"),
        (np.full(40, 2.0), "does not move"),
        (0.8 ** np.arange(40.0), "follows its own past exactly"),
        (np.array([1.0, np.inf] * 20), "not a finite number"),
    ],
)
def test_what_is_no_such_process_is_refused_with_a_sentence(series: FloatArray, reason: str) -> None:
    with pytest.raises(DegenerateData, match=reason):
        ornstein_uhlenbeck(series)


def test_too_few_bars_say_how_many_are_needed() -> None:
    with pytest.raises(NotEnoughData) as caught:
        ornstein_uhlenbeck(random_walks(1, 19)[0])
    assert (caught.value.needed, caught.value.got) == (20, 19)
