"""The two ways to the database file: one connection that writes, and some that can only read.

SQLite before 3.51.3 can corrupt a database in WAL mode when two connections write or checkpoint at the same time
(https://sqlite.org/wal.html, section 11). Here only the one writing connection ever does either; a read-only
connection cannot checkpoint.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool

from analytics.errors import StoreError

_WRITING = (
    # Of use to a new file only, and only before anything else: then room that retention frees can be given back.
    "PRAGMA auto_vacuum = INCREMENTAL",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA foreign_keys = ON",
)
_READERS = 4
# What passes by itself: BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN.
_PASSING = frozenset({5, 6, 7, 8, 10, 13, 14})
# A failed fsync is not retried: the system may already have dropped the pages (IOERR_FSYNC, IOERR_DIR_FSYNC).
_SYNC_FAILED = frozenset({1034, 1290})


def writing_engine(path: Path, busy_timeout_ms: int) -> Engine:
    """The only engine that writes and checkpoints: one connection; every transaction takes the write lock at once."""

    def connect() -> sqlite3.Connection:
        # The transactions are begun by the event below, not guessed by the driver.
        connection = sqlite3.connect(
            path, timeout=busy_timeout_ms / 1_000, isolation_level=None, check_same_thread=False
        )
        for pragma in _WRITING:
            connection.execute(pragma)
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=1, max_overflow=0)
    event.listen(engine, "begin", _begin_writing)
    return engine


def reading_engine(path: Path, busy_timeout_ms: int) -> Engine:
    """An engine that cannot write. One transaction sees one moment of the database."""
    uri = f"file:{quote(str(path.absolute()))}?mode=ro"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            uri, uri=True, timeout=busy_timeout_ms / 1_000, isolation_level=None, check_same_thread=False
        )

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=_READERS, max_overflow=_READERS)
    event.listen(engine, "begin", _begin_reading)
    return engine


@contextmanager
def in_transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction for a caller who is not the writer. What the database refuses is a StoreError."""
    try:
        with engine.begin() as connection:
            yield connection
    except DatabaseError as error:
        raise StoreError(f"the database cannot be used now ({error.orig})") from error


def insert_new(table: Table) -> str:
    """INSERT of rows in column order, in the driver's own words; rows whose key is there already are left alone."""
    return str(sqlite.insert(table).on_conflict_do_nothing().compile(dialect=sqlite.dialect()))


def insert_over(table: Table) -> str:
    """INSERT of rows in column order, in the driver's own words; rows whose key is there already are replaced."""
    statement = sqlite.insert(table)
    rest = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    replacing = statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=rest)
    return str(replacing.compile(dialect=sqlite.dialect()))


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


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
