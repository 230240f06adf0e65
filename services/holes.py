"""Filling holes by id.

A hole is filled from its newest end, page by page, because that is what the screen needs first. An id is LOST only when
the exchange answers with well-formed rows beyond it and without it, or when it refuses the id (`[]` or its own 400) and
the id is older than the 48 hours that the exchange keeps. Everything else means "later".

Where a page is refused, the edge of what the exchange still has may lie inside: the page is halved towards its newest
end until it is answered, so that everything that can be had is had.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile
from typing import TypeGuard

import numpy as np

from analytics.errors import SourceUnavailable
from analytics.market import Gap, Int64Array, Ticks
from ingest.rest import Refusal
from services.errands import Errand, Errands, Outcome, Urgency
from services.ports import Clock, TickStore, TradeArchive
from storage.ledger import Run, united, without

GONE = "the exchange has no trade under this id any more"
TOO_OLD = "older than the 48 h that the exchange keeps"

# One row of the thousand is the one beyond: it proves that what is absent before it does not exist.
PAGE = 999
KEPT_MS = 48 * 3_600_000
_HIGHEST_ID = 2**62
# Trade times run backwards against the ids by milliseconds; by more than this it is another history.
_OUT_OF_ORDER_MS = 60_000


@dataclass(frozen=True, kw_only=True)
class Hole(Errand):
    """The ids first..last, inclusive, of which some may be stored already.

    opened_at_ms: when the hole was seen.  above_ms: trade time of the row just above `last`, None while unknown.
    refused_id: the newest id that the exchange would not answer from.  ask_oldest: ask for `first` next, because one
    answer may tell how much is gone.  asked_oldest: that was done.  careful: ask for the newest id alone.
    """

    urgency: Urgency = Urgency.HOLE
    filler: HoleFiller
    first: int
    last: int
    opened_at_ms: int
    above_ms: int | None = None
    refused_id: int | None = None
    ask_oldest: bool = False
    asked_oldest: bool = False
    careful: bool = False

    def page(self) -> Outcome:
        """Fill one page."""
        return self.filler.page(self)


class HoleFiller:
    """Fills holes page by page; knows no thread.

    keep: takes what was fetched.  errands: the other holes, which a page may fill as well.
    """

    def __init__(
        self,
        archive: TradeArchive,
        store: TickStore,
        clock: Clock,
        keep: Callable[[str, Ticks], None],
        errands: Errands,
    ) -> None:
        self._archive = archive
        self._store = store
        self._clock = clock
        self._keep = keep
        self._errands = errands

    def hole(self, gap: Gap) -> Hole:
        """The errand that fills a gap."""
        return Hole(filler=self, symbol=gap.symbol, first=gap.first_id, last=gap.last_id, opened_at_ms=gap.opened_at_ms)

    def page(self, hole: Hole) -> Outcome:
        """One request, and what is left to do after it."""
        hole = self._dated(hole)
        if hole.ask_oldest:
            return self._oldest(replace(hole, ask_oldest=False, asked_oldest=True))
        first = _page_start(hole)
        if first is None:
            return self._refused(hole, hole.last)
        if self._is_stored(hole.symbol, first, hole.last):
            return Outcome((replace(hole, last=first - 1, careful=False),) if first > hole.first else ())
        rows = answered(self._archive, hole.symbol, first, self._worth_asking_to(hole, first))
        return self._refused(hole, first) if rows is None else self._answered(hole, first, rows)

    def _is_stored(self, symbol: str, first: int, last: int) -> bool:
        """Whether the ids came by another way meanwhile: out of order, or with another hole."""
        return len(self._store.ticks_between(symbol, first, last)) == last - first + 1

    def _worth_asking_to(self, hole: Hole, first: int) -> int:
        """The last id of the page: a request costs the same for one id as for a thousand, so neighbours come along."""
        within = [one.last for one in self._errands.known() if _is_hole(one, hole.symbol, hole.last, first + PAGE - 1)]
        return min(max(within, default=hole.last), first + PAGE - 1)

    def _neighbours(self, hole: Hole, rows: Ticks) -> tuple[Hole, ...]:
        """Settle what the rows tell of the holes above; what is left of those."""
        newest = int(rows.trade_id[-1])
        left: list[Hole] = []
        for errand in self._errands.claim(lambda errand: _is_hole(errand, hole.symbol, hole.last, newest)):
            if not isinstance(errand, Hole):
                continue
            one = self._dated(errand)
            mine = rows.rows(rows.trade_id >= one.first)
            if is_other_history(mine.rows(mine.trade_id <= one.last), one.above_ms):
                left.append(one)
            elif (reached := self._take(one, one.first, mine)) < one.last:
                left.append(replace(one, first=reached + 1))
        return tuple(left)

    def _oldest(self, hole: Hole) -> Outcome:
        """An exchange that answers an id it no longer has with its oldest row tells in one answer what is gone."""
        rows = answered(self._archive, hole.symbol, hole.first, hole.last)
        if rows is None:
            return Outcome((hole,))
        reached = self._take(hole, hole.first, rows)
        return Outcome((replace(hole, first=reached + 1, failures=0),) if reached < hole.last else ())

    def _answered(self, hole: Hole, first: int, rows: Ticks) -> Outcome:
        reached = self._take(hole, first, rows)
        go_on: tuple[Hole, ...] = ()
        if first > hole.first:
            below = replace(
                hole, last=first - 1, above_ms=int(rows.time_ms[0]), careful=False, failures=0, ask_oldest=False
            )
            # The page's first id is not there: perhaps nothing is from there down.
            is_missing = int(rows.trade_id[0]) > first
            go_on = (replace(below, ask_oldest=is_missing and not hole.asked_oldest),)
        if reached == hole.last:
            return Outcome((*go_on, *self._neighbours(hole, rows)))
        above = replace(hole, first=reached + 1, refused_id=None, careful=False)
        if reached >= first:
            # A page shorter than asked for is progress all the same.
            return Outcome((*go_on, replace(above, failures=0)))
        return Outcome(go_on, (above,), f"the exchange has no answer yet for {hole.symbol} id {hole.last}")

    def _take(self, hole: Hole, first: int, rows: Ticks) -> int:
        """Keep the rows inside and give up the ids that are absent although later ones came. The last id settled."""
        reached = min(int(rows.trade_id[-1]), hole.last)
        inside = rows.rows(rows.trade_id <= reached)
        if is_other_history(inside, hole.above_ms):
            raise SourceUnavailable(
                f"{hole.symbol}: the exchange tells newer trades under old ids, its ids began again"
            )
        if len(inside):
            self._keep(hole.symbol, inside)
        for lost_first, lost_last in skipped(inside.trade_id, first, reached):
            self._store.lose_gap(hole.symbol, lost_first, lost_last, GONE, self._clock.now_ms())
        return reached

    def _refused(self, hole: Hole, first: int) -> Outcome:
        """The exchange does not answer from the id `first`."""
        if self._is_too_old(hole):
            self._store.lose_gap(hole.symbol, hole.first, hole.last, TOO_OLD, self._clock.now_ms())
            return Outcome()
        if first < hole.last:
            return Outcome((replace(hole, refused_id=first),))
        # Not even the newest id: the next try asks for that one alone.
        later = replace(hole, refused_id=None, careful=True)
        return Outcome((), (later,), f"the exchange has no answer yet for {hole.symbol} id {hole.last}")

    def _is_too_old(self, hole: Hole) -> bool:
        """Whether every trade of the hole is older than what the exchange keeps, by the exchange's own clock."""
        exchange_ms = self._clock.monotonic_ms() + self._archive.clock_offset_ms()
        newest_ms = hole.above_ms if hole.above_ms is not None else hole.opened_at_ms
        return newest_ms < exchange_ms - KEPT_MS

    def _dated(self, hole: Hole) -> Hole:
        """With the time of the trade just above it, where one is stored."""
        if hole.above_ms is not None:
            return hole
        above = self._store.ticks_between(hole.symbol, hole.last + 1, _HIGHEST_ID, limit=1)
        return replace(hole, above_ms=int(above.time_ms[0])) if len(above) else hole


