"""The database of what cannot be fetched again, and every way to it.

A commit is on the disk when it returns (`synchronous = FULL`), and several processes may use the file at the same time:
with a rollback journal SQLite sees to that in every version, which it does not with a write-ahead log (see
storage/engines.py). Of each process one connection reads and writes.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import Connection

from analytics.errors import StoreError
from storage import opening
from storage.engines import Connect, in_transaction, reading_engine, writing_engine
from storage.lineage import KEPT

_PRAGMAS = ("PRAGMA journal_mode = DELETE", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON")


def connect_keeping(path: Path, busy_timeout_ms: int) -> sqlite3.Connection:
    """A connection whose commits are on the disk when they return."""
    connection = sqlite3.connect(path, timeout=busy_timeout_ms / 1_000, isolation_level=None, check_same_thread=False)
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


class KeptDatabase:
    """One open file. Thread-safe: one thread at a time."""

    def __init__(
        self,
        path: Path,
        read_all: Callable[[Connection], object],
        *,
        busy_timeout_ms: int = 5_000,
        connect: Connect = connect_keeping,
    ) -> None:
        """Open or create the file and bring its schema up to date.

        read_all: reads what an opening reads; what it stumbles over is damage.  busy_timeout_ms: how long one call
        waits for another process.  connect: seam for tests.  Raises StoreError for a file that is damaged, newer, or
        not ours; it is left as it was.
        """
        self.path = path
        self._lock = threading.Lock()
        self._engine = writing_engine(path, busy_timeout_ms, connect)
        opening.make_private_file(path)
        with ExitStack() as refused:
            refused.callback(self._engine.dispose)
            self._roll_back_what_a_kill_left(connect, busy_timeout_ms)
            reader = reading_engine(path, busy_timeout_ms)
            refused.callback(reader.dispose)
            opening.refuse_foreign_file(path, reader, read_all, KEPT)
            reader.dispose()
            opening.bring_up_to_date(path, self._engine, KEPT)
            refused.pop_all()

    def commits_elsewhere(self) -> int:
        """A number that differs from the one before once another connection has committed. Raises StoreError."""
        with self._lock:
            return self._data_version()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its beginning. Raises StoreError; then nothing has changed."""
        with self._lock, in_transaction(self._engine) as connection:
            yield connection

    def keep_private(self) -> None:
        """See to it that only its owner can read the file, for whoever puts a secret into it.

        Raises StoreError where the system refuses; on a system that knows no owners nothing is done.
        """
        try:
            if os.name == "posix" and self.path.stat().st_mode & 0o077:
                self.path.chmod(0o600)
        except OSError as error:
            raise StoreError(
                f"{self.path} can be read by other users of this machine ({error.strerror}), so no secret is kept in "
                "it; make its owner the only one who may read it"
            ) from error

    def close(self) -> None:
        """Let go of the file. Idempotent."""
        with self._lock:
            self._engine.dispose()

    def _data_version(self) -> int:
        connection = self._engine.raw_connection()
        try:
            found = cast("sqlite3.Connection", connection.driver_connection).execute("PRAGMA data_version").fetchone()
        except sqlite3.Error as error:
            raise StoreError(f"{self.path} cannot be read now ({error})") from error
        finally:
            connection.close()
        return int(found[0])

    def _roll_back_what_a_kill_left(self, connect: Connect, busy_timeout_ms: int) -> None:
        """A reader without the right to write cannot undo a transaction that a kill has cut; it would see damage."""
        journal = self.path.with_name(self.path.name + "-journal")
        if not journal.exists():
            return
        try:
            connection = connect(self.path, busy_timeout_ms)
            try:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            finally:
                connection.close()
        except sqlite3.OperationalError as error:
            raise StoreError(f"{self.path} cannot be opened now ({error}); end other programs that use it") from error
        except sqlite3.DatabaseError:
            return  # the check that follows tells what is wrong with it
