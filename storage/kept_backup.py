"""Backup, restore and inspection of what the user keeps."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from analytics.errors import StoreError
from storage import backup as market
from storage.alert_numbers import carry_numbers
from storage.copying import copy_whole, make_empty, move_in_place
from storage.file_facts import size_of
from storage.inspection import revision_of
from storage.kept_database import connect_keeping
from storage.kept_opening import open_kept
from storage.lineage import KEPT
from storage.looking import look_into
from storage.opening import refuse_foreign_schema, restored_beside
from storage.soundness import fault_in_pages

_PATIENCE_MS = 5_000


@dataclass(frozen=True, slots=True)
class KeptReport:
    """One such database. refusal: why Pairwatch would not open it, as a sentence with the cure; None when it would."""

    path: Path
    refusal: str | None = None
    database_bytes: int | None = None
    watchlists: int = 0
    pairs: int = 0
    workspaces: int = 0
    alerts: int = 0


def inspect_kept(database: Path) -> KeptReport:
    """Look at the database, in use or not. Nothing is created or changed, nothing is raised."""
    report = KeptReport(database, database_bytes=size_of(database))
    if not report.database_bytes:
        return replace(report, refusal=f"{database} is empty or not there; it begins with the next start")
    try:
        with closing(look_into(database)) as connection:
            refuse_foreign_schema(database, revision_of(connection), KEPT)
            fault = fault_in_pages(connection, "quick_check")
            if fault is not None:
                return replace(report, refusal=f"{database} is damaged ({fault}); {KEPT.repair}")
            counts = [_rows(connection, table) for table in ("watchlists", "watched_pairs", "workspaces")]
            # A file that no newer Pairwatch has opened yet has no alerts.
            alerts = _rows(connection, "alert_rules") if _has_table(connection, "alert_rules") else 0
            return replace(report, watchlists=counts[0], pairs=counts[1], workspaces=counts[2], alerts=alerts)
    except StoreError as error:
        return replace(report, refusal=str(error))
    except sqlite3.Error as error:
        return replace(report, refusal=f"{database} cannot be read ({error}); {KEPT.repair}")


def backup_kept(database: Path, target: Path, *, overwrite: bool = False) -> None:
    """Copy what is kept, which may be in use, to `target`, as `storage.backup.backup` copies a market database."""
    market.backup(database, target, overwrite=overwrite, lineage=KEPT, fault=_fault)


def restore_kept(backup_file: Path, database: Path, *, now_ms: int) -> Path | None:
    """Put a backup in the place of what is kept, also while Pairwatch runs: it goes on with it.

    now_ms: wall clock, for the name of the copy of the present one: `<name>.before-restore-<time>.db`.  Returns that
    copy, None where nothing was kept yet.  The change is one transaction, so that a kill leaves the old or the new one.
    Raises StoreError, and changes nothing, for a backup that is damaged, newer, or of another kind.
    """
    if not size_of(backup_file):
        raise StoreError(f"there is no backup at {backup_file}")
    if backup_file.resolve() == database.resolve():
        raise StoreError(f"{backup_file} is the database itself; name a backup of it")
    try:
        database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _restored(backup_file, database, now_ms)
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{backup_file} cannot be restored ({error}); nothing was changed") from error
    except OSError as error:
        raise StoreError(f"{database} cannot be replaced ({error.strerror}); nothing was changed") from error


def _restored(backup_file: Path, database: Path, now_ms: int) -> Path | None:
    ready = restored_beside(database)
    with closing(look_into(backup_file)) as source:
        refuse_foreign_schema(backup_file, revision_of(source), KEPT)
        fault = _fault(source)
        if fault is not None:
            raise StoreError(f"{backup_file} is damaged ({fault}); nothing was changed")
        copy_whole(source, ready)
    try:
        # Brings it up to date and reads every row: what is put in place can be used.
        open_kept(ready).close()
        return _put_in_place(ready, database, now_ms)
    finally:
        ready.unlink(missing_ok=True)


def _put_in_place(ready: Path, database: Path, now_ms: int) -> Path | None:
    moment = datetime.fromtimestamp(now_ms / 1_000, UTC)
    aside = database.with_name(f"{database.stem}.before-restore-{moment:%Y%m%dT%H%M%SZ}{database.suffix}")
    if not size_of(database):
        move_in_place(ready, database)
        return None
    if aside.exists():
        raise StoreError(f"{aside} exists; try again in a second")
    if inspect_kept(database).refusal is not None:
        # Nobody can have it open: Pairwatch refuses it.
        database.replace(aside)
        move_in_place(ready, database)
        return aside
    with closing(connect_keeping(database, _PATIENCE_MS)) as present:
        make_empty(aside)
        copy_whole(present, aside)
        with closing(connect_keeping(ready, _PATIENCE_MS)) as source:
            carry_numbers(present, source)
            source.backup(present)
    return aside


def _fault(connection: sqlite3.Connection) -> str | None:
    return fault_in_pages(connection, "integrity_check")


def _rows(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608  names of ours


def _has_table(connection: sqlite3.Connection, table: str) -> bool:
    sought = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
    return bool(connection.execute(sought, (table,)).fetchone()[0])
