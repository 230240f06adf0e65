"""A copy of a database that is whole or not there: made beside its place, then moved into it."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from storage.file_facts import free_bytes_at


def copy_whole(
    source: sqlite3.Connection,
    target: Path,
    verify: Callable[[Path], None] = lambda _part: None,
    free_bytes: Callable[[Path], int | None] = free_bytes_at,
) -> None:
    """Write the database of this moment to `target`, compact, and let nobody see it before it is on the disk.

    source: a connection outside a transaction; it may be read-only, and others may write meanwhile.  target: replaced
    where it exists.  verify: looks at the finished copy before it takes its place, and raises when it must not.
    free_bytes: what is left on the disk of a file.  Raises OSError, before anything is written when there is no room,
    and sqlite3.Error; then `target` is as it was.
    """
    part = _part_of(target)
    _refuse_without_room(_bytes_in_use(source), free_bytes(target))
    try:
        make_empty(part)
        source.execute("VACUUM INTO ?", (str(part),))
        verify(part)
        move_in_place(part, target)
    finally:
        clear_unfinished(target)


def _refuse_without_room(needed: int, free: int | None) -> None:
    """A disk that is filled first and emptied then would stop whoever else writes to it meanwhile."""
    if free is not None and free < needed:
        raise OSError(errno.ENOSPC, f"the copy takes {-(-needed >> 20)} MiB, and {free >> 20} MiB of its disk are free")


def _bytes_in_use(source: sqlite3.Connection) -> int:
    pages, unused, size = (
        int(source.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - unused) * size


def clear_unfinished(target: Path) -> None:
    """Remove what a copy to `target` that was killed has left beside it; it may be as large as the database."""
    part = _part_of(target)
    for left in (part, part.with_name(part.name + "-journal")):
        left.unlink(missing_ok=True)


def _part_of(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def make_empty(path: Path) -> None:
    """An empty file that only its owner can read, in the place of what a broken-off copy may have left there."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def move_in_place(part: Path, target: Path) -> None:
    """Rename a finished file. It is on the disk before it has its name, and the name is before this returns."""
    sync(part)
    part.replace(target)
    sync(target.parent)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows has no such call for folders
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
