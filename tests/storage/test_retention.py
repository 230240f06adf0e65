"""What retention takes away, and that everything else still agrees."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.bars import bars_from_ticks
from analytics.market import Gap, Ticks, Timeframe
from storage.retention import Limits, Retention
from storage.sql import SqlStore
from tests.storage.killed import killed_everywhere
from tests.storage.removing import removed
from tests.storage.rows_on_disk import column
from tests.storage.test_faults import wait_until
from tests.storage.trades import DAY_MS, SYMBOL, same, trade_at, trades

Opener = Callable[..., SqlStore]
IDS = st.integers(1, 160)
RANGES = st.tuples(IDS, IDS).map(lambda pair: range(min(pair), max(pair) + 1))
STEPS = st.lists(st.tuples(st.sampled_from(["append", "backfill", "open", "lose"]), RANGES), min_size=1, max_size=8)


class Steps(Retention):
    step_rows = 7


@settings(max_examples=40, deadline=None)
@given(STEPS, IDS)
def test_what_stays_agrees_with_itself_whatever_went(steps: list[tuple[str, range]], cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "live.db"
        now_ms = DAY_MS + cut * 130 + 1_000_000
        before, gaps_before, store = told(path, steps)
        store.append("ETHUSDT", trade_at(now_ms))
        store.close()
        removed(path, Limits(keep_ms=1_000_000), Steps)
        ticks, gaps, store = told(path, [])
        seconds = store.bars(SYMBOL, Timeframe.S1, start_ms=0, end_ms=2 * DAY_MS)
        store.close()
        # A prefix went: all before the first that is young enough, but never the newest.
        young = np.flatnonzero(before.time_ms >= now_ms - 1_000_000)
        slack = before.time_ms[:1] >= now_ms - 1_000_000 - 10_000
        if len(before) and not slack.any():
            first = min(int(young[0]) if len(young) else len(before), len(before) - 1)
            assert same(ticks, before.rows(slice(first, None)))
        else:
            assert same(ticks, before)
        wanted = bars_from_ticks(ticks, Timeframe.S1)
        for name in ("start_ms", "open", "high", "low", "close", "volume", "trades", "first_id", "last_id"):
            assert getattr(seconds, name).tolist() == getattr(wanted, name).tolist(), name
        first_id = int(ticks.trade_id[0]) if len(ticks) else 0
        if len(ticks) < len(before):
            gaps_before = tuple(
                replace(gap, first_id=max(gap.first_id, first_id)) for gap in gaps_before if gap.last_id >= first_id
            )
        assert gaps == gaps_before


def told(path: Path, steps: list[tuple[str, range]]) -> tuple[Ticks, tuple[Gap, ...], SqlStore]:
    store = SqlStore(path, venue="test", now_ms=lambda: DAY_MS)
    for step, ids in steps:
        if step in {"append", "backfill"}:
            store.append(SYMBOL, trades(ids), backfilled=step == "backfill")
        elif step == "open":
            store.open_gap(Gap(SYMBOL, ids[0], ids[-1], "OPEN", "seen", DAY_MS))
        else:
            store.lose_gap(SYMBOL, ids[0], ids[-1], "not there", DAY_MS)
    store.flush()
    ticks, gaps = store.ticks(SYMBOL, limit=1_000), store.gaps(SYMBOL)
    return ticks, gaps, store


def test_the_newest_trade_of_each_symbol_stays_however_old(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    store = opened(path)
    store.append(SYMBOL, trades(range(1, 6_001)))
    store.append("ETHUSDT", trades(range(50, 61)))
    store.close()
    store = opened(path)
    store.append("XRPUSDT", trade_at(2 * DAY_MS))
    store.close()
    assert removed(path, Limits(keep_ms=1_000)) == 4
    store = opened(path)
    assert store.ticks(SYMBOL, limit=9).trade_id.tolist() == [6_000]
    assert store.ticks("ETHUSDT", limit=9).trade_id.tolist() == [60]
    store.append(SYMBOL, trades(range(6_001, 6_010)))
    store.flush()
    assert store.summary()[SYMBOL].ticks_stored == 10
    assert column(path, "SELECT sum(trades) FROM bars_1s") == [12]


def test_with_too_much_the_oldest_of_all_symbols_go_first(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    store = opened(path)
    store.append(SYMBOL, trades(range(1, 30_001)))
    store.append("ETHUSDT", trades(range(1, 15_001), ms_per_trade=260))
    store.close()
    limit = path.stat().st_size // 2
    removed(path, Limits(keep_bytes=limit))
    pages, free = column(path, "PRAGMA page_count")[0], column(path, "PRAGMA freelist_count")[0]
    assert 0.9 * limit < (pages - free) * 4_096 <= 0.99 * limit
    store = opened(path)
    firsts = [int(store.ticks(symbol, limit=99_999).time_ms[0]) for symbol in (SYMBOL, "ETHUSDT")]
    assert abs(firsts[0] - firsts[1]) <= 5_000 * 260  # one step of the slower symbol
    assert store.summary()[SYMBOL].last_id == 30_000
    assert store.gaps() == ()


def test_a_running_store_removes_what_becomes_too_old_and_gives_the_room_back(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    steady = itertools.count(step=20)
    clocks = {"elapsed_s": lambda: float(next(steady)), "read_deadline_s": 1e9}
    store = opened(path, keep_ms=20_000_000, **clocks)
    store.append(SYMBOL, trades(range(1, 100_001)))
    store.open_gap(Gap(SYMBOL, 100_001, 100_009, "OPEN", "seen", DAY_MS))
    store.flush(60)
    full, version = path.stat().st_size, store.history_version(SYMBOL)
    store.append("ETHUSDT", trade_at(DAY_MS + 95_000 * 130 + 20_000_000))
    wait_until(lambda: (store.summary()[SYMBOL].first_id or 0) >= 95_000)
    wait_until(lambda: store.history_version(SYMBOL) > version)
    wait_until(lambda: path.stat().st_size < full)
    told = store.summary()[SYMBOL]
    assert told.first_id is not None
    assert 95_000 <= told.first_id < 95_020
    assert told.ticks_stored == 100_001 - told.first_id
    assert same(store.ticks(SYMBOL, limit=99_999), trades(range(told.first_id, 100_001)))
    # A back-fill and a hole that were on their way when their place was removed.
    store.append(SYMBOL, trades(range(400, 500)), backfilled=True)
    store.open_gap(Gap(SYMBOL, 90_000, told.first_id - 1, "OPEN", "seen", DAY_MS))
    store.flush()
    assert store.summary()[SYMBOL] == replace(told)
    assert [(gap.first_id, gap.last_id) for gap in store.gaps()] == [(100_001, 100_009)]


def test_what_comes_late_for_a_hole_before_the_first_trade_that_stays_makes_no_new_one(
    opened: Opener, tmp_path: Path
) -> None:
    steady = itertools.count(step=20)
    store = opened(tmp_path / "live.db", keep_ms=20_000_000, elapsed_s=lambda: float(next(steady)), read_deadline_s=1e9)
    store.append(SYMBOL, trades(range(1, 5_001)))
    store.open_gap(Gap(SYMBOL, 5_001, 5_010, "OPEN", "seen", DAY_MS))
    store.append(SYMBOL, trades(range(5_011, 6_001)))
    store.append("ETHUSDT", trade_at(DAY_MS + 5_005 * 130 + 20_000_000))
    wait_until(lambda: store.summary()[SYMBOL].first_id == 5_011)
    # The answer to a question of before: half of the hole; the other half the exchange does not have.
    store.append(SYMBOL, trades(range(5_001, 5_006)), backfilled=True)
    store.lose_gap(SYMBOL, 5_006, 5_010, "not there", DAY_MS)
    store.flush()
    assert store.summary()[SYMBOL].first_id == 5_011
    assert store.gaps() == ()


def test_a_hole_may_open_where_a_filled_one_was_removed(opened: Opener, tmp_path: Path) -> None:
    store = opened(tmp_path / "live.db")
    store.append(SYMBOL, trades(range(1, 10)))
    store.open_gap(Gap(SYMBOL, 10, 20, "OPEN", "seen", DAY_MS))
    store.append(SYMBOL, trades(range(21, 30)))
    store.append(SYMBOL, trades(range(10, 21)), backfilled=True)
    store.append("ETHUSDT", trade_at(DAY_MS + 15 * 130 + 10_000))
    store.close()
    removed(tmp_path / "live.db", Limits(keep_ms=10_000))
    store = opened(tmp_path / "live.db")
    first_id = store.summary()[SYMBOL].first_id or 0
    assert 10 < first_id < 20
    # As the import of an archive file does: it lists what lies between its trades and the stored ones.
    store.open_gap(Gap(SYMBOL, 10, first_id - 1, "OPEN", "between", DAY_MS))
    store.append(SYMBOL, trades(range(1, 10)), backfilled=True)
    store.flush()
    assert [(gap.first_id, gap.last_id, gap.state) for gap in store.gaps()] == [
        (10, first_id - 1, "OPEN"),
        (first_id, 20, "FILLED"),
    ]


def test_candles_that_no_question_reaches_go(opened: Opener, tmp_path: Path) -> None:
    store = opened(tmp_path / "live.db")
    days = bars_from_ticks(trades(range(1, 4), ms_per_trade=86_400_000), Timeframe.D1)
    store.keep_candles(SYMBOL, Timeframe.D1, days)
    store.keep_candles(SYMBOL, Timeframe.M1, days)
    store.close()
    store = opened(tmp_path / "live.db")
    store.append(SYMBOL, trade_at(int(days.start_ms[1]) + 100_000 * 60_000))
    store.close()
    removed(tmp_path / "live.db", Limits(keep_ms=1))
    found = opened(tmp_path / "live.db")
    assert len(found.candles(SYMBOL, Timeframe.D1, start_ms=0, end_ms=3 * DAY_MS)) == 3
    kept = found.candles(SYMBOL, Timeframe.M1, start_ms=0, end_ms=3 * DAY_MS)
    assert kept.start_ms.tolist() == days.start_ms[1:].tolist()


REMOVING = """
from storage.retention import Limits, Retention
from tests.storage.removing import removed
removed(folder / "live.db", Limits(keep_ms=200 * 130))
"""


def test_a_kill_at_any_point_of_retention_leaves_a_store_that_agrees_with_itself(tmp_path: Path) -> None:
    (tmp_path / "template").mkdir()
    path = tmp_path / "template" / "live.db"
    store = SqlStore(path, venue="test", now_ms=lambda: DAY_MS)
    store.append(SYMBOL, trades(range(1, 3_001)))
    store.open_gap(Gap(SYMBOL, 1, 1, "OPEN", "never", DAY_MS))
    store.close()
    left = []
    for folder in killed_everywhere(REMOVING, tmp_path / "template", tmp_path / "killed"):
        store = SqlStore(folder / "live.db", venue="test", now_ms=lambda: DAY_MS)
        ticks = store.ticks(SYMBOL, limit=9_999)
        assert same(ticks, trades(range(int(ticks.trade_id[0]), 3_001)))
        assert store.summary()[SYMBOL].ticks_stored == len(ticks)
        bars = store.bars(SYMBOL, Timeframe.S1, start_ms=0, end_ms=2 * DAY_MS)
        assert bars.trades.tolist() == bars_from_ticks(ticks, Timeframe.S1).trades.tolist()
        store.close()
        left.append(len(ticks))
    assert left == sorted(left, reverse=True)
    assert left[0] == 3_000
    assert left[-1] < 300
