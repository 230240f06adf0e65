"""One process a database: a lock file beside it turns a second one away."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from analytics.errors import StoreError

# Who only asks whether a database is in use holds its lock too, for some microseconds.
_TRIES = 20
_BETWEEN_TRIES_S = 0.02

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        # Far behind the pid, because a locked byte cannot be read by others on Windows.
        os.lseek(descriptor, 1_000, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)

    _try_lock_shared = _try_lock
else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _try_lock_shared(descriptor: int) -> None:
        # Two who ask at the same time must not take each other for a user.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)


def user_of(database: Path) -> int | None:
    """The process that has the database in use, 0 if it has not said which; None while there is none. Makes no file."""
    try:
        descriptor = os.open(_lock_of(database), os.O_RDWR)
    except OSError:
        return None  # nobody has ever used it, or it is not this account's
    try:
        _try_lock_shared(descriptor)
    except OSError:
        told = os.read(descriptor, 20).decode(errors="replace").strip()
        return int(told) if told.isdigit() else 0
    else:
        return None
    finally:
        os.close(descriptor)


def _lock_of(database: Path) -> Path:
    return database.with_name(database.name + ".lock")


def _locked_in_a_moment(descriptor: int) -> bool:
    waiting = threading.Event()
    for _ in range(_TRIES):
        try:
            _try_lock(descriptor)
        except OSError:
            waiting.wait(_BETWEEN_TRIES_S)
        else:
            return True
    return False


class SoleUser:
    """Holds `<database>.lock` for as long as the database is in use. The system lets go of it when a process dies."""

    def __init__(self, database: Path) -> None:
        """Take the lock. Raises StoreError, with the other's process id, when it is taken."""
        lock = _lock_of(database)
        self._descriptor: int | None = None
        try:
            self._descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(f"{lock} cannot be written ({error.strerror}); choose another --data-dir") from error
        if not _locked_in_a_moment(self._descriptor):
            other = os.read(self._descriptor, 20).decode(errors="replace").strip() or "?"
            self.release()
            raise StoreError(
                f"{database} is in use by another Pairwatch (pid {other}); stop it or choose another --data-dir"
            )
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let go. The file stays: removing it could take it from under one who has just opened it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
