"""A row of a watchlist: its sparkline, since when it is beyond entry, and what it says where nothing can be said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import BadInput
from analytics.false_discovery import q_values
from analytics.glance import SPARK_POINTS, BeyondEntry, beyond_entry, pair_glance, sparkline, untold, with_q_values
from analytics.market import PairParams, PairQuery, Timeframe
from analytics.pair import analyse_pair
from analytics.results import Unavailable
from tests.screen_fake import series

QUERY = PairQuery("BTCUSDT", "ETHUSDT", PairParams(window_bars=300))
SECONDS = np.arange(1_000, dtype=np.int64) * 1_000


def asked(window_bars: int, timeframe: Timeframe = Timeframe.S1) -> PairQuery:
    return replace(QUERY, params=PairParams(timeframe=timeframe, window_bars=window_bars))


def test_a_glance_tells_the_numbers_of_its_analysis() -> None:
    analysis = analyse_pair(QUERY, series(1_800))
    row = pair_glance(analysis, entry_zscore=2.0, state="LIVE", age_ms=120)
    assert row.zscore == analysis.latest_zscore
    assert row.correlation == analysis.latest_correlation
    assert not isinstance(analysis.hedge, Unavailable)
    assert row.hedge_ratio == analysis.hedge.slope
    assert not isinstance(row.half_life_bars, Unavailable)
    assert row.half_life_ms == row.half_life_bars * 1_000
    assert (row.pvalue, row.outcome) == (analysis.verdict.pvalue, analysis.verdict.outcome)
    assert row.sparkline[-1] == row.zscore
    assert len(row.sparkline) == SPARK_POINTS
    assert row.reason is None


def test_a_pair_that_has_just_begun_says_how_far_it_is() -> None:
    row = pair_glance(analyse_pair(QUERY, series(12)), entry_zscore=2.0)
    assert (row.bars_held, row.bars_needed, row.qvalue, row.half_life_ms) == (12, 1_500, None, None)
    assert row.outcome == "cannot say"


def test_half_lives_of_ticks_are_counted_and_not_timed() -> None:
    query = asked(100, Timeframe.TICK)
    row = pair_glance(analyse_pair(query, series(1_800, Timeframe.TICK)), entry_zscore=2.0)
    assert row.half_life_ms is None
    assert len(row.sparkline) <= SPARK_POINTS
    assert row.sparkline[-1] == row.zscore


def test_a_row_that_cannot_be_told_says_why_in_every_number() -> None:
    row = untold(QUERY, "ARBUSDT is not listed")
    assert row.reason == "ARBUSDT is not listed"
    assert row.zscore == row.correlation == row.hedge_ratio == row.half_life_bars == Unavailable(row.reason)
    assert len(row.sparkline) == 0


def test_q_values_are_over_the_rows_that_have_a_test() -> None:
    p = (0.01, None, 0.04, 0.2)
    rows = with_q_values([replace(untold(QUERY, "."), pvalue=one) for one in p])
    want = q_values(np.array([0.01, np.nan, 0.04, 0.2])).tolist()
    assert [one.qvalue for one in rows] == [want[0], None, want[2], want[3]]
    assert with_q_values([]) == ()


@given(st.integers(2, 900), st.sampled_from([Timeframe.S1, Timeframe.M5, Timeframe.TICK]))
def test_a_sparkline_is_short_and_ends_with_the_newest(window: int, timeframe: Timeframe) -> None:
    z = np.arange(1_000, dtype=float)
    line = sparkline(SECONDS * (timeframe.milliseconds or 1_000) // 1_000, z, asked(window, timeframe))
    assert 1 <= len(line) <= SPARK_POINTS
    assert line[-1] == z[-1]
    known = line[np.isfinite(line)]
    assert (np.diff(known) > 0).all()


def test_a_gap_in_the_rows_is_a_gap_in_the_sparkline() -> None:
    kept = np.r_[0:960, 975:1_000]
    line = sparkline(SECONDS[kept], np.arange(1_000.0)[kept], asked(60))
    assert np.isnan(line).sum() == 15
    assert np.isnan(line[20:35]).all()


def test_points_of_a_sparkline_stay_what_they_were_when_the_next_one_comes() -> None:
    z = np.arange(1_000.0)
    before, after = sparkline(SECONDS[:995], z[:995], asked(300)), sparkline(SECONDS, z, asked(300))
    np.testing.assert_array_equal(before[1:], after[:-1])


def test_no_rows_have_a_sparkline_of_gaps() -> None:
    assert np.isnan(sparkline(SECONDS[:0], np.empty(0), asked(60))).all()


def test_beyond_entry_counts_from_the_first_row_of_the_run() -> None:
    z = np.array([0.1, 2.4, 1.9, 2.0, 2.2, 2.5])
    assert beyond_entry(SECONDS[:6], z, 2.0) == BeyondEntry(since_ms=3_000, at_least=False)
    assert beyond_entry(SECONDS[:6], -z, 2.0) == BeyondEntry(since_ms=3_000, at_least=False)
    assert beyond_entry(SECONDS[:6], z, 3.0) is None


def test_the_other_side_is_another_run() -> None:
    assert beyond_entry(SECONDS[:3], np.array([-2.5, -2.5, 2.1]), 2.0) == BeyondEntry(2_000, at_least=False)


def test_a_run_that_begins_with_what_is_known_may_be_longer() -> None:
    assert beyond_entry(SECONDS[:3], np.array([np.nan, 2.5, 2.1]), 2.0) == BeyondEntry(1_000, at_least=True)
    assert beyond_entry(SECONDS[:2], np.array([2.5, 2.1]), 2.0) == BeyondEntry(0, at_least=True)


def test_no_newest_z_score_is_not_beyond_anything() -> None:
    assert beyond_entry(SECONDS[:2], np.array([2.5, np.nan]), 2.0) is None
    assert beyond_entry(SECONDS[:0], np.empty(0), 2.0) is None


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=40), st.floats(0.1, 4))
def test_a_stricter_level_was_never_crossed_earlier(z: list[float], entry: float) -> None:
    loose, strict = (beyond_entry(SECONDS[: len(z)], np.array(z), level) for level in (entry, entry + 0.5))
    if strict is not None:
        assert loose is not None
        assert loose.since_ms <= strict.since_ms


@pytest.mark.parametrize("level", [0.0, -1.0, np.nan])
def test_a_level_of_nothing_is_refused(level: float) -> None:
    with pytest.raises(BadInput, match="above 0"):
        beyond_entry(SECONDS[:1], np.array([1.0]), level)
