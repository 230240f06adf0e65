"""Fills holes by id over REST, and fetches a little history behind the first trade, without disturbing live data.

One thread, one page of at most 1000 trades a turn, gaps before history, symbols in turn. A hole is filled from its
newest end, because that is what the screen needs first. It is LOST only when the exchange answers with well-formed
rows beyond an id and without it; silence, errors and bans mean "later".
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from analytics.errors import SourceUnavailable, StoreError
from analytics.market import Gap, Int64Array, Ticks
from services.ports import Clock, TickStore, TradeArchive

_PAGE = 999  # and one row beyond it: see `_fetch`
_LOOK_EVERY_S = 0.5
_RETRY_S = (1.0, 2.0, 5.0, 10.0, 30.0)
_GONE = "the exchange has no trade under this id any more"
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, order=True)
class _Task:
    """kind 0: fill [first, last]. kind 1: extend history behind `last` back to `until_ms`. Ordered by urgency."""

    kind: Literal[0, 1]
    turn: int
    symbol: str = field(compare=False)
    first: int = field(compare=False)
    last: int = field(compare=False)
    until_ms: int = field(compare=False, default=0)
    checked_end: bool = field(compare=False, default=False)
    failures: int = field(compare=False, default=0)


class Backfill:
    """Owns its thread. keep: where fetched trades go (ring and store). `fill` and `extend` are for any thread."""

    def __init__(
        self, archive: TradeArchive, store: TickStore, clock: Clock, keep: Callable[[str, Ticks], None]
    ) -> None:
        self._archive = archive
        self._store = store
        self._clock = clock
        self._keep = keep
        self._tasks: list[_Task] = []
        self._later: list[tuple[int, _Task]] = []
        self._turns = itertools.count()
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="backfill", daemon=True)
        self.trouble: str | None = None

    def start(self) -> None:
        """Take up the holes that the ledger still lists, then wait for more."""
        self._take_up_listed()
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end after the request in flight."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def join(self, timeout_s: float) -> None:
        """Wait for the thread to end."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def fill(self, gap: Gap) -> None:
        """Fetch the trades of a hole."""
        self._push(_Task(0, next(self._turns), gap.symbol, gap.first_id, gap.last_id))

    def extend(self, symbol: str, before_id: int, until_ms: int) -> None:
        """Fetch trades before `before_id`, page by page, back to the time `until_ms`."""
        self._push(_Task(1, next(self._turns), symbol, 1, before_id - 1, until_ms))

    def _push(self, task: _Task) -> None:
        if task.first > task.last:
            return
        with self._changed:
            heapq.heappush(self._tasks, task)
            self._changed.notify_all()

    def _run(self) -> None:
        while (task := self._next()) is not None:
            try:
                rest = self._page(task)
            except SourceUnavailable as error:
                if error.reason != self.trouble:
                    _logger.warning("back-fill waits: %s", error.reason)
                self.trouble = error.reason
                self._put_off(task)
            else:
                self.trouble = None
                if rest is not None:
                    self._push(replace(rest, turn=next(self._turns), failures=0))

    def _put_off(self, task: _Task) -> None:
        """A task that failed waits by itself: one delisted symbol must not hold up the others."""
        pause_s = _RETRY_S[min(task.failures, len(_RETRY_S) - 1)]
        due_ms = self._clock.monotonic_ms() + round(pause_s * 1000)
        with self._changed:
            self._later.append((due_ms, replace(task, turn=next(self._turns), failures=task.failures + 1)))

    def _next(self) -> _Task | None:
        while True:
            with self._changed:
                self._changed.wait_for(self._has_work, timeout=_LOOK_EVERY_S)
                if self._stopping:
                    return None
                self._wake_due()
                if self._tasks:
                    return heapq.heappop(self._tasks)
                idle = not self._later
            if idle:
                # Nothing to do, and yet a hole may be listed: the store lists what its full queue had to drop.
                self._take_up_listed()

    def _has_work(self) -> bool:
        return self._stopping or bool(self._tasks)

    def _wake_due(self) -> None:
        now_ms = self._clock.monotonic_ms()
        for due_ms, task in self._later:
            if due_ms <= now_ms:
                heapq.heappush(self._tasks, task)
        self._later = [(due_ms, task) for due_ms, task in self._later if due_ms > now_ms]

    def _take_up_listed(self) -> None:
        if not any(one.gaps_open for one in self._store.summary().values()):
            return
        try:
            listed = self._store.gaps()
        except StoreError as error:
            _logger.warning("the ledger cannot be read now: %s", error)
            return
        for gap in listed:
            if gap.state == "OPEN":
                self.fill(gap)

    def _page(self, task: _Task) -> _Task | None:
        """Do one page; what is left of the task, or None."""
        if task.kind == 0 and not task.checked_end:
            return self._check_oldest(task)
        first = max(task.first, task.last - _PAGE + 1)
        rows = self._fetch(task.symbol, first, task.last)
        if task.kind == 0:
            if not len(rows) or int(rows.trade_id[-1]) < task.last:
                raise SourceUnavailable(f"the exchange has no answer yet for {task.symbol} id {task.last}")
            self._keep_inside(task, rows)
            self._lose_missing(task.symbol, first, task.last, rows)
            return replace(task, last=first - 1) if first > task.first else None
        inside = rows.rows(rows.trade_id <= task.last)
        if not len(inside):
            return None
        # Older trades must not make an unlisted hole: what the answer skips goes into the ledger before they do.
        oldest = int(inside.trade_id[0])
        for hole_first, hole_last in _skipped(inside.trade_id, oldest, task.last):
            gap = Gap(task.symbol, hole_first, hole_last, "OPEN", "missing in the history", self._clock.now_ms())
            self._store.open_gap(gap)
            self.fill(gap)
        self._keep(task.symbol, inside)
        if oldest > first or int(inside.time_ms[0]) <= task.until_ms or first == 1:
            return None
        return replace(task, last=first - 1)

    def _keep_inside(self, task: _Task, rows: Ticks) -> None:
        inside = rows.rows(rows.trade_id <= task.last)
        if len(inside):
            self._keep(task.symbol, inside)

    def _check_oldest(self, task: _Task) -> _Task | None:
        """Ask for the oldest ids first: one answer tells how much of a long hole is gone for good."""
        rows = self._fetch(task.symbol, task.first, task.last)
        if not len(rows):
            raise SourceUnavailable(f"the exchange has no answer yet for {task.symbol} id {task.first}")
        self._keep_inside(task, rows)
        reached = min(int(rows.trade_id[-1]), task.last)
        self._lose_missing(task.symbol, task.first, reached, rows)
        return replace(task, first=reached + 1, checked_end=True) if reached < task.last else None

    def _fetch(self, symbol: str, first: int, last: int) -> Ticks:
        # One more than wanted: a row beyond the end proves that what is absent before it does not exist.
        rows = self._archive.trades_from(symbol, first, min(_PAGE, last - first + 1) + 1)
        return rows.rows(rows.trade_id >= first)

    def _lose_missing(self, symbol: str, first: int, last: int, rows: Ticks) -> None:
        """Ids that are absent although later ones came."""
        newest = int(rows.trade_id[-1])
        have = rows.trade_id[rows.trade_id <= last]
        for lost_first, lost_last in _skipped(have, first, min(last, newest)):
            self._store.lose_gap(symbol, lost_first, lost_last, _GONE, self._clock.now_ms())


def _skipped(ids: Int64Array, first: int, last: int) -> list[tuple[int, int]]:
    """The inclusive ranges of [first, last] that `ids` (ascending, inside) leave out."""
    edges = np.concatenate(([first - 1], ids, [last + 1]))
    return [(int(edges[at]) + 1, int(edges[at + 1]) - 1) for at in np.flatnonzero(np.diff(edges) > 1)]
