"""What the writer does between two batches: retention, giving room back to the disk, keeping the log short."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from sqlalchemy import Engine

from storage.retention import Retention
from storage.write_ahead_log import WriteAheadLog
from storage.write_queue import WriteQueue

_IDLE_S = 1.0
_LOOK_EVERY_S = 10.0
_BUSY_S = 0.02
# Whoever remembers history reads it anew when its version grows, so that it does so seldom.
_TELL_EVERY_S = 5.0
_VACUUM_PAGES = 200
# Free pages are used again by new trades; only what is much more than that goes back to the disk.
_FREE_PAGES = 1_000
_FREE_PART = 20


class Chores:
    """For the writer thread alone. Each step takes a few milliseconds, so that no batch waits for it noticeably."""

    def __init__(
        self,
        engine: Engine,
        queue: WriteQueue,
        retention: Retention,
        log: WriteAheadLog,
        elapsed_s: Callable[[], float],
    ) -> None:
        self._engine = engine
        self._queue = queue
        self._retention = retention
        self._log = log
        self._elapsed_s = elapsed_s
        self._removing = False
        self._looked_s: float | None = None
        self._told_s = elapsed_s()
        self._untold: set[str] = set()

    @property
    def rest_s(self) -> float:
        """How long the writer may wait for work before the next step."""
        return _BUSY_S if self._removing else _IDLE_S

    def step(self, *, quiet: bool, short_of_room: bool = False) -> None:
        """Do a little of what is due. quiet: nothing waits.  short_of_room: the disk is nearly full.

        Raises sqlite3.OperationalError and SQLAlchemy's.
        """
        now_s = self._elapsed_s()
        is_due = self._looked_s is None or now_s - self._looked_s >= _LOOK_EVERY_S
        if self._removing or is_due or short_of_room:
            self._looked_s = now_s
            self._removing = self._remove() or self._give_back(0 if short_of_room else None)
        if self._untold and (not self._removing or now_s - self._told_s >= _TELL_EVERY_S):
            self._told_s = now_s
            self._tell()
        self._log.keep_short(quiet=quiet or short_of_room)

    def _remove(self) -> bool:
        after = self._retention.step(self._queue.states())
        if after is None:
            return False
        self._queue.adopt(after)
        self._untold.update(after)
        self._log.grew(len(after), self._retention.step_rows)
        return True

    def _tell(self) -> None:
        states = self._queue.states()
        told = {symbol: states[symbol] for symbol in self._untold}
        self._queue.adopt({s: replace(state, history_version=state.history_version + 1) for s, state in told.items()})
        self._untold.clear()

    def _give_back(self, free_pages: int | None) -> bool:
        """Cut free pages off the end of the file. free_pages: how many may stay. Returns whether there is more."""
        with closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()

            def number(name: str) -> int:
                return int(cursor.execute(f"PRAGMA {name}").fetchone()[0])

            pages, free = number("page_count"), number("freelist_count")
            kept = max(_FREE_PAGES, pages // _FREE_PART) if free_pages is None else free_pages
            # A file from before the second schema cannot shrink: its free pages wait for new trades.
            if free <= kept or number("auto_vacuum") != 2:
                return False
            cursor.execute("BEGIN IMMEDIATE")
            try:
                cursor.execute(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})").fetchall()
                cursor.execute("COMMIT")
            except BaseException:
                if connection.driver_connection is not None and connection.driver_connection.in_transaction:
                    cursor.execute("ROLLBACK")
                raise
        self._log.want_moved()
        return free - _VACUUM_PAGES > kept
