"""The one thread that writes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from analytics.errors import StoreError
from storage import changes
from storage.engines import passes_by_itself
from storage.write_queue import Change, SymbolState, WriteQueue

_RETRY_S = 0.25
_log = logging.getLogger(__name__)


class Writer:
    """Commits what the queue holds, batch by batch. A batch that cannot be written is tried again, whole."""

    def __init__(self, engine: Engine, queue: WriteQueue, venue: str, now_ms: Callable[[], int]) -> None:
        self._engine = engine
        self._queue = queue
        self._venue = venue
        self._now_ms = now_ms
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Write what waits, and end. With a full disk or a locked database: after one last attempt."""
        self._queue.close()
        self._thread.join()

    def _run(self) -> None:
        failure: str | None = "the writer stopped on a fault of its own; restart Pairwatch"
        try:
            while batch := self._queue.take():
                self._commit(batch)
            failure = None
        except SQLAlchemyError as error:
            _log.exception("The writer stopped")
            failure = f"the writer stopped ({getattr(error, 'orig', None) or error}); restart Pairwatch"
        except StoreError as error:
            failure = str(error)
        finally:
            self._queue.stop(failure)

    def _commit(self, batch: tuple[Change, ...]) -> None:
        while True:
            try:
                states = self._written(batch)
            except OperationalError as error:
                if not passes_by_itself(error.orig):
                    raise
                trouble = f"trades wait in memory, because the database cannot be written now ({error.orig})"
                if not self._queue.report(trouble):
                    raise StoreError(trouble) from error
                _log.warning("%s", trouble)
                self._queue.pause(_RETRY_S)
            else:
                self._queue.settle(states)
                return

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
