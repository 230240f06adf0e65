"""`python app.py backup FILE` and `python app.py restore FILE`: a whole database into a file, and back."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from services.clock import SystemClock
from services.commands.options import CommandParser
from services.data_folder import chosen_database, kept_database
from storage.backup import backup, restore
from storage.inspection import inspect
from storage.kept_backup import backup_kept, inspect_kept, restore_kept

_MIB = 1 << 20
_BACKUP = (
    "Copy the database into one file, while Pairwatch runs or not: the state of one moment, compact and checked. "
    "It is the live one, or with --source demo the demo market's."
)
_RESTORE = (
    "Put a backup in the place of the database, while Pairwatch is stopped. The database of before is kept beside it."
)

_KEPT = "mean what the user keeps (preferences, watchlists, workspaces, alerts) instead of the trades"


def make_backup(arguments: Sequence[str]) -> int:
    """Run `backup`. Raises BadSetting, BadInput, StoreError: the cure is in the sentence."""
    parser = CommandParser("backup", _BACKUP)
    parser.add_argument("file", metavar="FILE", type=Path, help="where to; its folder must exist")
    parser.add_argument("--overwrite", action="store_true", help="replace FILE where it exists")
    parser.add_argument("--kept", action="store_true", help=_KEPT)
    options, settings = parser.read(arguments)
    if options.kept:
        backup_kept(kept_database(settings), options.file, overwrite=options.overwrite)
        sys.stdout.write(f"{_kept_contents(options.file)} copied to {options.file}\n")
        return 0
    database, clock = chosen_database(settings), SystemClock()
    began_ms = clock.monotonic_ms()
    backup(database.path, options.file, overwrite=options.overwrite)
    took_s = (clock.monotonic_ms() - began_ms) / 1000
    sys.stdout.write(f"{_contents(options.file)} copied from {database.path} to {options.file} in {took_s:.1f} s\n")
    return 0


def bring_back(arguments: Sequence[str]) -> int:
    """Run `restore`. Raises as `make_backup` does."""
    parser = CommandParser("restore", _RESTORE)
    parser.add_argument("file", metavar="FILE", type=Path, help="a file that backup wrote")
    parser.add_argument("--kept", action="store_true", help=_KEPT)
    options, settings = parser.read(arguments)
    clock = SystemClock()
    if options.kept:
        kept = kept_database(settings)
        before = restore_kept(options.file, kept, now_ms=clock.now_ms())
        sys.stdout.write(f"{_kept_contents(kept)} copied from {options.file} to {kept}\n")
        _tell_before(before)
        return 0
    database = chosen_database(settings)
    began_ms = clock.monotonic_ms()
    before = restore(options.file, database.path, venue=database.venue, now_ms=clock.now_ms())
    took_s = (clock.monotonic_ms() - began_ms) / 1000
    sys.stdout.write(f"{_contents(database.path)} copied from {options.file} to {database.path} in {took_s:.1f} s\n")
    _tell_before(before)
    return 0


def _tell_before(before: Path | None) -> None:
    if before is not None:
        sys.stdout.write(f"the database of before is now {before}; remove it when it is no longer wanted\n")


def _kept_contents(path: Path) -> str:
    report = inspect_kept(path)
    return (
        f"{report.watchlists} watchlists with {report.pairs} pairs, {report.workspaces} workspaces and "
        f"{report.alerts} alerts"
    )


def _contents(path: Path) -> str:
    report = inspect(path, within_s=0.0)
    trades = sum(symbol.ticks_stored for symbol in report.symbols.values())
    size_mib = (report.database_bytes or 0) / _MIB
    return f"{trades} trades of {len(report.symbols)} symbols ({size_mib:.1f} MiB)"
