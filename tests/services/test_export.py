"""The pages of an export are the stored rows: all of them or the newest, none twice, whatever holes lie between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from analytics.bars import bars_from_ticks, roll_up
from analytics.errors import StoreError
from analytics.market import Bars, Ticks, Timeframe
from services.export import bar_pages, tick_pages
from storage.memory import MemoryStore
from tests.services.scripted import random_ticks

DAY = 86_400_000


def sparse_ticks(seed: int, pieces: list[tuple[int, int]]) -> Ticks:
    """Runs of trades with leaps of ids and of hours between them."""
    ticks, next_id, start_ms = Ticks.empty(), 1, 1_700_000_000_000
    for number, (length, leap) in enumerate(pieces):
        run = random_ticks(seed + number, length, 100.0, first_id=next_id, start_ms=start_ms)
        ticks = ticks.joined(run)
        next_id, start_ms = int(run.trade_id[-1]) + leap, int(run.time_ms[-1]) + leap * 1_000
    return ticks


def stored(ticks: Ticks) -> MemoryStore:
    store = MemoryStore(lambda: 0)
    store.append("BTCUSDT", ticks)
    return store


PIECES = st.lists(st.tuples(st.integers(1, 400), st.integers(1, 60_000)), min_size=1, max_size=5)
LIMITS = st.none() | st.integers(1, 2_500)


@given(st.integers(0, 1_000), PIECES, LIMITS)
def test_the_pages_of_trades_are_the_newest_trades(seed: int, pieces: list[tuple[int, int]], limit: int | None) -> None:
    ticks = sparse_ticks(seed, pieces)
    pages = list(tick_pages(stored(ticks), "BTCUSDT", limit))
    assert all(len(page) for page in pages)
    wanted = ticks.rows(slice(-limit if limit else None, None))
    joined = reduce(Ticks.joined, pages, Ticks.empty())
    assert_array_equal(joined.trade_id, wanted.trade_id)
    assert_array_equal(joined.price, wanted.price)


@given(st.integers(0, 1_000), PIECES, LIMITS, st.sampled_from([Timeframe.S1, Timeframe.M1, Timeframe.H1, Timeframe.D1]))
def test_the_pages_of_bars_are_the_newest_bars(
    seed: int, pieces: list[tuple[int, int]], limit: int | None, timeframe: Timeframe
) -> None:
    ticks = sparse_ticks(seed, pieces)
    wanted = roll_up(bars_from_ticks(ticks, Timeframe.S1), timeframe).rows(slice(-limit if limit else None, None))
    joined = reduce(Bars.joined, bar_pages(stored(ticks), "BTCUSDT", timeframe, limit), Bars.empty())
    for column in ("start_ms", "open", "high", "low", "close", "trades", "first_id", "last_id"):
        assert_array_equal(getattr(joined, column), getattr(wanted, column), column)


def test_no_page_is_longer_than_it_need_be() -> None:
    ticks = sparse_ticks(1, [(25_000, 1)])
    assert max(len(page) for page in tick_pages(stored(ticks), "BTCUSDT")) <= 10_000
    assert max(len(page) for page in bar_pages(stored(ticks), "BTCUSDT", Timeframe.S1)) <= 20_000


def test_a_symbol_without_trades_has_no_pages() -> None:
    store = stored(random_ticks(1, 10, 100.0))
    pages: tuple[Callable[[], list[object]], ...] = (
        lambda: list(tick_pages(store, "ETHUSDT")),
        lambda: list(bar_pages(store, "ETHUSDT", Timeframe.M1)),
    )
    assert [page() for page in pages] == [[], []]


def test_trades_of_one_second_told_out_of_time_order_are_all_exported() -> None:
    ticks = random_ticks(4, 50, 100.0)
    backwards = Ticks(ticks.trade_id, ticks.time_ms[::-1].copy(), ticks.price, ticks.quantity, ticks.buyer_is_maker)
    spread = backwards.rows(np.arange(10))
    bars = reduce(Bars.joined, bar_pages(stored(spread), "BTCUSDT", Timeframe.S1), Bars.empty())
    assert bars.trades.sum() == len(spread)


class Ageing(MemoryStore):
    """Its trades before an id can go, as retention takes them."""

    gone_before = 0

    def ticks_between(self, symbol: str, first_id: int, last_id: int, *, limit: int | None = None) -> Ticks:
        return super().ticks_between(symbol, max(first_id, self.gone_before), last_id, limit=limit)

    def bars(self, symbol: str, timeframe: Timeframe, *, start_ms: int, end_ms: int) -> Bars:
        bars = super().bars(symbol, timeframe, start_ms=start_ms, end_ms=end_ms)
        return bars.rows(bars.last_id >= self.gone_before)


@pytest.mark.parametrize("gone_before", [12_000, 24_000, 40_001])
@pytest.mark.parametrize("timeframe", [Timeframe.TICK, Timeframe.S1])
def test_an_export_that_retention_overtakes_breaks_off(timeframe: Timeframe, gone_before: int) -> None:
    store, ticks = Ageing(lambda: 0), sparse_ticks(1, [(20_000, 5), (20_000, 1)])
    times = np.arange(len(ticks), dtype=np.int64) * 2_000
    store.append("BTCUSDT", replace(ticks, time_ms=times))
    pages = tick_pages(store, "BTCUSDT") if timeframe is Timeframe.TICK else bar_pages(store, "BTCUSDT", timeframe)
    assert len(next(pages)) == (4_000 if timeframe is Timeframe.TICK else 1_800)
    store.gone_before = gone_before
    with pytest.raises(StoreError, match="ask again"):
        list(pages)


@pytest.mark.parametrize("timeframe", [Timeframe.TICK, Timeframe.S1])
def test_an_export_goes_on_while_retention_removes_what_it_has_told(timeframe: Timeframe) -> None:
    store, ticks = Ageing(lambda: 0), sparse_ticks(1, [(20_000, 5), (20_000, 1)])
    store.append("BTCUSDT", replace(ticks, time_ms=np.arange(len(ticks), dtype=np.int64) * 2_000))
    pages = tick_pages(store, "BTCUSDT") if timeframe is Timeframe.TICK else bar_pages(store, "BTCUSDT", timeframe)
    told = 0
    for page in pages:
        told += len(page)
        store.gone_before = int((page.trade_id if isinstance(page, Ticks) else page.last_id)[-1])
    assert told == 40_000


def test_the_oldest_trade_may_be_removed_while_bars_are_asked_for() -> None:
    store = Ageing(lambda: 0)
    store.append("BTCUSDT", sparse_ticks(1, [(100, 1)]))
    store.gone_before = 50
    assert sum(int(page.trades.sum()) for page in bar_pages(store, "BTCUSDT", Timeframe.M1))
