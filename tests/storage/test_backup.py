"""A backup is the store of one moment; a restore puts it back, and neither leaves anything half done."""

from __future__ import annotations

import itertools
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from analytics.errors import StoreError
from analytics.market import Gap, Timeframe
from storage.backup import backup, restore
from storage.copying import copy_whole
from storage.inspection import inspect
from storage.retention import Limits
from storage.sole_user import SoleUser
from storage.sql import SqlStore
from tests.storage.killed import killed_everywhere
from tests.storage.old_schema import IDS, made_by_0001
from tests.storage.removing import removed
from tests.storage.rows_on_disk import column
from tests.storage.trades import DAY_MS, SYMBOL, same, trades

Opener = Callable[..., SqlStore]
ASIDE = "live.before-restore-20251122T000000Z.db"


def filled(path: Path, last_id: int) -> None:
    store = SqlStore(path, venue="test", now_ms=lambda: DAY_MS)
    store.append(SYMBOL, trades(range(1, last_id + 1)))
    store.open_gap(Gap(SYMBOL, last_id + 1, last_id + 5, "OPEN", "seen", DAY_MS))
    store.close()


def last_id(path: Path) -> int:
    return int(column(path, "SELECT max(trade_id) FROM ticks")[0])


WRITING = """
import sys
from storage.sql import SqlStore
from tests.storage.trades import DAY_MS, SYMBOL, trades
store = SqlStore(sys.argv[1], venue="test", now_ms=lambda: DAY_MS)
for first in range(1, 10**9, 500):
    store.append(SYMBOL, trades(range(first, first + 500)))
    store.flush()
    print(first + 499, flush=True)
"""


