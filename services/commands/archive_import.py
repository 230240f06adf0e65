"""`python app.py import FILE...`: heal holes, or add history, from the exchange's public archive files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from analytics.errors import BadInput
from ingest.archive import ArchiveFile, ArchiveSummary
from ingest.id_extent import IdRange
from services.clock import SystemClock
from services.commands.healing import Imported, give_up_old, heal, missing, moment, store_all, survey
from services.commands.options import CommandParser
from services.data_folder import chosen_database
from services.ports import TickStore
from settings import Settings
from storage.sql import SqlStore

_ROWS_TOLD = 10
_DAY_MS = 86_400_000
_DESCRIPTION = (
    "Read Binance's public archive files of USD-M aggregate trades (daily or monthly, zip, gz or CSV) into the "
    "database, while Pairwatch is stopped. Without --all, only trades that the ledger lists as missing are stored."
)


def import_files(arguments: Sequence[str]) -> int:
    """Run the command. Raises BadSetting, BadInput, StoreError: the cure is in the sentence."""
    parser = CommandParser("import", _DESCRIPTION)
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="archive file; .CHECKSUM beside it is used")
    parser.add_argument("--symbol", help="whose trades they are, where the name of the file does not tell")
    parser.add_argument("--all", action="store_true", help="store every trade of the file, not only what is missing")
    options, settings = parser.read(arguments)
    database = chosen_database(settings)
    archives = [
        (archive, archive.verify()) for archive in (ArchiveFile(path, options.symbol) for path in options.files)
    ]
    if not options.all and not database.path.exists():
        raise BadInput(
            f"there is no database {database.path} yet, so nothing is missing in it; --all stores everything"
        )
    clock = SystemClock()
    spare = settings.spare_mib << 20
    with closing(SqlStore(database.path, venue=database.venue, now_ms=clock.now_ms, spare_bytes=spare)) as store:
        for archive, verified in archives:
            _say(f"{archive.path.name}: {'checksum verified' if verified else 'no .CHECKSUM beside it, not verified'}")
            if options.all:
                _tell(store_all(store, archive, clock.now_ms()), settings, clock.now_ms())
            elif not missing(store, archive.symbol):
                _say(f"  nothing is missing of {archive.symbol}; --all stores everything")
            else:
                if not verified:
                    # Damage shows only at the end of the file: look there before anything is stored.
                    survey(archive)
                _tell(heal(store, archive, clock.now_ms()), settings, clock.now_ms())
        for symbol in dict.fromkeys(archive.symbol for archive, _ in archives):
            if options.all:
                give_up_old(store, symbol, clock.now_ms())
            _tell_missing(store, symbol)
    return 0


def _tell(imported: Imported, settings: Settings, now_ms: int) -> None:
    file = imported.file
    _say(f"  {_outline(file)}")
    if file.repeats:
        _say(f"  {file.repeats} rows came twice")
    for reason, rows in file.set_aside.items():
        _say(f"  {rows} rows set aside: {reason}")
    if file.holes:
        absent = sum(last - first + 1 for first, last in file.holes)
        _say(f"  the file itself lacks {absent} ids in {len(file.holes)} places: {_some(file.holes)}")
    _say(f"  {imported.stored} trades stored, {imported.healed} of them had been missing")
    oldest_ms = file.first_ms if imported.stored else None
    if settings.keep_days and oldest_ms is not None and oldest_ms < now_ms - settings.keep_days * _DAY_MS:
        _say(f"  note: trades older than {settings.keep_days:g} days are removed while Pairwatch runs (--keep-days)")


def _outline(file: ArchiveSummary) -> str:
    if file.first_id is None or file.first_ms is None or file.last_ms is None:
        return f"{file.rows} rows, no trade among them"
    return f"{file.rows} rows, ids {file.first_id} to {file.last_id}, {moment(file.first_ms)} to {moment(file.last_ms)}"


def _some(ranges: Sequence[IdRange]) -> str:
    told = ", ".join(f"{first} to {last}" for first, last in ranges[:_ROWS_TOLD])
    return told + (f" and {len(ranges) - _ROWS_TOLD} more" if len(ranges) > _ROWS_TOLD else "")


def _tell_missing(store: TickStore, symbol: str) -> None:
    gaps = missing(store, symbol)
    if not gaps:
        _say(f"{symbol}: nothing is missing")
        return
    ids = sum(gap.last_id - gap.first_id + 1 for gap in gaps)
    _say(f"{symbol}: {ids} ids are still missing, in {len(gaps)} rows of the ledger")
    for gap in gaps[:_ROWS_TOLD]:
        _say(f"  {gap.state} {gap.first_id} to {gap.last_id}: {gap.cause}")
    if len(gaps) > _ROWS_TOLD:
        _say(f"  and {len(gaps) - _ROWS_TOLD} more; GET /api/data/gaps lists them all")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
