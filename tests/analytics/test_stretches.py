"""Stretches of a leg's record that a live feed did not give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analytics.bars import bars_from_ticks
from analytics.market import Bars, Gap, Quality, Ticks, Timeframe
from analytics.stretches import Stretch, stretches

START = 1_760_000_000_000


def recorded(ids: np.ndarray, every_ms: int = 250, timeframe: Timeframe = Timeframe.S1) -> Bars:
    """Bars of the trades with these ids; trade n was at START + n * every_ms."""
    price = np.full(len(ids), 100.0)
    ticks = Ticks(ids, START + ids * every_ms, price, price, np.zeros(len(ids), np.bool_))
    return bars_from_ticks(ticks, timeframe)


def seconds(stretch: Stretch) -> tuple[str, float, float]:
    return stretch.kind, (stretch.start_ms - START) / 1000, (stretch.end_ms - START) / 1000


def with_quality(bars: Bars, rows: slice, quality: Quality) -> Bars:
    changed = bars.quality.copy()
    changed[rows] = quality
    return replace(bars, quality=changed)


def test_a_record_without_a_flaw_has_none() -> None:
    assert stretches("BTCUSDT", recorded(np.arange(1, 400)), (), Timeframe.S1) == ()
    assert stretches("BTCUSDT", Bars.empty(), (), Timeframe.S1) == ()


def test_a_lost_hole_reaches_from_the_last_trade_before_it_to_the_first_after_it() -> None:
    bars = recorded(np.concatenate((np.arange(1, 81), np.arange(121, 400))))
    lost = Gap("BTCUSDT", 81, 120, "LOST", "reconnect", START + 31_000)
    (found,) = stretches("BTCUSDT", bars, [lost], Timeframe.S1)
    assert seconds(found) == ("lost", 20.0, 31.0)
    assert (found.trades, found.told_ms) == (40, START + 31_000)


def test_a_hole_inside_one_bar_is_that_bar() -> None:
    bars = recorded(np.concatenate((np.arange(1, 81), np.arange(83, 400))))
    (found,) = stretches("BTCUSDT", bars, [Gap("BTCUSDT", 81, 82, "OPEN", "skipped", START)], Timeframe.S1)
    assert seconds(found) == ("open", 20.0, 21.0)


def test_trades_that_came_later_are_told_with_their_number_and_when() -> None:
    bars = with_quality(recorded(np.arange(1, 400)), slice(20, 30), Quality.BACKFILLED)
    filled = Gap("BTCUSDT", 81, 118, "FILLED", "reconnect", START + 31_000, START + 33_000)
    (found,) = stretches("BTCUSDT", bars, [filled], Timeframe.S1)
    assert seconds(found) == ("backfilled", 20.0, 30.0)
    assert (found.trades, found.told_ms) == (38, START + 33_000)


def test_holes_side_by_side_are_one_stretch_and_their_trades_add_up() -> None:
    bars = recorded(np.concatenate((np.arange(1, 81), np.arange(121, 124), np.arange(140, 400))))
    ledger = [Gap("BTCUSDT", 124, 139, "LOST", "b", START + 2), Gap("BTCUSDT", 81, 120, "LOST", "a", START + 1)]
    (found,) = stretches("BTCUSDT", bars, ledger, Timeframe.S1)
    assert seconds(found) == ("lost", 20.0, 36.0)
    assert (found.trades, found.told_ms) == (56, START + 2)


def test_what_was_fetched_before_the_feed_began_is_history_and_no_hole() -> None:
    bars = with_quality(recorded(np.arange(1, 400)), slice(0, 50), Quality.BACKFILLED)
    (found,) = stretches("BTCUSDT", bars, (), Timeframe.S1)
    assert seconds(found) == ("history", 0.0, 50.0)


def test_the_exchanges_own_candles_are_history() -> None:
    bars = recorded(np.arange(1, 400), timeframe=Timeframe.S5)
    nothing = np.zeros(len(bars), np.int64)
    candles = with_quality(replace(bars, first_id=nothing, last_id=nothing), slice(None), Quality.BACKFILLED)
    ledger = [Gap("BTCUSDT", 5, 8, "LOST", "x", START)]
    assert [one.kind for one in stretches("BTCUSDT", candles, ledger, Timeframe.S5)] == ["history"]


def test_a_bar_that_lacks_trades_which_no_hole_names_is_incomplete() -> None:
    bars = with_quality(recorded(np.arange(1, 400)), slice(0, 1), Quality.PARTIAL)
    assert [seconds(one) for one in stretches("BTCUSDT", bars, (), Timeframe.S1)] == [("incomplete", 0.0, 1.0)]


def test_silence_with_no_id_missing_is_quiet() -> None:
    bars = recorded(np.arange(1, 400))
    kept = bars.rows(np.flatnonzero((bars.start_ms < START + 40_000) | (bars.start_ms >= START + 75_000)))
    assert [seconds(one) for one in stretches("BTCUSDT", kept, (), Timeframe.S1)] == [("quiet", 40.0, 75.0)]


def test_a_thin_market_is_not_quiet_all_the_time() -> None:
    assert stretches("BTCUSDT", recorded(np.arange(1, 60), every_ms=12_000), (), Timeframe.S1) == ()


def test_silence_inside_a_hole_is_the_hole() -> None:
    bars = recorded(np.concatenate((np.arange(1, 81), np.arange(181, 400))))
    lost = Gap("BTCUSDT", 81, 180, "LOST", "reconnect", START)
    assert [one.kind for one in stretches("BTCUSDT", bars, [lost], Timeframe.S1)] == ["lost"]


def test_holes_outside_of_the_rows_are_left_out() -> None:
    bars = recorded(np.arange(200, 400))
    ledger = [
        Gap("BTCUSDT", 81, 180, "LOST", "before", START),
        Gap("BTCUSDT", 900, 910, "OPEN", "after", START),
        Gap("BTCUSDT", 20, 30, "FILLED", "before", START, START),
    ]
    assert stretches("BTCUSDT", bars, ledger, Timeframe.S1) == ()


def test_trades_themselves_have_stretches_too() -> None:
    ids = np.concatenate((np.arange(1, 81), np.arange(121, 200)))
    lost = Gap("BTCUSDT", 81, 120, "LOST", "reconnect", START)
    (found,) = stretches("BTCUSDT", recorded(ids, timeframe=Timeframe.TICK), [lost], Timeframe.TICK)
    assert seconds(found) == ("lost", 20.0, 30.25)
