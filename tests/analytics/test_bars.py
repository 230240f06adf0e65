"""A bar is what a slow, literal reading of the trades says, and long bars are the same cut from short ones."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from analytics.bars import bars_from_ticks, roll_up, with_candles
from analytics.errors import BadInput
from analytics.market import Bars, Quality, Ticks, Timeframe
from tests.analytics.markets import law, trades

FRAMES = [frame for frame in Timeframe if frame is not Timeframe.TICK]


def literal_bars(ticks: Ticks, timeframe: Timeframe) -> list[tuple[object, ...]]:
    """Trade by trade, with a dict: the definition, written as slowly as possible."""
    spans: dict[int, list[int]] = {}
    for i, time_ms in enumerate(ticks.time_ms.tolist()):
        spans.setdefault(time_ms - time_ms % timeframe.milliseconds, []).append(i)
    rows: list[tuple[object, ...]] = []
    for start in sorted(spans):
        inside = sorted(spans[start], key=lambda i: ticks.trade_id[i])
        prices = ticks.price[inside].tolist()
        ids = ticks.trade_id[inside].tolist()
        rows.append((start, prices[0], max(prices), min(prices), prices[-1], len(inside), ids[0], ids[-1]))
    return rows


def exact_columns(bars: Bars) -> list[tuple[object, ...]]:
    names = ("start_ms", "open", "high", "low", "close", "trades", "first_id", "last_id")
    return list(zip(*(getattr(bars, name).tolist() for name in names), strict=True))


def assert_same_bars(bars: Bars, expected: Bars) -> None:
    for field in fields(Bars):
        mine, theirs = getattr(bars, field.name), getattr(expected, field.name)
        if field.name in {"volume", "taker_buy_volume"}:
            assert_allclose(mine, theirs, rtol=1e-12)
        else:
            assert_array_equal(mine, theirs)


@law
@given(trades(), st.sampled_from(FRAMES))
def test_bars_are_what_a_literal_reading_says(ticks: Ticks, timeframe: Timeframe) -> None:
    assert exact_columns(bars_from_ticks(ticks, timeframe)) == literal_bars(ticks, timeframe)


@law
@given(trades(), st.sampled_from(FRAMES))
def test_volume_is_kept_and_split_by_taker(ticks: Ticks, timeframe: Timeframe) -> None:
    bars = bars_from_ticks(ticks, timeframe)
    assert bars.volume.sum() == pytest.approx(ticks.quantity.sum())
    assert bars.taker_buy_volume.sum() == pytest.approx(ticks.quantity[~ticks.buyer_is_maker].sum())
    assert np.all(bars.taker_buy_volume <= bars.volume * (1 + 1e-12))


@law
@given(trades(span_ms=200_000), st.sampled_from(FRAMES), st.sampled_from([Timeframe.TICK, *FRAMES]))
def test_long_bars_from_short_bars_equal_long_bars_from_trades(
    ticks: Ticks, longer: Timeframe, shorter: Timeframe
) -> None:
    if shorter.milliseconds > longer.milliseconds:
        longer, shorter = shorter, longer
    assert_same_bars(roll_up(bars_from_ticks(ticks, shorter), longer), bars_from_ticks(ticks, longer))


@law
@given(trades(min_size=1))
def test_tick_gives_one_bar_a_trade(ticks: Ticks) -> None:
    bars = bars_from_ticks(ticks, Timeframe.TICK)
    assert len(bars) == len(ticks)
    order = np.lexsort((ticks.trade_id, ticks.time_ms))
    assert_array_equal(bars.start_ms, ticks.time_ms[order])
    for column in (bars.open, bars.high, bars.low, bars.close):
        assert_array_equal(column, ticks.price[order])
    assert_array_equal(bars.first_id, ticks.trade_id[order])
    assert_array_equal(bars.last_id, ticks.trade_id[order])


def test_trades_inside_one_millisecond_keep_id_order() -> None:
    ticks = Ticks(
        trade_id=np.arange(4),
        time_ms=np.full(4, 5_000),
        price=np.array([3.0, 9.0, 1.0, 4.0]),
        quantity=np.ones(4),
        buyer_is_maker=np.zeros(4, np.bool_),
    )
    bars = bars_from_ticks(ticks, Timeframe.S1)
    assert (bars.open[0], bars.high[0], bars.low[0], bars.close[0]) == (3.0, 9.0, 1.0, 4.0)


@law
@given(trades(min_size=1), st.sampled_from(FRAMES), st.integers(0, 2**32 - 1))
def test_a_bar_is_as_good_as_its_worst_trade(ticks: Ticks, timeframe: Timeframe, seed: int) -> None:
    quality = np.random.default_rng(seed).integers(0, 4, len(ticks)).astype(np.uint8)
    bars = bars_from_ticks(ticks, timeframe, tick_quality=quality)
    span = ticks.time_ms // timeframe.milliseconds * timeframe.milliseconds
    assert bars.quality.tolist() == [quality[span == start].max() for start in bars.start_ms]
    assert_array_equal(roll_up(bars, Timeframe.D1).quality, [quality.max()])


@law
@given(trades(min_size=30, span_ms=6_000), st.sampled_from([Timeframe.S5, Timeframe.S15]))
def test_parts_that_overlap_in_ids_still_open_and_close_by_id(ticks: Ticks, longer: Timeframe) -> None:
    assert_same_bars(roll_up(bars_from_ticks(ticks, Timeframe.S1), longer), bars_from_ticks(ticks, longer))


@pytest.mark.parametrize(
    ("times", "opens", "closes"),
    [
        ([0, 1_000, 1_500, 500], 1.0, 4.0),  # the last trade by id falls into the first second
        ([1_000, 0, 500, 1_500], 1.0, 4.0),  # the first trade by id falls into the last second
    ],
)
def test_a_long_bar_opens_and_closes_by_id_across_its_parts(times: list[int], opens: float, closes: float) -> None:
    ticks = Ticks(
        trade_id=np.arange(4),
        time_ms=np.array(times),
        price=np.array([1.0, 2.0, 3.0, 4.0]),
        quantity=np.ones(4),
        buyer_is_maker=np.zeros(4, np.bool_),
    )
    bars = roll_up(bars_from_ticks(ticks, Timeframe.S1), Timeframe.S5)
    assert (bars.open.tolist(), bars.close.tolist()) == ([opens], [closes])


def told(bars: Bars) -> Bars:
    """The same bars as the exchange tells them."""
    none = np.zeros(len(bars), np.int64)
    return replace(bars, first_id=none, last_id=none, quality=np.full(len(bars), Quality.BACKFILLED, np.uint8))


@law
@given(trades(min_size=2, span_ms=100_000), st.data())
def test_candles_fill_only_where_we_hold_no_bar(ticks: Ticks, data: st.DataObject) -> None:
    truth = bars_from_ticks(ticks, Timeframe.S5)
    rows = st.lists(st.booleans(), min_size=len(truth), max_size=len(truth))
    ours, theirs = (np.array(data.draw(rows), np.bool_) for _ in range(2))
    quality = np.array(
        data.draw(st.lists(st.sampled_from(Quality), min_size=len(truth), max_size=len(truth))), np.uint8
    )
    own = replace(truth, quality=quality, volume=truth.volume + 1.0).rows(ours)
    candles = told(truth).rows(theirs)
    is_first = data.draw(st.booleans())
    first_trade_id = int(own.first_id[0]) if len(own) and is_first else -1
    joined = with_candles(own, candles, first_trade_id=first_trade_id)
    assert joined.start_ms.tolist() == sorted({*own.start_ms.tolist(), *candles.start_ms.tolist()})
    mine = {row: at for at, row in enumerate(own.start_ms.tolist())}
    for at, start in enumerate(joined.start_ms.tolist()):
        gives_way = mine.get(start) == 0 and is_first and own.quality[0] >= Quality.PARTIAL
        if start in mine and not (gives_way and start in candles.start_ms):
            assert joined.volume[at] == own.volume[mine[start]]
            assert joined.quality[at] == own.quality[mine[start]]
        else:
            assert joined.volume[at] == candles.volume[candles.start_ms == start]
            assert joined.quality[at] == Quality.BACKFILLED


def test_no_trades_make_no_bars() -> None:
    for timeframe in Timeframe:
        assert len(bars_from_ticks(Ticks.empty(), timeframe)) == 0
    assert len(roll_up(Bars.empty(), Timeframe.M1)) == 0


def test_bars_from_trades_alone_are_complete() -> None:
    ticks = Ticks(np.array([1]), np.array([0]), np.array([2.0]), np.array([3.0]), np.array([True]))
    assert bars_from_ticks(ticks, Timeframe.S1).quality.tolist() == [Quality.COMPLETE]


def test_bars_cannot_be_turned_back_into_trades() -> None:
    with pytest.raises(BadInput, match="do not hold their trades"):
        roll_up(Bars.empty(), Timeframe.TICK)
