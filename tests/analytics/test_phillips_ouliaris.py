"""Phillips-Ouliaris Z_t against arch and the textbook's form, and the size and power that it really has."""

from __future__ import annotations

import math

import numpy as np
import pytest
from arch.unitroot.cointegration import phillips_ouliaris as reference
from hypothesis import given
from hypothesis import strategies as st

from analytics.cointegration import engle_granger
from analytics.errors import DegenerateData, NotEnoughData
from analytics.hedge import ols_hedge_ratio
from analytics.market import FloatArray
from analytics.phillips_ouliaris import phillips_ouliaris
from analytics.spread import spread
from tests.analytics.markets import bound_pair, law, random_walks

SEEDS = st.integers(0, 2**32 - 1)


def assert_equals_arch(y: FloatArray, x: FloatArray, tolerance: float = 1e-8) -> None:
    """The reference sees centred legs: it is the same test, without what its own solver loses on raw price levels."""
    mine, theirs = phillips_ouliaris(y, x), reference(y - y.mean(), x - x.mean(), trend="c", test_type="Zt")
    assert mine.statistic == pytest.approx(theirs.stat, abs=tolerance)
    assert mine.bandwidth == pytest.approx(theirs.bandwidth, abs=tolerance)
    assert mine.observations == len(y)


@pytest.mark.parametrize("n", [30, 31, 100, 300, 1_000, 3_600])
@pytest.mark.parametrize("seed", range(3))
def test_statistic_and_bandwidth_equal_arch(n: int, seed: int) -> None:
    assert_equals_arch(*random_walks(seed, n))
    assert_equals_arch(*bound_pair(seed, n))
    assert_equals_arch(*bound_pair(seed, n, half_life_bars=0.5))


@pytest.mark.parametrize(("y_level", "x_level"), [(6e4, 1e-5), (1e-8, 1e6), (1.0, 1.0)])
def test_raw_prices_and_coarse_ticks_equal_arch(y_level: float, x_level: float) -> None:
    y, x = bound_pair(11, 800)
    plain = phillips_ouliaris(y, x)
    assert phillips_ouliaris(y / 100 * y_level, x / 100 * x_level).statistic == pytest.approx(plain.statistic, abs=1e-8)
    assert_equals_arch(np.round(y, 1), np.round(x, 1))
    raw = reference(y, x, trend="c", test_type="Zt")  # raw levels on both sides
    assert (plain.statistic, plain.bandwidth) == pytest.approx((raw.stat, raw.bandwidth), abs=1e-8)


def test_it_is_the_t_value_of_phillips_and_perron_on_the_residual() -> None:
    """Z_t = sqrt(g0) / w t - (w^2 - g0) n se / (2 w s), as in Hamilton (1994), Time Series Analysis, section 19.2."""
    y, x = bound_pair(4, 500, half_life_bars=3.0)
    mine = phillips_ouliaris(y, x)
    u = spread(y, x, ols_hedge_ratio(y, x))
    n = len(u)
    rho = np.linalg.lstsq(u[:-1, None], u[1:])[0][0]
    shocks = u[1:] - rho * u[:-1]
    g = [float(shocks[lag:] @ shocks[: n - 1 - lag]) / n for lag in range(int(mine.bandwidth) + 1)]
    w2 = g[0] + 2 * sum((1 - lag / (mine.bandwidth + 1)) * g[lag] for lag in range(1, len(g)))
    s = math.sqrt(g[0])
    stderr = s / math.sqrt(float(u[:-1] @ u[:-1]))
    expected = math.sqrt(g[0] / w2) * (rho - 1) / stderr - (w2 - g[0]) * n * stderr / (2 * math.sqrt(w2) * s)
    assert mine.statistic == pytest.approx(expected, abs=1e-9)