def test_a_backup_while_another_process_writes_is_the_store_of_one_moment(opened: Opener, tmp_path: Path) -> None:
    path, target = tmp_path / "live.db", tmp_path / "safe" / "copy.db"
    target.parent.mkdir()
    with subprocess.Popen([sys.executable, "-c", WRITING, str(path)], stdout=subprocess.PIPE, text=True) as writing:
        assert writing.stdout is not None
        before = [int(writing.stdout.readline()) for _ in range(10)][-1]
        backup(path, target)
        running = writing.poll() is None
        writing.kill()
        after = max([before, *(int(line) for line in writing.stdout.read().split())])
    assert running
    assert sorted(file.name for file in target.parent.iterdir()) == ["copy.db"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert column(target, "PRAGMA integrity_check") == ["ok"]
    store = opened(target)
    held = store.summary()[SYMBOL]
    assert held.last_id is not None
    assert before <= held.last_id <= after + 500  # one more may be committed and not told
    assert same(store.ticks(SYMBOL, limit=10**7), trades(range(1, held.last_id + 1)))
    assert store.bars(SYMBOL, Timeframe.S1, start_ms=0, end_ms=9 * DAY_MS).trades.sum() == held.last_id


def test_backup_and_restore_bring_everything_back(opened: Opener, tmp_path: Path) -> None:
    path, target = tmp_path / "live.db", tmp_path / "copy.db"
    filled(path, 3_000)
    backup(path, target)
    filled(path, 5_000)
    aside = restore(target, path, venue="test", now_ms=DAY_MS)
    assert aside == tmp_path / ASIDE
    assert last_id(aside) == 5_000
    store = opened(path)
    assert same(store.ticks(SYMBOL, limit=9_999), trades(range(1, 3_001)))
    assert store.gaps() == (Gap(SYMBOL, 3_001, 3_005, "OPEN", "seen", DAY_MS),)
    store.append(SYMBOL, trades(range(3_001, 3_006)))
    store.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["copy.db", ASIDE, "live.db", "live.db.lock"]
    assert target.stat().st_mode & 0o777 == path.stat().st_mode & 0o777 == 0o600


def test_a_restore_into_an_empty_folder_and_of_an_old_schema(opened: Opener, tmp_path: Path) -> None:
    made_by_0001(tmp_path / "old.db")
    path = tmp_path / "data" / "live.db"
    assert restore(tmp_path / "old.db", path, venue="test", now_ms=DAY_MS) is None
    assert same(opened(path).ticks(SYMBOL, limit=9_999), trades(IDS))


def test_what_a_backup_will_not_do(tmp_path: Path) -> None:
    path, target = tmp_path / "live.db", tmp_path / "copy.db"
    with pytest.raises(StoreError, match="there is no database"):
        backup(path, target)
    filled(path, 3_000)
    target.write_text("precious")
    with pytest.raises(StoreError, match="exists"):
        backup(path, target)
    with pytest.raises(StoreError, match="exists"):
        backup(path, path, overwrite=True)
    with pytest.raises(StoreError, match="cannot be written"):
        backup(path, tmp_path / "nowhere" / "copy.db")
    assert target.read_text() == "precious"
    content = bytearray(path.read_bytes())
    content[9 * 4_096 : 12 * 4_096] = b"\x99" * (3 * 4_096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"damaged|malformed"):
        backup(path, target, overwrite=True)
    assert target.read_text() == "precious"
    assert path.read_bytes() == content
    with closing(sqlite3.connect(tmp_path / "photos.db")) as connection:
        connection.execute("CREATE TABLE photos (name TEXT)")
    with pytest.raises(StoreError, match="another program"):
        backup(tmp_path / "photos.db", target, overwrite=True)
    assert not list(tmp_path.glob("*.part"))


def test_a_backup_may_replace_an_older_one(tmp_path: Path) -> None:
    path, target = tmp_path / "live.db", tmp_path / "copy.db"
    filled(path, 10)
    backup(path, target)
    filled(path, 20)
    backup(path, target, overwrite=True)
    assert last_id(target) == 20


def test_a_copy_that_contradicts_its_own_counts_is_thrown_away(tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    filled(path, 50)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM ticks WHERE trade_id = 7")
    with pytest.raises(StoreError, match="should have 50 trades and has 49"):
        backup(path, tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))


def test_what_a_restore_will_not_do(opened: Opener, tmp_path: Path) -> None:
    path, target = tmp_path / "live.db", tmp_path / "copy.db"
    filled(path, 30)
    backup(path, target)
    running = opened(path)
    with pytest.raises(StoreError, match=rf"in use by another Pairwatch \(pid {os.getpid()}\)"):
        restore(target, path, venue="test", now_ms=DAY_MS)
    running.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="there is no backup"):
        restore(tmp_path / "absent.db", path, venue="test", now_ms=DAY_MS)
    with pytest.raises(StoreError, match="the database itself"):
        restore(path, path, venue="test", now_ms=DAY_MS)
    with pytest.raises(StoreError, match=r"'test', not of 'live'"):
        restore(target, path, venue="live", now_ms=DAY_MS)
    (tmp_path / "text.db").write_text("no database at all")
    with pytest.raises(StoreError, match="not a database"):
        restore(tmp_path / "text.db", path, venue="test", now_ms=DAY_MS)
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer Pairwatch"):
        restore(target, path, venue="test", now_ms=DAY_MS)
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*.restored*"))


def test_a_restore_over_a_destroyed_database_sets_it_and_its_log_aside(opened: Opener, tmp_path: Path) -> None:
    path, target = tmp_path / "live.db", tmp_path / "copy.db"
    filled(path, 30)
    backup(path, target)
    path.write_bytes(b"garbage" * 999)
    path.with_name("live.db-wal").write_bytes(b"rest of a log")
    aside = restore(target, path, venue="test", now_ms=DAY_MS)
    assert aside is not None
    assert aside.read_bytes() == b"garbage" * 999
    assert aside.with_name(ASIDE + "-wal").read_bytes() == b"rest of a log"
    assert opened(path).summary()[SYMBOL].last_id == 30


