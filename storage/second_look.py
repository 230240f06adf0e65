"""A database after a failed fsync: nobody knows which of its pages are on the disk, so it is checked before it is used.

The system may have dropped what it could not write and report success for the next attempt, so the same open file is
never asked again (PostgreSQL's "fsyncgate", 2018).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import Engine

from storage.engines import connect_reading
from storage.soundness import fault_in_pages


def fault_after_reopening(path: Path, writer: Engine, busy_timeout_ms: int) -> str | None:
    """Let go of the writing connection and check the database through a new one.

    Returns what `PRAGMA quick_check` complains about, None when all is well; then the engine may be used again, with a
    new connection.  Raises sqlite3.Error when the database cannot be read.
    """
    with closing(connect_reading(path, busy_timeout_ms)) as reader:
        _let_go(writer, reader)
        fault = fault_in_pages(reader, "quick_check")
        reader.execute("COMMIT")
        return fault


def close_as_it_is(path: Path, writer: Engine, busy_timeout_ms: int) -> None:
    """Let go of the writing connection, and leave the log beside the database instead of moving it there.

    Where the database cannot even be read, SQLite may still move it.
    """
    with suppress(sqlite3.Error), closing(connect_reading(path, busy_timeout_ms)) as reader:
        _let_go(writer, reader)
    writer.dispose()


def _let_go(writer: Engine, reader: sqlite3.Connection) -> None:
    # It reads while the writer's connection is closed: the last connection to go would write the log once more.
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
    writer.dispose()