def test_p_and_critical_values_are_near_those_that_arch_simulated_for_itself() -> None:
    for seed in range(60):
        y, x = bound_pair(seed, 300, half_life_bars=3.0 + 3 * seed)
        mine, theirs = phillips_ouliaris(y, x), reference(y, x, trend="c", test_type="Zt")
        assert mine.pvalue == pytest.approx(theirs.pvalue, abs=0.001 if theirs.pvalue <= 0.25 else 0.03)
        for level, value in mine.critical_values.items():
            assert value == pytest.approx(theirs.critical_values[int(level.rstrip("%"))], abs=0.015)


@law
@given(SEEDS, st.sampled_from([1e-8, 3.0, -1e6]), st.sampled_from([1e-8, 3.0, 1e6]))
def test_units_of_price_do_not_change_the_evidence(seed: int, y_unit: float, x_unit: float) -> None:
    y, x = bound_pair(seed, 120)
    plain, scaled = phillips_ouliaris(y, x), phillips_ouliaris((y - 3.0) * y_unit, x * x_unit)
    assert scaled.statistic == pytest.approx(plain.statistic, abs=1e-7)
    assert scaled.bandwidth == pytest.approx(plain.bandwidth, rel=1e-6)


def test_size_one_unrelated_pair_in_twenty_passes() -> None:
    passed = [phillips_ouliaris(*random_walks(30_000 + seed, 300)).pvalue < 0.05 for seed in range(1_500)]
    assert 0.035 <= np.mean(passed) <= 0.075


def test_power_a_pair_that_reverts_within_ten_bars_is_found_in_a_thousand() -> None:
    assert sum(phillips_ouliaris(*bound_pair(seed, 1_000)).pvalue < 0.05 for seed in range(80)) >= 78


def test_bounce_fools_it_where_engle_granger_holds() -> None:
    """Noise of twice a bar's return in each leg: the limit that the definition tells of."""
    rng = np.random.default_rng(12)
    legs = rng.normal(0, 1, (200, 2, 1_000)).cumsum(axis=2) + 2 * rng.normal(0, 1, (200, 2, 1_000))
    assert 0.6 <= np.mean([phillips_ouliaris(y, x).pvalue < 0.05 for y, x in legs]) <= 0.8
    assert np.mean([engle_granger(y, x).pvalue < 0.05 for y, x in legs]) <= 0.14


def test_what_engle_granger_refuses_is_refused_in_the_same_words() -> None:
    walk = random_walks(1, 300)[1]
    noise = np.random.default_rng(1).normal(0, 1, 300) * walk.std()
    cases = [(2 * (walk + math.sqrt(share) * noise), walk) for share in (0.0, 0.9e-6)]
    cases += [(np.full(300, 0.1), walk), (walk, np.full(300, 0.1)), (np.where(walk == walk.max(), np.nan, walk), noise)]
    for y, x in cases:
        with pytest.raises(DegenerateData) as theirs:
            engle_granger(y, x)
        with pytest.raises(DegenerateData) as mine:
            phillips_ouliaris(y, x)
        assert str(mine.value) == str(theirs.value)
    assert math.isfinite(phillips_ouliaris(2 * (walk + math.sqrt(2.5e-6) * noise), walk).statistic)


def test_a_residual_without_chance_in_it_is_refused() -> None:
    x = np.tile([1.0, 1.0, -1.0, -1.0], 25)
    y = np.tile([1.0, -1.0], 50)
    with pytest.raises(DegenerateData, match="repeats itself"):
        phillips_ouliaris(y, x)


def test_a_residual_that_swings_to_one_beat_is_refused() -> None:
    """Seven bars that come again and again, next to no noise: the weighted autocovariances add up to less than 0."""
    rng = np.random.default_rng(5)
    y = np.tile(rng.normal(0, 1, 7), 17) + 0.001 * rng.normal(0, 1, 119)
    with pytest.raises(DegenerateData, match="swings so regularly"):
        phillips_ouliaris(y, random_walks(3, 119)[0])


def test_too_few_bars_say_how_many_are_needed() -> None:
    y, x = random_walks(1, 29)
    with pytest.raises(NotEnoughData) as caught:
        phillips_ouliaris(y, x)
    assert (caught.value.needed, caught.value.got) == (30, 29)