def test_a_log_whose_database_was_moved_away_is_not_taken_for_that_of_the_restored_one(
    opened: Opener, tmp_path: Path
) -> None:
    folder = template_with_a_log(tmp_path)
    (folder / "live.db").unlink()
    log = (folder / "live.db-wal").read_bytes()
    assert restore(folder / "copy.db", folder / "live.db", venue="test", now_ms=DAY_MS) is None
    assert (folder / f"{ASIDE}-wal").read_bytes() == log
    assert opened(folder / "live.db").summary()[SYMBOL].last_id == 30


def test_a_backup_does_not_take_the_place_of_a_database_with_a_log_or_in_use(opened: Opener, tmp_path: Path) -> None:
    folder = template_with_a_log(tmp_path)
    with pytest.raises(StoreError, match="has left its log"):
        backup(folder / "copy.db", folder / "live.db", overwrite=True)
    opened(folder / "live.db").close()
    assert column(folder / "live.db", "SELECT max(trade_id) FROM ticks") == [60]
    opened(tmp_path / "other.db")
    with pytest.raises(StoreError, match="in use"):
        backup(folder / "copy.db", tmp_path / "other.db", overwrite=True)


def test_a_copy_without_room_is_not_begun(tmp_path: Path) -> None:
    path, target = tmp_path / "live.db", tmp_path / "copy.db"
    filled(path, 30_000)
    with closing(sqlite3.connect(path)) as source:
        needed = path.stat().st_size
        refused: list[Path] = []

        def too_little(asked: Path) -> int:
            refused.append(asked)
            return needed - 1

        with pytest.raises(OSError, match=r"the copy takes 2 MiB, and 1 MiB of its disk are free"):
            copy_whole(source, target, free_bytes=too_little)
        assert refused == [target]
        assert not list(tmp_path.glob("copy.db*"))
        copy_whole(source, target, free_bytes=lambda _target: needed)
    assert last_id(target) == 30_000


RESTORING = f"""
from storage.backup import restore
restore(folder / "copy.db", folder / "live.db", venue="test", now_ms={DAY_MS})
"""
BACKING_UP = """
from storage.backup import backup
backup(folder / "live.db", folder / "copy.db", overwrite=True)
"""


def template_with_a_log(tmp_path: Path) -> Path:
    """A folder with a store of 60 trades that was killed, so that half of them are in its log, and a copy of 30."""
    folder = tmp_path / "template"
    folder.mkdir()
    filled(folder / "live.db", 30)
    backup(folder / "live.db", folder / "copy.db")
    store = SqlStore(tmp_path / "work.db", venue="test", now_ms=lambda: DAY_MS)
    store.append(SYMBOL, trades(range(1, 61)))
    store.flush()
    for suffix in ("", "-wal"):
        (folder / f"live.db{suffix}").write_bytes((tmp_path / f"work.db{suffix}").read_bytes())
    store.close()
    return folder


@pytest.mark.parametrize("program", [RESTORING, BACKING_UP], ids=["restore", "backup"])
def test_a_kill_at_any_point_leaves_databases_that_open(opened: Opener, tmp_path: Path, program: str) -> None:
    seen = []
    for folder in killed_everywhere(program, template_with_a_log(tmp_path), tmp_path / "killed"):
        ends = {}
        for name in ("live.db", "copy.db", ASIDE):
            if (folder / name).exists():
                store = opened(folder / name)
                held = store.summary()[SYMBOL]
                assert same(store.ticks(SYMBOL, limit=99), trades(range(1, (held.last_id or 0) + 1)))
                ends[name] = held.last_id or 0
                store.close()
        if program == RESTORING:
            assert ends["copy.db"] == 30
            assert ends["live.db"] == 60 or ends[ASIDE] == 60
        else:
            assert ends["live.db"] == 60
        seen.append(ends["live.db" if program == RESTORING else "copy.db"])
    change = (60, 30) if program == RESTORING else (30, 60)
    assert (seen[0], seen[-1]) == change
    assert seen == sorted(seen, reverse=program == RESTORING)


