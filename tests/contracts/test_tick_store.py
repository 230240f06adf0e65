"""What every tick store promises, asked of the real one and of its twin in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analytics.bars import bars_from_ticks, roll_up
from analytics.errors import BadInput, StoreError
from analytics.market import Bars, Gap, Quality, Ticks, Timeframe
from analytics.status import StoredSymbol
from services.ports import TickStore
from storage.memory import MemoryStore
from storage.sql import SqlStore
from tests.storage.trades import DAY_MS, SYMBOL, same, trades

Store = SqlStore | MemoryStore
NOW_MS = DAY_MS + 77


@pytest.fixture(params=["sqlite", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    make: dict[str, Callable[[], Store]] = {
        "sqlite": lambda: SqlStore(tmp_path / "live.sqlite", venue="test", now_ms=lambda: NOW_MS),
        "memory": lambda: MemoryStore(now_ms=lambda: NOW_MS),
    }
    made = make[request.param]()
    yield made
    made.close()


def hole(first_id: int, last_id: int, cause: str = "seen") -> Gap:
    return Gap(SYMBOL, first_id, last_id, "OPEN", cause, opened_at_ms=DAY_MS)


def all_bars(store: Store, timeframe: Timeframe = Timeframe.S1) -> Bars:
    store.flush()
    return store.bars(SYMBOL, timeframe, start_ms=0, end_ms=DAY_MS * 2)


def test_it_is_a_tick_store(store: Store) -> None:
    as_the_services_see_it: TickStore = store
    assert as_the_services_see_it.queue_depth() == 0


def test_a_new_store_is_empty(store: Store) -> None:
    assert store.summary() == {}
    assert store.symbols() == ()
    assert store.gaps() == ()
    assert store.history_version(SYMBOL) == 0
    assert len(store.ticks(SYMBOL, limit=5)) == 0
    assert len(store.ticks_between(SYMBOL, 0, 99)) == 0
    assert len(all_bars(store)) == 0
    assert len(store.newest_bars(SYMBOL, Timeframe.M1, 5)) == 0
    assert store.trouble is None


def test_trades_come_back_exactly_and_in_id_order(store: Store) -> None:
    store.append(SYMBOL, trades(range(50, 90)))
    store.append(SYMBOL, trades(range(10, 20)), backfilled=True)
    store.flush()
    assert same(store.ticks(SYMBOL, limit=1_000), trades([*range(10, 20), *range(50, 90)]))
    assert same(store.ticks(SYMBOL, limit=45), trades([*range(15, 20), *range(50, 90)]))
    assert same(store.ticks_between(SYMBOL, 18, 52), trades([18, 19, 50, 51, 52]))
    assert same(store.ticks_between(SYMBOL, 18, 52, limit=3), trades([18, 19, 50]))
    assert len(store.ticks(SYMBOL, limit=0)) == 0


def test_a_trade_is_stored_once_and_its_first_form_stays(store: Store) -> None:
    store.append(SYMBOL, trades(range(10)))
    changed = trades(range(5, 15))
    store.append(
        SYMBOL, Ticks(changed.trade_id, changed.time_ms, changed.price * 2, changed.quantity, changed.buyer_is_maker)
    )
    store.flush()
    held = store.ticks(SYMBOL, limit=100)
    assert same(held.rows(slice(None, 10)), trades(range(10)))
    assert store.summary()[SYMBOL] == StoredSymbol(ticks_stored=15, first_id=0, last_id=14)


def test_symbols_do_not_mix(store: Store) -> None:
    store.append("ETHUSDT", trades(range(3)))
    store.append(SYMBOL, trades(range(100, 104)))
    store.open_gap(hole(104, 110))
    store.flush()
    assert store.symbols() == (SYMBOL, "ETHUSDT")
    assert store.summary() == {
        "ETHUSDT": StoredSymbol(3, 0, 2),
        SYMBOL: StoredSymbol(4, 100, 103, gaps_open=1),
    }
    assert store.gaps("ETHUSDT") == ()
    assert store.gaps() == store.gaps(SYMBOL) == (hole(104, 110),)
    assert same(store.ticks("ETHUSDT", limit=9), trades(range(3)))


@pytest.mark.parametrize("timeframe", [frame for frame in Timeframe if frame is not Timeframe.TICK])
def test_bars_are_those_of_all_stored_trades(store: Store, timeframe: Timeframe) -> None:
    for start in (500, 0, 700, 250):  # the past comes late, and seconds are split over batches
        for first in range(start, start + 200, 9):
            store.append(SYMBOL, trades(range(first, min(first + 9, start + 200))))
    store.flush()
    bars = all_bars(store, timeframe)
    wanted = bars_from_ticks(store.ticks(SYMBOL, limit=9_999), timeframe)
    assert int(wanted.trades.sum()) == 800
    for name in ("start_ms", "open", "high", "low", "close", "trades", "first_id", "last_id"):
        np.testing.assert_array_equal(getattr(bars, name), getattr(wanted, name), err_msg=name)
    for name in ("volume", "taker_buy_volume"):
        np.testing.assert_allclose(getattr(bars, name), getattr(wanted, name), rtol=1e-12, err_msg=name)


def test_bars_begin_inside_the_asked_span(store: Store) -> None:
    store.append(SYMBOL, trades(range(2_000)))
    minutes = all_bars(store, Timeframe.M1)
    second, third = minutes.start_ms[1:3].tolist()
    for start_ms, end_ms, wanted in (
        (second, third, [second]),
        (second, third + 1, [second, third]),
        (second + 1, third + 1, [third]),
        (second + 1, third, []),
    ):
        found = store.bars(SYMBOL, Timeframe.M1, start_ms=start_ms, end_ms=end_ms)
        assert found.start_ms.tolist() == wanted
        assert found.trades.tolist() == minutes.trades[np.isin(minutes.start_ms, wanted)].tolist()


@pytest.mark.parametrize("timeframe", [Timeframe.S1, Timeframe.S5, Timeframe.M1])
@pytest.mark.parametrize("limit", [0, 1, 7, 10_000])
def test_the_newest_bars_are_the_end_of_all_bars(store: Store, timeframe: Timeframe, limit: int) -> None:
    store.append(SYMBOL, trades([*range(300), *range(9_000, 9_300), *range(900_000, 900_100)]))
    everything = all_bars(store, timeframe)
    found = store.newest_bars(SYMBOL, timeframe, limit)
    assert found.start_ms.tolist() == everything.start_ms[max(0, len(everything) - limit) :].tolist()
    assert found.trades.sum() == everything.trades[max(0, len(everything) - limit) :].sum()


def test_trades_are_not_bars(store: Store) -> None:
    store.append(SYMBOL, trades(range(5)))
    store.flush()
    with pytest.raises(BadInput, match="1s or longer"):
        store.bars(SYMBOL, Timeframe.TICK, start_ms=0, end_ms=DAY_MS * 2)
    with pytest.raises(BadInput, match="1s or longer"):
        store.newest_bars(SYMBOL, Timeframe.TICK, 5)


def test_a_hole_counts_from_the_call_on_until_it_is_filled(store: Store) -> None:
    store.append(SYMBOL, trades(range(1, 10)))
    store.open_gap(hole(10, 19))
    assert store.summary()[SYMBOL].gaps_open == 1
    store.flush()
    assert store.summary()[SYMBOL].gaps_open == 1
    store.append(SYMBOL, trades(range(10, 15)), backfilled=True)
    assert store.summary()[SYMBOL].gaps_open == 1
    store.flush()
    assert store.gaps() == (
        Gap(SYMBOL, 10, 14, "FILLED", "seen", DAY_MS, NOW_MS),
        hole(15, 19),
    )
    store.append(SYMBOL, trades(range(15, 20)), backfilled=True)
    store.flush()
    assert store.gaps() == (Gap(SYMBOL, 10, 19, "FILLED", "seen", DAY_MS, NOW_MS),)
    assert store.summary()[SYMBOL].gaps_open == 0


def test_what_is_stored_of_one_symbol_is_its_part_of_the_whole(store: Store) -> None:
    steps: tuple[Callable[[], object], ...] = (
        lambda: None,
        lambda: store.append(SYMBOL, trades(range(1, 10))),
        store.flush,
        lambda: store.open_gap(hole(10, 19)),
        lambda: store.open_gap(replace(hole(5, 9), symbol="ETHUSDT")),  # of which no trade is stored
        store.flush,
        lambda: store.lose_gap(SYMBOL, 1, 25, "older than 48 hours", NOW_MS),
        store.flush,
    )
    for step in steps:
        step()
        whole = store.summary()
        for symbol in (SYMBOL, "ETHUSDT", "NEVERUSDT"):
            assert store.stored(symbol) == whole.get(symbol)


def test_a_fill_in_the_middle_splits_the_hole(store: Store) -> None:
    store.append(SYMBOL, trades([1, 30]))
    store.open_gap(hole(2, 29))
    store.append(SYMBOL, trades(range(10, 20)), backfilled=True)
    store.flush()
    assert [(gap.first_id, gap.last_id, gap.state) for gap in store.gaps()] == [
        (2, 9, "OPEN"),
        (10, 19, "FILLED"),
        (20, 29, "OPEN"),
    ]
    assert store.summary()[SYMBOL].gaps_open == 2


def test_stored_ids_are_never_a_hole(store: Store) -> None:
    store.append(SYMBOL, trades([*range(1, 10), *range(15, 20)]))
    store.open_gap(hole(1, 16))
    store.flush()
    assert store.gaps() == (hole(10, 14),)


def test_only_what_is_still_open_is_lost(store: Store) -> None:
    store.append(SYMBOL, trades([1, 2]))
    store.open_gap(hole(3, 40))
    store.append(SYMBOL, trades(range(10, 20)), backfilled=True)
    store.lose_gap(SYMBOL, 1, 25, "older than 48 hours", NOW_MS + 5)
    store.flush()
    assert [(gap.first_id, gap.last_id, gap.state, gap.closed_at_ms) for gap in store.gaps()] == [
        (3, 9, "LOST", NOW_MS + 5),
        (10, 19, "FILLED", NOW_MS),
        (20, 25, "LOST", NOW_MS + 5),
        (26, 40, "OPEN", None),
    ]
    told = store.summary()[SYMBOL]
    assert (told.gaps_open, told.gaps_lost) == (1, 2)
    assert {gap.cause for gap in store.gaps() if gap.state == "LOST"} == {"older than 48 hours"}


def test_what_was_lost_and_turns_up_is_filled(store: Store) -> None:
    store.append(SYMBOL, trades([1, 2]))
    store.open_gap(hole(3, 12))
    store.lose_gap(SYMBOL, 3, 12, "not there", NOW_MS)
    store.append(SYMBOL, trades(range(3, 13)), backfilled=True)
    store.flush()
    assert [(gap.first_id, gap.last_id, gap.state) for gap in store.gaps()] == [(3, 12, "FILLED")]
    assert store.summary()[SYMBOL].gaps_lost == 0


def test_bars_beside_a_hole_are_partial_until_it_is_filled(store: Store) -> None:
    ms = 500  # seconds hold the ids 1, 2-3, 4-5, (6-9 missing), 10-11, 12-14, 20-21
    store.append(SYMBOL, trades([*range(1, 6), *range(10, 15), 20, 21], ms_per_trade=ms))
    store.open_gap(hole(6, 9))
    bars = all_bars(store)
    assert dict(zip(bars.first_id.tolist(), bars.quality.tolist(), strict=True)) == {
        1: Quality.COMPLETE,  # the first trade that the exchange ever had
        2: Quality.COMPLETE,
        4: Quality.PARTIAL,
        10: Quality.PARTIAL,
        12: Quality.COMPLETE,
        20: Quality.COMPLETE,
    }
    store.lose_gap(SYMBOL, 6, 9, "not there", NOW_MS)
    assert all_bars(store).quality.max() == Quality.PARTIAL
    store.append(SYMBOL, trades(range(6, 10), ms_per_trade=ms), backfilled=True)
    healed = all_bars(store)
    assert set(healed.quality.tolist()) == {Quality.COMPLETE, Quality.BACKFILLED}


def test_a_long_bar_is_as_good_as_its_worst_second(store: Store) -> None:
    store.append(SYMBOL, trades([*range(1, 1_000), *range(1_010, 2_000)]))
    store.open_gap(hole(1_000, 1_009))
    seconds, minutes = all_bars(store), all_bars(store, Timeframe.M1)
    assert minutes.quality.tolist() == roll_up(seconds, Timeframe.M1).quality.tolist()
    assert sorted(set(minutes.quality.tolist())) == [Quality.COMPLETE, Quality.PARTIAL]


def test_only_bars_with_a_backfilled_trade_are_backfilled(store: Store) -> None:
    store.append(SYMBOL, trades([*range(1, 100), *range(200, 300)]))
    store.append(SYMBOL, trades(range(50, 210)), backfilled=True)  # 50-99 and 200-209 are known already
    bars = all_bars(store)
    fresh = bars_from_ticks(trades(range(100, 200)), Timeframe.S1).start_ms
    expected = np.where(np.isin(bars.start_ms, fresh), Quality.BACKFILLED, Quality.COMPLETE)
    assert bars.quality.tolist() == expected.tolist()


def test_the_bar_of_the_first_trade_we_hold_is_partial_until_older_ones_come(store: Store) -> None:
    store.append(SYMBOL, trades(range(1_002, 1_100)))
    assert all_bars(store).quality.tolist()[:2] == [Quality.PARTIAL, Quality.COMPLETE]
    store.append(SYMBOL, trades(range(904, 1_002)), backfilled=True)
    bars = all_bars(store)
    assert bars.quality[0] == Quality.PARTIAL
    assert Quality.PARTIAL not in bars.quality[1:]


def test_newer_trades_leave_the_history_version_alone(store: Store) -> None:
    store.append(SYMBOL, trades(range(100, 110)))
    store.flush()
    start = store.history_version(SYMBOL)
    store.append(SYMBOL, trades(range(110, 200)))
    store.append(SYMBOL, trades(range(110, 200)))
    store.flush()
    assert store.history_version(SYMBOL) == start
    versions = [start]
    changes: tuple[Callable[[], None], ...] = (
        lambda: store.append(SYMBOL, trades(range(50, 60)), backfilled=True),
        lambda: store.open_gap(hole(60, 99)),
        lambda: store.lose_gap(SYMBOL, 60, 70, "not there", NOW_MS),
        lambda: store.append(SYMBOL, trades(range(40, 50))),
    )
    for change in changes:
        change()
        store.flush()
        versions.append(store.history_version(SYMBOL))
    assert versions == sorted(set(versions))


def candles(starts: Iterable[int], price: float = 100.0) -> Bars:
    """Hour-long ones at these hours, with ids and a quality of their own that a store has no use for."""
    start_ms = np.array(list(starts), np.int64) * 3_600_000
    made = bars_from_ticks(trades(range(len(start_ms)), ms_per_trade=1_000), Timeframe.TICK)
    return replace(made, start_ms=start_ms, close=price + start_ms / 3_600_000, quality=made.quality + Quality.MISSING)


def hours(store: Store, first: int = 0, after: int = 10**6, timeframe: Timeframe = Timeframe.H1) -> Bars:
    store.flush()
    return store.candles(SYMBOL, timeframe, start_ms=first * 3_600_000, end_ms=after * 3_600_000)


def test_candles_come_back_as_told_and_the_newest_telling_counts(store: Store) -> None:
    assert len(hours(store)) == 0
    store.keep_candles(SYMBOL, Timeframe.H1, candles([5, 6, 7]))
    store.keep_candles(SYMBOL, Timeframe.H1, candles([1, 2]))
    store.keep_candles(SYMBOL, Timeframe.H1, candles([2, 6], price=500.0))
    store.keep_candles(SYMBOL, Timeframe.M1, candles([3]))
    store.keep_candles("ETHUSDT", Timeframe.H1, candles([4]))
    found = hours(store)
    assert (found.start_ms // 3_600_000).tolist() == [1, 2, 5, 6, 7]
    assert found.close.tolist() == [101.0, 502.0, 105.0, 506.0, 107.0]
    assert (hours(store, 2, 6).start_ms // 3_600_000).tolist() == [2, 5]
    assert (hours(store, timeframe=Timeframe.M1).start_ms // 3_600_000).tolist() == [3]
    first = candles([5, 6, 7]).rows(slice(0, 1))
    for name in ("open", "high", "low", "volume", "trades", "taker_buy_volume"):
        assert getattr(hours(store, 5, 6), name).tolist() == getattr(first, name).tolist(), name
    assert set(found.quality.tolist()) == {Quality.BACKFILLED}
    assert set(found.first_id.tolist()) == set(found.last_id.tolist()) == {0}


def test_candles_are_neither_trades_nor_bars_of_trades(store: Store) -> None:
    store.keep_candles(SYMBOL, Timeframe.M1, candles([5]))
    store.flush()
    assert store.symbols() == (SYMBOL,)
    assert store.summary() == {SYMBOL: StoredSymbol()}
    assert len(store.ticks(SYMBOL, limit=5)) == len(all_bars(store, Timeframe.M1)) == 0
    with pytest.raises(BadInput, match="1s or longer"):
        store.keep_candles(SYMBOL, Timeframe.TICK, candles([5]))
    with pytest.raises(BadInput, match="1s or longer"):
        store.candles(SYMBOL, Timeframe.TICK, start_ms=0, end_ms=1)


def test_candles_change_history(store: Store) -> None:
    store.append(SYMBOL, trades(range(10)))
    store.flush()
    before = store.history_version(SYMBOL)
    store.keep_candles(SYMBOL, Timeframe.H1, candles([]))
    store.flush()
    assert store.history_version(SYMBOL) == before
    store.keep_candles(SYMBOL, Timeframe.H1, candles([1]))
    store.flush()
    assert store.history_version(SYMBOL) > before


def test_facts_name_the_file_and_its_size(store: Store) -> None:
    store.append(SYMBOL, trades(range(2_000)))
    store.flush()
    facts = store.facts()
    assert facts.trouble is None
    if isinstance(store, MemoryStore):
        assert (facts.path, facts.database_bytes, facts.log_bytes, facts.free_bytes) == (None, None, None, None)
    else:
        log = store.path.with_name("live.sqlite-wal")
        assert facts.path == str(store.path)
        assert (facts.database_bytes, facts.log_bytes) == (store.path.stat().st_size, log.stat().st_size)
        assert (facts.log_bytes or 0) > 50_000
        assert (facts.free_bytes or 0) > 0
        assert sqlite3.sqlite_version in str(facts.engine)


def test_an_empty_append_is_nothing(store: Store) -> None:
    store.append(SYMBOL, Ticks.empty())
    store.flush()
    assert store.summary() == {}


def test_a_closed_store_says_so_and_can_be_closed_again(store: Store) -> None:
    store.append(SYMBOL, trades(range(5)))
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.ticks(SYMBOL, limit=1)
