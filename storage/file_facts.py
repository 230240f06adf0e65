"""What the file system and SQLite itself say about a database."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from analytics.status import StoreFacts
from storage.engines import wal_reset_fixed


def file_facts(path: Path, free_bytes: int | None, trouble: str | None) -> StoreFacts:
    """Sizes in bytes; None where there is no such file."""
    return StoreFacts(
        path=str(path),
        database_bytes=size_of(path),
        log_bytes=size_of(log_of(path)),
        free_bytes=free_bytes,
        engine=engine_note(),
        trouble=trouble,
    )


def free_bytes_at(path: Path) -> int | None:
    """What is left on the disk of a file, None where the system does not tell."""
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return None


def log_of(path: Path) -> Path:
    """The write-ahead log beside a database."""
    return path.with_name(path.name + "-wal")


def size_of(path: Path) -> int | None:
    """Bytes of a file, None where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def engine_note() -> str:
    """Which SQLite this is, for the diagnostics."""
    defect = "without" if wal_reset_fixed(sqlite3.sqlite_version_info) else "with"
    return f"SQLite {sqlite3.sqlite_version} ({defect} the WAL-reset defect); one connection writes and checkpoints"
