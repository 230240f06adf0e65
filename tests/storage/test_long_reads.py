"""Long spans are read in pages, and a reader that does not let go is cut off or told about."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from analytics.bars import bars_from_ticks
from analytics.errors import StoreError
from analytics.market import Quality, Timeframe
from storage.sql import SqlStore
from tests.storage.test_faults import wait_until
from tests.storage.trades import DAY_MS, SYMBOL, same, trades

Opener = Callable[..., SqlStore]
IDS = range(2, 120_000)  # one a second, so more bars than two pages hold


def test_bars_of_many_pages_are_those_of_all_trades(opened: Opener, tmp_path: Path) -> None:
    store = opened(tmp_path / "live.db")
    ticks = trades(IDS, ms_per_trade=1_000)
    store.append(SYMBOL, ticks)
    store.flush(60)
    for timeframe in (Timeframe.S1, Timeframe.M5, Timeframe.H4, Timeframe.D1):
        wanted = bars_from_ticks(ticks, timeframe)
        bars = store.bars(SYMBOL, timeframe, start_ms=0, end_ms=2 * DAY_MS)
        newest = store.newest_bars(SYMBOL, timeframe, 10**6)
        for name in ("start_ms", "open", "high", "low", "close", "volume", "trades", "first_id", "last_id"):
            np.testing.assert_array_equal(getattr(bars, name), getattr(wanted, name), err_msg=name)
            np.testing.assert_array_equal(getattr(newest, name), getattr(wanted, name), err_msg=name)
        assert bars.quality.tolist() == [Quality.PARTIAL, *[Quality.COMPLETE] * (len(wanted) - 1)]
        for limit in (1, 2, len(wanted) // 2, len(wanted)):
            few = store.newest_bars(SYMBOL, timeframe, limit)
            assert few.start_ms.tolist() == wanted.start_ms[-limit:].tolist()
            assert few.trades.tolist() == wanted.trades[-limit:].tolist()


def test_everything_stored_can_be_read_in_pages_by_id(opened: Opener, tmp_path: Path) -> None:
    store = opened(tmp_path / "live.db")
    wanted = trades([*range(1, 25_000), *range(90_000, 91_000)])
    store.append(SYMBOL, wanted)
    store.flush()
    pages, next_id = [], 0
    while len(page := store.ticks_between(SYMBOL, next_id, 10**12, limit=10_000)):
        pages.append(page)
        next_id = int(page.trade_id[-1]) + 1
    assert [len(page) for page in pages] == [10_000, 10_000, 5_999]
    assert same(pages[0].joined(pages[1]).joined(pages[2]), wanted)


def test_a_read_beyond_its_deadline_is_cut_off_and_the_next_one_is_not(opened: Opener, tmp_path: Path) -> None:
    steady, slow = itertools.count(step=3), threading.Event()
    clock = {"elapsed_s": lambda: float(next(steady)) if slow.is_set() else 0.0, "read_deadline_s": 5.0}
    store = opened(tmp_path / "live.db", **clock)
    store.append(SYMBOL, trades(range(1, 60_000)))
    store.flush()
    slow.set()  # from now on three seconds go by with each look at the clock
    with pytest.raises(StoreError, match="read for too long"):
        store.ticks(SYMBOL, limit=60_000)
    assert len(store.ticks(SYMBOL, limit=100)) == 100
    slow.clear()
    assert len(store.ticks(SYMBOL, limit=60_000)) == 59_999


def test_a_reader_from_outside_that_does_not_let_go_is_told_about_and_loses_nobody_anything(
    opened: Opener, tmp_path: Path
) -> None:
    path = tmp_path / "live.db"
    store = opened(path, log_alarm_bytes=1 << 20)
    log = path.with_name("live.db-wal")
    store.append(SYMBOL, trades(range(1, 100)))
    store.flush()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM ticks").fetchone()
        for first in range(100, 60_000, 5_000):
            store.append(SYMBOL, trades(range(first, first + 5_000)))
            store.flush()
        wait_until(lambda: store.facts().trouble)
        assert "reads the database and does not let go" in str(store.facts().trouble)
        assert store.trouble is None  # writing goes on
        assert (store.facts().log_bytes or 0) > 1 << 20
        assert other.execute("SELECT count(*) FROM ticks").fetchone()[0] == 99
        other.execute("COMMIT")
    wait_until(lambda: log.stat().st_size == 0)
    wait_until(lambda: store.facts().trouble is None)
    assert store.summary()[SYMBOL].ticks_stored == 60_099


def test_the_log_of_a_busy_store_stays_short(opened: Opener, tmp_path: Path) -> None:
    store = opened(tmp_path / "live.db")
    longest = 0
    for first in range(1, 400_000, 4_000):
        store.append(SYMBOL, trades(range(first, first + 4_000)))
        store.flush()
        longest = max(longest, store.facts().log_bytes or 0)
    assert 1 << 20 < longest < 16 << 20
