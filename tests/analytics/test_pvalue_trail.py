"""The trail is Engle-Granger window by window, of the past alone, and it warns of too many looks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from analytics.cointegration import engle_granger
from analytics.errors import BadInput, DegenerateData, NotEnoughData, NotEstimable
from analytics.evidence import PvalueTrail
from analytics.market import FloatArray
from analytics.pvalue_trail import pvalue_trail, trail_windows
from tests.analytics.hard_series import hostile_series, market_series
from tests.analytics.markets import bound_pair, law, random_walks

SEEDS = st.integers(0, 2**32 - 1)
MINUTE = 60_000


def trail_of(y: FloatArray, x: FloatArray, window_bars: int, step_bars: int) -> PvalueTrail:
    return pvalue_trail(np.arange(len(y)) * MINUTE, y, x, window_bars=window_bars, step_bars=step_bars)


def one_by_one(y: FloatArray, x: FloatArray, window_bars: int, step_bars: int) -> FloatArray:
    def one(start: int) -> float:
        window = slice(start, start + window_bars)
        try:
            return engle_granger(y[window], x[window]).pvalue
        except NotEstimable:
            return math.nan

    return np.array([one(start) for start in range(0, len(y) - window_bars + 1, step_bars)])


@pytest.mark.parametrize(("window", "step"), [(30, 1), (60, 7), (300, 14), (350, 1)])
def test_each_point_is_engle_granger_on_its_window(window: int, step: int) -> None:
    for y, x in (random_walks(1, 700), bound_pair(2, 700)):
        assert_allclose(trail_of(y, x, window, step).pvalue, one_by_one(y, x, window, step), rtol=0, atol=1e-10)


def test_so_it_is_for_hard_spreads_and_where_nothing_moves() -> None:
    x = random_walks(3, 400)[0]
    for name, left_over in (market_series(3, 400) | hostile_series(3, 400)).items():
        y = x + 3 * (left_over - left_over[0]) / np.ptp(left_over)
        assert_allclose(trail_of(y, x, 100, 9).pvalue, one_by_one(y, x, 100, 9), rtol=0, atol=1e-10, err_msg=name)
    y = random_walks(5, 400)[1]
    y[90:210] = y[90]  # a leg that stands still
    y[250:370] = 2 * x[250:370]  # legs that are one line
    trail = trail_of(y, x, 100, 5).pvalue
    assert_allclose(trail, one_by_one(y, x, 100, 5), rtol=0, atol=1e-10)
    silent = [start for start in range(0, 301, 5) if 90 <= start <= 110 or 250 <= start <= 270]
    assert_array_equal(np.flatnonzero(np.isnan(trail)) * 5, silent)


@law
@given(SEEDS, st.integers(30, 80), st.integers(1, 20), st.integers(80, 200))
def test_a_longer_sample_never_changes_an_earlier_point(seed: int, window: int, step: int, cut: int) -> None:
    y, x = random_walks(seed, 200)
    whole, early = trail_of(y, x, window, step), trail_of(y[:cut], x[:cut], window, step)
    k = len(early.pvalue)
    assert_array_equal(whole.time_ms[:k], early.time_ms)
    assert_array_equal(whole.pvalue[:k], early.pvalue)


@law
@given(SEEDS, st.sampled_from([1e-8, 3.0, 1e5]), st.sampled_from([1e-8, 3.0, 1e5]))
def test_units_of_price_do_not_change_the_trail(seed: int, y_unit: float, x_unit: float) -> None:
    y, x = bound_pair(seed, 150)
    plain, scaled = trail_of(y, x, 60, 10), trail_of(y * y_unit, x * x_unit, 60, 10)
    assert_allclose(scaled.pvalue, plain.pvalue, rtol=0, atol=1e-7)


def test_points_stand_at_the_ends_of_their_windows_and_the_share_counts_answers_only() -> None:
    y, x = bound_pair(7, 400)
    y[:150] = y[0]
    trail = trail_of(y, x, 100, 25)
    assert_array_equal(trail.time_ms, np.arange(99, 400, 25) * MINUTE)
    answers = trail.pvalue[~np.isnan(trail.pvalue)]
    assert 0 < len(answers) < len(trail.pvalue)
    assert trail.passed_share == np.mean(answers < 0.05)
    assert (trail.window_bars, trail.step_bars) == (100, 25)


@given(st.integers(200, 20_000))
def test_the_windows_chosen_reach_the_newest_bar_in_at_most_a_hundred_points(n: int) -> None:
    window, step = trail_windows(n)
    assert (n - window) % step == 0
    points = (n - window) // step + 1
    assert 20 <= points <= 100
    assert max(100, n // 4) <= window < max(100, n // 4) + step
    assert step >= 1


def test_what_cannot_be_answered_says_why() -> None:
    y, x = random_walks(1, 120)
    with pytest.raises(NotEnoughData) as short:
        trail_windows(199)
    assert (short.value.needed, short.value.got) == (200, 199)
    with pytest.raises(NotEnoughData) as short:
        trail_of(y, x, 121, 1)
    assert (short.value.needed, short.value.got) == (121, 120)
    with pytest.raises(BadInput, match="at least 30 bars"):
        trail_of(y, x, 29, 1)
    with pytest.raises(BadInput, match="steps of at least one"):
        trail_of(y, x, 30, 0)
    with pytest.raises(DegenerateData, match="in no window of 60 bars"):
        trail_of(y, 3 * y, 60, 5)
    with pytest.raises(DegenerateData, match="not a finite number"):
        trail_of(np.where(y == y[50], np.nan, y), x, 60, 5)


def test_a_day_of_looks_at_unrelated_legs_nearly_always_finds_something() -> None:
    """A day of minutes after the first 300, a look every ten bars: 9 in 10 walks alarm, although 5 % of looks do."""
    alarmed, passed = 0, []
    for seed in range(150):
        trail = trail_of(*random_walks(20_000 + seed, 1_740), 300, 10)
        alarmed += bool(np.any(trail.pvalue < 0.05))
        passed.append(trail.passed_share)
    assert 0.82 <= alarmed / 150 <= 0.98
    assert 0.045 <= np.mean(passed) <= 0.08


def test_a_relation_that_breaks_is_seen_on_the_trail() -> None:
    """A pair bound for 1500 bars whose spread then wanders off: the dip is long, then over."""
    y, x = bound_pair(3, 3_000)
    y[1_500:] += np.random.default_rng(3).normal(0, 0.3, 1_500).cumsum()
    window, step = trail_windows(3_000)
    trail = trail_of(y, x, window, step)
    before = trail.time_ms < 1_500 * MINUTE
    after = trail.time_ms >= (1_500 + window) * MINUTE
    assert np.mean(trail.pvalue[before] < 0.05) == 1.0
    assert np.mean(trail.pvalue[after] < 0.05) < 0.3
