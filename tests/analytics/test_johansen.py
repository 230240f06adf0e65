"""Johansen's test against statsmodels and R, and the size and power that it really has."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from statsmodels.tsa.vector_ar.vecm import coint_johansen

from analytics.errors import BadInput, DegenerateData, NotEnoughData
from analytics.johansen import johansen
from analytics.market import FloatArray
from tests.analytics.markets import bound_pair, law, random_walks, reverting_noise

SEEDS = st.integers(0, 2**32 - 1)
GOLDEN = json.loads((Path(__file__).parent / "golden" / "further_tests.json").read_text())


def assert_equals_statsmodels(y: FloatArray, x: FloatArray, lags: int, tolerance: float) -> None:
    mine, theirs = johansen(y, x, lags=lags), coint_johansen(np.column_stack([y, x]), 0, lags)
    assert_allclose(mine.trace, theirs.trace_stat, atol=tolerance)
    assert_allclose(mine.largest, theirs.max_eig_stat, atol=tolerance)
    assert_allclose(mine.eigenvalues, theirs.eig, atol=tolerance)
    assert_allclose([slope for _, slope in mine.vectors], theirs.evec[1] / theirs.evec[0], rtol=tolerance)
    assert [one for one, _ in mine.vectors] == [1.0, 1.0]
    assert (mine.lags, mine.observations) == (lags, len(y) - 1 - lags)


@pytest.mark.parametrize("n", [60, 300, 1_000])
@pytest.mark.parametrize("lags", [1, 2, 7])
@pytest.mark.parametrize("seed", range(3))
def test_statistics_and_vectors_equal_statsmodels(n: int, lags: int, seed: int) -> None:
    assert_equals_statsmodels(*random_walks(seed, n), lags, 1e-8)
    assert_equals_statsmodels(*bound_pair(seed, n), lags, 1e-8)


@pytest.mark.parametrize(("y_level", "x_level"), [(6e4, 1e-6), (1e-6, 6e4), (1e-8, 1e6)])
def test_raw_prices_equal_statsmodels_as_far_as_that_one_keeps_its_digits(y_level: float, x_level: float) -> None:
    y, x = bound_pair(11, 800)
    assert_equals_statsmodels(y / 100 * y_level, x / 100 * x_level, 1, 1e-5)


@pytest.mark.parametrize("theirs", GOLDEN["johansen"], ids=lambda case: f"{case['y']}-{case['lags']}")
def test_statistics_vectors_and_critical_values_equal_r(theirs: dict[str, Any]) -> None:
    legs = GOLDEN["columns"]
    mine = johansen(np.array(legs[theirs["y"]]), np.array(legs["x"]), lags=theirs["lags"])
    assert_allclose(mine.trace, theirs["trace"], atol=1e-8)
    assert_allclose(mine.largest, theirs["largest"], atol=1e-8)
    assert_allclose(mine.eigenvalues, theirs["eigenvalues"], atol=1e-10)
    assert_allclose([-slope for _, slope in mine.vectors], theirs["slopes"], rtol=1e-7)
    assert [list(row.values()) for row in mine.trace_critical] == theirs["trace_critical"]
    assert [list(row.values()) for row in mine.largest_critical] == theirs["largest_critical"]


@law
@given(SEEDS, st.sampled_from([1e-8, 3.0, -1e6]), st.sampled_from([1e-8, 3.0, 1e6]), st.sampled_from([0.0, 40.0]))
def test_units_and_levels_of_the_legs_do_not_change_the_test(
    seed: int, y_unit: float, x_unit: float, up: float
) -> None:
    y, x = bound_pair(seed, 120)
    plain, scaled = johansen(y, x), johansen((y + up) * y_unit, x * x_unit)
    assert_allclose(scaled.trace, plain.trace, atol=1e-7)
    assert_allclose(scaled.largest, plain.largest, atol=1e-7)
    slopes = np.array([plain.vectors[0][1], scaled.vectors[0][1] * x_unit / y_unit])
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-6)


@law
@given(SEEDS)
def test_no_leg_stands_first(seed: int) -> None:
    y, x = random_walks(seed, 120)
    one, other = johansen(y, x), johansen(x, y)
    assert_allclose(other.trace, one.trace, atol=1e-8)
    assert_allclose(other.largest, one.largest, atol=1e-8)
    assert other.vectors[0][1] * one.vectors[0][1] == pytest.approx(1.0, rel=1e-5)


def test_eigenvalues_give_both_statistics() -> None:
    found = johansen(*bound_pair(3, 400), lags=2)
    assert found.largest == pytest.approx([-found.observations * math.log(1 - value) for value in found.eigenvalues])
    assert found.trace == pytest.approx((sum(found.largest), found.largest[1]))
    assert 1 > found.eigenvalues[0] >= found.eigenvalues[1] >= 0


def test_the_first_relation_is_the_one_that_the_pair_was_made_of() -> None:
    found = johansen(*bound_pair(5, 4_000, slope=1.5))
    assert found.rank == 1
    assert found.vectors[0] == pytest.approx((1.0, -1.5), abs=0.02)


def test_two_legs_that_revert_by_themselves_have_rank_two() -> None:
    assert johansen(reverting_noise(1, 600, 4.0), reverting_noise(2, 600, 6.0)).rank == 2


def test_size_one_unrelated_pair_in_twenty_passes_and_one_in_nine_with_the_values_of_statsmodels() -> None:
    """1 500 pairs of walks without drift, 300 bars; the standard error is 0.6 and 0.8 percentage points."""
    found = [johansen(*random_walks(20_000 + seed, 300)) for seed in range(1_500)]
    assert 0.035 <= np.mean([test.rank > 0 for test in found]) <= 0.07
    assert 0.035 <= np.mean([test.largest[0] > test.largest_critical[0]["5%"] for test in found]) <= 0.07
    theirs = coint_johansen(np.column_stack(random_walks(1, 300)), 0, 1).trace_stat_crit_vals[0, 1]
    assert 0.09 <= np.mean([test.trace[0] > theirs for test in found]) <= 0.14


def test_size_with_a_drift_the_values_are_on_the_careful_side() -> None:
    """A drift of a fifth of a bar's return, 1 000 bars: 2 % pass at "5 %"."""
    steps = np.random.default_rng(6).normal(0.2, 1, (500, 2, 1_000))
    assert np.mean([johansen(y, x).rank > 0 for y, x in steps.cumsum(axis=2)]) <= 0.04


