"""Looking into a database without creating or changing a file, also while a Pairwatch is at work on it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote

from storage.file_facts import log_of, size_of
from storage.sole_user import user_of

_PATIENCE_S = 5.0


def look_into(path: Path) -> sqlite3.Connection:
    """A read-only connection. Raises sqlite3.Error when the file cannot be read as it lies there.

    An ordinary read-only connection would make the files that belong to a write-ahead log where there are none.
    """
    shared = path.with_name(path.name + "-shm")
    if user_of(path) is None and not size_of(log_of(path)):
        return _connected(path, "immutable=1")
    if not shared.exists():
        raise sqlite3.OperationalError("its write-ahead log has not been read since a crash; start Pairwatch once")
    connection = _connected(path, "mode=ro&readonly_shm=1")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        # Its user has left no place for a reader that does not sign in; signing in only marks the shared memory.
        return _connected(path, "mode=ro")
    return connection


def _connected(path: Path, how: str) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?{how}"
    return sqlite3.connect(uri, uri=True, timeout=_PATIENCE_S, isolation_level=None)
