"""What goes wrong around a store, and what it promises then: nothing is lost in silence."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, event

from analytics.errors import StoreError
from analytics.market import Gap, Timeframe
from storage.sql import SqlStore
from tests.storage.trades import DAY_MS, SYMBOL, same, trades

Opener = Callable[..., SqlStore]


def wait_until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    tick = threading.Event()
    for _ in range(int(seconds / 0.01)):
        if condition():
            return
        tick.wait(0.01)
    raise AssertionError("it did not happen in time")


@contextmanager
def locked_by_another(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def counted(path: Path, question: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        answer: int = connection.execute(question).fetchone()[0]
    return answer


def test_a_lone_trade_is_committed_without_being_asked(opened: Opener, tmp_path: Path) -> None:
    store = opened(tmp_path / "live.sqlite")
    store.append(SYMBOL, trades([5]))
    wait_until(lambda: counted(tmp_path / "live.sqlite", "SELECT count(*) FROM ticks") == 1)
    wait_until(lambda: store.queue_depth() == 0)


def test_closing_writes_what_waits_and_the_next_store_goes_on(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "live.sqlite"
    first = opened(path)
    first.append(SYMBOL, trades(range(1, 6_000)))
    first.open_gap(Gap(SYMBOL, 6_000, 6_009, "OPEN", "seen", DAY_MS))
    before_close = first.summary()[SYMBOL].gaps_open
    first.close()
    assert before_close == 1
    assert not (tmp_path / "live.sqlite-wal").exists()
    second = opened(path)
    told = second.summary()[SYMBOL]
    assert (told.ticks_stored, told.first_id, told.last_id, told.gaps_open) == (5_999, 1, 5_999, 1)
    second.append(SYMBOL, trades(range(6_000, 6_100)))
    second.flush()
    assert same(second.ticks(SYMBOL, limit=9_999), trades(range(1, 6_100)))
    assert second.bars(SYMBOL, Timeframe.S1, start_ms=0, end_ms=DAY_MS * 2).trades.sum() == 6_099
    assert counted(path, "SELECT ticks_stored FROM symbols") == counted(path, "SELECT count(*) FROM ticks") == 6_099


def test_trades_wait_while_another_program_holds_the_lock(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "live.sqlite"
    store = opened(path)
    with locked_by_another(path):
        store.append(SYMBOL, trades(range(50)))
        wait_until(lambda: store.trouble)
        assert "database is locked" in str(store.trouble)
        assert store.queue_depth() == 50
        with pytest.raises(StoreError, match=r"not everything is stored: .*locked"):
            store.flush(timeout_s=0.01)
        store.append(SYMBOL, trades(range(50, 80)))
        assert len(store.ticks(SYMBOL, limit=99)) == 0
    store.flush()
    assert store.trouble is None
    assert same(store.ticks(SYMBOL, limit=99), trades(range(80)))


def test_trades_wait_while_the_disk_is_full(opened: Opener, tmp_path: Path) -> None:
    pages = {"most": 40}

    def small_disk(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages['most']}")

    event.listen(Engine, "begin", small_disk)
    try:
        store = opened(tmp_path / "live.sqlite")
        store.append(SYMBOL, trades(range(1_000)))
        store.flush()
        store.append(SYMBOL, trades(range(1_000, 9_000)))
        wait_until(lambda: store.trouble)
        assert "full" in str(store.trouble)
        assert same(store.ticks(SYMBOL, limit=9_999), trades(range(1_000)))
        assert store.queue_depth() == 8_000
        pages["most"] = 100_000
        store.flush()
    finally:
        event.remove(Engine, "begin", small_disk)
    assert store.trouble is None
    assert same(store.ticks(SYMBOL, limit=9_999), trades(range(9_000)))
    assert counted(tmp_path / "live.sqlite", "SELECT sum(trades) FROM bars_1s") == 9_000


def test_closing_while_locked_says_what_is_not_stored_and_lets_go(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "live.sqlite"
    store = opened(path)
    store.append(SYMBOL, trades(range(10)))
    store.flush()
    with locked_by_another(path):
        store.append(SYMBOL, trades(range(10, 30)))
        with pytest.raises(StoreError, match=r"20 trades were not stored: .*locked"):
            store.close()
    store.close()
    assert opened(path).summary()[SYMBOL].ticks_stored == 10


def test_a_full_queue_turns_new_trades_into_one_hole_that_counts_at_once(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "live.sqlite"
    store = opened(path, queue_ticks=100)
    with locked_by_another(path):
        store.append(SYMBOL, trades(range(1, 91)))
        wait_until(lambda: store.trouble)
        for first in range(91, 291, 20):
            store.append(SYMBOL, trades(range(first, first + 20)))
            store.append("ETHUSDT", trades(range(first, first + 20)))
        assert store.queue_depth() == 90
        assert store.summary()[SYMBOL].gaps_open == 1
        assert store.summary()["ETHUSDT"].gaps_open == 1
    store.flush()
    assert store.gaps(SYMBOL) == (Gap(SYMBOL, 91, 290, "OPEN", "writer queue full", DAY_MS),)
    assert same(store.ticks(SYMBOL, limit=999), trades(range(1, 91)))
    for first in range(91, 291, 50):
        store.append(SYMBOL, trades(range(first, first + 50)), backfilled=True)
        store.flush()
    assert [(gap.first_id, gap.last_id, gap.state) for gap in store.gaps(SYMBOL)] == [(91, 290, "FILLED")]
    assert same(store.ticks(SYMBOL, limit=999), trades(range(1, 291)))


def test_a_batch_greater_than_an_empty_queue_is_still_stored(opened: Opener, tmp_path: Path) -> None:
    store = opened(tmp_path / "live.sqlite", queue_ticks=100)
    store.append(SYMBOL, trades(range(1_000)))
    store.flush()
    assert store.summary()[SYMBOL].ticks_stored == 1_000
    assert store.gaps() == ()


@pytest.mark.parametrize("fault", ["a price that is no number", "a table that is gone"])
def test_a_fault_of_our_own_stops_the_writer_aloud(opened: Opener, tmp_path: Path, fault: str) -> None:
    path = tmp_path / "live.sqlite"
    store = opened(path)
    store.append(SYMBOL, trades(range(10)))
    store.flush()
    ticks = trades(range(10, 20))
    if fault == "a price that is no number":
        ticks = replace(ticks, price=np.full(10, np.nan))
    else:
        with closing(sqlite3.connect(path)) as other:
            other.execute("ALTER TABLE ticks RENAME TO tocks")
    store.append(SYMBOL, ticks)
    with pytest.raises(StoreError, match=r"the writer stopped .*restart Pairwatch"):
        store.flush()
    assert "the writer stopped" in str(store.trouble)
    with pytest.raises(StoreError, match="10 trades were not stored"):
        store.close()


def test_a_damaged_page_is_an_error_not_an_empty_answer(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "live.sqlite"
    store = opened(path)
    store.append(SYMBOL, trades(range(30_000)))
    store.close()
    content = bytearray(path.read_bytes())
    content[8 * 4_096 : 60 * 4_096] = b"\x99" * (52 * 4_096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="malformed"):
        opened(path).ticks(SYMBOL, limit=30_000)
