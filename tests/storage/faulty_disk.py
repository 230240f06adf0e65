"""A driver's connection to a disk that fails on command. It stands where `storage.engines.connect_writing` stands."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storage import engines

FSYNC_FAILED = 1034  # SQLITE_IOERR_FSYNC


def fsync_failed() -> sqlite3.OperationalError:
    """What SQLite raises when the system could not confirm a write."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = FSYNC_FAILED
    return error


@dataclass
class FaultyDisk:
    """before_commit, after_commit: a commit fails with the transaction undone, or done.  at_checkpoint: so does moving
    the log. Each once.  hangs: a commit waits for `answers`.
    """

    before_commit: bool = False
    after_commit: bool = False
    at_checkpoint: bool = False
    hangs: bool = False
    answers: threading.Event = field(default_factory=threading.Event)
    hanging: threading.Event = field(default_factory=threading.Event)
    connections: list[sqlite3.Connection] = field(default_factory=list)

    def connect(self, path: Path, busy_timeout_ms: int) -> sqlite3.Connection:
        """A connection as the product makes it, except for its faults."""
        disk = self

        class Cursor(sqlite3.Cursor):
            def execute(self, statement: str, parameters: Any = ()) -> Cursor:
                if "wal_checkpoint" in statement and disk.at_checkpoint:
                    disk.at_checkpoint = False
                    raise fsync_failed()
                super().execute(statement, parameters)
                return self

        class Connection(sqlite3.Connection):
            def cursor(self, factory: Any = Cursor) -> Any:
                return super().cursor(factory)

            def commit(self) -> None:
                if disk.hangs:
                    disk.hanging.set()
                    disk.answers.wait()
                if disk.before_commit:
                    disk.before_commit = False
                    self.rollback()
                    raise fsync_failed()
                super().commit()
                if disk.after_commit:
                    disk.after_commit = False
                    raise fsync_failed()

        connection = sqlite3.connect(
            path,
            timeout=busy_timeout_ms / 1_000,
            isolation_level=None,
            check_same_thread=False,
            factory=Connection,
        )
        for pragma in engines._WRITING:
            connection.execute(pragma)
        self.connections.append(connection)
        return connection

    def closed(self) -> list[bool]:
        """Whether each connection made so far was let go of."""
        return [_is_closed(connection) for connection in self.connections]


def _is_closed(connection: sqlite3.Connection) -> bool:
    try:
        connection.total_changes  # noqa: B018  asking a closed connection anything raises
    except sqlite3.ProgrammingError:
        return True
    return False
