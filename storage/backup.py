"""Backup and restore of a whole database."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from analytics.errors import StoreError
from storage.copying import copy_whole, sync
from storage.engines import connect_reading, connect_writing
from storage.file_facts import log_of, size_of
from storage.inspection import fault_in, revision_of, venue_of
from storage.lineage import MARKET, Lineage
from storage.looking import look_into
from storage.opening import refuse_foreign_schema, restored_beside
from storage.sole_user import SoleUser, user_of
from storage.soundness import fault_in_pages

_PATIENCE_MS = 5_000


def backup(
    database: Path,
    target: Path,
    *,
    overwrite: bool = False,
    lineage: Lineage = MARKET,
    fault: Callable[[sqlite3.Connection], str | None] = fault_in,
) -> None:
    """Copy a database, which may be in use, to `target`: compact, checked, and whole or not there.

    The copy is the database of one moment. It is made beside `target`, read through and compared with its own counts,
    and then moved into place.  lineage: of which kind it must be.  fault: what is wrong with a copy, if anything.

    Raises StoreError, with the reason, and leaves `target` as it was: when there is no
    such database or it is damaged, newer, or not ours, when `target` exists and may not be overwritten, and when the
    disk says no.
    """
    if not size_of(database):
        raise StoreError(f"there is no database at {database}; see --data-dir and --source")
    if target.exists() and (not overwrite or target.resolve() == database.resolve()):
        raise StoreError(f"{target} exists; choose another name, or remove it first")
    if size_of(log_of(target)) or user_of(target) is not None:
        raise StoreError(f"{target} is a database in use, or has left its log {log_of(target)}; choose another name")
    try:
        with closing(connect_reading(database, _PATIENCE_MS)) as source:
            refuse_foreign_schema(database, revision_of(source), lineage)
            found = fault_in_pages(source, "quick_check")
            if found is not None:
                raise StoreError(f"{database} is damaged ({found}); no backup was made")
            copy_whole(source, target, verify=lambda part: _refuse_faulty(part, fault))
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{database} cannot be copied to {target} ({error}); no backup was made") from error
    except OSError as error:
        raise StoreError(f"{target} cannot be written ({error.strerror}); no backup was made") from error


def restore(backup_file: Path, database: Path, *, venue: str, now_ms: int) -> Path | None:
    """Put a backup in the place of a database that is not in use.

    venue: whose trades are wanted there.  now_ms: wall clock, for the name of the file that the present database is
    moved to: `<name>.before-restore-<time>.db`, with its log.  Returns that file, None if there was no database.  A
    kill at any point leaves the old database or the new one.  Raises StoreError, and changes nothing, when the
    database is in use or the backup is damaged, newer, not ours, or of another venue.
    """
    if not size_of(backup_file):
        raise StoreError(f"there is no backup at {backup_file}")
    if backup_file.resolve() == database.resolve():
        raise StoreError(f"{backup_file} is the database itself; name a backup of it")
    try:
        database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        alone = SoleUser(database)
        try:
            return _restored(backup_file, database, venue, now_ms)
        finally:
            alone.release()
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{backup_file} cannot be restored ({error}); nothing was changed") from error
    except OSError as error:
        raise StoreError(f"{database} cannot be replaced ({error.strerror}); nothing was changed") from error


def _restored(backup_file: Path, database: Path, venue: str, now_ms: int) -> Path | None:
    restored = restored_beside(database)
    with closing(look_into(backup_file)) as source:
        refuse_foreign_schema(backup_file, revision_of(source))
        held = venue_of(source)
        if held != venue:
            raise StoreError(f"{backup_file} holds trades of {held!r}, not of {venue!r}; nothing was changed")
        fault = fault_in(source)
        if fault is not None:
            raise StoreError(f"{backup_file} is damaged ({fault}); nothing was changed")
        copy_whole(source, restored, verify=lambda part: _refuse_faulty(part, fault_in))
    try:
        aside = _set_aside(database, now_ms)
        restored.replace(database)
    finally:
        restored.unlink(missing_ok=True)
    sync(database.parent)
    return aside


def _set_aside(database: Path, now_ms: int) -> Path | None:
    """Give the present database a second name, so that there is one in its place at any moment.

    A log that was left where there is no database any more goes aside too.
    """
    moment = datetime.fromtimestamp(now_ms / 1_000, UTC)
    aside = database.with_name(f"{database.stem}.before-restore-{moment:%Y%m%dT%H%M%SZ}{database.suffix}")
    if aside.exists():
        raise StoreError(f"{aside} exists; try again in a second")
    if not size_of(database):
        _move_log(database, aside)
        return None
    _fold_log(database)
    try:
        os.link(database, aside)
    except OSError:  # a file system without second names
        shutil.copy2(database, aside)
        sync(aside)
    _move_log(database, aside)
    return aside


def _move_log(database: Path, aside: Path) -> None:
    for suffix in ("-wal", "-shm"):
        beside = database.with_name(database.name + suffix)
        if beside.exists():
            beside.replace(aside.with_name(aside.name + suffix))
    sync(database.parent)


def _fold_log(database: Path) -> None:
    """Move the write-ahead log into its database: beside another one it would be taken for its own and destroy it."""
    try:
        # First without the right to write: closing it would throw away the log of what cannot be read.
        with closing(connect_reading(database, _PATIENCE_MS)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with closing(connect_writing(database, _PATIENCE_MS)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return  # too damaged for that: the log is moved aside with it
    if size_of(log_of(database)):
        raise StoreError(f"{database} is read by another program; end that first")


def _refuse_faulty(part: Path, fault: Callable[[sqlite3.Connection], str | None]) -> None:
    with closing(look_into(part)) as copy:
        found = fault(copy)
    if found is not None:
        raise StoreError(f"the copy is not what it should be ({found}); it was thrown away")
