"""The way to the database of what is kept, for everybody who uses it: preferences and lists, and the alerts."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from storage.alert_outbox import read_channels
from storage.alert_rows import read_removed, read_rules, read_standings
from storage.kept_database import KeptDatabase
from storage.kept_rows import read_kept


def open_kept(path: Path, *, busy_timeout_ms: int = 5_000) -> KeptDatabase:
    """Open or create the file. Raises StoreError for one that is damaged, newer, or not ours."""
    return KeptDatabase(path, read_everything, busy_timeout_ms=busy_timeout_ms)


def read_everything(connection: Connection) -> None:
    """Read what a start reads. Raises StoreError for a row that cannot be."""
    read_kept(connection)
    read_rules(connection)
    read_standings(connection)
    read_removed(connection)
    read_channels(connection)
