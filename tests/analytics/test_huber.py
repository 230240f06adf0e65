"""Huber's line against statsmodels, its own first-order conditions, and what wild prints do to it and to OLS."""

from __future__ import annotations

import math
from dataclasses import astuple

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import DegenerateData, NotEnoughData
from analytics.hedge import ols_hedge_ratio
from analytics.huber import TUNING, huber_hedge_ratio
from analytics.market import FloatArray
from analytics.results import Unavailable
from tests.analytics.markets import bound_pair, law, random_walks

SEEDS = st.integers(0, 2**32 - 1)


def with_wild_prints(seed: int, n: int, share: float, size: float = 5.0) -> tuple[FloatArray, FloatArray]:
    """y = 10 + 1.5 x + noise; a share of y, all where x is high, prints far too high."""
    rng = np.random.default_rng([seed, 4])
    x = 100 + rng.normal(0, 1, n)
    y = 10 + 1.5 * x + rng.normal(0, 0.1, n)
    wild = np.argsort(x)[n - round(n * 0.4) :]
    wild = rng.choice(wild, round(n * share), replace=False)
    y[wild] += size * rng.uniform(1, 2, len(wild))
    return y, x


@pytest.mark.parametrize("include_intercept", [True, False])
@pytest.mark.parametrize(("y_level", "x_level"), [(1.0, 1.0), (6e4, 1e-5), (1e-8, 1e6)])
@pytest.mark.parametrize("seed", range(3))
def test_the_fit_equals_statsmodels(include_intercept: bool, y_level: float, x_level: float, seed: int) -> None:
    y, x = with_wild_prints(seed, 300, 0.1) if seed else bound_pair(seed, 300)
    fit = huber_hedge_ratio(y * y_level, x * x_level, include_intercept=include_intercept)
    design = np.column_stack([x, np.ones_like(x)] if include_intercept else [x])
    reference = sm.RLM(y, design, M=sm.robust.norms.HuberT(TUNING)).fit(maxiter=2_000, tol=1e-13, conv="coefs")
    assert fit.slope == pytest.approx(reference.params[0] * y_level / x_level, rel=1e-8)
    assert fit.stderr == pytest.approx(reference.bse[0] * y_level / x_level, rel=1e-8)
    assert fit.tvalue == pytest.approx(reference.tvalues[0], rel=1e-8)
    assert fit.pvalue == pytest.approx(reference.pvalues[0], abs=1e-12)
    assert fit.interval == pytest.approx(reference.conf_int()[0] * y_level / x_level, rel=1e-8)
    if include_intercept:
        assert fit.intercept == pytest.approx(reference.params[1] * y_level, rel=1e-8)
        assert fit.intercept_stderr == pytest.approx(reference.bse[1] * y_level, rel=1e-8)


def test_a_pvalue_that_matters_equals_statsmodels() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.normal(0, 1, (2, 60))
    y += 0.25 * x
    reference = sm.RLM(y, np.column_stack([x, np.ones(60)]), M=sm.robust.norms.HuberT()).fit(maxiter=500, tol=1e-13)
    fit = huber_hedge_ratio(y, x)
    assert fit.pvalue == pytest.approx(reference.pvalues[0], rel=1e-8)
    assert 0.001 < reference.pvalues[0] < 0.2


@law
@given(SEEDS, st.booleans())
def test_the_bounded_residuals_balance(seed: int, include_intercept: bool) -> None:
    y, x = with_wild_prints(seed, 80, 0.2)
    fit = huber_hedge_ratio(y, x, include_intercept=include_intercept)
    residual = y - fit.slope * x - fit.intercept
    scale = np.median(np.abs(residual)) / 0.6744897501960817
    pull = np.clip(residual / scale, -1.345, 1.345)
    assert abs(pull @ (x - x.mean() if include_intercept else x)) < 1e-7 * np.abs(x).sum()
    if include_intercept:
        assert abs(pull.sum()) < 1e-7


@law
@given(SEEDS, st.sampled_from([1e-6, 0.5, 3e5]), st.sampled_from([1e-6, 0.5, 3e5]), st.sampled_from([0.0, -90.0]))
def test_units_and_shifts_change_the_line_and_never_the_evidence(
    seed: int, y_unit: float, x_unit: float, shift: float
) -> None:
    y, x = with_wild_prints(seed, 60, 0.1)
    plain, scaled = huber_hedge_ratio(y, x), huber_hedge_ratio((y + shift) * y_unit, (x + shift) * x_unit)
    assert scaled.slope == pytest.approx(plain.slope * y_unit / x_unit, rel=1e-8)
    assert scaled.intercept == pytest.approx((plain.intercept + shift - plain.slope * shift) * y_unit, rel=1e-6)
    assert scaled.tvalue == pytest.approx(plain.tvalue, rel=1e-7)


