"""A backup of what the user keeps comes back whole, beside a running Pairwatch too."""

from __future__ import annotations

import stat
from contextlib import closing
from pathlib import Path

import pytest

from analytics import kept_changes as changes
from analytics.errors import StoreError
from analytics.kept import Kept, Watchlist
from storage.kept_backup import backup_kept, inspect_kept, restore_kept
from storage.kept_store import SqlKeptStore
from storage.sql import SqlStore
from tests.storage.killed import killed_everywhere

NOW = 1_760_000_000_000
RESTORING = """
from storage.kept_backup import restore_kept
restore_kept(folder / "copy", folder / "kept.db", now_ms=0)
"""


def lists(path: Path) -> list[str]:
    with closing(SqlKeptStore.opened(path)) as store:
        kept = store.read()
    return [] if kept is None else [one.name for one in kept.watchlists]


def with_list(path: Path, name: str) -> None:
    with closing(SqlKeptStore.opened(path)) as store:
        store.change(lambda kept: changes.with_watchlist(kept or Kept(), Watchlist(name)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with a list, backed up to `copy`, and then given another one."""
    with_list(tmp_path / "kept.db", "first")
    backup_kept(tmp_path / "kept.db", tmp_path / "copy")
    with_list(tmp_path / "kept.db", "second")
    return tmp_path / "kept.db"


def test_a_running_pairwatch_goes_on_with_the_backup(path: Path) -> None:
    with closing(SqlKeptStore.opened(path)) as running:
        aside = restore_kept(path.with_name("copy"), path, now_ms=NOW)
        assert running.changed_elsewhere()
        kept = running.change(lambda kept: changes.with_watchlist(kept or Kept(), Watchlist("third")))
    assert [one.name for one in kept.watchlists] == ["first", "third"]
    assert aside is not None
    assert lists(aside) == ["first", "second"]
    assert {stat.S_IMODE(one.stat().st_mode) for one in (path, aside, path.with_name("copy"))} == {0o600}


def test_a_backup_of_a_running_pairwatch_is_the_state_of_one_moment(path: Path) -> None:
    with closing(SqlKeptStore.opened(path)):
        backup_kept(path, path.with_name("now"))
        with pytest.raises(StoreError, match="exists"):
            backup_kept(path, path.with_name("now"))
    assert lists(path.with_name("now")) == ["first", "second"]
    assert inspect_kept(path.with_name("now")).watchlists == 2


def test_a_damaged_one_is_set_aside(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)
    assert "restore --kept FILE" in str(inspect_kept(path).refusal)
    aside = restore_kept(path.with_name("copy"), path, now_ms=NOW)
    assert aside is not None
    assert aside.read_bytes().startswith(b"no database")
    assert lists(path) == ["first"]


def test_it_comes_back_where_there_is_none(path: Path) -> None:
    path.unlink()
    assert restore_kept(path.with_name("copy"), path, now_ms=NOW) is None
    assert lists(path) == ["first"]


def test_what_is_no_such_backup_is_refused_and_changes_nothing(path: Path, tmp_path: Path) -> None:
    SqlStore(tmp_path / "live.db", venue="x", now_ms=lambda: 0).close()
    (tmp_path / "bad").write_bytes(b"no database at all" * 100)
    before = path.read_bytes()
    for file, told in (("live.db", "holds trades"), ("bad", "cannot be restored"), ("none", "there is no backup")):
        with pytest.raises(StoreError, match=told):
            restore_kept(tmp_path / file, path, now_ms=NOW)
    with pytest.raises(StoreError, match="the database itself"):
        restore_kept(path, path, now_ms=NOW)
    assert path.read_bytes() == before


def test_a_kill_at_any_point_of_a_restore_leaves_the_old_or_the_new(path: Path, tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.mkdir()
    for name in ("kept.db", "copy"):
        (tmp_path / name).rename(template / name)
    seen = []
    for folder in killed_everywhere(RESTORING, template, tmp_path / "killed"):
        found = lists(folder / "kept.db")
        assert found in (["first", "second"], ["first"])
        seen.append(len(found))
    assert seen == sorted(seen, reverse=True)
    assert set(seen) == {1, 2}