def test_an_inspection_tells_what_is_there_and_touches_nothing(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    store = opened(path)
    store.append(SYMBOL, trades(range(5, 105)))
    store.open_gap(Gap(SYMBOL, 105, 109, "OPEN", "seen", DAY_MS))
    store.lose_gap(SYMBOL, 108, 109, "not there", DAY_MS)
    store.flush()
    running = seen_by_another(path)
    assert f"used_by={os.getpid()}" in running
    assert "StoredSymbol(ticks_stored=100, first_id=5, last_id=104, gaps_open=1, gaps_lost=1)" in running
    assert "soundness='ok'" in running
    assert "refusal=None" in running
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for suffix in ("", "-wal", "-shm"):
        (crashed / f"live.db{suffix}").write_bytes((tmp_path / f"live.db{suffix}").read_bytes())
    store.close()
    for folder in (tmp_path, crashed):
        files = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
        report = inspect(folder / "live.db")
        assert {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()} == files
        assert (report.refusal, report.used_by, report.soundness) == (None, None, "ok")
        assert (report.revision, report.venue) == ("0002", "test")
        assert report.symbols == {SYMBOL: store.summary()[SYMBOL]}
        assert report.database_bytes == (folder / "live.db").stat().st_size


def seen_by_another(path: Path) -> str:
    """What another process is told: a lock is not seen by the process that holds it in the same way."""
    look = "import sys, pathlib; from storage.inspection import inspect; print(inspect(pathlib.Path(sys.argv[1])))"
    ran = subprocess.run([sys.executable, "-c", look, str(path)], capture_output=True, text=True, check=True)
    return ran.stdout


def test_a_store_that_is_begun_to_be_used_during_an_inspection_is_not_called_damaged(
    opened: Opener, tmp_path: Path
) -> None:
    path, looks = tmp_path / "live.db", itertools.count()
    filled(path, 100_000)

    def elapsed_s() -> float:
        if next(looks) == 5:
            store = opened(path)
            store.append(SYMBOL, trades(range(50_000, 200_000)))
            store.close()
            removed(path, Limits(keep_ms=13_000_000))
            opened(path)
        return 0.0

    report = inspect(path, elapsed_s=elapsed_s)
    assert next(looks) > 5
    assert (report.refusal, report.soundness, report.used_by) == (None, "ok", os.getpid())


def test_an_inspection_of_what_is_no_store_says_why(tmp_path: Path) -> None:
    assert "not there" in str(inspect(tmp_path / "absent.db").refusal)
    (tmp_path / "text.db").write_text("no database at all" * 99)
    assert "not a database" in str(inspect(tmp_path / "text.db").refusal)
    with closing(sqlite3.connect(tmp_path / "photos.db")) as connection:
        connection.execute("CREATE TABLE photos (name TEXT)")
    assert "another program" in str(inspect(tmp_path / "photos.db").refusal)
    made_by_0001(tmp_path / "old.db")
    old = inspect(tmp_path / "old.db")
    assert (old.refusal, old.revision) == (None, "0001")
    filled(tmp_path / "live.db", 9_000)
    steady = iter(range(0, 10**9, 100))
    assert inspect(tmp_path / "live.db", elapsed_s=lambda: float(next(steady))).soundness is None
    content = bytearray((tmp_path / "live.db").read_bytes())
    content[40 * 4_096 : 41 * 4_096] = b"\x99" * 4_096
    (tmp_path / "live.db").write_bytes(content)
    assert inspect(tmp_path / "live.db").soundness not in {"ok", None}
    assert sorted(f.name for f in tmp_path.iterdir()) == ["live.db", "live.db.lock", "old.db", "photos.db", "text.db"]


def test_a_lock_that_is_let_go_leaves_the_database_to_anybody(tmp_path: Path) -> None:
    alone = SoleUser(tmp_path / "live.db")
    alone.release()
    assert inspect(tmp_path / "live.db").used_by is None
