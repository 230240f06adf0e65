"""The store: SQLite behind one writer thread."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from analytics.errors import StoreError
from analytics.market import Bars, Gap, Ticks, Timeframe
from analytics.status import StoredSymbol, StoreFacts
from storage import changes, opening, readers
from storage.bar_pages import bars_between, length_ms, newest_bars
from storage.chores import Chores
from storage.disk_guard import DiskGuard
from storage.engines import Connect, connect_writing, in_transaction, reading_engine, writing_engine
from storage.file_facts import file_facts, free_bytes_at
from storage.retention import Limits, Retention
from storage.second_look import close_as_it_is
from storage.sole_user import SoleUser
from storage.work import CandlesTold, GapLost, SymbolState
from storage.write_ahead_log import WriteAheadLog
from storage.write_queue import WriteQueue
from storage.writer import Writer


class SqlStore:
    """Trades, their one-second bars and the ledger of holes, in one file for one venue.

    What is flushed survives a kill of the process at any moment. See docs/storage.md for the promises. Safe to use
    from any thread. Reads see committed rows only and raise StoreError when the database cannot be read.
    """

    def __init__(
        self,
        url_or_path: Path | str,
        *,
        venue: str,
        now_ms: Callable[[], int],
        keep_ms: int | None = None,
        keep_bytes: int | None = None,
        spare_bytes: int = 0,
        queue_ticks: int = 200_000,
        busy_timeout_ms: int = 1_000,
        read_deadline_s: float = 5.0,
        log_alarm_bytes: int = 64 << 20,
        closing_patience_s: float = 10.0,
        free_bytes: Callable[[], int | None] | None = None,
        elapsed_s: Callable[[], float] = time.perf_counter,
        connect: Connect = connect_writing,
    ) -> None:
        """Open or create the file, bring its schema up to date, start the writer.

        venue: whose trades, such as "binance-usdm"; a file never mixes two.  now_ms: wall clock, for the stamps of the
        ledger.  keep_ms, keep_bytes: older trades, or the oldest of too many bytes in use, are
        removed bit by bit; None: no such limit.  spare_bytes: with less of the disk free, trades wait in memory.
        queue_ticks: how many trades may wait before new ones become a hole.  busy_timeout_ms: how long one attempt
        waits for a lock of another program.  read_deadline_s: how long one read may take.  log_alarm_bytes: `facts`
        complains about a longer write-ahead log.  closing_patience_s: how long `close` waits for a disk that does not
        answer.  free_bytes (default: what the system says), elapsed_s (default: the
        system's steady clock), connect (default: SQLite's driver): seams for tests.

        Raises StoreError for a file that is in use, damaged, newer, or not ours; it is left as it was.
        """
        self.path = opening.database_path(url_or_path)
        self._venue = venue
        self._now_ms = now_ms
        self._busy_timeout_ms = busy_timeout_ms
        self._closing = threading.Lock()
        self._closed = False
        opening.make_private_file(self.path)
        self._sole_user = SoleUser(self.path)
        self._reader = reading_engine(self.path, busy_timeout_ms, read_deadline_s, elapsed_s)
        self._engine = writing_engine(self.path, busy_timeout_ms, connect)
        self._log = WriteAheadLog(self.path, self._engine, log_alarm_bytes)
        self._free_bytes = free_bytes or (lambda: free_bytes_at(self.path))
        with ExitStack() as refused:
            refused.callback(self._release)
            self._queue = WriteQueue(queue_ticks, self._opened())
            refused.pop_all()
        retention = Retention(self._engine, Limits(keep_ms, keep_bytes))
        self._writer = Writer(
            self.path,
            self._engine,
            self._queue,
            venue,
            now_ms,
            DiskGuard(self._free_bytes, spare_bytes, elapsed_s),
            self._log,
            Chores(self._engine, self._queue, retention, self._log, elapsed_s),
            busy_timeout_ms,
            closing_patience_s,
        )

    def append(self, symbol: str, ticks: Ticks, *, backfilled: bool = False) -> None:
        """Queue trades; returns at once. Known ids are ignored. With a full queue their ids become an OPEN gap."""
        self._queue.add_ticks(symbol, ticks, backfilled=backfilled, at_ms=self._now_ms())

    def open_gap(self, gap: Gap) -> None:
        """Queue a hole, without the ids of it that are stored or already in the ledger. `summary` counts it at once."""
        self._queue.add_gap(gap)

    def lose_gap(self, symbol: str, first_id: int, last_id: int, cause: str, at_ms: int) -> None:
        """Queue: what is still OPEN of these ids is LOST."""
        self._queue.add_loss(GapLost(symbol, first_id, last_id, cause, at_ms))

    def keep_candles(self, symbol: str, timeframe: Timeframe, candles: Bars) -> None:
        """Queue closed bars as the exchange tells them. Raises BadInput for `TICK`, StoreError without room."""
        length_ms(timeframe)
        if len(candles):
            self._queue.add_candles(CandlesTold(symbol, timeframe, candles))

    def flush(self, timeout_s: float = 10.0) -> None:
        """Wait until everything queued before this call is committed. Raises StoreError, with the reason, if not."""
        self._queue.flush(timeout_s)

    def ticks(self, symbol: str, *, limit: int) -> Ticks:
        """The newest `limit` trades, ascending by id."""
        state = self._state(symbol)
        return Ticks.empty() if state is None else readers.newest_ticks(self._reader, state.symbol_id, limit)

    def ticks_between(self, symbol: str, first_id: int, last_id: int, *, limit: int | None = None) -> Ticks:
        """Trades with first_id <= id <= last_id, ascending; at most the lowest `limit` of them."""
        state = self._state(symbol)
        if state is None:
            return Ticks.empty()
        return readers.ticks_between(self._reader, state.symbol_id, first_id, last_id, limit)

    def bars(self, symbol: str, timeframe: Timeframe, *, start_ms: int, end_ms: int) -> Bars:
        """Bars with start_ms <= start < end_ms. Raises BadInput for `TICK`."""
        state = self._state(symbol)
        if state is None:
            return Bars.empty()
        return bars_between(self._reader, state.symbol_id, timeframe, start_ms, end_ms)

    def newest_bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        """The newest `limit` bars, ascending, the running one included. Raises BadInput for `TICK`."""
        state = self._state(symbol)
        if state is None:
            return Bars.empty()
        return newest_bars(self._reader, state.symbol_id, timeframe, limit)

    def candles(self, symbol: str, timeframe: Timeframe, *, start_ms: int, end_ms: int) -> Bars:
        """The exchange's own bars with start_ms <= start < end_ms. Raises BadInput for `TICK`."""
        length_ms(timeframe)
        state = self._state(symbol)
        if state is None:
            return Bars.empty()
        return readers.candles(self._reader, state.symbol_id, timeframe, start_ms, end_ms)

    def gaps(self, symbol: str | None = None) -> tuple[Gap, ...]:
        """The committed ledger, oldest first."""
        self._state("")
        return readers.gaps(self._reader, self._venue, symbol)

    def summary(self) -> dict[str, StoredSymbol]:
        """What is committed, by symbol; `gaps_open` also counts the holes that are queued."""
        return self._queue.summary()

    def stored(self, symbol: str) -> StoredSymbol | None:
        """What is committed of one symbol; None of one that it does not know."""
        return self._queue.stored(symbol)

    def symbols(self) -> tuple[str, ...]:
        """Every symbol that the store knows, in alphabetical order."""
        return tuple(sorted(self._queue.summary()))

    def history_version(self, symbol: str) -> int:
        """Grows whenever something other than newer trades was committed: older trades, or a change of the ledger."""
        state = self._queue.state(symbol)
        return 0 if state is None else state.history_version

    def queue_depth(self) -> int:
        """Trades waiting to be written."""
        return self._queue.ticks_waiting

    @property
    def trouble(self) -> str | None:
        """Why nothing can be committed now, as a sentence; None while all is well."""
        return self._queue.trouble

    def facts(self) -> StoreFacts:
        """The file and the disk, for the diagnostics. Asks the file system, not the database."""
        return file_facts(self.path, self._free_bytes(), self.trouble or self._log.note)

    def close(self) -> None:
        """Write what waits, stop the writer, close. Idempotent. Raises StoreError when trades could not be written.

        With a full disk or a locked database: after one last attempt. A disk that does not answer at all is given up
        after `closing_patience_s` without a commit.
        """
        with self._closing:
            if self._closed:
                return
            self._closed = True
            if self._writer.finish():
                if self._writer.broke_off:
                    # Damaged, or not confirmed by the disk: nothing is written there any more.
                    close_as_it_is(self.path, self._engine, self._busy_timeout_ms)
                else:
                    self._cut_log()
                self._release()
            else:
                # The writer still hangs in the system, so the file is not let go of before this process ends.
                self._reader.dispose()
        if self._queue.ticks_waiting:
            reason = self._queue.trouble or "the disk does not answer"
            raise StoreError(
                f"{self._queue.ticks_waiting} trades were not stored: {reason}; they are fetched again over REST at "
                "the next start, up to 48 hours back"
            )

    def _opened(self) -> dict[str, SymbolState]:
        opening.clear_what_a_kill_left(self.path)
        opening.refuse_foreign_file(
            self.path, self._reader, lambda connection: changes.stored_states(connection, self._venue)
        )
        opening.bring_up_to_date(self.path, self._engine)
        with in_transaction(self._engine) as connection:
            opening.claim_for_venue(self.path, connection, self._venue)
            return changes.stored_states(connection, self._venue)

    def _cut_log(self) -> None:
        """Move the write-ahead log into the database. Failing that, the next opening does it."""
        self._reader.dispose()
        with suppress(sqlite3.Error, DatabaseError):
            self._log.cut()

    def _release(self) -> None:
        self._reader.dispose()
        self._engine.dispose()
        self._sole_user.release()

    def _state(self, symbol: str) -> SymbolState | None:
        if self._closed:
            raise StoreError("the store is closed")
        return self._queue.state(symbol)
