"""The book of alerts in memory: the same tables and the same questions, for tests and for a Desk that stands alone."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import StaticPool

from storage.alert_store import SqlAlertStore
from storage.alert_tables import EVERY
from storage.engines import in_transaction
from storage.kept_tables import metadata


class MemoryDatabase:
    """Thread-safe: one thread at a time. Forgotten with the object."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engine = create_engine("sqlite://", creator=_connection, poolclass=StaticPool, hide_parameters=True)
        # A connection that is only let go of, not closed, is a warning of Python's.
        weakref.finalize(self, self._engine.dispose)
        event.listen(self._engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        with self._engine.begin() as connection:
            metadata.create_all(connection, tables=EVERY, checkfirst=False)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """As `KeptDatabase.transaction`."""
        with self._lock, in_transaction(self._engine) as connection:
            yield connection

    def commits_elsewhere(self) -> int:
        """Always the same: nobody else can reach it."""
        return 0

    def keep_private(self) -> None:
        """It is: nobody else can reach it."""

    def close(self) -> None:
        """Forget everything. Idempotent."""
        with self._lock:
            self._engine.dispose()


def memory_alert_store() -> SqlAlertStore:
    """An empty book that is forgotten with the object."""
    return SqlAlertStore(MemoryDatabase())


def _connection() -> sqlite3.Connection:
    # The transactions are begun by the event above, not guessed by the driver.
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection
