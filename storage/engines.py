"""The two ways to the database file: one connection that writes, and some that can only read.

SQLite before 3.51.3 can corrupt a database in WAL mode when two connections write or checkpoint at the same time
(https://sqlite.org/wal.html, section 11). Here only the one writing connection ever does either; a read-only
connection cannot checkpoint.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool

from analytics.errors import StoreError

Connect = Callable[[Path, int], sqlite3.Connection]

_WRITING = (
    # Of use to a new file only, and only before anything else: then room that retention frees can be given back.
    "PRAGMA auto_vacuum = INCREMENTAL",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    # See storage/write_ahead_log.py.
    "PRAGMA wal_autocheckpoint = 0",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA foreign_keys = ON",
)
_READERS = 4
_LOOK_EVERY_STEPS = 20_000  # of SQLite's virtual machine: about a millisecond
# What passes by itself: BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN.
_PASSING = frozenset({5, 6, 7, 8, 10, 13, 14})
# A failed fsync is not retried: the system may already have dropped the pages (IOERR_FSYNC, IOERR_DIR_FSYNC).
_SYNC_FAILED = frozenset({1034, 1290})


def connect_writing(path: Path, busy_timeout_ms: int) -> sqlite3.Connection:
    """A connection that may write and checkpoint; there must be no second one."""
    # The transactions are begun by the event below, not guessed by the driver.
    connection = sqlite3.connect(path, timeout=busy_timeout_ms / 1_000, isolation_level=None, check_same_thread=False)
    try:
        for pragma in _WRITING:
            connection.execute(pragma)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def connect_reading(path: Path, busy_timeout_ms: int) -> sqlite3.Connection:
    """A connection that cannot write, nor checkpoint."""
    uri = f"file:{quote(str(path.absolute()))}?mode=ro"
    return sqlite3.connect(
        uri, uri=True, timeout=busy_timeout_ms / 1_000, isolation_level=None, check_same_thread=False
    )


def writing_engine(path: Path, busy_timeout_ms: int, connect: Connect = connect_writing) -> Engine:
    """The only engine that writes and checkpoints: one connection; every transaction takes the write lock at once."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: connect(path, busy_timeout_ms),
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,  # an error would quote them, and a channel's address is a secret
    )
    event.listen(engine, "begin", _begin_writing)
    return engine


def reading_engine(
    path: Path, busy_timeout_ms: int, deadline_s: float = 5.0, elapsed_s: Callable[[], float] = time.perf_counter
) -> Engine:
    """An engine that cannot write. One transaction sees one moment of the database, and is cut off at the deadline.

    A reader that does not let go keeps the write-ahead log from being reused, which then grows without bound.
    """

    def begin(connection: Connection) -> None:
        until_s = elapsed_s() + deadline_s
        reader = cast("sqlite3.Connection", connection.connection.driver_connection)
        reader.set_progress_handler(lambda: elapsed_s() > until_s, _LOOK_EVERY_STEPS)
        connection.exec_driver_sql("BEGIN")

    engine = create_engine(
        "sqlite://",
        creator=lambda: connect_reading(path, busy_timeout_ms),
        poolclass=QueuePool,
        pool_size=_READERS,
        max_overflow=_READERS,
        hide_parameters=True,
    )
    event.listen(engine, "begin", begin)
    return engine


@contextmanager
def in_transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction for a caller who is not the writer. What the database refuses is a StoreError."""
    try:
        with engine.begin() as connection:
            yield connection
    except (DatabaseError, sqlite3.Error, UnicodeDecodeError) as error:
        # The second kind comes from cursors that are read directly (storage/rows.py), the third from damaged text.
        cause = getattr(error, "orig", None) or error
        if getattr(cause, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            raise StoreError("the database was read for too long at a time; ask for a shorter span") from error
        raise StoreError(f"the database cannot be used now ({cause})") from error


def insert_new(table: Table) -> str:
    """INSERT of rows in column order, in the driver's own words; rows whose key is there already are left alone."""
    return str(sqlite.insert(table).on_conflict_do_nothing().compile(dialect=sqlite.dialect()))


def insert_over(table: Table) -> str:
    """INSERT of rows in column order, in the driver's own words; rows whose key is there already are replaced."""
    statement = sqlite.insert(table)
    rest = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    replacing = statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=rest)
    return str(replacing.compile(dialect=sqlite.dialect()))


def sync_failed(error: BaseException | None) -> bool:
    """Whether the system could not confirm that something is on the disk."""
    return getattr(error, "sqlite_errorcode", 0) in _SYNC_FAILED


def passes_by_itself(error: BaseException | None) -> bool:
    """Whether the database may take the same batch later: it is locked, or the disk is full or away."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code not in _SYNC_FAILED and code & 0xFF in _PASSING


def wal_reset_fixed(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset defect (see above).

    >>> wal_reset_fixed((3, 51, 3)), wal_reset_fixed((3, 50, 7)), wal_reset_fixed((3, 51, 2))
    (True, True, False)
    """
    if version[:2] in {(3, 44), (3, 50)}:
        return version >= ((3, 44, 6) if version[1] == 44 else (3, 50, 7))
    return version >= (3, 51, 3)


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
