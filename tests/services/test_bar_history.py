"""Bars of ring, store and the exchange's candles as one series; what is read, and how often."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from analytics.align import align_bars
from analytics.bars import bars_from_ticks
from analytics.market import Bars, Gap, Quality, Ticks, Timeframe
from services.bar_history import BarHistory
from storage.memory import MemoryStore
from storage.ring import Rings
from tests.services.past import as_told
from tests.services.scripted import random_ticks

SYMBOL = "BTCUSDT"
DAY_MS = 86_400_000
BEGAN_MS = 19_700 * DAY_MS + 12_345


class CountingStore(MemoryStore):
    """Counts how often candles are read."""

    reads = 0

    def candles(self, symbol: str, timeframe: Timeframe, *, start_ms: int, end_ms: int) -> Bars:
        self.reads += 1
        return super().candles(symbol, timeframe, start_ms=start_ms, end_ms=end_ms)


def stage(own: Ticks) -> tuple[BarHistory, CountingStore, Rings]:
    store, rings = CountingStore(lambda: 0), Rings(1_000)
    store.append(SYMBOL, own)
    rings.of(SYMBOL).append(own)
    return BarHistory(rings, store), store, rings


def market(n: int = 20_000) -> Ticks:
    return random_ticks(5, n, 60_000.0, start_ms=BEGAN_MS)


def assert_same_prices(bars: Bars, expected: Bars) -> None:
    for name in ("start_ms", "open", "high", "low", "close"):
        assert_array_equal(getattr(bars, name), getattr(expected, name))
    assert_allclose(bars.volume, expected.volume)


def test_the_window_is_full_though_our_trades_begin_late() -> None:
    truth = market()
    own = truth.rows(truth.trade_id > 12_000)
    history, store, _ = stage(own)
    whole = bars_from_ticks(truth, Timeframe.M1)
    before = history.version(SYMBOL)
    assert len(history.newest(SYMBOL, Timeframe.M1, 60)) < 60
    store.keep_candles(SYMBOL, Timeframe.M1, as_told(whole.rows(slice(None, -1))))
    assert history.version(SYMBOL) != before
    bars = history.newest(SYMBOL, Timeframe.M1, 60)
    assert_same_prices(bars, whole.rows(slice(-60, None)))
    # Candles are whole, and so is the bar in which we began; ours are ours.
    assert bars.quality.max() == Quality.BACKFILLED
    first_ours = int(np.argmax(bars.first_id > 0))
    assert bars.quality[first_ours:].tolist() == [Quality.COMPLETE] * (60 - first_ours)
    assert (bars.first_id[:first_ours] == 0).all()


def test_a_hole_stays_visible_beside_candles() -> None:
    truth = market()
    lost = (truth.trade_id >= 8_000) & (truth.trade_id < 12_000)
    history, store, _ = stage(truth.rows(~lost))
    whole = bars_from_ticks(truth, Timeframe.M1)
    store.open_gap(Gap(SYMBOL, 8_000, 11_999, "OPEN", "a test", 0))
    store.lose_gap(SYMBOL, 8_000, 11_999, "a test", 1)
    store.keep_candles(SYMBOL, Timeframe.M1, as_told(whole))
    bars = history.newest(SYMBOL, Timeframe.M1, 500)
    assert_array_equal(bars.start_ms, whole.start_ms)
    edges = {int(truth.time_ms[at]) // 60_000 * 60_000 for at in (7_998, 11_999)}
    partial = set(bars.start_ms[bars.quality == Quality.PARTIAL].tolist())
    assert partial == edges
    filled = bars.quality == Quality.BACKFILLED
    assert filled.sum() > 10
    series = align_bars(bars, bars, Timeframe.M1, limit=500)
    assert set(series.time_ms[~series.clean].tolist()) == edges


def test_candles_are_read_once_however_often_the_running_bar_changes() -> None:
    truth = market()
    history, store, rings = stage(truth.rows(slice(12_000, 15_000)))
    expected = bars_from_ticks(truth, Timeframe.M1)
    store.keep_candles(SYMBOL, Timeframe.M1, as_told(expected.rows(expected.start_ms <= truth.time_ms[12_000])))
    for at in range(15_000, 16_000, 10):
        fresh = truth.rows(slice(at, at + 10))
        rings.of(SYMBOL).append(fresh)
        store.append(SYMBOL, fresh)
        history.newest(SYMBOL, Timeframe.M1, 30)
        history.newest(SYMBOL, Timeframe.M1, 100)
    assert store.reads <= 2
    bars = history.newest(SYMBOL, Timeframe.M1, 30)
    mine = np.isin(expected.start_ms, bars.start_ms[:-1])
    assert_same_prices(bars.rows(slice(None, -1)), expected.rows(mine))
    assert len(bars) == 30


def test_below_a_minute_no_candle_is_ever_shown() -> None:
    history, store, _ = stage(market(500))
    assert len(history.newest(SYMBOL, Timeframe.S15, 100)) > 1
    assert len(history.newest(SYMBOL, Timeframe.TICK, 100)) == 100
    assert store.reads == 0


def test_candles_alone_are_shown_before_the_first_trade() -> None:
    store = MemoryStore(lambda: 0)
    history = BarHistory(Rings(1_000), store)
    candles = as_told(bars_from_ticks(market(), Timeframe.M5))
    store.keep_candles(SYMBOL, Timeframe.M5, candles)
    assert_array_equal(history.newest(SYMBOL, Timeframe.M5, 7).start_ms, candles.start_ms[-7:])


def test_the_long_history_of_many_symbols_is_not_remembered_for_good() -> None:
    class Reads(MemoryStore):
        whole = 0

        def newest_bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
            self.whole += 1
            return super().newest_bars(symbol, timeframe, limit)

    store, rings, names = Reads(lambda: 0), Rings(1_000), [f"S{number}USDT" for number in range(6)]
    for seed, name in enumerate(names):
        ticks = random_ticks(seed, 5_000, 10.0, start_ms=BEGAN_MS)
        store.append(name, ticks)
        rings.of(name).append(ticks)
    history = BarHistory(rings, store, kept_rows=1_000)
    for _ in range(3):
        for name in names[:2]:
            assert len(history.newest(name, Timeframe.S1, 400)) == 400
    assert store.whole == 2
    for name in names:
        assert len(history.newest(name, Timeframe.S1, 400)) == 400
    # Two of 400 fit, and what was read last is still there.
    before = store.whole
    history.newest(names[5], Timeframe.S1, 400)
    assert store.whole == before
    history.newest(names[0], Timeframe.S1, 400)
    assert store.whole == before + 1
