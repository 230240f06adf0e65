"""A store opens its own files and no others, alone, and what it refuses stays as it was."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from analytics.errors import StoreError
from storage import opening
from storage.engines import writing_engine
from storage.lineage import MARKET
from storage.schema import SCHEMA_REVISION, metadata
from storage.sole_user import SoleUser, user_of
from storage.sql import SqlStore
from tests.storage.trades import SYMBOL, trades

Opener = Callable[..., SqlStore]


def test_the_migrations_end_at_the_tables_of_the_code(tmp_path: Path) -> None:
    migrated = writing_engine(tmp_path / "migrated.sqlite", 50)
    opening.bring_up_to_date(tmp_path / "migrated.sqlite", migrated)
    declared = create_engine(f"sqlite:///{tmp_path / 'declared.sqlite'}")
    metadata.create_all(declared)

    def definitions(path: Path) -> set[str]:
        with sqlite3.connect(path) as connection:
            rows = connection.execute("SELECT sql FROM sqlite_master WHERE name NOT LIKE '%alembic%' AND sql NOT NULL")
            found = {" ".join(sql.split()) for (sql,) in rows}
        connection.close()
        return found

    with migrated.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    migrated.dispose()
    declared.dispose()
    # compare_metadata does not see WITHOUT ROWID nor check constraints; the words of the definitions do.
    assert definitions(tmp_path / "migrated.sqlite") == definitions(tmp_path / "declared.sqlite")


def test_the_code_names_the_newest_revision() -> None:
    assert ScriptDirectory(str(MARKET.migrations)).get_current_head() == SCHEMA_REVISION


def test_a_migration_that_is_broken_off_leaves_nothing_behind(tmp_path: Path) -> None:
    engine = writing_engine(tmp_path / "live.sqlite", 50)
    with engine.connect() as connection:
        broken_off = connection.begin()  # as bring_up_to_date does
        opening._migrate(connection, MARKET)
        assert opening.schema_revision(connection) == SCHEMA_REVISION
        broken_off.rollback()
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one() == 0
    engine.dispose()


def test_a_lock_of_another_program_while_opening_is_a_plain_sentence(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "live.sqlite"
    opened(path).close()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="database is locked"):
            opened(path)
    assert opened(path).trouble is None


def test_file_and_folder_are_private(opened: Opener, tmp_path: Path) -> None:
    store = opened(tmp_path / "data" / "live.sqlite")
    store.append(SYMBOL, trades(range(5)))
    store.flush()
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    files = list((tmp_path / "data").iterdir())
    assert {file.name for file in files} >= {"live.sqlite", "live.sqlite-wal", "live.sqlite.lock"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_an_address_is_as_good_as_a_path(opened: Opener, tmp_path: Path) -> None:
    opened(f"sqlite:///{tmp_path / 'addressed.sqlite'}").close()
    assert (tmp_path / "addressed.sqlite").exists()
    with pytest.raises(StoreError, match="give a path"):
        opened("postgresql://somewhere/pairwatch")


def test_a_second_store_on_the_same_file_is_turned_away(opened: Opener, tmp_path: Path) -> None:
    first = opened(tmp_path / "live.sqlite")
    with pytest.raises(StoreError, match=rf"in use by another Pairwatch \(pid {os.getpid()}\).*--data-dir"):
        opened(tmp_path / "live.sqlite")
    first.append(SYMBOL, trades(range(5)))
    first.close()
    assert opened(tmp_path / "live.sqlite").summary()[SYMBOL].ticks_stored == 5


def test_unfinished_copies_that_a_kill_left_go_with_the_next_start(opened: Opener, tmp_path: Path) -> None:
    for name in ("live.db.restored", "live.db.restored.part", "live.db.restored.part-journal"):
        (tmp_path / name).write_text("half a database")
    (tmp_path / f"live.before-{SCHEMA_REVISION}.db.part").write_text("half a database")
    others = {"other.db.restored", "live.before-0001.db", "backup.db.part"}
    for name in others:
        (tmp_path / name).write_text("of somebody else")
    opened(tmp_path / "live.db").close()
    assert {file.name for file in tmp_path.iterdir()} == {"live.db", "live.db.lock", *others}


def test_who_only_asks_for_the_user_keeps_nobody_from_becoming_it(tmp_path: Path) -> None:
    database, enough = tmp_path / "live.db", threading.Event()
    SoleUser(database).release()

    def ask() -> None:
        while not enough.is_set():
            user_of(database)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(200):
            SoleUser(database).release()
    finally:
        enough.set()
        asking.join()
    assert user_of(database) is None


@pytest.mark.skipif(sys.platform == "win32", reason="locks there cannot be shared")
def test_two_who_ask_for_the_user_do_not_see_each_other(tmp_path: Path) -> None:
    import fcntl

    SoleUser(tmp_path / "live.db").release()
    with (tmp_path / "live.db.lock").open("r+") as other:
        fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)  # what the other does while it asks
        assert user_of(tmp_path / "live.db") is None


def test_a_second_process_on_the_same_file_is_turned_away(opened: Opener, tmp_path: Path) -> None:
    opened(tmp_path / "live.sqlite")
    attempt = f"from storage.sql import SqlStore; SqlStore({str(tmp_path / 'live.sqlite')!r}, venue='t', now_ms=int)"
    ran = subprocess.run([sys.executable, "-c", attempt], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode != 0
    assert f"(pid {os.getpid()})" in ran.stderr


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda good: b"not a database at all", "damaged"),
        (lambda good: b"\xff" + good[1:], "damaged"),
        (lambda good: good[:100] + os.urandom(4_000) + good[4_100:], "damaged"),
        (lambda good: good[:3_000], "damaged"),
    ],
    ids=["text", "first byte", "first page", "cut short"],
)
def test_a_damaged_file_is_refused_and_untouched(
    opened: Opener, tmp_path: Path, damage: Callable[[bytes], bytes], complaint: str
) -> None:
    path = tmp_path / "live.sqlite"
    store = opened(path)
    store.append(SYMBOL, trades(range(5)))
    store.close()
    path.write_bytes(damage(path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(StoreError, match=complaint):
        opened(path)
    assert path.read_bytes() == before


def test_a_newer_schema_is_refused_and_untouched(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "live.sqlite"
    opened(path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"newer Pairwatch \(schema 9999.*update Pairwatch"):
        opened(path)
    assert path.read_bytes() == before


def test_another_programs_database_is_refused_and_untouched(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "live.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE photos (name TEXT)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        opened(path)
    assert path.read_bytes() == before


def test_sources_do_not_share_a_file(opened: Opener, tmp_path: Path) -> None:
    opened(tmp_path / "demo.sqlite", venue="demo").close()
    with pytest.raises(StoreError, match=r"'demo'.*file of its own"):
        opened(tmp_path / "demo.sqlite", venue="live")


def test_a_folder_that_cannot_be_made_is_a_plain_sentence(opened: Opener, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="choose another --data-dir"):
        opened(tmp_path / "file" / "live.sqlite")