@law
@given(SEEDS)
def test_the_order_of_bars_does_not_matter(seed: int) -> None:
    y, x = with_wild_prints(seed, 60, 0.1)
    order = np.random.default_rng(seed).permutation(60)
    assert huber_hedge_ratio(y[order], x[order]).slope == pytest.approx(huber_hedge_ratio(y, x).slope, rel=1e-9)


def test_wild_prints_pull_ols_away_and_huber_ten_times_less() -> None:
    ratios = []
    for seed in range(20):
        y, x = with_wild_prints(seed, 500, 0.05)
        ols, huber = ols_hedge_ratio(y, x).slope, huber_hedge_ratio(y, x).slope
        ratios.append(abs(huber - 1.5) / abs(ols - 1.5))
        assert abs(ols - 1.5) > 0.15
        assert abs(huber - 1.5) < 0.03
    assert np.median(ratios) < 0.1


def test_one_print_a_thousand_times_off_moves_the_slope_by_less_than_its_standard_error() -> None:
    y, x = bound_pair(3, 300)
    clean = huber_hedge_ratio(y, x)
    y[150] *= 1_000
    assert isinstance(clean.stderr, float)
    assert abs(huber_hedge_ratio(y, x).slope - clean.slope) < clean.stderr
    assert abs(ols_hedge_ratio(y, x).slope - clean.slope) > 100 * clean.stderr


def test_where_all_is_normal_it_is_95_percent_as_precise_as_ols_and_its_interval_holds_95_percent() -> None:
    rng = np.random.default_rng(6)
    ols, huber, inside = [], [], []
    for _ in range(1_000):
        x = rng.normal(0, 1, 100)
        y = 0.5 * x + rng.normal(0, 1, 100)
        fit = huber_hedge_ratio(y, x)
        ols.append(ols_hedge_ratio(y, x).slope)
        huber.append(fit.slope)
        assert isinstance(fit.interval, tuple)
        inside.append(fit.interval[0] < 0.5 < fit.interval[1])
    assert np.var(ols) / np.var(huber) == pytest.approx(0.95, abs=0.03)
    assert 0.93 < np.mean(inside) < 0.97


@pytest.mark.parametrize("level", [1e-8, 1.0, 1e6])
@pytest.mark.parametrize("include_intercept", [True, False])
def test_a_perfect_line_keeps_finite_numbers(level: float, include_intercept: bool) -> None:
    _, x = random_walks(1, 100)
    y = (3.0 * x + (2.0 if include_intercept else 0.0)) * level
    fit = huber_hedge_ratio(y, x, include_intercept=include_intercept)
    assert fit.slope == pytest.approx(3.0 * level, rel=1e-11)
    assert fit.pvalue == 0.0
    assert all(math.isfinite(value) for value in astuple(fit) if isinstance(value, float))


def test_where_most_rows_lie_on_one_line_exactly_it_is_the_answer() -> None:
    y, x = bound_pair(7, 500)
    exact = np.random.default_rng(7).random(500) < 0.7
    y[exact] = 10 + 1.5 * x[exact]
    fit = huber_hedge_ratio(y, x)
    assert fit.slope == pytest.approx(1.5, rel=1e-9)
    assert isinstance(fit.stderr, float)
    assert 0 < fit.stderr < 1e-9


def test_without_an_intercept_the_labels_say_so() -> None:
    y, x = bound_pair(8, 100)
    fit = huber_hedge_ratio(y, x, include_intercept=False)
    assert (fit.method, fit.intercept, fit.r_squared_kind) == ("huber", 0.0, "uncentred")
    assert fit.intercept_stderr == Unavailable("the line was fitted without an intercept")
    assert huber_hedge_ratio(y, x).rvalue == pytest.approx(np.corrcoef(y, x)[0, 1], rel=1e-9)


def test_a_line_that_does_not_settle_says_so_and_names_the_cure() -> None:
    y, x = (np.round(leg, 1) for leg in random_walks(28, 20))  # about half of the rows on one line exactly
    with pytest.raises(DegenerateData, match="did not settle in 500 rounds; take another"):
        huber_hedge_ratio(y, x)


def test_what_cannot_be_fitted_is_refused_with_its_reason() -> None:
    y, x = random_walks(1, 60)
    with pytest.raises(NotEnoughData) as caught:
        huber_hedge_ratio(y[:9], x[:9])
    assert (caught.value.needed, caught.value.got) == (10, 9)
    with pytest.raises(DegenerateData, match="leg x did not move"):
        huber_hedge_ratio(y, np.full(60, 0.1))
    with pytest.raises(DegenerateData, match="leg y did not move"):
        huber_hedge_ratio(np.full(60, 0.1), x)
    with pytest.raises(DegenerateData, match="not a finite number"):
        huber_hedge_ratio(np.where(np.arange(60) == 7, np.inf, y), x)
