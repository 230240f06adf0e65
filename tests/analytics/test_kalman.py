"""The Kalman hedge against pykalman, filterpy and OLS, its laws, and what its band and z-score are worth."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from analytics.errors import BadInput, DegenerateData, NotEnoughData
from analytics.hedge import ols_hedge_ratio
from analytics.kalman import INNOVATION, WARM_UP_BARS, kalman_fit, kalman_hedge
from analytics.kalman_filter import LineState, StateNoise, filtered_line
from analytics.market import FloatArray
from analytics.results import HedgePath, Unavailable
from analytics.unit_root import adf_test
from tests.analytics.markets import bound_pair, law, random_walks, reverting_noise

GOLDEN = Path(__file__).parent / "golden"
SEEDS = st.integers(0, 2**32 - 1)


def golden(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((GOLDEN / name).read_text(encoding="utf-8"))
    return loaded


def columns_of(path: HedgePath) -> dict[str, FloatArray]:
    return {field.name: getattr(path, field.name) for field in fields(path)}


def zscores(path: HedgePath) -> FloatArray:
    assert path.zscore is not None
    return path.zscore


def white_pair(seed: int, n: int, slope: float = 1.5) -> tuple[FloatArray, FloatArray]:
    """A constant slope and a residual of white noise: what the filter assumes, but for the walk of its state."""
    rng = np.random.default_rng([seed, 2])
    x = 100 + rng.normal(0, 0.1, n).cumsum()
    return 10 + slope * x + rng.normal(0, 0.05, n), x


def drifting_pair(seed: int, n: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """y, x and the true slope: slope and level walk exactly as the filter believes at delta = 1e-4."""
    rng = np.random.default_rng([seed, 3])
    x = reverting_noise(seed, n, 2.0, 0.1)
    step, noise = 1e-2 * 0.05, 0.05
    slope = 1.5 + rng.normal(0, step / (0.1 / math.sqrt(0.5)), n).cumsum()
    return 10 + rng.normal(0, step, n).cumsum() + slope * x + rng.normal(0, noise, n), 100 + x, slope


# ---- against other implementations ----------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", ["pykalman", "filterpy"])
@pytest.mark.parametrize("design", ["intercept", "origin"])
def test_chans_path_equals_the_reference_in_every_row(reference: str, design: str) -> None:
    made = golden("kalman_chan.json")
    y, x, path = np.array(made["y"]), np.array(made["x"]), made[design][reference]
    step = np.full(len(y), made["delta"] / (1 - made["delta"]))
    step[0] = 0.0
    still = np.zeros(len(y))
    noise = StateNoise(step, still, step if design == "intercept" else still)
    line = filtered_line(y, x, LineState(0, 0, 0, 0, 0), noise, made["observation_variance"])
    for mine, theirs in zip(
        line,
        ("slope", "intercept", "slope_variance", "intercept_variance", "innovation", "innovation_variance"),
        strict=True,
    ):
        assert_allclose(mine, path[theirs], rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("reference", ["pykalman", "filterpy"])
@pytest.mark.parametrize("include_intercept", [True, False])
def test_a_given_observation_variance_is_chans_convention(reference: str, include_intercept: bool) -> None:
    made = golden("kalman_chan.json")
    theirs = {k: np.array(v) for k, v in made["intercept" if include_intercept else "origin"][reference].items()}
    path = kalman_hedge(
        np.array(made["y"]),
        np.array(made["x"]),
        include_intercept=include_intercept,
        delta=made["delta"],
        observation_variance=made["observation_variance"],
    )
    known = slice(WARM_UP_BARS, None)
    assert all(np.isnan(column[:WARM_UP_BARS]).all() for column in columns_of(path).values())
    assert_allclose(path.slope[known], theirs["slope"][known], rtol=1e-10)
    assert_allclose(path.intercept[known], theirs["intercept"][known], rtol=1e-10)
    assert_allclose(path.spread[known], theirs["innovation"][known], rtol=1e-10, atol=1e-13)
    assert_allclose(path.slope_deviation[known] ** 2, theirs["slope_variance"][known], rtol=1e-10)
    standardised = theirs["innovation"] / np.sqrt(theirs["innovation_variance"])
    assert_allclose(zscores(path)[known], standardised[known], rtol=1e-10, atol=1e-12)


def test_the_path_in_its_own_units_equals_filterpy_with_the_units_from_their_definition() -> None:
    made = golden("kalman_own_units.json")
    y, x = np.array(made["y"]), np.array(made["x"])
    assert np.mean(np.diff(x) == 0) > 0.5  # the clock of x is put to use
    path = kalman_hedge(y, x, delta=made["delta"])
    mine = {**columns_of(path), "innovation": path.spread}
    for name in ("slope", "intercept", "slope_deviation", "innovation", "zscore"):
        assert np.isnan(mine[name][:WARM_UP_BARS]).all()
        assert_allclose(mine[name][WARM_UP_BARS:], made[name], rtol=1e-10)


@pytest.mark.parametrize("include_intercept", [True, False])
def test_a_filter_that_forgets_nothing_is_ols_on_the_rows_so_far(include_intercept: bool) -> None:
    y, x = bound_pair(4, 200)
    path = kalman_hedge(y, x, include_intercept=include_intercept, delta=0.0)
    for t in range(WARM_UP_BARS, 200, 13):
        fit = ols_hedge_ratio(y[: t + 1], x[: t + 1], include_intercept=include_intercept)
        assert path.slope[t] == pytest.approx(fit.slope, rel=1e-8)
        assert path.intercept[t] == pytest.approx(fit.intercept, rel=1e-8)
        assert path.slope_deviation[t] == pytest.approx(fit.stderr, rel=1e-8)
        before = ols_hedge_ratio(y[:t], x[:t], include_intercept=include_intercept)
        design = np.column_stack([x, np.ones_like(x)] if include_intercept else [x])
        leverage = design[t] @ np.linalg.inv(design[:t].T @ design[:t]) @ design[t]
        surprise = y[t] - before.intercept - before.slope * x[t]
        expected = surprise / (before.residual_deviation * math.sqrt(1 + leverage))
        assert zscores(path)[t] == pytest.approx(expected, rel=1e-6)


def test_a_tiny_delta_is_almost_ols_and_the_default_is_not() -> None:
    y, x = bound_pair(4, 400)
    fit = ols_hedge_ratio(y, x)
    assert kalman_hedge(y, x, delta=1e-12).slope[-1] == pytest.approx(fit.slope, rel=1e-5)
    assert abs(kalman_hedge(y, x).slope[-1] - fit.slope) > 1e-3


# ---- laws -----------------------------------------------------------------------------------------------------------


@law
@given(SEEDS, st.integers(WARM_UP_BARS + 1, 119), st.booleans(), st.sampled_from([None, 1e-3]), st.booleans())
def test_the_past_never_changes(
    seed: int, cut: int, include_intercept: bool, observation_variance: float | None, thin: bool
) -> None:
    y, x = bound_pair(seed, 120)
    if thin:
        y, x = np.round(y, 1), np.round(x, 1)
    whole = kalman_hedge(y, x, include_intercept=include_intercept, observation_variance=observation_variance)
    shifted = np.empty((2, cut + 1))  # other addresses in memory, the same numbers
    shifted[:, 1:] = y[:cut], x[:cut]
    part = kalman_hedge(
        shifted[0, 1:], shifted[1, 1:], include_intercept=include_intercept, observation_variance=observation_variance
    )
    for name, column in columns_of(part).items():
        assert_array_equal(column, columns_of(whole)[name][:cut])


@law
@given(SEEDS, st.sampled_from([1e-7, 3.0, 1e5]), st.sampled_from([1e-7, 3.0, 1e5]), st.booleans())
def test_units_of_price_change_no_zscore(seed: int, y_unit: float, x_unit: float, include_intercept: bool) -> None:
    y, x = bound_pair(seed, 150)
    plain = kalman_hedge(y, x, include_intercept=include_intercept)
    scaled = kalman_hedge(y * y_unit, x * x_unit, include_intercept=include_intercept)
    assert_allclose(scaled.slope, plain.slope * (y_unit / x_unit), rtol=1e-8)
    assert_allclose(scaled.slope_deviation, plain.slope_deviation * (y_unit / x_unit), rtol=1e-8)
    assert_allclose(scaled.spread, plain.spread * y_unit, rtol=1e-6, atol=1e-10 * y_unit)
    assert_allclose(zscores(scaled), zscores(plain), rtol=1e-6, atol=1e-8)


@law
@given(SEEDS, st.sampled_from([-90.0, 1e4]), st.sampled_from([-90.0, 1e4]))
def test_with_an_intercept_a_shift_of_price_changes_the_intercept_alone(
    seed: int, y_shift: float, x_shift: float
) -> None:
    y, x = bound_pair(seed, 150)
    plain, moved = kalman_hedge(y, x), kalman_hedge(y + y_shift, x + x_shift)
    assert_allclose(moved.slope, plain.slope, rtol=1e-6)
    assert_allclose(zscores(moved), zscores(plain), rtol=1e-5, atol=1e-7)
    assert_allclose(moved.intercept, plain.intercept + y_shift - plain.slope * x_shift, rtol=1e-6, atol=1e-6)


@law
@given(SEEDS)
def test_the_spread_is_what_the_line_of_the_row_before_did_not_expect(seed: int) -> None:
    y, x = bound_pair(seed, 90)
    path = kalman_hedge(y, x)
    expected = y[1:] - path.slope[:-1] * x[1:] - path.intercept[:-1]
    assert_allclose(path.spread[WARM_UP_BARS + 1 :], expected[WARM_UP_BARS:], atol=1e-10)


def test_where_a_long_sample_begins_does_not_matter_now() -> None:
    """A live sample slides: each bar drops its oldest row."""
    for seed in range(5):
        y, x = bound_pair(seed, 1_501)
        one, other = kalman_hedge(y, x), kalman_hedge(y[1:], x[1:])
        assert abs(one.slope[-1] - other.slope[-1]) < 1e-6
        assert abs(zscores(one)[-1] - zscores(other)[-1]) < 1e-6


def test_a_leg_that_stands_still_for_long_does_not_let_the_slope_run_away() -> None:
    for seed in range(10):
        y, x = bound_pair(seed, 2_200)
        rest = y - 1.5 * x
        x[1_000:2_000] = x[1_000]
        x[2_000:] += x[1_000] - x[2_000]
        path = kalman_hedge(rest + 1.5 * x, x)
        assert path.slope_deviation[1_999] < 6 * path.slope_deviation[1_000]
        assert np.abs(path.slope[2_000:2_100] - 1.5).max() < 0.7
        assert np.abs(zscores(path)[2_000:2_100]).max() < 5


def test_the_covariance_stays_positive_over_a_long_path_far_from_its_origin() -> None:
    rng = np.random.default_rng(0)
    x = 1e6 + rng.normal(0, 0.01, 200_000).cumsum()
    path = kalman_hedge(2e-3 * x + rng.normal(0, 1e-5, 200_000), x)
    assert (path.slope_deviation[WARM_UP_BARS:] > 0).all()
    assert path.slope[-1] == pytest.approx(2e-3, abs=5 * path.slope_deviation[-1])
    assert np.nanstd(zscores(path)) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("observation_variance", [1e-12, 1e12])
def test_covariances_stay_covariances_where_one_noise_dwarfs_the_other(observation_variance: float) -> None:
    _, x = random_walks(3, 5_000)
    step, still = np.full(5_000, 1e-4), np.zeros(5_000)
    line = filtered_line(x, x, LineState(0, 0, 1.0, 0.0, 1.0), StateNoise(step, still, step), observation_variance)
    assert (line.slope_variance > 0).all()
    assert (line.level_variance > 0).all()
    assert (line.innovation_variance >= observation_variance).all()


# ---- what it is worth -----------------------------------------------------------------------------------------------


def test_the_band_holds_a_drifting_slope_in_95_percent_and_a_constant_one_in_99() -> None:
    drifting, constant = [], []
    for seed in range(120):
        y, x, slope = drifting_pair(seed, 400)
        path = kalman_hedge(y, x)
        drifting.append(np.abs(path.slope - slope)[100:] < 1.96 * path.slope_deviation[100:])
        y, x = white_pair(seed, 400)
        path = kalman_hedge(y, x)
        constant.append(np.abs(path.slope - 1.5)[100:] < 1.96 * path.slope_deviation[100:])
    assert 0.93 < np.mean(drifting) < 0.97
    assert np.mean(constant) > 0.98


def test_the_band_is_too_narrow_where_the_spread_reverts_slowly() -> None:
    inside = []
    for seed in range(60):
        path = kalman_hedge(*bound_pair(seed, 600, half_life_bars=10))
        inside.append(np.abs(path.slope - 1.5)[100:] < 1.96 * path.slope_deviation[100:])
    assert 0.4 < np.mean(inside) < 0.6


@pytest.mark.parametrize("half_life_bars", [3.0, 30.0, None])
def test_the_zscore_has_deviation_one_whatever_the_spread_is(half_life_bars: float | None) -> None:
    assert "unrelated walks too" in INNOVATION.limits
    pairs = [
        random_walks(s, 900) if half_life_bars is None else bound_pair(s, 900, half_life_bars=half_life_bars)
        for s in range(30)
    ]
    scores = np.concatenate([zscores(kalman_hedge(*pair))[200:] for pair in pairs])
    assert 0.95 < scores.std() < 1.08
    assert 0.03 < np.mean(np.abs(scores) > 2) < 0.06


def test_the_zscore_tells_of_the_true_spread() -> None:
    found = []
    for seed in range(20):
        y, x = bound_pair(seed, 900, half_life_bars=10)
        found.append(np.corrcoef((y - 10 - 1.5 * x)[200:], zscores(kalman_hedge(y, x))[200:])[0, 1])
    assert np.mean(found) > 0.8


def test_just_after_the_warm_up_the_zscore_is_up_to_1_4_times_too_large() -> None:
    assert "first 200 rows it is up to 1.4 times" in INNOVATION.limits
    slow = np.array([zscores(kalman_hedge(*bound_pair(s, 400, half_life_bars=100))) for s in range(80)])
    assert 1.15 < slow[:, 30:130].std() < 1.5
    assert slow[:, 250:].std() < 1.15
    white = np.array([zscores(kalman_hedge(*white_pair(s, 130))) for s in range(80)])
    assert 0.95 < white[:, 30:].std() < 1.07


def test_adf_finds_a_kalman_spread_of_unrelated_walks_to_revert_so_it_is_not_applicable() -> None:
    spreads = [kalman_hedge(*random_walks(seed, 1_500)).spread[WARM_UP_BARS:] for seed in range(20)]
    assert np.mean([adf_test(spread).pvalue < 0.05 for spread in spreads]) > 0.9


def test_chans_fixed_matrices_are_blind_on_small_prices_and_ours_are_not() -> None:
    y, x = bound_pair(1, 600)
    y, x = y * 1e-7, x * 1e3  # 1e-5 against 1e5
    assert np.nanmax(np.abs(zscores(kalman_hedge(y, x, observation_variance=1e-3)))) < 1e-9
    ours = kalman_hedge(y, x)
    assert 0.9 < np.nanstd(zscores(ours)) < 1.2
    assert ours.slope[-1] == pytest.approx(1.5e-10, rel=0.2)


# ---- the newest line, and what cannot be given ----------------------------------------------------------------------


def test_the_newest_line_says_what_it_is() -> None:
    y, x = bound_pair(6, 300)
    path = kalman_hedge(y, x)
    fit = kalman_fit(path, y, x)
    assert (fit.method, fit.slope, fit.intercept, fit.observations) == (
        "kalman",
        path.slope[-1],
        path.intercept[-1],
        300,
    )
    assert fit.stderr == path.slope_deviation[-1]
    assert isinstance(fit.interval, tuple)
    assert_allclose(fit.interval, fit.slope + 1.959963985 * path.slope_deviation[-1] * np.array([-1, 1]))
    assert fit.pvalue == fit.tvalue == Unavailable("the slope is a moving state: it has a band, not a p-value")
    residual = y - fit.slope * x - fit.intercept
    assert fit.r_squared == pytest.approx(1 - (residual**2).sum() / ((y - y.mean()) ** 2).sum(), rel=1e-9)
    assert fit.rvalue == pytest.approx(np.corrcoef(y, x)[0, 1], rel=1e-9)
    origin = kalman_fit(kalman_hedge(y, x, include_intercept=False), y, x, include_intercept=False)
    assert (origin.intercept, origin.r_squared_kind) == (0.0, "uncentred")


def test_a_path_without_a_value_has_no_newest_line() -> None:
    y, x = bound_pair(6, 40)
    empty = np.full(40, np.nan)
    with pytest.raises(DegenerateData, match="still warming up"):
        kalman_fit(HedgePath(empty, empty, empty, empty, empty), y, x)


@pytest.mark.parametrize("level", [1e-8, 1.0, 1e6])
def test_a_perfect_line_has_an_empty_spread_and_no_zscore(level: float) -> None:
    _, x = random_walks(1, 100)
    path = kalman_hedge(3.3 * x * level + 0.7 * level, x * level)
    assert not path.spread[WARM_UP_BARS:].any()
    assert np.isnan(zscores(path)).all()
    assert path.slope[-1] == pytest.approx(3.3, rel=1e-10)
    assert 0 < path.slope_deviation[-1] < 1e-9


def test_the_filter_waits_until_x_moves() -> None:
    y, x = bound_pair(2, 100)
    x[:50] = x[50]
    path = kalman_hedge(y, x)
    assert np.isnan(path.slope[:52]).all()
    assert np.isfinite(path.slope[52:]).all()
    with pytest.raises(NotEnoughData) as caught:
        kalman_hedge(y[:52], x[:52])
    assert (caught.value.needed, caught.value.got) == (53, 52)


def test_what_cannot_be_followed_is_refused_with_its_reason() -> None:
    y, x = random_walks(1, 60)
    with pytest.raises(NotEnoughData) as caught:
        kalman_hedge(y[:30], x[:30])
    assert (caught.value.needed, caught.value.got) == (31, 30)
    with pytest.raises(DegenerateData, match="leg x did not move"):
        kalman_hedge(y, np.full(60, 0.1))
    with pytest.raises(DegenerateData, match="leg y did not move"):
        kalman_hedge(np.full(60, 0.1), x)
    with pytest.raises(DegenerateData, match="not a finite number"):
        kalman_hedge(np.where(np.arange(60) == 7, np.nan, y), x)
    for delta in (-1e-9, 1.0, math.nan):
        with pytest.raises(BadInput, match="delta lies between 0 and 1"):
            kalman_hedge(y, x, delta=delta)
    for variance in (0.0, -1.0, math.inf, math.nan):
        with pytest.raises(BadInput, match="observation variance must be positive"):
            kalman_hedge(y, x, observation_variance=variance)
