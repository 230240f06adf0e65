"""A disk that is nearly full, does not confirm, or does not answer: it is declared, and no trade is lost or doubled."""

from __future__ import annotations

import itertools
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from analytics.errors import StoreError
from analytics.market import Gap, Timeframe
from storage.sql import SqlStore
from tests.storage.faulty_disk import FaultyDisk
from tests.storage.rows_on_disk import column
from tests.storage.test_faults import wait_until
from tests.storage.trades import DAY_MS, SYMBOL, same, trades

Opener = Callable[..., SqlStore]
MIB = 1 << 20


def holds_exactly(store: SqlStore, ids: range) -> bool:
    """Whether trades, bars and counts are those of these ids."""
    seconds = store.bars(SYMBOL, Timeframe.S1, start_ms=0, end_ms=2 * DAY_MS)
    return (
        same(store.ticks(SYMBOL, limit=10**6), trades(ids))
        and int(seconds.trades.sum()) == len(ids)
        and store.summary()[SYMBOL].ticks_stored == len(ids)
    )


def test_trades_wait_while_too_little_of_the_disk_is_free(opened: Opener, tmp_path: Path) -> None:
    free, steady = [600 * MIB], itertools.count()
    store = opened(
        tmp_path / "live.db", spare_bytes=500 * MIB, free_bytes=lambda: free[0], elapsed_s=lambda: float(next(steady))
    )
    store.append(SYMBOL, trades(range(50)))
    store.flush()
    free[0] = 499 * MIB
    store.append(SYMBOL, trades(range(50, 90)))
    wait_until(lambda: store.trouble)
    assert "only 499 MiB of the disk are free and 500 MiB of it are to be left alone" in str(store.trouble)
    assert store.facts().trouble == store.trouble
    assert store.facts().free_bytes == 499 * MIB
    assert store.queue_depth() == 40
    assert holds_exactly_of(store, range(50))
    free[0] = 500 * MIB
    store.flush()
    assert store.trouble is None
    assert holds_exactly(store, range(90))


def holds_exactly_of(store: SqlStore, ids: range) -> bool:
    return same(store.ticks(SYMBOL, limit=10**6), trades(ids))


