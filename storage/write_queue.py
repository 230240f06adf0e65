"""What waits to be written, and what is committed: one lock over both, so the counts never miss a hole in between."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

from analytics.errors import StoreError
from analytics.market import Gap, Ticks
from analytics.status import StoredSymbol
from storage.ledger import runs
from storage.work import CandlesTold, Change, GapLost, GapOpened, SymbolState, TicksAdded

QUEUE_FULL = "writer queue full"

_WAKE_TICKS = 2_000
_BATCH_TICKS = 5_000
_LINGER_S = 0.2


class WriteQueue:
    """Changes on their way to the one writer thread. Nobody who adds to it ever waits."""

    def __init__(self, limit_ticks: int, committed: Mapping[str, SymbolState]) -> None:
        self._limit_ticks = limit_ticks
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)
        self._progress = threading.Condition(self._lock)
        self._committed = dict(committed)
        self._waiting: list[Change] = []
        self._taken = 0  # how many of the waiting the writer has in hand
        self._ticks_waiting = 0
        self._candles_waiting = 0
        self._holes_waiting: Counter[str] = Counter()
        self._dropped: dict[str, int] = {}  # by symbol: which change is its newest hole made of dropped trades
        self._settled = 0  # changes committed so far; with the waiting ones: changes accepted so far
        self._wanted = 0  # somebody waits for this many to be settled
        self._closing = False
        self._trouble: str | None = None
        self._stopped: str | None = None

    def add_ticks(self, symbol: str, ticks: Ticks, *, backfilled: bool, at_ms: int) -> None:
        """Queue trades; if there is no room for them, queue their ids as a hole instead."""
        if not len(ticks):
            return
        with self._lock:
            if self._ticks_waiting and self._ticks_waiting + len(ticks) > self._limit_ticks:
                for first_id, last_id in runs(ticks.trade_id):
                    self._drop(Gap(symbol, first_id, last_id, "OPEN", QUEUE_FULL, at_ms))
                return
            before = self._ticks_waiting
            self._ticks_waiting += len(ticks)
            self._add(TicksAdded(symbol, ticks, backfilled))
            if before < _WAKE_TICKS <= self._ticks_waiting:
                self._work.notify()

    def add_gap(self, gap: Gap) -> None:
        """Queue a hole. It counts from now on."""
        with self._lock:
            self._holes_waiting[gap.symbol] += 1
            self._add(GapOpened(gap))

    def add_loss(self, loss: GapLost) -> None:
        """Queue the end of a hole."""
        with self._lock:
            self._add(loss)

    def add_candles(self, told: CandlesTold) -> None:
        """Queue candles. Raises StoreError when there is no room for them: the exchange can be asked again."""
        with self._lock:
            if self._candles_waiting and self._candles_waiting + len(told.candles) > self._limit_ticks:
                reason = self._trouble or "the disk is slower than the exchange"
                raise StoreError(f"{told.symbol}: no room for more candles, {self._candles_waiting} wait ({reason})")
            self._candles_waiting += len(told.candles)
            self._add(told)

    def take(self, idle_s: float | None = None) -> tuple[Change, ...] | None:
        """The next changes to commit together, once there are enough or they have waited 200 ms. None: no more, ever.

        They stay in the queue until `settle`.  idle_s: with nothing to do for so long, the answer is empty.
        """
        with self._lock:
            if not self._work.wait_for(lambda: self._waiting or self._closing, timeout=idle_s):
                return ()
            if not self._waiting:
                return None
            self._work.wait_for(self._is_due, timeout=_LINGER_S)
            rows = 0
            for change in self._waiting:
                rows += change.rows
                if self._taken and rows > _BATCH_TICKS:
                    break
                self._taken += 1
            return tuple(islice(self._waiting, self._taken))

    def settle(self, states: Mapping[str, SymbolState]) -> None:
        """The taken changes are committed and have led to these states."""
        with self._lock:
            for change in islice(self._waiting, self._taken):
                if isinstance(change, TicksAdded):
                    self._ticks_waiting -= len(change.ticks)
                elif isinstance(change, GapOpened):
                    self._holes_waiting[change.symbol] -= 1
                elif isinstance(change, CandlesTold):
                    self._candles_waiting -= len(change.candles)
            del self._waiting[: self._taken]
            self._settled += self._taken
            self._taken = 0
            self._committed.update(states)
            self._trouble = None
            self._progress.notify_all()

    def adopt(self, states: Mapping[str, SymbolState]) -> None:
        """These states have come about without a change from outside."""
        with self._lock:
            self._committed.update(states)

    def states(self) -> dict[str, SymbolState]:
        """What is committed, by symbol."""
        with self._lock:
            return dict(self._committed)

    def report(self, trouble: str) -> bool:
        """Say why the taken changes could not be committed yet. Returns whether it is worth trying again."""
        with self._lock:
            self._trouble = trouble
            return not self._closing

    def all_well(self) -> None:
        """What was reported is over, though nothing was committed since."""
        with self._lock:
            self._trouble = None

    def pause(self, seconds: float) -> None:
        """Wait a while, or until closing."""
        with self._lock:
            self._work.wait_for(lambda: self._closing, timeout=seconds)

    def stop(self, failure: str | None) -> None:
        """The writer has ended. failure: why, if not because it was asked to."""
        with self._lock:
            self._stopped = failure or "the store is closed"
            self._trouble = failure or self._trouble
            self._progress.notify_all()

    def close(self) -> None:
        """Let the writer finish what waits, and end."""
        with self._lock:
            self._closing = True
            self._work.notify()

    def flush(self, timeout_s: float) -> None:
        """Wait until everything queued so far is committed. Raises StoreError when it is not, with the reason."""
        with self._lock:
            wanted = self._settled + len(self._waiting)
            self._wanted = max(self._wanted, wanted)
            self._work.notify()
            self._progress.wait_for(lambda: self._settled >= wanted or self._stopped, timeout=timeout_s)
            if self._settled < wanted:
                reason = self._stopped or self._trouble or f"{self._ticks_waiting} trades wait to be written"
                raise StoreError(f"not everything is stored: {reason}")

    def state(self, symbol: str) -> SymbolState | None:
        """What is committed of a symbol, None when nothing ever was."""
        with self._lock:
            return self._committed.get(symbol)

    def summary(self) -> dict[str, StoredSymbol]:
        """What is committed, by symbol, and all holes that are committed or wait to be."""
        with self._lock:
            states, holes = dict(self._committed), dict(self._holes_waiting)
        told = {symbol: _told(state) for symbol, state in states.items()}
        for symbol, count in holes.items():
            if count:
                known = told.get(symbol, StoredSymbol())
                told[symbol] = replace(known, gaps_open=known.gaps_open + count)
        return told

    def stored(self, symbol: str) -> StoredSymbol | None:
        """The same of one symbol; None of one of which nothing is committed and no hole waits."""
        with self._lock:
            state, waiting = self._committed.get(symbol), self._holes_waiting.get(symbol, 0)
        if state is None and not waiting:
            return None
        told = StoredSymbol() if state is None else _told(state)
        return replace(told, gaps_open=told.gaps_open + waiting) if waiting else told

    @property
    def settled(self) -> int:
        """How many changes were committed so far."""
        return self._settled

    @property
    def ticks_waiting(self) -> int:
        """Trades that are not committed yet."""
        return self._ticks_waiting

    @property
    def trouble(self) -> str | None:
        """Why nothing is being committed, as a sentence; None while all is well."""
        return self._trouble

    def _is_due(self) -> bool:
        return self._closing or self._settled < self._wanted or self._ticks_waiting >= _WAKE_TICKS

    def _add(self, change: Change) -> None:
        self._waiting.append(change)
        if len(self._waiting) == 1:
            self._work.notify()

    def _drop(self, gap: Gap) -> None:
        """One hole for trades dropped one after the other, so that a long stop does not fill the memory with holes."""
        place = self._dropped.get(gap.symbol, -1) - self._settled
        if place >= self._taken:
            grown = self._waiting[place]
            if isinstance(grown, GapOpened) and grown.gap.last_id + 1 == gap.first_id:
                self._waiting[place] = GapOpened(replace(grown.gap, last_id=gap.last_id))
                return
        self._dropped[gap.symbol] = self._settled + len(self._waiting)
        self._holes_waiting[gap.symbol] += 1
        self._add(GapOpened(gap))


def _told(state: SymbolState) -> StoredSymbol:
    open_rows = sum(gap.state == "OPEN" for gap in state.unresolved)
    return StoredSymbol(
        ticks_stored=state.ticks_stored,
        first_id=state.first_id,
        last_id=state.last_id,
        gaps_open=open_rows,
        gaps_lost=len(state.unresolved) - open_rows,
    )
