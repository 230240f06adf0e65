"""Two legs on one clock: the past only, nothing stale, nothing invented."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from analytics.align import align_bars, align_ticks, default_carry_ms
from analytics.bars import bars_from_ticks
from analytics.errors import BadInput
from analytics.market import Bars, PairSeries, Quality, Ticks, Timeframe
from tests.analytics.markets import law, trades

EVERYTHING = 10**9
FRAMES = st.sampled_from([Timeframe.S1, Timeframe.S5, Timeframe.S15])


def ticks_at(times: list[int], prices: list[float], first_id: int = 1) -> Ticks:
    n = len(times)
    return Ticks(
        trade_id=np.arange(first_id, first_id + n),
        time_ms=np.array(times, np.int64),
        price=np.array(prices, np.float64),
        quantity=np.ones(n),
        buyer_is_maker=np.zeros(n, np.bool_),
    )


def rows(series: PairSeries) -> list[tuple[int, float, float, bool]]:
    columns = (series.time_ms, series.y, series.x, series.clean)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def literal_rows(y: Bars, x: Bars, carry_ms: int) -> list[tuple[int, float, float, bool]]:
    """Moment by moment, looking back with a plain loop."""
    found = []
    for time_ms in sorted({*y.start_ms.tolist(), *x.start_ms.tolist()}):
        legs = []
        for leg in (y, x):
            known = [i for i, start in enumerate(leg.start_ms) if start <= time_ms]
            if known and time_ms - leg.start_ms[known[-1]] <= carry_ms:
                legs.append((leg.close[known[-1]], bool(leg.start_ms[known[-1]] == time_ms)))
        if len(legs) == 2:
            found.append((time_ms, legs[0][0], legs[1][0], legs[0][1] and legs[1][1]))
    return found


@law
@given(trades(), trades(), FRAMES, st.sampled_from([0, 1_000, 3_000, 60_000]))
def test_bar_rows_are_what_a_literal_reading_says(y: Ticks, x: Ticks, timeframe: Timeframe, carry_ms: int) -> None:
    y_bars, x_bars = bars_from_ticks(y, timeframe), bars_from_ticks(x, timeframe)
    series = align_bars(y_bars, x_bars, timeframe, limit=EVERYTHING, max_carry_ms=carry_ms)
    assert rows(series) == literal_rows(y_bars, x_bars, carry_ms)


@law
@given(trades(min_size=1), trades(min_size=1))
def test_tick_rows_equal_a_backward_asof_merge_of_each_leg_onto_the_other(y: Ticks, x: Ticks) -> None:
    series = align_ticks(y, x, limit=EVERYTHING, max_carry_ms=2_000)
    y_frame = pd.DataFrame({"t": y.time_ms, "y": y.price}).sort_values("t", kind="stable")
    x_frame = pd.DataFrame({"t": x.time_ms, "x": x.price}).sort_values("t", kind="stable")
    of_y = pd.merge_asof(y_frame, x_frame, on="t", direction="backward", tolerance=2_000).assign(leg=0)
    of_x = pd.merge_asof(x_frame, y_frame, on="t", direction="backward", tolerance=2_000).assign(leg=1)
    both = pd.concat([of_y, of_x]).sort_values(["t", "leg"], kind="stable").dropna()
    assert_array_equal(series.time_ms, both["t"])
    assert_array_equal(series.y, both["y"])
    assert_array_equal(series.x, both["x"])


@law
@given(trades(), trades(), FRAMES, st.integers(0, 8_000))
def test_what_comes_later_never_changes_an_earlier_row(y: Ticks, x: Ticks, timeframe: Timeframe, cut: int) -> None:
    boundary = (1_700_000_000_000 + cut) // timeframe.milliseconds * timeframe.milliseconds
    y_early, x_early = y.rows(y.time_ms < boundary), x.rows(x.time_ms < boundary)
    whole = align_ticks(y, x, limit=EVERYTHING)
    assert rows(align_ticks(y_early, x_early, limit=EVERYTHING)) == [r for r in rows(whole) if r[0] < boundary]
    bars = [bars_from_ticks(leg, timeframe) for leg in (y, x, y_early, x_early)]
    all_bars = align_bars(bars[0], bars[1], timeframe, limit=EVERYTHING)
    early_bars = align_bars(bars[2], bars[3], timeframe, limit=EVERYTHING)
    assert rows(early_bars) == [r for r in rows(all_bars) if r[0] < boundary]


@law
@given(trades(), trades(), st.integers(0, 30))
def test_a_limit_keeps_the_newest_rows(y: Ticks, x: Ticks, limit: int) -> None:
    everything = rows(align_ticks(y, x, limit=EVERYTHING))
    assert rows(align_ticks(y, x, limit=limit)) == everything[max(len(everything) - limit, 0) :]
    y_bars, x_bars = bars_from_ticks(y, Timeframe.S1), bars_from_ticks(x, Timeframe.S1)
    everything = rows(align_bars(y_bars, x_bars, Timeframe.S1, limit=EVERYTHING))
    newest = rows(align_bars(y_bars, x_bars, Timeframe.S1, limit=limit))
    assert newest == everything[max(len(everything) - limit, 0) :]


@law
@given(trades(span_ms=50), trades(span_ms=50))
def test_swapping_the_legs_swaps_the_columns_and_nothing_else(y: Ticks, x: Ticks) -> None:
    one, other = align_ticks(y, x, limit=EVERYTHING), align_ticks(x, y, limit=EVERYTHING)
    swapped = [(t, b, a, clean) for t, a, b, clean in rows(other)]
    assert sorted(rows(one)) == sorted(swapped)
    last_of_each = {row[0]: row for row in rows(one)}  # a later row of the same millisecond replaces an earlier one
    assert last_of_each == {row[0]: row for row in swapped}


def test_trades_of_one_millisecond_meet_the_other_legs_last_price_of_it() -> None:
    y = ticks_at([5, 10, 10], [1.0, 2.0, 3.0])
    x = ticks_at([4, 10, 10], [7.0, 8.0, 9.0])
    assert rows(align_ticks(y, x, limit=EVERYTHING)) == [
        (5, 1.0, 7.0, False),
        (10, 2.0, 9.0, True),
        (10, 3.0, 9.0, True),
        (10, 3.0, 8.0, True),
        (10, 3.0, 9.0, True),
    ]


def test_a_price_at_the_carry_limit_is_used_and_an_older_one_is_not() -> None:
    y = bars_from_ticks(ticks_at([0], [1.0]), Timeframe.S1)
    x = bars_from_ticks(ticks_at([60_000, 61_000], [5.0, 6.0]), Timeframe.S1)
    assert rows(align_bars(y, x, Timeframe.S1, limit=EVERYTHING)) == [(60_000, 1.0, 5.0, False)]


@pytest.mark.parametrize(
    ("timeframe", "carry_ms"),
    [
        (Timeframe.TICK, 60_000),
        (Timeframe.S1, 60_000),
        (Timeframe.M1, 60_000),
        (Timeframe.M5, 900_000),
        (Timeframe.D1, 3 * 86_400_000),
    ],
)
def test_the_default_carry_limit_is_a_minute_or_three_bars(timeframe: Timeframe, carry_ms: int) -> None:
    assert default_carry_ms(timeframe) == carry_ms


@pytest.mark.parametrize(
    ("quality", "clean"),
    [(Quality.COMPLETE, True), (Quality.BACKFILLED, True), (Quality.PARTIAL, False), (Quality.MISSING, False)],
)
def test_only_whole_bars_are_clean(quality: Quality, clean: bool) -> None:
    good = bars_from_ticks(ticks_at([0], [1.0]), Timeframe.S1)
    other = bars_from_ticks(ticks_at([0], [2.0]), Timeframe.S1, tick_quality=np.array([quality], np.uint8))
    assert align_bars(good, other, Timeframe.S1, limit=9).clean.tolist() == [clean]
    assert align_bars(other, good, Timeframe.S1, limit=9).clean.tolist() == [clean]


def test_the_newest_ids_are_those_that_the_rows_rest_on() -> None:
    y = ticks_at([0, 1_000, 400_000], [1.0, 2.0, 3.0], first_id=50)  # the last one finds no partner
    x = ticks_at([0, 2_500], [5.0, 6.0], first_id=900)
    series = align_ticks(y, x, limit=EVERYTHING)
    assert (series.y_last_id, series.x_last_id) == (51, 901)
    y_bars, x_bars = bars_from_ticks(y, Timeframe.S1), bars_from_ticks(x, Timeframe.S1)
    by_bars = align_bars(y_bars, x_bars, Timeframe.S1, limit=EVERYTHING)
    assert (by_bars.y_last_id, by_bars.x_last_id) == (51, 901)


def test_a_leg_without_trades_gives_no_rows() -> None:
    one = ticks_at([0, 5], [1.0, 2.0])
    for y, x in ((one, Ticks.empty()), (Ticks.empty(), one), (Ticks.empty(), Ticks.empty())):
        series = align_ticks(y, x, limit=9)
        assert (len(series), series.y_last_id, series.x_last_id) == (0, 0, 0)
        series = align_bars(bars_from_ticks(y, Timeframe.S1), bars_from_ticks(x, Timeframe.S1), Timeframe.S1, limit=9)
        assert (len(series), series.y_last_id, series.x_last_id) == (0, 0, 0)


def test_the_rows_can_be_shared_but_not_written() -> None:
    series = align_ticks(ticks_at([0], [1.0]), ticks_at([0], [2.0]), limit=9)
    with pytest.raises(ValueError, match="read-only"):
        series.y[0] = 5.0


def test_trades_are_not_aligned_as_bars() -> None:
    with pytest.raises(BadInput, match="one by one"):
        align_bars(Bars.empty(), Bars.empty(), Timeframe.TICK, limit=9)


def test_a_leg_keeps_the_bars_that_the_other_legs_silence_took_from_the_rows() -> None:
    """y is silent for five minutes, x trades in every second: the rows stop after a minute, x has not missed a bar."""
    y = bars_from_ticks(ticks_at([0, 1_000, 301_000, 302_000], [1.0, 2.0, 3.0, 4.0]), Timeframe.S1)
    x = bars_from_ticks(ticks_at(list(range(0, 303_000, 1_000)), [5.0] * 303), Timeframe.S1)
    series = align_bars(y, x, Timeframe.S1, limit=EVERYTHING)
    assert len(series) == 64
    assert series.x_traded_ms.tolist() == list(range(0, 303_000, 1_000))
    assert series.y_traded_ms.tolist() == [0, 1_000, 301_000, 302_000]
    newest = series.newest(2)
    assert (newest.x_traded_ms.tolist(), newest.y_traded_ms.tolist()) == ([301_000, 302_000], [301_000, 302_000])
