"""Orthogonal regression: published and independent lines, what it promises about its errors, and its symmetry."""

from __future__ import annotations

import json
import math
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analytics.errors import DegenerateData, NotEnoughData
from analytics.hedge import ols_hedge_ratio
from analytics.market import FloatArray
from analytics.results import HedgeFit, Unavailable
from analytics.spread import spread
from analytics.total_least_squares import total_least_squares
from tests.analytics.markets import bound_pair, law, random_walks

SEEDS = st.integers(0, 2**32 - 1)
GOLDEN = json.loads((Path(__file__).parent / "golden" / "orthogonal_distance.json").read_text())


def stderr_of(fit: HedgeFit) -> float:
    assert isinstance(fit.stderr, float)
    return fit.stderr


def interval_of(fit: HedgeFit) -> tuple[float, float]:
    assert isinstance(fit.interval, tuple)
    return fit.interval


def measured(seed: int, n: int, slope: float, noise: float, intercept: float = 3.0) -> tuple[FloatArray, FloatArray]:
    """Points on a line, each leg measured with the same error."""
    rng = np.random.default_rng(seed)
    truth = 5 + rng.normal(0, 1, n)
    errors = noise * rng.normal(0, 1, (2, n))
    return intercept + slope * truth + errors[0], truth + errors[1]


def test_pearsons_own_example() -> None:
    """Pearson (1901), Philosophical Magazine 2, p. 569 ff.; the same ten points as in York (1966), unweighted."""
    x = np.array([0.0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4])
    y = np.array([5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5])
    fit = total_least_squares(y, x)
    assert (round(fit.slope, 4), round(fit.intercept, 3)) == (-0.5456, 5.784)


@pytest.mark.parametrize("case", GOLDEN["cases"])
def test_the_line_and_its_errors_are_those_of_odrpack(case: dict[str, list[float]]) -> None:
    """ODRPACK takes the fitted x for the true ones, which leaves its errors smaller by 1 - across / along."""
    y, x = np.array(case["y"]), np.array(case["x"])
    include_intercept = bool(case["include_intercept"])
    fit = total_least_squares(y, x, include_intercept=include_intercept)
    assert fit.slope == pytest.approx(case["beta"][0], rel=1e-6)
    legs = np.column_stack([x, y]) - (np.array([x.mean(), y.mean()]) if include_intercept else 0.0)
    along, across = np.linalg.svd(legs, compute_uv=False) ** 2
    assert stderr_of(fit) * (1 - across / along) == pytest.approx(case["sd_beta"][0], rel=1e-5)
    if not include_intercept:
        assert fit.intercept_stderr == Unavailable("the line was fitted without an intercept")
        return
    assert fit.intercept == pytest.approx(case["beta"][1], rel=1e-6)
    assert isinstance(fit.intercept_stderr, float)
    of_the_mean = fit.residual_deviation / math.sqrt(len(y))
    of_the_slope = math.sqrt(fit.intercept_stderr**2 - of_the_mean**2)
    expected = math.hypot(of_the_mean, of_the_slope * (1 - across / along))
    assert expected == pytest.approx(case["sd_beta"][1], rel=1e-5)


@pytest.mark.parametrize("include_intercept", [True, False])
@pytest.mark.parametrize("level", [1e-8, 1e-3, 1.0, 6e4, 1e6])
def test_the_line_is_the_first_singular_vector(level: float, include_intercept: bool) -> None:
    y, x = bound_pair(3, 300)
    fit = total_least_squares(y * level, x * level, include_intercept=include_intercept)
    legs = np.column_stack([x, y])
    middle = legs.mean(axis=0) if include_intercept else np.zeros(2)
    _, lengths, axes = np.linalg.svd(legs - middle)
    slope = axes[0, 1] / axes[0, 0]
    assert fit.slope == pytest.approx(slope, rel=1e-9)
    assert fit.intercept == pytest.approx((middle[1] - slope * middle[0]) * level, rel=1e-7)
    freedom = 298 if include_intercept else 299
    assert fit.residual_deviation == pytest.approx(lengths[1] * level * math.sqrt((1 + slope**2) / freedom), rel=1e-8)
    ssr = ((y - slope * x - fit.intercept / level) ** 2).sum()
    assert fit.r_squared == pytest.approx(1 - ssr / ((y - middle[1]) ** 2).sum(), rel=1e-9)
    uncentred = (x * y).sum() / math.sqrt((x * x).sum() * (y * y).sum())
    assert fit.rvalue == pytest.approx(np.corrcoef(y, x)[0, 1] if include_intercept else uncentred, rel=1e-9)
    assert (fit.method, fit.observations) == ("tls", 300)


