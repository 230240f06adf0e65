"""What an older Pairwatch wrote is all there after an update."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from analytics.market import Gap, Quality, Timeframe
from storage.schema import SCHEMA_REVISION
from storage.sql import SqlStore
from tests.storage.old_schema import IDS, made_by_0001
from tests.storage.rows_on_disk import column
from tests.storage.trades import DAY_MS, SYMBOL, same, trades

Opener = Callable[..., SqlStore]


def test_a_store_of_the_first_schema_goes_on_in_the_present_one(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    made_by_0001(path)
    store = opened(path)
    assert same(store.ticks(SYMBOL, limit=9_999), trades(IDS))
    bars = store.bars(SYMBOL, Timeframe.S1, start_ms=0, end_ms=2 * DAY_MS)
    assert bars.trades.sum() == len(IDS)
    assert bars.quality[-1] == Quality.PARTIAL
    assert store.gaps() == (Gap(SYMBOL, 3_000, 3_010, "LOST", "not there", DAY_MS, DAY_MS + 1),)
    store.keep_candles(SYMBOL, Timeframe.M1, bars.rows(slice(0, 3)))
    store.append(SYMBOL, trades(range(3_000, 3_500)))
    store.close()
    assert opened(path).summary()[SYMBOL].ticks_stored == len(IDS) + 500
    assert column(path, "SELECT version_num FROM alembic_version") == [SCHEMA_REVISION]
    assert len(column(path, "SELECT start_ms FROM candles")) == 3
