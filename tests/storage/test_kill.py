"""A process killed between two instructions loses nothing that it had flushed."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from analytics.bars import bars_from_ticks
from analytics.market import Timeframe
from storage.sql import SqlStore
from tests.storage.trades import DAY_MS, SYMBOL, same, trades

CHILD = """
import sys
from storage.sql import SqlStore
from tests.storage.trades import DAY_MS, SYMBOL, trades
store = SqlStore(sys.argv[1], venue="test", now_ms=lambda: DAY_MS)
first = (store.summary()[SYMBOL].last_id or 0) + 1 if store.summary() else 1
while True:
    store.append(SYMBOL, trades(range(first, first + 700)))
    first += 700
    if first % 3 == 0:
        store.flush()
        print(first - 1, flush=True)
"""


def killed_after(path: Path, acknowledged: int) -> int:
    """Run a writing process until it has acknowledged so many flushes; kill it at once. Returns the last flushed id."""
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    flushed = [int(child.stdout.readline()) for _ in range(acknowledged)]
    child.kill()
    flushed += [int(line) for line in child.stdout.read().split()]
    child.stdout.close()
    child.wait(timeout=30)
    return flushed[-1]


def test_nothing_flushed_is_lost_by_a_kill_at_any_moment(tmp_path: Path) -> None:
    path = tmp_path / "live.sqlite"
    rounds = random.Random(7)
    for _ in range(5):
        flushed = killed_after(path, rounds.randrange(1, 12))
        store = SqlStore(path, venue="test", now_ms=lambda: DAY_MS)
        last_id = store.summary()[SYMBOL].last_id
        assert last_id is not None
        assert last_id >= flushed
        held = store.ticks(SYMBOL, limit=last_id)
        assert same(held, trades(range(1, last_id + 1)))
        assert store.summary()[SYMBOL].ticks_stored == last_id
        bars, wanted = store.newest_bars(SYMBOL, Timeframe.S1, 10**6), bars_from_ticks(held, Timeframe.S1)
        assert bars.trades.tolist() == wanted.trades.tolist()
        assert bars.close.tolist() == wanted.close.tolist()
        store.close()
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
