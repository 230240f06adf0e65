"""What an older Pairwatch wrote is all there after an update."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from analytics.errors import StoreError
from analytics.market import Gap, Quality, Timeframe
from storage.schema import SCHEMA_REVISION
from storage.sql import SqlStore
from tests.storage.killed import killed_everywhere
from tests.storage.old_schema import IDS, made_by_0001
from tests.storage.rows_on_disk import column
from tests.storage.trades import DAY_MS, SYMBOL, same, trades

Opener = Callable[..., SqlStore]
OPENING = """
from storage.sql import SqlStore
SqlStore(folder / "live.db", venue="test", now_ms=lambda: 0).close()
"""


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


def test_the_database_is_copied_before_its_schema_changes_and_only_then(opened: Opener, tmp_path: Path) -> None:
    path, kept = tmp_path / "live.db", tmp_path / "live.before-0002.db"
    (tmp_path / "live.before-0001.db").write_text("the copy before that")
    (tmp_path / "live.before-restore-20260101T000000Z.db").write_text("another matter")
    made_by_0001(path)
    opened(path).close()
    assert column(kept, "SELECT version_num FROM alembic_version") == ["0001"]
    assert column(kept, "SELECT trade_id FROM ticks") == list(IDS)
    assert column(kept, "PRAGMA integrity_check") == ["ok"]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.unlink()
    opened(path).close()
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "live.before-restore-20260101T000000Z.db",
        "live.db",
        "live.db.lock",
    ]


def test_a_new_database_is_not_copied_and_gives_freed_room_back(opened: Opener, tmp_path: Path) -> None:
    opened(tmp_path / "live.db").close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["live.db", "live.db.lock"]
    assert column(tmp_path / "live.db", "PRAGMA auto_vacuum") == [2]


def test_no_copy_no_change(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    made_by_0001(path)
    (tmp_path / "live.before-0002.db").mkdir()  # nothing can take this place
    with pytest.raises(StoreError, match=r"cannot be brought up to date .* left as it was"):
        opened(path)
    assert column(path, "SELECT version_num FROM alembic_version") == ["0001"]
    assert not (tmp_path / "live.before-0002.db.part").exists()


def test_a_kill_at_any_point_leaves_the_old_schema_or_the_new_one(opened: Opener, tmp_path: Path) -> None:
    (tmp_path / "template").mkdir()
    made_by_0001(tmp_path / "template" / "live.db")
    seen = []
    for folder in killed_everywhere(OPENING, tmp_path / "template", tmp_path / "killed"):
        path = folder / "live.db"
        seen.append(column(path, "SELECT version_num FROM alembic_version")[0])
        for copy in folder.glob("live.before-*.db"):
            assert column(copy, "SELECT count(*) FROM ticks") == [len(IDS)]
        store = opened(path)
        assert same(store.ticks(SYMBOL, limit=9_999), trades(IDS))
        store.close()
        assert column(path, "SELECT version_num FROM alembic_version") == [SCHEMA_REVISION]
        assert not list(folder.glob("*.part"))
    assert seen == sorted(seen)
    assert set(seen) == {"0001", SCHEMA_REVISION}
    assert seen.count("0001") > 8