@law
@given(SEEDS, st.sampled_from([-3.0, -0.5, 0.2, 1.0, 4.0]), st.sampled_from([0.05, 0.3]))
def test_at_the_ends_of_the_interval_the_rotated_legs_are_correlated_at_5_percent(
    seed: int, slope: float, noise: float
) -> None:
    y, x = measured(seed, 30, slope, noise)
    fit = total_least_squares(y, x)
    if isinstance(fit.interval, Unavailable):
        return
    for end in fit.interval:
        assert stats.pearsonr(y - end * x, x + end * y).pvalue == pytest.approx(0.05, abs=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_without_intercept_the_ends_are_those_of_a_regression_through_the_origin(seed: int) -> None:
    y, x = measured(seed, 30, 1.4, 0.3, intercept=0.0)
    for end in interval_of(total_least_squares(y, x, include_intercept=False)):
        assert sm.OLS(y - end * x, x + end * y).fit().pvalues[0] == pytest.approx(0.05, abs=1e-8)


@pytest.mark.parametrize("include_intercept", [True, False])
def test_the_interval_holds_the_truth_in_95_of_100_samples(include_intercept: bool) -> None:
    fits = [
        total_least_squares(
            *measured(seed, 40, 1.4, 0.3, intercept=3.0 if include_intercept else 0.0),
            include_intercept=include_intercept,
        )
        for seed in range(3_000)
    ]
    held = [interval_of(fit)[0] < 1.4 < interval_of(fit)[1] for fit in fits]
    assert np.mean(held) == pytest.approx(0.95, abs=0.012)  # three standard errors
    spread_of_slopes = np.std([fit.slope for fit in fits])
    assert np.mean([stderr_of(fit) for fit in fits]) == pytest.approx(spread_of_slopes, rel=0.06)


@law
@given(SEEDS, st.booleans())
def test_swapping_the_legs_gives_the_same_line(seed: int, include_intercept: bool) -> None:
    y, x = measured(seed, 40, 1.4, 0.2)
    one, other = (total_least_squares(*legs, include_intercept=include_intercept) for legs in ((y, x), (x, y)))
    assert one.slope * other.slope == pytest.approx(1.0, rel=1e-12)
    assert one.intercept == pytest.approx(-other.intercept * one.slope, rel=1e-9, abs=1e-12)
    low, high = interval_of(one)
    assert interval_of(other) == pytest.approx((1 / high, 1 / low), rel=1e-9)
    assert stderr_of(one) / one.slope == pytest.approx(stderr_of(other) / other.slope, rel=1e-9)


@law
@given(SEEDS, st.sampled_from([1e-8, 0.5, 1e6]), st.booleans())
def test_one_unit_for_both_legs_changes_nothing(seed: int, unit: float, include_intercept: bool) -> None:
    y, x = bound_pair(seed, 60)
    plain, scaled = (
        total_least_squares(y * factor, x * factor, include_intercept=include_intercept) for factor in (1.0, unit)
    )
    assert scaled.slope == pytest.approx(plain.slope, rel=1e-9)
    assert (scaled.rvalue, scaled.r_squared) == pytest.approx((plain.rvalue, plain.r_squared), rel=1e-9)
    if isinstance(plain.stderr, Unavailable):
        assert scaled.stderr == plain.stderr
    else:
        assert stderr_of(scaled) == pytest.approx(plain.stderr, rel=1e-8)


def test_the_dearer_leg_decides() -> None:
    """In units of its own, the line goes from OLS of y on x to the inverse of OLS of x on y as y gets dearer."""
    y, x = measured(5, 200, 1.4, 0.5)
    forward, inverse = ols_hedge_ratio(y, x).slope, 1 / ols_hedge_ratio(x, y).slope
    slopes = [total_least_squares(y * unit, x).slope / unit for unit in (1e-4, 0.1, 1.0, 10.0, 1e4)]
    assert slopes == sorted(slopes)
    assert slopes[0] == pytest.approx(forward, rel=1e-6)
    assert slopes[-1] == pytest.approx(inverse, rel=1e-6)


@law
@given(SEEDS, st.sampled_from([-70.0, 4.0, 1e4]), st.sampled_from([-70.0, 4.0, 1e4]))
def test_a_shift_of_a_leg_moves_the_intercept_alone(seed: int, y_shift: float, x_shift: float) -> None:
    y, x = measured(seed, 60, 0.8, 0.2)
    plain, moved = total_least_squares(y, x), total_least_squares(y + y_shift, x + x_shift)
    assert (moved.slope, stderr_of(moved)) == pytest.approx((plain.slope, stderr_of(plain)), rel=1e-8)
    assert moved.intercept == pytest.approx(plain.intercept + y_shift - plain.slope * x_shift, rel=1e-8, abs=1e-8)


@law
@given(SEEDS)
def test_turning_a_leg_over_turns_the_line_over_and_no_vertical_fit_beats_ols(seed: int) -> None:
    y, x = random_walks(seed, 60)
    fit, turned = total_least_squares(y, x), total_least_squares(-y, x)
    assert turned.slope == pytest.approx(-fit.slope, rel=1e-12)
    assert fit.r_squared <= ols_hedge_ratio(y, x).r_squared + 1e-12
    order = np.random.default_rng(seed).permutation(60)
    assert total_least_squares(y[order], x[order]).slope == pytest.approx(fit.slope, rel=1e-8)


def test_a_cloud_without_a_direction_has_a_line_but_no_error() -> None:
    y, x = np.random.default_rng(0).normal(0, 1, (2, 50))
    fit = total_least_squares(y, x)
    assert math.isfinite(fit.slope)
    for unknown in (fit.stderr, fit.interval, fit.intercept_stderr):
        assert isinstance(unknown, Unavailable)
        assert "vertical line" in unknown.reason
    assert isinstance(fit.tvalue, Unavailable)
    assert fit.pvalue == fit.tvalue


@pytest.mark.parametrize("level", [1e-8, 1.0, 1e6])
def test_a_perfect_fit_keeps_finite_numbers_and_an_empty_spread(level: float) -> None:
    x = random_walks(1, 100)[1] * level
    y = 3.0 * x + 2.0 * level
    fit = total_least_squares(y, x)
    assert fit.slope == pytest.approx(3.0, rel=1e-11)
    assert all(math.isfinite(value) for value in astuple(fit) if isinstance(value, float))
    assert 0 < stderr_of(fit) < 1e-10
    assert not spread(y, x, fit).any()


def test_degenerate_legs_say_what_is_wrong() -> None:
    y, x = random_walks(1, 10)
    with pytest.raises(NotEnoughData, match="need 3 bars, got 2"):
        total_least_squares(y[:2], x[:2])
    with pytest.raises(DegenerateData, match="leg x did not move"):
        total_least_squares(y, np.full(10, 0.1))
    with pytest.raises(DegenerateData, match="leg y is 0 throughout"):
        total_least_squares(np.zeros(10), x, include_intercept=False)
    with pytest.raises(DegenerateData, match="not a finite number"):
        total_least_squares(np.append(y, np.nan), np.append(x, 1.0))
    for tall in (1.0, 2.0):  # a square has no direction, a tall cross only a vertical one
        with pytest.raises(DegenerateData, match="no hedge ratio"):
            total_least_squares(tall * np.array([0.0, 1.0, 0.0, -1.0]), np.array([1.0, 0.0, -1.0, 0.0]))