def answered(archive: TradeArchive, symbol: str, first: int, last: int) -> Ticks | None:
    """At most a page from the id `first` on and at least one row beyond it; None when the exchange refuses that id.

    Raises SourceUnavailable for every other failure.
    """
    try:
        rows = archive.trades_from(symbol, first, min(PAGE, last - first + 1) + 1)
    except Refusal as refusal:
        if refusal.about_request:
            return None
        raise
    rows = rows.rows(rows.trade_id >= first)
    return rows if len(rows) else None


def is_other_history(older: Ticks, above_ms: int | None) -> bool:
    """Whether trades that ought to be older than `above_ms` are newer: a symbol listed again counts from 1 again."""
    return above_ms is not None and len(older) > 0 and bool(older.time_ms.max() > above_ms + _OUT_OF_ORDER_MS)


def skipped(ids: Int64Array, first: int, last: int) -> list[tuple[int, int]]:
    """The inclusive ranges of [first, last] that `ids` (ascending, inside) leave out.

    >>> skipped(np.array([3, 4, 7]), 2, 9)
    [(2, 2), (5, 6), (8, 9)]
    """
    edges = np.concatenate(([first - 1], ids, [last + 1]))
    return [(int(edges[at]) + 1, int(edges[at + 1]) - 1) for at in np.flatnonzero(np.diff(edges) > 1)]


def without_errand(listed: Iterable[Gap], known: Iterable[Errand]) -> list[Gap]:
    """The parts of these gaps that no errand covers. One walk along both: there may be thousands of each."""
    taken: defaultdict[str, list[Run]] = defaultdict(list)
    for errand in known:
        if isinstance(errand, Hole):
            taken[errand.symbol].append((errand.first, errand.last))
    covered = {symbol: deque(united(pieces)) for symbol, pieces in taken.items()}
    fresh: list[Gap] = []
    for gap in sorted(listed, key=lambda gap: gap.first_id):
        ahead = covered.get(gap.symbol, deque())
        while ahead and ahead[0][1] < gap.first_id:
            ahead.popleft()
        touching = takewhile(partial(_begins_within, gap), ahead)
        fresh += [replace(gap, first_id=a, last_id=z) for a, z in without((gap.first_id, gap.last_id), touching)]
    return fresh


def _is_hole(errand: Errand, symbol: str, above: int, up_to: int) -> TypeGuard[Hole]:
    """Whether it is a hole of this symbol that begins in (above, up_to]."""
    return isinstance(errand, Hole) and errand.symbol == symbol and above < errand.first <= up_to


def _page_start(hole: Hole) -> int | None:
    """The id to ask from; None when the newest id of the hole has just been refused."""
    if hole.careful:
        return hole.last
    lowest = max(hole.first, hole.last - PAGE + 1)
    if hole.refused_id is None or hole.refused_id < lowest:
        return lowest
    if hole.refused_id >= hole.last:
        return None
    return (hole.refused_id + hole.last + 1) // 2


def _begins_within(gap: Gap, piece: Run) -> bool:
    return piece[0] <= gap.last_id