def test_retention_makes_the_room_that_was_missing(
    opened: Opener, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, steady = tmp_path / "live.db", itertools.count(step=2)
    store = opened(path)
    store.append(SYMBOL, trades(range(1, 60_000)))
    store.close()

    def taken() -> int:
        return sum(file.stat().st_size for file in tmp_path.glob("live.db*"))

    disk = taken() + MIB - 1
    clock = {"elapsed_s": lambda: float(next(steady)), "read_deadline_s": 1e9}
    store = opened(path, keep_ms=130_000, spare_bytes=MIB, free_bytes=lambda: disk - taken(), **clock)
    store.append(SYMBOL, trades(range(60_000, 60_100)))
    store.flush(60)
    assert "are to be left alone" in caplog.text
    wait_until(lambda: store.summary()[SYMBOL].first_id == 60_099 - 1_000)
    assert holds_exactly(store, range(60_099 - 1_000, 60_100))


def test_a_shortage_at_the_end_says_what_comes_back(opened: Opener, tmp_path: Path) -> None:
    store = opened(tmp_path / "live.db", spare_bytes=MIB, free_bytes=lambda: 0)
    store.append(SYMBOL, trades(range(30)))
    wait_until(lambda: store.trouble)
    with pytest.raises(
        StoreError, match=r"30 trades were not stored: .* left alone.*; they are fetched again over REST"
    ):
        store.close()
    assert opened(tmp_path / "live.db").summary() == {}


def test_a_disk_that_tells_nothing_is_written_to(opened: Opener, tmp_path: Path) -> None:
    store = opened(tmp_path / "live.db", spare_bytes=MIB, free_bytes=lambda: None)
    store.append(SYMBOL, trades(range(30)))
    store.flush()
    assert store.facts().free_bytes is None


@pytest.mark.parametrize("fault", ["before_commit", "after_commit", "at_checkpoint"])
def test_after_a_failed_fsync_the_database_is_checked_through_a_new_connection(
    opened: Opener, tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    disk = FaultyDisk()
    store = opened(tmp_path / "live.db", connect=disk.connect)
    store.append(SYMBOL, trades(range(1, 1_000)))
    store.open_gap(Gap(SYMBOL, 1_000, 1_009, "OPEN", "seen", DAY_MS))
    store.flush()
    assert disk.closed() == [False]
    version = store.history_version(SYMBOL)
    setattr(disk, fault, True)
    with caplog.at_level(logging.ERROR, logger="storage.writer"):
        for first in range(1_000, 81_000, 5_000):
            store.append(SYMBOL, trades(range(first, first + 5_000)))
        store.flush(30)
    assert not getattr(disk, fault)
    assert disk.closed() == [True, False]
    assert "the disk did not confirm a write" in caplog.text
    assert store.trouble is None
    assert holds_exactly(store, range(1, 81_000))
    assert store.history_version(SYMBOL) > version
    assert [(gap.first_id, gap.last_id, gap.state) for gap in store.gaps()] == [(1_000, 1_009, "FILLED")]


def test_a_failed_fsync_while_nothing_waits_is_over_when_the_check_is(opened: Opener, tmp_path: Path) -> None:
    disk = FaultyDisk()
    store = opened(tmp_path / "live.db", connect=disk.connect)
    store.append(SYMBOL, trades(range(1, 60_000)))  # leaves a log that is worth moving in a quiet moment
    store.flush(30)
    disk.at_checkpoint = True
    wait_until(lambda: disk.closed() == [True, False])
    wait_until(lambda: store.trouble is None)
    wait_until(lambda: store.facts().log_bytes == 0)
    assert holds_exactly(store, range(1, 60_000))


def test_a_database_that_is_damaged_after_a_failed_fsync_is_not_written_again(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    opened(path).close()
    disk = FaultyDisk()
    store = opened(path, connect=disk.connect)
    store.append(SYMBOL, trades(range(1, 30_000)))
    store.close()
    store = opened(path, connect=disk.connect)
    content = bytearray(path.read_bytes())
    content[100 * 4_096 : 110 * 4_096] = b"\x99" * (10 * 4_096)
    path.write_bytes(content)
    disk.before_commit = True
    store.append(SYMBOL, trades(range(30_000, 30_010)))
    with pytest.raises(StoreError, match=r"nothing is written any more, because .* is damaged .*restore FILE"):
        store.flush()
    assert path.read_bytes() == content
    assert all(disk.closed())
    store.append(SYMBOL, trades(range(30_010, 30_020)))
    assert "restore FILE" in str(store.facts().trouble)
    with pytest.raises(StoreError, match=r"20 trades were not stored: nothing is written any more"):
        store.close()
    assert path.read_bytes() == content


def test_closing_writes_nothing_into_a_database_that_was_found_damaged(opened: Opener, tmp_path: Path) -> None:
    path, log = tmp_path / "live.db", tmp_path / "live.db-wal"
    store = opened(path)
    store.append(SYMBOL, trades(range(1, 20_000)))
    store.close()
    store = opened(path)
    store.append(SYMBOL, trades(range(20_000, 20_500)))
    store.flush()
    content, logged = bytearray(path.read_bytes()), log.read_bytes()
    for page in range(8, len(content) // 4_096):
        content[page * 4_096 : page * 4_096 + 200] = b"\xff" * 200
    path.write_bytes(content)
    store.append(SYMBOL, trades(range(1, 30)), backfilled=True)
    store.append(SYMBOL, trades(range(10_000, 20_600)), backfilled=True)
    with pytest.raises(StoreError, match="is damaged"):
        store.flush()
    with pytest.raises(StoreError, match="were not stored"):
        store.close()
    assert path.read_bytes() == content
    assert log.read_bytes()[: len(logged)] == logged


def test_closing_does_not_wait_for_a_disk_that_does_not_answer(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    opened(path).close()
    disk = FaultyDisk()
    store = opened(path, connect=disk.connect, closing_patience_s=0.3)
    disk.hangs = True
    store.append(SYMBOL, trades(range(70)))
    assert disk.hanging.wait(10)
    with pytest.raises(StoreError, match=r"70 trades were not stored: the disk does not answer; .* again over REST"):
        store.close()
    # The writer may still come through, so nobody else is let in while this process lives.
    with pytest.raises(StoreError, match="in use by another Pairwatch"):
        opened(path)
    disk.answers.set()
    wait_until(lambda: column(path, "SELECT count(*) FROM ticks") == [70])


PROGRAM = """
import logging, sys
from storage.sql import SqlStore
from tests.storage.trades import DAY_MS, SYMBOL, trades
logging.basicConfig(level=logging.ERROR, format="%(message)s")
store = SqlStore(sys.argv[1], venue="test", now_ms=lambda: DAY_MS)
for first in range(1, 200_001, 2_500):
    store.append(SYMBOL, trades(range(first, first + 2_500)))
    store.flush(50)
store.close()
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize(
    ("inject", "log"),
    [
        ("fdatasync,fsync:error=EIO:when=4..6", "did not confirm a write"),
        ("fdatasync,fsync:delay_enter=100000", ""),
        ("pwrite64:error=ENOSPC:when=300..306", ""),
    ],
    ids=["fsync fails", "fsync is slow", "disk is full for a while"],
)
def test_a_fault_of_the_system_loses_and_doubles_nothing(opened: Opener, tmp_path: Path, inject: str, log: str) -> None:
    path = tmp_path / "live.db"
    opened(path).close()
    command = ["strace", "-f", "-qq", "-o", str(tmp_path / "calls"), "-e", "trace=fdatasync,fsync,pwrite64"]
    ran = subprocess.run(
        [*command, "-e", f"inject={inject}", sys.executable, "-c", PROGRAM, str(path)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert log in ran.stderr
    assert "(INJECTED)" in (tmp_path / "calls").read_text() or "(DELAYED)" in (tmp_path / "calls").read_text()
    assert holds_exactly(opened(path), range(1, 200_001))
