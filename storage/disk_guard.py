"""Stops writing before the disk is full: a full disk also hurts whoever else lives on it."""

from __future__ import annotations

from collections.abc import Callable

_LOOK_EVERY_S = 1.0


class DiskGuard:
    """For the writer thread alone.

    free_bytes: what is left on the disk, None when that cannot be told.  spare_bytes: how much of it is not ours.
    elapsed_s: never steps back.
    """

    def __init__(self, free_bytes: Callable[[], int | None], spare_bytes: int, elapsed_s: Callable[[], float]) -> None:
        self._free_bytes = free_bytes
        self._spare_bytes = spare_bytes
        self._elapsed_s = elapsed_s
        self._looked_s: float | None = None
        self._shortage: str | None = None

    def shortage(self) -> str | None:
        """Why nothing should be written now, as a sentence. Asks the system once a second at most."""
        now_s = self._elapsed_s()
        if self._spare_bytes and (self._looked_s is None or now_s - self._looked_s >= _LOOK_EVERY_S):
            self._looked_s = now_s
            free = self._free_bytes()
            self._shortage = None if free is None or free >= self._spare_bytes else self._told(free)
        return self._shortage

    def _told(self, free: int) -> str:
        return (
            f"trades wait in memory, because only {free >> 20} MiB of the disk are free and {self._spare_bytes >> 20} "
            "MiB of it are to be left alone; make room on the disk"
        )
