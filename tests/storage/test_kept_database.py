"""What the user keeps survives a kill at any point, and is shared by the processes that use it."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from analytics import kept_changes as changes
from analytics.errors import StoreError
from analytics.kept import Kept, Watchlist
from storage.kept_database import KeptDatabase
from storage.kept_rows import read_kept
from storage.kept_store import SqlKeptStore
from storage.kept_tables import metadata
from storage.lineage import KEPT as LINEAGE
from storage.sql import SqlStore
from tests.storage.killed import killed_everywhere
from tests.storage.rows_on_disk import column

CHANGING = """
from analytics import kept_changes as changes
from analytics.kept import Kept, Watchlist
from storage.kept_store import SqlKeptStore
store = SqlKeptStore.opened(folder / "kept.db")
for name in ("second", "third"):
    store.change(lambda kept: changes.with_watchlist(kept or Kept(), Watchlist(name)))
    (folder / "acknowledged").write_text(name)
store.close()
"""
CHILD = """
import sys
from pathlib import Path
from analytics import kept_changes as changes
from analytics.kept import Kept, Watchlist
from storage.kept_store import SqlKeptStore
store = SqlKeptStore.opened(Path(sys.argv[1]))
for n in range(10**6):
    store.change(lambda kept: changes.with_watchlist(kept or Kept(), Watchlist("one"), new=not n))
    store.change(lambda kept: changes.with_renamed_watchlist(kept, kept.watchlists[0].name, f"list {n}"))
    store.change(lambda kept: changes.with_renamed_watchlist(kept, f"list {n}", "one"))
    print(n, flush=True)
"""


def lists(path: Path) -> list[str]:
    with closing(SqlKeptStore.opened(path)) as store:
        kept = store.read()
    return [] if kept is None else [one.name for one in kept.watchlists]


def with_list(path: Path, name: str) -> None:
    with closing(SqlKeptStore.opened(path)) as store:
        store.change(lambda kept: changes.with_watchlist(kept or Kept(), Watchlist(name)))


def test_the_migrations_lead_to_the_schema_in_use(tmp_path: Path) -> None:
    KeptDatabase(tmp_path / "kept.db", read_kept).close()
    made = create_engine(f"sqlite:///{tmp_path / 'direct.db'}")
    metadata.create_all(made)
    made.dispose()
    columns = "SELECT m.name || '.' || p.name || p.type || p.pk || p.'notnull'"
    question = (
        f"{columns} FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.name != 'alembic_version' ORDER BY 1"
    )
    assert column(tmp_path / "kept.db", question) == column(tmp_path / "direct.db", question)
    assert ScriptDirectory(str(LINEAGE.migrations)).get_current_head() == LINEAGE.revision


def test_the_file_is_its_owners_alone_and_its_commits_wait_for_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "kept.db"
    database = KeptDatabase(path, read_kept)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with database.transaction() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "delete"
    database.close()


def test_a_kill_at_any_point_keeps_what_was_acknowledged_and_halves_nothing(tmp_path: Path) -> None:
    (tmp_path / "template").mkdir()
    with_list(tmp_path / "template" / "kept.db", "first")
    seen = []
    for folder in killed_everywhere(CHANGING, tmp_path / "template", tmp_path / "killed"):
        acknowledged = folder / "acknowledged"
        least = {"": 1, "second": 2, "third": 3}[acknowledged.read_text() if acknowledged.exists() else ""]
        found = lists(folder / "kept.db")
        assert found == ["first", "second", "third"][: len(found)]
        assert len(found) >= least
        assert column(folder / "kept.db", "PRAGMA integrity_check") == ["ok"]
        seen.append(len(found))
    assert seen == sorted(seen)
    assert set(seen) == {1, 2, 3}


def test_a_kill_at_any_point_of_the_first_start_leaves_a_file_that_opens(tmp_path: Path) -> None:
    (tmp_path / "template").mkdir()
    for folder in killed_everywhere(CHANGING, tmp_path / "template", tmp_path / "killed"):
        found = lists(folder / "kept.db")
        assert found == ["second", "third"][: len(found)]


def test_a_process_killed_in_the_middle_of_its_work_leaves_a_whole_list(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    for acknowledged in (3, 8, 21):
        path.unlink(missing_ok=True)
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for _ in range(acknowledged):
            child.stdout.readline()
        child.kill()
        child.stdout.close()
        child.wait(timeout=30)
        (found,) = lists(path)
        assert found == "one" or found.startswith("list ")


def test_two_processes_see_each_others_changes(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    with_list(path, "mine")
    with closing(SqlKeptStore.opened(path)) as store:
        assert not store.changed_elsewhere()
        subprocess.run(
            [
                sys.executable,
                "-c",
                f"from tests.storage.test_kept_database import *; with_list(Path({str(path)!r}), 'theirs')",
            ],
            check=True,
            timeout=60,
        )
        assert store.changed_elsewhere()
        assert not store.changed_elsewhere()
        kept = store.change(lambda kept: changes.with_watchlist(kept or Kept(), Watchlist("mine too")))
    assert [one.name for one in kept.watchlists] == ["mine", "theirs", "mine too"]


def test_a_file_that_is_locked_is_refused_with_a_sentence_and_then_taken(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    with_list(path, "first")
    store = SqlKeptStore(KeptDatabase(path, read_kept, busy_timeout_ms=20))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="cannot be used now"):
            store.change(lambda kept: changes.with_watchlist(kept or Kept(), Watchlist("second")))
        other.execute("ROLLBACK")
    store.change(lambda kept: changes.with_watchlist(kept or Kept(), Watchlist("second")))
    store.close()
    assert lists(path) == ["first", "second"]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE preferences SET value = '\"pink\"' WHERE name = 'theme'", "damaged .*theme: “pink” is none of"),
        ("UPDATE alembic_version SET version_num = 'kept9999'", "written by a newer Pairwatch"),
        ("DROP TABLE alembic_version", "a database of another program"),
        ("DROP TABLE workspaces", "damaged .*no such table"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_stays_as_it_was(tmp_path: Path, damage: str, told: str) -> None:
    path = tmp_path / "kept.db"
    with_list(path, "first")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(damage)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=told):
        SqlKeptStore.opened(path)
    assert path.read_bytes() == before


def test_the_two_kinds_of_database_are_never_taken_for_each_other(tmp_path: Path) -> None:
    SqlStore(tmp_path / "live.db", venue="test", now_ms=lambda: 0).close()
    with_list(tmp_path / "kept.db", "first")
    with pytest.raises(StoreError, match=r"live\.db holds trades, not what the user keeps"):
        SqlKeptStore.opened(tmp_path / "live.db")
    with pytest.raises(StoreError, match=r"kept\.db holds what the user keeps, not trades"):
        SqlStore(tmp_path / "kept.db", venue="test", now_ms=lambda: 0)
