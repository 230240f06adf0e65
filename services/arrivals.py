"""The one place where trades enter a market, whoever tells them: the stream, or REST for the stream's sake.

Every hole goes into the ledger before the trades behind it go into the store, so none is ever unlisted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from analytics.market import Gap, Ticks
from services.ports import Clock, TickStore
from storage.ledger import Run, runs, without
from storage.ring import Rings


class Arrivals:
    """Thread-safe.  fill: takes up a hole that the ledger lists.  on_change: called with the symbol that changed."""

    def __init__(
        self,
        rings: Rings,
        store: TickStore,
        clock: Clock,
        fill: Callable[[Gap], None],
        on_change: Callable[[str], None],
    ) -> None:
        self._rings = rings
        self._store = store
        self._clock = clock
        self._fill = fill
        self._on_change = on_change
        self._beginning = threading.Lock()
        self._streamed_from: dict[str, int] = {}
        self._fetched: dict[str, Run] = {}

    def streamed(self, symbol: str, ticks: Ticks, *, late: bool = False) -> None:
        """Trades of the stream, in the order of its own sequence. late: they fill a hole behind the newest."""
        if symbol not in self._streamed_from:
            self._begin_stream(symbol, int(ticks.trade_id[0]), int(ticks.trade_id[-1]))
        self._keep(symbol, ticks, backfilled=late)

    def fetched(self, symbol: str, ticks: Ticks) -> None:
        """Older trades, for holes and history."""
        self._keep(symbol, ticks, backfilled=True)

    def hole(self, gap: Gap) -> None:
        """Ids that were skipped: list them, then fetch them."""
        self._store.open_gap(gap)
        self._fill(gap)

    def first(self, symbol: str, ticks: Ticks) -> None:
        """The first trades of a symbol that has none, fetched because its stream is quiet. They are history."""
        with self._beginning:
            streamed_from = self._streamed_from.get(symbol)
            if streamed_from is None:
                self._fetched[symbol] = (int(ticks.trade_id[0]), int(ticks.trade_id[-1]))
        last_id = int(ticks.trade_id[-1])
        if streamed_from is not None:
            ticks, last_id = ticks.rows(ticks.trade_id < streamed_from), streamed_from - 1
        if len(ticks):
            holes = without((int(ticks.trade_id[0]), last_id), runs(ticks.trade_id))
            self._list(symbol, holes, "missing in the history")
            self._keep(symbol, ticks, backfilled=True)

    def missed(self, symbol: str, newest_id: int, ticks: Ticks, cause: str) -> None:
        """Trades beyond the newest known id that the stream has not told."""
        last_id = int(ticks.trade_id[-1])
        with self._beginning:
            if symbol in self._fetched:
                self._fetched[symbol] = (self._fetched[symbol][0], max(self._fetched[symbol][1], last_id))
        self._store.open_gap(Gap(symbol, newest_id + 1, last_id, "OPEN", cause, self._clock.now_ms()))
        self._keep(symbol, ticks, backfilled=True)
        for first, last in without((newest_id + 1, last_id), runs(ticks.trade_id)):
            self._fill(Gap(symbol, first, last, "OPEN", cause, self._clock.now_ms()))

    def _begin_stream(self, symbol: str, first_id: int, last_id: int) -> None:
        """The stream's sequence begins with its own first trade; what was fetched before, it cannot know."""
        with self._beginning:
            self._streamed_from[symbol] = first_id
            fetched = self._fetched.get(symbol)
        if fetched is not None:
            between = [(fetched[1] + 1, first_id - 1), (last_id + 1, fetched[0] - 1)]
            self._list(symbol, [hole for hole in between if hole[0] <= hole[1]], "before the stream's first trade")

    def _list(self, symbol: str, holes: Iterable[Run], cause: str) -> None:
        for first, last in holes:
            self.hole(Gap(symbol, first, last, "OPEN", cause, self._clock.now_ms()))

    def _keep(self, symbol: str, ticks: Ticks, *, backfilled: bool) -> None:
        self._rings.of(symbol).append(ticks)
        self._store.append(symbol, ticks, backfilled=backfilled)
        self._on_change(symbol)
