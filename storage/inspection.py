"""What is in a database and whether it is sound, for people who ask; and the checks before one is trusted."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from analytics.errors import StoreError
from analytics.status import StoredSymbol
from storage.file_facts import engine_note, log_of, size_of
from storage.looking import look_into
from storage.opening import REPAIR, refuse_foreign_schema
from storage.sole_user import user_of
from storage.soundness import fault_in_pages

_STEPS = 20_000
_SYMBOLS = """
    SELECT name, ticks_stored,
        (SELECT min(trade_id) FROM ticks WHERE ticks.symbol_id = symbols.symbol_id),
        (SELECT max(trade_id) FROM ticks WHERE ticks.symbol_id = symbols.symbol_id),
        (SELECT count(*) FROM gaps WHERE gaps.symbol_id = symbols.symbol_id AND state = 'OPEN'),
        (SELECT count(*) FROM gaps WHERE gaps.symbol_id = symbols.symbol_id AND state = 'LOST')
    FROM symbols ORDER BY name
"""


@dataclass(frozen=True, slots=True)
class StoreReport:
    """One database.

    refusal: why this Pairwatch would not open it, as a sentence with the cure; None when it would.  revision: of its
    schema.  venue: whose trades it holds.  database_bytes, log_bytes: on the disk.  symbols: what is stored, by name.
    soundness: "ok" or what SQLite's quick check complains about; None when it was not finished.  used_by: the process
    that has it open now, None for nobody.  engine: which SQLite this is.
    """

    path: Path
    refusal: str | None = None
    revision: str | None = None
    venue: str | None = None
    database_bytes: int | None = None
    log_bytes: int | None = None
    symbols: Mapping[str, StoredSymbol] = field(default_factory=dict)
    soundness: str | None = None
    used_by: int | None = None
    engine: str = field(default_factory=engine_note)


def inspect(
    database: Path, *, within_s: float = 5.0, elapsed_s: Callable[[], float] = time.perf_counter
) -> StoreReport:
    """Look at a database, running or not. Nothing is created or changed, nothing is raised.

    within_s: how long the quick check may take; a large database needs minutes.
    """
    before = _changed_ns(database)
    report = _seen(database, within_s, elapsed_s)
    if (report.refusal is not None or report.soundness not in {None, "ok"}) and _changed_ns(database) != before:
        # Whoever has begun to use it meanwhile has pulled pages from under a look that counted on nobody.
        return _seen(database, within_s, elapsed_s)
    return report


def _changed_ns(database: Path) -> int | None:
    try:
        return database.stat().st_mtime_ns
    except OSError:
        return None


def _seen(database: Path, within_s: float, elapsed_s: Callable[[], float]) -> StoreReport:
    report = StoreReport(
        database, database_bytes=size_of(database), log_bytes=size_of(log_of(database)), used_by=user_of(database)
    )
    if not report.database_bytes:
        return replace(report, refusal=f"{database} is empty or not there; it begins with the next start")
    try:
        with closing(look_into(database)) as connection:
            report = replace(report, revision=revision_of(connection))
            refuse_foreign_schema(database, report.revision)
            symbols = {name: StoredSymbol(*rest) for name, *rest in connection.execute(_SYMBOLS).fetchall()}
            report = replace(report, venue=venue_of(connection), symbols=symbols)
            return replace(report, soundness=_quick_check(connection, within_s, elapsed_s))
    except StoreError as error:
        return replace(report, refusal=str(error))
    except sqlite3.Error as error:
        return replace(report, refusal=f"{database} cannot be read ({error}); {REPAIR}")


def revision_of(connection: sqlite3.Connection) -> str | None:
    """The schema revision that a database says it has; None when it says nothing."""
    sought = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    if not connection.execute(sought).fetchone()[0]:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def venue_of(connection: sqlite3.Connection) -> str | None:
    """Whose trades a database holds; None when it was never used."""
    row = connection.execute("SELECT value FROM meta WHERE name = 'venue'").fetchone()
    return None if row is None else str(row[0])


def fault_in(connection: sqlite3.Connection) -> str | None:
    """What is wrong with a whole database: its pages and indexes, or the numbers that must agree. None: nothing.

    Reads everything. Raises sqlite3.Error where that is not possible.
    """
    fault = fault_in_pages(connection, "integrity_check")
    if fault is not None:
        return fault
    stored = connection.execute("SELECT name, symbol_id, ticks_stored FROM symbols").fetchall()
    for name, symbol_id, count in stored:
        for what, question in (
            ("trades", "SELECT count(*) FROM ticks WHERE symbol_id = ?"),
            ("trades in its bars", "SELECT coalesce(sum(trades), 0) FROM bars_1s WHERE symbol_id = ?"),
        ):
            found = connection.execute(question, (symbol_id,)).fetchone()[0]
            if found != count:
                return f"{name} should have {count} trades and has {found} {what}"
    return None


def _quick_check(connection: sqlite3.Connection, within_s: float, elapsed_s: Callable[[], float]) -> str | None:
    until_s = elapsed_s() + within_s
    connection.set_progress_handler(lambda: elapsed_s() > until_s, _STEPS)
    try:
        return fault_in_pages(connection, "quick_check") or "ok"
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return None
        raise
