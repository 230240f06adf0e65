"""Keeps the write-ahead log short: moves it into the database, and says so when a reader holds it back."""

from __future__ import annotations

import logging
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from storage.file_facts import log_of, size_of

# Move the log when so many of its pages (4 KiB each) are new; about the 4 MiB that SQLite itself would choose.
_FULL_PAGES = 1_000
_TRADES_A_PAGE = 80
_PAGES_A_SYMBOL = 4
# A log that a reader held back stays long until it is cut.
_LONG_BYTES = 16 << 20
_QUIET_BYTES = 1 << 20
_log = logging.getLogger(__name__)


class WriteAheadLog:
    """For the writer thread alone; `note` is for any thread.

    SQLite would move the log by itself after a commit, but then keeps a failed fsync to itself. So it is done here,
    where the failure is seen.
    """

    def __init__(self, path: Path, engine: Engine, alarm_bytes: int) -> None:
        self._file = log_of(path)
        self._engine = engine
        self._alarm_bytes = alarm_bytes
        self._new_pages = 0
        self.note: str | None = None

    def grew(self, symbols: int, rows: int) -> None:
        """So much was committed."""
        self._new_pages += _PAGES_A_SYMBOL * symbols + rows // _TRADES_A_PAGE

    def want_moved(self) -> None:
        """The file itself gets shorter only when the log is moved into it."""
        self._new_pages = _FULL_PAGES

    def keep_short(self, *, quiet: bool) -> None:
        """Move the log into the database if it is time. Never waits for a reader. quiet: nothing waits to be written.

        Raises sqlite3.OperationalError; that of a failed fsync too.
        """
        length = size_of(self._file) or 0
        if self._new_pages >= _FULL_PAGES:
            self._new_pages = 0
            self._move("TRUNCATE" if length > _LONG_BYTES else "PASSIVE")
        elif quiet and length > _QUIET_BYTES:
            self._move("TRUNCATE")
        self._watch(size_of(self._file) or 0)

    def cut(self) -> None:
        """Move all of it into the database and cut the file, if no reader is in the way."""
        self._move("TRUNCATE")

    def _move(self, how: str) -> None:
        with closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            patience_ms = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
            cursor.execute("PRAGMA busy_timeout = 0")
            try:
                cursor.execute(f"PRAGMA wal_checkpoint({how})").fetchall()
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {patience_ms}")

    def _watch(self, length: int) -> None:
        if length < self._alarm_bytes:
            self.note = None
            return
        note = (
            f"the write-ahead log has grown to {length >> 20} MiB, because another program reads the database and does "
            "not let go of it; end that program"
        )
        if self.note is None:
            _log.warning("%s", note)
        self.note = note
