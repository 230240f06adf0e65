"""The one thread that writes."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from analytics.errors import StoreError
from storage import changes
from storage.chores import Chores
from storage.disk_guard import DiskGuard
from storage.engines import passes_by_itself, sync_failed
from storage.opening import REPAIR
from storage.second_look import fault_after_reopening
from storage.work import Change, SymbolState
from storage.write_ahead_log import WriteAheadLog
from storage.write_queue import WriteQueue

_RETRY_S = 0.25
_log = logging.getLogger(__name__)


class Writer:
    """Commits what the queue holds, batch by batch. A batch that cannot be written is tried again, whole."""

    def __init__(
        self,
        path: Path,
        engine: Engine,
        queue: WriteQueue,
        venue: str,
        now_ms: Callable[[], int],
        guard: DiskGuard,
        log: WriteAheadLog,
        chores: Chores,
        busy_timeout_ms: int,
        closing_patience_s: float,
    ) -> None:
        self._path = path
        self._engine = engine
        self._queue = queue
        self._venue = venue
        self._now_ms = now_ms
        self._guard = guard
        self._log = log
        self._chores = chores
        self._busy_timeout_ms = busy_timeout_ms
        self._closing_patience_s = closing_patience_s
        self._told: str | None = None
        self.broke_off = False  # whether it ended before everything was written
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def finish(self) -> bool:
        """Write what waits, and end. Returns whether it has ended.

        With a full disk or a locked database: after one last attempt. A disk that does not answer is given up after a
        while in which nothing was committed; it may only be slow, so that while is long.
        """
        self._queue.close()
        settled = -1
        while self._thread.is_alive() and settled != self._queue.settled:
            settled = self._queue.settled
            self._thread.join(self._closing_patience_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        failure: str | None = "the writer stopped on a fault of its own; restart Pairwatch"
        try:
            while (batch := self._queue.take(self._chores.rest_s)) is not None:
                if batch:
                    self._commit(batch)
                self._do_chores(quiet=not batch)
            failure = None
        except (SQLAlchemyError, sqlite3.Error) as error:
            _log.exception("The writer stopped")
            failure = self._why_stopped(getattr(error, "orig", None) or error)
        except StoreError as error:
            failure = str(error)
        finally:
            self.broke_off = failure is not None
            self._queue.stop(failure)

    def _why_stopped(self, error: BaseException) -> str:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            return f"the writer stopped, because {self._path} is damaged ({error}); {REPAIR}"
        return f"the writer stopped ({error}); restart Pairwatch"

    def _commit(self, batch: tuple[Change, ...]) -> None:
        while True:
            shortage = self._guard.shortage()
            trouble = shortage or self._attempt(lambda: self._queue.settle(self._written(batch)))
            if trouble is None:
                self._log.grew(len({change.symbol for change in batch}), sum(change.rows for change in batch))
                self._told = None
                return
            if not self._queue.report(trouble):
                raise StoreError(trouble)
            self._warn(trouble)
            if shortage is not None:
                self._do_chores(quiet=True, short_of_room=True)
            self._queue.pause(_RETRY_S if shortage is None else min(_RETRY_S, self._chores.rest_s))

    def _do_chores(self, *, quiet: bool, short_of_room: bool = False) -> None:
        """A chore that cannot be done now is left until later: it concerns no trade."""
        trouble = self._attempt(lambda: self._chores.step(quiet=quiet, short_of_room=short_of_room))
        if trouble is not None:
            self._warn(trouble)

    def _warn(self, trouble: str) -> None:
        if trouble != self._told:
            _log.warning("%s", trouble)
        self._told = trouble

    def _attempt(self, action: Callable[[], None]) -> str | None:
        """Do something to the database. Returns why it cannot be done now, as a sentence, or None when it is done."""
        try:
            action()
        except (OperationalError, sqlite3.OperationalError) as error:
            cause = getattr(error, "orig", None) or error
            if sync_failed(cause):
                return self._start_over(cause)
            if not passes_by_itself(cause):
                raise
            return f"trades wait in memory, because the database cannot be written now ({cause})"
        return None

    def _start_over(self, cause: BaseException) -> str:
        """After a failed fsync: check the database through a new connection, and only then go on. Says what happened.

        Raises StoreError when it is damaged, or when it is time to close.
        """
        trouble = f"trades wait in memory, because the disk did not confirm a write ({cause}); the database is checked"
        _log.error("%s", trouble)
        while True:
            if not self._queue.report(trouble):
                raise StoreError(trouble)
            try:
                fault = fault_after_reopening(self._path, self._engine, self._busy_timeout_ms)
                if fault is None:
                    self._take_stock()
                    self._queue.all_well()
                    return trouble
            except (OperationalError, sqlite3.OperationalError) as error:
                again = getattr(error, "orig", None) or error
                if not (passes_by_itself(again) or sync_failed(again)):
                    raise
                self._queue.pause(_RETRY_S)
            else:
                raise StoreError(f"nothing is written any more, because {self._path} is damaged ({fault}); {REPAIR}")

    def _take_stock(self) -> None:
        """What is in the database now: nobody knows whether the batch in hand got there."""
        before = self._queue.states()
        with self._engine.begin() as connection:
            found = changes.stored_states(connection, self._venue)
        self._queue.adopt({symbol: state.after(before.get(symbol)) for symbol, state in found.items()})

    def _written(self, batch: tuple[Change, ...]) -> dict[str, SymbolState]:
        """Commit a batch in one transaction. Returns the new state of each symbol in it."""
        at_ms = self._now_ms()
        states: dict[str, SymbolState] = {}
        with self._engine.begin() as connection:
            for change in changes.merged(batch):
                symbol = change.symbol
                state = states.get(symbol) or self._queue.state(symbol)
                if state is None:
                    state = changes.new_state(connection, self._venue, symbol)
                states[symbol] = changes.apply(connection, state, change, at_ms)
            for state in states.values():
                changes.keep_count(connection, state)
        return states
