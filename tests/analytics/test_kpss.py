"""KPSS against statsmodels and R, Shin's critical values by simulation, and how far the test can be believed."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.tools.sm_exceptions import InterpolationWarning
from statsmodels.tsa.stattools import kpss as reference

from analytics.errors import DegenerateData, NotEnoughData
from analytics.kpss import kpss
from analytics.market import FloatArray
from analytics.residual import fitted_residual
from tests.analytics.markets import law, random_walks, reverting_noise

SEEDS = st.integers(0, 2**32 - 1)
GOLDEN = json.loads((Path(__file__).parent / "golden" / "further_tests.json").read_text())


def fitted_noise(seed: int, runs: int, n: int, *, together: float = 0.0) -> list[FloatArray]:
    """Residuals of white noise on a walk; `together` correlates the noise with the steps of the walk."""
    shocks = np.random.default_rng(seed).normal(0, 1, (runs, 2, n))
    walks = (together * shocks[:, 0] + math.sqrt(1 - together**2) * shocks[:, 1]).cumsum(axis=1)
    return [fitted_residual(x + noise, x, needed=30).residual for noise, x in zip(shocks[:, 0], walks, strict=True)]


def rejected(series: list[FloatArray], level: float, *, fitted: bool) -> float:
    return float(np.mean([kpss(one, fitted=fitted).pvalue < level for one in series]))


@pytest.mark.filterwarnings(f"ignore::{InterpolationWarning.__module__}.{InterpolationWarning.__name__}")
@pytest.mark.parametrize("n", [30, 31, 100, 300, 1_000, 3_600])
@pytest.mark.parametrize("seed", range(3))
def test_statistic_lags_and_p_equal_statsmodels(n: int, seed: int) -> None:
    for series in (random_walks(seed, n)[0], reverting_noise(seed, n, 3.0), reverting_noise(seed, n, 0.2)):
        mine, theirs = kpss(series), reference(series, regression="c", nlags="auto", result_object=True)
        assert mine.lags == theirs.lags
        assert mine.statistic == pytest.approx(theirs.statistic, abs=1e-10)
        assert mine.pvalue == pytest.approx(theirs.pvalue, abs=1e-10)
        assert mine.critical_values == theirs.critical_values
        assert mine.observations == n


@pytest.mark.parametrize("theirs", GOLDEN["kpss"], ids=lambda case: str(case["series"]))
def test_statistic_and_p_equal_r_where_its_rule_gives_the_same_lags(theirs: dict[str, Any]) -> None:
    mine = kpss(np.array(GOLDEN["columns"][theirs["series"]]))
    assert mine.lags == theirs["lags"]
    assert mine.statistic == pytest.approx(theirs["statistic"], abs=1e-8)
    assert mine.pvalue == pytest.approx(theirs["pvalue"], abs=1e-8)


def test_p_is_a_number_inside_the_table_and_a_bound_outside() -> None:
    found = [kpss(np.array(GOLDEN["columns"][name])) for name in ("noise", "drifting", "wandering")]
    assert [(round(test.pvalue, 3), test.pvalue_is_bound) for test in found] == [(0.1, ">"), (0.043, ""), (0.01, "<")]


def test_critical_values_are_the_published_ones() -> None:
    """Kwiatkowski et al. (1992), table 1, level; Shin (1994), table 1, demeaned, one regressor."""
    series = reverting_noise(1, 200, 1.0)
    assert kpss(series).critical_values == {"10%": 0.347, "5%": 0.463, "2.5%": 0.574, "1%": 0.739}
    assert kpss(series, fitted=True).critical_values == {"10%": 0.231, "5%": 0.314, "1%": 0.533}
    assert kpss(series, fitted=True).statistic == kpss(series).statistic


def test_size_a_twentieth_of_stationary_series_is_rejected() -> None:
    noise = list(np.random.default_rng(6).normal(0, 1, (1_500, 300)))
    assert 0.03 <= rejected(noise, 0.05, fitted=False) <= 0.07


def test_size_on_fitted_residuals_holds_with_the_values_of_shin_and_not_with_the_others() -> None:
    residuals = fitted_noise(7, 2_000, 300)
    for level in (0.02, 0.05, 0.0999):
        assert rejected(residuals, level, fitted=True) == pytest.approx(level, abs=0.02)
    assert rejected(residuals, 0.05, fitted=False) < 0.03


def test_shins_values_are_the_quantiles_of_simulated_statistics() -> None:
    """Independent of the code under test: sums of fitted noise over its known variance, 1 000 bars, 8 000 runs."""
    rng = np.random.default_rng(8)
    statistics = np.empty(8_000)
    for first in range(0, 8_000, 1_000):
        noise, walk = rng.normal(0, 1, (1_000, 1_000)), rng.normal(0, 1, (1_000, 1_000)).cumsum(axis=1)
        noise -= noise.mean(axis=1, keepdims=True)
        walk -= walk.mean(axis=1, keepdims=True)
        slopes = (noise * walk).sum(axis=1) / (walk * walk).sum(axis=1)
        sums = (noise - slopes[:, None] * walk).cumsum(axis=1)
        statistics[first : first + 1_000] = np.square(sums).sum(axis=1) / 1_000**2
    assert np.quantile(statistics, [0.90, 0.95, 0.99]) == pytest.approx([0.231, 0.314, 0.533], rel=0.05)


def test_shocks_that_move_x_as_well_raise_the_share_that_is_rejected() -> None:
    """A limit that the definition tells of."""
    assert 0.055 <= rejected(fitted_noise(9, 2_000, 300, together=0.5), 0.05, fitted=True) <= 0.10


def test_power_walks_are_rejected() -> None:
    walks = [random_walks(seed, 1_000)[0] for seed in range(200)]
    assert rejected(walks, 0.05, fitted=False) >= 0.9


def test_a_slow_spread_is_often_taken_for_none() -> None:
    """A limit that the definition tells of: half-life 10 bars, 300 bars, 39 %."""
    spreads = [reverting_noise(seed, 400, 10.0)[100:] for seed in range(300)]
    assert 0.30 <= rejected(spreads, 0.05, fitted=False) <= 0.46


@law
@given(SEEDS, st.sampled_from([1e-8, -2.0, 1e6]), st.sampled_from([0.0, 7.0, -1e3]))
def test_units_level_and_direction_of_time_do_not_change_the_test(seed: int, scale: float, shift: float) -> None:
    series = reverting_noise(seed, 90, 4.0)
    plain = kpss(series)
    for other in (kpss(scale * (series + shift)), kpss(series[::-1])):
        assert other.lags == plain.lags
        assert other.statistic == pytest.approx(plain.statistic, rel=1e-8)


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        (np.full(100, 0.1), "does not move"),
        (np.tile([1.0, 2.0, 4.0, 2.0, 1.0], 20), "swings back so much"),  # five lags add up to nothing
        (np.array([1.0] * 99 + [np.nan]), "not a finite number"),
    ],
)
def test_a_series_without_an_answer_is_refused(series: FloatArray, reason: str) -> None:
    with pytest.raises(DegenerateData, match=reason):
        kpss(series)


def test_too_few_bars_say_how_many_are_needed() -> None:
    with pytest.raises(NotEnoughData) as caught:
        kpss(reverting_noise(1, 29, 3.0))
    assert (caught.value.needed, caught.value.got) == (30, 29)
