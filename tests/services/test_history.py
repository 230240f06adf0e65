"""A full window at the first look: candles from 1m up, deeper trades below, each span asked for once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.bars import bars_from_ticks
from analytics.market import Gap, Quality, Ticks, Timeframe
from services.backfill import Backfill
from services.bar_history import BarHistory
from services.history import History
from storage.memory import MemoryStore
from storage.ring import Rings
from tests.fakes import FakeClock
from tests.services.past import ScriptedPast

SYMBOL = "BTCUSDT"
MINUTE = 60_000


class Stage:
    """We hold the trades from `held_from` on, without `lost`; the exchange keeps all of them."""

    def __init__(self, n: int, step_ms: int, held_from: int, lost: tuple[int, int] | None = None) -> None:
        self.clock = FakeClock()
        self.past = ScriptedPast(self.clock, n, step_ms=step_ms)
        self.store = MemoryStore(self.clock.now_ms)
        self.rings = Rings(1_000)
        self.held_from = held_from
        truth = self.past.truth
        mine = truth.trade_id >= held_from
        if lost is not None:
            mine &= (truth.trade_id < lost[0]) | (truth.trade_id > lost[1])
        self.keep(SYMBOL, truth.rows(mine))
        if lost is not None:
            self.lose(*lost)
        self.backfill = Backfill(self.past, self.store, self.clock, self.keep)
        self.history = History(self.backfill, self.past, self.store, self.clock)
        self.bars = BarHistory(self.rings, self.store)

    def keep(self, symbol: str, ticks: Ticks) -> None:
        self.rings.of(symbol).append(ticks)
        self.store.append(symbol, ticks, backfilled=True)

    def lose(self, first: int, last: int) -> None:
        self.store.open_gap(Gap(SYMBOL, first, last, "OPEN", "a test", self.clock.now_ms()))
        self.store.lose_gap(SYMBOL, first, last, "a test", self.clock.now_ms())

    def look(self, timeframe: Timeframe, bars: int, *, times: int = 30) -> None:
        """Look at the screen for a while, as a browser does."""
        for _ in range(times):
            self.history.want(SYMBOL, timeframe, bars)
            while self.backfill.step():
                pass
            self.clock.pass_ms(500)


@settings(max_examples=60)
@given(
    timeframe=st.sampled_from([Timeframe.M1, Timeframe.M5, Timeframe.M15]),
    wanted=st.integers(1, 120),
    held_from=st.integers(2, 9_999),
    hole=st.tuples(st.integers(1, 9_000), st.integers(1, 3_000)),
)
def test_the_window_is_full_and_equals_the_exchanges_own(
    timeframe: Timeframe, wanted: int, held_from: int, hole: tuple[int, int]
) -> None:
    # A trade every 7 s: 10 000 of them last 19 hours.
    first = held_from + hole[0]
    lost = (first, min(first + hole[1], 9_998)) if first < 9_998 else None
    stage = Stage(10_000, 7_000, held_from, lost)
    stage.look(timeframe, wanted)
    expected = bars_from_ticks(stage.past.truth, timeframe)
    asked = len(stage.past.asked_candles)
    shown = stage.bars.newest(SYMBOL, timeframe, wanted)
    running = stage.clock.now_ms() // timeframe.milliseconds * timeframe.milliseconds
    window = expected.rows(expected.start_ms >= running - wanted * timeframe.milliseconds)
    assert set(window.start_ms[-wanted:].tolist()) <= set(shown.start_ms.tolist())
    edges = shown.quality >= Quality.PARTIAL
    assert edges.sum() <= 2 + (held_from > 9_900)
    whole = shown.rows(~edges & (shown.start_ms < running))
    truth = expected.rows(np.isin(expected.start_ms, whole.start_ms))
    for name in ("open", "high", "low", "close"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(truth, name))
    # Whoever looks on, asks no more.
    stage.look(timeframe, wanted)
    assert len(stage.past.asked_candles) - asked <= 1
    assert asked <= 3


def test_a_candle_is_asked_for_only_once_and_more_only_when_more_is_wanted() -> None:
    stage = Stage(5_000, 60_000, 4_900)
    stage.look(Timeframe.M1, 300)
    assert len(stage.past.asked_candles) == 1
    stage.look(Timeframe.M1, 200)
    assert len(stage.past.asked_candles) == 1
    stage.look(Timeframe.M1, 400)
    assert len(stage.past.asked_candles) == 2
    (first_start, _), (more_start, more_end) = stage.past.asked_candles
    assert more_start < more_end <= first_start


def test_another_start_asks_only_for_what_is_not_stored() -> None:
    stage = Stage(5_000, 60_000, 4_900)
    stage.look(Timeframe.M1, 300)
    again = History(stage.backfill, stage.past, stage.store, stage.clock)
    stage.history = again
    stage.look(Timeframe.M1, 300)
    assert len(stage.past.asked_candles) == 1


def test_a_long_window_comes_in_pages_from_the_newest_end() -> None:
    stage = Stage(6_000, 60_000, 5_990)
    stage.look(Timeframe.M1, 4_000)
    assert len(stage.past.asked_candles) == 3
    ends = [end for _, end in stage.past.asked_candles]
    assert ends == sorted(ends, reverse=True)
    assert len(stage.bars.newest(SYMBOL, Timeframe.M1, 4_000)) == 4_000


def test_a_hole_that_is_lost_while_somebody_looks_is_covered_too() -> None:
    stage = Stage(9_000, 7_000, 1)
    stage.look(Timeframe.M1, 300)
    asked = len(stage.past.asked_candles)
    stage = Stage(9_000, 7_000, 1, lost=(7_000, 7_999))
    stage.look(Timeframe.M1, 300)
    assert len(stage.past.asked_candles) == asked + 1
    shown = stage.bars.newest(SYMBOL, Timeframe.M1, 300)
    assert len(np.unique(np.diff(shown.start_ms))) == 1


def test_the_bar_we_began_in_is_whole_once_it_is_over() -> None:
    stage = Stage(20_000, 1_000, 19_950)
    stage.look(Timeframe.M5, 10, times=1)
    assert stage.bars.newest(SYMBOL, Timeframe.M5, 10).quality[-1] == Quality.PARTIAL
    stage.clock.pass_ms(300_000)
    stage.look(Timeframe.M5, 10, times=20)
    began = stage.past.truth.time_ms[19_949] // 300_000 * 300_000
    shown = stage.bars.newest(SYMBOL, Timeframe.M5, 10)
    assert shown.quality[shown.start_ms == began].tolist() == [Quality.BACKFILLED]


def test_failures_only_delay() -> None:
    stage = Stage(5_000, 60_000, 4_900)
    stage.past.fail(["timeout"] * 5)
    stage.look(Timeframe.M1, 300, times=200)
    assert len(stage.bars.newest(SYMBOL, Timeframe.M1, 300)) == 300


@pytest.mark.parametrize(
    ("timeframe", "wanted", "pages"), [(Timeframe.TICK, 3_000, 3), (Timeframe.S1, 1_500, 2), (Timeframe.S15, 200, 4)]
)
def test_below_a_minute_the_trades_themselves_are_fetched_further_back(
    timeframe: Timeframe, wanted: int, pages: int
) -> None:
    stage = Stage(30_000, 1_000, 29_900)
    stage.backfill.extend(SYMBOL, 29_900, stage.clock.now_ms())
    stage.look(timeframe, wanted)
    assert len(stage.bars.newest(SYMBOL, timeframe, wanted)) == wanted
    assert stage.past.asked_candles == []
    assert len(stage.past.asked) <= pages + 1
    held = stage.store.ticks(SYMBOL, limit=1 << 30).trade_id
    np.testing.assert_array_equal(held, np.arange(held[0], 30_001))


def test_holes_go_first_and_yet_the_screen_does_not_wait_for_all_of_them() -> None:
    stage = Stage(60_000, 1_000, 59_990)
    stage.store.append(SYMBOL, stage.past.truth.rows(slice(0, 1)), backfilled=True)
    hole = Gap(SYMBOL, 2, 59_989, "OPEN", "a test", stage.clock.now_ms())
    stage.store.open_gap(hole)
    stage.backfill.fill(hole)
    stage.clock.pass_ms(1_000)
    stage.history.want(SYMBOL, Timeframe.M1, 900)
    for _ in range(20):
        stage.backfill.step()
    assert len(stage.past.asked) >= 15
    assert len(stage.past.asked_candles) == 1


def test_after_the_machine_slept_the_hole_is_covered_at_once() -> None:
    stage = Stage(9_000, 7_000, 1, lost=(7_000, 7_999))
    slept_ms = 2_000 * 7_000
    stage.clock.wall_ms -= slept_ms
    stage.look(Timeframe.M1, 600, times=2)
    # Asleep: the wall clock goes on, the monotonic one does not.
    stage.clock.wall_ms += slept_ms
    stage.clock.pass_ms(5_000)
    stage.lose(9_001, 9_002)
    stage.look(Timeframe.M1, 600)
    asked_to_ms = max(end for _, end in stage.past.asked_candles)
    assert asked_to_ms > stage.past.truth.time_ms[7_990] - MINUTE
