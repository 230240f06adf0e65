"""Preferences, watchlists and workspaces in the database of what is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from analytics.kept import Kept
from storage.kept_database import KeptDatabase
from storage.kept_opening import open_kept
from storage.kept_rows import read_kept, write_kept


class SqlKeptStore:
    """What the user keeps, in one file. Thread-safe; what `change` returned is on the disk."""

    def __init__(self, database: KeptDatabase) -> None:
        self._database = database
        self._seen = database.commits_elsewhere()

    @classmethod
    def opened(cls, path: Path) -> SqlKeptStore:
        """Open or create the file. Raises StoreError for one that is damaged, newer, or not ours."""
        return cls(open_kept(path))

    def read(self) -> Kept | None:
        """Everything, None when nothing has ever been kept. Raises StoreError."""
        with self._database.transaction() as connection:
            return read_kept(connection)

    def changed_elsewhere(self) -> bool:
        """Whether another process has changed it since this was asked last. Cheap. Raises StoreError."""
        seen, self._seen = self._seen, self._database.commits_elsewhere()
        return seen != self._seen

    def change(self, change: Callable[[Kept | None], Kept]) -> Kept:
        """Read, change and write in one transaction, in which no other process can come between.

        What `change` raises goes through, and then nothing has changed. Raises StoreError when the disk refuses.
        """
        with self._database.transaction() as connection:
            before = read_kept(connection)
            after = change(before)
            if after != before:
                write_kept(connection, before, after)
            return after

    def close(self) -> None:
        """Let go of the file. Idempotent."""
        self._database.close()