def test_power_a_pair_that_reverts_within_ten_bars_is_found_in_a_thousand() -> None:
    ranks = [johansen(*bound_pair(seed, 1_000)).rank for seed in range(80)]
    assert min(ranks) >= 1
    assert np.mean([rank == 1 for rank in ranks]) >= 0.85


def test_bounce_fools_a_test_with_one_lag_and_less_so_one_with_five() -> None:
    """Noise of twice a bar's return in each leg: the limit that the definition tells of."""
    rng = np.random.default_rng(4)
    legs = rng.normal(0, 1, (200, 2, 300)).cumsum(axis=2) + 2 * rng.normal(0, 1, (200, 2, 300))
    assert 0.6 <= np.mean([johansen(y, x).rank > 0 for y, x in legs]) <= 0.8
    assert np.mean([johansen(y, x, lags=5).rank > 0 for y, x in legs]) <= 0.13


def test_what_cannot_be_tested_is_refused() -> None:
    y, x = random_walks(1, 200)
    with pytest.raises(BadInput, match="1 or more"):
        johansen(y, x, lags=0)
    with pytest.raises(NotEnoughData) as caught:
        johansen(y[:35], x[:35], lags=2)
    assert (caught.value.needed, caught.value.got) == (36, 35)
    for left, right, reason in (
        (y, np.full(200, 0.1), "leg x did not move"),
        (np.full(200, 0.1), x, "leg y did not move"),
        (2 * x + 3, x, "almost one line"),
        (np.tile([1.0, 2.0], 100), np.arange(200.0), "repeat themselves"),
        (np.where(np.arange(200) == 7, np.nan, y), x, "not a finite number"),
    ):
        with pytest.raises(DegenerateData, match=reason):
            johansen(left, right)
