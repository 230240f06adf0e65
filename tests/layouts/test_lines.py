"""Which points of a line are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from analytics.market import FloatArray, Int64Array, Timeframe
from layouts.figures.lines import MOST_POINTS, Line, gap_ms, line

START_MS = 1_760_000_000_000


def walk(n: int, seed: int) -> FloatArray:
    return np.cumsum(np.random.default_rng(seed).normal(size=n))


def seconds(n: int) -> Int64Array:
    return START_MS + 1000 * np.arange(n)


def drawn(points: Line) -> set[tuple[float, float]]:
    known = np.isfinite(points.values)
    return set(zip(points.time_ms[known].tolist(), points.values[known].tolist(), strict=True))


@given(st.integers(0, 9_000), st.integers(0, 99), st.floats(0, 0.4), st.booleans())
def test_points_are_few_and_real_and_hold_the_extremes(n: int, seed: int, missing: float, thin: bool) -> None:
    rng = np.random.default_rng(seed)
    time_ms, values = seconds(n), walk(n, seed)
    values[rng.random(n) < missing] = np.nan
    if thin:
        kept = rng.random(n) < 0.3
        time_ms, values = time_ms[kept], values[kept]
    points = line(time_ms, values, Timeframe.S1)
    assert len(points) <= MOST_POINTS
    assert np.all(np.diff(points.time_ms) >= 0)
    real = set(zip(time_ms.tolist(), values.tolist(), strict=True))
    shown = drawn(points)
    assert shown <= real
    finite = values[np.isfinite(values)]
    if len(finite):
        assert {finite.min(), finite.max(), finite[-1]} <= {value for _, value in shown}


@given(st.integers(0, MOST_POINTS - 200), st.integers(0, 99))
def test_a_short_line_is_drawn_whole(n: int, seed: int) -> None:
    values = walk(n, seed)
    points = line(seconds(n), values, Timeframe.S1)
    assert_array_equal(points.values, values)
    assert_array_equal(points.time_ms, seconds(n))


def test_the_newest_points_are_all_there() -> None:
    values = walk(20_000, 3)
    points = line(seconds(20_000), values, Timeframe.S1)
    assert_array_equal(points.values[-300:], values[-300:])


def test_thinning_the_past_does_not_depend_on_what_came_later() -> None:
    values = walk(12_100, 5)
    early = drawn(line(seconds(12_000), values[:12_000], Timeframe.S1))
    later = drawn(line(seconds(12_100), values, Timeframe.S1))
    closed = START_MS + 1000 * 11_600
    assert {p for p in early if p[0] < closed} == {p for p in later if p[0] < closed}


@pytest.mark.parametrize(("missing", "breaks"), [(0, 0), (2, 0), (3, 1), (30, 1)])
def test_a_hole_of_three_bars_or_more_breaks_the_line(missing: int, breaks: int) -> None:
    time_ms = np.delete(seconds(600), slice(300, 300 + missing))
    points = line(time_ms, walk(len(time_ms), 1), Timeframe.S1)
    holes = np.flatnonzero(np.isnan(points.values))
    assert len(holes) == breaks
    if breaks:
        assert time_ms[299] < points.time_ms[holes[0]] < time_ms[300]


def test_a_hole_stays_open_when_the_line_is_thinned() -> None:
    time_ms = np.delete(seconds(20_000), slice(7_000, 7_060))
    points = line(time_ms, walk(len(time_ms), 1), Timeframe.S1)
    assert np.isnan(points.values).sum() == 1


def test_a_value_that_is_not_defined_breaks_the_line_and_warming_up_does_not() -> None:
    values = walk(500, 2)
    values[:50] = np.nan
    values[200:210] = np.nan
    points = line(seconds(500), values, Timeframe.S1)
    assert np.isnan(points.values).sum() == 1
    assert points.time_ms[0] == seconds(500)[50]


def test_a_quiet_symbol_is_not_a_broken_one() -> None:
    rng = np.random.default_rng(4)
    time_ms = START_MS + 1000 * np.cumsum(rng.geometric(0.1, 1_000))
    points = line(time_ms, walk(1_000, 4), Timeframe.S1)
    assert np.isnan(points.values).sum() < 10
    assert gap_ms(time_ms, Timeframe.S1) > 30_000


def test_trades_within_one_millisecond_keep_their_order() -> None:
    time_ms = np.full(40, START_MS)
    values = walk(40, 6)
    assert_array_equal(line(time_ms, values, Timeframe.TICK).values, values)


def test_a_line_is_cut_where_trades_are_missing_though_a_price_was_carried() -> None:
    time_ms, values = seconds(20), walk(20, 1)
    points = line(time_ms, values, Timeframe.S1, cuts=[(START_MS + 5_000, START_MS + 8_000)])
    assert (START_MS + 5_000.0) in points.time_ms
    assert (START_MS + 8_000.0) in points.time_ms
    inside = (points.time_ms > START_MS + 5_000) & (points.time_ms < START_MS + 8_000)
    assert np.isnan(points.values[inside]).all()
    assert inside.sum() == 1
    assert len(drawn(points)) == 18


def test_a_cut_between_two_neighbours_parts_them() -> None:
    points = line(seconds(10), walk(10, 1), Timeframe.S1, cuts=[(START_MS + 4_000, START_MS + 5_000)])
    assert len(drawn(points)) == 10
    assert np.flatnonzero(np.isnan(points.values)).tolist() == [5]
